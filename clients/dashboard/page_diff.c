// What changed in a region, or in one of its werkplaatsen, between two days: field by field, each
// with the event that did it.
#include "clients/dashboard/page_period.h"
#include "clients/dashboard/parts.h"
#include "clients/past/leaves.h"
#include "clients/past/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VALUE_MAX 240 // characters of a value

// How people read values ------------------------------------------------------------------------

struct reading {
    struct page *page;
    const char *region;
    enum kind kind;
    char room[WORDS_ROOM];
};

static char *text_of(void *context, const struct field *field, const char *text)
{
    const struct reading *reading = context;
    enum language language = reading->page->language;
    char room[WORDS_ROOM];
    switch ((int)field->type) { // the others are texts already
    case FIELD_CHOICE:
        return past_format("%s", words_choice(language, (enum choices)field->of, text, room));
    case FIELD_PHASE:
        return past_format("%s", words_phase(language, phase_find(bytes_of(text))));
    case FIELD_DATE:
        return past_format("%s", words_date(language, text, room));
    case FIELD_REFERENCE:
        return past_format("%s",
                           parts_name(reading->page, reading->region, (enum kind)field->of, text));
    default:
        break;
    }
    bool is_member = strcmp(field->name, "member") == 0; // where it need not be one any more
    return past_format(
        "%s", is_member ? parts_name(reading->page, reading->region, KIND_MEMBER, text) : text);
}

static const char *label_of(void *context, const struct field *field)
{
    struct reading *reading = context;
    return words_field(reading->page->language, field, reading->room);
}

static char *euros_of(void *context, int64_t cents)
{
    const struct reading *reading = context;
    char room[WORDS_ROOM];
    return past_format("%s", words_euros(reading->page->language, cents, room));
}

// Rows ------------------------------------------------------------------------------------------

// What puts something into a slot of a kind; NULL if it is no slot.
static const struct event_type *type_of_slot(enum kind kind, const char *slot, size_t size)
{
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        bool puts = type->effect == EFFECT_PUT || type->effect == EFFECT_APPEND;
        if (puts && type->kind == kind && strlen(type->slot) == size &&
            strncmp(type->slot, slot, size) == 0) {
            return type;
        }
    }
    return NULL;
}

// "almelo/financial/execution": the values of the fields that are the key, as people read them.
static void put_key(struct reading *reading, const struct event_type *type, const char *key)
{
    struct fields fields = fields_of(type->group);
    struct html *html = &reading->page->html;
    const char *between = "";
    for (unsigned i = 0; i < fields.count && *key != '\0'; i++) {
        size_t size = strcspn(key, "/.");
        if ((fields.first[i].flags & FLAG_KEY) == 0) {
            continue;
        }
        char *part = past_format("%.*s", (int)size, key);
        char *said = text_of(reading, &fields.first[i], part);
        html_text(html, between);
        html_text(html, said);
        free(said);
        free(part);
        between = size == 0 ? "" : ", ";
        key += size + (key[size] != '\0');
    }
    if (*key != '\0') { // what follows is of the item: its label
        html_text(html, between);
        html_text(html, key);
    }
}

static void put_field(struct reading *reading, const char *field)
{
    size_t size = strcspn(field, ".");
    char room[WORDS_ROOM];
    struct html *html = &reading->page->html;
    const struct event_type *type = type_of_slot(reading->kind, field, size);
    if (type == NULL) {
        bool corrected = strcmp(field, "corrected") == 0;
        html_text(html, corrected ? texts_of(reading->page->language, TEXT_EVENT_CORRECTS) : field);
        return;
    }
    html_text(html, words_type(reading->page->language, type, room));
    if (field[size] == '.') {
        html_text(html, ": ");
        put_key(reading, type, field + size + 1);
    }
}

static void put_value(struct page *page, const char *value, bool is_new)
{
    if (value == NULL) {
        return;
    }
    char *text = leaves_short(value, VALUE_MAX);
    html_put_literal(&page->html, is_new ? "<ins>" : "<del>", strlen("<ins>"));
    html_raw(&page->html, "<span class=\"unseen\">"); // what the colour says
    page_say(page, is_new ? TEXT_DIFF_IS_VALUE : TEXT_DIFF_WAS_VALUE);
    html_raw(&page->html, "</span>");
    html_text(&page->html, text);
    html_put_literal(&page->html, is_new ? "</ins>" : "</del>", strlen("</ins>"));
    free(text);
}

static void put_row(void *context, const struct told_row *row)
{
    struct reading *reading = context;
    struct page *page = reading->page;
    html_raw(&page->html, "<li><span class=\"field\">");
    put_field(reading, row->field);
    html_raw(&page->html, "</span> <span class=\"values\">");
    put_value(page, row->before, false);
    html_text(&page->html, row->before != NULL && row->after != NULL ? " → " : "");
    put_value(page, row->after, true);
    html_raw(&page->html, "</span> <span>");
    parts_fact(page, strtoull(row->by, NULL, 10));
    html_raw(&page->html, "</span></li>");
}

// Its kind and id are read into the room; false if it is not to be shown.
static bool is_shown(const struct page *page, const json_t *difference, char room[256],
                     enum kind *ret_kind, const char **ret_id)
{
    const char *own = NULL;
    return parts_split(parts_text(difference, "path"), room, &own, ret_kind, ret_id) &&
           copy_shows_kind(page->copy, *ret_kind);
}

static void put_difference(struct page *page, const char *region, const json_t *difference)
{
    char room[256];
    const char *id = NULL, *change = parts_text(difference, "change");
    struct reading reading = {.page = page, .region = region};
    struct past_people people = {text_of, label_of, euros_of,
                                 texts_of(page->language, TEXT_DIFF_YES), &reading};
    if (!is_shown(page, difference, room, &reading.kind, &id)) {
        return;
    }
    html_raw(&page->html, "<li><h2>");
    parts_subject(page, region, reading.kind, id);
    html_raw(&page->html, " <span class=\"meta\">");
    html_text(&page->html, words_kind(page->language, reading.kind));
    html_raw(&page->html, "</span> ");
    parts_mark(page, change[0] == 'o'   ? TEXT_DIFF_OPENED
                     : change[0] == 'e' ? TEXT_DIFF_ENDED
                                        : TEXT_DIFF_CHANGED);
    html_raw(&page->html, "</h2><ul>");
    told_difference(difference, &people, put_row, &reading);
    html_raw(&page->html, "</ul></li>");
}

static void put_counts(struct page *page, const json_t *differences)
{
    char path[256], room[3][WORDS_ROOM];
    const char *id = NULL;
    enum kind kind = KIND_NONE;
    int64_t counts[3] = {0};
    size_t index = 0;
    const json_t *difference = NULL;
    json_array_foreach(differences, index, difference)
    {
        const char *change = parts_text(difference, "change");
        counts[change[0] == 'o'   ? 0
               : change[0] == 'c' ? 1
                                  : 2] += is_shown(page, difference, path, &kind, &id);
    }
    html_raw(&page->html, "<p class=\"lead\">");
    texts_fill(&page->html, page->language, TEXT_DIFF_COUNTS, words_number(counts[0], room[0]),
               words_number(counts[1], room[1]), words_number(counts[2], room[2]), NULL);
    html_raw(&page->html, "</p>");
}

// Asking ----------------------------------------------------------------------------------------

static bool is_recorded(const struct page *page)
{
    const char *reading = page_query(page, "lezing");
    return reading != NULL && strcmp(reading, "vastgelegd") == 0;
}

// The end of a day, in milliseconds; 0 if that has not been yet.
static json_int_t end_of_day(const char *day)
{
    struct tm parts = {.tm_isdst = -1};
    (void)strptime(day, "%Y-%m-%d", &parts); // it was read
    parts.tm_mday++;
    time_t seconds = mktime(&parts);
    return seconds < time(NULL) ? (json_int_t)seconds * 1000 : 0;
}

// Whether ?over= names something, or nothing at all.
static bool is_about(const struct page *page, const char *region)
{
    const char *about = page_query(page, "over"), *named = NULL, *id = NULL;
    char path[200], room[256];
    enum kind kind = KIND_NONE;
    if (about == NULL || about[0] == '\0') {
        return true;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", region, about); // or it is none
    return parts_split(path, room, &named, &kind, &id) && copy_shows_kind(page->copy, kind) &&
           copy_entity(page->copy, region, kind, id) != NULL;
}

static json_t *job_of(const struct page *page, const char *region, const struct period *period)
{
    const char *about = page_query(page, "over");
    char path[200];
    (void)snprintf(path, sizeof(path), "%s/%s", region,
                   about == NULL ? "" : about); // or it is none
    json_t *job = json_pack("{s:s, s:s, s:s*, s:b, s:I}", "job", "diff", "region", region, "path",
                            about == NULL || about[0] == '\0' ? NULL : path, "members",
                            page->copy->audience == AUDIENCE_MEMBERS, "at",
                            (json_int_t)copy_touched(page->copy, region, ~0u));
    if (job != NULL && is_recorded(page)) {
        json_object_set_new(job, "before_ms",
                            json_pack("[I, I]", end_of_day(period->from), end_of_day(period->to)));
    } else if (job != NULL) {
        json_object_set_new(job, "on", json_pack("[s, s]", period->from, period->to));
    }
    return job;
}

static void put_option(struct page *page, const char *value, const char *text, bool chosen)
{
    html_raw(&page->html, "<option");
    html_attribute(&page->html, "value", value);
    if (chosen) {
        html_raw(&page->html, " selected");
    }
    html_raw(&page->html, ">");
    html_text(&page->html, text);
    html_raw(&page->html, "</option>");
}

static void begin_select(struct page *page, const char *name, enum text label)
{
    html_raw(&page->html, "<span><label");
    html_attribute(&page->html, "for", name);
    html_raw(&page->html, ">");
    page_say(page, label);
    html_raw(&page->html, "</label> <select");
    html_attribute(&page->html, "id", name);
    html_attribute(&page->html, "name", name);
    html_raw(&page->html, ">");
}

static void put_choices(struct page *page)
{
    const char *about = page_query(page, "over");
    size_t count = 0;
    struct parts_row *rows = parts_sorted(
        copy_kind(page->copy, page_param(page, "region"), KIND_WERKPLAATS), parts_by_name, &count);
    begin_select(page, "lezing", TEXT_DIFF_READING);
    put_option(page, "was", texts_of(page->language, TEXT_DIFF_WAS), !is_recorded(page));
    put_option(page, "vastgelegd", texts_of(page->language, TEXT_DIFF_RECORDED), is_recorded(page));
    html_raw(&page->html, "</select></span> ");
    begin_select(page, "over", TEXT_DIFF_ABOUT);
    put_option(page, "", texts_of(page->language, TEXT_DIFF_ALL), false);
    for (size_t i = 0; i < count; i++) {
        char value[100];
        (void)snprintf(value, sizeof(value), "werkplaats/%s", rows[i].name); // ids are short
        put_option(page, value, parts_field_text(rows[i].value, "name"),
                   about != NULL && strcmp(about, value) == 0);
    }
    html_raw(&page->html, "</select></span> ");
    free(rows);
}

static void put_differences(struct page *page, const char *region, const json_t *answer)
{
    const json_t *differences = json_object_get(answer, "differences"), *difference = NULL;
    size_t index = 0;
    if (period_is_large(answer)) {
        parts_empty(page, TEXT_PERIOD_LARGE);
        return;
    }
    if (differences == NULL || json_object_get(answer, "problem") != NULL) {
        page_comes_to_nothing(page);
        return;
    }
    if (json_array_size(differences) == 0) {
        parts_empty(page, TEXT_DIFF_NONE);
        return;
    }
    put_counts(page, differences);
    html_raw(&page->html, "<ul class=\"differences\">");
    json_array_foreach(differences, index, difference)
    {
        put_difference(page, region, difference);
    }
    html_raw(&page->html, "</ul>");
    if (json_is_true(json_object_get(answer, "more"))) {
        parts_empty(page, TEXT_DIFF_MORE);
    }
}

void page_diff(struct page *page)
{
    const char *region = page_param(page, "region");
    struct period period;
    if (copy_region(page->copy, region) == NULL || !is_about(page, region)) {
        page_not_found(page);
        return;
    }
    bool sound = period_read(page, period_last_month, &period);
    const json_t *answer = sound ? page_job(page, job_of(page, region, &period)) : NULL;
    if (page->waits) {
        return;
    }
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_DIFF);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_DIFF_LEAD);
    html_raw(&page->html, "</p>");
    period_put_form(page, &period, TEXT_DIFF_SHOW, put_choices);
    if (sound) {
        put_differences(page, region, answer);
    } else {
        parts_empty(page, TEXT_PERIOD_WRONG);
    }
}
