#include "clients/dashboard/board.h"

#include "clients/dashboard/parts.h"

#include <stdlib.h>

// The way from idea to aftercare; what has ended, or goes on for ever, stands below it.
static const enum phase way[] = {PHASE_IDEA, PHASE_RESEARCH, PHASE_PREPARATION, PHASE_EXECUTION,
                                 PHASE_AFTERCARE};
static const enum phase rest[] = {PHASE_COMPLETED, PHASE_STOPPED, PHASE_ONGOING};

static void put_leads(struct page *page, const char *region, const json_t *record)
{
    const json_t *leads = parts_field(record, "leads");
    html_raw(&page->html, "<p class=\"lead-member\">");
    if (json_array_size(leads) == 0) {
        page_say(page, TEXT_LEAD_UNKNOWN);
    } else {
        page_say(page, json_array_size(leads) == 1 ? TEXT_LEAD_ONE : TEXT_LEAD_MANY);
        html_raw(&page->html, " <strong>");
        parts_members(page, region, leads);
        html_raw(&page->html, "</strong>");
    }
    html_raw(&page->html, "</p>");
}

static void put_participants(struct page *page, const char *region, const json_t *record)
{
    char some[WORDS_ROOM], all[WORDS_ROOM];
    size_t count = json_object_size(parts_field(record, "participants"));
    html_raw(&page->html, "<p>");
    if (count == 0) {
        page_say(page, TEXT_PARTICIPANTS_NONE);
    } else {
        texts_fill(&page->html, page->language, TEXT_PARTICIPANTS_OF,
                   words_number((int64_t)count, some),
                   words_number(parts_count(page->copy, region, KIND_MEMBER), all), NULL);
    }
    html_raw(&page->html, "</p>");
}

// Since when, and how sure that is.
static void put_since(struct page *page, const json_t *record)
{
    char room[WORDS_ROOM];
    char day[WORDS_ROOM];
    const char *since = parts_phase_since(page, record, day);
    const json_t *baseline = parts_field(record, "baseline");
    bool moved = json_array_size(parts_field(record, "phases")) > 0;
    html_raw(&page->html, "<p class=\"since\">");
    if (since[0] != '\0') {
        html_raw(&page->html, "<span>");
        texts_fill(&page->html, page->language, TEXT_SINCE, words_date(page->language, since, room),
                   NULL);
        html_raw(&page->html, "</span> ");
    }
    if (baseline != NULL && !moved) {
        bool stated = parts_text(baseline, "basis")[0] == 's';
        parts_mark(page, stated ? TEXT_TAKEN_OVER : TEXT_PHASE_UNCERTAIN);
    }
    html_raw(&page->html, "</p>");
}

static void put_card(struct page *page, const char *region, const char *id, const json_t *record,
                     bool is_open)
{
    html_raw(&page->html, "<li class=\"card\"");
    parts_id(page, KIND_WERKPLAATS, id);
    html_raw(&page->html, "><h4><a class=\"utrecht-link cover\"");
    page_href(page, "/%s/werkplaats/%s", region, id);
    html_raw(&page->html, ">");
    html_text(&page->html, parts_field_text(record, "name"));
    html_raw(&page->html, "</a></h4>");
    put_leads(page, region, record);
    if (is_open) {
        put_participants(page, region, record);
    }
    put_since(page, record);
    if (is_open) {
        parts_needs(page, region, id);
    }
    html_raw(&page->html, "</li>");
}

static void put_column(struct page *page, const char *region, enum phase phase,
                       const struct parts_row *rows, size_t count, bool is_open)
{
    unsigned here = 0;
    for (size_t i = 0; i < count; i++) {
        here += parts_phase(rows[i].value) == phase;
    }
    html_raw(&page->html, "<section class=\"column\"");
    html_attribute(&page->html, "data-phase", phase_row(phase)->name);
    html_raw(&page->html, "><h3>");
    html_text(&page->html, words_phase(page->language, phase));
    html_raw(&page->html, " <span class=\"count\">");
    html_number(&page->html, here);
    html_raw(&page->html, "</span></h3>");
    if (here > 0) {
        html_raw(&page->html, "<ul>");
    }
    for (size_t i = 0; i < count; i++) {
        if (parts_phase(rows[i].value) == phase) {
            put_card(page, region, rows[i].name, rows[i].value, is_open);
        }
    }
    if (here > 0) {
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</section>");
}

void board_put(struct page *page, const char *region)
{
    size_t count = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_WERKPLAATS), parts_by_name, &count);
    html_raw(&page->html, "<div class=\"board way\">");
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
        put_column(page, region, way[i], rows, count, true);
    }
    html_raw(&page->html, "</div><div class=\"board rest\">");
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        put_column(page, region, rest[i], rows, count, rest[i] == PHASE_ONGOING);
    }
    html_raw(&page->html, "</div>");
    free(rows);
}
