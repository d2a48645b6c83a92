// A region at a glance: the phase board, the latest news and changes, and what is not known yet.
#include "clients/dashboard/board.h"
#include "clients/dashboard/decisions.h"
#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

#define NEWS_SHOWN 5
#define CHANGES_SHOWN 8

// Head ------------------------------------------------------------------------------------------

static void put_beta(struct page *page, const json_t *record)
{
    if (strcmp(parts_field_text(record, "status"), "beta") != 0) {
        return;
    }
    html_raw(&page->html, "<div class=\"beta\"><span class=\"mark\">");
    page_say(page, TEXT_BETA);
    html_raw(&page->html, "</span> <p>");
    page_say(page, TEXT_BETA_MEANS);
    html_raw(&page->html, " <a class=\"utrecht-link\" href=\"#gaps\">");
    page_say(page, TEXT_BETA_GAPS);
    html_raw(&page->html, "</a></p></div>");
}

// A figure that leads to what it counts: a part of this page, or another page of the region.
static void put_figure(struct page *page, unsigned figure, enum text text, const char *address)
{
    html_raw(&page->html, "<div><dt>");
    page_say(page, text);
    html_raw(&page->html, "</dt><dd><a");
    if (address[0] == '#') {
        html_address(&page->html, "href", address);
    } else {
        page_href(page, "/%s/%s", page_param(page, "region"), address);
    }
    html_raw(&page->html, ">");
    html_number(&page->html, figure);
    html_raw(&page->html, "</a></dd></div>");
}

// The date of the content: that of its newest event.
static void put_updated(struct page *page, const char *region)
{
    char room[WORDS_ROOM];
    uint64_t newest = copy_touched(page->copy, region, ~0u);
    const json_t *event = newest == 0 ? NULL : parts_event(page, newest);
    if (event != NULL) {
        html_raw(&page->html, "<p class=\"updated\">");
        texts_fill(&page->html, page->language, TEXT_LAST_UPDATED,
                   words_moment(page->language, parts_event_time(event), room), NULL);
        html_raw(&page->html, " ");
        parts_fact(page, newest);
        html_raw(&page->html, "</p>");
    }
}

static void put_head(struct page *page, const char *region, const json_t *record)
{
    put_beta(page, record);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    html_text(&page->html, parts_field_text(record, "name"));
    html_raw(&page->html, "</h1><div class=\"intro\"><div class=\"lead\">");
    html_paragraphs(&page->html, parts_field_text(record, "description"));
    html_raw(&page->html, "</div><dl class=\"counts\">");
    put_figure(page, parts_count(page->copy, region, KIND_MEMBER), TEXT_COUNT_MEMBERS, "leden");
    put_figure(page, parts_count(page->copy, region, KIND_WERKPLAATS), TEXT_COUNT_WERKPLAATSEN,
               "#board");
    put_figure(page, decisions_count_open(page, region, NULL), TEXT_COUNT_UNDECIDED, "#open");
    put_figure(page, (unsigned)json_array_size(copy_gaps(page->copy, region)), TEXT_COUNT_GAPS,
               "#gaps");
    html_raw(&page->html, "</dl></div>");
    put_updated(page, region);
}

// Open decisions --------------------------------------------------------------------------------

static void put_open(struct page *page, const char *region)
{
    html_raw(&page->html, "<section>");
    page_heading(page, "open", TEXT_REGION_OPEN);
    if (decisions_count_open(page, region, NULL) == 0) {
        parts_empty(page, TEXT_REGION_OPEN_NONE);
    }
    decisions_put_open(page, region, NULL);
    html_raw(&page->html, "</section>");
}

// News ------------------------------------------------------------------------------------------

static void put_news_item(struct page *page, const char *id, const json_t *record)
{
    html_raw(&page->html, "<li");
    parts_id(page, KIND_NEWS, id);
    html_raw(&page->html, "><h3>");
    parts_outside(page, parts_field_text(record, "url"), parts_field_text(record, "title"));
    html_raw(&page->html, "</h3><p class=\"meta\">");
    parts_dated(page, record);
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(record, "version"));
    html_raw(&page->html, "</p><p>");
    html_text(&page->html, parts_field_text(record, "summary"));
    html_raw(&page->html, "</p></li>");
}

static void put_news(struct page *page, const char *region)
{
    size_t count = 0;
    unsigned shown = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_NEWS), parts_by_date, &count);
    html_raw(&page->html, "<section class=\"news\">");
    page_heading(page, "news", TEXT_NEWS);
    html_raw(&page->html, "<ul>");
    for (size_t i = 0; i < count && shown < NEWS_SHOWN; i++) {
        if (!parts_has_ended(rows[i].value)) {
            put_news_item(page, rows[i].name, rows[i].value);
            shown++;
        }
    }
    html_raw(&page->html, "</ul>");
    if (shown == 0) {
        parts_empty(page, TEXT_NO_NEWS);
    }
    html_raw(&page->html, "</section>");
    free(rows);
}

// Changes ---------------------------------------------------------------------------------------

// "kind/id" of this region.
static void put_subject(struct page *page, const char *region, const char *subject)
{
    const char *slash = strchr(subject, '/');
    enum kind kind = kind_find((struct bytes){subject, (size_t)(slash - subject)});
    parts_subject(page, region, kind, slash + 1);
}

static void put_change(struct page *page, const char *region, const json_t *event)
{
    char room[WORDS_ROOM];
    const struct event_type *type = parts_event_type(page, event);
    const char *subject = parts_text(event, "subject");
    if (type == NULL) {
        return;
    }
    html_raw(&page->html, "<li><span class=\"type\">");
    html_text(&page->html, words_type(page->language, type, room));
    html_raw(&page->html, "</span> <span class=\"what\">");
    put_subject(page, region, subject + strlen(region) + 1);
    parts_gist(page, region, type, event);
    html_raw(&page->html, "</span> <span class=\"meta\">");
    html_text(&page->html, words_day(page->language, parts_event_time(event), room));
    html_raw(&page->html, " ");
    parts_fact(page, parts_event_seq(event));
    html_raw(&page->html, "</span></li>");
}

// The newest events of the region that are at hand; returns how many there were.
static unsigned put_recent(struct page *page, const char *region)
{
    unsigned shown = 0;
    uint64_t end = page->copy->events_end;
    for (uint64_t i = 1; i <= COPY_EVENTS && i <= end && shown < CHANGES_SHOWN; i++) {
        const struct copy_event *event = &page->copy->events[(end - i) % COPY_EVENTS];
        if (event->seq > 0 && strcmp(event->region, region) == 0) {
            put_change(page, region, event->json);
            shown++;
        }
    }
    return shown;
}

// Of a region where little happens the newest event is older than those at hand: then the newest of
// each thing that changed last.
static unsigned put_older(struct page *page, const char *region)
{
    uint64_t before = UINT64_MAX;
    unsigned shown = 0;
    for (; shown < CHANGES_SHOWN; shown++) {
        uint64_t newest = 0;
        const char *kind = NULL, *name = NULL;
        json_t *records = NULL, *record = NULL;
        json_object_foreach(json_object_get(page->copy->content.regions, region), kind, records)
        {
            json_object_foreach(records, name, record)
            {
                uint64_t version = parts_number(record, "version");
                newest = version < before && version > newest ? version : newest;
            }
        }
        if (newest == 0) {
            break;
        }
        put_change(page, region, parts_event(page, newest));
        before = newest;
    }
    return shown;
}

static bool has_recent(const struct page *page, const char *region)
{
    unsigned count = 0;
    for (size_t i = 0; i < COPY_EVENTS; i++) {
        const struct copy_event *event = &page->copy->events[i];
        count += event->seq > 0 && strcmp(event->region, region) == 0;
    }
    return count >= CHANGES_SHOWN;
}

static void put_changes(struct page *page, const char *region)
{
    html_raw(&page->html, "<section class=\"changes\">");
    page_heading(page, "changes", TEXT_CHANGES);
    html_raw(&page->html, "<ol>");
    unsigned shown = has_recent(page, region) ? put_recent(page, region) : put_older(page, region);
    html_raw(&page->html, "</ol>");
    if (shown == 0) {
        parts_empty(page, TEXT_NO_CHANGES);
    }
    html_raw(&page->html, "</section>");
}

// Gaps ------------------------------------------------------------------------------------------

static const struct {
    const char *gap, *what[LANGUAGES], *who[LANGUAGES];
} gap_rows[] = {
#define GAP(gap, what_nl, what_en, who_nl, who_en) {gap, {what_nl, what_en}, {who_nl, who_en}},
#include "clients/dashboard/gaps.def"
#undef GAP
};

static void put_gap(struct page *page, const json_t *gap)
{
    char room[WORDS_ROOM];
    const char *word = parts_text(gap, "gap");
    const struct event_type *type = event_type_find(bytes_of(parts_text(gap, "event")));
    const char *what = parts_text(gap, "found"), *who = "";
    for (size_t i = 0; i < sizeof(gap_rows) / sizeof(gap_rows[0]); i++) {
        if (strcmp(gap_rows[i].gap, word) == 0) {
            what = gap_rows[i].what[page->language];
            who = gap_rows[i].who[page->language];
        }
    }
    html_raw(&page->html, "<li>");
    html_text(&page->html, what);
    if (type != NULL) {
        html_raw(&page->html, "<span class=\"meta\">");
        texts_fill(&page->html, page->language, TEXT_GAP_FILL,
                   words_type(page->language, type, room), who, NULL);
        html_raw(&page->html, "</span>");
    }
    html_raw(&page->html, "</li>");
}

// Gaps come in the order of their paths: those of one thing stand together.
static void put_gap_list(struct page *page, const char *region, const json_t *gaps)
{
    const char *path = "";
    size_t index = 0;
    const json_t *gap = NULL;
    html_raw(&page->html, "<dl class=\"gaps\">");
    json_array_foreach(gaps, index, gap)
    {
        const char *here = parts_text(gap, "path");
        if (strncmp(here, region, strlen(region)) != 0 || here[strlen(region)] != '/') {
            continue;
        }
        if (strcmp(here, path) != 0) {
            if (path[0] != '\0') {
                html_raw(&page->html, "</ul></dd></div>");
            }
            html_raw(&page->html, "<div><dt>");
            put_subject(page, region, here + strlen(region) + 1);
            html_raw(&page->html, "</dt><dd><ul>");
            path = here;
        }
        put_gap(page, gap);
    }
    if (path[0] != '\0') {
        html_raw(&page->html, "</ul></dd></div>");
    }
    html_raw(&page->html, "</dl>");
}

static void put_gaps(struct page *page, const char *region)
{
    const json_t *gaps = copy_gaps(page->copy, region);
    html_raw(&page->html, "<section class=\"unknown\">");
    page_heading(page, "gaps", TEXT_GAPS);
    if (json_array_size(gaps) == 0) {
        parts_empty(page, TEXT_GAPS_NONE);
    } else {
        html_raw(&page->html, "<p>");
        page_say(page, TEXT_GAPS_LEAD);
        html_raw(&page->html, "</p><details id=\"gap-list\"><summary>");
        html_number(&page->html, (int64_t)json_array_size(gaps));
        html_raw(&page->html, " ");
        page_say(page, TEXT_COUNT_GAPS);
        html_raw(&page->html, "</summary>");
        put_gap_list(page, region, gaps);
        html_raw(&page->html, "</details>");
    }
    html_raw(&page->html, "</section>");
}

void page_region(struct page *page)
{
    const char *region = page_param(page, "region");
    const json_t *record = copy_region(page->copy, region);
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    page_title(page, parts_field_text(record, "name"));
    put_head(page, region, record);
    html_raw(&page->html, "<section>");
    page_heading(page, "board", TEXT_BOARD);
    board_put(page, region);
    html_raw(&page->html, "</section>");
    put_open(page, region);
    html_raw(&page->html, "<div class=\"two\">");
    put_news(page, region);
    put_changes(page, region);
    html_raw(&page->html, "</div>");
    put_gaps(page, region);
}
