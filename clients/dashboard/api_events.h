/*
 * api_events - events as CloudEvents: a range of the log, one of them, and what is needed to
 * verify.
 *
 * A range comes from the recent events of the copy, or else from the daemon's log. It never goes
 * beyond what the copy has as a whole, so that events and state fit together.
 */
#ifndef DASHBOARD_API_EVENTS_H
#define DASHBOARD_API_EVENTS_H

#include "clients/dashboard/api.h"

struct events_range {
    const char *level;
    uint64_t after, until; // moves on: everything of the level up to `after` is in `events`
    size_t limit;
    json_t *events; // owned by whoever made it
    bool all;       // also what may not be shown
};

// From the recent events; false if they do not go back that far.
bool events_recent(const struct copy *copy, struct events_range *range);
// The question that goes on with the range, and what it was answered.
json_t *events_request(const struct events_range *range);
void events_take(const struct copy *copy, struct events_range *range, const json_t *answer);

// "after" as position: whether it can be of this log ("" or no log in it: it can).
bool events_of_log(const struct copy *copy, const char *position);

// The canonical bytes of a CloudEvent, checked against its hash. NULL if that cannot be.
char *api_event_bytes(const json_t *event, size_t *ret_size);

#endif
