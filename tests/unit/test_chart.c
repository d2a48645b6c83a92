// Where a chart draws a figure is where its value and its day say, and no label hides another.
#include "clients/dashboard/chart.h"

// cmocka wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-6)

// The goal of Twente, as the sources have it.
static struct chart twente(void)
{
    static const struct {
        enum chart_series series;
        const char *on, *label;
        double value;
    } rows[] = {
        {CHART_TARGET, "2012", "14", 14},           {CHART_TARGET, "2014", "15,5", 15.5},
        {CHART_REALISED, "2014", "8,3", 8.3},       {CHART_PROGRAMMED, "2014", "3,4", 3.4},
        {CHART_TARGET, "2015-11-19", "14,3", 14.3}, {CHART_REALISED, "2015-11-19", "7,7", 7.7},
        {CHART_PROGRAMMED, "2015-11-19", "4", 4},   {CHART_TARGET, "2019", "15,7", 15.7},
        {CHART_FORECAST, "2019", "29,8", 29.8},
    };
    struct chart chart = {.end = 2021};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(
            chart_add(&chart, rows[i].series, rows[i].on, rows[i].value, i + 1, rows[i].label));
    }
    return chart;
}

static void a_period_counts_from_its_last_day(void **state)
{
    (void)state;
    double year = 0, quarter = 0, month = 0, day = 0;
    assert_true(chart_when("2015", &year));
    assert_true(chart_when("2015-Q3", &quarter));
    assert_true(chart_when("2015-09", &month));
    assert_true(chart_when("2015-09-30", &day));
    NEAR(year, 2016);
    NEAR(quarter, 2015.75);
    NEAR(month, quarter);
    assert_true(day <= month && day > 2015.74);
    for (const char *const *wrong = (const char *const[]){"", "x", "201", "2015-13-01", "2015-00",
                                                          "2015-01-32", "0000", NULL};
         *wrong != NULL; wrong++) {
        double kept = 7;
        assert_false(chart_when(*wrong, &kept));
        assert_true(kept == 7);
    }
    assert_false(chart_when(NULL, &day));
}

static void heights_are_the_values(void **state)
{
    (void)state;
    struct chart chart = twente();
    chart_plan(&chart, 760, 320);
    NEAR(chart_y(&chart, chart.low), chart.bottom);
    NEAR(chart_y(&chart, chart.high), chart.top);
    double zero = chart_y(&chart, 0), one = zero - chart_y(&chart, 1);
    for (unsigned i = 0; i < chart.count; i++) {
        const struct chart_point *point = &chart.points[i];
        NEAR(point->y, zero - point->value * one);
        NEAR(point->height, point->series == CHART_TARGET ? 0 : point->value * one);
        assert_true(point->x >= chart.left && point->x + point->width <= chart.right + 1e-6);
    }
}

static void a_target_holds_until_the_next_and_the_last_to_the_end(void **state)
{
    (void)state;
    struct chart chart = twente();
    const struct chart_point *before = NULL;
    chart_plan(&chart, 760, 320);
    for (unsigned i = 0; i < chart.count; i++) {
        const struct chart_point *point = &chart.points[i];
        if (point->series == CHART_TARGET) {
            NEAR(point->x, chart_x(&chart, point->at));
            if (before != NULL) {
                NEAR(before->x + before->width, point->x);
            }
            before = point;
        }
    }
    assert_non_null(before);
    NEAR(before->value, 15.7);
    NEAR(before->x + before->width, chart_x(&chart, 2021));
}

static void bars_stand_beside_each_other(void **state)
{
    (void)state;
    struct chart chart = twente();
    double taken = 0;
    chart_plan(&chart, 340, 280);
    for (unsigned i = 0; i < chart.count; i++) {
        const struct chart_point *point = &chart.points[i];
        if (point->series != CHART_TARGET) {
            assert_true(point->x >= taken);
            taken = point->x + point->width;
        }
    }
}

static void expect_labels_apart(struct chart *chart, double width, double height)
{
    chart_plan(chart, width, height);
    for (unsigned i = 0; i < chart->count; i++) {
        const struct chart_point *one = &chart->points[i];
        assert_true(one->label_x > 0 && one->label_x < chart->width);
        assert_true(one->label_y > 0 && one->label_y < chart->height);
        for (unsigned j = 0; j < i; j++) {
            const struct chart_point *two = &chart->points[j];
            double apart = 3.4 * (double)(strlen(one->label) + strlen(two->label));
            assert_true(fabs(one->label_x - two->label_x) >= apart - 1e-6 ||
                        fabs(one->label_y - two->label_y) >= 13);
        }
    }
}

static void no_label_hides_another(void **state)
{
    (void)state;
    static const double sizes[][2] = {{760, 320}, {340, 280}};
    for (size_t s = 0; s < 2; s++) {
        struct chart chart = twente(), dense = {.end = 2031};
        expect_labels_apart(&chart, sizes[s][0], sizes[s][1]);
        for (unsigned i = 0; i < 6; i++) { // as high and as near as can be
            assert_true(chart_add(&dense, (enum chart_series)(i % 4), "2023-12-31",
                                  140000 + 1000 * i, i + 1, "140.000,00"));
        }
        expect_labels_apart(&dense, sizes[s][0], sizes[s][1]);
    }
}

static void below_zero_hangs_from_the_line(void **state)
{
    (void)state;
    struct chart chart = {.end = 2021};
    assert_true(chart_add(&chart, CHART_REALISED, "2020-06-30", -5, 1, "-5"));
    assert_true(chart_add(&chart, CHART_REALISED, "2019-06-30", 3, 2, "3"));
    chart_plan(&chart, 340, 280);
    double zero = chart_y(&chart, 0);
    NEAR(chart.points[1].y, zero);
    NEAR(chart.points[1].y + chart.points[1].height, chart_y(&chart, -5));
    NEAR(chart.points[0].y + chart.points[0].height, zero);
}

static void strange_figures_do_no_harm(void **state)
{
    (void)state;
    static const double values[] = {0, 1e-300, 1e300, -1e300, 123456789012345.0};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct chart chart = {.end = 0};
        struct html html = {0}, label = {0};
        assert_true(chart_add(&chart, CHART_FORECAST, "2020", values[i], 1, "<&>"));
        chart_plan(&chart, 340, 280);
        html_text(&label, "\"x\"");
        chart_put(&html, &chart, "wide", &label);
        assert_false(html.failed);
        assert_null(strstr(html.data, "nan"));
        assert_null(strstr(html.data, "inf"));
        assert_non_null(strstr(html.data, "&lt;&amp;&gt;</text>"));
        assert_non_null(strstr(html.data, "aria-label=\"&quot;x&quot;\""));
        html_finish(&html);
        html_finish(&label);
    }
    struct chart chart = {.end = 0};
    assert_false(chart_add(&chart, CHART_FORECAST, "2020", NAN, 1, ""));
    assert_false(chart_add(&chart, CHART_FORECAST, "2020", INFINITY, 1, ""));
    for (unsigned i = 0; i < CHART_POINTS_MAX; i++) {
        assert_true(chart_add(&chart, CHART_FORECAST, "2020-01-01", i, i, "1"));
    }
    assert_false(chart_add(&chart, CHART_FORECAST, "2020", 1, 1, "1"));
    chart_plan(&chart, 340, 280);
}

static void the_drawing_says_each_figure_once(void **state)
{
    (void)state;
    struct chart chart = twente();
    struct html html = {0}, label = {0};
    char wanted[64];
    chart_plan(&chart, 760, 320);
    chart_put(&html, &chart, "wide", &label);
    for (unsigned i = 0; i < chart.count; i++) {
        (void)snprintf(wanted, sizeof(wanted), "data-seq=\"%llu\"",
                       (unsigned long long)chart.points[i].seq);
        const char *first = strstr(html.data, wanted);
        assert_non_null(first);
        assert_null(strstr(first + 1, wanted));
    }
    html_finish(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_counts_from_its_last_day),
        cmocka_unit_test(heights_are_the_values),
        cmocka_unit_test(a_target_holds_until_the_next_and_the_last_to_the_end),
        cmocka_unit_test(bars_stand_beside_each_other),
        cmocka_unit_test(no_label_hides_another),
        cmocka_unit_test(below_zero_hangs_from_the_line),
        cmocka_unit_test(strange_figures_do_no_harm),
        cmocka_unit_test(the_drawing_says_each_figure_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
