#include "proto/cloudevent.h"

#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct cloudevent_names names = {.type_prefix = CLOUDEVENT_TYPE_PREFIX};

static struct faults faults;
static struct event_scratch scratch;
static uint8_t request_room[2 * EVENT_BYTES_MAX], wire_room[2 * EVENT_BYTES_MAX];
static const uint8_t hash_bytes[HASH_BYTES] = {0xab, 0xcd, 0x01};

// A stored event of the type, its views into statics.
static struct event stored_sample(const struct event_type *type, struct sample sample)
{
    struct event event;
    faults_clear(&faults);
    assert_true(event_read(sample_event(type, sample, request_room, sizeof(request_room)), &scratch,
                           &faults, &event));
    event.seq = 812;
    event.time = UINT64_C(1764000000007); // 2025-11-24T16:00:00.007Z
    event.actor = (struct actor){bytes_of("twente"), bytes_of("secretary"), bytes_of("operator")};
    event.prev[0] = 811;
    event.prev[1] = 17;
    if (event.private_part.size > 0) {
        event.private_hash = (struct bytes){hash_bytes, HASH_BYTES};
    }
    return event;
}

static const char *attribute(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

// To JSON ---------------------------------------------------------------------------------------

static void the_attributes_are_those_of_the_profile(void **state)
{
    struct event event =
        stored_sample(event_type_find(bytes_of("contribution.submitted")), sample_most);
    struct hash leaf = tree_leaf(bytes_of("x"));
    json_t *object = cloudevent_from_event(&event, &leaf, &names);
    (void)state;
    assert_non_null(object);
    assert_string_equal(attribute(object, "specversion"), "1.0");
    assert_string_equal(attribute(object, "type"), "nl.waterketens.contribution.submitted.v1");
    assert_string_equal(attribute(object, "source"),
                        "urn:nld:oin:00000099000000000000:systeem:waternetd");
    assert_string_equal(attribute(object, "subject"), "twente/contribution/w1");
    assert_string_equal(attribute(object, "id"), "id-0");
    assert_string_equal(attribute(object, "time"), "2025-11-24T16:00:00.007Z");
    assert_string_equal(attribute(object, "sequence"), "00000000000000000812");
    assert_string_equal(attribute(object, "on"), "2015-03-19");
    assert_string_equal(attribute(object, "corrects"), "70000");
    assert_string_equal(attribute(object, "prev"), "811,17,0");
    assert_string_equal(attribute(object, "actororganisation"), "twente");
    assert_string_equal(attribute(object, "actorrole"), "secretary");
    assert_string_equal(attribute(object, "actorvia"), "operator");
    assert_int_equal(strlen(attribute(object, "privatehash")), 64);
    assert_memory_equal(attribute(object, "privatehash"), "abcd0100", 8);
    assert_int_equal(strlen(attribute(object, "leafhash")), 64);
    assert_true(json_is_object(json_object_get(object, "data")));
    assert_null(json_object_get(json_object_get(object, "data"), "text")); // private

    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789"), strlen(name));
        assert_true(json_is_string(value) || strcmp(name, "data") == 0);
    }
    json_decref(object);
}

static void what_is_absent_is_no_attribute(void **state)
{
    static const char *const absent[] = {"on",          "onbasis",  "ontext",
                                         "corrects",    "citation", "reference",
                                         "privatehash", "leafhash", "actorvia"};
    struct event event = stored_sample(event_type_find(bytes_of("news.withdrawn")), sample_least);
    (void)state;
    event.actor.via = (struct bytes){0};
    json_t *object = cloudevent_from_event(&event, NULL, &names);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        assert_null(json_object_get(object, absent[i]));
    }
    assert_true(json_is_object(json_object_get(object, "data"))); // {} at least
    json_decref(object);
}

static void the_source_and_the_prefix_can_be_set(void **state)
{
    static const struct cloudevent_names others = {"org.example.", "00000001003214345000"};
    struct event event = stored_sample(event_type_find(bytes_of("news.withdrawn")), sample_least);
    json_t *object = cloudevent_from_event(&event, NULL, &others);
    (void)state;
    assert_string_equal(attribute(object, "type"), "org.example.news.withdrawn.v1");
    assert_string_equal(attribute(object, "source"),
                        "urn:nld:oin:00000001003214345000:systeem:waternetd");
    json_decref(object);
}

static void every_moment_has_three_decimals(void **state)
{
    static const struct {
        uint64_t time;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {999, "1970-01-01T00:00:00.999Z"},
        {UINT64_C(951782400010), "2000-02-29T00:00:00.010Z"},
        {UINT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
    };
    struct event event = stored_sample(event_type_find(bytes_of("news.withdrawn")), sample_least);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        event.time = rows[i].time;
        json_t *object = cloudevent_from_event(&event, NULL, &names);
        assert_string_equal(attribute(object, "time"), rows[i].text);
        json_decref(object);
    }
}

static void damaged_data_give_no_json(void **state)
{
    static const struct bytes rows[] = {
        {"\x81\xa1k", 3},                                      // cut short
        {"\x81\xa1k\xc0", 4},                                  // nil
        {"\x81\xa1k\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 12}, // beyond 63 bits
        {"\x81\xa1k\xa1\xff", 5},                              // no UTF-8
        {"\x81\x01\x01", 3},                                   // no text as key
        {"", 0},
    };
    struct event event = stored_sample(event_type_find(bytes_of("news.withdrawn")), sample_least);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        event.data = rows[i];
        assert_null(cloudevent_from_event(&event, NULL, &names));
    }
}

// And back --------------------------------------------------------------------------------------

static bool convert(json_t *object, struct bytes *ret_bytes, struct bytes *ret_as)
{
    struct wire_writer writer = wire_write(wire_room, sizeof(wire_room));
    faults_clear(&faults);
    bool sound = cloudevent_to_wire(object, &names, &faults, &writer, ret_as);
    *ret_bytes = wire_written(&writer);
    return sound;
}

static void expect_private(const struct event_type *type, struct bytes name)
{
    assert_true(bytes_begin_with(name, bytes_of("data.")));
    const struct field *field =
        field_find(type->group, (struct bytes){(const char *)name.data + 5, name.size - 5});
    assert_non_null(field);
    assert_int_equal(field->flags & (FLAG_PRIVATE | FLAG_REQUIRED), FLAG_PRIVATE | FLAG_REQUIRED);
}

static void every_event_comes_back_as_what_was_said(void **state)
{
    static const struct sample *const samples[] = {&sample_least, &sample_most};
    static uint8_t before[EVENT_BYTES_MAX], after[EVENT_BYTES_MAX];
    const struct event_type *type = NULL;
    struct hash leaf = tree_leaf(bytes_of("x"));
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        for (unsigned which = 0; which < 2; which++) {
            struct event event = stored_sample(type, *samples[which]), back;
            struct bytes expected = event_encode_said(&event, before), bytes, as;
            const char *reason = "";
            json_t *object = cloudevent_from_event(&event, &leaf, &names);
            // Through text, as an export is.
            char *text = json_dumps(object, JSON_COMPACT);
            json_t *parsed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(parsed);
            bool private_only = event.private_part.size > 0;
            assert_true(convert(parsed, &bytes, &as));
            assert_int_equal(as.size, 0);
            assert_true(wire_check(bytes, &reason));
            (void)event_read(bytes, &scratch, &faults, &back);
            // What is private is not in an export, and that alone is missed.
            assert_true(private_only || faults.count == 0);
            for (unsigned i = 0; i < faults.count; i++) {
                expect_private(type, faults.rows[i].field);
            }
            assert_true(bytes_equal(event_encode_said(&back, after), expected));
            json_decref(parsed);
            json_decref(object);
            free(text);
        }
    }
}

static void what_only_a_client_says_is_taken(void **state)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:{s:s}, s:s}", "type",
                               "nl.waterketens.news.withdrawn.v1", "subject", "twente/news/n", "id",
                               "a", "as", "secretary:twente", "expect", 5, "corrects", "17", "data",
                               "reason", "x", "datacontenttype", "application/json");
    struct bytes bytes, as;
    struct event event;
    (void)state;
    assert_true(convert(object, &bytes, &as));
    assert_true(bytes_are(as, "secretary:twente"));
    assert_true(event_read(bytes, &scratch, &faults, &event));
    assert_true(event.has_expect && event.expect == 5);
    assert_int_equal(event.corrects, 17);
    assert_true(bytes_are(event.region, "twente") && bytes_are(event.subject, "news/n"));
    json_decref(object);
}

// What a fault each is: one attribute of a good event, in JSON, and the field that is named.
static void what_is_not_as_it_should_be_is_one_fault(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"nosuch", "\"x\""},
        {"data_base64", "\"eA==\""},
        {"specversion", "\"0.3\""},
        {"specversion", "1"},
        {"type", "\"news.withdrawn\""},
        {"type", "\"nl.waterketens.news.withdrawn\""},
        {"type", "\"nl.waterketens.news.withdrawn.v2\""},
        {"type", "\"nl.waterketens..v1\""},
        {"type", "7"},
        {"type", "null"},
        {"subject", "\"twente\""},
        {"subject", "\"\""},
        {"subject", "[\"twente/news/n\"]"},
        {"id", "7"},
        {"id", "null"},
        {"as", "{}"},
        {"as", "true"},
        {"on", "2015"},
        {"citation", "null"},
        {"expect", "-1"},
        {"expect", "1.0"},
        {"expect", "\"\""},
        {"expect", "\"-1\""},
        {"expect", "\"1 \""},
        {"expect", "\"0x1\""},
        {"expect", "\"12345678901234567890\""},
        {"expect", "null"},
        {"corrects", "true"},
        {"data", "\"x\""},
        {"data", "[]"},
        {"data", "null"},
        {"data", "7"},
        {"data", "{\"reason\":1.5}"},
        {"data", "{\"reason\":null}"},
        {"data", "{\"a\":[{\"b\":null}]}"},
        {"data", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes bytes, as;
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:{}}", "type", "nl.waterketens.news.withdrawn.v1",
                      "subject", "twente/news/n", "id", "a", "data");
        assert_true(convert(object, &bytes, &as));
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        assert_non_null(value);
        assert_int_equal(json_object_set_new(object, rows[i].name, value), 0);
        if (convert(object, &bytes, &as) || faults.count != 1 ||
            !bytes_are(faults.rows[0].field, rows[i].name)) {
            fail_msg("%s: %s gives %u faults", rows[i].name, rows[i].value, faults.count);
        }
        json_decref(object);
    }
}

static void what_is_no_object_is_a_fault(void **state)
{
    json_t *list = json_array();
    struct bytes bytes, as = {0};
    (void)state;
    assert_false(convert(list, &bytes, &as));
    assert_int_equal(faults.count, 1);
    assert_int_equal(as.size, 0);
    json_decref(list);
}

static void too_little_room_is_told_and_never_passed(void **state)
{
    struct event event = stored_sample(event_type_find(bytes_of("member.joined")), sample_most);
    json_t *object = cloudevent_from_event(&event, NULL, &names);
    struct bytes bytes, as;
    (void)state;
    assert_true(convert(object, &bytes, &as));
    for (size_t limit = 0; limit < bytes.size; limit++) {
        uint8_t *small = malloc(limit == 0 ? 1 : limit); // the sanitizer watches its end
        struct wire_writer writer = wire_write(small, limit);
        assert_non_null(small);
        faults_clear(&faults);
        assert_false(cloudevent_to_wire(object, &names, &faults, &writer, &as));
        assert_true(writer.overflow);
        assert_int_equal(wire_written(&writer).size, 0);
        free(small);
    }
    json_decref(object);
}

static void an_object_is_written_behind_what_stands_there(void **state)
{
    struct event event = stored_sample(event_type_find(bytes_of("news.withdrawn")), sample_least);
    json_t *object = cloudevent_from_event(&event, NULL, &names);
    struct wire_writer writer = wire_write(wire_room, sizeof(wire_room));
    struct bytes as;
    const char *reason = "";
    (void)state;
    faults_clear(&faults);
    wire_put_list(&writer, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(cloudevent_to_wire(object, &names, &faults, &writer, &as));
    }
    assert_true(wire_check(wire_written(&writer), &reason));
    json_decref(object);
}

// Values ----------------------------------------------------------------------------------------

static void values_go_to_json_and_back(void **state)
{
    static const char *const texts[] = {
        "0",
        "127",
        "128",
        "9223372036854775807",
        "-1",
        "-33",
        "true",
        "false",
        "\"\"",
        "\"\u20ac\"",
        "[]",
        "{}",
        "[1,[2,[]]]",
        "{\"a\":{\"b\":[true,\"x\"]}}",
        "-9223372036854775808",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *value = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        struct wire_writer writer = wire_write(wire_room, sizeof(wire_room));
        assert_non_null(value);
        assert_true(json_to_wire(value, &writer));
        json_t *back = json_from_wire(wire_written(&writer));
        assert_true(json_equal(value, back));
        json_decref(value);
        json_decref(back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_attributes_are_those_of_the_profile),
        cmocka_unit_test(what_is_absent_is_no_attribute),
        cmocka_unit_test(the_source_and_the_prefix_can_be_set),
        cmocka_unit_test(every_moment_has_three_decimals),
        cmocka_unit_test(damaged_data_give_no_json),
        cmocka_unit_test(every_event_comes_back_as_what_was_said),
        cmocka_unit_test(what_only_a_client_says_is_taken),
        cmocka_unit_test(what_is_not_as_it_should_be_is_one_fault),
        cmocka_unit_test(what_is_no_object_is_a_fault),
        cmocka_unit_test(too_little_room_is_told_and_never_passed),
        cmocka_unit_test(an_object_is_written_behind_what_stands_there),
        cmocka_unit_test(values_go_to_json_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
