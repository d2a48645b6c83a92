#include "daemon/commit.h"

#include "daemon/support/fail.h"
#include "daemon/view.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>

// prev is what the heads were; then they are this event.
static void fill_prev(const struct heads *heads, const struct entity *before, struct event *event)
{
    event->prev[0] = heads->seqs[KIND_NONE];
    event->prev[1] = heads->seqs[event->kind];
    event->prev[2] = before->version;
}

static void put_heads(struct txn *txn, struct heads heads, const struct event *event)
{
    unsigned kind = event->kind;
    heads.seqs[KIND_NONE] = heads.seqs[kind] = event->seq;
    heads.count = heads.count > kind ? heads.count : kind + 1;
    store_put_numbers(txn, TABLE_HEADS, event->region, heads.count, heads.seqs);
}

// The fields by which an entity is found; only opening gives them.
static void put_index(struct txn *txn, const struct event *event)
{
    char room[PATH_MAX_BYTES];
    struct fields fields = fields_of(event->type->group);
    for (unsigned i = 0; event->type->effect == EFFECT_OPEN && i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_INDEXED) != 0) {
            struct bytes value = wire_find_text(event->data, fields.first[i].name);
            store_put(txn, TABLE_KEYS, value, event_path(event, room));
        }
    }
}

// False if the record would be too large.
static bool put_entity(struct txn *txn, const struct entity *before, const struct event *event,
                       uint8_t entity_room[ENTITY_BYTES_MAX])
{
    char room[PATH_MAX_BYTES];
    struct bytes path = event_path(event, room);
    if (before->version == 0) {
        store_put_number(txn, TABLE_ENTITIES, path, event->seq); // what one event makes always fits
        return true;
    }
    struct bytes record = apply_event(before, event, entity_room);
    if (record.size > 0) {
        store_put(txn, TABLE_ENTITIES, path, record);
    }
    return record.size > 0;
}

bool commit_tables(struct txn *txn, const struct heads *heads, const struct entity *before,
                   const struct event *event, uint8_t entity_room[ENTITY_BYTES_MAX])
{
    // First, since the record before it is lent until the first write.
    if (!put_entity(txn, before, event, entity_room)) {
        return false;
    }
    store_put_number(txn, TABLE_IDS, event->id, event->seq);
    put_index(txn, event);
    put_heads(txn, *heads, event);
    return true;
}

bool commit_event(struct txn *txn, struct log_head *head, const struct heads *heads,
                  const struct entity *before, const struct event *event, struct bytes encoded,
                  uint8_t entity_room[ENTITY_BYTES_MAX])
{
    if (encoded.size == 0 || !commit_tables(txn, heads, before, event, entity_room)) {
        return false;
    }
    struct hash leaf = tree_leaf(encoded);
    store_append_log(txn, event->seq, &leaf, encoded);
    tree_append(&head->tree, &leaf);
    head->seq = event->seq;
    head->time = event->time;
    return true;
}

// The salt and the part, so that the hash in the event tells nothing about a guessable text. The
// file is synced before the event is committed.
static void stage_private(struct turn *turn, struct txn *txn, struct event *event, bool dry,
                          struct hash *ret_hash)
{
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES];
    struct bytes part = event->private_part;
    assert(part.size <= PRIVATE_BYTES_MAX);
    ssize_t salted = getrandom(room, HASH_BYTES, 0);
    assert(salted == HASH_BYTES); // never short for so few bytes
    memcpy(room + HASH_BYTES, part.data, part.size);
    struct bytes whole = {room, HASH_BYTES + part.size};
    *ret_hash = hash_of(whole);
    event->private_hash = (struct bytes){ret_hash->bytes, HASH_BYTES};
    if (!dry) {
        enum status status = store_write_private(txn->store, event->seq, whole);
        if (status != STATUS_OK) {
            store_fail(txn, status, "a private part could not be written");
        }
        turn->private_seq = event->seq;
    }
}

// A page of each table, and one more for the record; larger records count by their size below.
#define STAGED_PAGES_BYTES (6 * 4096)

static void keep_for_answer(struct turn *turn, struct bytes encoded)
{
    struct wire_writer writer =
        wire_write(turn->dry_room + turn->dry_size, sizeof(turn->dry_room) - turn->dry_size);
    wire_put_binary(&writer, encoded);
    turn->dry_overflow |= writer.overflow;
    turn->dry_size += writer.overflow ? 0 : writer.size;
    turn->dry_count++;
}

// What follows once the event is committed, beside the tables.
static void note_consequences(struct turn *turn, const struct event *event)
{
    if ((event->type->flags & EVENT_CUTS) != 0 && turn->cut_by == 0) {
        turn->cut_by = event->seq;
    }
    if ((event->type->flags & EVENT_ERASES) != 0) {
        turn->erased[turn->erased_count++] = (struct turn_erasure){
            .by = event->seq,
            .of = wire_find_number(event->data, "of"),
        };
    }
}

bool commit_stage(struct turn *turn, struct txn *txn, const struct entity *before,
                  struct event *event, bool dry)
{
    struct hash private_hash;
    uint64_t private_before = turn->private_seq;
    event->seq = turn->head.seq + 1;
    event->time = turn->time > turn->head.time ? turn->time : turn->head.time;
    const struct view view = {txn, turn->head.seq, NULL, 0};
    struct heads heads = view_heads(&view, event->region);
    fill_prev(&heads, before, event);
    if (event->private_part.size > 0) {
        stage_private(turn, txn, event, dry, &private_hash);
    }
    struct bytes encoded = event_encode(event, turn->event_room);
    bool staged = commit_event(txn, &turn->head, &heads, before, event, encoded, turn->entity_room);
    if (staged && !dry) {
        note_consequences(turn, event);
    }
    turn->staged += encoded.size + before->record.size + STAGED_PAGES_BYTES;
    if (staged && dry) {
        keep_for_answer(turn, encoded);
    } else if (!staged && turn->private_seq == event->seq) {
        store_drop_private(txn->store, event->seq);
        turn->private_seq = private_before;
    }
    return staged;
}

void commit_unstage(struct turn *turn, struct store *store, const struct log_head *head,
                    uint64_t private_seq)
{
    for (uint64_t seq = head->seq + 1; seq <= turn->private_seq; seq++) {
        store_drop_private(store, seq);
    }
    turn->private_seq = private_seq;
    turn->head = *head;
    turn->cut_by = turn->cut_by > head->seq ? 0 : turn->cut_by;
    while (turn->erased_count > 0 && turn->erased[turn->erased_count - 1].by > head->seq) {
        turn->erased_count--;
    }
}

// Erasing comes after the commit that says so: of a turn that fails nothing is lost.
static void put_erased(const struct turn *turn, struct txn *txn,
                       uint64_t ret_seqs[TURN_ERASURES_MAX])
{
    for (uint32_t i = 0; i < turn->erased_count; i++) {
        ret_seqs[i] = turn->erased[i].of;
    }
    if (turn->erased_count > 0) {
        store_put_erased(txn, ret_seqs, turn->erased_count);
    }
}

enum status commit_turn(struct turn *turn, struct txn *txn, struct log_head *head)
{
    bool appended = turn->head.seq != head->seq, changed = appended || turn->cursors > 0;
    if (appended) {
        store_put_tree(txn, &turn->head.tree);
    }
    if (turn->private_seq > head->seq && txn->status == STATUS_OK) {
        enum status status = store_sync_private(txn->store);
        if (status != STATUS_OK) {
            store_fail(txn, status, "the directory of the private parts could not be synced");
        }
    }
    if (!changed && txn->status == STATUS_OK) {
        store_abort(txn); // only refusals and duplicates: nothing to write
        return STATUS_OK;
    }
    uint64_t erased[TURN_ERASURES_MAX];
    struct store *store = txn->store;
    put_erased(turn, txn, erased);
    // The first moment anyone may hear "done" is after these two return STATUS_OK.
    enum status status = store_commit(txn);
    if (status == STATUS_OK) {
        *head = turn->head;
        return store_erase_private(store, erased, turn->erased_count);
    }
    if (status == STATUS_STORAGE_FULL) {
        // Of any other failure the outcome is unknown: the private parts may be needed, and what is
        // not is removed at the next start.
        struct log_head before = *head;
        commit_unstage(turn, txn->store, &before, before.seq);
    }
    return status;
}
