// Who has a seat where, on whose behalf, and who has none; and who leads which werkplaats.
#include "clients/dashboard/orgchart.h"
#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

// Seats -----------------------------------------------------------------------------------------

static int by_member(const void *a, const void *b)
{
    const struct parts_row *one = a, *two = b;
    return strcmp(one->name, two->name); // "member/function"
}

static void put_seat(struct page *page, const char *region, const json_t *item)
{
    const json_t *data = json_object_get(item, "data");
    html_raw(&page->html, "<tr>");
    parts_cell_member(page, region, parts_text(data, "member"));
    parts_cell_text(page, parts_text(data, "function"));
    parts_cell_begin(page, false);
    parts_members(page, region, json_object_get(data, "on_behalf_of"));
    parts_cell_end(page);
    parts_cell_date(page, item);
    parts_cell_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</tr>");
}

static void put_seats(struct page *page, const char *region, const json_t *record)
{
    size_t count = 0;
    struct parts_row *rows = parts_sorted(parts_field(record, "seats"), by_member, &count);
    if (count == 0) {
        parts_empty(page, TEXT_SEATS_NONE);
    } else {
        parts_table_begin(page);
        html_raw(&page->html, "<thead><tr>");
        parts_th(page, TEXT_COL_MEMBER, false);
        parts_th(page, TEXT_COL_FUNCTION, false);
        parts_th(page, TEXT_COL_BEHALF, false);
        parts_th(page, TEXT_COL_SINCE, false);
        parts_th(page, TEXT_COL_FACT, true);
        html_raw(&page->html, "</tr></thead><tbody>");
        for (size_t i = 0; i < count; i++) {
            put_seat(page, region, rows[i].value);
        }
        parts_table_end(page);
    }
    free(rows);
}

// Who has none ----------------------------------------------------------------------------------

// Whether a member has a seat in a body; with `spoken` also whether another speaks for it there.
static bool has_seat(const json_t *body, const char *member, bool spoken)
{
    const char *key = NULL;
    json_t *item = NULL;
    json_object_foreach((json_t *)(uintptr_t)parts_field(body, "seats"), key, item)
    {
        size_t index = 0;
        const json_t *data = json_object_get(item, "data"), *id = NULL;
        if (strcmp(parts_text(data, "member"), member) == 0) {
            return true;
        }
        json_array_foreach(json_object_get(data, "on_behalf_of"), index, id)
        {
            if (spoken && json_is_string(id) && strcmp(json_string_value(id), member) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool has_seat_anywhere(const struct page *page, const char *region, const char *member)
{
    const char *id = NULL;
    json_t *body = NULL;
    json_object_foreach((json_t *)(uintptr_t)copy_kind(page->copy, region, KIND_BODY), id, body)
    {
        if (has_seat(body, member, false)) {
            return true;
        }
    }
    return false;
}

// The members without a seat in a body, or with NULL in any: a list of ids that the caller ends.
static json_t *seatless(const struct page *page, const char *region, const json_t *body)
{
    size_t count = 0;
    json_t *ids = json_array();
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_MEMBER), parts_by_name, &count);
    for (size_t i = 0; i < count; i++) {
        bool seated = body == NULL ? has_seat_anywhere(page, region, rows[i].name)
                                   : has_seat(body, rows[i].name, true);
        if (!seated && !parts_has_ended(rows[i].value)) {
            json_array_append_new(ids, json_string(rows[i].name));
        }
    }
    free(rows);
    return ids;
}

static void put_seatless(struct page *page, const char *region, const json_t *body)
{
    json_t *ids = seatless(page, region, body);
    html_raw(&page->html, "<p class=\"seatless\">");
    if (json_array_size(ids) == 0) {
        page_say(page, TEXT_SEATLESS_NONE);
    } else {
        page_say(page, TEXT_SEATLESS);
        html_raw(&page->html, " ");
        parts_members(page, region, ids);
        html_raw(&page->html, ".");
    }
    html_raw(&page->html, "</p>");
    json_decref(ids);
}

static void put_seatless_all(struct page *page, const char *region)
{
    size_t index = 0;
    const json_t *id = NULL;
    json_t *ids = seatless(page, region, NULL);
    html_raw(&page->html, "<section>");
    page_heading(page, "seatless", TEXT_SEATLESS_ALL);
    html_raw(&page->html, "<ul class=\"plain\">");
    json_array_foreach(ids, index, id)
    {
        html_raw(&page->html, "<li>");
        parts_subject(page, region, KIND_MEMBER, json_string_value(id));
        html_raw(&page->html, "</li>");
    }
    html_raw(&page->html, "</ul>");
    if (json_array_size(ids) == 0) {
        parts_empty(page, TEXT_SEATLESS_ALL_NONE);
    }
    html_raw(&page->html, "</section>");
    json_decref(ids);
}

// Bodies ----------------------------------------------------------------------------------------

static void put_body(struct page *page, const char *region, const char *id, const json_t *record)
{
    char room[WORDS_ROOM];
    const char *core_of = parts_field_text(record, "core_of");
    html_raw(&page->html, "<section");
    parts_id(page, KIND_BODY, id);
    html_raw(&page->html, "><h2 class=\"utrecht-heading-2\">");
    html_text(&page->html, parts_name(page, region, KIND_BODY, id));
    html_raw(&page->html, "</h2><p class=\"meta\">");
    html_text(&page->html,
              words_choice(page->language, CHOICES_LEVEL, parts_field_text(record, "level"), room));
    if (core_of[0] != '\0') {
        html_raw(&page->html, ", ");
        texts_fill(&page->html, page->language, TEXT_CORE_OF,
                   parts_name(page, region, KIND_BODY, core_of), NULL);
    }
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(record, "opened"));
    html_raw(&page->html, "</p>");
    put_seats(page, region, record);
    put_seatless(page, region, record);
    html_raw(&page->html, "</section>");
}

// Each body with its cores behind it, as the drawing has them.
static void put_bodies(struct page *page, const char *region, const struct parts_row *rows,
                       size_t count)
{
    const struct choice_row *level = NULL;
    while ((level = choice_next(CHOICES_LEVEL, level)) != NULL) {
        for (size_t i = 0; i < count; i++) {
            if (strcmp(parts_field_text(rows[i].value, "level"), level->word) != 0 ||
                parts_field_text(rows[i].value, "core_of")[0] != '\0') {
                continue;
            }
            put_body(page, region, rows[i].name, rows[i].value);
            for (size_t j = 0; j < count; j++) {
                if (strcmp(parts_field_text(rows[j].value, "core_of"), rows[i].name) == 0) {
                    put_body(page, region, rows[j].name, rows[j].value);
                }
            }
        }
    }
}

// Werkplaatsen ----------------------------------------------------------------------------------

static void put_leads(struct page *page, const char *region, const json_t *record)
{
    size_t index = 0;
    const json_t *leads = parts_field(record, "leads"), *id = NULL;
    parts_cell_begin(page, false);
    if (json_array_size(leads) == 0) {
        page_say(page, TEXT_LEAD_UNKNOWN);
    }
    json_array_foreach(leads, index, id)
    {
        if (index > 0) {
            html_raw(&page->html, ", ");
        }
        parts_subject(page, region, KIND_MEMBER, json_string_value(id));
    }
    parts_cell_end(page);
}

static void put_werkplaatsen(struct page *page, const char *region)
{
    size_t count = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_WERKPLAATS), parts_by_name, &count);
    html_raw(&page->html, "<section>");
    page_heading(page, "werkplaatsen", TEXT_WERKPLAATSEN);
    parts_table_begin(page);
    html_raw(&page->html, "<thead><tr>");
    parts_th(page, TEXT_TITLE_WERKPLAATS, false);
    parts_th(page, TEXT_LEAD_ONE, false);
    parts_th(page, TEXT_PHASE, false);
    html_raw(&page->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < count; i++) {
        html_raw(&page->html, "<tr");
        parts_id(page, KIND_WERKPLAATS, rows[i].name);
        html_raw(&page->html, "><th scope=\"row\" class=\"utrecht-table__cell\">");
        parts_subject(page, region, KIND_WERKPLAATS, rows[i].name);
        html_raw(&page->html, "</th>");
        put_leads(page, region, rows[i].value);
        parts_cell_begin(page, false);
        parts_phase_badge(page, parts_phase(rows[i].value));
        parts_cell_end(page);
        html_raw(&page->html, "</tr>");
    }
    parts_table_end(page);
    html_raw(&page->html, "</section>");
    free(rows);
}

void page_organisation(struct page *page)
{
    const char *region = page_param(page, "region");
    size_t count = 0;
    if (copy_region(page->copy, region) == NULL) {
        page_not_found(page);
        return;
    }
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_BODY), parts_by_name, &count);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_ORGANISATION);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_ORGANISATION_LEAD);
    html_raw(&page->html, "</p>");
    if (count == 0) {
        parts_empty(page, TEXT_NO_BODIES);
    } else {
        orgchart_put(page, region);
        put_bodies(page, region, rows, count);
        put_seatless_all(page, region);
    }
    put_werkplaatsen(page, region);
    free(rows);
}
