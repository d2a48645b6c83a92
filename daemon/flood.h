/*
 * flood - a key that subscribes without end.
 *
 * libzmq keeps every subscription of every connection, bounds none, and can close no connection
 * alone. So they are counted by the key that makes them, and one that makes far more than any
 * follower needs is revoked by a post of the daemon's own: it is in the log, whoever looks after
 * keys sees why, and the cut that follows a revocation gives the memory back. Local users are let
 * in by the mode of the runtime directory, and not counted.
 */
#ifndef DAEMON_FLOOD_H
#define DAEMON_FLOOD_H

#include "daemon/support/sockets.h"

struct server;

// Where more keys come than there are rows, the one with the fewest makes room.
#define FLOOD_ROWS 64
struct flood {
    uint64_t renewed_ms; // monotonic: when counting began anew
    struct flood_row {
        char user[CURVE_TEXT + 1];
        uint32_t count;
    } rows[FLOOD_ROWS];
    char flooder[CURVE_TEXT + 1]; // who made too many, until it is revoked; "" if nobody did
};

// Counts a subscription, by the clock that never goes back.
void flood_count(struct flood *flood, const struct subscription *subscription, uint64_t now_ms);

// Revokes the flooder. As own_send().
enum status flood_end(struct server *server) MUST_CHECK;

#endif
