/*
 * suggest - the known name that somebody who mistyped one probably meant.
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "proto/bytes.h"

#define SUGGEST_LENGTH_MAX 96

struct suggest {
    struct bytes typed;
    const char *name; // the nearest so far that is near enough; NULL if none
    unsigned distance;
};

struct suggest suggest_begin(struct bytes typed);
// Offers a known name, which must outlive the struct.
void suggest_offer(struct suggest *suggest, const char *name);

#endif
