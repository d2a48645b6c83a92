// One event: where a fact comes from. One click from any figure leads here.
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin_row(struct page *page, enum text text)
{
    html_raw(&page->html, "<div><dt>");
    page_say(page, text);
    html_raw(&page->html, "</dt><dd>");
}

static void end_row(struct page *page)
{
    html_raw(&page->html, "</dd></div>");
}

static void put_text_row(struct page *page, enum text name, const char *text)
{
    if (text[0] != '\0') {
        begin_row(page, name);
        html_text(&page->html, text);
        end_row(page);
    }
}

// Data ------------------------------------------------------------------------------------------

static void put_fields(struct page *page, const char *region, enum group group, const json_t *data);

static void put_value(struct page *page, const char *region, const struct field *field,
                      const json_t *value)
{
    char room[WORDS_ROOM];
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    switch (field->type) {
    case FIELD_REFERENCE:
        parts_subject(page, region, (enum kind)field->of, text);
        break;
    case FIELD_CHOICE:
        html_text(&page->html, words_choice(page->language, (enum choices)field->of, text, room));
        break;
    case FIELD_PHASE:
        parts_phase_badge(page, phase_find(bytes_of(text)));
        break;
    case FIELD_DATE:
        parts_date(page, text);
        break;
    case FIELD_CENTS:
        html_text(&page->html, words_euros(page->language, json_integer_value(value), room));
        break;
    case FIELD_COUNT:
        html_number(&page->html, json_integer_value(value));
        break;
    case FIELD_GROUP:
        put_fields(page, region, (enum group)field->of, value);
        break;
    case FIELD_URL:
        html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"noopener\"");
        html_address(&page->html, "href", text);
        html_raw(&page->html, ">");
        html_text(&page->html, text);
        html_raw(&page->html, "</a>");
        break;
    case FIELD_TEXT:
        html_paragraphs(&page->html, text);
        break;
    case FIELD_FLAG:
        html_text(&page->html, json_is_true(value) ? "✓" : "–");
        break;
    case FIELD_LINE:
    case FIELD_ID:
    case FIELD_DECIMAL:
    case FIELD_OIN:
    case FIELD_PATH:
    case FIELD_HASH:
    case FIELD_CURVE:
    case FIELD_ANY:
        html_text(&page->html, text);
        break;
    }
}

// A list, a set or a map: one line each.
static void put_values(struct page *page, const char *region, const struct field *field,
                       const json_t *value)
{
    const char *name = NULL;
    json_t *item = NULL;
    size_t index = 0;
    html_raw(&page->html, "<ul>");
    json_array_foreach(value, index, item)
    {
        html_raw(&page->html, "<li>");
        put_value(page, region, field, item);
        html_raw(&page->html, "</li>");
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, item)
    {
        struct field one = *field;
        html_raw(&page->html, "<li>");
        parts_subject(page, region, (enum kind)field->of, name);
        html_raw(&page->html, ": ");
        put_value(page, region, &one, item);
        html_raw(&page->html, "</li>");
    }
    html_raw(&page->html, "</ul>");
}

// In the order of the rows, with their labels.
static void put_fields(struct page *page, const char *region, enum group group, const json_t *data)
{
    char room[WORDS_ROOM];
    struct fields fields = fields_of(group);
    html_raw(&page->html, "<dl class=\"facts\">");
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        const json_t *value = json_object_get(data, field->name);
        if (value == NULL) {
            continue;
        }
        html_raw(&page->html, "<div><dt>");
        html_text(&page->html, words_field(page->language, field, room));
        html_raw(&page->html, "</dt><dd>");
        if (field->form == FORM_ONE) {
            put_value(page, region, field, value);
        } else {
            put_values(page, region, field, value);
        }
        end_row(page);
    }
    html_raw(&page->html, "</dl>");
}

// Where it comes from ---------------------------------------------------------------------------

static void put_source(struct page *page, const json_t *event)
{
    const char *citation = parts_text(event, "citation");
    begin_row(page, TEXT_EVENT_SOURCE);
    if (citation[0] == '\0') {
        page_say(page, TEXT_EVENT_NO_SOURCE);
    } else {
        html_text(&page->html, citation);
    }
    end_row(page);
}

static void put_valid(struct page *page, const json_t *event)
{
    const char *on = parts_text(event, "on"), *words = parts_text(event, "ontext");
    if (on[0] == '\0') {
        return;
    }
    begin_row(page, TEXT_EVENT_VALID);
    parts_date(page, on);
    if (words[0] != '\0') {
        html_raw(&page->html, " (“");
        html_text(&page->html, words);
        html_raw(&page->html, "”)");
    }
    if (strcmp(parts_text(event, "onbasis"), "inferred") == 0) {
        html_raw(&page->html, " ");
        parts_mark(page, TEXT_DATE_INFERRED);
    }
    end_row(page);
}

static void put_by(struct page *page, const char *region, const json_t *event)
{
    json_t *item =
        json_pack("{s:{s:s, s:s}}", "actor", "organisation", parts_text(event, "actororganisation"),
                  "role", parts_text(event, "actorrole"));
    begin_row(page, TEXT_EVENT_BY);
    parts_actor(page, region, item);
    end_row(page);
    json_decref(item);
}

static void put_record(struct page *page, const char *region, enum kind kind, const char *id,
                       const json_t *event)
{
    char room[WORDS_ROOM];
    uint64_t corrects = strtoull(parts_text(event, "corrects"), NULL, 10);
    html_raw(&page->html, "<dl class=\"facts\">");
    begin_row(page, TEXT_EVENT_ABOUT);
    parts_subject(page, region, kind, id);
    html_raw(&page->html, " <span class=\"meta\">");
    html_text(&page->html, words_kind(page->language, kind));
    html_raw(&page->html, "</span>");
    end_row(page);
    put_valid(page, event);
    put_source(page, event);
    put_text_row(page, TEXT_EVENT_REFERENCE, parts_text(event, "reference"));
    begin_row(page, TEXT_EVENT_REGISTERED);
    html_text(&page->html, words_moment(page->language, parts_event_time(event), room));
    end_row(page);
    put_by(page, region, event);
    if (corrects > 0) {
        begin_row(page, TEXT_EVENT_CORRECTS);
        parts_fact(page, corrects);
        end_row(page);
    }
    put_text_row(page, TEXT_EVENT_NUMBER, words_number((int64_t)parts_event_seq(event), room));
    put_text_row(page, TEXT_EVENT_ID, parts_text(event, "id"));
    begin_row(page, TEXT_EVENT_HASH);
    html_raw(&page->html, "<code>");
    html_text(&page->html, parts_text(event, "leafhash"));
    html_raw(&page->html, "</code><p class=\"meta\">");
    page_say(page, TEXT_EVENT_HASH_MEANS);
    html_raw(&page->html, "</p>");
    end_row(page);
    html_raw(&page->html, "</dl>");
}

#define NEIGHBOURS_TRIED 64

// The nearest before or after it that may be shown; 0: none, or too far away.
static uint64_t neighbour_of(struct page *page, uint64_t seq, int step)
{
    for (int i = 0; i < NEIGHBOURS_TRIED && !page->waits; i++) {
        seq += (uint64_t)(int64_t)step;
        if (seq == 0 || seq > page->copy->position) {
            break;
        }
        const json_t *event = parts_event(page, seq);
        if (event != NULL && parts_event_type(page, event) != NULL) {
            return seq;
        }
    }
    return 0;
}

static void put_neighbours(struct page *page, uint64_t seq)
{
    uint64_t before = neighbour_of(page, seq, -1), after = neighbour_of(page, seq, 1);
    html_raw(&page->html, "<p class=\"neighbours\">");
    if (before > 0) {
        html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"prev\"");
        page_href(page, "/gebeurtenis/%llu", (unsigned long long)before);
        html_raw(&page->html, ">← ");
        page_say(page, TEXT_EVENT_BEFORE);
        html_raw(&page->html, "</a> ");
    }
    if (after == 0) {
        page->lacks = true; // the next one, so the page must not be kept
        html_raw(&page->html, "</p>");
        return;
    }
    html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"next\"");
    page_href(page, "/gebeurtenis/%llu", (unsigned long long)after);
    html_raw(&page->html, ">");
    page_say(page, TEXT_EVENT_AFTER);
    html_raw(&page->html, " →</a></p>");
}

void page_event(struct page *page)
{
    char room[256], number[WORDS_ROOM], label[WORDS_ROOM];
    const char *region = NULL, *id = NULL;
    enum kind kind = KIND_NONE;
    uint64_t seq = strtoull(page_param(page, "seq"), NULL, 10);
    const json_t *event = seq > page->copy->position ? NULL : parts_event(page, seq);
    if (page->waits) {
        return;
    }
    if (page->lacks) {
        parts_empty(page, TEXT_NOT_AVAILABLE);
        return;
    }
    const struct event_type *type = event == NULL ? NULL : parts_event_type(page, event);
    if (type == NULL || !parts_split(parts_text(event, "subject"), room, &region, &kind, &id)) {
        page_not_found(page); // also what may not be shown
        return;
    }
    (void)snprintf(page->about, sizeof(page->about), "%s/%s/%s", region, kind_name(kind),
                   id); // paths are short
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    texts_fill(&page->html, page->language, TEXT_EVENT_TITLE, words_number((int64_t)seq, number),
               NULL);
    html_raw(&page->html, "</h1><p class=\"lead\"><strong>");
    html_text(&page->html, words_type(page->language, type, label));
    html_raw(&page->html, "</strong>. ");
    page_say(page, TEXT_EVENT_LEAD);
    html_raw(&page->html, "</p>");
    put_record(page, region, kind, id, event);
    page_heading(page, "data", TEXT_EVENT_DATA);
    put_fields(page, region, type->group, json_object_get(event, "data"));
    put_neighbours(page, seq);
}
