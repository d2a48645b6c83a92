/*
 * both - the entities of a level of the log as they stood at two moments.
 *
 * Both moments are numbers of the log, or days read at one number of it, so that what is posted
 * meanwhile changes nothing. Where little was recorded between them only what that touched is asked
 * for; otherwise both lists are walked side by side. Memory does not grow with either.
 */
#ifndef CLI_BOTH_H
#define CLI_BOTH_H

#include "clients/cli/cli.h"

struct moment {
    struct number at; // as it was recorded then
    const char *on;   // as it was on that day; NULL: whatever the day
};

struct both {
    struct cli *cli;
    const char *region, *kind, *path; // NULL: any; path is one entity alone
    struct moment from, to;
};

// An entity at both moments; a record is NULL where there was none. False: that is enough.
typedef bool both_take(void *context, const char *path, const json_t *before, const json_t *after);

// Hands out each that may differ, in the order of their paths. Returns 0, or the exit code after
// having said what is wrong.
int both_walk(const struct both *both, both_take *take, void *context);

#endif
