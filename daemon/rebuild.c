#include "daemon/rebuild.h"

#include "daemon/commit.h"
#include "daemon/view.h"

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
    const struct view view = {txn, seq - 1, NULL};
    struct entity before = view_entity(&view, event.region, event.type->kind, event.entity);
    if (txn->status == STATUS_OK && !commit_tables(txn, &before, &event, entity_room)) {
        store_fail(txn, STATUS_CORRUPT, "the log holds an event that cannot be applied");
    }
}

enum status rebuild_tables(struct store *store)
{
    uint8_t entity_room[ENTITY_BYTES_MAX];
    struct txn txn = store_begin(store);
    store_clear(&txn, TABLE_IDS);
    store_clear(&txn, TABLE_ENTITIES);
    store_clear(&txn, TABLE_HEADS);
    struct walk walk = store_walk_log(&txn, 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    while (txn.status == STATUS_OK && walk_next_log(&walk, &seq, &leaf, &bytes)) {
        rebuild_event(&txn, seq, bytes, entity_room);
    }
    walk_close(&walk);
    store_put_number(&txn, TABLE_META, bytes_of("apply"), APPLY_VERSION);
    return store_commit(&txn);
}
