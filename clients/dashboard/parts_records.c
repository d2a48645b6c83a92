#include "clients/dashboard/parts.h"

#include "clients/dashboard/moments.h"
#include "proto/schema.h"

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

// `on` of what an event made, or the day on which that was recorded: "" if that is not known now.
static const char *day_of(struct page *page, const json_t *made, const char *seq,
                          char room[WORDS_ROOM])
{
    const char *on = parts_text(made, "on");
    if (on[0] != '\0') {
        return on;
    }
    time_t seconds = (time_t)(parts_event_time(parts_event(page, parts_number(made, seq))) / 1000);
    struct tm day = {0};
    room[0] = '\0';
    if (seconds > 0 && localtime_r(&seconds, &day) != NULL) { // as people there count days
        (void)strftime(room, WORDS_ROOM, "%Y-%m-%d", &day);   // it fits
    }
    return room;
}

const char *parts_phase_since(struct page *page, const json_t *werkplaats, char room[WORDS_ROOM])
{
    const json_t *phases = parts_field(werkplaats, "phases");
    size_t count = json_array_size(phases);
    const json_t *baseline = parts_field(werkplaats, "baseline");
    if (count > 0) {
        return day_of(page, json_array_get(phases, count - 1), "seq", room);
    }
    return baseline == NULL ? day_of(page, werkplaats, "opened", room)
                            : parts_text(baseline, "since");
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

static uint32_t last_day(const char *on)
{
    return on[0] == '\0' ? 0 : schema_last_day(bytes_of(on));
}

bool parts_is_late(const struct page *page, const char *by)
{
    time_t now = time(NULL);
    struct tm day = {0};
    (void)localtime_r(&now, &day); // people's own days
    uint32_t shown =
        (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
    if (page->moment != NULL && page->moment->on[0] != '\0') {
        shown = last_day(page->moment->on);
    }
    return by[0] != '\0' && last_day(by) < shown;
}

int parts_compare_days(const char *one, const char *two)
{
    uint32_t first = last_day(one), second = last_day(two);
    return (first < second) - (first > second);
}

int parts_by_date(const void *a, const void *b)
{
    int order = parts_compare_days(parts_text(((const struct parts_row *)a)->value, "on"),
                                   parts_text(((const struct parts_row *)b)->value, "on"));
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
