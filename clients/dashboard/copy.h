/*
 * copy - the dashboard's own copy of the state, in memory, filled by the feed.
 *
 * Entities as they stand (region -> kind -> name -> record), what each werkplaats needs next, what
 * is not known, and the recent events. All of it can be asked for again, so nothing is kept on
 * disk; memory goes with the entities, not with the log. While the daemon is away it stays as it
 * was, and says so.
 *
 * For the public only what is public ever gets in: kinds and slots that only events for members
 * make, and those events themselves, are dropped at the door.
 */
#ifndef DASHBOARD_COPY_H
#define DASHBOARD_COPY_H

#include "clients/dashboard/feed.h"
#include "proto/tables.h"

#include <jansson.h>

#define COPY_EVENTS 1024 // recent events that are kept

enum audience { AUDIENCE_PUBLIC, AUDIENCE_MEMBERS };

enum copy_state { COPY_STALE, COPY_CATCHING_UP, COPY_LIVE };
// "live", "catching-up", "stale".
const char *copy_state_name(enum copy_state state);

struct copy_event {
    uint64_t seq, time;
    char *region, *subject;
    const struct event_type *type;
    json_t *json; // the CloudEvent
};

// What is known at one moment.
struct copy_content {
    json_t *regions;  // region -> kind -> name -> record
    json_t *next;     // region -> werkplaats -> its row of `next`
    json_t *gaps;     // region -> list of gaps
    json_t *touched;  // region -> kind -> number of the newest event
    json_t *touching; // the same, of what is not whole yet: a page made meanwhile must not last
};

struct copy {
    enum audience audience;
    char *log, *type_prefix;
    struct copy_content content, staged; // staged: what is told anew, until it is whole
    bool is_staging, is_whole;           // is_whole: there is something to show
    enum copy_state state;
    char *problem; // why it is stale, in English; NULL if there is nothing to tell
    uint64_t position;
    int64_t told_ms, live_ms; // monotonic: when the feed spoke last; when the view was surely whole
    int64_t heard_ms;         // when the last heartbeat came; 0: none
    uint64_t head;            // of the log, as that told
    struct copy_event events[COPY_EVENTS];
    uint64_t events_after, events_heard;   // all after events_after up to the position is here, as
                                           // far as it may be seen; heard: the last, seen or not
    uint64_t events_end, events_published; // numbers of the ring: how many came; how many are whole
    unsigned long histories;               // how often another log took the place of the one before
};

void copy_init(struct copy *copy, enum audience audience);
void copy_finish(struct copy *copy);

// What a report changed.
enum copy_change {
    COPY_NOTHING,
    COPY_STATE,   // state or position
    COPY_CONTENT, // events from events_published on are whole: publish them
    COPY_HISTORY, // another content altogether: every page is stale
};
enum copy_change copy_report(struct copy *copy, const struct feed_report *report);
// The feed spoke no longer: stale, whatever it said last.
enum copy_change copy_tick(struct copy *copy);

// A copy of another moment, from the answer to a job "content" (job_content.c), for the audience
// and of the log of `now`; afterwards copy_finish().
void copy_then(struct copy *copy, const struct copy *now, json_t *answer);

// How old the view is: 0 while live.
int64_t copy_age_ms(const struct copy *copy);
// How long ago the daemon's last heartbeat came; -1 if there was none since the feed connected.
int64_t copy_heartbeat_ms(const struct copy *copy);

// Reading. NULL if there is none; lent until the next report.
const json_t *copy_region(const struct copy *copy, const char *region); // its own record
const json_t *copy_entity(const struct copy *copy, const char *region, enum kind kind,
                          const char *name);
// The entities of a kind, name -> record; NULL if there are none.
const json_t *copy_kind(const struct copy *copy, const char *region, enum kind kind);
const json_t *copy_next(const struct copy *copy, const char *region, const char *werkplaats);
const json_t *copy_gaps(const struct copy *copy, const char *region);

// The number of the newest event in a region ("" or NULL: all) about one of the kinds (bits
// 1 << KIND_...).
uint64_t copy_touched(const struct copy *copy, const char *region, unsigned kinds);

// Whether an event of a type with a subject of a kind may be shown.
bool copy_shows(const struct copy *copy, const struct event_type *type, enum kind kind);
bool copy_shows_kind(const struct copy *copy, enum kind kind);
// Takes out of a record what only events for members put into it.
void copy_hide(enum audience audience, enum kind kind, json_t *record);

#endif
