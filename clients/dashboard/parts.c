#include "clients/dashboard/parts.h"

#include "clients/dashboard/markdown.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

// Records ---------------------------------------------------------------------------------------

const json_t *parts_field(const json_t *record, const char *name)
{
    return json_object_get(json_object_get(record, "fields"), name);
}

const char *parts_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

const char *parts_field_text(const json_t *record, const char *name)
{
    return parts_text(json_object_get(record, "fields"), name);
}

uint64_t parts_number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

bool parts_has_ended(const json_t *record)
{
    return json_object_get(record, "ended") != NULL;
}

enum phase parts_phase(const json_t *werkplaats)
{
    return phase_find(bytes_of(parts_field_text(werkplaats, "phase")));
}

const char *parts_phase_since(const json_t *werkplaats)
{
    const json_t *phases = parts_field(werkplaats, "phases");
    size_t count = json_array_size(phases);
    const json_t *baseline = parts_field(werkplaats, "baseline");
    if (count > 0) {
        return parts_text(json_array_get(phases, count - 1), "on");
    }
    return baseline == NULL ? parts_text(werkplaats, "on") : parts_text(baseline, "since");
}

unsigned parts_count(const struct copy *copy, const char *region, enum kind kind)
{
    unsigned count = 0;
    const char *name = NULL;
    json_t *record = NULL;
    // The copy's objects are not changed by being walked.
    json_object_foreach((json_t *)(uintptr_t)copy_kind(copy, region, kind), name, record)
    {
        count += !parts_has_ended(record);
    }
    return count;
}

// In order --------------------------------------------------------------------------------------

struct parts_row *parts_sorted(const json_t *object, parts_compare *compare, size_t *ret_count)
{
    size_t count = json_object_size(object), at = 0;
    struct parts_row *rows = calloc(count + 1, sizeof(*rows));
    const char *name = NULL;
    json_t *value = NULL;
    *ret_count = rows == NULL ? 0 : count;
    if (rows == NULL) {
        return NULL;
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        rows[at++] = (struct parts_row){name, value};
    }
    qsort(rows, count, sizeof(*rows), compare);
    return rows;
}

static const char *shown_name(const struct parts_row *row)
{
    const char *name = parts_field_text(row->value, "name");
    const char *title = parts_field_text(row->value, "title");
    return name[0] != '\0' ? name : title[0] != '\0' ? title : row->name;
}

int parts_by_name(const void *a, const void *b)
{
    int order = strcasecmp(shown_name(a), shown_name(b));
    return order != 0
               ? order
               : strcmp(((const struct parts_row *)a)->name, ((const struct parts_row *)b)->name);
}

int parts_by_version(const void *a, const void *b)
{
    uint64_t one = parts_number(((const struct parts_row *)a)->value, "version");
    uint64_t two = parts_number(((const struct parts_row *)b)->value, "version");
    return (one < two) - (one > two);
}

int parts_by_date(const void *a, const void *b)
{
    int order = strcmp(parts_text(((const struct parts_row *)b)->value, "on"),
                       parts_text(((const struct parts_row *)a)->value, "on"));
    return order != 0 ? order : parts_by_version(a, b);
}

const char *parts_name(const struct page *page, const char *region, enum kind kind, const char *id)
{
    const struct parts_row row = {id, copy_entity(page->copy, region, kind, id)};
    return row.value == NULL ? id : shown_name(&row);
}

// Events ----------------------------------------------------------------------------------------

const json_t *parts_event(struct page *page, uint64_t seq)
{
    for (size_t i = 0; i < COPY_EVENTS; i++) {
        if (page->copy->events[i].seq == seq && seq > 0) {
            return page->copy->events[i].json;
        }
    }
    const json_t *answer =
        page_ask(page,
                 json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", "/", "after",
                           (json_int_t)seq - 1, "until", (json_int_t)seq),
                 ASK_FOR_GOOD);
    return json_array_get(json_object_get(answer, "events"), 0);
}

bool parts_split(const char *path, char room[256], const char **ret_region, enum kind *ret_kind,
                 const char **ret_id)
{
    size_t size = path == NULL ? 0 : strlen(path);
    if (size == 0 || size >= 256) {
        return false;
    }
    memcpy(room, path, size + 1);
    char *kind = strchr(room, '/'), *id = kind == NULL ? NULL : strchr(kind + 1, '/');
    if (id == NULL) {
        return false;
    }
    *kind++ = '\0';
    *id++ = '\0';
    *ret_region = room;
    *ret_kind = kind_find(bytes_of(kind));
    *ret_id = id;
    return *ret_kind != KIND_NONE;
}

const struct event_type *parts_event_type(const struct page *page, const json_t *event)
{
    char room[256];
    const char *type = parts_text(event, "type"), *region, *id;
    const char *prefix = page->copy->type_prefix == NULL ? "" : page->copy->type_prefix;
    size_t size = strlen(type), before = strlen(prefix);
    enum kind kind;
    if (size < before + 3 || strncmp(type, prefix, before) != 0 ||
        !parts_split(parts_text(event, "subject"), room, &region, &kind, &id)) {
        return NULL;
    }
    const struct event_type *row =
        event_type_find((struct bytes){type + before, size - before - 3});
    return row != NULL && copy_shows(page->copy, row, kind) ? row : NULL;
}

uint64_t parts_event_seq(const json_t *event)
{
    return strtoull(parts_text(event, "sequence"), NULL, 10);
}

uint64_t parts_event_time(const json_t *event)
{
    struct tm parts = {0};
    unsigned thousandths = 0;
    const char *rest = strptime(parts_text(event, "time"), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == NULL) {
        return 0;
    }
    (void)sscanf(rest, ".%3u", &thousandths); // otherwise it stays 0
    return (uint64_t)timegm(&parts) * 1000 + thousandths;
}

// Writing ---------------------------------------------------------------------------------------

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

void parts_phase_badge(struct page *page, enum phase phase)
{
    html_raw(&page->html, "<span");
    html_attribute(&page->html, "data-phase", phase == PHASE_NONE ? "" : phase_row(phase)->name);
    html_raw(&page->html, " class=\"phase\">");
    html_text(&page->html, words_phase(page->language, phase));
    html_raw(&page->html, "</span>");
}

// Its name; of what has none, its id as words.
static void put_name(struct page *page, const char *region, enum kind kind, const char *id)
{
    const char *name = parts_name(page, region, kind, id);
    char room[WORDS_ROOM];
    if (strcmp(name, id) != 0 || id[0] == '\0') {
        html_text(&page->html, name);
        return;
    }
    (void)snprintf(room, sizeof(room), "%s", id); // ids are short
    for (char *dash = strchr(room, '-'); dash != NULL; dash = strchr(dash, '-')) {
        *dash = ' ';
    }
    room[0] = (char)toupper((unsigned char)room[0]);
    html_text(&page->html, room);
}

void parts_subject(struct page *page, const char *region, enum kind kind, const char *id)
{
    bool has_page = kind == KIND_WERKPLAATS || kind == KIND_REGION;
    if (has_page) {
        html_raw(&page->html, "<a class=\"utrecht-link\"");
        if (kind == KIND_WERKPLAATS) {
            page_href(page, "/%s/werkplaats/%s", region, id);
        } else {
            page_href(page, "/%s", region);
        }
        html_raw(&page->html, ">");
    }
    put_name(page, region, kind, id);
    if (has_page) {
        html_raw(&page->html, "</a>");
    }
}

void parts_measure(struct page *page, const char *value, const char *unit)
{
    char room[WORDS_ROOM];
    if (strcmp(unit, "eur-cent") == 0) {
        html_text(&page->html, words_euros(page->language, strtoll(value, NULL, 10), room));
        return;
    }
    (void)snprintf(room, sizeof(room), "%s", value); // decimals are short
    char *point = page->language == DUTCH ? strchr(room, '.') : NULL;
    if (point != NULL) {
        *point = ',';
    }
    html_text(&page->html, room);
    html_raw(&page->html, " ");
    html_text(&page->html, unit);
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
    } else if (strcmp(field->name, "value") == 0) {
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

// What is needed --------------------------------------------------------------------------------

// The step that the phases' order expects: the first that needs no reason.
static const json_t *expected_step(const json_t *next)
{
    size_t index = 0;
    const json_t *step = NULL;
    json_array_foreach(json_object_get(next, "steps"), index, step)
    {
        if (!json_is_true(json_object_get(step, "reason"))) {
            return step;
        }
    }
    return NULL;
}

// "een besluit van Borne, vóór 1 mei": each board that has not decided on its share.
static bool put_undecided(struct page *page, const char *region, const json_t *next)
{
    size_t index = 0;
    const json_t *row = NULL;
    bool any = false;
    json_array_foreach(json_object_get(next, "undecided"), index, row)
    {
        char room[WORDS_ROOM];
        const char *by = parts_text(row, "decide_by");
        if (strcmp(parts_text(row, "purpose"), "execution") != 0) {
            continue;
        }
        const char *name = parts_name(page, region, KIND_MEMBER, parts_text(row, "member"));
        html_raw(&page->html, "<li>");
        texts_fill(&page->html, page->language,
                   by[0] == '\0' ? TEXT_NEED_DECISION : TEXT_NEED_DECISION_BY, name,
                   words_date(page->language, by, room), NULL);
        html_raw(&page->html, "</li>");
        any = true;
    }
    return any;
}

static void put_need(struct page *page, enum text text)
{
    html_raw(&page->html, "<li>");
    page_say(page, text);
    html_raw(&page->html, "</li>");
}

static void put_commitment(struct page *page, const char *region, const char *id,
                           const json_t *next)
{
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, id);
    if (json_object_size(parts_field(record, "participants")) == 0) {
        put_need(page, TEXT_NEED_PARTICIPANTS);
    } else if (!put_undecided(page, region, next)) {
        put_need(page, TEXT_NEED_ALLOCATION);
    }
}

// One guard of the daemon in people's words; several faults of one guard are one need.
static void put_guard(struct page *page, const char *region, const char *id, const json_t *next,
                      const json_t *fault)
{
    switch (json_integer_value(json_object_get(fault, "guard"))) {
    case 2:
        put_need(page, TEXT_NEED_PLAN);
        break;
    case 3:
        put_need(page, TEXT_NEED_FEASIBILITY);
        break;
    case 5:
        put_commitment(page, region, id, next);
        break;
    case 7:
        put_need(page, TEXT_NEED_RESULT);
        break;
    case 8:
        put_need(page, TEXT_NEED_EVALUATION);
        break;
    default: // a rule that this version does not know: in the daemon's own words
        html_raw(&page->html, "<li lang=\"en\">");
        html_text(&page->html, parts_text(fault, "found"));
        html_raw(&page->html, "</li>");
    }
}

void parts_needs(struct page *page, const char *region, const char *id)
{
    const json_t *next = copy_next(page->copy, region, id), *step = expected_step(next);
    const json_t *missing = json_object_get(step, "missing"), *fault = NULL;
    const char *to = words_phase(page->language, phase_find(bytes_of(parts_text(step, "to"))));
    size_t index = 0;
    json_int_t before = 0;
    if (step == NULL) {
        return;
    }
    html_raw(&page->html, "<div class=\"needs\"><p>");
    texts_fill(&page->html, page->language,
               json_array_size(missing) == 0 ? TEXT_READY_FOR : TEXT_NEEDS_FOR, to, NULL);
    html_raw(&page->html, "</p>");
    if (json_array_size(missing) > 0) {
        html_raw(&page->html, "<ul>");
    }
    json_array_foreach(missing, index, fault)
    {
        json_int_t guard = json_integer_value(json_object_get(fault, "guard"));
        if (guard == 0 || guard != before) {
            put_guard(page, region, id, next, fault);
        }
        before = guard;
    }
    if (json_array_size(missing) > 0) {
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</div>");
}
