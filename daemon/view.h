/*
 * view - all that checks may read: the state as one transaction sees it, up to one position.
 *
 * In a turn that is the writing transaction, so that each event sees what the ones before it did;
 * for a question it is a snapshot. So the same code judges a post, a dry run and a question.
 */
#ifndef DAEMON_VIEW_H
#define DAEMON_VIEW_H

#include "daemon/entity.h"
#include "daemon/support/store.h"

#include "proto/event.h"

struct view {
    struct txn *txn;
    uint64_t position; // the newest event that is seen
    struct past *past; // where records of the past are kept; NULL if position is the log's head
};

// Records as they were at a position: made from their events, and kept until past_finish(). Zeroed
// is empty.
struct past {
    struct past_record *newest;
};
void past_finish(struct past *past);

// region/kind/entity as the view sees it; zeroed if it never was. Lent until the transaction's next
// write. A record that does not decode makes the transaction fail with STATUS_CORRUPT.
struct entity view_entity(const struct view *view, struct bytes region, enum kind kind,
                          struct bytes entity);
// The same by its path.
struct entity view_path(const struct view *view, struct bytes path);

// The event of a number. False if there is none. Lent as above.
bool view_event(const struct view *view, uint64_t seq, struct event *ret_event);

// The seq of the event with an id; 0 if there is none.
uint64_t view_find(const struct view *view, struct bytes id);

// The last seq at a level: of "", a region, region/kind, or region/kind/entity.
uint64_t view_head(const struct view *view, struct bytes region, struct bytes kind,
                   struct bytes entity);

#endif
