#include "daemon/offline.h"

#include "proto/export.h"
#include "proto/progress.h"

#include <stdlib.h>

struct dump {
    struct txn txn;
    char prefix[256]; // of the types: an option's value
    struct export_sources sources;
};

static void read_prefix(struct dump *dump)
{
    struct bytes kept = store_get(&dump->txn, TABLE_META, bytes_of("prefix"));
    kept = kept.size > 0 ? kept : bytes_of(CLOUDEVENT_TYPE_PREFIX);
    (void)snprintf(dump->prefix, sizeof(dump->prefix), "%.*s", BYTES_PRINT(kept)); // fits
}

static json_t *json_of_event(struct dump *dump, const struct event *event, const struct hash *leaf)
{
    const struct cloudevent_names names = {
        .type_prefix = dump->prefix,
        .source_id = export_source_of(&dump->sources, event),
    };
    return names.source_id == NULL ? NULL : cloudevent_from_event(event, leaf, &names);
}

static void print_problem(uint64_t seq, const struct hash *stored)
{
    char hex[2 * HASH_BYTES + 1];
    hash_hex(stored, hex);
    (void)printf("{\"seq\":%llu,\"hash\":\"%s\",\"problem\":\"does not match its hash\"}\n",
                 (unsigned long long)seq, hex); // looked at when the stream is flushed
}

static bool dump_event(struct dump *dump, uint64_t seq, const struct hash *stored,
                       struct bytes bytes)
{
    struct event event;
    struct hash leaf = tree_leaf(bytes);
    bool sound = hash_equal(&leaf, stored) && event_decode(bytes, &event) && event.seq == seq;
    if (!sound) {
        print_problem(seq, stored);
        return false;
    }
    json_t *json = json_of_event(dump, &event, stored);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    if (text != NULL) {
        export_write_event(stdout, seq, event.id, stored, text);
    } else {
        (void)fprintf(stderr, "waternetd: event %llu cannot be written\n",
                      (unsigned long long)seq); // nobody left to tell
    }
    json_decref(json);
    free(text);
    return text != NULL;
}

// Only behind a log that is whole, so that nothing else can be taken for one.
static void dump_end(const struct store *store, const struct tree *tree)
{
    struct export_end end = {.head = tree->size, .root = tree_root(tree)};
    store_log_hex(store->log_id, end.log);
    export_write_end(stdout, &end);
}

static bool dump_log(struct store *store)
{
    static struct dump dump; // too large for a stack that others may bound
    dump.txn = store_begin_read(store);
    read_prefix(&dump);
    struct log_head stored = {0};
    store_get_head(&dump.txn, &stored);
    struct progress progress = progress_begin("dump", stored.seq);
    struct tree tree = {0};
    struct walk walk = store_walk_log(&dump.txn, 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    bool sound = true;
    while (!ferror(stdout) && walk_next_log(&walk, &seq, &leaf, &bytes)) {
        tree_append(&tree, &leaf);
        sound &= seq == tree.size;
        sound &= dump_event(&dump, seq, &leaf, bytes);
        progress_at(&progress, seq);
    }
    walk_close(&walk);
    progress_end(&progress);
    struct hash root = tree_root(&tree), stored_root = tree_root(&stored.tree);
    sound &= dump.txn.status == STATUS_OK && hash_equal(&root, &stored_root);
    if (sound) {
        dump_end(store, &tree);
    }
    store_abort(&dump.txn);
    return sound;
}

static int dump_in(const struct offline_arguments *arguments)
{
    struct store store = {0};
    int failed = offline_open(&store, arguments->words[0]);
    if (failed != 0) {
        return failed;
    }
    bool sound = dump_log(&store);
    store_close(&store);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        perror("waternetd: dump");
        return status_exit(STATUS_FAILED);
    }
    return sound ? 0 : status_exit(STATUS_CORRUPT);
}

int offline_dump(const struct offline_arguments *arguments)
{
    return offline_in_child(dump_in, arguments);
}
