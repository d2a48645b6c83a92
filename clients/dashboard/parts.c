#include "clients/dashboard/parts.h"

#include "clients/dashboard/markdown.h"
#include "clients/dashboard/seal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void parts_fact(struct page *page, uint64_t seq)
{
    char room[WORDS_ROOM];
    if (seq == 0) {
        return;
    }
    html_raw(&page->html, "<a class=\"fact\"");
    page_href(page, "/gebeurtenis/%llu", (unsigned long long)seq);
    html_raw(&page->html, " aria-label=\"");
    texts_fill(&page->html, page->language, TEXT_FACT, words_number((int64_t)seq, room), NULL);
    html_raw(&page->html, "\">");
    html_number(&page->html, (int64_t)seq);
    html_raw(&page->html, "</a>");
}

void parts_id(struct page *page, enum kind kind, const char *id)
{
    char room[WORDS_ROOM];
    (void)snprintf(room, sizeof(room), "%s-%s", kind_name(kind), id); // both are short
    html_attribute(&page->html, "id", room);
}

void parts_date(struct page *page, const char *date)
{
    char room[WORDS_ROOM];
    if (date == NULL || date[0] == '\0') {
        return;
    }
    html_raw(&page->html, "<time");
    if (strstr(date, "-Q") == NULL) { // HTML knows no quarters
        html_attribute(&page->html, "datetime", date);
    }
    html_raw(&page->html, ">");
    html_text(&page->html, words_date(page->language, date, room));
    html_raw(&page->html, "</time>");
}

void parts_dated(struct page *page, const json_t *item)
{
    const char *words = parts_text(item, "ontext");
    if (words[0] != '\0') {
        html_text(&page->html, words);
    } else {
        parts_date(page, parts_text(item, "on"));
    }
    if (strcmp(parts_text(item, "onbasis"), "inferred") == 0) {
        html_raw(&page->html, " ");
        parts_mark(page, TEXT_DATE_INFERRED);
    }
}

void parts_outside(struct page *page, const char *url, const char *title)
{
    if (url[0] != '\0') {
        html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"noopener\"");
        html_address(&page->html, "href", url);
        html_raw(&page->html, ">");
    }
    html_text(&page->html, title);
    if (url[0] != '\0') {
        html_raw(&page->html, "</a>");
    }
}

void parts_file(struct page *page, const char *address, enum text text)
{
    html_raw(&page->html, "<a class=\"utrecht-link\"");
    html_address(&page->html, "href", address);
    html_raw(&page->html, ">");
    page_say(page, text);
    html_raw(&page->html, "</a>");
}

void parts_phase_badge(struct page *page, enum phase phase)
{
    html_raw(&page->html, "<span");
    html_attribute(&page->html, "data-phase", phase == PHASE_NONE ? "" : phase_row(phase)->name);
    html_raw(&page->html, " class=\"phase\">");
    html_text(&page->html, words_phase(page->language, phase));
    html_raw(&page->html, "</span>");
}

const char *parts_called(const struct page *page, const char *region, enum kind kind,
                         const char *id, char room[WORDS_ROOM])
{
    const char *name = parts_name(page, region, kind, id);
    if (strcmp(name, id) != 0 || id[0] == '\0') {
        return name;
    }
    const json_t *record = copy_entity(page->copy, region, kind, id);
    if (kind == KIND_CONTRIBUTION && record != NULL && seal_read_id(id, &(uint64_t){0})) {
        // Its id is that of a form; people know it by the number of its receipt.
        (void)snprintf(room, WORDS_ROOM, "%s %llu", words_kind(page->language, kind),
                       (unsigned long long)parts_number(record, "opened")); // it fits
        room[0] = (char)toupper((unsigned char)room[0]);
        return room;
    }
    (void)snprintf(room, WORDS_ROOM, "%s", id); // ids are short
    for (char *dash = strchr(room, '-'); dash != NULL; dash = strchr(dash, '-')) {
        *dash = ' ';
    }
    room[0] = (char)toupper((unsigned char)room[0]);
    return room;
}

// ` href="..."` of where an entity is shown; false, and nothing, if that is nowhere.
static bool put_place(struct page *page, const char *region, enum kind kind, const char *id)
{
    const struct page_row *row = pages_of_kind(kind);
    bool is_there = copy_entity(page->copy, region, kind, id) != NULL;
    if (kind == KIND_REGION) {
        page_href(page, "/%s", region);
    } else if (row != NULL && (is_there || kind == KIND_WERKPLAATS)) {
        const char *word = row->pattern + strlen("/{region}/");
        page_href(page, "/%s/%.*s/%s", region, (int)strcspn(word, "/"), word, id);
    } else if (kind == KIND_BODY && is_there) {
        page_href(page, "/%s/organisatie#body-%s", region, id);
    } else if (kind == KIND_GOAL && is_there) {
        page_href(page, "/%s/doelen#goal-%s", region, id);
    } else {
        return false;
    }
    return true;
}

void parts_href(struct page *page, const char *region, enum kind kind, const char *id)
{
    if (!put_place(page, region, kind, id)) {
        page_href(page, "/%s", region);
    }
}

void parts_subject(struct page *page, const char *region, enum kind kind, const char *id)
{
    char room[WORDS_ROOM];
    size_t before = page->html.size;
    html_raw(&page->html, "<a class=\"utrecht-link\"");
    bool has_page = put_place(page, region, kind, id);
    if (has_page) {
        html_raw(&page->html, ">");
    } else {
        page->html.size = before;
    }
    html_text(&page->html, parts_called(page, region, kind, id, room));
    if (has_page) {
        html_raw(&page->html, "</a>");
    }
}

void parts_measure(struct page *page, const char *value, const char *unit)
{
    char room[WORDS_ROOM];
    html_text(&page->html, words_amount(page->language, value, unit, room));
}

// One field of an event, if it is one that tells events apart; true if something was written.
static bool put_gist_field(struct page *page, const char *region, const struct field *field,
                           const json_t *data)
{
    char room[WORDS_ROOM];
    const json_t *value = json_object_get(data, field->name);
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    bool is_member = strcmp(field->name, "member") == 0;
    if (field->form != FORM_ONE || value == NULL) {
        return false;
    }
    if (is_member) {
        html_text(&page->html, parts_name(page, region, KIND_MEMBER, text));
    } else if (field->type == FIELD_CENTS) {
        html_text(&page->html, words_euros(page->language, json_integer_value(value), room));
    } else if (strcmp(field->name, "to") == 0 && field->type == FIELD_PHASE) {
        html_text(&page->html, words_phase(page->language, phase_find(bytes_of(text))));
    } else if (strcmp(field->name, "outcome") == 0 || strcmp(field->name, "purpose") == 0) {
        html_text(&page->html, words_choice(page->language, (enum choices)field->of, text, room));
    } else if (field->type == FIELD_DECIMAL) {
        parts_measure(page, text, parts_text(data, "unit"));
    } else if (strcmp(field->name, "title") == 0) {
        html_text(&page->html, text);
    } else {
        return false;
    }
    return true;
}

void parts_gist(struct page *page, const char *region, const struct event_type *type,
                const json_t *event)
{
    struct fields fields = fields_of(type->group);
    uint64_t corrects = strtoull(parts_text(event, "corrects"), NULL, 10);
    size_t before = page->html.size;
    html_raw(&page->html, " <span class=\"gist\">");
    size_t begun = page->html.size;
    bool any = false;
    for (unsigned i = 0; i < fields.count; i++) {
        size_t end = page->html.size;
        if (any) {
            html_raw(&page->html, ", ");
        }
        bool put = put_gist_field(page, region, &fields.first[i], json_object_get(event, "data"));
        page->html.size = put ? page->html.size : end;
        any |= put;
    }
    if (corrects > 0) {
        if (any) {
            html_raw(&page->html, ", ");
        }
        page_say(page, TEXT_CORRECTS);
        html_raw(&page->html, " ");
        parts_fact(page, corrects);
    }
    if (page->html.size == begun) {
        page->html.size = before;
    } else {
        html_raw(&page->html, "</span>");
    }
}

void parts_actor(struct page *page, const char *region, const json_t *item)
{
    const json_t *actor = json_object_get(item, "actor");
    const char *organisation = parts_text(actor, "organisation");
    const char *role = parts_text(actor, "role");
    if (strcmp(role, "secretary") == 0) {
        page_say(page, TEXT_BY_OFFICE);
    } else {
        enum role number = role_find(bytes_of(role));
        html_text(&page->html, parts_name(page, region, KIND_MEMBER, organisation));
        html_raw(&page->html, " (");
        html_text(&page->html, number == ROLE_NONE || page->language == ENGLISH
                                   ? role
                                   : role_row(number)->label_nl);
        html_raw(&page->html, ")");
    }
}

void parts_mark(struct page *page, enum text text)
{
    html_raw(&page->html, "<span class=\"mark\">");
    page_say(page, text);
    html_raw(&page->html, "</span>");
}

void parts_empty(struct page *page, enum text text)
{
    html_raw(&page->html, "<p class=\"empty\">");
    page_say(page, text);
    html_raw(&page->html, "</p>");
}

void parts_markdown(struct page *page, const char *text)
{
    markdown_put(&page->html, text);
}

static void put_list_of_names(struct page *page, const char *region, const char *const *ids,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            html_text(&page->html, i + 1 < count             ? ", "
                                   : page->language == DUTCH ? " en "
                                                             : " and ");
        }
        html_text(&page->html, parts_name(page, region, KIND_MEMBER, ids[i]));
    }
}

void parts_members(struct page *page, const char *region, const json_t *ids)
{
    const char *names[32];
    size_t count = 0, index = 0;
    const json_t *id = NULL;
    json_array_foreach(ids, index, id)
    {
        if (count < 32 && json_is_string(id)) {
            names[count++] = json_string_value(id);
        }
    }
    put_list_of_names(page, region, names, count);
}

void parts_th(struct page *page, enum text text, bool is_number)
{
    html_raw(&page->html, "<th scope=\"col\" class=\"utrecht-table__header-cell");
    if (is_number) {
        html_raw(&page->html, " number");
    }
    html_raw(&page->html, "\">");
    page_say(page, text);
    html_raw(&page->html, "</th>");
}
