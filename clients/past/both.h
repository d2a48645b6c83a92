/*
 * both - the entities of a level of the log as they stood at two moments.
 *
 * Both moments are numbers of the log, or days read at one number of it, so that what is posted
 * meanwhile changes nothing. Where little was recorded between them only what that touched is asked
 * for; otherwise both lists are walked side by side. Memory does not grow with either.
 */
#ifndef PAST_BOTH_H
#define PAST_BOTH_H

#include "clients/past/past.h"

struct both {
    const struct past *past;
    const char *region, *kind, *path; // NULL: any; path is one entity alone
    struct moment from, to;
};

// An entity at both moments; a record is NULL where there was none. False: that is enough.
typedef bool both_take(void *context, const char *path, const json_t *before, const json_t *after);

// Hands out each that may differ, in the order of their paths. Returns 0, or the code of a question
// that failed.
int both_walk(const struct both *both, both_take *take, void *context);

// Puts "by" to each field of a difference (differences.h) of such an entity; `after` is its later
// record. Returns 0, or the code of a question that failed.
int both_explain(const struct both *both, json_t *difference, const json_t *after);

#endif
