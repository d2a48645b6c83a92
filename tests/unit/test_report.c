/*
 * What a report says of days, amounts and numbers, in both languages.
 */
#include "clients/report/prose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct prose dutch = {.language = DUTCH};
static struct prose english = {.language = ENGLISH};

static int finish(void **state)
{
    (void)state;
    prose_finish(&dutch);
    prose_finish(&english);
    return 0;
}

// Days -------------------------------------------------------------------------------------------

static void a_day_is_as_exact_as_its_date(void **state)
{
    static const struct {
        const char *date, *nl, *en, *on_nl;
    } days[] = {
        {"2026-03-09", "9 maart 2026", "9 March 2026", "op 9 maart 2026"},
        {"2026-12-31", "31 december 2026", "31 December 2026", "op 31 december 2026"},
        {"2026-01", "januari 2026", "January 2026", "in januari 2026"},
        {"2015-Q3", "het derde kwartaal van 2015", "the third quarter of 2015",
         "in het derde kwartaal van 2015"},
        {"2015", "2015", "2015", "in 2015"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        assert_string_equal(prose_day(&dutch, days[i].date), days[i].nl);
        assert_string_equal(prose_day(&english, days[i].date), days[i].en);
        assert_string_equal(prose_on_day(&dutch, days[i].date), days[i].on_nl);
    }
}

static void what_makes_a_day_less_sure_stands_behind_it(void **state)
{
    static const struct {
        const char *event, *on, *bare;
    } events[] = {
        {"{'on': '2023', 'time': '2026-01-02T03:04:05.678Z'}", "in 2023", "2023"},
        {"{'time': '2026-01-02T03:04:05.678Z'}", "op 2 januari 2026", "2 januari 2026"},
        {"{'on': '2023', 'ontext': 'najaar'}", "in 2023 (“najaar”)", "2023, “najaar”"},
        {"{'on': '2023', 'onbasis': 'stated'}", "in 2023", "2023"},
        {"{'on': '2023', 'onbasis': 'inferred'}", "in 2023 (datum afgeleid)",
         "2023, datum afgeleid"},
        {"{'on': '2023', 'onbasis': 'inferred', 'ontext': 'na de zomer'}",
         "in 2023 (“na de zomer”, datum afgeleid)", "2023, “na de zomer”, datum afgeleid"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "%s", events[i].event);
        for (char *at = text; *at != '\0'; at++) {
            *at = *at == '\'' ? '"' : *at;
        }
        json_t *event = json_loads(text, 0, NULL);
        assert_non_null(event);
        assert_string_equal(prose_on(&dutch, event, false), events[i].on);
        assert_string_equal(prose_on(&dutch, event, true), events[i].bare);
        json_decref(event);
    }
}

static void a_period_of_a_year_is_that_year(void **state)
{
    (void)state;
    assert_string_equal(prose_period(&dutch, "2025-01-01", "2025-12-31"), "2025");
    assert_string_equal(prose_period(&dutch, "2025-01-01", "2026-12-31"),
                        "de periode van 1 januari 2025 tot en met 31 december 2026");
    assert_string_equal(prose_period(&english, "2025-01-02", "2025-12-31"),
                        "the period from 2 January 2025 to 31 December 2025");
}

// Amounts ----------------------------------------------------------------------------------------

static void euros_are_exact_to_the_cent(void **state)
{
    static const struct {
        int64_t cents;
        const char *nl, *en;
    } amounts[] = {
        {0, "€ 0,00", "EUR 0.00"},
        {5, "€ 0,05", "EUR 0.05"},
        {-5, "€ -0,05", "EUR -0.05"},
        {99999, "€ 999,99", "EUR 999.99"},
        {100000, "€ 1.000,00", "EUR 1,000.00"},
        {11544828, "€ 115.448,28", "EUR 115,448.28"},
        {-123456789012, "€ -1.234.567.890,12", "EUR -1,234,567,890.12"},
        {INT64_MAX, "€ 92.233.720.368.547.758,07", "EUR 92,233,720,368,547,758.07"},
        {INT64_MIN, "€ -92.233.720.368.547.758,08", "EUR -92,233,720,368,547,758.08"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        assert_string_equal(prose_euros(&dutch, amounts[i].cents), amounts[i].nl);
        assert_string_equal(prose_euros(&english, amounts[i].cents), amounts[i].en);
    }
}

static void a_figure_keeps_every_digit_and_its_unit(void **state)
{
    static const struct {
        const char *decimal, *unit, *nl;
    } figures[] = {
        {"60000000", "eur-cent", "€ 600.000,00"},
        {"-1", "eur-cent", "€ -0,01"},
        {"0.5", "eur-cent", "0,5 euro cent"},                                // no whole cents
        {"1234567890123456", "eur-cent", "1.234.567.890.123.456 euro cent"}, // more than is money
        {"14.3", "mln-eur-per-jaar", "14,3 mln euro per jaar"},
        {"3", "neurose", "3 neurose"},
        {"-1234.056", "procent", "-1.234,056 procent"},
        {"12", "overstorten per jaar", "12 overstorten per jaar"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        assert_string_equal(prose_amount(&dutch, figures[i].decimal, figures[i].unit),
                            figures[i].nl);
    }
    assert_string_equal(prose_amount(&english, "-1234.056", "percent"), "-1,234.056 percent");
}

// Numbers ----------------------------------------------------------------------------------------

static void expect_count(struct prose *prose, size_t number, bool begins, const char *expected)
{
    struct counted part = prose_count(prose, COUNT_DECISIONS, number, begins);
    assert_string_equal(prose_format(prose, "%s%s%s", part.before, part.number, part.behind),
                        expected);
}

static void a_sentence_begins_with_a_capital(void **state)
{
    (void)state;
    expect_count(&dutch, 1, true, "Het bestuur van een lid nam één besluit");
    expect_count(&dutch, 20, false, "de besturen van de leden namen twintig besluiten");
    expect_count(&english, 21, true, "The boards of the members took 21 decisions");
    assert_string_equal(prose_count(&dutch, COUNT_JOINED, 1, true).number, "Eén");
    assert_string_equal(prose_count(&dutch, COUNT_JOINED, 1, false).number, "één");
    assert_string_equal(prose_count(&english, COUNT_JOINED, 3, true).number, "Three");
    assert_string_equal(prose_count(&english, COUNT_JOINED, 3, true).before, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_as_exact_as_its_date),
        cmocka_unit_test(what_makes_a_day_less_sure_stands_behind_it),
        cmocka_unit_test(a_period_of_a_year_is_that_year),
        cmocka_unit_test(euros_are_exact_to_the_cent),
        cmocka_unit_test(a_figure_keeps_every_digit_and_its_unit),
        cmocka_unit_test(a_sentence_begins_with_a_capital),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, finish);
}
