#include "daemon/support/store.h"
#include "daemon/support/store_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_BYTES_DEFAULT (UINT64_C(64) << 30)
#define READERS_MAX 512
#define TABLES_MAX 16
#define TAIL_EVENTS 64

// Everything that loses what was acknowledged when the power goes.
#define FLAGS_UNSAFE (MDB_NOSYNC | MDB_NOMETASYNC | MDB_MAPASYNC | MDB_WRITEMAP)

// The data file ---------------------------------------------------------------------------------

static enum status open_data_file(struct store *store)
{
    int flags = store->read_only ? O_RDONLY : O_RDWR | O_APPEND;
    int fd = openat(store->dir_fd - 1, "store/data.mdb", flags | O_CLOEXEC);
    if (fd < 0) {
        enum status status = store_failed(store, "store/data.mdb", errno);
        return errno == ENOENT ? STATUS_CORRUPT : status;
    }
    store->data_fd = fd + 1;
    if (store->read_only || store->scratch) {
        return STATUS_OK;
    }
    // The lock file may have been removed, or the store be reached by another path.
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return store_problem(store, STATUS_STORAGE_LOCKED,
                             "another process writes to %s/store: stop it first", store->dir);
    }
    // What an earlier process failed to write still looks written in the cache. Only what comes
    // back from the disk counts.
    if (fsync(fd) != 0) {
        return store_failed(store, "store/data.mdb", errno);
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); // the tail is verified all the same
    return STATUS_OK;
}

// A meta page as LMDB 0.9 has it on a 64-bit machine, all numbers native; found by comparing pages
// with what mdb_stat says. It is read before LMDB sees the file, because LMDB takes the page with
// the larger transaction id and says nothing of the other.
#define META_BYTES 152
#define META_MAGIC 16     // u32, after the page's own header
#define META_PAGE_SIZE 40 // u32
#define META_LAST_PAGE 136
#define META_TXN_ID 144
#define MAGIC 0xbeefc0deu

struct meta {
    uint32_t magic, page_size;
    uint64_t last_page, txn_id;
};

static bool read_meta(const struct store *store, uint32_t offset, struct meta *ret_meta)
{
    uint8_t page[META_BYTES];
    if (pread(store->data_fd - 1, page, sizeof page, (off_t)offset) != (ssize_t)sizeof page) {
        return false;
    }
    memcpy(&ret_meta->magic, page + META_MAGIC, sizeof ret_meta->magic);
    memcpy(&ret_meta->page_size, page + META_PAGE_SIZE, sizeof ret_meta->page_size);
    memcpy(&ret_meta->last_page, page + META_LAST_PAGE, sizeof ret_meta->last_page);
    memcpy(&ret_meta->txn_id, page + META_TXN_ID, sizeof ret_meta->txn_id);
    return ret_meta->magic == MAGIC && ret_meta->page_size >= 512 && ret_meta->page_size <= 65536 &&
           __builtin_popcount(ret_meta->page_size) == 1;
}

// Pages that a transaction takes from the end of the file and gives back are never written, so a
// sound file may end a little early.
#define CUT_OFF_BYTES (1024u * 1024)

// What is wrong with the file; NULL if nothing.
static const char *fault_of_data_file(struct store *store)
{
    struct meta even, odd;
    struct stat file;
    if (fstat(store->data_fd - 1, &file) != 0 || !read_meta(store, 0, &even) ||
        !read_meta(store, even.page_size, &odd)) {
        return "it does not begin as a store does (a new store that was never finished, or "
               "another file)";
    }
    // Transaction n writes page n % 2, so sound pages are neighbours and in their places.
    uint64_t newer = even.txn_id > odd.txn_id ? even.txn_id : odd.txn_id;
    if (even.txn_id % 2 != 0 || odd.txn_id % 2 != 1 ||
        newer > even.txn_id + odd.txn_id - newer + 1) {
        return "its two meta pages do not fit: the last commit may be lost";
    }
    uint64_t last_page = even.txn_id == newer ? even.last_page : odd.last_page;
    store->grown_to = (uint64_t)file.st_size;
    if (last_page >= store->grown_to / even.page_size + CUT_OFF_BYTES / even.page_size) {
        return "it has been cut off";
    }
    return NULL;
}

static enum status check_data_file(struct store *store)
{
    // A running daemon may commit between the two pages.
    unsigned tries = store->read_only ? 5 : 1;
    const char *fault = "";
    while (fault != NULL && tries-- > 0) {
        fault = fault_of_data_file(store);
    }
    return fault == NULL ? STATUS_OK
                         : store_problem(store, STATUS_CORRUPT,
                                         "%s/store/data.mdb is damaged: %s; " STORE_RESTORE,
                                         store->dir, fault);
}

// The environment -------------------------------------------------------------------------------

int store_open_environment(struct store *store, const char *name, unsigned flags)
{
    char path[sizeof store->dir + 16];
    (void)snprintf(path, sizeof path, "%s/%s", store->dir, name);
    int error = mdb_env_create(&store->env);
    if (error != MDB_SUCCESS) {
        store->env = NULL;
        return error;
    }
    if ((error = mdb_env_set_mapsize(store->env, store->map_bytes)) == MDB_SUCCESS &&
        (error = mdb_env_set_maxreaders(store->env, READERS_MAX)) == MDB_SUCCESS &&
        (error = mdb_env_set_maxdbs(store->env, TABLES_MAX)) == MDB_SUCCESS) {
        error = mdb_env_open(store->env, path, flags, 0600);
    }
    return error;
}

static enum status open_environment(struct store *store)
{
    unsigned flags = MDB_NOTLS;
    if (store->read_only) {
        flags |= MDB_RDONLY | (store_reads_without_table(store) ? MDB_NOLOCK : 0u);
    } else if (store->scratch) {
        flags |= MDB_NOSYNC;
    }
    int error = store_open_environment(store, "store", flags);
    if (error != MDB_SUCCESS) {
        return store_failed(store, "store", error);
    }
    error = mdb_env_get_flags(store->env, &flags);
    assert(error == MDB_SUCCESS && (store->scratch || (flags & FLAGS_UNSAFE) == 0) &&
           ((flags & MDB_RDONLY) != 0) == store->read_only);

    const char *table = "";
    struct txn txn = store_begin_read(store);
    if (txn.status == STATUS_OK) {
        error = store_open_tables(txn.handle, false, store->tables, &table);
        // An abort would close the tables again.
        error =
            error == MDB_SUCCESS ? mdb_txn_commit(txn.handle) : (mdb_txn_abort(txn.handle), error);
    } else {
        error = MDB_BAD_TXN;
    }
    if (error == MDB_NOTFOUND || error == MDB_INCOMPATIBLE) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s/store has no table %s: an older program made it, or it is "
                             "damaged: " STORE_RESTORE,
                             store->dir, table);
    }
    return error == MDB_SUCCESS ? STATUS_OK : store_failed(store, "store", error);
}

// What stands in it -----------------------------------------------------------------------------

static enum status check_meta(struct store *store, struct txn *txn)
{
    uint64_t format = store_get_number(txn, TABLE_META, bytes_of("format"));
    struct bytes log = store_get(txn, TABLE_META, bytes_of("log"));
    if (txn->status == STATUS_OK && format > FORMAT_VERSION) {
        return store_problem(store, STATUS_POLICY,
                             "%s has format %" PRIu64 ", this program reads %d: use a newer one",
                             store->dir, format, FORMAT_VERSION);
    }
    if (txn->status != STATUS_OK || format == 0 || log.size != sizeof store->log_id) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s/store does not say whose log it is: " STORE_RESTORE, store->dir);
    }
    memcpy(store->log_id, log.data, sizeof store->log_id);
    return STATUS_OK;
}

static enum status check_tail(struct store *store, struct txn *txn, uint64_t last)
{
    uint64_t expected = last > TAIL_EVENTS ? last - TAIL_EVENTS + 1 : 1;
    uint64_t seq;
    struct hash leaf;
    struct bytes event;
    struct walk walk = store_walk_log(txn, expected);
    while (walk_next_log(&walk, &seq, &leaf, &event)) {
        struct hash found = tree_leaf(event);
        if (seq != expected || !hash_equal(&found, &leaf)) {
            break;
        }
        expected++;
    }
    walk_close(&walk);
    if (txn->status == STATUS_OK && expected == last + 1) {
        return STATUS_OK;
    }
    return store_problem(store, STATUS_CORRUPT, "%s: event %" PRIu64 " is damaged: " STORE_RESTORE,
                         store->dir, expected);
}

static enum status compare_head(struct store *store, const struct head_line *line,
                                const struct log_head *head)
{
    char log[sizeof line->log], root[sizeof line->root];
    struct hash hash = tree_root(&head->tree);
    store_log_hex(store->log_id, log);
    hash_hex(&hash, root);
    if (strcmp(log, line->log) != 0) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s: HEAD names log %s, the store holds log %s: put back what belongs "
                             "together",
                             store->dir, line->log, log);
    }
    if (line->seq > head->seq) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s: the store ends at event %" PRIu64 ", older than HEAD at event "
                             "%" PRIu64 ": put the newer store back, or restore a backup of it",
                             store->dir, head->seq, line->seq);
    }
    if (line->seq == head->seq && strcmp(root, line->root) != 0) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s: the store holds another history than HEAD at event %" PRIu64
                             ": " STORE_RESTORE,
                             store->dir, head->seq);
    }
    store->head_known = true;
    store->head_written = line->seq;
    return STATUS_OK;
}

static enum status check_contents(struct store *store)
{
    struct head_line line;
    struct log_head head = {0};
    bool empty;
    // Before the store: a running daemon's HEAD must not be newer than what is compared with it.
    enum status status = store_read_head(store, &line, &empty);
    if (status != STATUS_OK) {
        return status;
    }
    struct txn txn = store_begin_read(store);
    status = check_meta(store, &txn);
    if (status == STATUS_OK) {
        store_get_head(&txn, &head);
        status =
            txn.status == STATUS_OK
                ? check_tail(store, &txn, head.seq)
                : store_problem(store, txn.status,
                                "%s: the log does not fit its tree: " STORE_RESTORE, store->dir);
    }
    uint64_t erased[TURN_ERASURES_MAX];
    uint32_t erased_count = status == STATUS_OK ? store_get_erased(&txn, erased) : 0;
    status = status == STATUS_OK ? txn.status : status;
    store_abort(&txn);
    if (status == STATUS_OK && line.present) {
        status = compare_head(store, &line, &head);
    }
    if (status == STATUS_OK && !line.present && (empty || head.seq > 0)) {
        store_warn(store,
                   empty ? "HEAD is empty: whether the store is complete could not be checked"
                         : "there is no HEAD: whether the store is complete could not be checked");
    }
    if (status == STATUS_OK) {
        status = store_open_private(store, head.seq);
    }
    // Again, for a crash may have come between the commit and the erasing.
    if (status == STATUS_OK && !store->read_only && erased_count > 0) {
        char warning[sizeof(store->problem)];
        memcpy(warning, store->problem, sizeof(warning));
        // What cannot be erased now either is told at every start; the rest goes on without it.
        if (store_erase_private(store, erased, erased_count) == STATUS_OK) {
            memcpy(store->problem, warning, sizeof(warning));
        }
    }
    return status;
}

// -----------------------------------------------------------------------------------------------

static void close_descriptor(int *kept)
{
    if (*kept != 0) {
        close(*kept - 1);
        *kept = 0;
    }
}

static void release(struct store *store)
{
    if (store->env != NULL) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    close_descriptor(&store->private_fd);
    close_descriptor(&store->data_fd);
    // Last: only now another process may write.
    close_descriptor(&store->lock_fd);
    close_descriptor(&store->dir_fd);
}

enum status store_open(struct store *store, const struct store_options *options)
{
    static enum status (*const steps[])(struct store *) = {
        store_open_directory, store_take_lock,  store_find_store, open_data_file,
        check_data_file,      open_environment, check_contents,
    };
    *store = (struct store){
        .read_only = options->read_only,
        .scratch = options->scratch,
        .map_bytes = options->map_bytes != 0 ? options->map_bytes : MAP_BYTES_DEFAULT,
        .free_bytes_low = options->free_bytes_low,
    };
    if (strlen(options->dir) >= sizeof store->dir) {
        return store_problem(store, STATUS_FAILED, "the directory's path is too long");
    }
    memcpy(store->dir, options->dir, strlen(options->dir) + 1);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof steps / sizeof steps[0]; i++) {
        status = steps[i](store);
    }
    if (status != STATUS_OK) {
        release(store);
    }
    return status;
}

void store_close(struct store *store)
{
    release(store);
    *store = (struct store){0};
}
