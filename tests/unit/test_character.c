/*
 * Every character of Unicode is read back from its UTF-8, what is none is passed over byte by byte,
 * and nothing that a terminal obeys or that turns the text around it goes unnoticed.
 */
#include "proto/character.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CHARACTER_MAX 0x10ffff

static size_t put(int32_t character, unsigned char *at)
{
    if (character < 0x80) {
        at[0] = (unsigned char)character;
        return 1;
    }
    static const unsigned char firsts[] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, character >>= 6) {
        at[i] = (unsigned char)(0x80 | (character & 0x3f));
    }
    at[0] = (unsigned char)(firsts[more] | character);
    return more + 1;
}

static void every_character_is_read_back(void **state)
{
    (void)state;
    for (int32_t character = 1; character <= CHARACTER_MAX; character++) {
        unsigned char text[8] = {0};
        const unsigned char *at = text;
        size_t size = put(character, text);
        bool surrogate = character >= 0xd800 && character <= 0xdfff;
        assert_int_equal(character_next(&at), surrogate ? -1 : character);
        assert_int_equal(at - text, surrogate ? 1 : size);
    }
}

static void what_is_no_utf_8_is_passed_over_byte_by_byte(void **state)
{
    static const char *const wrong[] = {
        "\x80",         "\xbf",          "\xc0\xaf",         "\xc1\xbf",         "\xc3",
        "\xc3(",        "\xe0\x80\x9b",  "\xe0\x9f\xbf",     "\xe2\x82",         "\xe2(\xa1",
        "\xf0\x9f\x98", "\xf0(\x8c\xbc", "\xf0\x80\x80\x9b", "\xf4\x90\x80\x80", "\xf5",
        "\xff",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const unsigned char *text = (const unsigned char *)wrong[i], *at = text;
        assert_int_equal(character_next(&at), -1);
        assert_ptr_equal(at, text + 1); // what follows may be sound
    }
}

// By their general category, Cc, and by Bidi_Control, and the two that separate lines.
static void exactly_what_must_not_reach_people_is_told(void **state)
{
    static const int32_t layout[] = {0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,
                                     0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069};
    size_t next = 0;
    (void)state;
    for (int32_t character = 0; character <= CHARACTER_MAX; character++) {
        bool control = character <= 0x1f || (character >= 0x7f && character <= 0x9f);
        bool turns = next < sizeof layout / sizeof layout[0] && character == layout[next];
        next += turns;
        assert_int_equal(character_is_control(character), control);
        assert_int_equal(character_is_layout(character), turns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_is_read_back),
        cmocka_unit_test(what_is_no_utf_8_is_passed_over_byte_by_byte),
        cmocka_unit_test(exactly_what_must_not_reach_people_is_told),
    };
    return cmocka_run_group_tests_name("character", tests, NULL, NULL);
}
