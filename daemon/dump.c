#include "daemon/offline.h"

#include "daemon/view.h"

#include "proto/export.h"
#include "proto/progress.h"

#include <stdlib.h>

// The OIN is the region's, as it stands now; its size. In a transaction of its own, since what
// cannot be read here must not end the dump.
static size_t copy_oin(struct store *store, struct bytes region_id, char oin[32])
{
    struct made_records made = {0};
    struct txn txn = store_begin_read(store);
    const struct view view = {&txn, UINT64_MAX, &made, 0};
    struct entity region = view_entity(&view, region_id, KIND_REGION, region_id);
    struct bytes text = entity_text(&region, "source_id");
    (void)snprintf(oin, 32, "%.*s", (int)text.size,
                   text.size > 0 ? (const char *)text.data : ""); // 20 digits by its row
    made_records_finish(&made);
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

static void print_problem(uint64_t seq, const struct hash *stored)
{
    char hex[2 * HASH_BYTES + 1];
    hash_hex(stored, hex);
    (void)printf("{\"seq\":%llu,\"hash\":\"%s\",\"problem\":\"does not match its hash\"}\n",
                 (unsigned long long)seq, hex); // looked at when the stream is flushed
}

static bool dump_event(struct txn *txn, uint64_t seq, const struct hash *stored, struct bytes bytes)
{
    struct event event;
    struct hash leaf = tree_leaf(bytes);
    bool sound = hash_equal(&leaf, stored) && event_decode(bytes, &event) && event.seq == seq;
    if (!sound) {
        print_problem(seq, stored);
        return false;
    }
    json_t *json = json_of_event(txn, &event, stored);
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
    struct txn txn = store_begin_read(store);
    struct log_head stored = {0};
    store_get_head(&txn, &stored);
    struct progress progress = progress_begin("dump", stored.seq);
    struct tree tree = {0};
    struct walk walk = store_walk_log(&txn, 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    bool sound = true;
    while (!ferror(stdout) && walk_next_log(&walk, &seq, &leaf, &bytes)) {
        tree_append(&tree, &leaf);
        sound &= seq == tree.size;
        sound &= dump_event(&txn, seq, &leaf, bytes);
        progress_at(&progress, seq);
    }
    walk_close(&walk);
    progress_end(&progress);
    struct hash root = tree_root(&tree), stored_root = tree_root(&stored.tree);
    sound &= txn.status == STATUS_OK && hash_equal(&root, &stored_root);
    if (sound) {
        dump_end(store, &tree);
    }
    store_abort(&txn);
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
