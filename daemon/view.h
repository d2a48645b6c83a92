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
    struct made_records
        *made;    // where records are kept that the store has not; NULL: none is asked for
    uint32_t day; // only events that count from this day or one before (event_day()); 0: all
};

// Records that are made from their events: of entities with one event, and as they were at a
// position. Kept until made_records_finish(). Zeroed is empty.
struct made_records {
    struct made_record *newest;
    struct txn *log; // where the events are read, if it is not the view's own transaction
    bool too_large;  // one did not fit ENTITY_BYTES_MAX or the numbers of items, see below
};
void made_records_finish(struct made_records *made);

// The row of a region in the table heads: the number of the newest event of the region, then of
// each kind at the place of its number, as far as the highest kind that an event was about.
#define HEADS_MAX (KIND_LAST + 1)
struct heads {
    unsigned count;
    uint64_t seqs[HEADS_MAX]; // 0 if none
};
struct heads view_heads(const struct view *view, struct bytes region);

// region/kind/entity as the view sees it; zeroed if it never was. Lent until the transaction's next
// write. A record that does not decode makes the transaction fail with STATUS_CORRUPT. Of a day,
// more may stand together than ever did as recorded; what is then too large sets made->too_large
// and is zeroed.
struct entity view_entity(const struct view *view, struct bytes region, enum kind kind,
                          struct bytes entity);
// The same by its path.
struct entity view_path(const struct view *view, struct bytes path);
// Only whether and since when it stands; without its record, which may have to be made first.
struct standing view_standing(const struct view *view, struct bytes region, enum kind kind,
                              struct bytes entity);

// Whether an event counts: at or before the position, and on the day or before it.
bool view_sees(const struct view *view, const struct event *event);

// The event of a number. False if there is none. Lent as above.
bool view_event(const struct view *view, uint64_t seq, struct event *ret_event);

// The seq of the event with an id; 0 if there is none.
uint64_t view_find(const struct view *view, struct bytes id);

// The last seq at a level: of "", a region, region/kind, or region/kind/entity.
uint64_t view_head(const struct view *view, struct bytes region, struct bytes kind,
                   struct bytes entity);

#endif
