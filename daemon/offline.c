#include "daemon/offline.h"

#include "daemon/commit.h"
#include "daemon/rebuild.h"
#include "daemon/view.h"

#include "proto/cloudevent.h"

#include <assert.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_readable(struct store *store, const char *dir)
{
    const struct store_options options = {.dir = dir, .read_only = true};
    enum status status = store_open(store, &options);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "waternetd: %s: %s\n", dir, store->problem); // nobody left to tell
        return status_exit(status);
    }
    if (store->problem[0] != '\0') {
        (void)fprintf(stderr, "waternetd: %s: %s\n", dir, store->problem); // a warning
    }
    return 0;
}

// Dump ------------------------------------------------------------------------------------------

// The OIN is the region's, as it stands now; its size. In a transaction of its own, since what
// cannot be read here must not end the dump.
static size_t copy_oin(struct store *store, struct bytes region_id, char oin[32])
{
    struct past past = {0};
    struct txn txn = store_begin_read(store);
    const struct view view = {&txn, UINT64_MAX, &past, 0};
    struct entity region = view_entity(&view, region_id, KIND_REGION, region_id);
    struct bytes text = entity_text(&region, "source_id");
    (void)snprintf(oin, 32, "%.*s", (int)text.size,
                   text.size > 0 ? (const char *)text.data : ""); // 20 digits by its row
    past_finish(&past);
    store_abort(&txn);
    return text.size;
}

static json_t *json_of_event(struct txn *txn, const struct event *event, const struct hash *leaf)
{
    char oin[32];
    size_t oin_size = copy_oin(txn->store, event->region, oin);
    char prefix[256];
    struct bytes kept = store_get(txn, TABLE_META, bytes_of("prefix"));
    (void)snprintf(prefix, sizeof(prefix), "%.*s", (int)kept.size,
                   kept.size > 0 ? (const char *)kept.data : ""); // an option's value
    const struct cloudevent_names names = {
        .type_prefix = kept.size > 0 ? prefix : CLOUDEVENT_TYPE_PREFIX,
        .source_id = oin_size > 0 ? oin : NULL,
    };
    return cloudevent_from_event(event, leaf, &names);
}

static bool dump_event(struct txn *txn, uint64_t seq, const struct hash *stored, struct bytes bytes)
{
    struct event event;
    struct hash leaf = tree_leaf(bytes);
    char hex[2 * HASH_BYTES + 1];
    bool sound = hash_equal(&leaf, stored) && event_decode(bytes, &event) && event.seq == seq;
    hash_hex(stored, hex);
    json_t *json = sound ? json_of_event(txn, &event, stored) : NULL;
    json_t *line = json != NULL
                       ? json_pack("{s:I, s:s%, s:s, s:o}", "seq", (json_int_t)seq, "id",
                                   event.id.data, event.id.size, "hash", hex, "event", json)
                       : json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)seq, "hash", hex,
                                   "problem", "does not match its hash");
    if (line == NULL || json_dumpf(line, stdout, JSON_COMPACT) != 0) {
        (void)fprintf(stderr, "waternetd: event %llu cannot be written\n",
                      (unsigned long long)seq); // nobody left to tell
        sound = false;
    }
    (void)putchar('\n'); // looked at when the stream is flushed
    json_decref(line);
    return sound;
}

static int dump_in(const char *dir, const char *scratch)
{
    (void)scratch; // a dump needs none
    struct store store = {0};
    int failed = open_readable(&store, dir);
    if (failed != 0) {
        return failed;
    }
    struct txn txn = store_begin_read(&store);
    struct walk walk = store_walk_log(&txn, 1);
    uint64_t seq, next = 1;
    struct hash leaf;
    struct bytes bytes;
    bool sound = true;
    while (!ferror(stdout) && walk_next_log(&walk, &seq, &leaf, &bytes)) {
        sound &= seq == next;
        sound &= dump_event(&txn, seq, &leaf, bytes);
        next = seq + 1;
    }
    sound &= txn.status == STATUS_OK;
    store_abort(&txn);
    store_close(&store);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        perror("waternetd: dump");
        return status_exit(STATUS_FAILED);
    }
    return sound ? 0 : status_exit(STATUS_CORRUPT);
}

// Verify ----------------------------------------------------------------------------------------

struct verification {
    struct store *store;
    struct txn *txn;       // of the store that is verified
    struct store *rebuilt; // the tables that the log gives
    struct txn *rebuild;
    struct log_head head;
    uint64_t named_seq; // what HEAD names; 0 if nothing
    char named_root[2 * HASH_BYTES + 1];
    uint64_t findings;
    uint8_t entity_room[ENTITY_BYTES_MAX];
};

__attribute__((format(printf, 2, 3))) static void find(struct verification *verification,
                                                       const char *format, ...)
{
    va_list arguments;
    if (verification->findings++ < 20) { // the first ones tell; the rest are counted
        va_start(arguments, format);
        (void)vprintf(format, arguments); // looked at when the stream is flushed
        va_end(arguments);
    }
}

static void verify_private(struct verification *verification, const struct event *event)
{
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES];
    struct bytes part = {0};
    if (event->private_hash.size == 0) {
        return;
    }
    char path[PATH_MAX_BYTES];
    struct past past = {0};
    const struct view present = {verification->txn, UINT64_MAX, &past, 0};
    struct entity subject = view_path(&present, event_path(event, path));
    bool erased = entity_has_erased(&subject, event->seq);
    past_finish(&past);
    enum status status = store_read_private(verification->store, event->seq, room, &part);
    if ((status == STATUS_NOT_FOUND) != erased) {
        // A copy of the store alone has none of them.
        if (erased || verification->store->private_fd != 0) {
            find(verification, "event %llu: its private part %s\n", (unsigned long long)event->seq,
                 erased ? "was erased, and is there" : "is missing, and was not erased");
        }
        return;
    }
    if (erased) {
        return;
    }
    struct hash hash = hash_of(part);
    if (status != STATUS_OK ||
        !bytes_equal((struct bytes){hash.bytes, HASH_BYTES}, event->private_hash)) {
        find(verification, "event %llu: its private part does not match its hash\n",
             (unsigned long long)event->seq);
    }
}

// One event of the log: its hash, its form, its place, and what it leads to.
static void verify_event(struct verification *verification, uint64_t seq, const struct hash *stored,
                         struct bytes bytes)
{
    struct event event;
    uint8_t room[EVENT_BYTES_MAX];
    struct hash leaf = tree_leaf(bytes);
    uint64_t next = verification->head.seq + 1;
    if (!hash_equal(&leaf, stored)) {
        find(verification, "event %llu: does not match its hash\n", (unsigned long long)seq);
    }
    if (seq != next) {
        find(verification, "event %llu: stands where event %llu should be\n",
             (unsigned long long)seq, (unsigned long long)next);
    }
    // The rebuilt store gets no log of its own: this one is walked on, whatever stands in it.
    verification->head.seq = seq;
    tree_append(&verification->head.tree, &leaf);
    if (!event_decode(bytes, &event) || event.seq != seq ||
        !bytes_equal(event_encode(&event, room), bytes)) {
        find(verification, "event %llu: is no event in canonical form\n", (unsigned long long)seq);
        return;
    }
    if (event.time < verification->head.time) {
        find(verification, "event %llu: is older than the one before it\n",
             (unsigned long long)seq);
    }
    verification->head.time = event.time;
    struct past past = {.log = verification->txn}; // of which the rebuilt store has none
    const struct view view = {verification->rebuild, seq - 1, &past, 0};
    struct entity before = view_entity(&view, event.region, event.kind, event.entity);
    struct heads heads = view_heads(&view, event.region);
    if (event.prev[0] != heads.seqs[KIND_NONE] || event.prev[1] != heads.seqs[event.kind] ||
        event.prev[2] != before.version) {
        find(verification, "event %llu: its prev is not the event before it\n",
             (unsigned long long)seq);
    }
    if (view_find(&view, event.id) != 0) {
        find(verification, "event %llu: its id stands in the log before\n",
             (unsigned long long)seq);
    }
    verify_private(verification, &event);
    // Where the event that opened it was lost, there is no record that the rest could change.
    bool opened = before.opened != 0 || event.type->effect == EFFECT_OPEN ||
                  (event.type->flags & EVENT_OPENS) != 0;
    if (!opened ||
        !commit_tables(verification->rebuild, &heads, &before, &event, verification->entity_room)) {
        find(verification, "event %llu: cannot be applied\n", (unsigned long long)seq);
    }
    past_finish(&past);
}

// A key as it can be shown on a terminal: of a damaged page it may be any bytes.
static void show_key(struct bytes key, char room[4 * PATH_MAX_BYTES + 1])
{
    const uint8_t *at = key.data;
    size_t size = 0;
    for (size_t i = 0; i < key.size && i < PATH_MAX_BYTES; i++) {
        bool plain = at[i] >= 0x20 && at[i] < 0x7f && at[i] != '\\';
        size += (size_t)snprintf(room + size, 5, plain ? "%c" : "\\x%02x", at[i]);
    }
    room[size] = '\0';
}

static void compare_tables(struct verification *verification, enum table table, const char *name)
{
    struct walk stored = store_walk(verification->txn, table, (struct bytes){"", 0});
    struct walk rebuilt = store_walk(verification->rebuild, table, (struct bytes){"", 0});
    struct bytes key_a, value_a, key_b, value_b;
    bool more_a = walk_next(&stored, &key_a, &value_a);
    bool more_b = walk_next(&rebuilt, &key_b, &value_b);
    while (more_a || more_b) {
        int order = !more_a ? 1 : !more_b ? -1 : bytes_compare(key_a, key_b);
        struct bytes key = order <= 0 ? key_a : key_b;
        if (order != 0 || !bytes_equal(value_a, value_b)) {
            char shown[4 * PATH_MAX_BYTES + 1];
            show_key(key, shown);
            find(verification, "%s: \"%s\" %s\n", name, shown,
                 order < 0   ? "does not come from the log"
                 : order > 0 ? "is missing"
                             : "is not what the log gives");
        }
        more_a = order <= 0 ? walk_next(&stored, &key_a, &value_a) : more_a;
        more_b = order >= 0 ? walk_next(&rebuilt, &key_b, &value_b) : more_b;
    }
    walk_close(&stored);
    walk_close(&rebuilt);
}

// HEAD stands beside the store, so it knows what the log was when it was written.
static void compare_named(struct verification *verification)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash root = tree_root(&verification->head.tree);
    hash_hex(&root, hex);
    if (strcmp(hex, verification->named_root) != 0) {
        find(verification, "HEAD: the log up to event %llu has another root\n",
             (unsigned long long)verification->named_seq);
    }
}

// A transaction of bounded size, however long the log is.
static void renew_rebuild(struct verification *verification)
{
    if (verification->head.seq % 10000 == 0 && store_commit(verification->rebuild) == STATUS_OK) {
        *verification->rebuild = store_begin(verification->rebuilt);
    }
}

static void verify_log(struct verification *verification)
{
    struct walk walk = store_walk_log(verification->txn, 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    while (verification->rebuild->status == STATUS_OK &&
           walk_next_log(&walk, &seq, &leaf, &bytes)) {
        verify_event(verification, seq, &leaf, bytes);
        if (seq == verification->named_seq) {
            compare_named(verification);
        }
        renew_rebuild(verification);
    }
    walk_close(&walk);
}

static void verify_all(struct verification *verification, struct hash *ret_root)
{
    (void)store_named_head(verification->store, &verification->named_seq,
                           verification->named_root); // none: nothing to compare with
    verify_log(verification);
    *ret_root = tree_root(&verification->head.tree);

    struct log_head stored = {0};
    store_get_head(verification->txn, &stored);
    struct hash root = tree_root(&stored.tree);
    if (stored.seq != verification->head.seq || !hash_equal(&root, ret_root)) {
        find(verification, "root: the stored tree is not the one of the log\n");
    }
    if (rebuild_is_due(verification->store)) {
        (void)printf("tables: of another version; the daemon makes them again when it starts\n");
    } else {
        compare_tables(verification, TABLE_IDS, "ids");
        compare_tables(verification, TABLE_ENTITIES, "entities");
        compare_tables(verification, TABLE_HEADS, "heads");
        compare_tables(verification, TABLE_KEYS, "keys");
    }
    if (verification->txn->status != STATUS_OK || verification->rebuild->status != STATUS_OK) {
        find(verification, "store: %s %s\n", verification->store->problem,
             verification->rebuilt->problem);
    }
}

// The tables are rebuilt in a scratch directory, which goes away again.
static bool make_scratch(char dir[256])
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(dir, 256, "%.200s/waternetd-verify-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(dir) != NULL;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk; // everything goes
    return remove(path);
}

static int verify_in(const char *dir, const char *scratch)
{
    static struct verification verification; // too large for a stack that others may bound
    struct store store = {0}, rebuilt = {0};
    int failed = open_readable(&store, dir);
    if (failed != 0) {
        return failed;
    }
    const struct store_options options = {.dir = scratch, .scratch = true};
    if (store_open(&rebuilt, &options) != STATUS_OK) {
        (void)fprintf(stderr, "waternetd: verify needs a scratch directory below $TMPDIR: %s\n",
                      strerror(errno)); // nobody left to tell
        store_close(&store);
        return status_exit(STATUS_FAILED);
    }
    struct txn txn = store_begin_read(&store), rebuild = store_begin(&rebuilt);
    verification = (struct verification){
        .store = &store, .txn = &txn, .rebuilt = &rebuilt, .rebuild = &rebuild};
    struct hash root;
    char hex[2 * HASH_BYTES + 1];
    verify_all(&verification, &root);
    store_abort(&rebuild);
    store_abort(&txn);
    store_close(&rebuilt);
    store_close(&store);

    hash_hex(&root, hex);
    (void)printf("%s: events=%llu root=%s findings=%llu\n",
                 verification.findings == 0 ? "verified" : "does NOT verify",
                 (unsigned long long)verification.head.seq, hex,
                 (unsigned long long)verification.findings); // looked at below
    bool said = fflush(stdout) == 0;
    return verification.findings != 0 ? status_exit(STATUS_CORRUPT)
           : said                     ? 0
                                      : status_exit(STATUS_FAILED);
}

// LMDB trusts the pages of a file; damaged ones can end the process that reads them. So a child
// reads, and a child that was ended is an answer too.
static int in_child(int (*work)(const char *dir, const char *scratch), const char *dir,
                    const char *scratch)
{
    (void)fflush(NULL); // what is buffered would be said twice
    pid_t child = fork();
    if (child == 0) {
        exit(work(dir, scratch));
    }
    int ended = 0;
    while (child > 0 && waitpid(child, &ended, 0) < 0 && errno == EINTR) {
    }
    if (child > 0 && WIFEXITED(ended)) {
        return WEXITSTATUS(ended);
    }
    (void)printf(
        "does NOT verify: reading it ended with signal %d: a page of the store is damaged\n",
        child > 0 ? WTERMSIG(ended) : 0); // nothing more can be said
    return fflush(stdout) == 0 && child > 0 ? status_exit(STATUS_CORRUPT)
                                            : status_exit(STATUS_FAILED);
}

int offline_verify(const char *dir)
{
    char scratch[256];
    if (!make_scratch(scratch)) {
        (void)fprintf(stderr, "waternetd: verify needs a scratch directory below $TMPDIR: %s\n",
                      strerror(errno)); // nobody left to tell
        return status_exit(STATUS_FAILED);
    }
    int code = in_child(verify_in, dir, scratch);
    (void)nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS); // what stays is in a scratch place
    return code;
}

int offline_dump(const char *dir)
{
    return in_child(dump_in, dir, "");
}
