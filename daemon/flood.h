/*
 * flood - a key that subscribes without end.
 *
 * libzmq keeps every subscription of every connection, bounds none, and can close no connection
 * alone. So they are counted by the key that makes them, and one that makes far more than any
 * follower needs is revoked by a post of the daemon's own: it is in the log, whoever looks after
 * keys sees why, and the cut that follows a revocation gives the memory back. Only different topics
 * count, so that an honest follower may connect again as often as it likes, or as often as somebody
 * makes it. Local users are let in by the mode of the runtime directory, and not counted.
 */
#ifndef DAEMON_FLOOD_H
#define DAEMON_FLOOD_H

#include "daemon/own.h"

// Where more keys come than there are rows, the one with the fewest makes room.
#define FLOOD_ROWS 64
#define FLOOD_BITS                                                                                 \
    32768 // of the topics that were seen, by their hashes: many more than are allowed
struct flood {
    struct flood_row {
        char user[CURVE_TEXT + 1];
        uint32_t count;
        uint8_t seen[FLOOD_BITS / 8];
    } rows[FLOOD_ROWS];
    char flooder[CURVE_TEXT + 1]; // who made too many, until it is revoked; "" if nobody did
};

// Counts a subscription.
void flood_count(struct flood *flood, const struct subscription *subscription);
// The connections were cut: nobody has any.
void flood_forget(struct flood *flood);

// The flooder is dealt with: an own post that revokes its key waits from now on. False if nobody
// has that key any more.
bool flood_end(struct flood *flood, struct store *store, struct own_post *own);

#endif
