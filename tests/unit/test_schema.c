#include "proto/schema.h"

#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct faults faults;
static uint8_t map_room[EVENT_BYTES_MAX * 2], out_room[EVENT_BYTES_MAX * 2], rest_room[256];

// Checking one field ----------------------------------------------------------------------------

// A map of one field; the value is put by the caller.
static struct wire_writer begin_map(const char *name)
{
    struct wire_writer map = wire_write(map_room, sizeof(map_room));
    wire_put_map(&map, 1);
    wire_put_text(&map, bytes_of(name));
    return map;
}

static bool is_private(const struct field *field)
{
    return (field->flags & FLAG_PRIVATE) != 0;
}

// Writes the map by the group of field, as far as it takes part; returns what was written.
static struct bytes write_part(const struct field *field, const struct wire_writer *map)
{
    const char *reason = "";
    struct wire_writer out = wire_write(out_room, sizeof(out_room));
    if (!wire_check(wire_written(map), &reason)) {
        fail_msg("the test's own bytes: %s", reason);
    }
    faults_clear(&faults);
    (void)schema_write(field->group, is_private(field) ? SCHEMA_PRIVATE : SCHEMA_PUBLIC, false,
                       wire_written(map), "data", &faults, &out);
    return wire_written(&out);
}

static void expect_no_fault(const struct field *field)
{
    if (faults.count > 0) {
        fail_msg("%s: found %.*s, accepted %.*s", field->name, BYTES_PRINT(faults.rows[0].found),
                 BYTES_PRINT(faults.rows[0].accepted));
    }
}

// Exactly one fault, of this very field.
static void expect_one_fault(const struct field *field, const char *why)
{
    char name[80];
    (void)snprintf(name, sizeof(name), "data.%s", field->name);
    if (faults.count + faults.untold != 1 || !bytes_are(faults.rows[0].field, name)) {
        fail_msg("%s, %s: %u faults, the first of %.*s", name, why, faults.count + faults.untold,
                 BYTES_PRINT(faults.rows[0].field));
    }
    assert_int_equal(faults.rows[0].status, STATUS_MALFORMED);
    assert_true(faults.rows[0].found.size > 0 && faults.rows[0].accepted.size > 0);
}

// The value as one item of the field's form.
static void begin_item(struct wire_writer *map, const struct field *field)
{
    if (field->form == FORM_LIST || field->form == FORM_SET) {
        wire_put_list(map, 1);
    } else if (field->form == FORM_MAP) {
        wire_put_map(map, 1);
        wire_put_text(map, bytes_of("key"));
    }
}

// Walks the fields of all groups: start with NULL; NULL after the last.
static const struct field *next_field(const struct field *field)
{
    enum group group = field == NULL ? (enum group)0 : field->group;
    if (field != NULL && field + 1 < fields_of(group).first + fields_of(group).count) {
        return field + 1;
    }
    group = field == NULL ? group : (enum group)(group + 1);
    while (group < GROUP_COUNT && fields_of(group).count == 0) {
        group = (enum group)(group + 1);
    }
    return group < GROUP_COUNT ? fields_of(group).first : NULL;
}

static const struct field *next_client_field(const struct field *field)
{
    do {
        field = next_field(field);
    } while (field != NULL && (field->flags & FLAG_DAEMON) != 0);
    return field;
}

// Every row -------------------------------------------------------------------------------------

static void every_field_takes_its_own_sample(void **state)
{
    const struct field *field = NULL;
    unsigned count = 0;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        struct wire_writer map = begin_map(field->name);
        sample_value(&map, field, sample_most);
        struct bytes written = write_part(field, &map);
        expect_no_fault(field);
        assert_true(written.size > 0);
        count++;
    }
    assert_true(count > 60);
}

// One value of every type the wire has, text in several shapes.
static void put_any(struct wire_writer *writer, unsigned which)
{
    switch (which) {
    case 0:
        wire_put_uint(writer, 7);
        break;
    case 1:
        wire_put_int(writer, -7);
        break;
    case 2:
        wire_put_flag(writer, true);
        break;
    case 3:
        wire_put_text(writer, bytes_of("\x01 no word, id, date or path"));
        break;
    case 4:
        wire_put_binary(writer, bytes_of("short"));
        break;
    case 5:
        wire_put_list(writer, 0);
        break;
    case 6:
        wire_put_list(writer, 1);
        wire_put_text(writer, bytes_of("id"));
        break;
    case 7:
        wire_put_map(writer, 1);
        wire_pair_uint(writer, "key", 1);
        break;
    default:
        wire_put_text(writer, bytes_of(""));
    }
}
#define ANY_COUNT 9

static bool takes_any(const struct field *field, unsigned which)
{
    return field->type == FIELD_ANY || (field->type == FIELD_COUNT && which == 0) ||
           (field->type == FIELD_CENTS && which <= 1) || (field->type == FIELD_FLAG && which == 2);
}

static void every_field_refuses_every_other_type_with_one_fault(void **state)
{
    const struct field *field = NULL;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        for (unsigned which = 0; which < ANY_COUNT; which++) {
            char why[32];
            (void)snprintf(why, sizeof(why), "value %u", which);
            bool inside = field->type == FIELD_GROUP && which == 7; // its own faults, tested below
            if (inside || takes_any(field, which)) {
                continue;
            }
            struct wire_writer map = begin_map(field->name);
            begin_item(&map, field);
            put_any(&map, which);
            (void)write_part(field, &map);
            expect_one_fault(field, why);
        }
    }
}

static void a_list_is_asked_for_where_there_can_be_several(void **state)
{
    const struct field *field = NULL;
    unsigned count = 0;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->form == FORM_ONE) {
            continue;
        }
        for (unsigned which = 0; which < 6; which++) { // 5 is the empty list
            struct wire_writer map = begin_map(field->name);
            put_any(&map, which);
            (void)write_part(field, &map);
            expect_one_fault(field, "no list");
        }
        count++;
    }
    assert_true(count > 3);
}

static void every_daemon_field_is_refused_from_a_client(void **state)
{
    const struct field *field = NULL;
    unsigned count = 0;
    (void)state;
    while ((field = next_field(field)) != NULL) {
        if ((field->flags & FLAG_DAEMON) == 0) {
            continue;
        }
        struct wire_writer map = begin_map(field->name);
        sample_value(&map, field, sample_stored);
        struct bytes written = write_part(field, &map);
        expect_one_fault(field, "a daemon's field");
        assert_int_equal(written.size, 0);
        count++;
    }
    assert_true(count >= 6);
}

// A text of so many characters of two bytes.
static void put_characters(struct wire_writer *writer, size_t count)
{
    static char text[2 * 65536];
    assert_true(2 * count <= sizeof(text));
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 2 * i, "\u00e9", 2);
    }
    wire_put_text(writer, (struct bytes){text, 2 * count});
}

static void a_text_of_its_length_is_taken_and_one_character_more_refused(void **state)
{
    const struct field *field = NULL;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->type != FIELD_LINE && field->type != FIELD_TEXT) {
            continue;
        }
        size_t max = field->max == 0 ? LINE_MAX_BYTES : field->max;
        struct wire_writer map = begin_map(field->name);
        begin_item(&map, field);
        put_characters(&map, max);
        (void)write_part(field, &map);
        expect_no_fault(field);

        map = begin_map(field->name);
        begin_item(&map, field);
        put_characters(&map, max + 1);
        (void)write_part(field, &map);
        expect_one_fault(field, "too long");
    }
}

static void a_count_of_its_maximum_is_taken_and_one_more_refused(void **state)
{
    const struct field *field = NULL;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->type != FIELD_COUNT) {
            continue;
        }
        uint64_t max = field->max == 0 ? INT64_MAX : field->max;
        for (uint64_t more = 0; more <= 1; more++) {
            struct wire_writer map = begin_map(field->name);
            begin_item(&map, field);
            wire_put_uint(&map, max + more);
            (void)write_part(field, &map);
            if (more == 0) {
                expect_no_fault(field);
            } else {
                expect_one_fault(field, "too large");
            }
        }
    }
}

// A value of so many different items.
static void put_items(struct wire_writer *map, const struct field *field, uint32_t items)
{
    char key[16];
    if (field->form == FORM_MAP) {
        wire_put_map(map, items);
    } else {
        wire_put_list(map, items);
    }
    for (uint32_t i = 0; i < items; i++) {
        if (field->form == FORM_MAP) {
            (void)snprintf(key, sizeof(key), "key-%u", i);
            wire_put_text(map, bytes_of(key));
        }
        sample_one(map, field, i, sample_most);
    }
}

#define MOST INT64_C(100000000000000) // a million million euro

static void an_amount_of_its_range_is_taken_and_one_cent_more_refused(void **state)
{
    const struct field *field = field_find(GROUP_ALLOCATION, bytes_of("amount"));
    static const struct {
        int64_t cents;
        bool fits;
    } rows[] = {{0, true},          {1, true},          {-1, true},
                {MOST, true},       {-MOST, true},      {MOST + 1, false},
                {-MOST - 1, false}, {INT64_MAX, false}, {INT64_MIN, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_writer map = begin_map("amount");
        wire_put_int(&map, rows[i].cents);
        (void)write_part(field, &map);
        if (rows[i].fits) {
            expect_no_fault(field);
        } else {
            expect_one_fault(field, "out of range");
        }
    }
    struct wire_writer map = begin_map("amount");
    wire_put_uint(&map, UINT64_MAX); // not the -1 of a signed number
    (void)write_part(field, &map);
    expect_one_fault(field, "out of range");
}

static void several_up_to_the_maximum_are_taken_and_one_more_refused(void **state)
{
    const struct field *field = NULL;
    unsigned maps = 0;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->form == FORM_ONE || field->type == FIELD_CHOICE || field->type == FIELD_PHASE) {
            continue;
        }
        bool is_map = field->form == FORM_MAP; // its max is that of its values
        uint32_t max = is_map ? WIRE_MAP_MAX : field->max;
        struct wire_writer map = begin_map(field->name);
        put_items(&map, field, max);
        (void)write_part(field, &map);
        expect_no_fault(field);

        map = begin_map(field->name);
        put_items(&map, field, max + 1);
        if (is_map) {
            const char *reason = "";
            assert_false(wire_check(wire_written(&map), &reason)); // it comes no further
            maps++;
        } else {
            (void)write_part(field, &map);
            expect_one_fault(field, "too many");
        }
    }
    assert_true(maps >= 2);
}

static void a_map_is_in_the_order_of_its_keys_which_are_ids(void **state)
{
    const struct field *field = field_find(GROUP_COST_KEY, bytes_of("weights"));
    static const char *const keys[] = {"wierden", "b10", "b1", "b-1", "0"};
    static const char *const sorted[] = {"0", "b-1", "b1", "b10", "wierden"};
    static const char *const bad[] = {"", "Almelo", "-a", "a b", "a/b"};
    struct wire_value value;
    (void)state;
    struct wire_writer map = begin_map("weights");
    wire_put_map(&map, 5);
    for (uint32_t i = 0; i < 5; i++) {
        wire_pair_uint(&map, keys[i], strlen(keys[i]));
    }
    struct wire_reader reader = wire_read(write_part(field, &map));
    expect_no_fault(field);
    assert_true(wire_next(&reader, &value) && bytes_are(value.bytes, "weights"));
    assert_true(wire_next(&reader, &value) && value.type == WIRE_MAP && value.count == 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_true(wire_next(&reader, &value) && bytes_are(value.bytes, sorted[i]));
        assert_true(wire_next(&reader, &value) && value.number == strlen(sorted[i]));
    }
    for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        map = begin_map("weights");
        wire_put_map(&map, 2);
        wire_pair_uint(&map, bad[i], 1);
        wire_pair_uint(&map, "good", 1);
        assert_int_equal(write_part(field, &map).size, 0);
        expect_one_fault(field, "a key that is no id");
    }
}

// Of a set of lines one max bounds the items and their characters.
static void a_filter_can_name_every_kind_and_every_type(void **state)
{
    const struct field *kinds = field_find(GROUP_FILTER, bytes_of("kinds"));
    const struct field *types = field_find(GROUP_FILTER, bytes_of("types"));
    const struct event_type *type = NULL;
    uint32_t count = 0;
    (void)state;
    struct wire_writer map = begin_map("kinds");
    wire_put_list(&map, KIND_SUBSCRIPTION); // the last
    for (int kind = 1; kind <= KIND_SUBSCRIPTION; kind++) {
        wire_put_text(&map, bytes_of(kind_row((enum kind)kind)->name));
    }
    (void)write_part(kinds, &map);
    expect_no_fault(kinds);
    while ((type = event_type_next(type)) != NULL) {
        count++;
    }
    map = begin_map("types");
    wire_put_list(&map, count);
    while ((type = event_type_next(type)) != NULL) {
        wire_put_text(&map, bytes_of(type->name));
    }
    (void)write_part(types, &map);
    expect_no_fault(types);
}

static void each_word_of_a_list_is_taken_and_another_refused_with_all_words(void **state)
{
    const struct field *field = NULL;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->type != FIELD_CHOICE) {
            continue;
        }
        struct wire_writer map = begin_map(field->name);
        begin_item(&map, field);
        wire_put_text(&map, bytes_of("nosuch"));
        (void)write_part(field, &map);
        expect_one_fault(field, "no word of it");
        assert_true(bytes_are(faults.rows[0].found, "\"nosuch\""));
        char accepted[512];
        (void)snprintf(accepted, sizeof(accepted), "%.*s ", BYTES_PRINT(faults.rows[0].accepted));

        const struct choice_row *row = NULL;
        while ((row = choice_next(field->of, row)) != NULL) {
            char word[64];
            (void)snprintf(word, sizeof(word), " %s ", row->word);
            assert_non_null(strstr(accepted, word));
            map = begin_map(field->name);
            begin_item(&map, field);
            wire_put_text(&map, bytes_of(row->word));
            (void)write_part(field, &map);
            expect_no_fault(field);
        }
    }
}

static void each_phase_is_taken_and_another_refused_with_all_phases(void **state)
{
    const struct field *field = field_find(GROUP_BASELINE, bytes_of("phase"));
    struct wire_writer map = begin_map("phase");
    (void)state;
    wire_put_text(&map, bytes_of("nosuch"));
    (void)write_part(field, &map);
    expect_one_fault(field, "no phase");
    assert_true(bytes_are(faults.rows[0].accepted, "one of idea research preparation execution "
                                                   "aftercare completed stopped ongoing"));
    for (int phase = PHASE_IDEA; phase <= PHASE_ONGOING; phase++) {
        map = begin_map("phase");
        wire_put_text(&map, bytes_of(phase_row((enum phase)phase)->name));
        (void)write_part(field, &map);
        expect_no_fault(field);
    }
}

// Required and unknown fields -------------------------------------------------------------------

static bool has_fault(const char *where, const char *name)
{
    char field[160];
    (void)snprintf(field, sizeof(field), "%s.%s", where, name);
    unsigned found = 0;
    for (unsigned i = 0; i < faults.count; i++) {
        found += bytes_are(faults.rows[i].field, field);
    }
    assert_true(found <= 1); // said once
    return found == 1;
}

static void an_empty_map_misses_each_required_field_by_name(void **state)
{
    static const uint8_t empty[] = {0x80};
    (void)state;
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct fields fields = fields_of((enum group)group);
        struct wire_writer out = wire_write(out_room, sizeof(out_room));
        unsigned required = 0;
        faults_clear(&faults);
        for (int part = SCHEMA_PUBLIC; part <= SCHEMA_PRIVATE; part++) {
            assert_int_equal(schema_write((enum group)group, (enum schema_part)part, true,
                                          (struct bytes){empty, 1}, "data", &faults, &out),
                             0);
        }
        for (unsigned i = 0; i < fields.count; i++) {
            bool is_required = (fields.first[i].flags & FLAG_REQUIRED) != 0;
            assert_int_equal(has_fault("data", fields.first[i].name), is_required);
            required += is_required;
        }
        assert_int_equal(faults.count, required);

        faults_clear(&faults); // and none where they need not be there
        (void)schema_write((enum group)group, SCHEMA_PUBLIC, false, (struct bytes){empty, 1},
                           "data", &faults, &out);
        assert_int_equal(faults.count, 0);
    }
}

static void a_group_inside_is_always_whole(void **state)
{
    const struct field *field = NULL;
    unsigned count = 0;
    (void)state;
    while ((field = next_client_field(field)) != NULL) {
        if (field->type != FIELD_GROUP) {
            continue;
        }
        struct fields fields = fields_of(field->of);
        struct wire_writer map = begin_map(field->name);
        char where[80];
        (void)snprintf(where, sizeof(where), "data.%s", field->name);
        begin_item(&map, field);
        wire_put_map(&map, 1);
        wire_pair_uint(&map, "nosuch", 1);
        (void)write_part(field, &map);
        for (unsigned i = 0; i < fields.count; i++) {
            assert_int_equal(has_fault(where, fields.first[i].name),
                             (fields.first[i].flags & FLAG_REQUIRED) != 0);
        }
        assert_true(has_fault(where, "nosuch"));
        count++;
    }
    assert_true(count >= 4);
}

static void an_unknown_field_is_named_and_the_known_ones_told(void **state)
{
    const struct field *title = field_find(GROUP_NEWS, bytes_of("title"));
    struct wire_writer map = begin_map("titel");
    (void)state;
    wire_put_text(&map, bytes_of("x"));
    (void)write_part(title, &map);
    assert_int_equal(faults.count, 1);
    assert_true(bytes_are(faults.rows[0].field, "data.titel"));
    assert_true(
        bytes_are(faults.rows[0].accepted, "one of title url summary meaning body werkplaats"));

    map = begin_map("phase"); // known in another group
    wire_put_text(&map, bytes_of("idea"));
    (void)write_part(title, &map);
    assert_int_equal(faults.count, 1);
    assert_true(bytes_are(faults.rows[0].field, "data.phase"));
}

static void an_unknown_field_of_any_name_is_a_fault_that_can_be_shown(void **state)
{
    static char name[5000];
    const struct field *title = field_find(GROUP_NEWS, bytes_of("title"));
    (void)state;
    for (size_t size = 0; size < 400; size++) {
        memset(name, 'x', sizeof(name));
        for (size_t i = 0; i + 3 <= size; i += 3) {
            memcpy(name + i, "\u20ac", 3);
        }
        struct wire_writer map = wire_write(map_room, sizeof(map_room));
        wire_put_map(&map, 1);
        wire_put_text(&map, (struct bytes){name, size});
        wire_put_uint(&map, 1);
        (void)write_part(title, &map);
        assert_int_equal(faults.count, 1);
        assert_true(wire_is_utf8(faults.rows[0].field));
    }
    struct wire_writer map = wire_write(map_room, sizeof(map_room));
    wire_put_map(&map, 2); // "title" with a zero behind it is another name
    wire_put_text(&map, (struct bytes){"title\0", 6});
    wire_put_text(&map, bytes_of("x"));
    wire_pair_text(&map, "title", bytes_of("x"));
    (void)write_part(title, &map);
    assert_int_equal(faults.count, 1);
}

static void an_unknown_field_is_said_once_for_both_parts(void **state)
{
    struct wire_writer map = begin_map("nosuch");
    struct wire_writer out = wire_write(out_room, sizeof(out_room));
    (void)state;
    wire_put_uint(&map, 1);
    faults_clear(&faults);
    for (int part = SCHEMA_PUBLIC; part <= SCHEMA_PRIVATE; part++) {
        (void)schema_write(GROUP_CONTRIBUTION, (enum schema_part)part, false, wire_written(&map),
                           "data", &faults, &out);
    }
    assert_int_equal(faults.count, 1);
}

static void each_part_takes_its_own_fields(void **state)
{
    struct wire_writer map = wire_write(map_room, sizeof(map_room));
    struct wire_writer out = wire_write(out_room, sizeof(out_room));
    (void)state;
    sample_group(&map, GROUP_CONTRIBUTION, true, sample_most);
    faults_clear(&faults);
    assert_int_equal(schema_write(GROUP_CONTRIBUTION, SCHEMA_PUBLIC, true, wire_written(&map),
                                  "data", &faults, &out),
                     2);
    assert_int_equal(schema_write(GROUP_CONTRIBUTION, SCHEMA_PRIVATE, true, wire_written(&map),
                                  "data", &faults, &out),
                     2);
    assert_int_equal(faults.count, 0);
    struct wire_reader reader = wire_read(wire_written(&out));
    static const char *const names[] = {"kind", "about", "text", "sender"};
    struct wire_value key, value;
    for (unsigned i = 0; i < 4; i++) {
        assert_true(wire_next(&reader, &key) && wire_take(&reader, &value));
        assert_true(bytes_are(key.bytes, names[i]));
    }
    assert_ptr_equal(reader.at, reader.end);
    assert_int_equal(value.count, 4); // the sender with all its rows, though these have no mark
}

static void a_faulty_field_leaves_nothing_behind(void **state)
{
    struct wire_writer map = wire_write(map_room, sizeof(map_room));
    struct wire_writer out = wire_write(out_room, sizeof(out_room));
    struct wire_writer expected = wire_write(rest_room, sizeof(rest_room));
    (void)state;
    wire_put_map(&map, 4);
    wire_pair_text(&map, "name", bytes_of("x"));
    wire_put_text(&map, bytes_of("leads"));
    wire_put_list(&map, 2);
    wire_put_text(&map, bytes_of("a"));
    wire_put_text(&map, bytes_of("a"));
    wire_put_text(&map, bytes_of("baseline"));
    wire_put_map(&map, 1);
    wire_pair_text(&map, "phase", bytes_of("idea"));
    wire_pair_text(&map, "parent", bytes_of("w"));
    faults_clear(&faults);
    assert_int_equal(schema_write(GROUP_WERKPLAATS_OPENED, SCHEMA_PUBLIC, false, wire_written(&map),
                                  "data", &faults, &out),
                     2);
    assert_true(has_fault("data", "leads"));
    assert_true(has_fault("data.baseline", "basis"));
    wire_pair_text(&expected, "name", bytes_of("x"));
    wire_pair_text(&expected, "parent", bytes_of("w"));
    assert_true(bytes_equal(wire_written(&out), wire_written(&expected)));
}

// Sets and lists --------------------------------------------------------------------------------

static struct bytes write_leads(const char *const *leads, uint32_t count)
{
    const struct field *field = field_find(GROUP_WERKPLAATS_OPENED, bytes_of("leads"));
    struct wire_writer map = begin_map("leads");
    wire_put_list(&map, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_put_text(&map, bytes_of(leads[i]));
    }
    return write_part(field, &map);
}

static void a_set_is_sorted_by_its_bytes(void **state)
{
    static const char *const leads[] = {"wierden", "a", "b10", "b1", "b-1", "0", "b"};
    static const char *const sorted[] = {"0", "a", "b", "b-1", "b1", "b10", "wierden"};
    (void)state;
    struct wire_reader reader = wire_read(write_leads(leads, 7));
    struct wire_value value;
    assert_int_equal(faults.count, 0);
    assert_true(wire_next(&reader, &value) && bytes_are(value.bytes, "leads"));
    assert_true(wire_next(&reader, &value) && value.count == 7);
    for (unsigned i = 0; i < 7; i++) {
        assert_true(wire_next(&reader, &value) && bytes_are(value.bytes, sorted[i]));
    }
}

static void the_same_twice_in_a_set_is_refused(void **state)
{
    static const char *const leads[] = {"b", "a", "c", "b"};
    (void)state;
    (void)write_leads(leads, 4);
    assert_int_equal(faults.count, 1);
    assert_true(bytes_are(faults.rows[0].field, "data.leads"));
    assert_true(bytes_are(faults.rows[0].found, "the same item twice"));
}

static void a_list_keeps_its_order(void **state)
{
    const struct field *field = field_find(GROUP_REQUEST, bytes_of("events"));
    struct wire_writer map = begin_map("events");
    (void)state;
    wire_put_list(&map, 3);
    wire_put_text(&map, bytes_of("b"));
    wire_put_text(&map, bytes_of("a"));
    wire_put_text(&map, bytes_of("b"));
    struct bytes written = write_part(field, &map);
    expect_no_fault(field);
    assert_true(bytes_are(written, "\xa6"
                                   "events\x93\xa1"
                                   "b\xa1"
                                   "a\xa1"
                                   "b"));
}

// Forms of text ---------------------------------------------------------------------------------

// Whether the text is taken for that field.
static bool takes(enum group group, const char *name, struct bytes text)
{
    const struct field *field = field_find(group, bytes_of(name));
    struct wire_writer map = begin_map(name);
    wire_put_text(&map, text);
    struct bytes written = write_part(field, &map);
    assert_int_equal(faults.count == 0, written.size > bytes_of(name).size + 1);
    return faults.count == 0;
}

static void control_characters_are_refused_but_newlines_in_a_text(void **state)
{
    (void)state;
    for (unsigned control = 0; control < 0xa0; control++) {
        char text[] = "a__b";
        size_t size = 3;
        if (control < 0x80) {
            text[1] = (char)control;
            text[2] = 'b';
        } else { // C1, two bytes of UTF-8
            text[1] = '\xc2';
            text[2] = (char)control;
            size = 4;
        }
        bool printable = control >= 0x20 && control < 0x7f;
        struct bytes bytes = {text, size};
        assert_int_equal(takes(GROUP_NEWS, "title", bytes), printable);
        assert_int_equal(takes(GROUP_NEWS, "summary", bytes), printable || control == '\n');
    }
    assert_true(takes(GROUP_NEWS, "title", bytes_of("caf\u00e9 \u00a0\u20ac \U0001F4A7")));
    assert_false(takes(GROUP_NEWS, "title", bytes_of("\xc2\x85"))); // at the very end
    assert_false(takes(GROUP_NEWS, "summary", bytes_of("a\r\nb")));
}

static void a_date_is_a_year_a_month_a_quarter_or_a_day_that_exists(void **state)
{
    static const char *const good[] = {
        "2015",       "0001",       "9999",       "2015-01",    "2015-12",
        "2015-Q1",    "2015-Q4",    "2015-01-01", "2015-01-31", "2015-02-28",
        "2016-02-29", "2000-02-29", "2015-04-30", "2015-12-31", "2400-02-29",
    };
    static const char *const bad[] = {
        "",
        "201",
        "20155",
        "2015-",
        "2015-0",
        "2015-00",
        "2015-13",
        "2015-1",
        "2015-Q0",
        "2015-Q5",
        "2015-q1",
        "2015-Q",
        "2015-Q11",
        "2015-02-29",
        "2015-02-30",
        "1900-02-29",
        "2100-02-29",
        "2016-02-30",
        "2015-04-31",
        "2015-06-31",
        "2015-09-31",
        "2015-11-31",
        "2015-01-32",
        "2015-01-00",
        "2015-00-10",
        "2015-13-10",
        "2015-01-1",
        "2015-01-011",
        "2015/01/01",
        "2015-01/01",
        "20150101",
        "-2015",
        "+2015",
        " 2015",
        "2015 ",
        "15-01-2015",
        "2015-1a",
        "2015-01-0a",
        "201a",
        "2015-Q1-01",
        "2015-01-01T00:00:00Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!schema_is_date(bytes_of(good[i])) || !takes(GROUP_ENVELOPE, "on", bytes_of(good[i]))) {
            fail_msg("no date: %s", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (schema_is_date(bytes_of(bad[i])) || takes(GROUP_ENVELOPE, "on", bytes_of(bad[i]))) {
            fail_msg("a date: %s", bad[i]);
        }
    }
}

// Every day-like text of a few years.
static void every_day_that_exists_is_a_date_and_no_other(void **state)
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const struct {
        unsigned year;
        bool leap;
    } years[] = {{1900, false}, {2000, true}, {2015, false}, {2016, true}, {2100, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
        for (unsigned month = 0; month <= 99; month++) {
            for (unsigned day = 0; day <= 99; day++) {
                char text[16];
                (void)snprintf(text, sizeof(text), "%04u-%02u-%02u", years[i].year, month, day);
                bool exists = month >= 1 && month <= 12 && day >= 1 &&
                              day <= lengths[month - 1] + (month == 2 && years[i].leap);
                assert_int_equal(schema_is_date(bytes_of(text)), exists);
            }
        }
    }
}

static void a_period_lasts_from_its_first_day_to_its_last(void **state)
{
    static const struct {
        const char *date;
        uint32_t first, last;
    } periods[] = {
        {"2016", 20160101, 20161231},       {"2016-Q1", 20160101, 20160331},
        {"2016-Q2", 20160401, 20160630},    {"2016-Q3", 20160701, 20160930},
        {"2016-Q4", 20161001, 20161231},    {"2016-01", 20160101, 20160131},
        {"2016-02", 20160201, 20160229},    {"2015-02", 20150201, 20150228},
        {"1900-02", 19000201, 19000228},    {"2000-02", 20000201, 20000229},
        {"2016-11", 20161101, 20161130},    {"2016-12", 20161201, 20161231},
        {"2016-02-29", 20160229, 20160229}, {"2015-12-31", 20151231, 20151231},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        assert_true(schema_is_date(bytes_of(periods[i].date)));
        assert_int_equal(schema_first_day(bytes_of(periods[i].date)), periods[i].first);
        assert_int_equal(schema_last_day(bytes_of(periods[i].date)), periods[i].last);
    }
}

static void a_decimal_has_one_way_to_be_written(void **state)
{
    static const char *const good[] = {
        "0",    "7",    "10",   "-1",      "0.5",
        "-0.5", "14.3", "1.05", "100.001", "1234567890123456789012345678901234567890",
    };
    static const char *const bad[] = {
        "",       "-",
        "-0",     "00",
        "01",     "-01",
        "1.",     ".5",
        "-.5",    "1.0",
        "1.50",   "0.0",
        "-0.0",   "+1",
        "1,5",    "1e5",
        " 1",     "1 ",
        "1.5.2",  "1-",
        "--1",    "1.-5",
        "1.5a",   "a",
        "\u0661", "12345678901234567890123456789012345678901",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!schema_is_decimal(bytes_of(good[i]))) {
            fail_msg("no decimal: %s", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (schema_is_decimal(bytes_of(bad[i]))) {
            fail_msg("a decimal: %s", bad[i]);
        }
    }
}

static void an_id_is_of_small_letters_digits_and_hyphens(void **state)
{
    char long_id[66];
    (void)state;
    memset(long_id, 'a', sizeof(long_id));
    assert_true(schema_is_id((struct bytes){long_id, 64}));
    assert_false(schema_is_id((struct bytes){long_id, 65}));
    assert_false(schema_is_id(bytes_of("")));
    assert_false(schema_is_id(bytes_of("-a")));
    assert_true(schema_is_id(bytes_of("a-")));
    assert_true(schema_is_id(bytes_of("0")));
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[] = {'a', (char)byte};
        bool fits = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        assert_int_equal(schema_is_id((struct bytes){text, 2}), fits || byte == '-');
        assert_int_equal(schema_is_id((struct bytes){text + 1, 1}), fits);
    }
}

static void a_path_is_a_known_kind_and_an_id(void **state)
{
    static const char *const bad[] = {
        "",
        "w1",
        "/",
        "werkplaats/",
        "/w1",
        "werkplaats",
        "x/w1",
        "//w1",
        "werk/w1",
        "werkplaats/W1",
        "werkplaats/-1",
        "werkplaats/w1/",
        "/werkplaats/w1",
        "twente/werkplaats/w1",
        "Werkplaats/w1",
        "werkplaatsen/w1",
        "werkplaats /w1",
        "werkplaats/ w1",
    };
    enum kind kind = KIND_NONE;
    struct bytes entity = {0};
    (void)state;
    assert_true(schema_is_path(bytes_of("werkplaats/w1"), &kind, &entity));
    assert_int_equal(kind, KIND_WERKPLAATS);
    assert_true(bytes_are(entity, "w1"));
    assert_true(schema_is_path(bytes_of("region/twente"), &kind, &entity));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (schema_is_path(bytes_of(bad[i]), &kind, &entity)) {
            fail_msg("a path: %s", bad[i]);
        }
    }
    assert_int_equal(kind, KIND_REGION); // left as it was
}

static void an_address_is_http_or_https_in_printable_ascii(void **state)
{
    static const char *const good[] = {"https://x", "http://x.nl", "https://x.nl/a?b=c&d=%20#e",
                                       "https://[2001:db8::1]:8080/"};
    static const char *const bad[] = {
        "",
        "https://",
        "http://",
        "ftp://x.nl",
        "javascript:alert(1)",
        "HTTPS://x.nl",
        "x.nl",
        " https://x.nl",
        "https://x.nl/a b",
        "https://x.nl/\n",
        "https://x.nl/\x7f",
        "https://x.nl/\"",
        "https://x.nl/<",
        "https://x.nl/>",
        "https://x.nl/\u00e9",
    };
    char text[1002];
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(takes(GROUP_NEWS, "url", bytes_of(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (takes(GROUP_NEWS, "url", bytes_of(bad[i]))) {
            fail_msg("an address: %s", bad[i]);
        }
    }
    memset(text, 'x', sizeof(text));
    memcpy(text, "https://", 8);
    assert_true(takes(GROUP_NEWS, "url", (struct bytes){text, 1000}));
    assert_false(takes(GROUP_NEWS, "url", (struct bytes){text, 1001}));
}

static void what_was_found_is_shown_without_what_a_terminal_obeys(void **state)
{
    (void)state;
    assert_false(takes(GROUP_ENVELOPE, "on", bytes_of("\x1b]0;x\x07")));
    assert_true(bytes_are(faults.rows[0].found, "\"\\x1b]0;x\\x07\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_takes_its_own_sample),
        cmocka_unit_test(every_field_refuses_every_other_type_with_one_fault),
        cmocka_unit_test(a_list_is_asked_for_where_there_can_be_several),
        cmocka_unit_test(every_daemon_field_is_refused_from_a_client),
        cmocka_unit_test(a_text_of_its_length_is_taken_and_one_character_more_refused),
        cmocka_unit_test(a_count_of_its_maximum_is_taken_and_one_more_refused),
        cmocka_unit_test(an_amount_of_its_range_is_taken_and_one_cent_more_refused),
        cmocka_unit_test(several_up_to_the_maximum_are_taken_and_one_more_refused),
        cmocka_unit_test(a_map_is_in_the_order_of_its_keys_which_are_ids),
        cmocka_unit_test(a_filter_can_name_every_kind_and_every_type),
        cmocka_unit_test(each_word_of_a_list_is_taken_and_another_refused_with_all_words),
        cmocka_unit_test(each_phase_is_taken_and_another_refused_with_all_phases),
        cmocka_unit_test(an_empty_map_misses_each_required_field_by_name),
        cmocka_unit_test(a_group_inside_is_always_whole),
        cmocka_unit_test(an_unknown_field_is_named_and_the_known_ones_told),
        cmocka_unit_test(an_unknown_field_of_any_name_is_a_fault_that_can_be_shown),
        cmocka_unit_test(an_unknown_field_is_said_once_for_both_parts),
        cmocka_unit_test(each_part_takes_its_own_fields),
        cmocka_unit_test(a_faulty_field_leaves_nothing_behind),
        cmocka_unit_test(a_set_is_sorted_by_its_bytes),
        cmocka_unit_test(the_same_twice_in_a_set_is_refused),
        cmocka_unit_test(a_list_keeps_its_order),
        cmocka_unit_test(control_characters_are_refused_but_newlines_in_a_text),
        cmocka_unit_test(a_date_is_a_year_a_month_a_quarter_or_a_day_that_exists),
        cmocka_unit_test(every_day_that_exists_is_a_date_and_no_other),
        cmocka_unit_test(a_period_lasts_from_its_first_day_to_its_last),
        cmocka_unit_test(a_decimal_has_one_way_to_be_written),
        cmocka_unit_test(an_id_is_of_small_letters_digits_and_hyphens),
        cmocka_unit_test(a_path_is_a_known_kind_and_an_id),
        cmocka_unit_test(an_address_is_http_or_https_in_printable_ascii),
        cmocka_unit_test(what_was_found_is_shown_without_what_a_terminal_obeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
