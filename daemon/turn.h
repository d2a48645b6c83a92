/*
 * turn - what waits, taken together: one write transaction, one sync, one publication.
 *
 *     accept_turn   takes the requests that wait                                     accept.c
 *     check_turn    judges each inside the transaction; what passes is staged        check.c
 *     commit_turn   makes it durable, then lets every answer of the turn go out      commit.c
 *     publish_turn  tells the subscribers                                            publish.c
 *
 * What arrives while the first are judged is taken too, and what arrives during the sync is the
 * next turn: group commit without a timer.
 */
#ifndef DAEMON_TURN_H
#define DAEMON_TURN_H

#include "daemon/apply.h"
#include "daemon/identity.h"
#include "daemon/request.h"
#include "daemon/support/sockets.h"
#include "daemon/support/store.h"
#include "daemon/view.h"

#include <stdatomic.h>

// What the threads tell each other, and `status` the rest: all that they share beside
// the LMDB environment and the ZeroMQ context.
struct counters {
    _Atomic uint64_t turns, posts, events, duplicates, refused, malformed, failed;
    _Atomic uint64_t unroutable, subscriptions, questions, denied;
    _Atomic uint64_t query_alive;      // grows while the query thread turns
    _Atomic uint64_t unread;           // questions whose answer the store could not be read for
    _Atomic enum status unread_status; // of the newest of them
};

// A request in its turn and the answer it will hear. Answers wait until the commit, refusals too:
// they may rest on events of the same turn.
struct turn_request {
    struct incoming incoming;
    struct frame answer;
    uint64_t number;
    bool is_own;    // of the daemon itself (own.h): nobody hears the answer
    bool is_judged; // by check; false: it was answered by accept already
    struct request request;
};

struct receipt {
    uint64_t seq, time;
    bool duplicate;
    unsigned warnings, warnings_from; // rows of turn->warnings that are about this event
};

struct turn {
    uint32_t count, judged; // requests taken, and of these by check
    size_t bytes;
    uint64_t time;         // of every event of the turn
    enum status hindrance; // why nothing new can be stored; STATUS_OK if it can
    uint64_t room, staged; // bytes that may be added, and about as many as have been
    struct log_head head;  // as it grows; the server's own follows after the commit
    uint64_t private_seq;  // the newest event with a private part on disk that is not committed yet
    struct turn_request requests[TURN_REQUESTS_MAX];

    const struct local_roles *local; // who may connect without a key
    uint32_t cursors;                // that were set or removed
    uint64_t cut_by;                 // the first event that ends connections (CUTS); 0 if none
    enum status own_status;          // how the turn's own post was judged
    uint32_t erased_count;           // private parts that are destroyed once the turn is committed
    struct turn_erasure {
        uint64_t by, of; // the event that says so, and the one whose part it is
    } erased[TURN_ERASURES_MAX];

    // Room for the post that is being judged.
    struct identity identity; // of its sender, as it stands before the event
    struct grant ways[IDENTITY_WAYS_MAX];
    uint32_t way_count;
    char organisation[ID_MAX]; // of the event's actor
    struct faults faults, warnings, trial;
    struct event_scratch scratch;
    struct made_records made;
    struct receipt receipts[EVENTS_PER_POST_MAX];
    uint8_t data_room[EVENT_BYTES_MAX];
    uint8_t event_room[EVENT_BYTES_MAX];
    uint8_t entity_room[ENTITY_BYTES_MAX];
    uint8_t answer_room[2 * ANSWER_BYTES_MAX];
    uint32_t dry_count; // events that a dry run would have stored, encoded one behind the other
    size_t dry_size;
    bool dry_overflow; // they do not fit the answer
    uint8_t dry_room[ANSWER_BYTES_MAX];
};

// Puts what was written into the request's answer.
void turn_answer(struct turn_request *request, struct bytes written);

#endif
