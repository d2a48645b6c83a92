// What people send to the dashboard is read strictly, searched as they mean it, sealed and bounded.
#include "clients/dashboard/fold.h"
#include "clients/dashboard/form.h"
#include "clients/dashboard/gate.h"
#include "clients/dashboard/seal.h"
#include "clients/dashboard/utf8.h"

// cmocka wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static bool reads(struct sent_form *form, const char *body)
{
    return form_read(form, body, strlen(body));
}

static void a_form_is_read_as_browsers_send_it(void **state)
{
    (void)state;
    static struct sent_form form;
    assert_true(reads(&form, "a=1&b=x+y%2B%C3%A9&leeg=&c&&d=een%0D%0Atwee=drie"));
    assert_int_equal(form.count, 5);
    assert_string_equal(form_get(&form, "a"), "1");
    assert_string_equal(form_get(&form, "b"), "x y+é");
    assert_string_equal(form_get(&form, "leeg"), "");
    assert_string_equal(form_get(&form, "c"), "");
    assert_string_equal(form_get(&form, "d"), "een\ntwee=drie");
    assert_string_equal(form_get(&form, "ander"), "");
    assert_true(reads(&form, ""));
    assert_int_equal(form.count, 0);
}

static void what_no_browser_sends_is_no_form(void **state)
{
    (void)state;
    static struct sent_form form;
    static const char *const broken[] = {"a=%",         "a=%1",     "a=%zz",   "a=%00",   "a=%1b",
                                         "a=%ff",       "a=%c0%80", "=1",      "a=1&a=2", "a=%7f",
                                         "a=%ed%a0%80", "%00=1",    "a=%c2%85"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_false(reads(&form, broken[i]));
        assert_int_equal(form.count, 0);
    }
}

static void a_form_has_bounds(void **state)
{
    (void)state;
    static struct sent_form form;
    static char body[FORM_BYTES_MAX + 2];
    memset(body, 'x', sizeof(body));
    assert_true(form_read(&form, body, FORM_BYTES_MAX)); // one name
    assert_int_equal(strlen(form.rows[0].name), FORM_BYTES_MAX);
    assert_false(form_read(&form, body, FORM_BYTES_MAX + 1));
    size_t size = 0;
    for (int i = 0; i < FORM_ROWS_MAX; i++) {
        size += (size_t)snprintf(body + size, sizeof(body) - size, "%c&", 'a' + i);
    }
    assert_true(form_read(&form, body, size));
    assert_int_equal(form.count, FORM_ROWS_MAX);
    memset(body + size, 'x', FORM_BYTES_MAX - size); // one more, as long as can be
    assert_false(form_read(&form, body, FORM_BYTES_MAX));
}

static void white_space_around_goes(void **state)
{
    (void)state;
    char text[] = " \n een  twee\t\n", empty[] = " \n";
    assert_string_equal(form_trim(text), "een  twee");
    assert_string_equal(form_trim(empty), "");
}

static void words_are_found_as_people_mean_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *question, *found; // found: that part of the text; NULL: nothing
    } rows[] = {
        {"De Ĳssel", "ijssel", "Ĳssel"},
        {"Één plan", "EEN", "Één"},
        {"cre\u0300che", "crèche", "cre\u0300che"},
        {"crèche", "cre\u0300che", "crèche"},
        {"Straße", "strasse", "Straße"},
        {"cœur", "coeur", "cœur"},
        {"riool", "riolen", NULL},
        {"afvalwater", "water", "water"},
        {"aab", "ab", "ab"},
        {"Ω", "ω", NULL},
        {"Ωmega", "Ωmega", "Ωmega"},
        {"3 × 4", "×", "×"},
        {"kopje cafe\u0301", "cafe", "cafe\u0301"},
        {"", "a", NULL},
        {"ri\xff", "ri", "ri"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fold_words words;
        size_t begin = 0, end = 0;
        fold_read(&words, rows[i].question);
        assert_int_equal(words.count, 1);
        bool found = fold_find(rows[i].text, 0, words.words[0], &begin, &end);
        assert_int_equal(found, rows[i].found != NULL);
        if (found) {
            assert_int_equal(end - begin, strlen(rows[i].found));
            assert_memory_equal(rows[i].text + begin, rows[i].found, end - begin);
        }
    }
}

static void a_question_is_some_words(void **state)
{
    (void)state;
    struct fold_words words;
    fold_read(&words, "  Eén\tTWEE\n drie\u00a0vier ");
    assert_int_equal(words.count, 4);
    assert_string_equal(words.words[0], "een");
    assert_string_equal(words.words[3], "vier");
    fold_read(&words, "\u0301 ");
    assert_int_equal(words.count, 0);
    fold_read(&words, "a b c d e f g h i j");
    assert_int_equal(words.count, FOLD_WORDS);
    char longest[200];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    fold_read(&words, longest);
    assert_int_equal(strlen(words.words[0]), FOLD_WORD_BYTES);
}

static void a_seal_holds_for_its_own_form_alone(void **state)
{
    (void)state;
    struct seal one, other;
    char id[SEAL_ID], text[SEAL_TEXT], id_two[SEAL_ID], text_two[SEAL_TEXT];
    uint64_t ms = 0;
    assert_true(seal_init(&one) && seal_init(&other));
    seal_new(&one, id, text);
    seal_new(&one, id_two, text_two);
    assert_true(seal_holds(&one, id, text));
    assert_false(seal_holds(&other, id, text));
    assert_false(seal_holds(&one, id, text_two));
    assert_false(seal_holds(&one, id_two, text));
    assert_false(seal_holds(&one, id, ""));
    text[63] ^= 1;
    assert_false(seal_holds(&one, id, text));
    assert_true(seal_read_id("01a20bd2-954a-7000-8b2a-e1ee799bc4c4", &ms));
    assert_int_equal(ms, 0x01a20bd2954a);
    static const char *const wrong[] = {"",
                                        "x",
                                        "01a20bd2-954a-4000-8b2a-e1ee799bc4c4",
                                        "01A20bd2-954a-7000-8b2a-e1ee799bc4c4",
                                        "01a20bd2-954a-7000-8b2a-e1ee799bc4c45",
                                        "01a20bd2-954a-7000-cb2a-e1ee799bc4c4"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(seal_read_id(wrong[i], &ms));
    }
}

static unsigned passed(struct gate *gate, const char *address, unsigned times, int64_t now_ms)
{
    unsigned count = 0, seconds = 0;
    for (unsigned i = 0; i < times; i++) {
        bool passes = gate_pass(gate, address, now_ms, &seconds);
        assert_int_equal(passes, seconds == 0);
        assert_true(seconds <= 7200);
        count += passes;
    }
    return count;
}

static void a_gate_bounds_each_and_all(void **state)
{
    (void)state;
    struct gate gate;
    int64_t hour = 3600000, now = 5 * hour;
    assert_true(gate_init(&gate, 25));
    assert_int_equal(passed(&gate, "192.0.2.1", 20, now), GATE_ADDRESS_HOUR);
    assert_int_equal(passed(&gate, "192.0.2.1", 5, now + hour / GATE_ADDRESS_HOUR), 1);
    assert_int_equal(passed(&gate, "192.0.2.1", 20, now + 2 * hour), GATE_ADDRESS_HOUR);
    // Neighbours of an IPv6 address are the same sender.
    assert_true(gate_init(&gate, 1000));
    unsigned v6 = passed(&gate, "2001:db8::1", 7, now) + passed(&gate, "2001:db8::ffff", 7, now);
    assert_int_equal(v6, GATE_ADDRESS_HOUR);
    // All together, and nobody at all.
    unsigned all = 0;
    assert_true(gate_init(&gate, 25));
    for (unsigned i = 0; i < 60; i++) {
        char address[32];
        (void)snprintf(address, sizeof(address), "198.51.100.%u", i);
        all += passed(&gate, address, 1, now);
    }
    assert_int_equal(all, 25);
    assert_true(gate_init(&gate, 0));
    assert_int_equal(passed(&gate, "192.0.2.1", 3, now), 0);
}

static void characters_are_those_of_utf8(void **state)
{
    (void)state;
    size_t taken = 0;
    assert_int_equal(utf8_read("\xf0\x9f\x98\x80", 4, &taken), 0x1f600);
    assert_int_equal(taken, 4);
    static const char *const wrong[] = {
        "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf8", "\xc3",     "\xc3("};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_true(utf8_read(wrong[i], strlen(wrong[i]), &taken) == UTF8_NONE);
        assert_int_equal(taken, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read_as_browsers_send_it),
        cmocka_unit_test(what_no_browser_sends_is_no_form),
        cmocka_unit_test(a_form_has_bounds),
        cmocka_unit_test(white_space_around_goes),
        cmocka_unit_test(words_are_found_as_people_mean_them),
        cmocka_unit_test(a_question_is_some_words),
        cmocka_unit_test(a_seal_holds_for_its_own_form_alone),
        cmocka_unit_test(a_gate_bounds_each_and_all),
        cmocka_unit_test(characters_are_those_of_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
