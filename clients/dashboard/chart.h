/*
 * chart - a small chart as SVG: a target as a line in steps, measurements as bars. The page that
 * draws it shows the same figures in a table, which is what a screen reader gets.
 *
 * Geometry is plain arithmetic in points of the drawing, apart from writing it: chart_plan() says
 * where everything comes, chart_put() writes that.
 */
#ifndef DASHBOARD_CHART_H
#define DASHBOARD_CHART_H

#include "clients/dashboard/html.h"

#define CHART_POINTS_MAX 96
#define CHART_LABEL 48

enum chart_series { CHART_TARGET, CHART_REALISED, CHART_PROGRAMMED, CHART_FORECAST };
// "target", "realised", "programmed", "forecast".
const char *chart_series_name(enum chart_series series);

struct chart_point {
    enum chart_series series;
    double at; // years: 2015.5 is the middle of 2015
    double value;
    uint64_t seq;            // of its event
    char label[CHART_LABEL]; // the figure as people read it
    // Where it comes: a bar from x, y down to the zero line or up to it; of a target the begin of
    // its step. The middle and the base line of the label.
    double x, y, height, width, label_x, label_y;
};

struct chart {
    struct chart_point points[CHART_POINTS_MAX];
    unsigned count;
    double end; // until when the last target holds
    // Says a figure of the axis; NULL: as a plain number.
    const char *(*say)(void *context, double value, char room[CHART_LABEL]);
    void *context;
    // What chart_plan() fills in.
    double width, height, left, right, top, bottom;
    double from, to, low, high, step; // what the sides stand for
};

// "2015", "2015-Q3", "2015-03", "2015-03-19" as years; a period counts from its last day. False if
// it is no date.
bool chart_when(const char *date, double *ret_at);
// Takes a point in; false if there is no room for more.
bool chart_add(struct chart *chart, enum chart_series series, const char *date, double value,
               uint64_t seq, const char *label);
// Where everything comes in a drawing of a size. The points are put in the order of time.
void chart_plan(struct chart *chart, double width, double height);
double chart_x(const struct chart *chart, double at);
double chart_y(const struct chart *chart, double value);

// The drawing, with a label for who does not see it, which is escaped already.
void chart_put(struct html *html, const struct chart *chart, const char *class_name,
               const struct html *label);

#endif
