#include "daemon/support/fail.h"
#include "daemon/support/store.h"
#include "daemon/support/store_private.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

// One step takes about a millisecond; a larger one is felt by whoever posts next.
#define GROW_STEP_BYTES (1024u * 1024)
#define GROW_AHEAD_BYTES (8u * 1024 * 1024)
// How often a full disk is tried again, and free space looked at.
#define GROW_AGAIN_MS 100
#define FREE_AGAIN_MS 1000

static int write_all(int fd, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        if (written > 0) {
            at += written;
            size -= (size_t)written;
        }
    }
    return 0;
}

// Writes a whole file of the directory and syncs it; on failure it is gone.
static int write_file(const struct store *store, int dir, const char *name, struct bytes bytes)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    int error = write_all(fd, bytes.data, bytes.size);
    if (error == 0 && !store->scratch && fsync(fd) != 0) {
        error = errno;
    }
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    if (error != 0) {
        (void)unlinkat(dir, name, 0); // there may be none
    }
    return error;
}

// Growth ----------------------------------------------------------------------------------------

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now); // cannot fail with a clock that Linux has
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t bytes_used(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat page;
    (void)mdb_env_info(store->env, &info); // both fail only without an environment
    (void)mdb_env_stat(store->env, &page);
    return ((uint64_t)info.me_last_pgno + 1) * page.ms_psize;
}

static uint64_t bytes_ahead(const struct store *store, uint64_t used)
{
    return store->grown_to > used ? store->grown_to - used : 0;
}

// One step; fewer bytes where the disk ends.
static int append_zeros(struct store *store)
{
    static const uint8_t zeros[GROW_STEP_BYTES];
    ssize_t written = -1;
    errno = FAIL_POINT(store_grow);
    if (errno == 0) {
        written = write(store->data_fd - 1, zeros, sizeof zeros);
    }
    if (written < 0) {
        return errno;
    }
    store->grown_to += (uint64_t)written;
    return 0;
}

// A full disk is no failure here: there may be enough ahead.
static int grow(struct store *store, uint64_t used, uint64_t now)
{
    struct stat file;
    if (fstat(store->data_fd - 1, &file) != 0) {
        return errno;
    }
    // LMDB lengthens the file itself where a turn outgrew what was ahead.
    store->grown_to = (uint64_t)file.st_size;
    while (bytes_ahead(store, used) < GROW_AHEAD_BYTES && store->grown_to < store->map_bytes &&
           now >= store->grow_again_ms) {
        int error = append_zeros(store);
        if (store_translate(error) == STATUS_STORAGE_FULL) {
            store->grow_again_ms = now + GROW_AGAIN_MS;
        } else if (error != 0 && error != EINTR) {
            return error;
        }
        store->free_again_ms = 0;
    }
    return 0;
}

static void look_at_free_space(struct store *store, uint64_t now)
{
    struct statvfs disk;
    if (fstatvfs(store->data_fd - 1, &disk) == 0) {
        store->low = (uint64_t)disk.f_bavail * disk.f_frsize < store->free_bytes_low;
    }
    store->free_again_ms = now + FREE_AGAIN_MS;
}

enum status store_grow(struct store *store)
{
    assert(!store->read_only);
    store->problem[0] = '\0';
    uint64_t now = now_ms();
    uint64_t used = bytes_used(store);
    if (bytes_ahead(store, used) < GROW_AHEAD_BYTES) {
        int error = grow(store, used, now);
        if (error != 0) {
            return store_problem(store, store_translate(error), "%s/store/data.mdb: %s", store->dir,
                                 store_error(error));
        }
    }
    if (now >= store->free_again_ms) {
        look_at_free_space(store, now);
    }
    // A map that is full is told by the commit; growing the file would not help it.
    if (bytes_ahead(store, used) < GROW_STEP_BYTES && store->grown_to < store->map_bytes) {
        return store_problem(store, STATUS_STORAGE_FULL, "%s: the disk is full", store->dir);
    }
    if (store->low) {
        return store_problem(store, STATUS_STORAGE_LOW, "%s: less than %" PRIu64 " bytes are free",
                             store->dir, store->free_bytes_low);
    }
    return STATUS_OK;
}

uint64_t store_room(const struct store *store)
{
    uint64_t ahead = bytes_ahead(store, bytes_used(store));
    bool full = ahead + GROW_STEP_BYTES < GROW_AHEAD_BYTES && store->grown_to < store->map_bytes;
    return full ? ahead / 2 : UINT64_MAX;
}

// HEAD ------------------------------------------------------------------------------------------

// log=<32 hex> seq=<20 digits at most> root=<64 hex>\n
#define HEAD_BYTES_MAX (4 + 2 * LOG_ID_BYTES + 5 + 20 + 6 + 2 * HASH_BYTES + 1)

void store_log_hex(const uint8_t log_id[LOG_ID_BYTES], char ret_hex[2 * LOG_ID_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < LOG_ID_BYTES; i++) {
        ret_hex[2 * i] = digits[log_id[i] >> 4];
        ret_hex[2 * i + 1] = digits[log_id[i] & 15];
    }
    ret_hex[2 * LOG_ID_BYTES] = '\0';
}

void store_put_log_id(struct txn *txn, const char *hex)
{
    uint8_t log_id[LOG_ID_BYTES];
    for (unsigned i = 0; i < LOG_ID_BYTES; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        log_id[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    store_put(txn, TABLE_META, bytes_of("log"), (struct bytes){log_id, sizeof log_id});
    memcpy(txn->store->log_id, log_id, sizeof log_id);
}

static struct bytes format_head(const struct head_line *line, char room[HEAD_BYTES_MAX + 1])
{
    int size = snprintf(room, HEAD_BYTES_MAX + 1, "log=%s seq=%" PRIu64 " root=%s\n", line->log,
                        line->seq, line->root);
    assert(size > 0 && size <= HEAD_BYTES_MAX);
    return (struct bytes){room, (size_t)size};
}

// Only what is written here is read: a line that is formatted again must be the same.
static bool parse_head(const char *text, struct head_line *ret_line)
{
    char number[21], again[HEAD_BYTES_MAX + 1];
    struct head_line line = {.present = true};
    if (sscanf(text, "log=%32[0-9a-f] seq=%20[0-9] root=%64[0-9a-f]", line.log, number,
               line.root) != 3) {
        return false;
    }
    line.seq = strtoull(number, NULL, 10);
    *ret_line = line;
    return strlen(line.log) == 2 * LOG_ID_BYTES && strlen(line.root) == 2 * HASH_BYTES &&
           bytes_are(format_head(&line, again), text);
}

enum status store_read_head(struct store *store, struct head_line *ret_line, bool *ret_empty)
{
    char text[HEAD_BYTES_MAX + 2]; // one more than may be there, and a closing zero
    *ret_line = (struct head_line){0};
    *ret_empty = false;
    int fd = openat(store->dir_fd - 1, "HEAD", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return STATUS_OK;
    }
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (size < 0) {
        return store_problem(store, STATUS_FAILED, "%s/HEAD: %s", store->dir, store_error(error));
    }
    text[size] = '\0';
    *ret_empty = size == 0;
    if (size > 0 && !parse_head(text, ret_line)) {
        return store_problem(store, STATUS_CORRUPT,
                             "%s/HEAD is damaged: compare the store with a backup or a subscriber; "
                             "if it is complete, remove HEAD and start again",
                             store->dir);
    }
    return STATUS_OK;
}

bool store_named_head(struct store *store, uint64_t *ret_seq, char ret_root[2 * HASH_BYTES + 1])
{
    struct head_line line;
    bool empty;
    if (store_read_head(store, &line, &empty) != STATUS_OK || !line.present) {
        return false;
    }
    *ret_seq = line.seq;
    memcpy(ret_root, line.root, sizeof(line.root));
    return true;
}

enum status store_write_head(struct store *store, const struct log_head *head)
{
    assert(!store->read_only);
    store->problem[0] = '\0';
    if (store->head_known && store->head_written == head->seq) {
        return STATUS_OK;
    }
    char room[HEAD_BYTES_MAX + 1];
    struct head_line line = {.seq = head->seq};
    struct hash root = tree_root(&head->tree);
    store_log_hex(store->log_id, line.log);
    hash_hex(&root, line.root);
    int error = FAIL_POINT(store_head);
    if (error == 0) {
        error = write_file(store, store->dir_fd - 1, "HEAD.tmp", format_head(&line, room));
    }
    if (error == 0 && renameat(store->dir_fd - 1, "HEAD.tmp", store->dir_fd - 1, "HEAD") != 0) {
        error = errno;
    }
    if (error == 0 && !store->scratch && fsync(store->dir_fd - 1) != 0) {
        error = errno;
    }
    if (error != 0) {
        return store_problem(store, store_translate(error), "%s/HEAD: %s", store->dir,
                             store_error(error));
    }
    store->head_known = true;
    store->head_written = head->seq;
    return STATUS_OK;
}

// Private parts ---------------------------------------------------------------------------------

struct part_name {
    char text[21];
};

static struct part_name name_part(uint64_t seq)
{
    struct part_name name;
    (void)snprintf(name.text, sizeof name.text, "%" PRIu64, seq); // 20 digits at most
    return name;
}

enum status store_write_private(struct store *store, uint64_t seq, struct bytes part)
{
    assert(!store->read_only && part.size <= PRIVATE_BYTES_MAX + HASH_BYTES);
    store->problem[0] = '\0';
    int error = FAIL_POINT(private_write);
    if (error == 0) {
        error = write_file(store, store->private_fd - 1, name_part(seq).text, part);
    }
    if (error != 0) {
        return store_problem(store, store_translate(error), "%s/private/%" PRIu64 ": %s",
                             store->dir, seq, store_error(error));
    }
    return STATUS_OK;
}

enum status store_sync_private(struct store *store)
{
    store->problem[0] = '\0';
    if (!store->scratch && fsync(store->private_fd - 1) != 0) {
        return store_problem(store, store_translate(errno), "%s/private: %s", store->dir,
                             store_error(errno));
    }
    return STATUS_OK;
}

enum status store_read_private(const struct store *store, uint64_t seq, void *room,
                               struct bytes *ret_part)
{
    if (store->private_fd == 0) {
        return STATUS_NOT_FOUND;
    }
    int fd = openat(store->private_fd - 1, name_part(seq).text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED;
    }
    const size_t limit = PRIVATE_BYTES_MAX + HASH_BYTES;
    size_t size = 0;
    ssize_t got = 1;
    while (got != 0 && size < limit) {
        got = read(fd, (uint8_t *)room + size, limit - size);
        if (got < 0) {
            break;
        }
        size += (size_t)got;
    }
    char more;
    bool longer = size == limit && read(fd, &more, 1) == 1;
    close(fd);
    if (got < 0 || longer) {
        return got < 0 ? STATUS_FAILED : STATUS_CORRUPT;
    }
    *ret_part = (struct bytes){room, size};
    return STATUS_OK;
}

// Over its whole length, so that the blocks it has lose it too, as far as a file system writes in
// place.
static int overwrite(int fd)
{
    static const uint8_t zeros[4096];
    struct stat file;
    int error = FAIL_POINT(private_erase);
    if (error == 0 && fstat(fd, &file) != 0) {
        error = errno;
    }
    for (off_t at = 0; error == 0 && at < file.st_size;) {
        size_t left = (size_t)(file.st_size - at);
        ssize_t wrote = pwrite(fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros), at);
        error = wrote < 0 ? errno : 0;
        at += wrote;
    }
    return error != 0 || fsync(fd) == 0 ? error : errno;
}

static int erase_part(const struct store *store, uint64_t seq)
{
    const char *name = name_part(seq).text;
    int fd = openat(store->private_fd - 1, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    int error = overwrite(fd);
    close(fd);
    if (error == 0 && unlinkat(store->private_fd - 1, name, 0) != 0) {
        error = errno;
    }
    return error;
}

enum status store_erase_private(struct store *store, const uint64_t *seqs, uint32_t count)
{
    int error = 0;
    uint32_t at = 0;
    store->problem[0] = '\0';
    while (error == 0 && at < count) {
        error = erase_part(store, seqs[at]);
        at += error == 0;
    }
    if (error == 0 && count > 0 && fsync(store->private_fd - 1) != 0) {
        error = errno;
    }
    return error == 0 ? STATUS_OK
                      : store_problem(store, STATUS_FAILED,
                                      "%s/private/%" PRIu64 " could not be erased: %s", store->dir,
                                      seqs[at < count ? at : count - 1], store_error(error));
}

void store_drop_private(struct store *store, uint64_t seq)
{
    (void)unlinkat(store->private_fd - 1, name_part(seq).text, 0); // if not now, at the next start
}

// The number that a name in private/ is; 0 if it is none.
static uint64_t part_seq(const char *text)
{
    uint64_t seq = strtoull(text, NULL, 10);
    return strcmp(name_part(seq).text, text) == 0 ? seq : 0;
}

// Reads the directory through: looking for each number that a turn could have reached would be
// slower in a large directory and no faster in a small one.
static int remove_orphans(const struct store *store, uint64_t head_seq)
{
    int fd = openat(store->private_fd - 1, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *parts = fd < 0 ? NULL : fdopendir(fd);
    if (parts == NULL) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    int error = 0;
    const struct dirent *entry;
    while (error == 0 && (errno = 0, entry = readdir(parts)) != NULL) {
        if (part_seq(entry->d_name) > head_seq && unlinkat(fd, entry->d_name, 0) != 0) {
            error = errno;
        }
    }
    error = error != 0 ? error : errno;
    if (error == 0 && fsync(fd) != 0) {
        error = errno;
    }
    closedir(parts);
    return error;
}

enum status store_open_private(struct store *store, uint64_t head_seq)
{
    int error = 0;
    if (!store->read_only && mkdirat(store->dir_fd - 1, "private", 0700) == 0) {
        error = fsync(store->dir_fd - 1) == 0 ? 0 : errno;
    }
    int fd = openat(store->dir_fd - 1, "private", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && store->read_only) {
        return STATUS_OK; // a copy without them
    }
    if (fd < 0 && error == 0) {
        error = errno;
    }
    store->private_fd = fd + 1;
    if (error == 0 && !store->read_only) {
        error = remove_orphans(store, head_seq);
    }
    return error == 0 ? STATUS_OK
                      : store_problem(store, STATUS_FAILED, "%s/private: %s", store->dir,
                                      store_error(error));
}

// Figures ---------------------------------------------------------------------------------------

// LMDB lists its readers only as lines of text: those of readers begin with the process's number.
static int count_reader(const char *line, void *context)
{
    uint64_t *readers = context;
    *readers += isdigit((unsigned char)line[strspn(line, " ")]) != 0;
    return 0;
}

void store_figures(const struct store *store, struct store_figures *ret_figures)
{
    struct store_figures figures = {.bytes_used = bytes_used(store)};
    struct stat file;
    struct statvfs disk;
    if (fstat(store->data_fd - 1, &file) == 0) {
        figures.bytes_file = (uint64_t)file.st_size;
    }
    if (fstatvfs(store->data_fd - 1, &disk) == 0) {
        figures.bytes_free_disk = (uint64_t)disk.f_bavail * disk.f_frsize;
    }
    (void)mdb_reader_list(store->env, count_reader, &figures.readers); // 0 is what a failure leaves
    *ret_figures = figures;
}

void store_check_readers(struct store *store)
{
    int dead;
    (void)mdb_reader_check(store->env, &dead); // what it missed it finds the next time
}
