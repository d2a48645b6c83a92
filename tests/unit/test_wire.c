#include "proto/wire.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define VIEW(literal) ((struct bytes){(literal), sizeof(literal) - 1})

static uint8_t room[2 * 1024 * 1024];

// Bytes in memory of exactly their size, so that the sanitizer sees a read behind them.
static bool check_exactly(struct bytes bytes, const char **ret_reason)
{
    uint8_t *copy = malloc(bytes.size == 0 ? 1 : bytes.size);
    assert_non_null(copy);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    bool sound = wire_check((struct bytes){copy, bytes.size}, ret_reason);
    free(copy);
    return sound;
}

static void expect_sound(struct bytes bytes)
{
    const char *reason = "";
    if (!check_exactly(bytes, &reason)) {
        fail_msg("refused: %s", reason);
    }
}

static void expect_refused(struct bytes bytes, const char *expected)
{
    const char *reason = NULL;
    if (check_exactly(bytes, &reason)) {
        fail_msg("accepted, should be refused: %s", expected);
    }
    if (strstr(reason, expected) == NULL) {
        fail_msg("refused as \"%s\", should be: %s", reason, expected);
    }
}

// One value, read from bytes that hold nothing else.
static struct wire_value read_one(struct bytes bytes)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_value value = {0};
    assert_true(wire_take(&reader, &value));
    assert_ptr_equal(reader.at, reader.end);
    assert_true(bytes_equal(value.raw, bytes));
    return value;
}

// Numbers ---------------------------------------------------------------------------------------

static void each_unsigned_number_takes_the_shortest_header(void **state)
{
    static const struct {
        uint64_t number;
        uint8_t first;
        size_t size;
    } rows[] = {
        {0, 0x00, 1},         {0x7f, 0x7f, 1},       {0x80, 0xcc, 2},
        {0xff, 0xcc, 2},      {0x100, 0xcd, 3},      {0xffff, 0xcd, 3},
        {0x10000, 0xce, 5},   {UINT32_MAX, 0xce, 5}, {UINT32_MAX + UINT64_C(1), 0xcf, 9},
        {INT64_MAX, 0xcf, 9}, {UINT64_MAX, 0xcf, 9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_uint(&writer, rows[i].number);
        struct bytes bytes = wire_written(&writer);
        assert_int_equal(bytes.size, rows[i].size);
        assert_int_equal(room[0], rows[i].first);
        expect_sound(bytes);
        struct wire_value value = read_one(bytes);
        assert_int_equal(value.type, WIRE_UINT);
        assert_true(value.number == rows[i].number);
    }
}

static void each_signed_number_takes_the_shortest_header(void **state)
{
    static const struct {
        int64_t number;
        uint8_t first;
        size_t size;
    } rows[] = {
        {0, 0x00, 1},         {127, 0x7f, 1},       {128, 0xcc, 2},
        {-1, 0xff, 1},        {-32, 0xe0, 1},       {-33, 0xd0, 2},
        {-128, 0xd0, 2},      {-129, 0xd1, 3},      {INT16_MIN, 0xd1, 3},
        {-32769, 0xd2, 5},    {INT32_MIN, 0xd2, 5}, {INT64_C(-2147483649), 0xd3, 9},
        {INT64_MIN, 0xd3, 9}, {INT64_MAX, 0xcf, 9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_int(&writer, rows[i].number);
        struct bytes bytes = wire_written(&writer);
        assert_int_equal(bytes.size, rows[i].size);
        assert_int_equal(room[0], rows[i].first);
        expect_sound(bytes);
        struct wire_value value = read_one(bytes);
        assert_int_equal(value.type, rows[i].number < 0 ? WIRE_NEGATIVE : WIRE_UINT);
        assert_true((int64_t)value.number == rows[i].number);
    }
}

static void a_longer_header_than_needed_reads_as_the_same_number(void **state)
{
    static const struct {
        struct bytes bytes;
        enum wire_type type;
        int64_t number;
    } rows[] = {
        {{"\xcc\x05", 2}, WIRE_UINT, 5},
        {{"\xcd\x00\x05", 3}, WIRE_UINT, 5},
        {{"\xce\x00\x00\x00\x05", 5}, WIRE_UINT, 5},
        {{"\xcf\x00\x00\x00\x00\x00\x00\x00\x05", 9}, WIRE_UINT, 5},
        {{"\xd0\x05", 2}, WIRE_UINT, 5},
        {{"\xd1\x00\x05", 3}, WIRE_UINT, 5},
        {{"\xd2\x00\x00\x00\x05", 5}, WIRE_UINT, 5},
        {{"\xd3\x00\x00\x00\x00\x00\x00\x00\x05", 9}, WIRE_UINT, 5},
        {{"\xd0\xff", 2}, WIRE_NEGATIVE, -1},
        {{"\xd1\xff\xff", 3}, WIRE_NEGATIVE, -1},
        {{"\xd2\xff\xff\xff\xff", 5}, WIRE_NEGATIVE, -1},
        {{"\xd3\xff\xff\xff\xff\xff\xff\xff\xff", 9}, WIRE_NEGATIVE, -1},
        {{"\xcc\xff", 2}, WIRE_UINT, 255},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_sound(rows[i].bytes);
        struct wire_value value = read_one(rows[i].bytes);
        assert_int_equal(value.type, rows[i].type);
        assert_true((int64_t)value.number == rows[i].number);
    }
}

// Texts, bytes, containers ----------------------------------------------------------------------

static void each_text_takes_the_shortest_header(void **state)
{
    static const struct {
        size_t length, header;
        uint8_t first;
    } rows[] = {
        {0, 1, 0xa0},   {1, 1, 0xa1},   {31, 1, 0xbf},    {32, 2, 0xd9},
        {255, 2, 0xd9}, {256, 3, 0xda}, {65535, 3, 0xda}, {65536, 5, 0xdb},
    };
    static char text[65536];
    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_text(&writer, (struct bytes){text, rows[i].length});
        struct bytes bytes = wire_written(&writer);
        assert_int_equal(room[0], rows[i].first);
        assert_int_equal(bytes.size, rows[i].header + rows[i].length);
        expect_sound(bytes);
        struct wire_value value = read_one(bytes);
        assert_int_equal(value.type, WIRE_TEXT);
        assert_true(bytes_equal(value.bytes, (struct bytes){text, rows[i].length}));
    }
}

static void each_binary_takes_the_shortest_header(void **state)
{
    static const struct {
        size_t length, header;
        uint8_t first;
    } rows[] = {
        {0, 2, 0xc4}, {255, 2, 0xc4}, {256, 3, 0xc5}, {65535, 3, 0xc5}, {65536, 5, 0xc6},
    };
    static uint8_t binary[65536];
    (void)state;
    memset(binary, 0xff, sizeof(binary)); // bytes need not be UTF-8
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_binary(&writer, (struct bytes){binary, rows[i].length});
        struct bytes bytes = wire_written(&writer);
        assert_int_equal(room[0], rows[i].first);
        assert_int_equal(bytes.size, rows[i].header + rows[i].length);
        expect_sound(bytes);
        struct wire_value value = read_one(bytes);
        assert_int_equal(value.type, WIRE_BINARY);
        assert_true(bytes_equal(value.bytes, (struct bytes){binary, rows[i].length}));
    }
}

static void each_list_and_map_takes_the_shortest_header(void **state)
{
    static const struct {
        uint32_t count;
        size_t header;
        uint8_t list, map;
    } rows[] = {
        {0, 1, 0x90, 0x80},     {15, 1, 0x9f, 0x8f},    {16, 3, 0xdc, 0xde},
        {65535, 3, 0xdc, 0xde}, {65536, 5, 0xdd, 0xdf},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_value value;
        for (int map = 0; map < 2; map++) {
            struct wire_writer writer = wire_write(room, sizeof(room));
            if (map) {
                wire_put_map(&writer, rows[i].count);
            } else {
                wire_put_list(&writer, rows[i].count);
            }
            struct bytes header = wire_written(&writer);
            assert_int_equal(header.size, rows[i].header);
            assert_int_equal(room[0], map ? rows[i].map : rows[i].list);
            struct wire_reader reader = wire_read(header);
            assert_true(wire_next(&reader, &value));
            assert_int_equal(value.type, map ? WIRE_MAP : WIRE_LIST);
            assert_int_equal(value.count, rows[i].count);
        }
    }
}

static void flags_are_one_byte(void **state)
{
    (void)state;
    for (int flag = 0; flag < 2; flag++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_flag(&writer, flag);
        assert_int_equal(writer.size, 1);
        assert_int_equal(room[0], 0xc2 + flag);
        struct wire_value value = read_one(wire_written(&writer));
        assert_int_equal(value.type, WIRE_FLAG);
        assert_int_equal(value.number, flag);
    }
}

// A value with something of everything, two levels deep.
static struct bytes write_mixture(void)
{
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, 5);
    wire_pair_uint(&writer, "number", 70000);
    wire_pair_text(&writer, "text", VIEW("d\u00e9j\u00e0 \u20ac \U0001F4A7"));
    wire_pair_binary(&writer, "binary", VIEW("\xff\xfe"));
    wire_put_text(&writer, VIEW("list"));
    wire_put_list(&writer, 4);
    wire_put_int(&writer, -70000);
    wire_put_flag(&writer, true);
    wire_put_map(&writer, 1);
    wire_pair_uint(&writer, "number", 1); // the same key in another map
    wire_put_list(&writer, 0);
    wire_put_text(&writer, VIEW("map"));
    wire_put_map(&writer, 1);
    wire_pair_uint(&writer, "text", UINT64_MAX);
    return wire_written(&writer);
}

static void keys_are_found_in_a_map(void **state)
{
    struct bytes map = write_mixture();
    struct wire_value value;
    (void)state;
    expect_sound(map);
    assert_int_equal(wire_find_number(map, "number"), 70000);
    assert_int_equal(wire_find_number(map, "text"), 0);
    assert_true(bytes_are(wire_find_text(map, "text"), "d\u00e9j\u00e0 \u20ac \U0001F4A7"));
    assert_int_equal(wire_find_text(map, "number").size, 0);
    assert_true(wire_find(map, "map", &value)); // behind a list with maps in it
    assert_int_equal(value.type, WIRE_MAP);
    assert_true(wire_find_number(value.raw, "text") == UINT64_MAX);
    assert_false(wire_find(map, "nosuch", &value));
    assert_false(wire_find(map, "numbe", &value));
    assert_false(wire_find(VIEW("\x93\x01\x02\x03"), "x", &value));
    assert_false(wire_find((struct bytes){0}, "x", &value));
}

// Checking --------------------------------------------------------------------------------------

static void every_truncation_is_refused(void **state)
{
    static uint8_t copy[512];
    struct bytes whole = write_mixture();
    (void)state;
    assert_true(whole.size < sizeof(copy));
    memcpy(copy, whole.data, whole.size);
    for (size_t size = 0; size < whole.size; size++) {
        const char *reason = NULL;
        assert_false(check_exactly((struct bytes){copy, size}, &reason));
        assert_non_null(reason);
    }
}

static void bytes_behind_the_end_are_refused(void **state)
{
    struct bytes whole = write_mixture();
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        room[whole.size] = (uint8_t)byte;
        expect_refused((struct bytes){room, whole.size + 1}, "bytes behind the end");
    }
}

// depth lists in each other; the innermost holds one number, or nothing.
static struct bytes write_nested(unsigned depth, bool empty)
{
    struct wire_writer writer = wire_write(room, sizeof(room));
    for (unsigned i = 0; i < depth; i++) {
        if (i % 2 == 0) {
            wire_put_list(&writer, i + 1 == depth && empty ? 0 : 1);
        } else {
            wire_put_map(&writer, i + 1 == depth && empty ? 0 : 1);
            if (i + 1 < depth || !empty) {
                wire_put_text(&writer, VIEW("k"));
            }
        }
    }
    if (!empty) {
        wire_put_uint(&writer, 1);
    }
    return wire_written(&writer);
}

static void eight_levels_are_taken_and_a_ninth_is_refused(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth <= 8; depth++) {
        expect_sound(write_nested(depth, false));
        expect_sound(write_nested(depth, true));
    }
    for (unsigned depth = 9; depth <= 12; depth++) {
        expect_refused(write_nested(depth, false), "more levels than the limit");
        expect_refused(write_nested(depth, true), "more levels than the limit");
    }
}

static void a_list_of_4096_values_in_all_is_taken_and_4097_are_refused(void **state)
{
    (void)state;
    for (uint32_t count = 4095; count <= 4096; count++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_list(&writer, count);
        for (uint32_t i = 0; i < count; i++) {
            wire_put_uint(&writer, i);
        }
        if (count == 4095) {
            expect_sound(wire_written(&writer)); // the list is a value too
        } else {
            expect_refused(wire_written(&writer), "more values than the limit");
        }
    }
}

static struct bytes write_wide_map(uint32_t pairs, bool twice)
{
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, pairs);
    for (uint32_t i = 0; i < pairs; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%u", twice && i + 1 == pairs ? 0 : i);
        wire_pair_uint(&writer, key, i);
    }
    return wire_written(&writer);
}

static void a_map_of_256_keys_is_taken_and_257_are_refused(void **state)
{
    (void)state;
    expect_sound(write_wide_map(256, false));
    expect_refused(write_wide_map(257, false), "a map of more than 256 keys");
}

static void the_same_key_twice_is_refused(void **state)
{
    (void)state;
    expect_refused(VIEW("\x82\xa1k\x01\xa1k\x02"), "the same key twice");
    expect_refused(VIEW("\x82\xa1k\x01\xd9\x01k\x02"), "the same key twice"); // another header
    expect_refused(VIEW("\x82\xa0\x01\xa0\x02"), "the same key twice");
    expect_refused(VIEW("\x83\xa1k\x81\xa1k\x01\xa1l\x01\xa1k\x01"), "the same key twice");
    expect_refused(VIEW("\x91\x82\xa1k\x01\xa1k\x02"), "the same key twice");
    expect_refused(write_wide_map(256, true), "the same key twice");
    expect_sound(VIEW("\x82\xa1k\x81\xa1k\x01\xa1l\x81\xa1k\x01"));
}

static void a_key_that_is_no_text_is_refused(void **state)
{
    static const struct bytes rows[] = {
        {"\x81\x01\x01", 3},      {"\x81\xff\x01", 3}, {"\x81\xc3\x01", 3},
        {"\x81\xc4\x01k\x01", 5}, {"\x81\x90\x01", 3}, {"\x81\x80\x01", 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_refused(rows[i], "a key that is no text");
    }
}

static void nil_floats_and_extensions_are_refused(void **state)
{
    static const uint8_t firsts[] = {0xc0, 0xc1, 0xc7, 0xc8, 0xc9, 0xca,
                                     0xcb, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8};
    uint8_t bytes[40] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(firsts); i++) {
        // With any number of bytes behind it, so that the right one is among them.
        for (size_t size = 1; size < 30; size++) {
            memset(bytes, 0, sizeof(bytes));
            bytes[0] = firsts[i];
            expect_refused((struct bytes){bytes, size}, "not taken here");
            bytes[0] = 0x91;
            bytes[1] = firsts[i];
            expect_refused((struct bytes){bytes, size + 1}, "not taken here");
        }
    }
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    static const char *const bad[] = {
        "\x80", // continues nothing
        "\xbf",
        "\xc3",
        "\xc3(",
        "\xe2\x82",
        "\xe2(\xac",
        "\xe2\x82(",
        "\xf0\x9f\x92",
        "\xf0\x9f\x92(",
        "\xc0\x80", // over-long: U+0000
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", // surrogates
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", // above U+10FFFF
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
    };
    static const char *const good[] = {
        "",
        "a",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(wire_is_utf8(bytes_of(bad[i])));
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_text(&writer, bytes_of(bad[i]));
        expect_refused(wire_written(&writer), "text that is not UTF-8");
        writer = wire_write(room, sizeof(room));
        wire_put_map(&writer, 1);
        wire_pair_uint(&writer, bad[i], 1);
        expect_refused(wire_written(&writer), "text that is not UTF-8");
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(wire_is_utf8(bytes_of(good[i])));
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_text(&writer, bytes_of(good[i]));
        expect_sound(wire_written(&writer));
    }
}

// The well-formed sequences of RFC 3629, written out as its table has them.
static size_t size_by_table(const uint8_t *text, size_t left)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high;
        size_t size;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool fits =
            text[0] >= rows[i].first_low && text[0] <= rows[i].first_high && left >= rows[i].size;
        fits = fits && (rows[i].size < 2 ||
                        (text[1] >= rows[i].second_low && text[1] <= rows[i].second_high));
        for (size_t j = 2; fits && j < rows[i].size; j++) {
            fits = text[j] >= 0x80 && text[j] <= 0xbf;
        }
        if (fits) {
            return rows[i].size;
        }
    }
    return 0;
}

static void utf8_is_what_the_table_of_the_rfc_says(void **state)
{
    static const uint8_t tails[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    (void)state;
    for (unsigned start = 0; start < 256 * 256 * 36; start++) {
        uint8_t text[4] = {(uint8_t)(start / 36 / 256), (uint8_t)(start / 36),
                           tails[start % 36 / 6], tails[start % 6]};
        for (size_t size = 1; size <= 4; size++) {
            size_t at = 0, step = 1;
            while (at < size && step > 0) {
                step = size_by_table(text + at, size - at);
                at += step;
            }
            if (wire_is_utf8((struct bytes){text, size}) != (at == size)) {
                fail_msg("%02x %02x %02x %02x, %zu bytes", text[0], text[1], text[2], text[3],
                         size);
            }
        }
    }
}

static void an_answer_may_be_deeper_and_longer(void **state)
{
    const char *reason;
    (void)state;
    assert_true(wire_check_answer(write_nested(ANSWER_DEPTH_MAX, false), &reason));
    assert_false(wire_check_answer(write_nested(ANSWER_DEPTH_MAX + 1, false), &reason));
    for (uint32_t count = ANSWER_ITEMS_MAX - 1; count <= ANSWER_ITEMS_MAX; count++) {
        struct wire_writer writer = wire_write(room, sizeof(room));
        wire_put_list(&writer, count);
        for (uint32_t i = 0; i < count; i++) {
            wire_put_uint(&writer, i);
        }
        assert_int_equal(wire_check_answer(wire_written(&writer), &reason),
                         count < ANSWER_ITEMS_MAX);
    }
}

// As many keys open at once as there can be: 256 in each map, the last holding the next map.
static void all_keys_of_all_open_maps_are_compared(void **state)
{
    const char *reason = "";
    (void)state;
    for (unsigned twice = 0; twice <= 12; twice++) { // in which map; 0: in none
        struct wire_writer writer = wire_write(room, sizeof(room));
        for (unsigned depth = 1; depth <= 12; depth++) {
            wire_put_map(&writer, 256);
            for (uint32_t i = 0; i < 256; i++) {
                char key[16];
                (void)snprintf(key, sizeof(key), "k%u", depth == twice && i == 255 ? 0 : i);
                wire_put_text(&writer, bytes_of(key));
                if (i < 255 || depth == 12) {
                    wire_put_flag(&writer, true);
                }
            }
        }
        bool sound = wire_check_answer(wire_written(&writer), &reason);
        assert_int_equal(sound, twice == 0);
        assert_true(sound || strcmp(reason, "a map with the same key twice") == 0);
    }
}

static void the_keys_of_maps_that_have_ended_are_forgotten(void **state)
{
    const char *reason;
    (void)state;
    expect_sound(VIEW("\x82\xa1\x61\x81\xa1\x62\x01\xa1\x62\x02")); // {a: {b: 1}, b: 2}
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_list(&writer, 200);
    for (unsigned map = 0; map < 200; map++) { // far more keys than there can be at once
        wire_put_map(&writer, 250);
        for (unsigned i = 0; i < 250; i++) {
            char key[16];
            (void)snprintf(key, sizeof(key), "k%u", i);
            wire_pair_uint(&writer, key, i);
        }
    }
    assert_true(wire_check_answer(wire_written(&writer), &reason));
}

static void bombs_of_a_few_bytes_are_refused(void **state)
{
    static const struct bytes bombs[] = {
        {"\xdd\xff\xff\xff\xff", 5},
        {"\xdd\x0f\xff\xff\xff", 5},
        {"\xdf\x05\x55\x55\x55", 5},
        {"\xdf\xff\xff\xff\xff", 5},
        {"\xdf\x80\x00\x00\x00", 5}, // twice this many values is 0 in
                                     // 32 bits
        {"\xdc\xff\xff", 3},
        {"\xde\xff\xff", 3},
        {"\xdb\xff\xff\xff\xff", 5},
        {"\xc6\xff\xff\xff\xff", 5},
        {"\xda\xff\xff", 3},
        {"\xc5\xff\xff", 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        const char *reason = NULL;
        assert_false(check_exactly(bombs[i], &reason));
        assert_non_null(reason);
    }
    for (size_t headers = 1; headers <= 20000; headers = headers * 3 + 1) {
        for (size_t i = 0; i < headers; i++) {
            memcpy(room + 5 * i, "\xdd\x0f\xff\xff\xff", 5);
        }
        expect_refused((struct bytes){room, 5 * headers}, "a count larger than the bytes");
        memset(room, 0x91, headers);
        const char *reason = NULL;
        assert_false(check_exactly((struct bytes){room, headers}, &reason));
    }
}

static void a_count_beyond_the_bytes_that_follow_is_refused(void **state)
{
    (void)state;
    expect_refused(VIEW("\x92\x01"), "a count larger than the bytes");
    expect_refused(VIEW("\x81\xa0"), "a count larger than the bytes");
    expect_refused(VIEW("\xdc\x00\x03\x01\x02"), "a count larger than the bytes");
    expect_refused(VIEW("\xdd\x00\x00\x00\x03\x01\x02"), "a count larger than the bytes");
    expect_refused(VIEW("\x92\x92\x01\x02"), "ends too early");
    expect_sound(VIEW("\xdc\x00\x02\x01\x02"));
}

// Present only where a sanitizer watches the heap.
extern int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
                                                     void (*)(const volatile void *))
    __attribute__((weak));

static unsigned allocations;

static void count_allocation(const volatile void *at, size_t size)
{
    (void)at, (void)size;
    allocations++;
}

static void ignore_free(const volatile void *at)
{
    (void)at;
}

static void checking_and_reading_allocate_nothing(void **state)
{
    const char *reason;
    (void)state;
    if (__sanitizer_install_malloc_and_free_hooks == NULL) {
        skip();
    }
    assert_true(__sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_free) > 0);
    void *volatile kept = malloc(1); // volatile: or the compiler leaves it out
    free(kept);
    assert_true(allocations > 0); // the counter works

    static const char bomb[] = "\xdd\x0f\xff\xff\xff";
    struct bytes map = write_wide_map(256, false);
    struct wire_value value;
    struct wire_reader reader = wire_read(map);
    allocations = 0;
    bool sound = wire_check(map, &reason) && wire_take(&reader, &value);
    bool bombed = wire_check((struct bytes){bomb, 5}, &reason);
    (void)write_wide_map(256, true);
    unsigned counted = allocations;
    assert_true(sound);
    assert_false(bombed);
    assert_int_equal(counted, 0);
}

// Writing into too little room ------------------------------------------------------------------

static void what_does_not_fit_is_remembered_and_nothing_is_written_beyond(void **state)
{
    struct bytes whole = write_mixture();
    size_t size = whole.size;
    uint8_t *copy = malloc(size);
    (void)state;
    assert_non_null(copy);
    memcpy(copy, whole.data, size);
    for (size_t limit = 0; limit <= size; limit++) {
        uint8_t *small = malloc(limit == 0 ? 1 : limit); // the sanitizer watches its end
        assert_non_null(small);
        struct wire_writer writer = wire_write(small, limit);
        struct wire_reader reader = wire_read((struct bytes){copy, size});
        struct wire_value value;
        while (wire_next(&reader, &value)) {
            wire_put_raw(&writer, value.raw);
        }
        assert_int_equal(writer.overflow, limit < size);
        assert_int_equal(wire_written(&writer).size, limit < size ? 0 : size);
        size_t before = writer.size;
        if (writer.overflow) {
            wire_put_flag(&writer, true); // would fit, but comes too late
            assert_int_equal(writer.size, before);
        }
        free(small);
    }
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unsigned_number_takes_the_shortest_header),
        cmocka_unit_test(each_signed_number_takes_the_shortest_header),
        cmocka_unit_test(a_longer_header_than_needed_reads_as_the_same_number),
        cmocka_unit_test(each_text_takes_the_shortest_header),
        cmocka_unit_test(each_binary_takes_the_shortest_header),
        cmocka_unit_test(each_list_and_map_takes_the_shortest_header),
        cmocka_unit_test(flags_are_one_byte),
        cmocka_unit_test(keys_are_found_in_a_map),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(bytes_behind_the_end_are_refused),
        cmocka_unit_test(eight_levels_are_taken_and_a_ninth_is_refused),
        cmocka_unit_test(a_list_of_4096_values_in_all_is_taken_and_4097_are_refused),
        cmocka_unit_test(a_map_of_256_keys_is_taken_and_257_are_refused),
        cmocka_unit_test(the_same_key_twice_is_refused),
        cmocka_unit_test(a_key_that_is_no_text_is_refused),
        cmocka_unit_test(nil_floats_and_extensions_are_refused),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(utf8_is_what_the_table_of_the_rfc_says),
        cmocka_unit_test(an_answer_may_be_deeper_and_longer),
        cmocka_unit_test(all_keys_of_all_open_maps_are_compared),
        cmocka_unit_test(the_keys_of_maps_that_have_ended_are_forgotten),
        cmocka_unit_test(bombs_of_a_few_bytes_are_refused),
        cmocka_unit_test(a_count_beyond_the_bytes_that_follow_is_refused),
        cmocka_unit_test(checking_and_reading_allocate_nothing),
        cmocka_unit_test(what_does_not_fit_is_remembered_and_nothing_is_written_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
