#include "clients/dashboard/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHARACTER 6.8 // about as wide as one of a label
#define LINE 14.0     // about as high
#define BAR 14.0
#define LABEL_TRIES 16 // places for a label

static const char *const series_names[] = {"target", "realised", "programmed", "forecast"};

const char *chart_series_name(enum chart_series series)
{
    return series_names[series];
}

// Time ------------------------------------------------------------------------------------------

bool chart_when(const char *date, double *ret_at)
{
    unsigned year = 0, month = 12, day = 31, quarter = 0;
    size_t size = date == NULL ? 0 : strlen(date);
    if (size == 7 && sscanf(date, "%4u-Q%1u", &year, &quarter) == 2) {
        month = quarter * 3;
    } else if (size < 4 || sscanf(date, "%4u-%2u-%2u", &year, &month, &day) < 1) {
        return false;
    }
    if (year == 0 || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    // As if all months were as long: nobody sees the difference in a drawing.
    *ret_at = year + (month - 1 + day / 31.0) / 12;
    return true;
}

bool chart_add(struct chart *chart, enum chart_series series, const char *date, double value,
               uint64_t seq, const char *label)
{
    double at = 0;
    if (chart->count == CHART_POINTS_MAX || !chart_when(date, &at) || !isfinite(value)) {
        return false;
    }
    struct chart_point *point = &chart->points[chart->count++];
    *point = (struct chart_point){.series = series, .at = at, .value = value, .seq = seq};
    (void)snprintf(point->label, sizeof(point->label), "%s", label); // cut if it is long
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct chart_point *one = a, *two = b;
    int order = (one->at > two->at) - (one->at < two->at);
    order = order != 0 ? order : (int)one->series - (int)two->series;
    return order != 0 ? order : (one->seq > two->seq) - (one->seq < two->seq);
}

// Sides -----------------------------------------------------------------------------------------

// The step of an axis: 1, 2 or 5 times a power of ten, so that there are at most five.
static double step_of(double span)
{
    double power = pow(10, floor(log10(span / 5)));
    double least = span / 5 / power;
    return power * (least <= 1 ? 1 : least <= 2 ? 2 : least <= 5 ? 5 : 10);
}

static void plan_values(struct chart *chart)
{
    double low = 0, high = 0;
    for (unsigned i = 0; i < chart->count; i++) {
        low = fmin(low, chart->points[i].value);
        high = fmax(high, chart->points[i].value);
    }
    if (high - low < 1e-9) { // nothing to tell apart
        high = low + 1;
    }
    chart->step = step_of(high - low);
    chart->low = floor(low / chart->step) * chart->step;
    chart->high = ceil(high / chart->step) * chart->step;
}

static void plan_years(struct chart *chart)
{
    double from = chart->end, to = chart->end;
    for (unsigned i = 0; i < chart->count; i++) {
        from = from == 0 ? chart->points[i].at : fmin(from, chart->points[i].at);
        to = fmax(to, chart->points[i].at);
    }
    // A date that falls on the turn of a year belongs to the year before.
    chart->from = ceil(from) - 1;
    chart->to = ceil(to);
}

double chart_x(const struct chart *chart, double at)
{
    return chart->left +
           (chart->right - chart->left) * (at - chart->from) / (chart->to - chart->from);
}

double chart_y(const struct chart *chart, double value)
{
    return chart->bottom -
           (chart->bottom - chart->top) * (value - chart->low) / (chart->high - chart->low);
}

static const char *say(const struct chart *chart, double value, char room[CHART_LABEL])
{
    if (chart->say != NULL) {
        return chart->say(chart->context, value, room);
    }
    (void)snprintf(room, CHART_LABEL, "%.10g", value); // it fits
    return room;
}

// A label is as wide as its characters; UTF-8 has more bytes than those.
static double width_of(const char *label)
{
    double count = 0;
    for (; *label != '\0'; label++) {
        count += ((unsigned char)*label & 0xc0) != 0x80;
    }
    return count * CHARACTER;
}

static void plan_sides(struct chart *chart, double width, double height)
{
    char room[CHART_LABEL];
    double widest = 0;
    for (double value = chart->low; value < chart->high + chart->step / 2; value += chart->step) {
        widest = fmax(widest, width_of(say(chart, value, room)));
    }
    chart->width = width;
    chart->height = height;
    chart->left = ceil(widest) + 8;
    chart->right = width - 12;
    chart->top = 2 * LINE;
    chart->bottom = height - 1.75 * LINE;
}

// Points ----------------------------------------------------------------------------------------

// Bars of the same time stand beside each other; a target is a line at its height.
static void plan_points(struct chart *chart)
{
    double taken = 0, zero = chart_y(chart, 0);
    for (unsigned i = 0; i < chart->count; i++) {
        struct chart_point *point = &chart->points[i];
        double y = chart_y(chart, point->value);
        if (point->series == CHART_TARGET) {
            double until = chart->end;
            for (unsigned j = chart->count; j > i + 1; j--) {
                until =
                    chart->points[j - 1].series == CHART_TARGET ? chart->points[j - 1].at : until;
            }
            point->x = chart_x(chart, point->at);
            point->y = y;
            point->width = fmax(0, chart_x(chart, until) - point->x);
            point->height = 0;
        } else {
            point->x = fmax(chart_x(chart, point->at) - BAR / 2, taken);
            point->x = fmin(point->x, chart->right - BAR);
            point->y = fmin(y, zero);
            point->width = BAR;
            point->height = fabs(zero - y);
            taken = point->x + BAR + 2;
        }
    }
}

static bool overlaps(const struct chart_point *one, const struct chart_point *two)
{
    double apart = (width_of(one->label) + width_of(two->label)) / 2;
    return fabs(one->label_x - two->label_x) < apart && fabs(one->label_y - two->label_y) < LINE;
}

// Whether the bar of a point stands behind the label of another.
static bool covers(const struct chart_point *bar, const struct chart_point *point)
{
    double half = width_of(point->label) / 2;
    return bar->series != CHART_TARGET && point->label_x - half < bar->x + BAR &&
           point->label_x + half > bar->x && point->label_y > bar->y &&
           point->label_y - LINE < bar->y + bar->height;
}

// No label of an earlier point there, and if asked no bar either.
static bool is_free(const struct chart *chart, unsigned which, bool of_bars)
{
    const struct chart_point *point = &chart->points[which];
    for (unsigned i = 0; i < chart->count; i++) {
        if ((i < which && overlaps(point, &chart->points[i])) ||
            (of_bars && covers(&chart->points[i], point))) {
            return false;
        }
    }
    return point->label_y >= LINE - 2 && point->label_y <= chart->bottom + LINE;
}

// Just above what it tells, or as near to that as there is room, first up and then down.
static void plan_label(struct chart *chart, unsigned which)
{
    struct chart_point *point = &chart->points[which];
    double half = width_of(point->label) / 2;
    double middle = point->series == CHART_TARGET ? point->x + half : point->x + point->width / 2;
    point->label_x = fmax(half, fmin(middle, chart->width - half));
    // Near its point first, where no bar is; rather on a bar than far from it.
    for (int i = 0; i < LABEL_TRIES + 3; i++) {
        int at = i < 3 ? i : i - 3, lines = at % 2 == 0 ? at / 2 : -(at / 2) - 1;
        point->label_y = point->y - 4 - lines * LINE;
        if (is_free(chart, which, i < 3)) {
            return;
        }
    }
    point->label_y = point->y - 4;
}

void chart_plan(struct chart *chart, double width, double height)
{
    qsort(chart->points, chart->count, sizeof(chart->points[0]), by_time);
    plan_values(chart);
    plan_years(chart);
    plan_sides(chart, width, height);
    plan_points(chart);
    for (unsigned i = 0; i < chart->count; i++) {
        plan_label(chart, i);
    }
}

// Writing ---------------------------------------------------------------------------------------

static void put_length(struct html *html, const char *name, double length)
{
    char room[32];
    (void)snprintf(room, sizeof(room), "%.2f", length); // it fits
    html_attribute(html, name, room);
}

static void put_line(struct html *html, const char *class_name, double x1, double y1, double x2,
                     double y2)
{
    html_raw(html, "<line");
    html_attribute(html, "class", class_name);
    put_length(html, "x1", x1);
    put_length(html, "y1", y1);
    put_length(html, "x2", x2);
    put_length(html, "y2", y2);
    html_raw(html, "/>");
}

static void put_text(struct html *html, const char *class_name, double x, double y,
                     const char *text)
{
    html_raw(html, "<text");
    html_attribute(html, "class", class_name);
    put_length(html, "x", x);
    put_length(html, "y", y);
    html_raw(html, ">");
    html_text(html, text);
    html_raw(html, "</text>");
}

static void put_sides(struct html *html, const struct chart *chart)
{
    char room[CHART_LABEL];
    for (double value = chart->low; value < chart->high + chart->step / 2; value += chart->step) {
        double y = chart_y(chart, value);
        put_line(html, fabs(value) < chart->step / 2 ? "axis zero" : "axis", chart->left, y,
                 chart->right, y);
        put_text(html, "tick value", chart->left - 6, y + 4, say(chart, value, room));
    }
    double room_for_one = (chart->right - chart->left) / (chart->to - chart->from);
    double every = fmax(1, ceil(6 * CHARACTER / room_for_one));
    for (double year = chart->from; year < chart->to; year += every) {
        (void)snprintf(room, sizeof(room), "%.0f", year); // it fits
        put_text(html, "tick year", chart_x(chart, year + 0.5), chart->bottom + LINE + 2, room);
    }
}

// Which event and which value a shape stands for.
static void put_meaning(struct html *html, const struct chart_point *point)
{
    char value[32];
    html_attribute(html, "data-series", chart_series_name(point->series));
    html_attribute_number(html, "data-seq", (int64_t)point->seq);
    (void)snprintf(value, sizeof(value), "%.15g", point->value); // it fits
    html_attribute(html, "data-value", value);
}

// One step of the target: along, and on to the next.
static void put_step(struct html *html, const struct chart *chart, unsigned which)
{
    char path[96];
    const struct chart_point *point = &chart->points[which], *next = NULL;
    for (unsigned i = which + 1; i < chart->count && next == NULL; i++) {
        next = chart->points[i].series == CHART_TARGET ? &chart->points[i] : NULL;
    }
    html_raw(html, "<path fill=\"none\"");
    put_meaning(html, point);
    (void)snprintf(path, sizeof(path), "M%.2f,%.2f H%.2f", point->x, point->y,
                   point->x + point->width); // it fits
    html_attribute(html, "d", path);
    html_raw(html, "/>");
    if (next != NULL) {
        put_line(html, "rise", next->x, point->y, next->x, next->y);
    }
}

static void put_bar(struct html *html, const struct chart_point *point)
{
    html_raw(html, "<rect");
    put_meaning(html, point);
    put_length(html, "x", point->x);
    put_length(html, "y", point->y);
    put_length(html, "width", point->width);
    put_length(html, "height", point->height);
    html_raw(html, "/>");
}

static void put_figure(struct html *html, const struct chart_point *point)
{
    put_text(html, point->series == CHART_TARGET ? "figure aim" : "figure", point->label_x,
             point->label_y, point->label);
}

// Bars first, then the target across them, then the figures, which nothing may hide.
static void put_points(struct html *html, const struct chart *chart)
{
    for (unsigned i = 0; i < chart->count; i++) {
        if (chart->points[i].series != CHART_TARGET) {
            put_bar(html, &chart->points[i]);
        }
    }
    for (unsigned i = 0; i < chart->count; i++) {
        if (chart->points[i].series == CHART_TARGET) {
            put_step(html, chart, i);
        }
    }
    for (unsigned i = 0; i < chart->count; i++) {
        put_figure(html, &chart->points[i]);
    }
}

void chart_put(struct html *html, const struct chart *chart, const char *class_name,
               const struct html *label)
{
    char room[64];
    (void)snprintf(room, sizeof(room), "0 0 %.0f %.0f", chart->width, chart->height); // it fits
    html_raw(html, "<svg role=\"img\"");
    html_attribute(html, "class", class_name);
    html_attribute(html, "viewBox", room);
    html_raw(html, " aria-label=\"");
    html_html(html, label);
    html_raw(html, "\">");
    put_sides(html, chart);
    put_points(html, chart);
    html_raw(html, "</svg>");
}
