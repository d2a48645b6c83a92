#include "daemon/support/config.h"
#include "tests/unit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>

enum type { TEXT, NUMBER };

static const struct row {
    const char *name;
    enum type type;
    const char *fallback;
    uint64_t least, most;
} rows[OPTION_COUNT] = {
#define OPTION(NAME, name, type, fallback, least, most, help)                                      \
    [OPTION_##NAME] = {name, type, fallback, least, most},
#include "proto/config.def"
#undef OPTION
};

// Helpers ---------------------------------------------------------------------------------------

// A file with this text, named so for one test at a time.
static const char *write_file(const char *text)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/config", scratch_dir());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *line_of(const char *name, const char *value)
{
    static char text[4096];
    (void)snprintf(text, sizeof text, "%s = \"%s\"\n", name, value);
    return text;
}

static void expect_problem(const struct config *config, const char *part)
{
    if (strstr(config->problem, part) == NULL) {
        fail_msg("\"%s\" does not name \"%s\"", config->problem, part);
    }
    assert_null(strchr(config->problem, '\n'));
}

// A value that fits the row and is not its default.
static const char *fitting(const struct row *row)
{
    static char text[32];
    if (row->type == TEXT) {
        return "/srv/water keten";
    }
    uint64_t number = strtoull(row->fallback, NULL, 10);
    (void)snprintf(text, sizeof text, "%" PRIu64, number == row->least ? row->most : row->least);
    return text;
}

static void expect_option(const struct config *config, int option, const char *value)
{
    assert_string_equal(config_text(config, (enum option)option), value);
    if (rows[option].type == NUMBER) {
        assert_true(config_number(config, (enum option)option) == strtoull(value, NULL, 10));
    }
}

static void expect_file_refused(const char *text, const char *part)
{
    struct config config;
    config_init(&config);
    assert_false(config_load(&config, write_file(text)));
    expect_problem(&config, part);
}

// Tests -----------------------------------------------------------------------------------------

static void what_is_not_given_has_the_default_of_its_row(void **state)
{
    (void)state;
    struct config config;
    memset(&config, 0xff, sizeof config);
    config_init(&config);
    for (int i = 0; i < OPTION_COUNT; i++) {
        expect_option(&config, i, rows[i].fallback);
    }
    assert_string_equal(config.problem, "");
}

static void every_option_is_taken_as_a_flag_and_from_a_file(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        for (int from_flag = 0; from_flag < 2; from_flag++) {
            struct config config;
            const char *value = fitting(&rows[i]);
            config_init(&config);
            assert_true(from_flag ? config_set(&config, rows[i].name, value, true)
                                  : config_load(&config, write_file(line_of(rows[i].name, value))));
            for (int other = 0; other < OPTION_COUNT; other++) {
                expect_option(&config, other, other == i ? value : rows[other].fallback);
            }
        }
    }
}

static void a_flag_wins_over_the_file_in_either_order(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        for (int file_first = 0; file_first < 2; file_first++) {
            struct config config;
            const char *path = write_file(line_of(rows[i].name, rows[i].fallback));
            config_init(&config);
            assert_true(!file_first || config_load(&config, path));
            assert_true(config_set(&config, rows[i].name, fitting(&rows[i]), true));
            assert_true(file_first || config_load(&config, path));
            expect_option(&config, i, fitting(&rows[i]));
        }
    }
}

static void an_option_given_twice_is_refused_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        struct config config;
        char text[8192];
        config_init(&config);
        assert_true(config_set(&config, rows[i].name, fitting(&rows[i]), true));
        assert_false(config_set(&config, rows[i].name, fitting(&rows[i]), true));
        expect_problem(&config, rows[i].name);
        expect_problem(&config, "twice");
        const char *line = line_of(rows[i].name, fitting(&rows[i]));
        (void)snprintf(text, sizeof text, "%s%s", line, line);
        expect_file_refused(text, rows[i].name);
    }
}

static void an_unknown_option_is_refused_by_its_name(void **state)
{
    (void)state;
    static const char *const unknown[] = {"colour", "dat", "data2", "DATA", "log_level", ""};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct config config;
        config_init(&config);
        assert_false(config_set(&config, unknown[i], "1", true));
        expect_problem(&config, unknown[i]);
        expect_problem(&config, "no such option");
    }
    expect_file_refused("data = \"/a\"\ncolour = \"blue\"\n", "colour");
}

static void a_number_that_does_not_fit_its_row_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        " ",
        "x",
        "1x",
        "0x10",
        "-1",
        "+1",
        " 7",
        "7 ",
        "1.5",
        "1e3",
        "99999999999999999999",
        "18446744073709551616",
    };
    for (int i = 0; i < OPTION_COUNT; i++) {
        char below[32], above[32];
        if (rows[i].type != NUMBER) {
            continue;
        }
        (void)snprintf(below, sizeof below, "%" PRIu64, rows[i].least - 1);
        (void)snprintf(above, sizeof above, "%" PRIu64, rows[i].most + 1);
        const size_t count = sizeof wrong / sizeof wrong[0];
        for (size_t j = 0; j < count + 2; j++) {
            const char *value = j < count ? wrong[j] : j == count ? below : above;
            struct config config;
            config_init(&config);
            assert_false(config_set(&config, rows[i].name, value, true));
            expect_problem(&config, rows[i].name);
            expect_problem(&config, "no whole number");
            expect_option(&config, i, rows[i].fallback);
            expect_file_refused(line_of(rows[i].name, value), rows[i].name);
        }
    }
}

static void the_least_and_the_most_of_a_row_fit(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        for (int most = 0; rows[i].type == NUMBER && most < 2; most++) {
            struct config config;
            char value[32];
            (void)snprintf(value, sizeof value, "%" PRIu64, most ? rows[i].most : rows[i].least);
            config_init(&config);
            assert_true(config_set(&config, rows[i].name, value, true));
            expect_option(&config, i, value);
        }
    }
}

static void a_text_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct config config;
    char text[1025];
    memset(text, 'a', 1024);
    text[1024] = '\0';
    config_init(&config);
    assert_false(config_set(&config, "data", text, true));
    expect_problem(&config, "data");
    config_init(&config);
    text[1023] = '\0';
    assert_true(config_set(&config, "data", text, true));
    assert_string_equal(config_text(&config, OPTION_DATA), text);
}

static void keys_below_a_key_are_refused_by_its_name(void **state)
{
    (void)state;
    expect_file_refused("data\n    runtime = \"/run/x\"\n", "data");
    expect_file_refused("data = \"/a\"\n    runtime = \"/run/x\"\n", "data");
    expect_file_refused("server\n    data = \"/a\"\n", "server");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    struct config config;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/none", scratch_dir());
    config_init(&config);
    assert_false(config_load(&config, path));
    expect_problem(&config, path);
    config_init(&config);
    assert_false(config_load(&config, scratch_dir())); // a directory
    expect_problem(&config, "cannot be read");
}

static void a_line_of_another_form_is_refused(void **state)
{
    (void)state;
    expect_file_refused("data = \"/a\nruntime = \"/b\"\n", "");
    expect_file_refused("data \"/a\"\n", "");
    expect_file_refused("log-level\n", "log-level");
    expect_file_refused("= \"/a\"\n", "");
    expect_file_refused("  data = \"/a\"\n", "");
}

static void comments_and_empty_lines_say_nothing(void **state)
{
    (void)state;
    struct config config;
    config_init(&config);
    assert_true(config_load(&config, write_file("# data = \"/b\"\n\n  \ndata = \"/a\"  # here\n")));
    assert_string_equal(config_text(&config, OPTION_DATA), "/a");
    config_init(&config);
    assert_true(config_load(&config, write_file("")));
    expect_option(&config, OPTION_DATA, "");
}

static void what_is_printed_is_a_file_that_gives_the_same(void **state)
{
    (void)state;
    struct config config, again;
    char text[8192] = "";
    config_init(&config);
    for (int i = 0; i < OPTION_COUNT; i++) {
        assert_true(config_set(&config, rows[i].name, fitting(&rows[i]), i % 2 == 0));
    }
    for (int filled = 1; filled >= 0; filled--) {
        FILE *out = fmemopen(text, sizeof text, "w");
        assert_non_null(out);
        config_print(&config, out);
        assert_int_equal(fclose(out), 0);
        config_init(&again);
        if (!config_load(&again, write_file(text))) {
            fail_msg("%s", again.problem);
        }
        for (int i = 0; i < OPTION_COUNT; i++) {
            expect_option(&again, i, filled ? fitting(&rows[i]) : rows[i].fallback);
        }
        config_init(&config);
    }
}

static void what_is_needed_is_asked_for_by_its_flag(void **state)
{
    (void)state;
    struct config config;
    char path[128];
    config_init(&config);
    assert_false(config_check(&config));
    expect_problem(&config, "--data");
    assert_true(config_set(&config, "data", "/a", true));
    assert_false(config_check(&config));
    expect_problem(&config, "--runtime");
    memset(path, 'r', sizeof path);
    path[0] = '/';
    path[100] = '\0';
    assert_true(config_set(&config, "runtime", path, false));
    assert_false(config_check(&config));
    expect_problem(&config, "runtime");
    path[99] = '\0';
    assert_true(config_set(&config, "runtime", path, true));
    assert_true(config_check(&config));
}

static void the_help_has_a_line_for_every_option(void **state)
{
    (void)state;
    char text[8192] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    config_help(out);
    assert_int_equal(fclose(out), 0);
    for (int i = 0; i < OPTION_COUNT; i++) {
        char flag[64];
        (void)snprintf(flag, sizeof flag, "  --%s ", rows[i].name);
        assert_non_null(strstr(text, flag));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_the_default_of_its_row),
        cmocka_unit_test(every_option_is_taken_as_a_flag_and_from_a_file),
        cmocka_unit_test(a_flag_wins_over_the_file_in_either_order),
        cmocka_unit_test(an_option_given_twice_is_refused_by_its_name),
        cmocka_unit_test(an_unknown_option_is_refused_by_its_name),
        cmocka_unit_test(a_number_that_does_not_fit_its_row_is_refused_and_changes_nothing),
        cmocka_unit_test(the_least_and_the_most_of_a_row_fit),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(keys_below_a_key_are_refused_by_its_name),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_line_of_another_form_is_refused),
        cmocka_unit_test(comments_and_empty_lines_say_nothing),
        cmocka_unit_test(what_is_printed_is_a_file_that_gives_the_same),
        cmocka_unit_test(what_is_needed_is_asked_for_by_its_flag),
        cmocka_unit_test(the_help_has_a_line_for_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
