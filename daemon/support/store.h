/*
 * store - the only owner of <lmdb.h> in the daemon: transactions, tables, and the rules of opening.
 *
 *     DIR/lock                  locked (flock) by the one process that writes, while it lives
 *     DIR/HEAD                  log=<32 hex> seq=<n> root=<64 hex>\n; written, synced, renamed
 *     DIR/store/                the LMDB environment
 *     DIR/private/<seq>         the private part of an event: 32 bytes of salt, then a map
 *
 *     table      key                        value
 *     log        seq (u64, native, MDB_INTEGERKEY)  leaf hash (32 bytes), then the event's bytes
 *     ids        event id                   seq (8 bytes, big-endian)
 *     entities   region/kind/entity         its record, or the seq of its only event (entity.h)
 *     heads      region                     last seq of the region, then of each kind (view.h)
 *     keys       public key (Z85)           path of the key's entity
 *     cursors    name                       prefix, position, time, owner
 *     meta       "log", "format", "apply", "prefix", "tree"; "erased": seqs of the private parts
 * that the last turn with erasures destroys; "restored": up to this seq the log came from an
 *                export, which has no private parts
 *
 * Promise: store_commit() returns STATUS_OK only when everything is on disk (LMDB without any of
 * its no-sync flags). A transaction is sticky: after the first failure every put does nothing and
 * the commit returns that failure, so callers look once, at the end.
 */
#ifndef DAEMON_SUPPORT_STORE_H
#define DAEMON_SUPPORT_STORE_H

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/status.h"
#include "proto/tree.h"

#include <stdint.h>

enum table {
    TABLE_LOG,
    TABLE_IDS,
    TABLE_ENTITIES,
    TABLE_HEADS,
    TABLE_KEYS,
    TABLE_CURSORS,
    TABLE_META,
    TABLE_COUNT
};

// Where the log stands. In the store as meta "tree" and the last row of the log; in a turn the copy
// that grows.
struct log_head {
    uint64_t seq;  // of the newest event; 0 if there is none
    uint64_t time; // its time, milliseconds since 1970 UTC
    struct tree tree;
};

struct store_options {
    const char *dir;
    uint64_t map_bytes;      // address space; 0: 64 GiB
    uint64_t free_bytes_low; // watermark of free disk space; 0: none
    bool read_only;          // an offline reader: takes no lock, creates and mends nothing
    bool scratch;            // for rebuilding in a directory that is thrown away: nothing is synced
};

// Zeroed is closed. One per process for one directory.
struct store {
    struct MDB_env *env;
    unsigned tables[TABLE_COUNT];
    bool read_only, scratch;
    // Descriptors, each plus one: 0 if closed.
    int dir_fd;     // of the directory itself
    int lock_fd;    // of DIR/lock
    int data_fd;    // of data.mdb, for growth
    int private_fd; // of the directory private/
    uint64_t map_bytes, free_bytes_low;
    uint8_t log_id[LOG_ID_BYTES];
    char dir[1024];
    // Below here only the writing thread may look once the store is open.
    uint64_t grown_to;      // length of data.mdb
    uint64_t free_again_ms; // when free space is looked at again
    uint64_t grow_again_ms; // when growth is tried again after the disk was full
    bool low;               // free space was below the watermark
    bool head_known;        // HEAD names head_written
    uint64_t head_written;  // seq that HEAD names
    char problem[512];      // one English line for the log when a call failed, "" otherwise
};

// A transaction. Zeroed is closed. parent is NULL but for a child.
struct txn {
    struct MDB_txn *handle;
    struct store *store;
    struct txn *parent;
    enum status status;
    bool read_only;
    unsigned walks; // that are open
};

// Opens, or makes, the store of a directory. In this order: file system (network file systems are
// refused), lock, left-over store.tmp removed, a new store made in store.tmp and renamed, data.mdb
// synced and dropped from the cache, both meta pages' transaction ids compared (further apart than
// 1: corrupt), format version, HEAD compared (the store is older than HEAD, or another log id:
// corrupt), the newest 64 events' leaf hashes verified, orphans in private/ removed.
// On another status than OK store->problem says in one line what it is and what to do; nothing is
// left open. STATUS_STORAGE_LOCKED: another process writes here. STATUS_POLICY: it must not stand
// here, or a newer program wrote it. STATUS_CORRUPT as above. STATUS_NOT_FOUND: an offline reader
// and no store. With STATUS_OK store->problem may hold a warning. An offline reader that may not
// write the readers' table (or finds none) reads without it where no daemon is running, and keeps
// one from starting until it is done.
enum status store_open(struct store *store, const struct store_options *options) MUST_CHECK;
void store_close(struct store *store);

// Transactions. A writing one only on the thread that opened the store. After store_commit() or
// store_abort() the handle is gone in every case. STATUS_STORAGE_FULL from a commit: nothing of it
// is stored and the next transaction may succeed. Any other failure of a commit: the outcome is
// unknown and the process must end (exit 70). A child's failure is its parent's too, however the
// child ends: what failed is the machine.
struct txn store_begin(struct store *store);
struct txn store_begin_child(struct txn *parent);
struct txn store_begin_read(struct store *store);
enum status store_commit(struct txn *txn) MUST_CHECK;
void store_abort(struct txn *txn);

// Makes the transaction fail, as if the machine had; the first failure stays. what is for the log.
void store_fail(struct txn *txn, enum status status, const char *what);

// Rows. Values that are returned stay good until the transaction's next write, or its end.
// store_get: empty bytes (data NULL) if there is no such key; a failure is sticky in txn.
struct bytes store_get(struct txn *txn, enum table table, struct bytes key);
void store_put(struct txn *txn, enum table table, struct bytes key, struct bytes value);
void store_delete(struct txn *txn, enum table table, struct bytes key);
// All rows of a table.
void store_clear(struct txn *txn, enum table table);

// The log: appends the next event, which must be head + 1 (asserted against the table's last key).
void store_append_log(struct txn *txn, uint64_t seq, const struct hash *leaf, struct bytes event);
// False if there is no event of that number (or after a failure).
bool store_get_log(struct txn *txn, uint64_t seq, struct hash *ret_leaf, struct bytes *ret_event);

// Numbers as values, 8 bytes big-endian each: 0, or none, if there is no such key.
uint64_t store_get_number(struct txn *txn, enum table table, struct bytes key);
void store_put_number(struct txn *txn, enum table table, struct bytes key, uint64_t number);
#define STORE_NUMBERS_MAX 64
// How many there were; the others of ret_numbers are left as they are.
unsigned store_get_numbers(struct txn *txn, enum table table, struct bytes key, unsigned max,
                           uint64_t *ret_numbers);
void store_put_numbers(struct txn *txn, enum table table, struct bytes key, unsigned count,
                       const uint64_t *numbers);
// One of them where it stands.
uint64_t store_number(const uint8_t *digits);

// The head, from the last row and the tree in meta; STATUS_CORRUPT in txn where they differ.
// time is left 0: the event's reader knows it.
void store_get_head(struct txn *txn, struct log_head *ret_head);
void store_put_tree(struct txn *txn, const struct tree *tree);

// Makes it the log of this id (32 hex digits), which a new store has not: one that is restored.
void store_put_log_id(struct txn *txn, const char *hex);
// A log id as hex digits, closed by a zero.
void store_log_hex(const uint8_t log_id[LOG_ID_BYTES], char ret_hex[2 * LOG_ID_BYTES + 1]);

// Walking. Zeroed is closed. A walk closes itself when walk_next() is false; one that is left
// earlier is closed by walk_close(), before its transaction ends (asserted).
struct walk {
    struct txn *txn;
    struct MDB_cursor *cursor;
    bool started;
};
// Rows of a table from the first key >= from. walk_next is false after the last row or on failure.
struct walk store_walk(struct txn *txn, enum table table, struct bytes from);
// Events of the log from seq on.
struct walk store_walk_log(struct txn *txn, uint64_t seq);
bool walk_next(struct walk *walk, struct bytes *ret_key, struct bytes *ret_value);
bool walk_next_log(struct walk *walk, uint64_t *ret_seq, struct hash *ret_leaf,
                   struct bytes *ret_event);
void walk_close(struct walk *walk);

// Between transactions, on the writing thread.
// Writes zeros ahead of the data (1 MiB steps, until 8 MiB are ahead). STATUS_STORAGE_FULL if less
// than 1 MiB is ahead and the disk gives no more; STATUS_STORAGE_LOW below the watermark.
enum status store_grow(struct store *store) MUST_CHECK;
// How many bytes one transaction may add: any number while all is grown ahead; where the disk gives
// no more, half of what still is.
uint64_t store_room(const struct store *store);
// Writes HEAD if it does not name this head yet.
enum status store_write_head(struct store *store, const struct log_head *head) MUST_CHECK;
// What HEAD names: a number, and the root as hex digits. False if there is no HEAD that can be
// read.
bool store_named_head(struct store *store, uint64_t *ret_seq, char ret_root[2 * HASH_BYTES + 1]);

// Private parts. Writing: the file is synced, and store_sync_private() syncs the directory, before
// the commit of the event. Reading: into room of PRIVATE_BYTES_MAX + 32; STATUS_NOT_FOUND if
// erased.
enum status store_write_private(struct store *store, uint64_t seq, struct bytes part) MUST_CHECK;
enum status store_sync_private(struct store *store) MUST_CHECK;
enum status store_read_private(const struct store *store, uint64_t seq, void *room,
                               struct bytes *ret_part) MUST_CHECK;
// Destroys the private parts of `count` events: overwritten, synced, removed, and the directory
// synced. What is not there is destroyed already. The turn that says so is committed before, with
// store_put_erased(), and every start does it again, so that no crash leaves one behind.
enum status store_erase_private(struct store *store, const uint64_t *seqs, uint32_t count)
    MUST_CHECK;
void store_put_erased(struct txn *txn, const uint64_t *seqs, uint32_t count);
// Removes the file of an event that was not committed.
void store_drop_private(struct store *store, uint64_t seq);

// What `status` tells; on any thread.
struct store_figures {
    uint64_t bytes_used, bytes_file, bytes_free_disk, readers;
};
void store_figures(const struct store *store, struct store_figures *ret_figures);
// Clears the slots of readers that died; once a minute.
void store_check_readers(struct store *store);

#endif
