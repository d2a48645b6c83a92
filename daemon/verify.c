#include "daemon/offline.h"

#include "daemon/check.h"
#include "daemon/rebuild.h"
#include "daemon/replay.h"

#include "proto/progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct verification {
    struct store *store;
    struct txn *txn;       // of the store that is verified
    struct store *rebuilt; // the tables that the log gives
    struct txn *rebuild;
    struct log_head head;
    uint64_t named_seq; // what HEAD names; 0 if nothing
    char named_root[2 * HASH_BYTES + 1];
    uint64_t restored; // up to here private parts may be elsewhere
    uint64_t findings, refused;
    bool guards; // what today's rules say is told too
    struct replay replay;
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
    struct made_records made = {0};
    const struct view present = {verification->txn, UINT64_MAX, &made, 0};
    struct entity subject = view_path(&present, event_path(event, path));
    bool erased = entity_has_erased(&subject, event->seq);
    made_records_finish(&made);
    enum status status = store_read_private(verification->store, event->seq, room, &part);
    if ((status == STATUS_NOT_FOUND) != erased) {
        // A copy of the store alone has none of them, nor has what an export gave.
        bool elsewhere =
            verification->store->private_fd == 0 || event->seq <= verification->restored;
        if (erased || !elsewhere) {
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

// What today's rules would refuse of it, judged as a post is: by the same code, in the state of its
// place.
static void list_refused(struct verification *verification, const struct view *view,
                         const struct event *event, const struct entity *before)
{
    static struct faults faults, warnings;
    faults_clear(&faults);
    faults_clear(&warnings);
    struct check check = {
        .view = *view,
        .event = event,
        .subject = *before,
        .role = role_find(event->actor.role),
        .faults = &faults,
        .warnings = &warnings,
    };
    check_guards(&check);
    for (unsigned i = 0; i < faults.count; i++) {
        const struct fault *fault = &faults.rows[i];
        char guard[16];
        (void)snprintf(guard, sizeof(guard), "G%u", fault->guard); // always fits
        (void)printf("%llu\t%s\t%.*s/%.*s\t%s\t%.*s%s%.*s\n", (unsigned long long)event->seq,
                     event->type->name, BYTES_PRINT(event->region), BYTES_PRINT(event->subject),
                     fault->guard == 0 ? status_name(fault->status) : guard,
                     BYTES_PRINT(fault->field), fault->field.size > 0 ? ": " : "",
                     BYTES_PRINT(fault->found)); // looked at when the stream is flushed
    }
    verification->refused += faults.count > 0;
}

static void find_in_event(void *context, const struct event *event, const char *what)
{
    find(context, "event %llu: %s\n", (unsigned long long)event->seq, what);
}

static void look_at_event(void *context, const struct view *view, const struct event *event,
                          const struct entity *before)
{
    struct verification *verification = context;
    verify_private(verification, event);
    if (verification->guards) {
        list_refused(verification, view, event, before);
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
    replay_event(&verification->replay, &event, bytes, NULL);
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
    struct log_head stored = {0};
    store_get_head(verification->txn, &stored);
    struct progress progress = progress_begin("verify", stored.seq);
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
        progress_at(&progress, seq);
    }
    walk_close(&walk);
    progress_end(&progress);
}

static void verify_all(struct verification *verification, struct hash *ret_root)
{
    (void)store_named_head(verification->store, &verification->named_seq,
                           verification->named_root); // none: nothing to compare with
    verification->restored = store_get_number(verification->txn, TABLE_META, bytes_of("restored"));
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

static int verify_in(const struct offline_arguments *arguments)
{
    static struct verification verification; // too large for a stack that others may bound
    struct store store = {0}, rebuilt = {0};
    int failed = offline_open(&store, arguments->words[0]);
    if (failed != 0) {
        return failed;
    }
    const struct store_options options = {.dir = arguments->scratch, .scratch = true};
    if (store_open(&rebuilt, &options) != STATUS_OK) {
        (void)fprintf(stderr, "waternetd: verify needs a scratch directory below $TMPDIR: %s\n",
                      strerror(errno)); // nobody left to tell
        store_close(&store);
        return status_exit(STATUS_FAILED);
    }
    struct txn txn = store_begin_read(&store), rebuild = store_begin(&rebuilt);
    verification = (struct verification){
        .store = &store,
        .txn = &txn,
        .rebuilt = &rebuilt,
        .rebuild = &rebuild,
        .guards = arguments->flagged,
        .replay = {.txn = &rebuild,
                   .log = &txn, // of which the rebuilt store has none
                   .context = &verification,
                   .find = find_in_event,
                   .look = look_at_event},
    };
    struct hash root;
    char hex[2 * HASH_BYTES + 1];
    verify_all(&verification, &root);
    store_abort(&rebuild);
    store_abort(&txn);
    store_close(&rebuilt);
    store_close(&store);

    if (verification.guards) {
        (void)printf("guards: %llu events that today's rules would refuse at their place\n",
                     (unsigned long long)verification.refused); // looked at below
    }
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

int offline_verify(const struct offline_arguments *arguments)
{
    char scratch[256];
    if (!make_scratch(scratch)) {
        (void)fprintf(stderr, "waternetd: verify needs a scratch directory below $TMPDIR: %s\n",
                      strerror(errno)); // nobody left to tell
        return status_exit(STATUS_FAILED);
    }
    struct offline_arguments with = *arguments;
    with.scratch = scratch;
    int code = offline_in_child(verify_in, &with);
    (void)offline_remove(scratch, ""); // what stays is in a scratch place
    return code;
}
