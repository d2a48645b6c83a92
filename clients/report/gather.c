#include "clients/report/compose.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <time.h>

#define SEQ_TEXT 24

// Asking -----------------------------------------------------------------------------------------

static enum waternet_status taken(struct report *report, enum waternet_status status,
                                  struct waternet_answer *answer, json_t **ret_json)
{
    if (status != WATERNET_OK) {
        report->answer = answer;
        return status;
    }
    const char *text = waternet_answer_json(answer);
    *ret_json = text == NULL ? NULL : json_loads(text, 0, NULL);
    waternet_answer_free(&answer);
    return *ret_json == NULL ? WATERNET_FAILED : WATERNET_OK;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail for this clock
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum waternet_status ask(struct report *report, const json_t *request, json_t **ret_json)
{
    const struct report_bounds *bounds = report->options->bounds;
    struct waternet_answer *answer = NULL;
    if (bounds != NULL && now_ms() > bounds->end_ms) {
        return WATERNET_TOO_BIG;
    }
    char *text = json_dumps(request, JSON_COMPACT);
    enum waternet_status status =
        text == NULL ? WATERNET_FAILED : waternet_ask(report->connection, text, &answer);
    free(text);
    return taken(report, status, answer, ret_json);
}

// Asks part by part, and hands each item of the list to take().
static enum waternet_status ask_all(struct report *report, const char *name, const char *list,
                                    bool then, void (*take)(struct report *, bool, json_t *))
{
    const char *day = then ? report->options->to : NULL;
    json_t *request = json_pack("{s:s, s:s, s:I, s:s*}", "request", name, "region",
                                report->options->region, "at", (json_int_t)report->head, "on", day);
    enum waternet_status status = WATERNET_OK;
    bool more = true;
    while (status == WATERNET_OK && more) {
        json_t *answer = NULL;
        size_t index = 0;
        json_t *item = NULL;
        status = ask(report, request, &answer);
        json_array_foreach(json_object_get(answer, list), index, item)
        {
            take(report, then, item);
        }
        json_t *next = json_object_get(answer, "next");
        more = next != NULL;
        if (more) {
            json_object_set(request, "from", next);
        }
        json_decref(answer);
    }
    json_decref(request);
    return status;
}

static void take_record(struct report *report, bool then, json_t *entity)
{
    const char *path = text_of(entity, "path") + strlen(report->options->region) + 1;
    json_object_set(then ? report->then : report->now, path, json_object_get(entity, "record"));
}

static void take_next(struct report *report, bool then, json_t *item)
{
    (void)then; // always
    (void)json_array_append(report->next, item);
}

static void take_gap(struct report *report, bool then, json_t *item)
{
    (void)then; // always
    (void)json_array_append(report->gaps, item);
}

static enum waternet_status find_region(struct report *report)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    const char *region = report->options->region;
    const char *path = prose_format(&report->prose, "%s/region/%s", region, region);
    enum waternet_status status = waternet_get(report->connection, path, &answer);
    status = taken(report, status, answer, &json);
    report->region = json_incref(json_object_get(json, "record"));
    json_decref(json);
    return status;
}

// Everything after it is read as it was recorded at this number.
static enum waternet_status find_head(struct report *report)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_status(report->connection, &answer);
    status = taken(report, status, answer, &json);
    report->head = (uint64_t)json_integer_value(json_object_get(json, "head"));
    json_decref(json);
    return status;
}

// The log ----------------------------------------------------------------------------------------

// The name of a type without prefix and version: "news.published".
static const struct event_type *type_of(const struct report *report, const char *type)
{
    const char *prefix = waternet_type_prefix(report->connection);
    size_t size = strlen(prefix), length = strlen(type);
    bool ours = strncmp(type, prefix, size) == 0 && length > size + 3;
    return ours ? event_type_find((struct bytes){type + size, length - size - strlen(".v1")})
                : NULL;
}

static uint32_t day_of(const json_t *event)
{
    const char *on = text_of(event, "on");
    // RFC 3339 in UTC begins with the day.
    return on[0] != '\0' ? schema_last_day(bytes_of(on))
                         : schema_last_day((struct bytes){text_of(event, "time"), 10});
}

static bool add_entry(struct report *report, json_t *event)
{
    const struct event_type *type = type_of(report, text_of(event, "type"));
    const char *subject = strchr(text_of(event, "subject"), '/');
    if (type == NULL || subject == NULL) {
        return false;
    }
    uint64_t seq = strtoull(text_of(event, "sequence"), NULL, 10);
    report->entries[report->count++] = (struct entry){
        .event = event,
        .type = type,
        .data = json_object_get(event, "data"),
        .subject = subject + 1,
        .seq = seq,
        .corrects = strtoull(text_of(event, "corrects"), NULL, 10),
        .day = day_of(event),
    };
    uint32_t day = report->entries[report->count - 1].day;
    report->in_period += day >= report->from && day <= report->to;
    char key[SEQ_TEXT];
    (void)snprintf(key, sizeof key, "%llu", (unsigned long long)seq);
    return json_object_set(report->events, key, event) == 0;
}

static bool take_events(struct report *report, const json_t *events)
{
    size_t index = 0;
    json_t *event = NULL;
    bool sound = true;
    size_t room = report->count + json_array_size(events);
    struct entry *more = realloc(report->entries, (room + 1) * sizeof *more);
    if (more == NULL) {
        return false;
    }
    report->entries = more;
    json_array_foreach(events, index, event)
    {
        sound = sound && add_entry(report, event);
    }
    return sound;
}

static enum waternet_status check_bounds(struct report *report)
{
    struct report_bounds *bounds = report->options->bounds;
    if (bounds == NULL) {
        return WATERNET_OK;
    }
    bounds->is_long = report->in_period > bounds->period;
    return bounds->is_long || report->count > bounds->log ? WATERNET_TOO_BIG : WATERNET_OK;
}

static enum waternet_status read_log(struct report *report)
{
    const char *prefix = prose_format(&report->prose, "/%s/", report->options->region);
    json_int_t after = 0;
    bool done = false;
    enum waternet_status status = WATERNET_OK;
    while (status == WATERNET_OK && !done) {
        json_t *answer = NULL;
        json_t *request = json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", prefix,
                                    "after", after, "until", (json_int_t)report->head);
        status = ask(report, request, &answer);
        json_decref(request);
        if (status == WATERNET_OK && !take_events(report, json_object_get(answer, "events"))) {
            status = WATERNET_CORRUPT; // an event that this version cannot read
        }
        status = status == WATERNET_OK ? check_bounds(report) : status;
        after = json_integer_value(json_object_get(answer, "after"));
        done = json_is_true(json_object_get(answer, "done"));
        json_decref(answer);
    }
    return status;
}

// What counts ------------------------------------------------------------------------------------

static int compare_seq(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

static int compare_day(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return left->day != right->day ? (left->day > right->day) - (left->day < right->day)
                                   : compare_seq(a, b);
}

// The log was read in order, so that what is corrected comes before.
static void mark_corrected(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct entry *entry = &report->entries[i];
        const struct entry wanted = {.seq = entry->corrects};
        struct entry *wrong =
            entry->corrects == 0 ? NULL
                                 : bsearch(&wanted, report->entries, i, sizeof wanted, compare_seq);
        if (wrong != NULL) {
            wrong->corrected = true;
        }
    }
}

static void choose(struct report *report)
{
    size_t kept = 0;
    mark_corrected(report);
    for (size_t i = 0; i < report->count; i++) {
        const struct entry *entry = &report->entries[i];
        bool visible = entry->type->visibility == VISIBLE_PUBLIC || report->options->members;
        if (!entry->corrected && visible && entry->day <= report->to) {
            report->entries[kept++] = *entry;
        }
    }
    report->count = kept;
    if (kept > 0) {
        qsort(report->entries, kept, sizeof report->entries[0], compare_day);
    }
}

enum waternet_status gather(struct report *report)
{
    report->from = schema_last_day(bytes_of(report->options->from));
    report->to = schema_last_day(bytes_of(report->options->to));
    report->events = json_object();
    report->now = json_object();
    report->then = json_object();
    report->next = json_array();
    report->gaps = json_array();
    enum waternet_status status = find_region(report);
    status = status != WATERNET_OK ? status : find_head(report);
    status = status != WATERNET_OK ? status : read_log(report);
    status =
        status != WATERNET_OK ? status : ask_all(report, "list", "entities", false, take_record);
    status =
        status != WATERNET_OK ? status : ask_all(report, "list", "entities", true, take_record);
    // Before the region was there nothing can be open in it.
    const char *region = prose_format(&report->prose, "region/%s", report->options->region);
    if (status == WATERNET_OK && json_object_get(report->then, region) != NULL) {
        status = ask_all(report, "next", "werkplaatsen", true, take_next);
        status = status != WATERNET_OK ? status : ask_all(report, "gaps", "gaps", true, take_gap);
    }
    choose(report);
    return status;
}

void gather_finish(struct report *report)
{
    free(report->entries);
    json_decref(report->events);
    json_decref(report->now);
    json_decref(report->then);
    json_decref(report->next);
    json_decref(report->gaps);
    json_decref(report->region);
}

// Finding ----------------------------------------------------------------------------------------

const struct entry *entry_next(const struct report *report, enum event_number type,
                               const struct entry *entry)
{
    size_t at = entry == NULL ? 0 : (size_t)(entry - report->entries) + 1;
    for (; at < report->count; at++) {
        entry = &report->entries[at];
        if (entry->type->number == type && entry->day >= report->from) {
            return entry;
        }
    }
    return NULL;
}

static const char *recorded_name(const json_t *records, const char *path)
{
    const json_t *fields = json_object_get(json_object_get(records, path), "fields");
    const char *name = text_of(fields, "name");
    return name[0] != '\0' ? name : text_of(fields, "title");
}

const char *name_of(struct report *report, const char *path)
{
    const char *slash = strchr(path, '/');
    const char *entity = slash == NULL ? path : slash + 1;
    enum kind kind = kind_find((struct bytes){path, (size_t)(entity - path) - (slash != NULL)});
    const char *then = recorded_name(report->then, path);
    const char *name = then[0] != '\0' ? then : recorded_name(report->now, path);
    if (name[0] != '\0') {
        return name;
    }
    if (kind == KIND_YEAR_PROGRAMME) {
        return prose_say(&report->prose, TEXT_PROGRAMME, FILL({"year", entity}));
    }
    return prose_id(&report->prose, entity);
}

const char *name_in(struct report *report, enum kind kind, const char *entity)
{
    return name_of(report, prose_format(&report->prose, "%s/%s", kind_row(kind)->name, entity));
}

const char *names_in(struct report *report, enum kind kind, const json_t *list)
{
    json_t *names = json_array();
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(list, index, item)
    {
        const char *text = json_string_value(item);
        const char *name = kind == KIND_NONE ? name_of(report, text) : name_in(report, kind, text);
        (void)json_array_append_new(names, json_string(name));
    }
    const char *said = prose_list(&report->prose, names);
    json_decref(names);
    return said;
}
