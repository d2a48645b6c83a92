// Who takes part in a werkplaats, what it costs them, and what their boards decided.
#include "clients/dashboard/page_werkplaats.h"

#include <stdlib.h>
#include <string.h>

// Participants ----------------------------------------------------------------------------------

void werkplaats_put_participants(struct page *page, const char *region, const json_t *record)
{
    const json_t *participants = parts_field(record, "participants");
    size_t count = 0;
    html_raw(&page->html, "<section>");
    page_heading(page, "participants", TEXT_PARTICIPANTS);
    struct parts_row *rows = parts_sorted(participants, parts_by_name, &count);
    if (count == 0) {
        parts_empty(page, TEXT_NO_PARTICIPANTS);
    } else {
        html_raw(&page->html, "<ul class=\"participants\">");
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *item = rows[i].value;
        html_raw(&page->html, "<li><strong>");
        parts_subject(page, region, KIND_MEMBER, rows[i].name);
        html_raw(&page->html, "</strong> <span class=\"meta\">");
        parts_date(page, parts_text(item, "on"));
        if (strcmp(parts_text(json_object_get(item, "actor"), "role"), "member") != 0) {
            html_raw(&page->html, ", ");
            parts_actor(page, region, item);
        }
        html_raw(&page->html, "</span> ");
        parts_fact(page, parts_number(item, "seq"));
        html_raw(&page->html, "</li>");
    }
    if (count > 0) {
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</section>");
    free(rows);
}

// Costs -----------------------------------------------------------------------------------------

static bool is_outdated(const struct page *page, const char *region, const char *id,
                        const char *purpose)
{
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(json_object_get(copy_next(page->copy, region, id), "outdated"), index, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), purpose) == 0) {
            return true;
        }
    }
    return false;
}

// What the board of a member agreed to for a purpose; NULL if it has not decided.
static const json_t *decision_of(const json_t *record, const char *member, const char *purpose)
{
    char key[200];
    (void)snprintf(key, sizeof(key), "%s/financial/%s", member, purpose); // it fits
    return json_object_get(parts_field(record, "decisions"), key);
}

static void put_decided(struct page *page, const json_t *decision, int64_t share)
{
    const json_t *data = json_object_get(decision, "data");
    if (decision == NULL) {
        parts_cell_begin(page, true);
        page_say(page, TEXT_UNDECIDED);
        parts_cell_end(page);
    } else if (strcmp(parts_text(data, "outcome"), "positive") != 0) {
        parts_cell_begin(page, true);
        page_say(page, TEXT_DECIDED_NO);
        html_raw(&page->html, " ");
        parts_fact(page, parts_number(decision, "seq"));
        parts_cell_end(page);
    } else {
        int64_t amount = (int64_t)parts_number(data, "amount");
        char room[WORDS_ROOM];
        parts_cell_begin(page, true);
        if (amount < share) {
            parts_mark(page, TEXT_DECIDED_LESS);
            html_raw(&page->html, " ");
        }
        html_text(&page->html, words_euros(page->language, amount, room));
        html_raw(&page->html, " ");
        parts_fact(page, parts_number(decision, "seq"));
        parts_cell_end(page);
    }
}

static void put_shares(struct page *page, const char *region, const json_t *record,
                       const json_t *allocation, const char *purpose)
{
    size_t count = 0;
    struct parts_row *rows =
        parts_sorted(json_object_get(allocation, "shares"), parts_by_name, &count);
    parts_table_begin(page);
    html_raw(&page->html, "<thead><tr>");
    parts_th(page, TEXT_COL_MEMBER, false);
    parts_th(page, TEXT_COL_SHARE, true);
    parts_th(page, TEXT_COL_DECIDED, true);
    html_raw(&page->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < count; i++) {
        html_raw(&page->html, "<tr>");
        parts_cell_member(page, region, rows[i].name);
        parts_cell_euros(page, json_integer_value(rows[i].value));
        put_decided(page, decision_of(record, rows[i].name, purpose),
                    json_integer_value(rows[i].value));
        html_raw(&page->html, "</tr>");
    }
    html_raw(&page->html, "<tr class=\"total\"><th scope=\"row\" class=\"utrecht-table__cell\">");
    page_say(page, TEXT_TOTAL);
    html_raw(&page->html, "</th>");
    parts_cell_euros(page, (int64_t)parts_number(allocation, "amount"));
    parts_cell_text(page, "");
    html_raw(&page->html, "</tr>");
    parts_table_end(page);
    free(rows);
}

static void put_allocation(struct page *page, const char *region, const char *id,
                           const json_t *record, const char *purpose)
{
    char room[WORDS_ROOM];
    const json_t *item = json_object_get(parts_field(record, "allocations"), purpose);
    const json_t *data = json_object_get(item, "data");
    if (item == NULL) {
        return;
    }
    html_raw(&page->html, "<h3>");
    texts_fill(&page->html, page->language, TEXT_COSTS_OF,
               words_choice(page->language, CHOICES_PURPOSE, purpose, room), NULL);
    html_raw(&page->html, "</h3><p>");
    texts_fill(&page->html, page->language, TEXT_COSTS_KEY,
               parts_name(page, region, KIND_COST_KEY, parts_text(data, "key")),
               parts_text(data, "version"), NULL);
    html_raw(&page->html, " <span class=\"meta\">");
    parts_date(page, parts_text(item, "on"));
    html_raw(&page->html, "</span> ");
    parts_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</p>");
    if (is_outdated(page, region, id, purpose)) {
        html_raw(&page->html, "<p class=\"warning\">");
        page_say(page, TEXT_COSTS_OUTDATED);
        html_raw(&page->html, "</p>");
    }
    put_shares(page, region, record, data, purpose);
}

void werkplaats_put_costs(struct page *page, const char *region, const char *id,
                          const json_t *record)
{
    const struct choice_row *purpose = NULL;
    html_raw(&page->html, "<section>");
    page_heading(page, "costs", TEXT_COSTS);
    if (json_object_size(parts_field(record, "allocations")) == 0) {
        parts_empty(page, TEXT_NO_COSTS);
    }
    while ((purpose = choice_next(CHOICES_PURPOSE, purpose)) != NULL) {
        put_allocation(page, region, id, record, purpose->word);
    }
    if (page->moment == NULL &&
        json_object_size(copy_kind(page->copy, region, KIND_COST_KEY)) > 0) {
        html_raw(&page->html, "<p class=\"more\"><a class=\"utrecht-link\"");
        page_href(page, "/%s/werkplaats/%s/wat-als", region, id);
        html_raw(&page->html, ">");
        page_say(page, TEXT_WHAT_IF_LINK);
        html_raw(&page->html, "</a></p>");
    }
    html_raw(&page->html, "</section>");
}

// Decisions -------------------------------------------------------------------------------------

static void put_decision(struct page *page, const char *region, const json_t *item)
{
    char room[WORDS_ROOM];
    const json_t *data = json_object_get(item, "data");
    const char *purpose = parts_text(data, "purpose");
    html_raw(&page->html, "<tr>");
    parts_cell_member(page, region, parts_text(data, "member"));
    parts_cell_text(page,
                    words_choice(page->language, CHOICES_BOARD, parts_text(data, "board"), room));
    parts_cell_text(page, purpose[0] == '\0'
                              ? texts_of(page->language, TEXT_SUBSTANTIVE)
                              : words_choice(page->language, CHOICES_PURPOSE, purpose, room));
    parts_cell_text(
        page, words_choice(page->language, CHOICES_OUTCOME, parts_text(data, "outcome"), room));
    if (json_object_get(data, "amount") != NULL) {
        parts_cell_euros(page, (int64_t)parts_number(data, "amount"));
    } else {
        parts_cell_text(page, "");
    }
    parts_cell_begin(page, false);
    parts_date(page, parts_text(item, "on"));
    parts_cell_end(page);
    parts_cell_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</tr>");
}

static void put_open(struct page *page, const char *region, const char *id)
{
    const json_t *rows = json_object_get(copy_next(page->copy, region, id), "undecided");
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, id), *row = NULL;
    size_t index = 0;
    if (json_array_size(rows) == 0) {
        return;
    }
    html_raw(&page->html, "<h3>");
    page_say(page, TEXT_DECISIONS_OPEN);
    html_raw(&page->html, "</h3>");
    parts_table_begin(page);
    html_raw(&page->html, "<thead><tr>");
    parts_th(page, TEXT_COL_MEMBER, false);
    parts_th(page, TEXT_COL_ABOUT, false);
    parts_th(page, TEXT_COL_SHARE, true);
    parts_th(page, TEXT_COL_BEFORE, false);
    parts_th(page, TEXT_COL_FACT, true);
    html_raw(&page->html, "</tr></thead><tbody>");
    json_array_foreach(rows, index, row)
    {
        char room[WORDS_ROOM];
        html_raw(&page->html, "<tr>");
        parts_cell_member(page, region, parts_text(row, "member"));
        parts_cell_text(
            page, words_choice(page->language, CHOICES_PURPOSE, parts_text(row, "purpose"), room));
        parts_cell_euros(page, (int64_t)parts_number(row, "share"));
        parts_cell_begin(page, false);
        parts_date(page, parts_text(row, "decide_by"));
        if (parts_is_late(page, parts_text(row, "decide_by"))) {
            html_raw(&page->html, " ");
            parts_mark(page, TEXT_LATE);
        }
        parts_cell_end(page);
        parts_cell_fact(page, parts_number(json_object_get(parts_field(record, "allocations"),
                                                           parts_text(row, "purpose")),
                                           "seq"));
        html_raw(&page->html, "</tr>");
    }
    parts_table_end(page);
}

void werkplaats_put_decisions(struct page *page, const char *region, const char *id,
                              const json_t *record)
{
    size_t count = 0;
    struct parts_row *rows = parts_sorted(parts_field(record, "decisions"), parts_by_date, &count);
    html_raw(&page->html, "<section>");
    page_heading(page, "decisions", TEXT_DECISIONS);
    if (count == 0) {
        parts_empty(page, TEXT_NO_DECISIONS);
    } else {
        parts_table_begin(page);
        html_raw(&page->html, "<thead><tr>");
        parts_th(page, TEXT_COL_MEMBER, false);
        parts_th(page, TEXT_COL_BOARD, false);
        parts_th(page, TEXT_COL_ABOUT, false);
        parts_th(page, TEXT_COL_OUTCOME, false);
        parts_th(page, TEXT_COL_AMOUNT, true);
        parts_th(page, TEXT_COL_DATE, false);
        parts_th(page, TEXT_COL_FACT, true);
        html_raw(&page->html, "</tr></thead><tbody>");
    }
    for (size_t i = 0; i < count; i++) {
        put_decision(page, region, rows[i].value);
    }
    if (count > 0) {
        parts_table_end(page);
    }
    put_open(page, region, id);
    html_raw(&page->html, "</section>");
    free(rows);
}
