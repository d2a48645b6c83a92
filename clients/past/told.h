/*
 * told - a difference of an entity as rows that people read.
 *
 * An entry that came or went is one row; of one that changed each value has its own, and so has
 * each word that came into a list or went.
 */
#ifndef PAST_TOLD_H
#define PAST_TOLD_H

#include "clients/past/past.h"

struct told_row {
    const char *path, *change;
    const char *field;
    const char *before, *after; // NULL: not there
    const char *by;             // the number of an event, "" if it is not known
};

// Lent for the call.
typedef void told_take(void *context, const struct told_row *row);

// Hands out the rows of a difference, one at least.
void told_difference(const json_t *difference, const struct past_people *people, told_take *take,
                     void *context);

#endif
