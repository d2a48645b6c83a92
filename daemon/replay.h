/*
 * replay - one event of a log laid upon the tables that the events before it gave: how verify and
 * restore know that a log is one.
 */
#ifndef DAEMON_REPLAY_H
#define DAEMON_REPLAY_H

#include "daemon/commit.h"

struct replay {
    struct txn *txn; // of the tables that grow
    struct txn *log; // where events are read, if not there; or NULL
    uint64_t time;   // of the event before
    void *context;   // of both functions
    // What is wrong with the event: the rest of a sentence.
    void (*find)(void *context, const struct event *event, const char *what);
    // Looks at it before the tables change; may be NULL.
    void (*look)(void *context, const struct view *view, const struct event *event,
                 const struct entity *before);
    uint8_t entity_room[ENTITY_BYTES_MAX];
};

// Whether it is the next in time, in prev, in its id and in what can be applied; each fault is
// found. head: where the log ends to which the event's bytes are appended too; NULL to leave it.
void replay_event(struct replay *replay, const struct event *event, struct bytes encoded,
                  struct log_head *head);

#endif
