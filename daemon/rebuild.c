#include "daemon/rebuild.h"

#include "daemon/commit.h"
#include "daemon/view.h"

#include <systemd/sd-daemon.h>

bool rebuild_is_due(struct store *store)
{
    struct txn txn = store_begin_read(store);
    uint64_t version = store_get_number(&txn, TABLE_META, bytes_of("apply"));
    bool sound = txn.status == STATUS_OK;
    store_abort(&txn);
    return sound && version != APPLY_VERSION;
}

static void rebuild_event(struct txn *txn, uint64_t seq, struct bytes bytes,
                          uint8_t entity_room[ENTITY_BYTES_MAX])
{
    struct event event;
    if (!event_decode(bytes, &event) || event.seq != seq) {
        store_fail(txn, STATUS_CORRUPT, "the log holds what is no event");
        return;
    }
    struct made_records made = {0};
    const struct view view = {txn, seq - 1, &made, 0};
    struct entity before = view_entity(&view, event.region, event.kind, event.entity);
    struct heads heads = view_heads(&view, event.region);
    if (txn->status == STATUS_OK && !commit_tables(txn, &heads, &before, &event, entity_room)) {
        store_fail(txn, STATUS_CORRUPT, "the log holds an event that cannot be applied");
    }
    made_records_finish(&made);
}

#define BATCH_EVENTS 10000

// One batch from *seq on, in one transaction; *seq is then the number after it, 0 at the end.
static enum status rebuild_batch(struct store *store, uint64_t *seq)
{
    static uint8_t entity_room[ENTITY_BYTES_MAX], event_room[EVENT_BYTES_MAX];
    struct txn txn = store_begin(store);
    struct walk walk = store_walk_log(&txn, *seq);
    uint64_t at, first = *seq;
    struct hash leaf;
    struct bytes bytes;
    *seq = 0;
    while (txn.status == STATUS_OK && *seq == 0 && walk_next_log(&walk, &at, &leaf, &bytes)) {
        if (at - first == BATCH_EVENTS) {
            *seq = at;
        } else if (bytes.size <= sizeof(event_room)) {
            memcpy(event_room, bytes.data, bytes.size); // what is lent ends with the next write
            rebuild_event(&txn, at, (struct bytes){event_room, bytes.size}, entity_room);
        } else {
            store_fail(&txn, STATUS_CORRUPT, "the log holds what is no event");
        }
    }
    walk_close(&walk);
    if (*seq == 0) {
        store_put_number(&txn, TABLE_META, bytes_of("apply"), APPLY_VERSION);
    }
    return store_commit(&txn);
}

enum status rebuild_tables(struct store *store)
{
    // From here on the tables are of no version, so that a start after a crash begins anew.
    struct txn txn = store_begin(store);
    store_clear(&txn, TABLE_IDS);
    store_clear(&txn, TABLE_ENTITIES);
    store_clear(&txn, TABLE_HEADS);
    store_clear(&txn, TABLE_KEYS);
    store_put_number(&txn, TABLE_META, bytes_of("apply"), 0);
    enum status status = store_commit(&txn);
    for (uint64_t seq = 1; status == STATUS_OK && seq != 0;) {
        status = rebuild_batch(store, &seq);
        (void)sd_notify(0, "EXTEND_TIMEOUT_USEC=60000000"); // without systemd nobody is waiting
    }
    return status;
}
