#include "daemon/support/store.h"
#include "daemon/support/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

// The directory ---------------------------------------------------------------------------------

enum file_system store_judge_file_system(uint32_t magic, const char **ret_name)
{
    static const struct {
        uint32_t magic;
        enum file_system judged;
        const char *name;
    } rows[] = {
        // Their locks and their maps do not hold between machines.
        {0x00006969, FILE_SYSTEM_NETWORK, "NFS"},
        {0x0000517b, FILE_SYSTEM_NETWORK, "SMB"},
        {0xff534d42, FILE_SYSTEM_NETWORK, "CIFS"},
        {0xfe534d42, FILE_SYSTEM_NETWORK, "SMB2"},
        {0x01021997, FILE_SYSTEM_NETWORK, "9p"},
        {0x5346414f, FILE_SYSTEM_NETWORK, "AFS"},
        {0x6b414653, FILE_SYSTEM_NETWORK, "AFS"},
        {0x73757245, FILE_SYSTEM_NETWORK, "Coda"},
        {0x0000564c, FILE_SYSTEM_NETWORK, "NCP"},
        {0x00c36400, FILE_SYSTEM_NETWORK, "Ceph"},
        {0x0bd00bd0, FILE_SYSTEM_NETWORK, "Lustre"},
        {0x7461636f, FILE_SYSTEM_NETWORK, "OCFS2"},
        {0x786f4256, FILE_SYSTEM_NETWORK, "vboxsf"},
        {0xbacbacbc, FILE_SYSTEM_NETWORK, "vmhgfs"},
        // Gone with the machine, or only as good as what is below.
        {0x01021994, FILE_SYSTEM_DOUBTFUL, "tmpfs"},
        {0x858458f6, FILE_SYSTEM_DOUBTFUL, "ramfs"},
        {0x794c7630, FILE_SYSTEM_DOUBTFUL, "overlayfs"},
        {0x65735546, FILE_SYSTEM_DOUBTFUL, "FUSE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].magic == magic) {
            *ret_name = rows[i].name;
            return rows[i].judged;
        }
    }
    *ret_name = "local";
    return FILE_SYSTEM_LOCAL;
}

static enum status judge_directory(struct store *store)
{
    struct statfs system;
    const char *name;
    if (fstatfs(store->dir_fd - 1, &system) != 0) {
        return store_failed(store, "", errno);
    }
    enum file_system judged = store_judge_file_system((uint32_t)system.f_type, &name);
    if (judged == FILE_SYSTEM_NETWORK) {
        return store_problem(store, STATUS_POLICY,
                             "%s is on a network file system (%s), where the store is not safe: "
                             "use a local disk",
                             store->dir, name);
    }
    if (judged == FILE_SYSTEM_DOUBTFUL && !store->scratch) {
        char text[160];
        (void)snprintf(text, sizeof text,
                       "the directory is on %s: what is acknowledged may not outlive the machine",
                       name);
        store_warn(store, text);
    }
    return STATUS_OK;
}

enum status store_open_directory(struct store *store)
{
    bool made = !store->read_only && mkdir(store->dir, 0700) == 0;
    int fd = open(store->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        enum status status = store_failed(store, "", errno);
        return store->read_only && errno == ENOENT ? STATUS_NOT_FOUND : status;
    }
    store->dir_fd = fd + 1;
    if (made) {
        int above = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int error = above < 0 || fsync(above) != 0 ? errno : 0;
        if (above >= 0) {
            close(above);
        }
        if (error != 0) {
            return store_failed(store, "..", error);
        }
    }
    return judge_directory(store);
}

// Without the readers' table nobody would keep a writer from using pages again that are being read:
// then a reader holds the writer's lock, shared with other readers.
bool store_reads_without_table(const struct store *store)
{
    return store->read_only &&
           faccessat(store->dir_fd - 1, "store/lock.mdb", R_OK | W_OK, AT_EACCESS) != 0;
}

enum status store_take_lock(struct store *store)
{
    if (store->read_only && !store_reads_without_table(store)) {
        return STATUS_OK;
    }
    int flags = store->read_only ? O_RDONLY : O_RDWR | O_CREAT;
    int fd = openat(store->dir_fd - 1, "lock", flags | O_CLOEXEC, 0600);
    if (fd < 0) {
        bool is_copy = store->read_only && errno == ENOENT;
        return is_copy ? STATUS_OK : store_failed(store, "lock", errno);
    }
    store->lock_fd = fd + 1;
    if (flock(fd, (store->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) {
        return STATUS_OK;
    }
    if (errno != EWOULDBLOCK) {
        return store_failed(store, "lock", errno);
    }
    return store_problem(
        store, STATUS_STORAGE_LOCKED,
        store->read_only ? "%s is in use, and its store/lock.mdb may not be written: read it as "
                           "the daemon's user"
                         : "%s is in use by another process",
        store->dir);
}

// A new store -----------------------------------------------------------------------------------

// Nothing but what was made here is removed: anything else makes the last step fail.
static enum status remove_left_over(struct store *store)
{
    int dir = store->dir_fd - 1;
    (void)unlinkat(dir, "store.tmp/data.mdb", 0); // each may be missing
    (void)unlinkat(dir, "store.tmp/lock.mdb", 0);
    if (unlinkat(dir, "store.tmp", AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return store_failed(store, "store.tmp", errno);
    }
    return STATUS_OK;
}

static int fill_new_store(struct store *store)
{
    const char *table;
    if (getrandom(store->log_id, sizeof store->log_id, 0) != (ssize_t)sizeof store->log_id) {
        return errno;
    }
    struct txn txn = store_begin(store);
    int error = txn.status == STATUS_OK ? store_open_tables(txn.handle, true, store->tables, &table)
                                        : MDB_BAD_TXN;
    if (error == MDB_SUCCESS) {
        store_put_number(&txn, TABLE_META, bytes_of("format"), FORMAT_VERSION);
        store_put_number(&txn, TABLE_META, bytes_of("apply"), APPLY_VERSION);
        store_put(&txn, TABLE_META, bytes_of("log"),
                  (struct bytes){store->log_id, sizeof store->log_id});
        error = txn.status == STATUS_OK ? MDB_SUCCESS : MDB_BAD_TXN;
    }
    if (error != MDB_SUCCESS) {
        store_abort(&txn);
        return error;
    }
    // Not store_commit(): its fail points count the commits of turns.
    return mdb_txn_commit(txn.handle);
}

static int sync_at(const struct store *store, const char *name)
{
    int fd = openat(store->dir_fd - 1, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    int error = store->scratch || fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return error;
}

// LMDB's own creation is not atomic: a power cut within it leaves a file that never opens again.
static enum status make_store(struct store *store)
{
    int dir = store->dir_fd - 1;
    int error = mkdirat(dir, "store.tmp", 0700) == 0 ? 0 : errno;
    if (error == 0) {
        error = store_open_environment(store, "store.tmp", MDB_NOTLS);
    }
    if (error == 0) {
        error = fill_new_store(store);
    }
    if (store->env != NULL) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    if (error == 0 && (error = sync_at(store, "store.tmp/data.mdb")) == 0 &&
        (error = sync_at(store, "store.tmp")) == 0) {
        error = renameat(dir, "store.tmp", dir, "store") == 0 ? 0 : errno;
    }
    if (error == 0) {
        error = sync_at(store, ".");
    }
    return error == 0 ? STATUS_OK : store_failed(store, "store.tmp", error);
}

enum status store_find_store(struct store *store)
{
    enum status status = store->read_only ? STATUS_OK : remove_left_over(store);
    if (status != STATUS_OK || faccessat(store->dir_fd - 1, "store", F_OK, 0) == 0) {
        return status;
    }
    if (errno != ENOENT) {
        return store_failed(store, "store", errno);
    }
    if (store->read_only) {
        return store_problem(store, STATUS_NOT_FOUND, "%s has no store", store->dir);
    }
    struct head_line line;
    bool empty;
    status = store_read_head(store, &line, &empty);
    if (status == STATUS_OK && line.present) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s has a HEAD at event %" PRIu64 " and no store: " STORE_RESTORE,
                             store->dir, line.seq);
    }
    return status == STATUS_OK ? make_store(store) : status;
}
