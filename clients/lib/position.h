/*
 * position - the rule that leaves no hidden hole, without sockets or clocks.
 *
 * For its prefix P a follower keeps one position: everything of P up to it is delivered. An event
 * of P fits if the event before it in P is at or below the position, and it is above it. The feed
 * may drop what it likes: the next event of P, or the next heartbeat, shows it, and the log has it.
 */
#ifndef CLIENTS_LIB_POSITION_H
#define CLIENTS_LIB_POSITION_H

#include "proto/bytes.h"
#include "proto/limits.h"

#include <stdint.h>

struct position {
    uint64_t at;                    // everything of the prefix up to it is delivered
    char log[2 * LOG_ID_BYTES + 1]; // of which log, in hex
};

enum step {
    STEP_FITS,   // an event: deliver it, the position has moved; a heartbeat: nothing is missing
    STEP_REPEAT, // it was delivered before
    STEP_HOLE,   // read the prefix's events after the position from the log first
    STEP_BEHIND, // a heartbeat from before the position: ask the daemon, and see if it still holds
    STEP_STALE,  // another history than the one that was followed
};

// An event of the prefix; prev is the event before it in the prefix, 0 if none.
enum step position_event(struct position *position, uint64_t prev, uint64_t seq);

// A heartbeat: the log, its head, and the newest event of the prefix in it. A head below the
// position is no proof of another history: the heartbeat may have waited in a queue while the log
// was read.
enum step position_heartbeat(struct position *position, struct bytes log, uint64_t head,
                             uint64_t here);

// Is this still the log that is followed, and no shorter than what was delivered?
bool position_holds(const struct position *position, struct bytes log, uint64_t head);

// The prefix has been read from the log up to a place, and all of it was delivered.
void position_read_to(struct position *position, uint64_t place);

#endif
