#include "proto/event.h"

#include "proto/tree.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VIEW(literal) ((struct bytes){(literal), sizeof(literal) - 1})

static struct faults faults;
static struct event_scratch scratch;
static uint8_t request_room[2 * EVENT_BYTES_MAX], rewritten_room[4 * EVENT_BYTES_MAX];

// Events as they stand in a log -----------------------------------------------------------------

static struct event read_event(struct bytes bytes)
{
    const char *reason = "";
    struct event event;
    if (!wire_check(bytes, &reason)) {
        fail_msg("the test's own bytes: %s", reason);
    }
    faults_clear(&faults);
    if (!event_read(bytes, &scratch, &faults, &event)) {
        fail_msg("%.*s: found %.*s, accepted %.*s", BYTES_PRINT(faults.rows[0].field),
                 BYTES_PRINT(faults.rows[0].found), BYTES_PRINT(faults.rows[0].accepted));
    }
    return event;
}

// What commit.c adds. The hash is lent from a static.
static void fill_in(struct event *event)
{
    static struct hash hash;
    event->seq = 70000;
    event->time = UINT64_C(1764000000123);
    event->actor = (struct actor){bytes_of("twente"), bytes_of("secretary"), bytes_of("operator")};
    event->prev[0] = 69999;
    event->prev[1] = 128;
    event->prev[2] = 0;
    if (event->private_part.size > 0) {
        hash = hash_of(event->private_part);
        event->private_hash = (struct bytes){hash.bytes, sizeof(hash.bytes)};
    }
}

// The sample as it is stored: with the daemon's fields in data.
static struct event stored_sample(const struct event_type *type, struct sample sample)
{
    static uint8_t data[EVENT_BYTES_MAX];
    struct event event = read_event(sample_event(type, sample, request_room, sizeof(request_room)));
    fill_in(&event);
    if (sample.optional) {
        struct wire_writer writer = wire_write(data, sizeof(data));
        sample_group(&writer, type->group, true, sample_stored);
        event.data = wire_written(&writer);
    }
    return event;
}

static void expect_equal_events(const struct event *a, const struct event *b)
{
    assert_ptr_equal(a->type, b->type);
    assert_true(bytes_equal(a->id, b->id));
    assert_true(bytes_equal(a->region, b->region));
    assert_true(bytes_equal(a->subject, b->subject));
    assert_true(bytes_equal(a->entity, b->entity));
    assert_true(bytes_equal(a->on, b->on));
    assert_true(bytes_equal(a->onbasis, b->onbasis));
    assert_true(bytes_equal(a->ontext, b->ontext));
    assert_true(a->corrects == b->corrects);
    assert_true(bytes_equal(a->citation, b->citation));
    assert_true(bytes_equal(a->reference, b->reference));
    assert_true(bytes_equal(a->data, b->data));
    assert_true(bytes_equal(a->private_hash, b->private_hash));
    assert_true(a->seq == b->seq && a->time == b->time);
    assert_true(bytes_equal(a->actor.organisation, b->actor.organisation));
    assert_true(bytes_equal(a->actor.role, b->actor.role));
    assert_true(bytes_equal(a->actor.via, b->actor.via));
    assert_memory_equal(a->prev, b->prev, sizeof(a->prev));
}

// The same value in another way -----------------------------------------------------------------

static uint64_t random_state = 1;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % limit;
}

static void put_header(struct wire_writer *writer, unsigned first, uint64_t number, unsigned width)
{
    uint8_t bytes[9] = {(uint8_t)first};
    for (unsigned i = 0; i < width; i++) {
        bytes[1 + i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    }
    wire_put_raw(writer, (struct bytes){bytes, 1 + width});
}

// A header of any width from the least that fits on; first: that of the least of these widths.
static void put_some_header(struct wire_writer *writer, unsigned first, unsigned least_log,
                            unsigned most_log, uint64_t number)
{
    unsigned log = least_log;
    while (log < most_log && (number >> (8u << log)) != 0) {
        log++;
    }
    log += random_below(most_log - log + 1);
    put_header(writer, first + log - least_log, number, 1u << log);
}

static void rewrite(struct wire_reader *reader, struct wire_writer *writer);

static void rewrite_map(struct wire_reader *reader, uint32_t count, struct wire_writer *writer)
{
    struct wire_reader pairs[WIRE_MAP_MAX];
    struct wire_value value;
    for (uint32_t i = 0; i < count; i++) {
        pairs[i] = *reader;
        assert_true(wire_take(reader, &value) && wire_take(reader, &value));
    }
    for (uint32_t i = count; i > 0; i--) {
        unsigned chosen = random_below(i);
        rewrite(&pairs[chosen], writer);
        rewrite(&pairs[chosen], writer);
        pairs[chosen] = pairs[i - 1];
    }
}

static void rewrite(struct wire_reader *reader, struct wire_writer *writer)
{
    struct wire_value value;
    assert_true(wire_next(reader, &value));
    switch (value.type) {
    case WIRE_UINT:
        if (value.number <= INT64_MAX && random_below(3) == 0) {
            put_header(writer, 0xd3, value.number, 8);
        } else {
            put_some_header(writer, 0xcc, 0, 3, value.number);
        }
        break;
    case WIRE_NEGATIVE:
        put_header(writer, 0xd3, value.number, 8);
        break;
    case WIRE_FLAG:
        wire_put_raw(writer, value.raw);
        break;
    case WIRE_TEXT:
        put_some_header(writer, 0xd9, 0, 2, value.bytes.size);
        wire_put_raw(writer, value.bytes);
        break;
    case WIRE_BINARY:
        put_some_header(writer, 0xc4, 0, 2, value.bytes.size);
        wire_put_raw(writer, value.bytes);
        break;
    case WIRE_LIST:
        put_some_header(writer, 0xdc, 1, 2, value.count);
        for (uint32_t i = 0; i < value.count; i++) {
            rewrite(reader, writer);
        }
        break;
    case WIRE_MAP:
        put_some_header(writer, 0xde, 1, 2, value.count);
        rewrite_map(reader, value.count, writer);
        break;
    }
}

static struct bytes in_another_way(struct bytes bytes)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_writer writer = wire_write(rewritten_room, sizeof(rewritten_room));
    rewrite(&reader, &writer);
    assert_false(writer.overflow);
    return wire_written(&writer);
}

// Canonical form --------------------------------------------------------------------------------

static void every_event_has_one_form_however_it_is_sent(void **state)
{
    static const struct sample *const samples[] = {&sample_least, &sample_most};
    static uint8_t plain[EVENT_BYTES_MAX], other[EVENT_BYTES_MAX], part[PRIVATE_BYTES_MAX];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        for (unsigned which = 0; which < 2; which++) {
            struct bytes said =
                sample_event(type, *samples[which], request_room, sizeof(request_room));
            struct event event = read_event(said);
            fill_in(&event);
            struct bytes expected = event_encode(&event, plain);
            struct bytes secret = {part, event.private_part.size};
            assert_true(expected.size > 0);
            assert_int_equal(event.has_expect, which == 1);
            if (secret.size > 0) {
                memcpy(part, event.private_part.data, secret.size);
            }
            for (unsigned round = 0; round < 40; round++) {
                struct event again = read_event(in_another_way(said));
                fill_in(&again);
                assert_true(bytes_equal(event_encode(&again, other), expected));
                assert_true(bytes_equal(again.private_part, secret));
                assert_int_equal(again.expect, event.expect);
            }
        }
    }
}

static void every_event_decodes_to_itself(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        for (unsigned which = 0; which < 2; which++) {
            struct event event = stored_sample(type, which == 0 ? sample_least : sample_most);
            struct event decoded;
            struct bytes bytes = event_encode(&event, room);
            memset(&decoded, 0xee, sizeof(decoded));
            assert_true(event_decode(bytes, &decoded));
            expect_equal_events(&event, &decoded);
            assert_false(decoded.has_expect);
            assert_int_equal(decoded.private_part.size, 0);
            assert_true(bytes_equal(event_encode(&decoded, again), bytes));
        }
    }
}

// The keys of a map in the order of the rows, and inside groups too.
static void expect_order_of_rows(enum group group, struct bytes map)
{
    struct fields fields = fields_of(group);
    struct wire_reader reader = wire_read(map);
    struct wire_value head, key, value;
    unsigned next = 0;
    assert_true(wire_next(&reader, &head) && head.type == WIRE_MAP);
    for (uint32_t i = 0; i < head.count; i++) {
        assert_true(wire_next(&reader, &key) && wire_take(&reader, &value));
        while (next < fields.count && !bytes_are(key.bytes, fields.first[next].name)) {
            next++;
        }
        if (next == fields.count) {
            fail_msg("%.*s is not where its row says", BYTES_PRINT(key.bytes));
        }
        assert_int_equal(fields.first[next].flags & (FLAG_ONCE | FLAG_PRIVATE), 0);
        if (fields.first[next].type == FIELD_GROUP) {
            expect_order_of_rows(fields.first[next].of, value.raw);
        }
    }
}

static void the_fields_of_an_event_stand_in_the_order_of_the_rows(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    struct wire_value data;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event event = read_event(
            in_another_way(sample_event(type, sample_most, request_room, sizeof(request_room))));
        fill_in(&event);
        struct bytes bytes = event_encode(&event, room);
        expect_order_of_rows(GROUP_ENVELOPE, bytes);
        assert_true(wire_find(bytes, "data", &data));
        expect_order_of_rows(type->group, data.raw);
        bytes = event_encode_said(&event, room);
        expect_order_of_rows(GROUP_ENVELOPE, bytes);
    }
}

static void every_field_of_the_envelope_is_stored_but_expect(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    struct fields fields = fields_of(GROUP_ENVELOPE);
    struct event event =
        stored_sample(event_type_find(bytes_of("contribution.submitted")), sample_most);
    struct bytes bytes = event_encode(&event, room);
    struct wire_value value;
    (void)state;
    for (unsigned i = 0; i < fields.count; i++) {
        assert_int_equal(wire_find(bytes, fields.first[i].name, &value),
                         (fields.first[i].flags & FLAG_ONCE) == 0);
    }
}

static void every_header_of_an_event_is_the_shortest(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event event = read_event(
            in_another_way(sample_event(type, sample_most, request_room, sizeof(request_room))));
        fill_in(&event);
        struct bytes bytes = event_encode(&event, room);
        struct wire_reader reader = wire_read(bytes);
        struct wire_writer writer = wire_write(again, sizeof(again));
        struct wire_value value;
        while (wire_next(&reader, &value)) {
            if (value.type == WIRE_TEXT) {
                wire_put_text(&writer, value.bytes);
            } else if (value.type == WIRE_BINARY) {
                wire_put_binary(&writer, value.bytes);
            } else if (value.type == WIRE_MAP) {
                wire_put_map(&writer, value.count);
            } else if (value.type == WIRE_LIST) {
                wire_put_list(&writer, value.count);
            } else if (value.type == WIRE_FLAG) {
                wire_put_flag(&writer, value.number != 0);
            } else {
                wire_put_int(&writer, (int64_t)value.number);
            }
        }
        assert_true(bytes_equal(wire_written(&writer), bytes));
    }
}

static void what_was_said_is_the_same_before_and_after_it_is_stored(void **state)
{
    static uint8_t before[EVENT_BYTES_MAX], after[EVENT_BYTES_MAX], room[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event said =
            read_event(sample_event(type, sample_most, request_room, sizeof(request_room)));
        struct bytes expected = event_encode_said(&said, before);
        assert_true(expected.size > 0);

        struct event event = stored_sample(type, sample_most), decoded;
        assert_true(event_decode(event_encode(&event, room), &decoded));
        assert_true(bytes_equal(event_encode_said(&decoded, after), expected));

        // Posted again with another expectation.
        said.has_expect = false;
        said.expect = 7;
        assert_true(bytes_equal(event_encode_said(&said, after), expected));
        said.citation = bytes_of("another");
        assert_false(bytes_equal(event_encode_said(&said, after), expected));
    }
}

// Every text of a private part, also inside its groups; keys are no secrets.
static void expect_texts_absent(struct bytes bytes, struct bytes map)
{
    struct wire_reader reader = wire_read(map);
    struct wire_value head, key, value;
    assert_true(wire_next(&reader, &head) && head.type == WIRE_MAP);
    for (uint32_t i = 0; i < head.count; i++) {
        assert_true(wire_next(&reader, &key) && wire_take(&reader, &value));
        if (value.type == WIRE_MAP) {
            expect_texts_absent(bytes, value.raw);
        } else {
            assert_int_equal(value.type, WIRE_TEXT);
            assert_true(value.bytes.size > 5);
            assert_null(memmem(bytes.data, bytes.size, value.bytes.data, value.bytes.size));
        }
    }
}

static void the_private_part_never_stands_in_the_event(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    unsigned with_secrets = 0;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct fields fields = fields_of(type->group);
        struct event event = stored_sample(type, sample_most);
        struct event said =
            read_event(sample_event(type, sample_most, request_room, sizeof(request_room)));
        struct wire_value value;
        bool secrets = false;
        for (unsigned i = 0; i < fields.count; i++) {
            const struct field *field = &fields.first[i];
            bool secret = (field->flags & FLAG_PRIVATE) != 0;
            bool daemon = (field->flags & FLAG_DAEMON) != 0;
            assert_int_equal(wire_find(said.data, field->name, &value), !secret && !daemon);
            assert_int_equal(wire_find(said.private_part, field->name, &value), secret);
            secrets = secrets || secret;
        }
        with_secrets += secrets;
        assert_int_equal(event.private_hash.size, secrets ? HASH_BYTES : 0);
        if (secrets) {
            fill_in(&said);
            struct bytes bytes = event_encode(&said, room);
            expect_texts_absent(bytes, said.private_part);
        }
    }
    assert_true(with_secrets >= 3);
}

// Golden files ----------------------------------------------------------------------------------
// The bytes of every event type, for ever good: what was stored once is read by every later version
// and encodes to the same bytes. Files are only added: a type that gets a field gets full-2 beside
// full, by one run of this test with WATERNET_GOLDEN=write.

// The bytes in hex, and their leaf hash.
static void print_golden(struct bytes bytes, char *text)
{
    struct hash leaf = tree_leaf(bytes);
    const uint8_t *at = bytes.data;
    char hex[2 * HASH_BYTES + 1];
    size_t size = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        size += (size_t)sprintf(text + size, "%02x%s", at[i], i % 40 == 39 ? "\n" : "");
    }
    hash_hex(&leaf, hex);
    (void)sprintf(text + size, "\nleaf %s\n", hex); // the room is four times the largest event
}

static bool read_golden(const char *name, char *text, size_t limit)
{
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        return false;
    }
    size_t size = fread(text, 1, limit - 1, file);
    (void)fclose(file); // only read
    text[size] = '\0';
    return true;
}

static void write_golden(const char *name, const char *text)
{
    FILE *file = fopen(name, "wx"); // never over an existing one
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

// What was stored then decodes now, and is encoded to the same bytes with the same hash.
static void expect_still_read(const char *name, const char *text)
{
    static uint8_t bytes[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX];
    static char printed[4 * EVENT_BYTES_MAX];
    struct event event;
    size_t size = 0;
    unsigned byte;
    for (const char *at = text; *at != 'l' && *at != '\0';) {
        if (*at == '\n') {
            at++;
        } else {
            assert_int_equal(sscanf(at, "%2x", &byte), 1);
            bytes[size++] = (uint8_t)byte;
            at += 2;
        }
    }
    if (!event_decode((struct bytes){bytes, size}, &event)) {
        fail_msg("%s does not decode any more", name);
    }
    print_golden(event_encode(&event, again), printed);
    assert_string_equal(printed, text);
}

static void expect_golden(const struct event_type *type, const char *form, struct bytes bytes)
{
    static char newest[4 * EVENT_BYTES_MAX], now[4 * EVENT_BYTES_MAX];
    const char *mode = getenv("WATERNET_GOLDEN");
    char name[128];
    newest[0] = '\0';
    print_golden(bytes, now);
    for (unsigned version = 1;; version++) {
        char number[16] = "";
        if (version > 1) {
            (void)snprintf(number, sizeof(number), "-%u", version);
        }
        (void)snprintf(name, sizeof(name), "tests/unit/golden/%s.%s%s.hex", type->name, form,
                       number);
        if (!read_golden(name, newest, sizeof(newest))) {
            break;
        }
        expect_still_read(name, newest);
    }
    if (strcmp(newest, now) == 0) {
        return;
    }
    if (mode == NULL || strcmp(mode, "write") != 0) {
        fail_msg("%s is missing: this event has other bytes than before, or is new:\n%s", name,
                 now);
    }
    write_golden(name, now);
}

static void every_event_has_the_bytes_of_its_golden_files(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event least = stored_sample(type, sample_least);
        least.actor.via = (struct bytes){0};
        expect_golden(type, "minimal", event_encode(&least, room));
        struct event most = stored_sample(type, sample_most);
        expect_golden(type, "full", event_encode(&most, room));
    }
}

// What is refused -------------------------------------------------------------------------------

static const struct fault *fault_of(const char *field)
{
    const struct fault *found = NULL;
    for (unsigned i = 0; i < faults.count; i++) {
        if (bytes_are(faults.rows[i].field, field)) {
            assert_null(found); // said once
            found = &faults.rows[i];
        }
    }
    return found;
}

// Reads pairs of text, and data from a map; the texts end with NULL.
static bool read_pairs(const char *const *pairs, struct bytes data, struct event *ret_event)
{
    const char *reason = "";
    struct wire_writer writer = wire_write(request_room, sizeof(request_room));
    uint32_t count = 0;
    while (pairs[2 * count] != NULL) {
        count++;
    }
    wire_put_map(&writer, count + (data.size > 0));
    for (uint32_t i = 0; i < count; i++) {
        wire_pair_text(&writer, pairs[2 * i], bytes_of(pairs[2 * i + 1]));
    }
    if (data.size > 0) {
        wire_put_text(&writer, bytes_of("data"));
        wire_put_raw(&writer, data);
    }
    if (!wire_check(wire_written(&writer), &reason)) {
        fail_msg("the test's own bytes: %s", reason);
    }
    faults_clear(&faults);
    return event_read(wire_written(&writer), &scratch, &faults, ret_event);
}

static void expect_one_fault(const char *field)
{
    if (faults.count != 1 || fault_of(field) == NULL) {
        fail_msg("%u faults, the first of %.*s; expected one of %s", faults.count,
                 BYTES_PRINT(faults.rows[0].field), field);
    }
}

static void all_faults_are_told_at_once(void **state)
{
    static const char *const pairs[] = {"id",     "Not-An-Id", "type",    "news.published",
                                        "region", "twente",    "subject", "news/n",
                                        "nosuch", "x",         NULL};
    struct event event;
    (void)state;
    // Wrong id, unknown field, no `on`, an empty title, no summary: five.
    assert_false(read_pairs(pairs, VIEW("\x81\xa5title\xa0"), &event));
    assert_int_equal(faults.count, 5);
    assert_int_equal(faults.untold, 0);
    assert_non_null(fault_of("id"));
    assert_non_null(fault_of("nosuch"));
    assert_non_null(fault_of("on"));
    assert_non_null(fault_of("data.title"));
    assert_non_null(fault_of("data.summary"));
    assert_int_equal(faults_status(&faults), STATUS_MALFORMED);
    assert_true(bytes_are(event.data, "\x80")); // what is left can be read on
}

static void an_event_that_is_no_map_is_one_fault(void **state)
{
    static const struct bytes rows[] = {{"\x90", 1}, {"\x01", 1}, {"\xa1x", 2}, {"", 0}};
    struct event event;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        faults_clear(&faults);
        assert_false(event_read(rows[i], &scratch, &faults, &event));
        assert_null(event.type);
        expect_one_fault("");
    }
}

static void an_empty_event_misses_what_is_required(void **state)
{
    static const char *const none[] = {NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(none, (struct bytes){0}, &event));
    assert_null(event.type);
    assert_int_equal(faults.count, 4);
    assert_true(fault_of("id") && fault_of("type") && fault_of("region") && fault_of("subject"));
}

static void an_unknown_type_is_told(void **state)
{
    static const char *const pairs[] = {"id",     "a",       "type",   "news.nosuch", "region",
                                        "twente", "subject", "news/n", NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(pairs, VIEW("\x81\xa1x\x01"), &event));
    expect_one_fault("type");
    assert_null(event.type);
}

static void a_subject_of_another_kind_is_told(void **state)
{
    static const char *const pairs[] = {
        "id", "a", "type", "news.withdrawn", "region", "twente", "subject", "body/n", NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(pairs, (struct bytes){0}, &event));
    expect_one_fault("subject");
}

static void the_subject_of_a_region_is_the_region_itself(void **state)
{
    static const char *const other[] = {"id",     "a",      "type",    "region.updated",
                                        "region", "twente", "subject", "region/achterhoek",
                                        NULL};
    static const char *const itself[] = {
        "id", "a", "type", "region.updated", "region", "twente", "subject", "region/twente", NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(other, (struct bytes){0}, &event));
    expect_one_fault("subject");
    assert_true(read_pairs(itself, (struct bytes){0}, &event));
}

static void data_that_are_no_map_are_told(void **state)
{
    static const char *const pairs[] = {
        "id", "a", "type", "news.withdrawn", "region", "twente", "subject", "news/n", NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(pairs, VIEW("\x90"), &event));
    expect_one_fault("data");
    assert_true(read_pairs(pairs, VIEW("\x80"), &event));
    assert_true(bytes_are(event.data, "\x80"));
    assert_true(read_pairs(pairs, (struct bytes){0}, &event)); // absent is empty
    assert_true(bytes_are(event.data, "\x80"));
}

static void what_the_daemon_fills_in_is_refused_from_a_client(void **state)
{
    static const char *const pairs[] = {"id",          "a",      "type",    "news.withdrawn",
                                        "region",      "twente", "subject", "news/n",
                                        "privatehash", "x",      "seq",     "1",
                                        "time",        "1",      "actor",   "x",
                                        "prev",        "x",      NULL};
    struct event event;
    (void)state;
    assert_false(read_pairs(pairs, (struct bytes){0}, &event));
    assert_int_equal(faults.count, 5);
    assert_true(fault_of("privatehash") && fault_of("seq") && fault_of("time") &&
                fault_of("actor") && fault_of("prev"));
    assert_int_equal(event.seq, 0);
    assert_int_equal(event.private_hash.size, 0);

    struct event opened = stored_sample(event_type_find(bytes_of("werkplaats.opened")),
                                        sample_most); // data as stored, with its phase
    static uint8_t data[EVENT_BYTES_MAX];
    static const char *const again[] = {"id",     "a",      "type",    "werkplaats.opened",
                                        "region", "twente", "subject", "werkplaats/w1",
                                        NULL};
    memcpy(data, opened.data.data, opened.data.size);
    assert_false(read_pairs(again, (struct bytes){data, opened.data.size}, &event));
    expect_one_fault("data.phase");
}

static void the_needs_of_the_first_event_are_told(void **state)
{
    static const struct {
        unsigned need;
        const char *name, *value;
    } rows[] = {{NEEDS_ON, "on", "2015"},
                {NEEDS_CITATION, "citation", "krant"},
                {NEEDS_REFERENCE, "reference", "brief 7"}};
    static uint8_t data[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    unsigned with_on = 0, with_citation = 0;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        char subject[SUBJECT_MAX];
        struct event event;
        struct wire_writer writer = wire_write(data, sizeof(data));
        (void)snprintf(subject, sizeof(subject), "%s/%s", kind_row(sample_kind(type))->name,
                       type->kind == KIND_REGION ? "twente" : "w1");
        sample_group(&writer, type->group, true, sample_least);
        // Each need in turn is left out, the others are there; at last all are there.
        for (unsigned without = 0; without <= 3; without++) {
            const char *pairs[16] = {"id",     "a",      "type",    type->name,
                                     "region", "twente", "subject", subject};
            unsigned count = 8;
            for (unsigned i = 0; i < 3; i++) {
                if (i != without && (type->needs & rows[i].need) != 0) {
                    pairs[count++] = rows[i].name;
                    pairs[count++] = rows[i].value;
                }
            }
            bool misses = without < 3 && (type->needs & rows[without].need) != 0 &&
                          (type->flags & EVENT_FIRST) != 0;
            assert_int_equal(read_pairs(pairs, wire_written(&writer), &event), !misses);
            if (misses) {
                expect_one_fault(rows[without].name);
            }
        }
        with_on += (type->needs & NEEDS_ON) != 0;
        with_citation += (type->needs & NEEDS_CITATION) != 0;
    }
    assert_true(with_on >= 8 && with_citation >= 3);
}

// A text of so many characters of so many bytes each.
static void pair_long_text(struct wire_writer *writer, const char *key, size_t count, bool wide)
{
    static char text[4 * 30000];
    assert_true(count <= 30000);
    for (size_t i = 0; i < count; i++) {
        if (wide) {
            memcpy(text + 4 * i, "\U0001F4A7", 4);
        } else {
            text[i] = 'x';
        }
    }
    wire_pair_text(writer, key, (struct bytes){text, wide ? 4 * count : count});
}

static void an_event_that_is_too_large_is_told(void **state)
{
    static const char *const news[] = {
        "id", "a", "type", "news.corrected", "region", "twente", "subject", "news/n", NULL};
    static const char *const contribution[] = {
        "id",     "a",      "type",    "contribution.submitted",
        "region", "twente", "subject", "contribution/c",
        NULL};
    static uint8_t data[4 * EVENT_BYTES_MAX], room[EVENT_BYTES_MAX];
    struct event event;
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct wire_writer writer = wire_write(data, sizeof(data));
        wire_put_map(&writer, 1);
        pair_long_text(&writer, "body", 30000, wide);
        bool sound = writer.size < sizeof(request_room) - 200 &&
                     read_pairs(news, wire_written(&writer), &event);
        assert_int_equal(sound, !wide);
        if (wide) {
            expect_one_fault("data");
            assert_int_equal(faults_status(&faults), STATUS_TOO_BIG);
        } else {
            fill_in(&event);
            assert_true(event_encode(&event, room).size > 30000);
        }
    }
    for (int wide = 0; wide < 2; wide++) {
        struct wire_writer writer = wire_write(data, sizeof(data));
        wire_put_map(&writer, 3);
        wire_pair_text(&writer, "kind", bytes_of("addition"));
        pair_long_text(&writer, "text", 8000, wide);
        wire_put_text(&writer, bytes_of("sender"));
        wire_put_map(&writer, 4);
        pair_long_text(&writer, "name", 120, wide);
        pair_long_text(&writer, "email", 254, wide);
        pair_long_text(&writer, "organisation", 120, wide);
        pair_long_text(&writer, "region", 120, wide);
        assert_int_equal(read_pairs(contribution, wire_written(&writer), &event), !wide);
        assert_int_equal(faults_status(&faults), wide ? STATUS_TOO_BIG : STATUS_OK);
    }
}

static void an_event_that_does_not_fit_encodes_to_nothing(void **state)
{
    static uint8_t data[EVENT_BYTES_MAX], room[EVENT_BYTES_MAX];
    struct event event = stored_sample(event_type_find(bytes_of("news.corrected")), sample_least);
    struct wire_writer writer = wire_write(data, sizeof(data));
    (void)state;
    wire_put_map(&writer, 1);
    pair_long_text(&writer, "body", EVENT_BYTES_MAX / 4 - 8, true);
    event.data = wire_written(&writer);
    assert_true(event.data.size > 0);
    assert_int_equal(event_encode(&event, room).size, 0);
    assert_int_equal(event_encode_said(&event, room).size, 0);
}

// Damage ----------------------------------------------------------------------------------------

static void a_shortened_event_does_not_decode(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX + 1];
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event event = stored_sample(type, sample_most), decoded = {.seq = 5};
        struct bytes whole = event_encode(&event, room);
        for (size_t size = 0; size <= whole.size + 1; size++) {
            if (size == whole.size) {
                continue;
            }
            uint8_t *copy = malloc(size == 0 ? 1 : size); // the sanitizer watches its end
            assert_non_null(copy);
            memcpy(copy, room, size);
            assert_false(event_decode((struct bytes){copy, size}, &decoded));
            assert_int_equal(decoded.seq, 5);
            free(copy);
        }
    }
}

// The event with one pair left out, or with another value for it.
static struct bytes with_pair(struct bytes whole, const char *name, struct bytes value, void *room)
{
    struct wire_reader reader = wire_read(whole);
    struct wire_writer writer = wire_write(room, EVENT_BYTES_MAX);
    struct wire_value head, key, old;
    assert_true(wire_next(&reader, &head));
    wire_put_map(&writer, head.count - (value.size == 0));
    for (uint32_t i = 0; i < head.count; i++) {
        assert_true(wire_take(&reader, &key) && wire_take(&reader, &old));
        bool here = bytes_are(key.bytes, name);
        if (!here || value.size > 0) {
            wire_put_raw(&writer, key.raw);
            wire_put_raw(&writer, here ? value : old.raw);
        }
    }
    return wire_written(&writer);
}

static void an_event_without_what_every_event_has_does_not_decode(void **state)
{
    static const char *const names[] = {"id",   "type", "region", "subject",
                                        "data", "seq",  "actor",  "prev"};
    static uint8_t room[EVENT_BYTES_MAX], other[EVENT_BYTES_MAX];
    struct event event = stored_sample(event_type_find(bytes_of("news.published")), sample_most);
    struct event decoded;
    struct bytes whole = event_encode(&event, room);
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(event_decode(with_pair(whole, names[i], (struct bytes){0}, other), &decoded));
    }
    assert_true(event_decode(with_pair(whole, "citation", (struct bytes){0}, other), &decoded));
}

static void an_event_with_a_damaged_value_does_not_decode(void **state)
{
    static char long_id[70];
    static const struct {
        const char *name;
        struct bytes value;
    } rows[] = {
        {"id", {"\xa1-", 2}},
        {"id", {"\x01", 1}},
        {"id", {long_id, 67}},
        {"type", {"\xa3xyz", 4}},
        {"type", {"\x01", 1}},
        {"region", {"\xa1/", 2}},
        {"region", {long_id, 67}}, // one more than fits, and topics are made from it
        {"subject", {"\xa1x", 2}},
        {"subject",
         {"\xa6"
          "body/b",
          7}},
        {"on", {"\x01", 1}},
        {"corrects", {"\xa1x", 2}},
        {"data", {"\x90", 1}},
        {"data", {"\xa1x", 2}},
        {"seq", {"\x00", 1}},
        {"seq", {"\xff", 1}},
        {"seq", {"\xa1x", 2}},
        {"time", {"\xa1x", 2}},
        {"actor", {"\x80", 1}},
        {"actor", {"\x01", 1}},
        {"prev", {"\x92\x01\x02", 3}},
        {"prev", {"\x94\x01\x02\x03\x04", 5}},
        {"prev", {"\x93\x01\x02\xff", 4}},
        {"prev", {"\x01", 1}},
    };
    static uint8_t room[EVENT_BYTES_MAX], other[EVENT_BYTES_MAX];
    struct event event = stored_sample(event_type_find(bytes_of("news.published")), sample_most);
    struct event decoded;
    struct bytes whole = event_encode(&event, room);
    (void)state;
    memset(long_id, 'a', sizeof(long_id));
    memcpy(long_id, "\xd9\x41", 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes damaged = with_pair(whole, rows[i].name, rows[i].value, other);
        if (event_decode(damaged, &decoded)) {
            fail_msg("row %zu, %s", i, rows[i].name);
        }
    }
    assert_true(event_decode(with_pair(whole, "seq", VIEW("\x07"), other), &decoded));
}

static void no_flipped_bit_reads_out_of_bounds(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX];
    struct event event = stored_sample(event_type_find(bytes_of("member.joined")), sample_most);
    struct bytes whole = event_encode(&event, room);
    (void)state;
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        uint8_t *copy = malloc(whole.size); // the sanitizer watches its end
        struct event decoded;
        char topic[TOPIC_MAX];
        assert_non_null(copy);
        memcpy(copy, room, whole.size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (event_decode((struct bytes){copy, whole.size}, &decoded)) {
            (void)event_topic(&decoded, topic);
            (void)event_encode(&decoded, again);
        }
        (void)event_encoded_topic((struct bytes){copy, whole.size}, topic);
        bool has_prev = event_encoded_prev((struct bytes){copy, whole.size}, decoded.prev);
        assert_true(has_prev || bit / 8 >= whole.size - 33); // where prev stands
        free(copy);
    }
}

// Topics ----------------------------------------------------------------------------------------

static void the_topic_is_the_path_and_the_type(void **state)
{
    struct event event = stored_sample(event_type_find(bytes_of("seat.assigned")), sample_least);
    char topic[TOPIC_MAX], path[PATH_MAX_BYTES];
    (void)state;
    assert_true(bytes_are(event_path(&event, path), "twente/body/w1"));
    assert_true(bytes_are(event_topic(&event, topic), "/twente/body/w1/seat.assigned"));
}

static void the_topic_of_encoded_bytes_is_that_of_the_event(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    char topic[TOPIC_MAX], again[TOPIC_MAX];
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct event event = stored_sample(type, sample_most);
        struct bytes encoded = event_encode(&event, room);
        assert_true(bytes_equal(event_encoded_topic(encoded, again), event_topic(&event, topic)));
        assert_int_equal(event_encoded_topic((struct bytes){room, 20}, again).size, 0);
    }
}

static void the_prev_of_encoded_bytes_is_that_of_the_event(void **state)
{
    static uint8_t room[EVENT_BYTES_MAX];
    static const uint64_t numbers[] = {
        0, 1, 127, 128, 255, 256, 65535, 65536, UINT32_MAX, UINT32_MAX + UINT64_C(1), INT64_MAX};
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    struct event event = stored_sample(event_type_find(bytes_of("seat.assigned")), sample_most);
    uint64_t prev[3];
    (void)state;
    for (size_t i = 0; i < count * count * count; i++) {
        event.prev[0] = numbers[i % count];
        event.prev[1] = numbers[i / count % count];
        event.prev[2] = numbers[i / count / count];
        struct bytes encoded = event_encode(&event, room);
        assert_true(event_encoded_prev(encoded, prev));
        assert_memory_equal(prev, event.prev, sizeof(prev));
        assert_false(event_encoded_prev((struct bytes){room, encoded.size - 1}, prev));
        assert_false(event_encoded_prev((struct bytes){room, i % 9}, prev));
    }
}

static void the_longest_topic_fits(void **state)
{
    const struct event_type *type = NULL;
    char id[ID_MAX], subject[SUBJECT_MAX + 1], topic[TOPIC_MAX];
    (void)state;
    memset(id, 'a', sizeof(id));
    while ((type = event_type_next(type)) != NULL) {
        int size = snprintf(subject, sizeof(subject), "%s/%.*s", kind_row(sample_kind(type))->name,
                            ID_MAX, id);
        assert_true(size <= SUBJECT_MAX);
        struct event event = {
            .type = type, .region = {id, sizeof(id)}, .subject = {subject, (size_t)size}};
        assert_true(event_topic(&event, topic).size <= TOPIC_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_one_form_however_it_is_sent),
        cmocka_unit_test(every_event_decodes_to_itself),
        cmocka_unit_test(the_fields_of_an_event_stand_in_the_order_of_the_rows),
        cmocka_unit_test(every_field_of_the_envelope_is_stored_but_expect),
        cmocka_unit_test(every_header_of_an_event_is_the_shortest),
        cmocka_unit_test(what_was_said_is_the_same_before_and_after_it_is_stored),
        cmocka_unit_test(the_private_part_never_stands_in_the_event),
        cmocka_unit_test(every_event_has_the_bytes_of_its_golden_files),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(an_event_that_is_no_map_is_one_fault),
        cmocka_unit_test(an_empty_event_misses_what_is_required),
        cmocka_unit_test(an_unknown_type_is_told),
        cmocka_unit_test(a_subject_of_another_kind_is_told),
        cmocka_unit_test(the_subject_of_a_region_is_the_region_itself),
        cmocka_unit_test(data_that_are_no_map_are_told),
        cmocka_unit_test(what_the_daemon_fills_in_is_refused_from_a_client),
        cmocka_unit_test(the_needs_of_the_first_event_are_told),
        cmocka_unit_test(an_event_that_is_too_large_is_told),
        cmocka_unit_test(an_event_that_does_not_fit_encodes_to_nothing),
        cmocka_unit_test(a_shortened_event_does_not_decode),
        cmocka_unit_test(an_event_without_what_every_event_has_does_not_decode),
        cmocka_unit_test(an_event_with_a_damaged_value_does_not_decode),
        cmocka_unit_test(no_flipped_bit_reads_out_of_bounds),
        cmocka_unit_test(the_topic_is_the_path_and_the_type),
        cmocka_unit_test(the_topic_of_encoded_bytes_is_that_of_the_event),
        cmocka_unit_test(the_prev_of_encoded_bytes_is_that_of_the_event),
        cmocka_unit_test(the_longest_topic_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
