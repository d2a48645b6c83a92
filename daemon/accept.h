/*
 * accept - step 1 of 4: take the requests that wait.
 *
 *     [accept] -> check -> commit -> publish
 *
 * Everything that comes in is read here for the first time, bounded by limits.h. What is no post
 * gets its answer at once; the sender's next request is served as if nothing had happened.
 */
#ifndef DAEMON_ACCEPT_H
#define DAEMON_ACCEPT_H

#include "daemon/turn.h"

// Takes what waits on the command socket into the turn: at most TURN_REQUESTS_MAX requests or
// TURN_BYTES_MAX bytes in all.
void accept_turn(void *command, struct turn *turn, struct counters *counters);

#endif
