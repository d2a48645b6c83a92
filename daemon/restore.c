#include "daemon/offline.h"

#include "daemon/replay.h"
#include "daemon/support/fail.h"

#include "proto/export.h"
#include "proto/progress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// One transaction's worth.
#define BATCH_EVENTS 10000
#define BATCH_BYTES (32u * 1024 * 1024)

// The file that says that a directory is a restore's own and not yet whole; locked while one works.
#define MARK "restoring"

struct restore {
    const char *from, *to;
    bool keep_log_id;
    char work[1024]; // TO.new
    int mark_fd;     // plus one; 0 if closed
    FILE *file;
    uint64_t line;
    bool ended; // the last line has come

    struct store store;
    struct txn txn;
    struct log_head head;
    uint64_t batch_bytes;
    struct replay replay;
    struct export_reader reader;
    struct progress progress;
    struct export_sources sources;
    int code; // 0 as long as all is well
    char text[EXPORT_LINE_MAX + 2];
};

// Faults ----------------------------------------------------------------------------------------

// The first one is told, and ends the work.
__attribute__((format(printf, 3, 4))) static void fail(struct restore *restore, int code,
                                                       const char *format, ...)
{
    va_list arguments;
    if (restore->code != 0) {
        return;
    }
    restore->code = code;
    progress_end(&restore->progress);
    (void)fputs("waternetd: ", stderr); // nobody left to tell
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments); // as above
    va_end(arguments);
    (void)fputs("\n", stderr); // as above
}

static void fail_line(struct restore *restore, uint64_t line, const char *what)
{
    fail(restore, status_exit(STATUS_CORRUPT), "%s: line %llu: %s; nothing is restored",
         restore->from, (unsigned long long)line, what);
}

static void fail_system(struct restore *restore, const char *what)
{
    fail(restore, status_exit(STATUS_FAILED), "%s: %s; nothing is restored", what, strerror(errno));
}

static void fail_store(struct restore *restore, enum status status)
{
    fail(restore, status_exit(status), "%s; nothing is restored", restore->store.problem);
}

static void find_in_line(void *context, const struct event *event, const char *what)
{
    struct restore *restore = context;
    (void)event; // its number is the line's
    fail_line(restore, restore->line, what);
}

// Lines -----------------------------------------------------------------------------------------

static void renew_transaction(struct restore *restore)
{
    store_put_tree(&restore->txn, &restore->head.tree);
    enum status status = store_commit(&restore->txn);
    if (status != STATUS_OK) {
        fail_store(restore, status);
    } else {
        restore->txn = store_begin(&restore->store);
        restore->batch_bytes = 0;
    }
}

// It is no part of the event, so no hash covers it.
static void check_source(struct restore *restore)
{
    const char *source = export_source_of(&restore->sources, &restore->reader.event);
    if (source == NULL || strcmp(source, restore->reader.source_id) != 0) {
        fail_line(restore, restore->line, "the source is not the one that the region had then");
    }
}

static void take_event(struct restore *restore)
{
    const struct export_reader *reader = &restore->reader;
    if (reader->event.seq != restore->head.seq + 1) {
        char what[96];
        (void)snprintf(what, sizeof(what), "event %llu stands where event %llu should be",
                       (unsigned long long)reader->event.seq,
                       (unsigned long long)restore->head.seq + 1); // always fits
        fail_line(restore, restore->line, what);
        return;
    }
    replay_event(&restore->replay, &reader->event, reader->encoded, &restore->head);
    check_source(restore);
    if (restore->txn.status != STATUS_OK) {
        fail_store(restore, restore->txn.status);
    }
    restore->batch_bytes += reader->encoded.size;
    if (restore->code == 0 &&
        (restore->head.seq % BATCH_EVENTS == 0 || restore->batch_bytes > BATCH_BYTES)) {
        renew_transaction(restore);
    }
    progress_at(&restore->progress, restore->head.seq);
}

static void take_end(struct restore *restore)
{
    const struct export_end *end = &restore->reader.end;
    struct hash root = tree_root(&restore->head.tree);
    restore->ended = true;
    if (end->head != restore->head.seq) {
        fail_line(restore, restore->line, "the last line names another number of events");
    }
    if (!hash_equal(&root, &end->root)) {
        fail_line(restore, restore->line, "the last line names another root than the events have");
    }
}

static void take_line(struct restore *restore, struct bytes text)
{
    restore->line++;
    if (restore->ended) {
        fail_line(restore, restore->line, "it stands behind the last line");
    } else if (!export_read(&restore->reader, text)) {
        fail_line(restore, restore->line, restore->reader.problem);
    } else if (restore->reader.is_end) {
        take_end(restore);
    } else {
        take_event(restore);
    }
}

static void read_lines(struct restore *restore)
{
    struct bytes text = {restore->text, 0};
    // Not getline(): a file without newlines must not fill the memory.
    while (restore->code == 0 && fgets(restore->text, sizeof(restore->text), restore->file)) {
        text.size = strlen(restore->text);
        if (text.size == 0 || restore->text[text.size - 1] != '\n') {
            fail_line(restore, restore->line + 1, "it is cut, or too long for an event");
            return;
        }
        text.size--;
        take_line(restore, text);
    }
    if (ferror(restore->file)) {
        fail_system(restore, restore->from);
    }
    if (!restore->ended) {
        fail_line(restore, restore->line + 1, "the export ends here, without its last line");
    }
}

// The directory ---------------------------------------------------------------------------------

static bool is_empty(const char *path)
{
    DIR *entries = opendir(path);
    const struct dirent *entry;
    bool empty = entries != NULL;
    while (empty && (entry = readdir(entries)) != NULL) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    if (entries != NULL) {
        (void)closedir(entries); // it was only read
    }
    return empty;
}

static bool name_work(struct restore *restore)
{
    size_t size = strlen(restore->to);
    while (size > 1 && restore->to[size - 1] == '/') {
        size--;
    }
    bool fits = size > 0 && size + sizeof(".new") + sizeof(MARK) < sizeof(restore->work);
    if (fits) {
        (void)snprintf(restore->work, sizeof(restore->work), "%.*s.new", (int)size, restore->to);
    }
    return fits;
}

static bool open_mark(struct restore *restore, int flags)
{
    char path[sizeof(restore->work) + sizeof(MARK) + 1];
    (void)snprintf(path, sizeof(path), "%s/" MARK, restore->work); // fits
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    restore->mark_fd = fd + 1;
    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void close_mark(struct restore *restore)
{
    if (restore->mark_fd != 0) {
        (void)close(restore->mark_fd - 1); // nothing was written
        restore->mark_fd = 0;
    }
}

// What a restore left that was killed: nothing yet, or all that stands beside its mark, which goes
// last. Nobody else's directory is touched.
static bool remove_left_over(struct restore *restore)
{
    bool ours =
        rmdir(restore->work) == 0 || (open_mark(restore, 0) && offline_remove(restore->work, MARK));
    close_mark(restore);
    return ours;
}

static void make_work(struct restore *restore)
{
    if (mkdir(restore->work, 0700) != 0) {
        if (errno != EEXIST) {
            fail_system(restore, restore->work);
            return;
        }
        if (!remove_left_over(restore) || mkdir(restore->work, 0700) != 0) {
            fail(restore, 2,
                 "%s is in the way: another restore works in it, or it is not one's; "
                 "nothing is restored",
                 restore->work);
            return;
        }
    }
    if (!open_mark(restore, O_CREAT | O_EXCL)) {
        fail_system(restore, restore->work);
    }
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); // only synced
    }
    return synced;
}

// TO appears here, whole and on disk, or not at all. The mark goes after that: a restore that is
// killed before leaves what the next one knows as its own.
static void give_name(struct restore *restore)
{
    char path[sizeof(restore->work) + sizeof(MARK) + 1];
    int error = FAIL_POINT(restore_rename);
    if (error != 0 || !sync_directory(restore->work) || rename(restore->work, restore->to) != 0) {
        errno = error != 0 ? error : errno;
        fail_system(restore, restore->to);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/" MARK, restore->to); // a shorter name than before
    (void)FAIL_POINT(restore_unmark);                            // only for "kill"
    (void)unlink(path);                                          // an empty file harms nobody
    (void)snprintf(path, sizeof(path), "%s/..", restore->to);
    if (!sync_directory(path)) {
        fail(restore, status_exit(STATUS_FAILED),
             "%s: is restored, but may not outlive a power cut: %s", restore->to, strerror(errno));
    }
}

// -----------------------------------------------------------------------------------------------

// What the log does not tell: whose it is, how its types are named, and that private parts may be
// elsewhere.
static void put_meta(struct restore *restore)
{
    struct txn *txn = &restore->txn;
    struct bytes prefix = bytes_of(restore->reader.type_prefix);
    if (restore->head.seq > 0) {
        store_put_tree(txn, &restore->head.tree);
        store_put(txn, TABLE_META, bytes_of("prefix"), prefix);
        store_put_number(txn, TABLE_META, bytes_of("restored"), restore->head.seq);
    }
    if (restore->keep_log_id) {
        store_put_log_id(txn, restore->reader.end.log);
    }
}

static void fill_store(struct restore *restore)
{
    restore->txn = store_begin(&restore->store);
    restore->replay.txn = &restore->txn;
    restore->replay.context = restore;
    restore->replay.find = find_in_line;
    read_lines(restore);
    if (restore->code != 0) {
        store_abort(&restore->txn);
        return;
    }
    put_meta(restore);
    enum status status = store_commit(&restore->txn);
    status = status == STATUS_OK ? store_write_head(&restore->store, &restore->head) : status;
    if (status != STATUS_OK) {
        fail_store(restore, status);
    }
}

static void make_store(struct restore *restore)
{
    const struct store_options options = {.dir = restore->work};
    enum status status = store_open(&restore->store, &options);
    if (status != STATUS_OK) {
        fail_store(restore, status);
        return;
    }
    restore->progress = progress_begin("restore", 0);
    fill_store(restore);
    progress_end(&restore->progress);
    export_finish(&restore->reader);
    store_close(&restore->store);
}

static void open_export(struct restore *restore)
{
    struct stat status;
    bool is_stdin = strcmp(restore->from, "-") == 0;
    restore->file = is_stdin ? stdin : fopen(restore->from, "re");
    restore->from = is_stdin ? "stdin" : restore->from;
    if (restore->file == NULL) {
        fail(restore, status_exit(STATUS_NOT_FOUND), "%s: %s", restore->from, strerror(errno));
    } else if (fstat(fileno(restore->file), &status) == 0 && S_ISDIR(status.st_mode)) {
        fail(restore, 2, "%s: is a directory, and no export", restore->from);
    }
}

int offline_restore(const struct offline_arguments *arguments)
{
    static struct restore restore; // too large for a stack that others may bound
    restore.from = arguments->words[0];
    restore.to = arguments->words[1];
    restore.keep_log_id = arguments->flagged;
    bool there = access(restore.to, F_OK) == 0 || errno != ENOENT;
    if (!name_work(&restore) || (there && !is_empty(restore.to))) {
        fail(&restore, 2, "%s: is no empty directory, and nothing is restored into anything else",
             restore.to);
        return restore.code;
    }
    open_export(&restore);
    if (restore.code == 0) {
        make_work(&restore);
    }
    if (restore.code == 0) {
        make_store(&restore);
    }
    if (restore.code == 0) {
        give_name(&restore);
    }
    if (restore.code != 0 && restore.mark_fd != 0) {
        (void)offline_remove(restore.work, MARK); // what stays goes at the next restore
    }
    close_mark(&restore);
    if (restore.code == 0) {
        struct hash root = tree_root(&restore.head.tree);
        char hex[2 * HASH_BYTES + 1];
        hash_hex(&root, hex);
        (void)printf("restored: events=%llu root=%s\n", (unsigned long long)restore.head.seq,
                     hex); // it is done, whoever hears it
    }
    return restore.code;
}
