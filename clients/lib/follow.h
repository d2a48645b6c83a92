/*
 * follow - a follower's inside: three stages, each in one connection to the daemon.
 *
 *     CONNECTING -> first heartbeat -> READING <-> LIVE        (follow.c; READING is reading.c)
 *
 * A stage takes one step at a time and never waits. What is overdue at the deadline, or odd, gives
 * the connection up, and the next one goes on from the position.
 *
 * With a cursor (cursor.c) there is a gate before all of them: no event is handed out while the one
 * that was finished before is not on disk, unless the cursor may lag.
 */
#ifndef CLIENTS_LIB_FOLLOW_H
#define CLIENTS_LIB_FOLLOW_H

#include "clients/lib/client.h"
#include "clients/lib/position.h"
#include "proto/event.h"
#include "proto/topic.h"

enum stage {
    STAGE_CONNECTING, // until the first heartbeat of this connection
    STAGE_READING,    // the log
    STAGE_LIVE,       // the feed
    STAGE_ENDED,
};

// How far the consumer has got, here and in the daemon.
struct cursor {
    char name[ID_MAX + 1]; // empty: there is none
    bool is_new;           // the daemon has to hear its level too
    int lag_ms;
    uint64_t done;       // the consumer has finished with everything up to it
    uint64_t kept;       // so far it is on disk
    uint64_t asked;      // so far it will be, with the answer that is waited for
    uint64_t number;     // of the request that is under way; 0: none
    int64_t deadline_ms; // when its answer is overdue; without one, when the next try may be
    int64_t due_ms;      // when to ask for what is done
    int64_t wait_ms;     // for the next answer
    struct link link;    // to command, of its own: opened with the first move
};

struct waternet_follower {
    struct waternet *connection;
    char level[TOPIC_MAX + 1];
    struct prefix prefix; // lent from level
    struct position position;
    bool from_end;  // position is that of the first heartbeat
    bool has_begun; // there was a first heartbeat
    bool silent;
    int64_t heard_ms; // when the last heartbeat was read
    uint64_t head;    // of the log, as that told
    enum stage stage;
    enum status ended; // of STAGE_ENDED

    struct link feed, query;
    int epoll, timer;
    int64_t deadline_ms; // when what the stage waits for is overdue
    int64_t armed_ms;    // what the timer is set to
    int64_t wait_ms;     // for the first heartbeat of the next connection

    // Reading: the answer that is being delivered, and the one that was asked for meanwhile.
    uint64_t number;  // of the read that was asked last; its hello has the next number
    zmq_msg_t answer; // whose events are lent out
    struct wire_reader events;
    uint32_t events_left;
    uint64_t read_to; // by the answer, once its events are delivered
    bool has_answer, is_last;
    zmq_msg_t unproved; // an answer whose hello has not come yet
    bool has_unproved;

    zmq_msg_t frame; // the live event that is lent out
    char id[ID_MAX + 1], region[ID_MAX + 1], subject[SUBJECT_MAX + 1];

    struct cursor cursor;

    bool is_repair; // rather than the first catching up
    uint64_t holes, repaired;
};

// What one step of a stage came to.
enum move {
    MOVE_EVENT, // there is an event for the caller
    MOVE_ON,    // call again
    MOVE_WAIT,  // nothing there now
};

// follow.c --------------------------------------------------------------------------------------

// For good: every later call returns status.
enum move follow_end(struct waternet_follower *follower, enum status status);
// This connection; the next one is made at the deadline.
enum move follow_give_up(struct waternet_follower *follower);
enum move follow_start_live(struct waternet_follower *follower);

// A link whose descriptors are the follower's too.
bool follow_watch(struct waternet_follower *follower, const struct link *link) MUST_CHECK;
void follow_close_link(struct waternet_follower *follower, struct link *link);

// False if the bytes are no event of the level. The event's strings are kept in the follower.
bool follow_read_event(struct waternet_follower *follower, struct bytes bytes,
                       struct event *ret_event) MUST_CHECK;
// Lends it to the caller.
enum move follow_deliver(struct waternet_follower *follower, const struct event *event,
                         struct bytes bytes, struct waternet_event *ret_event);

// reading.c -------------------------------------------------------------------------------------

// Reads the level from the log, from the position on, until its end; then LIVE.
enum move reading_start(struct waternet_follower *follower, bool is_repair);
enum move reading_step(struct waternet_follower *follower, struct waternet_event *ret_event);
// Drops what was asked and answered.
void reading_forget(struct waternet_follower *follower);

// cursor.c --------------------------------------------------------------------------------------

// Sends what is due and takes what came, without waiting. STATUS_OK: the gate is open;
// STATUS_AGAIN: it is not yet; anything else ends the follower.
enum status cursor_step(struct waternet_follower *follower) MUST_CHECK;
// When it has to be looked after again; INT64_MAX if nothing is under way.
int64_t cursor_next_ms(const struct cursor *cursor);

#endif
