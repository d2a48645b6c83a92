/*
 * whole - the whole log, from its first event to the head that it had at the start.
 */
#ifndef CLI_WHOLE_H
#define CLI_WHOLE_H

#include "clients/cli/cli.h"

#include "proto/tree.h"

// What the daemon says of its log, all at one moment.
struct whole {
    char log[2 * LOG_ID_BYTES + 1];
    uint64_t head;
    char root[2 * HASH_BYTES + 1];
    struct tree tree; // over what was read, for this side to compare
};

// Asks. Returns 0, or the exit code after having said what is wrong.
int whole_begin(struct cli *cli, struct whole *whole);

// Reads and hands each event to take(), which says whether to go on; in between, on a terminal, how
// far it is. Memory does not grow with the log. Returns 0, or the exit code after having said what
// is wrong; what is this word for it.
typedef bool whole_take(void *context, struct waternet_follower *follower,
                        const struct waternet_event *event);
int whole_read(struct cli *cli, struct whole *whole, const char *what, whole_take *take,
               void *context);

// Whether what was read is the log that the daemon named.
bool whole_fits(const struct whole *whole);

#endif
