// The goals: what was aimed at, revision by revision, and what was realised, programmed and
// forecast. These are different things and are never added up.
#include "clients/dashboard/chart.h"
#include "clients/dashboard/parts.h"
#include "clients/dashboard/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct goal_row {
    enum chart_series series;
    const json_t *item; // of the slot targets or measurements
};

#define GOAL_ROWS_MAX 512

static const char *value_of(const struct goal_row *row)
{
    return parts_text(json_object_get(row->item, "data"),
                      row->series == CHART_TARGET ? "target" : "value");
}

static const json_t *newest_target(const json_t *record)
{
    const json_t *targets = parts_field(record, "targets");
    const json_t *item = json_array_get(targets, json_array_size(targets) - 1);
    return json_object_get(item, "data");
}

// Rows ------------------------------------------------------------------------------------------

static enum chart_series series_of(const json_t *data)
{
    for (int series = CHART_REALISED; series <= CHART_FORECAST; series++) {
        if (strcmp(parts_text(data, "kind"), chart_series_name((enum chart_series)series)) == 0) {
            return (enum chart_series)series;
        }
    }
    return CHART_TARGET;
}

static int by_date(const void *a, const void *b)
{
    const struct goal_row *one = a, *two = b;
    double at_one = 0, at_two = 0;
    (void)chart_when(parts_text(one->item, "on"), &at_one); // every row has a date
    (void)chart_when(parts_text(two->item, "on"), &at_two);
    if (at_one != at_two) {
        return (at_one > at_two) - (at_one < at_two);
    }
    uint64_t seq_one = parts_number(one->item, "seq"), seq_two = parts_number(two->item, "seq");
    return one->series != two->series ? (int)one->series - (int)two->series
                                      : (seq_one > seq_two) - (seq_one < seq_two);
}

// The newest rows that fit, of how many there are.
struct goal_rows {
    struct goal_row rows[GOAL_ROWS_MAX];
    size_t count, all;
};

static void add_row(struct goal_rows *rows, struct goal_row row, size_t *skip)
{
    if (*skip > 0) {
        (*skip)--;
    } else {
        rows->rows[rows->count++] = row;
    }
}

// Both slots in the order of time. A slot is in the order of the log: what is left out came first.
static void gather(const json_t *record, struct goal_rows *rows)
{
    const json_t *targets = parts_field(record, "targets");
    const json_t *measurements = parts_field(record, "measurements");
    const json_t *item = NULL;
    size_t index = 0, measured = json_array_size(measurements);
    rows->count = 0;
    rows->all = json_array_size(targets) + measured;
    size_t skip = rows->all > GOAL_ROWS_MAX ? rows->all - GOAL_ROWS_MAX : 0;
    size_t skip_measured = skip < measured ? skip : measured;
    skip -= skip_measured; // a target holds until the next one
    json_array_foreach(targets, index, item)
    {
        add_row(rows, (struct goal_row){CHART_TARGET, item}, &skip);
    }
    json_array_foreach(measurements, index, item)
    {
        const struct goal_row row = {series_of(json_object_get(item, "data")), item};
        add_row(rows, row, &skip_measured);
    }
    qsort(rows->rows, rows->count, sizeof(rows->rows[0]), by_date);
}

// "96 of 130": what is not shown is said, and where it is.
static void put_shown(struct page *page, const char *region, enum text text, size_t shown,
                      size_t all)
{
    char some[WORDS_ROOM], many[WORDS_ROOM], address[128];
    (void)snprintf(address, sizeof(address), "/v1/regions/%s/goals.csv", region); // ids are short
    html_raw(&page->html, "<p class=\"meta\">");
    texts_fill(&page->html, page->language, text, words_count(page->language, shown, some),
               words_count(page->language, all, many), NULL);
    html_raw(&page->html, " ");
    parts_file(page, address, TEXT_ALL_AS_CSV);
    html_raw(&page->html, "</p>");
}

// Chart -----------------------------------------------------------------------------------------

struct saying {
    enum language language;
    bool is_money;
};

// A figure of the axis or of a bar, without its unit: "600.000", "8,3".
static const char *say_figure(void *context, double value, char room[CHART_LABEL])
{
    const struct saying *saying = context;
    if (saying->is_money) {
        char euros[WORDS_ROOM];
        double cents = value < 9e18 && value > -9e18 ? value : 0;
        (void)snprintf(room, CHART_LABEL, "%s",
                       words_euros(saying->language, (int64_t)cents, euros)); // it fits
        char *whole = strstr(room, saying->language == DUTCH ? ",00" : ".00");
        if (whole != NULL && whole[3] == '\0') {
            *whole = '\0';
        }
        return room;
    }
    (void)snprintf(room, CHART_LABEL, "%.12g", value); // it fits
    char *point = saying->language == DUTCH ? strchr(room, '.') : NULL;
    if (point != NULL) {
        *point = ',';
    }
    return room;
}

static void put_key(struct page *page, const struct chart *chart)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<figcaption><ul class=\"chart-key\">");
    for (int series = CHART_TARGET; series <= CHART_FORECAST; series++) {
        bool is_there = false;
        const char *name = chart_series_name((enum chart_series)series);
        for (unsigned i = 0; i < chart->count; i++) {
            is_there |= chart->points[i].series == (enum chart_series)series;
        }
        if (is_there) {
            html_raw(&page->html, "<li");
            html_attribute(&page->html, "data-series", name);
            html_raw(&page->html, ">");
            html_text(&page->html,
                      series == CHART_TARGET
                          ? texts_of(page->language, TEXT_GOAL_TARGET)
                          : words_choice(page->language, CHOICES_MEASUREMENT, name, room));
            html_raw(&page->html, "</li>");
        }
    }
    html_raw(&page->html, "</ul></figcaption>");
}

// Twice, for a wide and for a small screen: the same figures, so that letters stay readable.
static void put_drawings(struct page *page, struct chart *chart, const char *name)
{
    struct html label = {0};
    texts_fill(&label, page->language, TEXT_GOAL_CHART, name, NULL);
    html_raw(&page->html, "<figure class=\"chart\">");
    chart_plan(chart, 760, 320);
    chart_put(&page->html, chart, "wide", &label);
    chart_plan(chart, 340, 280);
    chart_put(&page->html, chart, "narrow", &label);
    put_key(page, chart);
    html_raw(&page->html, "</figure>");
    html_finish(&label);
}

// The newest points, with all targets, since each holds until the next.
static size_t add_points(struct chart *chart, const struct goal_rows *rows, struct saying *saying)
{
    size_t skip = rows->count > CHART_POINTS_MAX ? rows->count - CHART_POINTS_MAX : 0, added = 0;
    for (size_t i = 0; i < rows->count; i++) {
        char room[CHART_LABEL];
        const struct goal_row *row = &rows->rows[i];
        double value = strtod(value_of(row), NULL);
        if (skip > 0 && row->series != CHART_TARGET) {
            skip--;
            continue;
        }
        added += chart_add(chart, row->series, parts_text(row->item, "on"), value,
                           parts_number(row->item, "seq"), say_figure(saying, value, room));
    }
    return added;
}

static void put_chart(struct page *page, const char *region, const char *name, const json_t *record,
                      const struct goal_rows *rows)
{
    const json_t *target = newest_target(record);
    struct saying saying = {page->language, strcmp(parts_text(target, "unit"), "eur-cent") == 0};
    struct chart chart = {
        .end = (double)parts_number(target, "year") + 1, .say = say_figure, .context = &saying};
    size_t added = add_points(&chart, rows, &saying);
    put_drawings(page, &chart, name);
    if (added < rows->all) {
        put_shown(page, region, TEXT_GOAL_CHART_CUT, added, rows->all);
    }
}

// Table -----------------------------------------------------------------------------------------

static void put_what(struct page *page, const struct goal_row *row)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<th scope=\"row\" class=\"utrecht-table__cell\">");
    html_text(&page->html, row->series == CHART_TARGET
                               ? texts_of(page->language, TEXT_GOAL_TARGET)
                               : words_choice(page->language, CHOICES_MEASUREMENT,
                                              chart_series_name(row->series), room));
    html_raw(&page->html, "</th>");
}

static void put_figure(struct page *page, const char *region, const struct thread *thread,
                       const struct goal_row *row)
{
    const json_t *event = thread_event(thread, parts_number(row->item, "seq"));
    parts_cell_begin(page, true);
    parts_measure(page, value_of(row), parts_text(json_object_get(row->item, "data"), "unit"));
    if (event != NULL) {
        thread_put_corrected(page, region, thread, event);
    }
    parts_cell_end(page);
}

static void put_whose(struct page *page, const char *region, const json_t *data)
{
    const char *member = parts_text(data, "member"), *werkplaats = parts_text(data, "werkplaats");
    parts_cell_begin(page, false);
    if (member[0] != '\0') {
        parts_subject(page, region, KIND_MEMBER, member);
    }
    if (member[0] != '\0' && werkplaats[0] != '\0') {
        html_raw(&page->html, ", ");
    }
    if (werkplaats[0] != '\0') {
        parts_subject(page, region, KIND_WERKPLAATS, werkplaats);
    }
    parts_cell_end(page);
}

static void put_row(struct page *page, const char *region, const struct thread *thread,
                    const struct goal_row *row)
{
    html_raw(&page->html, "<tr");
    html_attribute(&page->html, "data-series", chart_series_name(row->series));
    html_attribute_number(&page->html, "data-seq", (int64_t)parts_number(row->item, "seq"));
    html_attribute(&page->html, "data-value", value_of(row));
    html_raw(&page->html, ">");
    put_what(page, row);
    put_figure(page, region, thread, row);
    parts_cell_fact(page, parts_number(row->item, "seq"));
    parts_cell_date(page, row->item);
    put_whose(page, region, json_object_get(row->item, "data"));
    parts_cell_begin(page, false);
    html_raw(&page->html, "<span class=\"source\">");
    html_text(&page->html, parts_text(row->item, "citation"));
    html_raw(&page->html, "</span>");
    parts_cell_end(page);
    html_raw(&page->html, "</tr>");
}

static void put_table(struct page *page, const char *region, const struct thread *thread,
                      const struct goal_rows *rows)
{
    parts_table_begin(page);
    html_raw(&page->html, "<thead><tr>");
    parts_th(page, TEXT_COL_WHAT, false);
    parts_th(page, TEXT_COL_FIGURE, true);
    parts_th(page, TEXT_COL_FACT, true);
    parts_th(page, TEXT_COL_DATE, false);
    parts_th(page, TEXT_COL_WHOSE, false);
    parts_th(page, TEXT_COL_SOURCE, false);
    html_raw(&page->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < rows->count; i++) {
        put_row(page, region, thread, &rows->rows[i]);
    }
    parts_table_end(page);
    if (rows->count < rows->all) {
        put_shown(page, region, TEXT_GOAL_TABLE_CUT, rows->count, rows->all);
    }
}

// Goals -----------------------------------------------------------------------------------------

// "kosten": as the rows of proto call it, or ours, where they do.
static const char *dutch_of(const char *dimension)
{
    static const char *const known[][2] = {
#define DIMENSION(name, dutch) {name, dutch},
#include "clients/dashboard/dimensions.def"
#undef DIMENSION
    };
    const struct field *field = field_find(GROUP_CONTRIBUTES, bytes_of(dimension));
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i][0], dimension) == 0) {
            return known[i][1];
        }
    }
    return field == NULL ? dimension : field->label_nl;
}

static void put_dimension(struct page *page, const char *dimension)
{
    html_raw(&page->html, "<span class=\"mark calm\">");
    html_text(&page->html, page->language == DUTCH ? dutch_of(dimension) : dimension);
    html_raw(&page->html, "</span>");
}

// "Doel voor 2030: € 750.000,00 №210, één keer herzien".
static void put_now(struct page *page, const json_t *record)
{
    char year[WORDS_ROOM], times[WORDS_ROOM];
    const json_t *targets = parts_field(record, "targets"), *data = newest_target(record);
    size_t count = json_array_size(targets);
    html_raw(&page->html, "<p>");
    put_dimension(page, parts_text(data, "dimension"));
    html_raw(&page->html, " ");
    texts_fill(&page->html, page->language, TEXT_GOAL_NOW,
               words_number((int64_t)parts_number(data, "year"), year), NULL);
    html_raw(&page->html, " <strong>");
    parts_measure(page, parts_text(data, "target"), parts_text(data, "unit"));
    html_raw(&page->html, "</strong> ");
    parts_fact(page, parts_number(json_array_get(targets, count - 1), "seq"));
    if (count > 1) {
        html_raw(&page->html, " <span class=\"meta\">");
        texts_fill(&page->html, page->language,
                   count == 2 ? TEXT_GOAL_REVISED_ONCE : TEXT_GOAL_REVISED,
                   words_number((int64_t)count - 1, times), NULL);
        html_raw(&page->html, "</span>");
    }
    html_raw(&page->html, "</p>");
}

static void put_goal(struct page *page, const char *region, const char *id, const json_t *record)
{
    char room[WORDS_ROOM];
    const char *name = parts_called(page, region, KIND_GOAL, id, room);
    struct goal_rows rows;
    struct thread thread = {.count = 0};
    bool is_here = true;
    gather(record, &rows);
    if (json_array_size(json_object_get(record, "corrected")) > 0) {
        // What was wrong is not in the state any more; without it the page shows what holds.
        is_here =
            thread_read(page, region, KIND_GOAL, id, parts_number(record, "version"), &thread);
    }
    html_raw(&page->html, "<section class=\"goal\"");
    parts_id(page, KIND_GOAL, id);
    html_raw(&page->html, "><h3>");
    html_text(&page->html, name);
    html_raw(&page->html, "</h3>");
    put_now(page, record);
    put_chart(page, region, name, record, &rows);
    put_table(page, region, &thread, &rows);
    if (!is_here && page->lacks) {
        parts_empty(page, TEXT_GOAL_OLD_LACKS);
    }
    html_raw(&page->html, "</section>");
}

static void put_frame(struct page *page, const char *region, const char *frame,
                      const struct parts_row *rows, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts_text(newest_target(rows[i].value), "frame"), frame) != 0) {
            continue;
        }
        if (!any) {
            html_raw(&page->html, "<section>");
            page_heading(page, strcmp(frame, "3k") == 0 ? "frame-3k" : "frame-4b",
                         strcmp(frame, "3k") == 0 ? TEXT_FRAME_3K : TEXT_FRAME_4B);
        }
        any = true;
        put_goal(page, region, rows[i].name, rows[i].value);
    }
    if (any) {
        html_raw(&page->html, "</section>");
    }
}

void page_goals(struct page *page)
{
    const char *region = page_param(page, "region");
    const struct choice_row *frame = NULL;
    size_t count = 0;
    if (copy_region(page->copy, region) == NULL) {
        page_not_found(page);
        return;
    }
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_GOAL), parts_by_name, &count);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_GOALS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_GOALS_LEAD);
    html_raw(&page->html, "</p>");
    if (count == 0) {
        parts_empty(page, TEXT_NO_GOALS);
    }
    while ((frame = choice_next(CHOICES_FRAME, frame)) != NULL) {
        put_frame(page, region, frame->word, rows, count);
    }
    free(rows);
}
