#include "daemon/support/store.h"

#include "daemon/support/fail.h"
#include "daemon/support/store_private.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/statvfs.h>

// What LMDB takes as it is built everywhere.
#define KEY_BYTES_MAX 511

// Failures --------------------------------------------------------------------------------------

enum status store_translate(int error)
{
    switch (error) {
    case MDB_SUCCESS:
        return STATUS_OK;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
        return STATUS_STORAGE_FULL;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return STATUS_CORRUPT;
    default:
        return STATUS_FAILED;
    }
}

const char *store_error(int error)
{
    return mdb_strerror(error);
}

enum status store_problem(struct store *store, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(store->problem, sizeof store->problem, format, arguments); // a cut line will do
    va_end(arguments);
    return status;
}

enum status store_failed(struct store *store, const char *what, int error)
{
    return store_problem(store, store_translate(error), "%s%s%s: %s", store->dir,
                         what[0] == '\0' ? "" : "/", what, store_error(error));
}

// Adds a warning: the line that a call which went well leaves.
void store_warn(struct store *store, const char *text)
{
    size_t size = strlen(store->problem);
    (void)snprintf(store->problem + size, sizeof store->problem - size, "%s%s",
                   size == 0 ? "" : "; ", text);
}

void store_fail(struct txn *txn, enum status status, const char *what)
{
    assert(status != STATUS_OK);
    if (txn->status != STATUS_OK) {
        return;
    }
    txn->status = status;
    if (!txn->read_only) { // a reading one may be on another thread
        (void)store_problem(txn->store, status, "%s: %s", txn->store->dir, what);
    }
}

void store_fail_with(struct txn *txn, int error)
{
    store_fail(txn, store_translate(error), mdb_strerror(error));
}

// Transactions ----------------------------------------------------------------------------------

static struct txn begin(struct store *store, struct txn *parent, unsigned flags)
{
    struct txn txn = {.store = store, .parent = parent, .read_only = (flags & MDB_RDONLY) != 0};
    if (parent != NULL && parent->status != STATUS_OK) {
        txn.status = parent->status;
        return txn;
    }
    int error =
        mdb_txn_begin(store->env, parent == NULL ? NULL : parent->handle, flags, &txn.handle);
    if (error != MDB_SUCCESS) {
        txn.handle = NULL;
        store_fail_with(&txn, error);
    }
    return txn;
}

struct txn store_begin(struct store *store)
{
    assert(!store->read_only);
    store->problem[0] = '\0';
    return begin(store, NULL, 0);
}

struct txn store_begin_child(struct txn *parent)
{
    assert(!parent->read_only);
    return begin(parent->store, parent, 0);
}

struct txn store_begin_read(struct store *store)
{
    return begin(store, NULL, MDB_RDONLY);
}

static void tell_parent(const struct txn *txn)
{
    if (txn->parent != NULL && txn->parent->status == STATUS_OK) {
        txn->parent->status = txn->status;
    }
}

void store_abort(struct txn *txn)
{
    assert(txn->walks == 0);
    if (txn->handle != NULL) {
        mdb_txn_abort(txn->handle);
        txn->handle = NULL;
    }
    tell_parent(txn);
}

// LMDB has a short write end as EIO, which says nothing of a disk that is full.
static const char *why_commit_failed(const struct txn *txn, int error)
{
    struct statvfs disk;
    bool full = error == EIO && fstatvfs(txn->store->data_fd - 1, &disk) == 0 && disk.f_bavail == 0;
    return full ? "Input/output error on a full disk" : mdb_strerror(error);
}

static void commit_child(struct txn *txn)
{
    int error = mdb_txn_commit(txn->handle);
    txn->handle = NULL;
    if (error != MDB_SUCCESS) {
        store_fail_with(txn, error);
    }
}

static void commit_top(struct txn *txn)
{
    int error = FAIL_POINT(store_commit);
    if (error != 0) {
        mdb_txn_abort(txn->handle);
    } else {
        (void)FAIL_POINT(before_commit); // only for "kill"
        // Frees the handle also when it fails: it must not be aborted after this.
        error = mdb_txn_commit(txn->handle);
        (void)FAIL_POINT(after_commit);
    }
    txn->handle = NULL;
    if (error != MDB_SUCCESS) {
        store_fail(txn, store_translate(error), why_commit_failed(txn, error));
    }
}

enum status store_commit(struct txn *txn)
{
    assert(!txn->read_only && txn->walks == 0);
    if (txn->status != STATUS_OK) {
        store_abort(txn);
        return txn->status;
    }
    assert(txn->handle != NULL);
    if (txn->parent != NULL) {
        commit_child(txn);
        tell_parent(txn);
    } else {
        commit_top(txn);
    }
    return txn->status;
}

// Rows ------------------------------------------------------------------------------------------

int store_open_tables(struct MDB_txn *handle, bool make, unsigned ret_tables[TABLE_COUNT],
                      const char **ret_name)
{
    static const char *const names[TABLE_COUNT] = {
        [TABLE_LOG] = "log",   [TABLE_IDS] = "ids",     [TABLE_ENTITIES] = "entities",
        [TABLE_KEYS] = "keys", [TABLE_HEADS] = "heads", [TABLE_CURSORS] = "cursors",
        [TABLE_META] = "meta",
    };
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        unsigned flags = (i == TABLE_LOG ? MDB_INTEGERKEY : 0u) | (make ? MDB_CREATE : 0u);
        int error = mdb_dbi_open(handle, names[i], flags, &ret_tables[i]);
        if (error != MDB_SUCCESS) {
            *ret_name = names[i];
            return error;
        }
    }
    return MDB_SUCCESS;
}

bool store_is_usable(const struct txn *txn)
{
    assert(txn->status != STATUS_OK || txn->handle != NULL);
    return txn->status == STATUS_OK;
}

static bool is_key(struct bytes key)
{
    return key.size > 0 && key.size <= KEY_BYTES_MAX;
}

struct bytes store_get(struct txn *txn, enum table table, struct bytes key)
{
    // What asks may come from outside, and no row can have such a key.
    if (!store_is_usable(txn) || !is_key(key)) {
        return (struct bytes){0};
    }
    MDB_val mdb_key = store_to_val(key), value;
    int error = mdb_get(txn->handle, txn->store->tables[table], &mdb_key, &value);
    if (error == MDB_SUCCESS) {
        return store_from_val(value);
    }
    if (error != MDB_NOTFOUND) {
        store_fail_with(txn, error);
    }
    return (struct bytes){0};
}

void store_put(struct txn *txn, enum table table, struct bytes key, struct bytes value)
{
    assert(!txn->read_only && table != TABLE_LOG && is_key(key));
    if (!store_is_usable(txn)) {
        return;
    }
    MDB_val mdb_key = store_to_val(key), mdb_value = store_to_val(value);
    int error = mdb_put(txn->handle, txn->store->tables[table], &mdb_key, &mdb_value, 0);
    if (error != MDB_SUCCESS) {
        store_fail_with(txn, error);
    }
}

void store_delete(struct txn *txn, enum table table, struct bytes key)
{
    assert(!txn->read_only && table != TABLE_LOG && is_key(key));
    if (!store_is_usable(txn)) {
        return;
    }
    MDB_val mdb_key = store_to_val(key);
    int error = mdb_del(txn->handle, txn->store->tables[table], &mdb_key, NULL);
    if (error != MDB_SUCCESS && error != MDB_NOTFOUND) {
        store_fail_with(txn, error);
    }
}

void store_clear(struct txn *txn, enum table table)
{
    assert(!txn->read_only && table != TABLE_LOG);
    if (store_is_usable(txn)) {
        int error = mdb_drop(txn->handle, txn->store->tables[table], 0);
        if (error != MDB_SUCCESS) {
            store_fail_with(txn, error);
        }
    }
}

uint64_t store_number(const uint8_t *digits)
{
    uint64_t number;
    memcpy(&number, digits, sizeof number);
    return be64toh(number);
}

unsigned store_get_numbers(struct txn *txn, enum table table, struct bytes key, unsigned max,
                           uint64_t *ret_numbers)
{
    struct bytes value = store_get(txn, table, key);
    size_t count = value.size / sizeof *ret_numbers;
    if (value.size % sizeof *ret_numbers != 0 || count > max) {
        store_fail(txn, STATUS_CORRUPT, "numbers in the store are not 8 bytes each, or too many");
        return 0;
    }
    const uint8_t *digits = value.data;
    for (size_t i = 0; i < count; i++) {
        ret_numbers[i] = store_number(digits + i * sizeof *ret_numbers);
    }
    return (unsigned)count;
}

void store_put_numbers(struct txn *txn, enum table table, struct bytes key, unsigned count,
                       const uint64_t *numbers)
{
    uint64_t digits[STORE_NUMBERS_MAX];
    assert(count <= STORE_NUMBERS_MAX);
    for (unsigned i = 0; i < count; i++) {
        digits[i] = htobe64(numbers[i]);
    }
    store_put(txn, table, key, (struct bytes){digits, count * sizeof *numbers});
}

uint64_t store_get_number(struct txn *txn, enum table table, struct bytes key)
{
    uint64_t number = 0;
    (void)store_get_numbers(txn, table, key, 1, &number); // none: 0
    return number;
}

void store_put_number(struct txn *txn, enum table table, struct bytes key, uint64_t number)
{
    store_put_numbers(txn, table, key, 1, &number);
}
