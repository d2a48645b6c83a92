// What a member takes part in, what its board decided, and where it has a seat.
#include "clients/dashboard/page_member.h"

#include <stdlib.h>
#include <string.h>

// The werkplaats of an event of one of a type about a member that nothing corrected; NULL if it is
// none.
static const char *werkplaats_of(const struct page *page, const struct thread *thread,
                                 const json_t *event, enum event_number number, const char *member)
{
    const struct event_type *type = parts_event_type(page, event);
    const char *slash = strrchr(parts_text(event, "subject"), '/');
    bool fits = type != NULL && type->number == number && slash != NULL &&
                strcmp(parts_text(json_object_get(event, "data"), "member"), member) == 0 &&
                thread_correction(thread, parts_event_seq(event)) == NULL;
    return fits ? slash + 1 : NULL;
}

// What it takes part in -------------------------------------------------------------------------

static bool is_lead(const json_t *record, const char *member)
{
    size_t index = 0;
    const json_t *lead = NULL;
    json_array_foreach(parts_field(record, "leads"), index, lead)
    {
        if (json_is_string(lead) && strcmp(json_string_value(lead), member) == 0) {
            return true;
        }
    }
    return false;
}

// A participation that the office registered says so; a seat is always registered by it.
static void put_since(struct page *page, const char *region, const json_t *item, bool is_seat)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, " <span class=\"meta\">");
    if (parts_text(item, "on")[0] != '\0') {
        texts_fill(&page->html, page->language, TEXT_SINCE,
                   words_date(page->language, parts_text(item, "on"), room), NULL);
    }
    if (!is_seat && strcmp(parts_text(json_object_get(item, "actor"), "role"), "member") != 0) {
        html_raw(&page->html, ", ");
        parts_actor(page, region, item);
    }
    html_raw(&page->html, "</span> ");
    parts_fact(page, parts_number(item, "seq"));
}

static unsigned put_present(struct page *page, const char *region, const char *id)
{
    size_t count = 0;
    unsigned shown = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_WERKPLAATS), parts_by_name, &count);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_object_get(parts_field(rows[i].value, "participants"), id);
        bool leads = is_lead(rows[i].value, id);
        if (item == NULL && !leads) {
            continue;
        }
        html_raw(&page->html, "<li>");
        parts_subject(page, region, KIND_WERKPLAATS, rows[i].name);
        html_raw(&page->html, " ");
        parts_phase_badge(page, parts_phase(rows[i].value));
        if (leads) {
            html_raw(&page->html, " ");
            parts_mark(page, TEXT_WHO_LEAD);
        }
        if (item != NULL) {
            put_since(page, region, item, false);
        }
        html_raw(&page->html, "</li>");
        shown++;
    }
    free(rows);
    return shown;
}

static void put_ended_item(struct page *page, const char *region, const char *werkplaats,
                           const struct thread *thread, const json_t *event)
{
    char room[WORDS_ROOM];
    const char *on = parts_text(event, "on");
    const char *reason = parts_text(json_object_get(event, "data"), "reason");
    html_raw(&page->html, "<li>");
    parts_subject(page, region, KIND_WERKPLAATS, werkplaats);
    html_raw(&page->html, " <span class=\"meta\">");
    texts_fill(&page->html, page->language, TEXT_WORK_UNTIL,
               on[0] != '\0' ? words_date(page->language, on, room)
                             : words_day(page->language, parts_event_time(event), room),
               NULL);
    html_raw(&page->html, "</span> ");
    parts_fact(page, parts_event_seq(event));
    if (reason[0] != '\0') {
        html_raw(&page->html, "<span class=\"gist\">");
        html_text(&page->html, reason);
        html_raw(&page->html, "</span>");
    }
    thread_put_corrected(page, region, thread, event);
    html_raw(&page->html, "</li>");
}

// What it took part in before, the newest first.
static void put_ended(struct page *page, const char *region, const char *id,
                      const struct thread *thread)
{
    bool any = false;
    for (size_t left = thread->count; left > 0; left--) {
        const json_t *event = thread->events[left - 1];
        const char *werkplaats = werkplaats_of(page, thread, event, EVENT_PARTICIPATION_ENDED, id);
        if (werkplaats == NULL) {
            continue;
        }
        if (!any) {
            html_raw(&page->html, "<h3>");
            page_say(page, TEXT_WORK_ENDED);
            html_raw(&page->html, "</h3><ul class=\"plain\">");
        }
        any = true;
        put_ended_item(page, region, werkplaats, thread, event);
    }
    if (any) {
        html_raw(&page->html, "</ul>");
    }
}

void member_put_work(struct page *page, const char *region, const char *id,
                     const struct thread *thread)
{
    html_raw(&page->html, "<section>");
    page_heading(page, "work", TEXT_MEMBER_WORK);
    html_raw(&page->html, "<ul class=\"plain\">");
    unsigned shown = put_present(page, region, id);
    html_raw(&page->html, "</ul>");
    if (shown == 0) {
        parts_empty(page, TEXT_MEMBER_WORK_NONE);
    }
    put_ended(page, region, id, thread);
    if (page->lacks) {
        parts_empty(page, TEXT_NOT_AVAILABLE);
    }
    html_raw(&page->html, "</section>");
}

// What its board decided ------------------------------------------------------------------------

struct decision {
    const char *werkplaats;
    const json_t *item; // with `on` and `data`: an event, or an item of the state
    uint64_t seq;
    bool counts; // it is the newest of its kind and purpose
};

static int by_date(const void *a, const void *b)
{
    const struct decision *one = a, *two = b;
    int order = parts_compare_days(parts_text(one->item, "on"), parts_text(two->item, "on"));
    return order != 0 ? order : (one->seq < two->seq) - (one->seq > two->seq);
}

#define DECISIONS_SHOWN 200

static bool holds(const struct decision *rows, size_t count, uint64_t seq)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].seq == seq) {
            return true;
        }
    }
    return false;
}

// Those that count are in the state; those that were decided anew are in the thread only.
static size_t gather(struct page *page, const char *region, const char *id,
                     const struct thread *thread, struct decision rows[DECISIONS_SHOWN])
{
    size_t count = 0;
    const char *werkplaats = NULL, *key = NULL;
    json_t *record = NULL, *item = NULL;
    json_object_foreach((json_t *)(uintptr_t)copy_kind(page->copy, region, KIND_WERKPLAATS),
                        werkplaats, record)
    {
        json_object_foreach((json_t *)(uintptr_t)parts_field(record, "decisions"), key, item)
        {
            bool own = strcmp(parts_text(json_object_get(item, "data"), "member"), id) == 0;
            if (own && count < DECISIONS_SHOWN) {
                rows[count++] =
                    (struct decision){werkplaats, item, parts_number(item, "seq"), true};
            }
        }
    }
    for (size_t left = thread->count; left > 0 && count < DECISIONS_SHOWN; left--) {
        const json_t *event = thread->events[left - 1];
        uint64_t seq = parts_event_seq(event);
        const char *in = werkplaats_of(page, thread, event, EVENT_DECISION_TAKEN, id);
        if (in != NULL && !holds(rows, count, seq)) {
            rows[count++] = (struct decision){in, event, seq, false};
        }
    }
    qsort(rows, count, sizeof(rows[0]), by_date);
    return count;
}

static void put_outcome(struct page *page, const char *region, const struct thread *thread,
                        const struct decision *row)
{
    char room[WORDS_ROOM];
    const json_t *event = thread_event(thread, row->seq);
    parts_cell_begin(page, false);
    html_text(&page->html,
              words_choice(page->language, CHOICES_OUTCOME,
                           parts_text(json_object_get(row->item, "data"), "outcome"), room));
    if (!row->counts) {
        html_raw(&page->html, " ");
        parts_mark(page, TEXT_DECIDED_ANEW);
    }
    if (event != NULL) {
        thread_put_corrected(page, region, thread, event);
    }
    parts_cell_end(page);
}

static void put_decision(struct page *page, const char *region, const struct thread *thread,
                         const struct decision *row)
{
    char room[WORDS_ROOM];
    const json_t *data = json_object_get(row->item, "data");
    const char *purpose = parts_text(data, "purpose");
    html_raw(&page->html, "<tr><th scope=\"row\" class=\"utrecht-table__cell\">");
    parts_subject(page, region, KIND_WERKPLAATS, row->werkplaats);
    html_raw(&page->html, "</th>");
    parts_cell_text(page, purpose[0] == '\0'
                              ? texts_of(page->language, TEXT_SUBSTANTIVE)
                              : words_choice(page->language, CHOICES_PURPOSE, purpose, room));
    if (json_object_get(data, "amount") != NULL) {
        parts_cell_euros(page, (int64_t)parts_number(data, "amount"));
    } else {
        parts_cell_text(page, "");
    }
    put_outcome(page, region, thread, row);
    parts_cell_text(page,
                    words_choice(page->language, CHOICES_BOARD, parts_text(data, "board"), room));
    parts_cell_date(page, row->item);
    parts_cell_fact(page, row->seq);
    html_raw(&page->html, "</tr>");
}

void member_put_decisions(struct page *page, const char *region, const char *id,
                          const struct thread *thread)
{
    struct decision rows[DECISIONS_SHOWN];
    size_t count = gather(page, region, id, thread, rows);
    html_raw(&page->html, "<section>");
    page_heading(page, "decisions", TEXT_MEMBER_DECISIONS);
    if (count == 0) {
        parts_empty(page, TEXT_NO_DECISIONS);
    } else {
        parts_table_begin(page);
        html_raw(&page->html, "<thead><tr>");
        parts_th(page, TEXT_TITLE_WERKPLAATS, false);
        parts_th(page, TEXT_COL_ABOUT, false);
        parts_th(page, TEXT_COL_AMOUNT, true);
        parts_th(page, TEXT_COL_OUTCOME, false);
        parts_th(page, TEXT_COL_BOARD, false);
        parts_th(page, TEXT_COL_DATE, false);
        parts_th(page, TEXT_COL_FACT, true);
        html_raw(&page->html, "</tr></thead><tbody>");
        for (size_t i = 0; i < count; i++) {
            put_decision(page, region, thread, &rows[i]);
        }
        parts_table_end(page);
    }
    html_raw(&page->html, "</section>");
}

// Seats -----------------------------------------------------------------------------------------

static bool is_among(const json_t *ids, const char *id)
{
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(ids, index, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), id) == 0) {
            return true;
        }
    }
    return false;
}

// Its own seat, or one of another that speaks for it too; false, and nothing, if it is neither.
static bool put_seat(struct page *page, const char *region, const char *id, const char *body,
                     const json_t *item)
{
    const json_t *data = json_object_get(item, "data");
    const json_t *behalf = json_object_get(data, "on_behalf_of");
    const char *holder = parts_text(data, "member");
    bool own = strcmp(holder, id) == 0;
    if (!own && !is_among(behalf, id)) {
        return false;
    }
    html_raw(&page->html, "<li>");
    parts_subject(page, region, KIND_BODY, body);
    html_raw(&page->html, ": ");
    if (own) {
        html_text(&page->html, parts_text(data, "function"));
        if (json_array_size(behalf) > 0) {
            html_raw(&page->html, ", ");
            page_say(page, TEXT_SEAT_FOR);
            html_raw(&page->html, " ");
            parts_members(page, region, behalf);
        }
    } else {
        texts_fill(&page->html, page->language, TEXT_SPOKEN_FOR,
                   parts_name(page, region, KIND_MEMBER, holder), NULL);
        html_raw(&page->html, " (");
        html_text(&page->html, parts_text(data, "function"));
        html_raw(&page->html, ")");
    }
    put_since(page, region, item, true);
    html_raw(&page->html, "</li>");
    return true;
}

void member_put_seats(struct page *page, const char *region, const char *id)
{
    size_t count = 0;
    unsigned shown = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_BODY), parts_by_name, &count);
    html_raw(&page->html, "<section>");
    page_heading(page, "seats", TEXT_MEMBER_SEATS);
    html_raw(&page->html, "<ul class=\"plain\">");
    for (size_t i = 0; i < count; i++) {
        const char *key = NULL;
        json_t *item = NULL;
        json_object_foreach((json_t *)(uintptr_t)parts_field(rows[i].value, "seats"), key, item)
        {
            shown += put_seat(page, region, id, rows[i].name, item);
        }
    }
    html_raw(&page->html, "</ul>");
    if (shown == 0) {
        parts_empty(page, TEXT_MEMBER_SEATS_NONE);
    }
    html_raw(&page->html, "</section>");
    free(rows);
}
