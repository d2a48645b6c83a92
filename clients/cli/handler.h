/*
 * handler - a command that is run for an event that was followed, with the event as its input.
 */
#ifndef CLI_HANDLER_H
#define CLI_HANDLER_H

#include "clients/cli/cli.h"

// Returns the exit code of the command; if it is not 0, after having told so.
int handler_run(const char *command, struct waternet_follower *follower,
                const struct waternet_event *event);

#endif
