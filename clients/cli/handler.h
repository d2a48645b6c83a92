/*
 * handler - what is done with an event that was followed, beside printing it: a command that is run
 * for it, and a cursor that moves along.
 *
 * The cursor moves when the event has been dealt with, and with a command it is on disk before the
 * next event is. So however often everything is killed, each event is dealt with, in order, and at
 * most the last one twice, with the same id.
 */
#ifndef CLI_HANDLER_H
#define CLI_HANDLER_H

#include "clients/cli/cli.h"

struct handler {
    struct cli *cli;
    const char *cursor;  // NULL: none
    const char *command; // NULL: none
    uint64_t done;       // everything up to it has been dealt with
    uint64_t kept;       // what the cursor says
    uint64_t due_ms;     // monotonic: when it is moved at the latest
};

// Where to begin: at the cursor, which is made at `after` if there is none. Returns 0, or the exit
// code after having said what is wrong.
int handler_begin(struct handler *handler, struct cli *cli, const char *level, uint64_t *after);

// An event that was printed. Returns the exit code of the command if that failed: the cursor then
// stays before it.
int handler_take(struct handler *handler, struct waternet_follower *follower,
                 const struct waternet_event *event);
// Nothing has come lately; now: the cursor is moved to where the follower is.
int handler_rest(struct handler *handler, bool now);

#endif
