#include "daemon/commit.h"
#include "daemon/offline.h"
#include "daemon/support/store_private.h"
#include "daemon/view.h"
#include "tests/unit/sample.h"
#include "tests/unit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS 4000
#define REGIONS 3
#define ENTITIES 7 // of each kind in each region, of the same names
#define KINDS 16   // more than there are rows
#define TYPES 64   // more than there are rows

// What the log should hold, kept apart from the store.
struct model {
    uint64_t seq, time;
    struct {
        uint64_t head;
        struct {
            uint64_t head;
            struct {
                uint64_t version;
                bool is_open;
                uint64_t newest[TYPES]; // event of the type that was not corrected yet
            } entities[ENTITIES];
        } kinds[KINDS];
    } regions[REGIONS];
    unsigned posted[TYPES], corrected;
};

static uint32_t draws;

static unsigned draw(unsigned below)
{
    draws = draws * 1664525u + 1013904223u;
    return (draws >> 8) % below;
}

// A walk ----------------------------------------------------------------------------------------

// Data of a type: its rows' samples, and now and then another key and other words.
static struct bytes draw_data(const struct event_type *type, uint8_t room[EVENT_BYTES_MAX])
{
    char key[16], text[512];
    struct wire_writer writer = wire_write(room, EVENT_BYTES_MAX);
    struct sample sample = {.optional = draw(3) > 0, .daemon = true};
    struct fields fields = fields_of(type->group);
    uint32_t keys = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        keys += (fields.first[i].flags & FLAG_KEY) != 0;
    }
    if (keys > 0) { // these alone: not so many different ones that an entity is full
        wire_put_map(&writer, keys);
        for (unsigned i = 0; i < fields.count; i++) {
            if ((fields.first[i].flags & FLAG_KEY) != 0) {
                (void)snprintf(key, sizeof key, "k%u", draw(i == 0 ? 12 : 2));
                wire_pair_text(&writer, fields.first[i].name, bytes_of(key));
            }
        }
    } else if (type->group == GROUP_NEWS) {
        memset(text, 'a' + (int)draw(26), sizeof text);
        text[draw(sizeof text)] = '\0';
        text[sizeof text - 1] = '\0';
        wire_put_map(&writer, 2);
        wire_pair_text(&writer, "title", bytes_of("Bericht"));
        wire_pair_text(&writer, "summary", bytes_of(text));
    } else {
        sample_group(&writer, type->group, (type->flags & EVENT_FIRST) != 0, sample);
    }
    return wire_written(&writer);
}

static const struct event_type *draw_type(void)
{
    const struct event_type *type = NULL;
    do {
        type = event_type_next(type);
    } while (type == NULL || draw(17) != 0);
    return type;
}

// Whether the entity lets this type happen, as check.c has it.
static bool fits(const struct event_type *type, bool is_open, uint64_t version)
{
    bool again = (type->flags & EVENT_REOPENS) != 0;
    if (type->effect == EFFECT_OPEN) {
        return !is_open && (version == 0 || again);
    }
    return is_open || (version == 0 && (type->flags & EVENT_OPENS) != 0);
}

static void draw_envelope(struct event *event)
{
    static const char *const roles[] = {"secretary", "operator", "moderator"};
    event->actor.organisation = bytes_of(draw(2) > 0 ? "twente" : "system");
    event->actor.role = bytes_of(roles[draw(3)]);
    event->actor.via = bytes_of(draw(2) > 0 ? "operator" : "");
    event->on = bytes_of(draw(2) > 0 ? "2015-03" : "");
    event->onbasis = bytes_of(event->on.size > 0 && draw(2) > 0 ? "stated" : "");
    event->citation = bytes_of(draw(3) > 0 ? "" : "krant");
}

// The next event of the walk, staged with its tables. The model says what its prev is.
static void walk_on(struct txn *txn, struct log_head *head, struct model *model)
{
    static uint8_t data_room[EVENT_BYTES_MAX], room[EVENT_BYTES_MAX], record[ENTITY_BYTES_MAX];
    char id[32], region[16], subject[48], entity[16];
    const struct event_type *type;
    unsigned r, e;
    do {
        type = draw_type();
        r = draw(REGIONS);
        e = draw(ENTITIES);
    } while (!fits(type, model->regions[r].kinds[sample_kind(type)].entities[e].is_open,
                   model->regions[r].kinds[sample_kind(type)].entities[e].version));
    uint64_t seq = ++model->seq;
    model->time += draw(5);
    (void)snprintf(id, sizeof id, "id-%" PRIu64, (seq * 7919) % 1000003); // not in their order
    (void)snprintf(region, sizeof region, "r%u", r);
    (void)snprintf(entity, sizeof entity, "e%u", e);
    (void)snprintf(subject, sizeof subject, "%s/%s", kind_row(sample_kind(type))->name, entity);
    struct event event = {
        .type = type,
        .id = bytes_of(id),
        .region = bytes_of(region),
        .subject = bytes_of(subject),
        .kind = sample_kind(type),
        .entity = bytes_of(entity),
        .data = draw_data(type, data_room),
        .seq = seq,
        .time = model->time,
        .prev = {model->regions[r].head, model->regions[r].kinds[sample_kind(type)].head,
                 model->regions[r].kinds[sample_kind(type)].entities[e].version},
    };
    draw_envelope(&event);
    uint64_t *newest = &model->regions[r].kinds[sample_kind(type)].entities[e].newest[type->number];
    if (*newest != 0 && type->effect != EFFECT_OPEN && draw(4) == 0) {
        event.corrects = *newest;
        model->corrected++;
    }
    struct made_records made = {0};
    const struct view view = {txn, seq - 1, &made, 0};
    struct entity before = view_entity(&view, event.region, event.kind, event.entity);
    assert_true(before.version == event.prev[2]);
    assert_true(entity_exists(&before) ==
                model->regions[r].kinds[sample_kind(type)].entities[e].is_open);
    struct heads heads = view_heads(&view, event.region);
    assert_true(
        commit_event(txn, head, &heads, &before, &event, event_encode(&event, room), record));
    assert_int_equal(txn->status, STATUS_OK);
    made_records_finish(&made);
    *newest = seq;
    model->posted[type->number]++;
    model->regions[r].head = seq;
    model->regions[r].kinds[sample_kind(type)].head = seq;
    model->regions[r].kinds[sample_kind(type)].entities[e].version = seq;
    model->regions[r].kinds[sample_kind(type)].entities[e].is_open = type->effect != EFFECT_END;
}

static void open_store(struct store *store, const char *dir)
{
    const struct store_options options = {.dir = dir, .scratch = true};
    enum status status = store_open(store, &options);
    if (status != STATUS_OK) {
        fail_msg("%s", store->problem);
    }
}

// Turns of different lengths; every fifth is taken back, as if its commit had failed.
static void walk(struct store *store, struct model *model, struct log_head *head, unsigned events)
{
    static struct model before;
    *model = (struct model){.time = 1};
    *head = (struct log_head){0};
    for (unsigned turn = 0; model->seq < events; turn++) {
        struct log_head grown = *head;
        struct txn txn = store_begin(store);
        before = *model;
        for (unsigned i = draw(60) + 1; i > 0; i--) {
            walk_on(&txn, &grown, model);
        }
        if (turn % 5 == 4) {
            store_abort(&txn);
            *model = before;
            continue;
        }
        store_put_tree(&txn, &grown.tree);
        assert_int_equal(store_commit(&txn), STATUS_OK);
        *head = grown;
    }
    assert_true(head->seq == model->seq && head->tree.size == model->seq);
    assert_true(head->time == model->time);
}

// Replaying -------------------------------------------------------------------------------------

// A second store from the first one's log, and from nothing else of it.
static void replay(struct store *from, struct store *to)
{
    static uint8_t record[ENTITY_BYTES_MAX], room[EVENT_BYTES_MAX];
    struct log_head head = {0};
    struct txn read = store_begin_read(from), txn = store_begin(to);
    struct walk log = store_walk_log(&read, 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    while (walk_next_log(&log, &seq, &leaf, &bytes)) {
        struct event event;
        assert_true(event_decode(bytes, &event));
        assert_true(bytes_equal(event_encode(&event, room), bytes));
        struct made_records made = {0};
        const struct view view = {&txn, seq - 1, &made, 0};
        struct entity before = view_entity(&view, event.region, event.kind, event.entity);
        struct heads heads = view_heads(&view, event.region);
        assert_true(commit_event(&txn, &head, &heads, &before, &event, bytes, record));
        made_records_finish(&made);
    }
    store_put_tree(&txn, &head.tree);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(read.status, STATUS_OK);
    store_abort(&read);
}

static unsigned expect_same_rows(struct txn *a, struct txn *b, enum table table)
{
    struct walk rows_a = store_walk(a, table, (struct bytes){"", 0});
    struct walk rows_b = store_walk(b, table, (struct bytes){"", 0});
    struct bytes key_a, value_a, key_b, value_b;
    unsigned count = 0;
    while (walk_next(&rows_a, &key_a, &value_a)) {
        assert_true(walk_next(&rows_b, &key_b, &value_b));
        assert_true(bytes_equal(key_a, key_b) && bytes_equal(value_a, value_b));
        count++;
    }
    assert_false(walk_next(&rows_b, &key_b, &value_b));
    return count;
}

static void expect_same_log(struct txn *a, struct txn *b)
{
    struct walk log_a = store_walk_log(a, 1), log_b = store_walk_log(b, 1);
    struct hash leaf_a, leaf_b;
    struct bytes event_a, event_b;
    uint64_t seq_a, seq_b;
    while (walk_next_log(&log_a, &seq_a, &leaf_a, &event_a)) {
        assert_true(walk_next_log(&log_b, &seq_b, &leaf_b, &event_b) && seq_a == seq_b);
        assert_true(hash_equal(&leaf_a, &leaf_b) && bytes_equal(event_a, event_b));
    }
    assert_false(walk_next_log(&log_b, &seq_b, &leaf_b, &event_b));
}

// Tests -----------------------------------------------------------------------------------------

static void replaying_the_log_from_empty_gives_the_stored_state_to_the_byte(void **state)
{
    (void)state;
    static struct model model;
    for (unsigned seed = 1; seed <= 2; seed++) {
        struct store stored, rebuilt;
        struct log_head head, head_a = {0}, head_b = {0};
        uint8_t tree_a[TREE_BYTES_MAX], tree_b[TREE_BYTES_MAX];
        draws = seed;
        open_store(&stored, scratch_dir());
        open_store(&rebuilt, scratch_dir());
        walk(&stored, &model, &head, EVENTS);
        replay(&stored, &rebuilt);

        struct txn a = store_begin_read(&stored), b = store_begin_read(&rebuilt);
        expect_same_log(&a, &b);
        assert_int_equal(expect_same_rows(&a, &b, TABLE_IDS), model.seq);
        assert_true(expect_same_rows(&a, &b, TABLE_ENTITIES) > REGIONS * ENTITIES * 5);
        assert_int_equal(expect_same_rows(&a, &b, TABLE_HEADS), REGIONS);
        assert_true(expect_same_rows(&a, &b, TABLE_KEYS) > 0);
        assert_int_equal(expect_same_rows(&a, &b, TABLE_CURSORS), 0);
        store_get_head(&a, &head_a);
        store_get_head(&b, &head_b);
        assert_true(head_a.seq == model.seq && head_b.seq == model.seq);
        assert_true(
            bytes_equal(tree_encode(&head_a.tree, tree_a), tree_encode(&head_b.tree, tree_b)));
        struct hash root_a = tree_root(&head.tree), root_b = tree_root(&head_b.tree);
        assert_true(hash_equal(&root_a, &root_b));
        store_abort(&a);
        store_abort(&b);
        store_close(&stored);
        store_close(&rebuilt);

        const struct event_type *type = NULL;
        while ((type = event_type_next(type)) != NULL) {
            if (model.posted[type->number] == 0) {
                fail_msg("the walk never came by %s", type->name);
            }
        }
        assert_true(model.corrected > 50);
    }
}

// Found by hand of the walk: the entities of the same name in other regions are others.
static void the_heads_of_every_level_are_those_of_the_walk(void **state)
{
    (void)state;
    static struct model model;
    struct store store;
    struct log_head head;
    draws = 3;
    open_store(&store, scratch_dir());
    walk(&store, &model, &head, 800);
    struct txn txn = store_begin_read(&store);
    struct made_records made = {0};
    const struct view view = {&txn, model.seq, &made, 0};
    for (unsigned r = 0; r < REGIONS; r++) {
        char region[16], entity[16];
        (void)snprintf(region, sizeof region, "r%u", r);
        const struct bytes name = bytes_of(region), none = {0};
        assert_true(view_head(&view, name, none, none) == model.regions[r].head);
        for (enum kind kind = KIND_REGION; kind <= KIND_CONTRIBUTION; kind++) {
            struct bytes kind_name = bytes_of(kind_row(kind)->name);
            assert_true(view_head(&view, name, kind_name, none) ==
                        model.regions[r].kinds[kind].head);
            for (unsigned e = 0; e < ENTITIES; e++) {
                (void)snprintf(entity, sizeof entity, "e%u", e);
                struct entity found = view_entity(&view, name, kind, bytes_of(entity));
                assert_true(found.version == model.regions[r].kinds[kind].entities[e].version);
                assert_true(entity_exists(&found) ==
                            model.regions[r].kinds[kind].entities[e].is_open);
            }
        }
    }
    assert_int_equal(txn.status, STATUS_OK);
    made_records_finish(&made);
    store_abort(&txn);
    store_close(&store);
}

static void drop_row(struct txn *txn, enum table table, void *key, size_t size)
{
    MDB_val row = {size, key};
    assert_int_equal(mdb_del(txn->handle, txn->store->tables[table], &row, NULL), MDB_SUCCESS);
}

// What a command prints on stdout.
static int run(int (*command)(const struct offline_arguments *), const char *dir, char *room,
               size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/said", dir);
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    FILE *said = freopen(path, "w+", stdout);
    assert_non_null(said);
    int code = command(&(struct offline_arguments){.words = {dir}});
    rewind(stdout);
    room[fread(room, 1, size - 1, stdout)] = '\0';
    (void)fflush(stdout);
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    close(kept);
    assert_int_equal(unlink(path), 0);
    return code;
}

// What a replay cannot give is told, whatever is missing, and the rest is looked at all the same.
static void a_row_that_is_missing_is_found_and_stops_nothing(void **state)
{
    (void)state;
    static struct model model;
    static const char *const found[] = {
        "findings=0",
        "event 51: stands where event 50 should be",
        "ids: \"id-7919\" is missing",
        "heads: \"r0\" is missing",
    };
    for (int missing = 0; missing < 4; missing++) {
        struct store store;
        struct log_head head;
        const char *dir = scratch_dir();
        char id[] = "id-7919"; // of the first event
        uint64_t seq = 50;
        draws = 4;
        open_store(&store, dir);
        walk(&store, &model, &head, 300);
        struct txn txn = store_begin(&store);
        if (missing == 1) {
            drop_row(&txn, TABLE_LOG, &seq, sizeof seq);
        } else if (missing == 2) {
            drop_row(&txn, TABLE_IDS, id, strlen(id));
        } else if (missing == 3) {
            drop_row(&txn, TABLE_HEADS, (char[]){"r0"}, strlen("r0"));
        }
        assert_int_equal(store_commit(&txn), STATUS_OK);
        store_close(&store);
        static char said[1024 * 1024], whole[64];
        (void)snprintf(whole, sizeof whole, "verif%s: events=%" PRIu64 " ",
                       missing == 0 ? "ied" : "y", model.seq);
        assert_int_equal(run(offline_verify, dir, said, sizeof said),
                         missing == 0 ? 0 : status_exit(STATUS_CORRUPT));
        assert_non_null(strstr(said, whole));
        assert_non_null(strstr(said, found[missing]));
        assert_int_equal(run(offline_dump, dir, said, sizeof said),
                         missing == 1 ? status_exit(STATUS_CORRUPT) : 0);
        assert_non_null(strstr(said, "\"seq\":300,"));
    }
}

// They are made again when the daemon starts: until then only the log can be looked at.
static void tables_of_another_version_are_no_finding(void **state)
{
    (void)state;
    static struct model model;
    static char said[64 * 1024];
    struct store store;
    struct log_head head;
    const char *dir = scratch_dir();
    draws = 5;
    open_store(&store, dir);
    walk(&store, &model, &head, 100);
    for (int version = 0; version < 2; version++) {
        struct txn txn = store_begin(&store);
        store_put_number(&txn, TABLE_ENTITIES, bytes_of("r0/news/none"), 1);
        store_put_number(&txn, TABLE_META, bytes_of("apply"), version == 0 ? 0 : APPLY_VERSION);
        assert_int_equal(store_commit(&txn), STATUS_OK);
        store_close(&store);
        int code = run(offline_verify, dir, said, sizeof said);
        assert_int_equal(code, version == 0 ? 0 : status_exit(STATUS_CORRUPT));
        assert_true((strstr(said, "tables: of another version") != NULL) == (version == 0));
        open_store(&store, dir);
    }
    store_close(&store);
}

// An entity's row is the number of its event until a second one changes it.
static void an_entity_of_one_event_is_what_that_event_says(void **state)
{
    (void)state;
    static struct model model;
    static uint8_t room[ENTITY_BYTES_MAX];
    struct store store;
    struct log_head head;
    unsigned singles = 0;
    draws = 6;
    open_store(&store, scratch_dir());
    walk(&store, &model, &head, 200);
    struct txn txn = store_begin_read(&store);
    struct made_records made = {0};
    const struct view view = {&txn, model.seq, &made, 0};
    struct walk rows = store_walk(&txn, TABLE_ENTITIES, (struct bytes){"", 0});
    struct bytes path, row;
    while (walk_next(&rows, &path, &row)) {
        uint64_t seq;
        struct event event;
        struct standing standing;
        struct entity entity = view_path(&view, path), none = {0};
        assert_true(entity_standing(row, &standing) && standing.version == entity.version);
        assert_true(standing.opened == entity.opened && standing.ended == entity.ended);
        if (entity_is_single(row, &seq)) {
            assert_true(view_event(&view, seq, &event) && event.prev[2] == 0);
            assert_true(bytes_equal(entity.record, apply_event(&none, &event, room)));
            singles++;
        } else {
            assert_true(bytes_equal(entity.record, row));
        }
    }
    assert_true(singles > 10 && txn.status == STATUS_OK);
    made_records_finish(&made);
    store_abort(&txn);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaying_the_log_from_empty_gives_the_stored_state_to_the_byte),
        cmocka_unit_test(the_heads_of_every_level_are_those_of_the_walk),
        cmocka_unit_test(a_row_that_is_missing_is_found_and_stops_nothing),
        cmocka_unit_test(tables_of_another_version_are_no_finding),
        cmocka_unit_test(an_entity_of_one_event_is_what_that_event_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
