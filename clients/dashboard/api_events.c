#include "clients/dashboard/api_events.h"

#include "clients/dashboard/live.h"
#include "clients/dashboard/parts.h"
#include "proto/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES 512 // more than most have
#define ASKS_A_RANGE 8  // without an event in any: then the client goes on by itself

// Ranges ----------------------------------------------------------------------------------------

static bool is_of_level(const struct copy_event *event, const char *level)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/%s/%s/", event->region, event->subject); // it fits
    return strncmp(path, level, strlen(level)) == 0;
}

bool events_recent(const struct copy *copy, struct events_range *range)
{
    if (range->after < copy->events_after || copy->is_staging) {
        return false;
    }
    uint64_t first = copy->events_end > COPY_EVENTS ? copy->events_end - COPY_EVENTS : 0;
    for (uint64_t number = first; number < copy->events_end; number++) {
        const struct copy_event *event = &copy->events[number % COPY_EVENTS];
        if (event->seq <= range->after || event->seq > range->until ||
            !is_of_level(event, range->level)) {
            continue;
        }
        if (json_array_size(range->events) >= range->limit) {
            return true;
        }
        (void)json_array_append(range->events, event->json); // without memory it is not passed over
        range->after = event->seq;
    }
    range->after = range->until > range->after ? range->until : range->after;
    return true;
}

json_t *events_request(const struct events_range *range)
{
    size_t bytes = range->limit * EVENT_BYTES; // no more of the log than is wanted of it
    return json_pack("{s:s, s:s, s:I, s:I, s:I}", "request", "read", "prefix", range->level,
                     "after", (json_int_t)range->after, "until", (json_int_t)range->until, "bytes",
                     (json_int_t)(bytes < ANSWER_BYTES_MAX ? bytes : ANSWER_BYTES_MAX));
}

void events_take(const struct copy *copy, struct events_range *range, const json_t *answer)
{
    struct page page = {.copy = copy};
    size_t index = 0;
    json_t *event = NULL;
    json_array_foreach(json_object_get(answer, "events"), index, event)
    {
        bool is_shown = range->all || parts_event_type(&page, event) != NULL;
        if (is_shown && json_array_size(range->events) >= range->limit) {
            return;
        }
        if (is_shown) {
            (void)json_array_append(range->events, event); // as above
        }
        range->after = parts_event_seq(event);
    }
    uint64_t after = parts_number(answer, "after");
    range->after = after > range->after ? after : range->after;
}

bool events_of_log(const struct copy *copy, const char *position)
{
    const char *point = position == NULL ? NULL : strchr(position, '.');
    return point == NULL || copy->log == NULL ||
           strncmp(position, copy->log, (size_t)(point - position)) == 0;
}

// False, with the problem set, if there can be no such range.
static bool begin_range(struct api_call *call, struct events_range *range, char room[96])
{
    const struct copy *copy = call->page.copy;
    const char *region = call->values[PARAM_REGION], *level = call->values[PARAM_LEVEL];
    uint64_t until = api_number(call, PARAM_UNTIL, UINT64_MAX);
    (void)snprintf(room, 96, "/%s%s", region == NULL ? "" : region,
                   region == NULL ? "" : "/"); // an id, it fits
    range->level = level == NULL ? room : level;
    range->after = api_number(call, PARAM_AFTER, 0);
    range->until = until < copy->position ? until : copy->position;
    range->limit = (size_t)api_number(call, PARAM_LIMIT, API_LIMIT);
    if (region != NULL && level != NULL && strncmp(level, room, strlen(room)) != 0) {
        (void)api_refuse(call, PROBLEM_MALFORMED, "region and level name different regions");
    } else if (!events_of_log(copy, call->values[PARAM_AFTER])) {
        (void)api_refuse(call, PROBLEM_STALE, "this is log %s; begin anew", copy->log);
    } else if (range->after > copy->position && copy->state == COPY_LIVE) {
        (void)api_refuse(call, PROBLEM_STALE, "the log ends at %llu, before what you have",
                         (unsigned long long)copy->position);
    } else if (range->after > copy->position) {
        (void)api_refuse(call, PROBLEM_NO_ANSWER, "not seen up to there yet");
    }
    return call->problem == PROBLEM_NONE;
}

static void fill_range(struct api_call *call, struct events_range *range)
{
    const json_t *answer = NULL;
    int asks = 0;
    range->events = json_array();
    if (range->after >= range->until || (!range->all && events_recent(call->page.copy, range))) {
        return;
    }
    do {
        answer = api_ask(call, events_request(range), ASK_FOR_GOOD);
        if (answer != NULL) {
            events_take(call->page.copy, range, answer);
        }
    } while (answer != NULL && json_array_size(range->events) == 0 && range->after < range->until &&
             ++asks < ASKS_A_RANGE);
}

static void put_links(struct api_call *call, const struct events_range *range, bool is_done)
{
    char id[LIVE_ID];
    const char *region = call->values[PARAM_REGION], *level = call->values[PARAM_LEVEL];
    live_id(call->page.copy, range->after, id);
    http_more(call->response, "Waternet-Position", "%s", id);
    if (!is_done) {
        http_more(call->response, "Link", "<%s?after=%s&limit=%zu%s%s%s%s%s%s>; rel=\"next\"",
                  call->page.request->path, id, range->limit,
                  region == NULL ? "" : "&region=", region == NULL ? "" : region,
                  level == NULL ? "" : "&level=", level == NULL ? "" : level,
                  call->values[PARAM_UNTIL] == NULL ? "" : "&until=",
                  call->values[PARAM_UNTIL] == NULL ? "" : call->values[PARAM_UNTIL]);
    }
}

// The answer as the wire's `read` has it; its list is given over.
static json_t *answer_range(struct api_call *call, const struct events_range *range,
                            const char *name, json_t *list)
{
    if (call->page.waits || call->page.lacks || call->problem != PROBLEM_NONE) {
        json_decref(list);
        return NULL;
    }
    bool is_done = range->after >= range->until;
    json_t *answer = api_answer(call->page.copy);
    put_links(call, range, is_done);
    (void)json_object_set_new(answer, name, list);
    (void)json_object_set_new(answer, "after", json_integer((json_int_t)range->after));
    (void)json_object_set_new(answer, "done", json_boolean(is_done));
    return answer;
}

json_t *api_events(struct api_call *call)
{
    struct events_range range = {0};
    char room[96];
    if (!begin_range(call, &range, room)) {
        return NULL;
    }
    fill_range(call, &range);
    return answer_range(call, &range, "events", range.events);
}

// Verifying -------------------------------------------------------------------------------------

json_t *api_leaves(struct api_call *call)
{
    struct events_range range = {.all = true};
    json_t *leaves = json_array(), *event = NULL;
    size_t index = 0;
    char room[96];
    if (!begin_range(call, &range, room)) {
        json_decref(leaves);
        return NULL;
    }
    fill_range(call, &range);
    json_array_foreach(range.events, index, event)
    {
        (void)json_array_append_new(
            leaves, json_pack("{s:I, s:O, s:b}", "seq", (json_int_t)parts_event_seq(event),
                              "leafhash", json_object_get(event, "leafhash"), "shown",
                              parts_event_type(&call->page, event) != NULL));
    }
    json_decref(range.events);
    return answer_range(call, &range, "leaves", leaves);
}

json_t *api_log(struct api_call *call)
{
    const json_t *status =
        api_ask(call, json_pack("{s:s}", "request", "status"), ASK_UNTIL_NEXT_EVENT);
    return status == NULL
               ? NULL
               : json_pack("{s:O, s:O, s:O, s:O, s:I, s:s, s:s}", "log",
                           json_object_get(status, "log"), "head", json_object_get(status, "head"),
                           "root", json_object_get(status, "root"), "time",
                           json_object_get(status, "time"), "position",
                           (json_int_t)call->page.copy->position, "state",
                           copy_state_name(call->page.copy->state), "audience",
                           call->page.copy->audience == AUDIENCE_PUBLIC ? "public" : "members");
}

char *api_event_bytes(const json_t *event, size_t *ret_size)
{
    struct export_reader *reader = calloc(1, sizeof(*reader)); // too large for the stack
    json_t *line = json_pack("{s:I, s:O, s:O, s:O}", "seq", (json_int_t)parts_event_seq(event),
                             "id", json_object_get(event, "id"), "hash",
                             json_object_get(event, "leafhash"), "event", event);
    char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT), *bytes = NULL;
    *ret_size = 0;
    if (reader != NULL && text != NULL && export_read(reader, bytes_of(text))) {
        bytes = malloc(reader->encoded.size);
        *ret_size = bytes == NULL ? 0 : reader->encoded.size;
    }
    if (bytes != NULL) {
        memcpy(bytes, reader->encoded.data, reader->encoded.size);
    }
    if (reader != NULL) {
        export_finish(reader);
    }
    free(reader);
    free(text);
    json_decref(line);
    return bytes;
}

// One -------------------------------------------------------------------------------------------

static bool is_number(const char *text)
{
    return strlen(text) < 19 && text[0] != '0' && strspn(text, "0123456789") == strlen(text);
}

json_t *api_event(struct api_call *call)
{
    const char *name = call->values[PARAM_PEVENT];
    const json_t *event = NULL;
    uint64_t seq = is_number(name) ? strtoull(name, NULL, 10) : 0;
    if (seq > 0 && seq <= call->page.copy->position) {
        event = parts_event(&call->page, seq);
    } else if (seq == 0) {
        const json_t *answer = api_ask(call, json_pack("{s:s, s:s}", "request", "find", "id", name),
                                       ASK_UNTIL_NEXT_EVENT);
        event = json_object_get(answer, "event");
    }
    if (call->page.waits || call->page.lacks || call->problem == PROBLEM_NO_ANSWER) {
        return NULL;
    }
    if (event == NULL || parts_event_type(&call->page, event) == NULL) {
        return api_refuse(call, PROBLEM_NOT_FOUND, "there is no event %s, or it may not be shown",
                          name);
    }
    return json_deep_copy(event);
}
