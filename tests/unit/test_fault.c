#include "proto/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct faults faults;

static int empty(void **state)
{
    (void)state;
    memset(&faults, 0xee, sizeof(faults)); // clearing must not rely on what was there
    faults_clear(&faults);
    return 0;
}

static void add(enum status status, unsigned guard, const char *field, const char *found,
                const char *accepted)
{
    fault_begin(&faults, status, guard, field);
    fault_found(&faults, "%s", found);
    fault_accepted(&faults, "%s", accepted);
}

static void expect_found(const char *printed, const char *expected)
{
    faults_clear(&faults);
    add(STATUS_MALFORMED, 0, printed, printed, printed);
    assert_int_equal(faults.count, 1);
    assert_true(bytes_are(faults.rows[0].field, expected));
    assert_true(bytes_are(faults.rows[0].found, expected));
    assert_true(bytes_are(faults.rows[0].accepted, expected));
}

static void no_fault_is_ok(void **state)
{
    (void)state;
    assert_int_equal(faults_status(&faults), STATUS_OK);
    assert_int_equal(faults.count + faults.untold, 0);
}

static void the_gravest_fault_decides(void **state)
{
    static const enum status gravest_first[] = {
        STATUS_MALFORMED, STATUS_NOT_FOUND, STATUS_NOT_ALLOWED, STATUS_CONFLICT, STATUS_REFUSED};
    (void)state;
    for (unsigned first = 0; first < 5; first++) {
        for (unsigned second = 0; second < 5; second++) {
            faults_clear(&faults);
            add(gravest_first[first], 0, "a", "b", "c");
            add(gravest_first[second], 0, "a", "b", "c");
            assert_int_equal(faults_status(&faults),
                             gravest_first[first < second ? first : second]);
        }
    }
    faults_clear(&faults);
    add(STATUS_CLOCK, 0, "", "b", "c"); // one that has no place in that order
    assert_int_equal(faults_status(&faults), STATUS_CLOCK);
}

static void control_characters_are_shown(void **state)
{
    (void)state;
    expect_found("plain", "plain");
    expect_found("a\nb\tc", "a\\x0ab\\x09c");
    expect_found("\x1b[31m", "\\x1b[31m");
    expect_found("\x7f", "\\x7f");
    expect_found("\xc2\x9b"
                 "31m",
                 "\\xc2\\x9b31m"); // the one-character form of ESC [
    expect_found("\xc2\x80\xc2\x9f\u00a0", "\\xc2\\x80\\xc2\\x9f\u00a0");
    expect_found("caf\u00e9 \u20ac \U0001F4A7", "caf\u00e9 \u20ac \U0001F4A7");
}

static void what_is_cut_or_broken_still_is_utf8(void **state)
{
    static char text[3000];
    static const char *const characters[] = {"\u00e9", "\u20ac", "\U0001F4A7", "\x01", "a\u20ac"};
    (void)state;
    expect_found("\xff", "\\xff");
    expect_found("\xe2\x82", "\\xe2\\x82");
    expect_found("a\xe2\x82z", "a\\xe2\\x82z");
    for (unsigned which = 0; which < 5; which++) {
        text[0] = '\0';
        while (strlen(text) + 4 < sizeof(text)) {
            strcat(text, characters[which]);
        }
        for (int cut = 1; cut < 700; cut++) { // %.*s cuts anywhere
            faults_clear(&faults);
            fault_begin(&faults, STATUS_MALFORMED, 0, "data.x");
            fault_found(&faults, "\"%.*s\"", cut, text);
            fault_accepted(&faults, "%s", text);
            assert_true(wire_is_utf8(faults.rows[0].found));
            assert_true(wire_is_utf8(faults.rows[0].accepted));
            assert_true(faults.rows[0].found.size > 0);
        }
    }
}

static void what_is_more_than_the_limit_is_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAULTS_MAX + 7; i++) {
        char found[16];
        (void)snprintf(found, sizeof(found), "%u", i);
        add(STATUS_REFUSED, 1, "f", found, "x");
    }
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_int_equal(faults.untold, 7);
    assert_true(bytes_are(faults.rows[FAULTS_MAX - 1].found, "31"));
}

static void long_faults_fill_the_text_and_never_more(void **state)
{
    static char text[1000];
    (void)state;
    memset(text, 1, sizeof(text) - 1); // shown as four times as much
    for (unsigned i = 0; i < 100; i++) {
        add(STATUS_REFUSED, 0, "data.field", text, text);
    }
    assert_true(faults.count >= 1);
    assert_int_equal(faults.count + faults.untold, 100);
    assert_true(faults.text_size <= sizeof(faults.text));
    for (unsigned i = 0; i < faults.count; i++) {
        const char *end = (const char *)faults.rows[i].accepted.data;
        assert_true(end + faults.rows[i].accepted.size <= faults.text + sizeof(faults.text));
    }
}

static void a_fault_that_is_told_is_told_whole(void **state)
{
    static char found[81], accepted[301];
    (void)state;
    memset(found, 1, sizeof(found) - 1); // shown as four times as much
    memset(accepted, 'x', sizeof(accepted) - 1);
    for (unsigned i = 0; i < 100; i++) {
        add(STATUS_REFUSED, 0, "data.field", found, accepted);
    }
    assert_true(faults.count >= 8 && faults.untold == 100 - faults.count);
    for (unsigned i = 0; i < faults.count; i++) {
        assert_int_equal(faults.rows[i].found.size, 320);
        assert_int_equal(faults.rows[i].accepted.size, 300);
    }
}

static void a_guard_is_silent_about_a_field_that_is_malformed(void **state)
{
    (void)state;
    add(STATUS_MALFORMED, 0, "data.leads", "a text", "a list");
    add(STATUS_REFUSED, 5, "data.leads", "nobody", "a member");
    assert_int_equal(faults.count + faults.untold, 1);
    assert_true(bytes_are(faults.rows[0].found, "a text")); // not written over
    add(STATUS_REFUSED, 5, "data.parent", "nobody", "a werkplaats");
    add(STATUS_REFUSED, 6, "data.parent", "itself", "another");
    add(STATUS_MALFORMED, 0, "data.leads", "too many", "fewer");
    add(STATUS_MALFORMED, 0, "", "no map", "a map");
    add(STATUS_REFUSED, 1, "", "nothing", "something"); // about the whole event: told
    assert_int_equal(faults.count, 6);
    assert_true(bytes_are(faults.rows[1].accepted, "a werkplaats"));
    assert_true(bytes_are(faults.rows[5].found, "nothing"));
}

static void on_the_wire_a_fault_is_a_map_of_what_it_has(void **state)
{
    static uint8_t room[65536];
    const char *reason;
    struct wire_value head, row;
    (void)state;
    add(STATUS_REFUSED, 5, "data.leads", "nobody", "a member");
    add(STATUS_MALFORMED, 0, "", "no map", "a map");
    for (unsigned i = 0; i < 60; i++) {
        add(STATUS_CONFLICT, 11, "id", "\u20ac", "x");
    }
    struct wire_writer writer = wire_write(room, sizeof(room));
    faults_write(&faults, &writer);
    assert_true(wire_check(wire_written(&writer), &reason));

    struct wire_reader reader = wire_read(wire_written(&writer));
    assert_true(wire_next(&reader, &head));
    assert_int_equal(head.type, WIRE_LIST);
    assert_int_equal(head.count, faults.count);
    assert_true(wire_take(&reader, &row));
    assert_int_equal(row.count, 5);
    assert_true(bytes_are(wire_find_text(row.raw, "status"), "refused"));
    assert_int_equal(wire_find_number(row.raw, "guard"), 5);
    assert_true(bytes_are(wire_find_text(row.raw, "field"), "data.leads"));
    assert_true(bytes_are(wire_find_text(row.raw, "found"), "nobody"));
    assert_true(bytes_are(wire_find_text(row.raw, "accepted"), "a member"));
    assert_true(wire_take(&reader, &row));
    assert_int_equal(row.count, 3); // no guard, no field
    assert_true(bytes_are(wire_find_text(row.raw, "status"), "malformed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_fault_is_ok, empty),
        cmocka_unit_test_setup(the_gravest_fault_decides, empty),
        cmocka_unit_test_setup(control_characters_are_shown, empty),
        cmocka_unit_test_setup(what_is_cut_or_broken_still_is_utf8, empty),
        cmocka_unit_test_setup(what_is_more_than_the_limit_is_counted, empty),
        cmocka_unit_test_setup(long_faults_fill_the_text_and_never_more, empty),
        cmocka_unit_test_setup(a_fault_that_is_told_is_told_whole, empty),
        cmocka_unit_test_setup(a_guard_is_silent_about_a_field_that_is_malformed, empty),
        cmocka_unit_test_setup(on_the_wire_a_fault_is_a_map_of_what_it_has, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
