#include "daemon/support/store.h"
#include "daemon/support/store_private.h"

#include <assert.h>

// 0, which no event has, where a damaged page gives a key of another size.
static uint64_t log_key(MDB_val key)
{
    uint64_t seq = 0;
    if (key.mv_size == sizeof seq) {
        memcpy(&seq, key.mv_data, sizeof seq);
    }
    return seq;
}

// False if the row is too short to be one.
static bool split_row(struct txn *txn, MDB_val value, struct hash *ret_leaf,
                      struct bytes *ret_event)
{
    if (value.mv_size < sizeof *ret_leaf) {
        store_fail(txn, STATUS_CORRUPT, "a row of the log is shorter than a hash");
        return false;
    }
    memcpy(ret_leaf, value.mv_data, sizeof *ret_leaf);
    *ret_event = (struct bytes){(const uint8_t *)value.mv_data + sizeof *ret_leaf,
                                value.mv_size - sizeof *ret_leaf};
    return true;
}

// The newest row's number and value; 0 if the log is empty.
static int last_row(MDB_cursor *cursor, uint64_t *ret_seq, MDB_val *ret_value)
{
    MDB_val key;
    int error = mdb_cursor_get(cursor, &key, ret_value, MDB_LAST);
    if (error == MDB_SUCCESS) {
        *ret_seq = log_key(key);
    } else if (error == MDB_NOTFOUND) {
        *ret_seq = 0;
        error = MDB_SUCCESS;
    }
    return error;
}

void store_append_log(struct txn *txn, uint64_t seq, const struct hash *leaf, struct bytes event)
{
    assert(!txn->read_only);
    if (!store_is_usable(txn)) {
        return;
    }
    MDB_cursor *cursor;
    int error = mdb_cursor_open(txn->handle, txn->store->tables[TABLE_LOG], &cursor);
    if (error != MDB_SUCCESS) {
        store_fail_with(txn, error);
        return;
    }
    uint64_t last = 0;
    MDB_val key = {sizeof seq, &seq}, value;
    error = last_row(cursor, &last, &value);
    if (error == MDB_SUCCESS) {
        assert(seq == last + 1);
        value = (MDB_val){.mv_size = sizeof *leaf + event.size};
        error = mdb_cursor_put(cursor, &key, &value, MDB_APPEND | MDB_RESERVE);
    }
    if (error == MDB_SUCCESS) {
        memcpy(value.mv_data, leaf, sizeof *leaf);
        if (event.size > 0) {
            memcpy((uint8_t *)value.mv_data + sizeof *leaf, event.data, event.size);
        }
    } else {
        store_fail_with(txn, error);
    }
    mdb_cursor_close(cursor);
}

bool store_get_log(struct txn *txn, uint64_t seq, struct hash *ret_leaf, struct bytes *ret_event)
{
    if (!store_is_usable(txn)) {
        return false;
    }
    MDB_val key = {sizeof seq, &seq}, value;
    int error = mdb_get(txn->handle, txn->store->tables[TABLE_LOG], &key, &value);
    if (error == MDB_SUCCESS) {
        return split_row(txn, value, ret_leaf, ret_event);
    }
    if (error != MDB_NOTFOUND) {
        store_fail_with(txn, error);
    }
    return false;
}

// The tree's smallest subtree is one leaf where the number of leaves is odd.
static bool tree_fits(const struct tree *tree, uint64_t seq, const struct hash *leaf)
{
    int nodes = __builtin_popcountll(tree->size);
    return tree->size == seq && (seq % 2 == 0 || hash_equal(&tree->nodes[nodes - 1], leaf));
}

void store_get_head(struct txn *txn, struct log_head *ret_head)
{
    struct bytes stored = store_get(txn, TABLE_META, bytes_of("tree"));
    MDB_cursor *cursor = NULL;
    if (!store_is_usable(txn)) {
        return;
    }
    struct log_head head = {0};
    struct hash leaf = {0};
    struct bytes event;
    MDB_val value;
    int error = mdb_cursor_open(txn->handle, txn->store->tables[TABLE_LOG], &cursor);
    if (error == MDB_SUCCESS) {
        error = last_row(cursor, &head.seq, &value);
        mdb_cursor_close(cursor);
    }
    if (error != MDB_SUCCESS) {
        store_fail_with(txn, error);
        return;
    }
    if (head.seq > 0 && !split_row(txn, value, &leaf, &event)) {
        return;
    }
    bool decoded = stored.data == NULL || tree_decode(stored, &head.tree);
    if (decoded && tree_fits(&head.tree, head.seq, &leaf)) {
        *ret_head = head;
    } else {
        store_fail(txn, STATUS_CORRUPT, "the tree in meta is not that of the log's last row");
    }
}

void store_put_tree(struct txn *txn, const struct tree *tree)
{
    uint8_t room[TREE_BYTES_MAX];
    store_put(txn, TABLE_META, bytes_of("tree"), tree_encode(tree, room));
}

// What is erased -------------------------------------------------------------------------------

// In the machine's own order, as the keys of the log.
void store_put_erased(struct txn *txn, const uint64_t *seqs, uint32_t count)
{
    store_put(txn, TABLE_META, bytes_of("erased"),
              (struct bytes){(const void *)seqs, count * sizeof(*seqs)});
}

uint32_t store_get_erased(struct txn *txn, uint64_t ret_seqs[TURN_ERASURES_MAX])
{
    struct bytes seqs = store_get(txn, TABLE_META, bytes_of("erased"));
    if (seqs.size % sizeof(*ret_seqs) != 0 || seqs.size > TURN_ERASURES_MAX * sizeof(*ret_seqs)) {
        store_fail(txn, STATUS_CORRUPT, "what is to be erased cannot be read");
        return 0;
    }
    if (seqs.size > 0) {
        memcpy(ret_seqs, seqs.data, seqs.size);
    }
    return (uint32_t)(seqs.size / sizeof(*ret_seqs));
}

// Walking ---------------------------------------------------------------------------------------

// from NULL: from the first row.
static struct walk start_walk(struct txn *txn, enum table table, MDB_val *from)
{
    struct walk walk = {.txn = txn};
    if (!store_is_usable(txn)) {
        return walk;
    }
    int error = mdb_cursor_open(txn->handle, txn->store->tables[table], &walk.cursor);
    if (error != MDB_SUCCESS) {
        walk.cursor = NULL;
        store_fail_with(txn, error);
        return walk;
    }
    txn->walks++;
    MDB_val key = from == NULL ? (MDB_val){0} : *from, value;
    error = mdb_cursor_get(walk.cursor, &key, &value, from == NULL ? MDB_FIRST : MDB_SET_RANGE);
    if (error != MDB_SUCCESS) {
        walk_close(&walk);
        if (error != MDB_NOTFOUND) {
            store_fail_with(txn, error);
        }
    }
    return walk;
}

struct walk store_walk(struct txn *txn, enum table table, struct bytes from)
{
    assert(table != TABLE_LOG);
    MDB_val key = store_to_val(from);
    return start_walk(txn, table, from.size == 0 ? NULL : &key);
}

struct walk store_walk_log(struct txn *txn, uint64_t seq)
{
    MDB_val key = {sizeof seq, &seq};
    return start_walk(txn, TABLE_LOG, &key);
}

static bool next_row(struct walk *walk, MDB_val *ret_key, MDB_val *ret_value)
{
    if (walk->cursor == NULL) {
        return false;
    }
    int error = walk->txn->status == STATUS_OK ? MDB_SUCCESS : MDB_BAD_TXN;
    if (error == MDB_SUCCESS) {
        MDB_cursor_op step = walk->started ? MDB_NEXT : MDB_GET_CURRENT;
        error = mdb_cursor_get(walk->cursor, ret_key, ret_value, step);
        walk->started = true;
    }
    if (error != MDB_SUCCESS) {
        walk_close(walk);
        if (error != MDB_NOTFOUND) {
            store_fail_with(walk->txn, error);
        }
    }
    return error == MDB_SUCCESS;
}

bool walk_next(struct walk *walk, struct bytes *ret_key, struct bytes *ret_value)
{
    MDB_val key, value;
    if (!next_row(walk, &key, &value)) {
        return false;
    }
    *ret_key = store_from_val(key);
    *ret_value = store_from_val(value);
    return true;
}

bool walk_next_log(struct walk *walk, uint64_t *ret_seq, struct hash *ret_leaf,
                   struct bytes *ret_event)
{
    MDB_val key, value;
    if (!next_row(walk, &key, &value)) {
        return false;
    }
    if (!split_row(walk->txn, value, ret_leaf, ret_event)) {
        walk_close(walk);
        return false;
    }
    *ret_seq = log_key(key);
    return true;
}

void walk_close(struct walk *walk)
{
    if (walk->cursor != NULL) {
        mdb_cursor_close(walk->cursor);
        walk->cursor = NULL;
        walk->txn->walks--;
    }
}
