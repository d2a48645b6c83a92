#include "clients/dashboard/copy.h"

#include "clients/dashboard/loop.h"

#include <stdlib.h>
#include <string.h>

#define SILENT_MS 4000  // without a word of the feed
#define NOTICED_MS 3000 // after which libwaternet calls the daemon silent

static const char *const state_names[] = {"stale", "catching-up", "live"};

const char *copy_state_name(enum copy_state state)
{
    return state_names[state];
}

// What may be seen ------------------------------------------------------------------------------

// A kind is for members if each event type that has it as its subject is.
bool copy_shows_kind(const struct copy *copy, enum kind kind)
{
    bool shown = copy->audience == AUDIENCE_MEMBERS;
    const struct event_type *type = NULL;
    while (!shown && (type = event_type_next(type)) != NULL) {
        shown = type->kind == kind && type->visibility == VISIBLE_PUBLIC;
    }
    return shown;
}

bool copy_shows(const struct copy *copy, const struct event_type *type, enum kind kind)
{
    return copy->audience == AUDIENCE_MEMBERS ||
           (type != NULL && type->visibility == VISIBLE_PUBLIC && copy_shows_kind(copy, kind));
}

// A slot that events for members alone put something into.
void copy_hide(enum audience audience, enum kind kind, json_t *record)
{
    json_t *fields = json_object_get(record, "fields");
    const struct event_type *type = NULL;
    while (audience == AUDIENCE_PUBLIC && (type = event_type_next(type)) != NULL) {
        if (type->kind == kind && type->visibility == VISIBLE_MEMBERS && type->slot[0] != '\0') {
            (void)json_object_del(fields, type->slot); // it need not be there
        }
    }
}

// Content ---------------------------------------------------------------------------------------

static void content_begin(struct copy_content *content)
{
    *content = (struct copy_content){json_object(), json_object(), json_object(), json_object(),
                                     json_object()};
}

static void content_finish(struct copy_content *content)
{
    json_decref(content->regions);
    json_decref(content->next);
    json_decref(content->gaps);
    json_decref(content->touched);
    json_decref(content->touching);
    *content = (struct copy_content){0};
}

// The object under a key, made if there is none.
static json_t *inner(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);
    if (found == NULL) {
        found = json_object();
        json_object_set_new(object, key, found);
    }
    return found;
}

static void touch(struct copy_content *content, const char *region, enum kind kind, uint64_t seq)
{
    json_t *kinds = inner(content->touching, region);
    const char *name = kind_name(kind);
    if (seq > (uint64_t)json_integer_value(json_object_get(kinds, name))) {
        json_object_set_new(kinds, name, json_integer((json_int_t)seq));
    }
}

// What was told is whole: pages that it touches are stale from here on.
static void finish_touching(struct copy_content *content)
{
    const char *region = NULL;
    json_t *kinds = NULL;
    json_object_foreach(content->touching, region, kinds)
    {
        json_object_update(inner(content->touched, region), kinds);
    }
    json_object_clear(content->touching);
}

// "region/kind/name"; false if it is none. The parts are lent from the room.
static bool split(const char *path, char room[256], char **ret_region, enum kind *ret_kind,
                  char **ret_name)
{
    size_t size = path == NULL ? 0 : strlen(path);
    if (size == 0 || size >= 256) {
        return false;
    }
    memcpy(room, path, size + 1);
    char *kind = strchr(room, '/');
    char *name = kind == NULL ? NULL : strchr(kind + 1, '/');
    if (name == NULL) {
        return false;
    }
    *kind++ = '\0';
    *name++ = '\0';
    *ret_region = room;
    *ret_kind = kind_find(bytes_of(kind));
    *ret_name = name;
    return *ret_kind != KIND_NONE;
}

static void put_record(struct copy *copy, struct copy_content *content, const json_t *row)
{
    char room[256], *region, *name;
    enum kind kind;
    json_t *record = json_object_get(row, "record");
    if (record == NULL ||
        !split(json_string_value(json_object_get(row, "path")), room, &region, &kind, &name) ||
        !copy_shows_kind(copy, kind)) {
        return;
    }
    copy_hide(copy->audience, kind, record);
    json_object_set(inner(inner(content->regions, region), kind_name(kind)), name, record);
    touch(content, region, kind, (uint64_t)json_integer_value(json_object_get(record, "version")));
}

static void put_records(struct copy *copy, struct copy_content *content, const json_t *json)
{
    size_t index = 0;
    const json_t *row = NULL;
    if (json_is_object(json)) {
        put_record(copy, content, json);
    }
    json_array_foreach(json, index, row)
    {
        put_record(copy, content, row);
    }
}

static void put_next(struct copy_content *content, const char *region, const json_t *rows)
{
    json_t *werkplaatsen = json_object();
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(rows, index, row)
    {
        const char *path = json_string_value(json_object_get(row, "path"));
        const char *slash = path == NULL ? NULL : strrchr(path, '/');
        if (slash != NULL) {
            json_object_set(werkplaatsen, slash + 1, row);
        }
    }
    json_object_set_new(content->next, region, werkplaatsen);
}

// Events ----------------------------------------------------------------------------------------

static void event_finish(struct copy_event *event)
{
    free(event->region);
    free(event->subject);
    json_decref(event->json);
    *event = (struct copy_event){0};
}

static uint64_t number_of(const char *text)
{
    return strtoull(text, NULL, 10);
}

// Keeps account of from where on the recent events have no hole, those not shown included.
static void hear(struct copy *copy, uint64_t seq)
{
    if (seq > copy->events_heard) {
        copy->events_after = seq == copy->events_heard + 1 ? copy->events_after : seq - 1;
        copy->events_heard = seq;
    }
}

static void take_event(struct copy *copy, const char *const *frames)
{
    struct copy_event event = {.seq = number_of(frames[0]),
                               .time = number_of(frames[1]),
                               .type = event_type_find(bytes_of(frames[2])),
                               .region = strdup(frames[3]),
                               .subject = strdup(frames[4]),
                               .json = json_loads(frames[5], 0, NULL)};
    const char *slash = event.subject == NULL ? NULL : strchr(event.subject, '/');
    enum kind kind =
        slash == NULL ? KIND_NONE
                      : kind_find((struct bytes){event.subject, (size_t)(slash - event.subject)});
    struct copy_event *newest = &copy->events[(copy->events_end + COPY_EVENTS - 1) % COPY_EVENTS];
    bool is_new = event.seq > newest->seq; // when all is told anew, the recent ones come again
    hear(copy, event.seq);
    if (event.json == NULL || event.type == NULL || !is_new ||
        !copy_shows(copy, event.type, kind)) {
        event_finish(&event);
        return;
    }
    touch(copy->is_staging ? &copy->staged : &copy->content, event.region, kind, event.seq);
    struct copy_event *place = &copy->events[copy->events_end++ % COPY_EVENTS];
    copy->events_after = place->seq > copy->events_after ? place->seq : copy->events_after;
    event_finish(place);
    *place = event;
}

static void forget_events(struct copy *copy)
{
    for (size_t i = 0; i < COPY_EVENTS; i++) {
        event_finish(&copy->events[i]);
    }
    copy->events_published = copy->events_end;
    copy->events_after = copy->events_heard = 0;
}

// Reports ---------------------------------------------------------------------------------------

static void begin(struct copy *copy, const char *log, const char *type_prefix)
{
    if (copy->log != NULL && strcmp(copy->log, log) != 0) {
        forget_events(copy);
        copy->histories++;
    }
    free(copy->log);
    free(copy->type_prefix);
    copy->log = strdup(log);
    copy->type_prefix = strdup(type_prefix);
    content_finish(&copy->staged);
    content_begin(&copy->staged);
    copy->is_staging = true;
}

static enum copy_change whole(struct copy *copy, uint64_t position)
{
    uint64_t before = copy->position;
    copy->position = position;
    finish_touching(copy->is_staging ? &copy->staged : &copy->content);
    if (!copy->is_staging) {
        return COPY_CONTENT;
    }
    content_finish(&copy->content);
    copy->content = copy->staged;
    copy->staged = (struct copy_content){0};
    copy->is_staging = false;
    copy->is_whole = true;
    // A log that is shorter than what was seen of it has another past too.
    if (position < before) {
        forget_events(copy);
        copy->events_after = copy->events_heard = position;
        copy->histories++;
    }
    return COPY_HISTORY;
}

static void take_heartbeat(struct copy *copy, const char *head, const char *ago)
{
    long long ago_ms = strtoll(ago, NULL, 10);
    copy->head = number_of(head);
    copy->heard_ms = ago_ms < 0 ? 0 : loop_now_ms() - ago_ms;
}

static enum copy_change take_state(struct copy *copy, const char *name, const char *problem)
{
    enum copy_state before = copy->state;
    copy->told_ms = loop_now_ms();
    copy->state = COPY_STALE;
    for (size_t i = 0; copy->is_whole && i < sizeof(state_names) / sizeof(state_names[0]); i++) {
        copy->state = strcmp(name, state_names[i]) == 0 ? (enum copy_state)i : copy->state;
    }
    free(copy->problem);
    copy->problem = strdup(problem);
    if (copy->state == COPY_LIVE) {
        copy->live_ms = copy->told_ms;
    } else if (before == COPY_LIVE && copy->state == COPY_STALE) {
        copy->live_ms = copy->told_ms - NOTICED_MS; // it has taken that long to find out
    }
    return before == copy->state ? COPY_NOTHING : COPY_STATE;
}

static void take_json(struct copy *copy, enum report report, const char *region, const char *text)
{
    struct copy_content *content = copy->is_staging ? &copy->staged : &copy->content;
    json_t *json = json_loads(text, 0, NULL);
    if (json != NULL && report == REPORT_RECORDS) {
        put_records(copy, content, json);
    } else if (json != NULL && report == REPORT_NEXT) {
        put_next(content, region, json);
    } else if (json != NULL) {
        json_object_set(content->gaps, region, json);
    }
    json_decref(json);
}

enum copy_change copy_report(struct copy *copy, const struct feed_report *report)
{
    const char *const *frames = report->frames;
    switch (report->report) {
    case REPORT_BEGIN:
        begin(copy, frames[0], frames[1]);
        return COPY_NOTHING;
    case REPORT_RECORDS:
        take_json(copy, report->report, "", frames[0]);
        return COPY_NOTHING;
    case REPORT_NEXT:
    case REPORT_GAPS:
        take_json(copy, report->report, frames[0], frames[1]);
        return COPY_NOTHING;
    case REPORT_EVENT:
        take_event(copy, frames);
        return COPY_NOTHING;
    case REPORT_WHOLE:
        return whole(copy, number_of(frames[0]));
    case REPORT_STATE:
        take_heartbeat(copy, frames[3], frames[4]);
        return take_state(copy, frames[0], frames[2]);
    case REPORT_ANSWER:
    case REPORT_POSTED:
    case REPORT_NONE:
        break;
    }
    return COPY_NOTHING;
}

enum copy_change copy_tick(struct copy *copy)
{
    if (copy->state == COPY_STALE || loop_now_ms() - copy->told_ms < SILENT_MS) {
        return COPY_NOTHING;
    }
    copy->state = COPY_STALE;
    return COPY_STATE;
}

void copy_init(struct copy *copy, enum audience audience)
{
    *copy = (struct copy){.audience = audience, .live_ms = loop_now_ms()};
    content_begin(&copy->content);
}

void copy_finish(struct copy *copy)
{
    content_finish(&copy->content);
    content_finish(&copy->staged);
    forget_events(copy);
    free(copy->log);
    free(copy->type_prefix);
    free(copy->problem);
}

void copy_then(struct copy *copy, const struct copy *now, json_t *answer)
{
    const char *region = NULL;
    json_t *rows = NULL;
    copy_init(copy, now->audience);
    copy->log = now->log == NULL ? NULL : strdup(now->log);
    copy->type_prefix = now->type_prefix == NULL ? NULL : strdup(now->type_prefix);
    copy->histories = now->histories;
    copy->position = (uint64_t)json_integer_value(json_object_get(answer, "at"));
    copy->is_whole = true;
    put_records(copy, &copy->content, json_object_get(answer, "records"));
    json_object_foreach(json_object_get(answer, "next"), region, rows)
    {
        put_next(&copy->content, region, rows);
    }
    json_object_update(copy->content.gaps, json_object_get(answer, "gaps"));
    finish_touching(&copy->content);
}

int64_t copy_age_ms(const struct copy *copy)
{
    return copy->state == COPY_LIVE ? 0 : loop_now_ms() - copy->live_ms;
}

// Reading ---------------------------------------------------------------------------------------

const json_t *copy_kind(const struct copy *copy, const char *region, enum kind kind)
{
    return json_object_get(json_object_get(copy->content.regions, region), kind_name(kind));
}

const json_t *copy_entity(const struct copy *copy, const char *region, enum kind kind,
                          const char *name)
{
    return json_object_get(copy_kind(copy, region, kind), name);
}

const json_t *copy_region(const struct copy *copy, const char *region)
{
    return copy_entity(copy, region, KIND_REGION, region);
}

const json_t *copy_next(const struct copy *copy, const char *region, const char *werkplaats)
{
    return json_object_get(json_object_get(copy->content.next, region), werkplaats);
}

const json_t *copy_gaps(const struct copy *copy, const char *region)
{
    return json_object_get(copy->content.gaps, region);
}

static uint64_t touched_in(const json_t *kinds_touched, unsigned kinds)
{
    uint64_t newest = 0;
    for (int kind = 1; kind <= KIND_LAST; kind++) {
        const json_t *seq = json_object_get(kinds_touched, kind_name((enum kind)kind));
        if ((kinds >> kind & 1) != 0 && (uint64_t)json_integer_value(seq) > newest) {
            newest = (uint64_t)json_integer_value(seq);
        }
    }
    return newest;
}

uint64_t copy_touched(const struct copy *copy, const char *region, unsigned kinds)
{
    uint64_t newest = 0;
    const char *name = NULL;
    json_t *touched = NULL;
    if (region != NULL && region[0] != '\0') {
        return touched_in(json_object_get(copy->content.touched, region), kinds);
    }
    json_object_foreach(copy->content.touched, name, touched)
    {
        uint64_t here = touched_in(touched, kinds);
        newest = here > newest ? here : newest;
    }
    return newest;
}

int64_t copy_heartbeat_ms(const struct copy *copy)
{
    return copy->heard_ms == 0 ? -1 : loop_now_ms() - copy->heard_ms;
}
