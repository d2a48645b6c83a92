#include "clients/dashboard/api_stream.h"

#include "clients/dashboard/api_events.h"
#include "clients/dashboard/live.h"
#include "clients/dashboard/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_MS 4000  // without a message; also how a reader that has gone is noticed
#define AT_ONCE 8      // of the recent events: what a reader that takes nothing keeps from us
#define ASKED_ONCE 128 // of the log, about 64 KiB

struct api_stream {
    struct site *site;
    char level[224], position[LIVE_ID]; // position: as it was asked for, until it was judged
    uint64_t after, told;               // told: that the reader has as an id
    unsigned long history;
    bool is_judged, has_ended;
    int64_t spoke_ms;
    struct html text; // what is being read
    size_t read;
};

// Writing ---------------------------------------------------------------------------------------

static void put(struct api_stream *stream, const char *text)
{
    html_put_safe(&stream->text, text, strlen(text));
}

static void put_id(struct api_stream *stream, uint64_t seq)
{
    char id[LIVE_ID];
    live_id(&stream->site->copy, seq, id);
    put(stream, "id: ");
    put(stream, id);
    put(stream, "\n");
    stream->told = seq;
}

static void put_json(struct api_stream *stream, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    put(stream, "data: ");
    put(stream, text == NULL ? "" : text);
    put(stream, "\n\n");
    stream->text.failed |= text == NULL;
    free(text);
}

// The last message: the reader must not come back with what it has.
static void end_with(struct api_stream *stream, const char *detail)
{
    json_t *problem = api_problem_json(PROBLEM_STALE, detail);
    put(stream, "event: problem\n");
    put_json(stream, problem);
    json_decref(problem);
    stream->has_ended = true;
}

// Events ----------------------------------------------------------------------------------------

static uint64_t seq_of(const json_t *event)
{
    const char *sequence = json_string_value(json_object_get(event, "sequence"));
    return sequence == NULL ? 0 : strtoull(sequence, NULL, 10);
}

// Whether the stream can go on with this copy; what it was opened with is judged as soon as there
// is something to judge it by.
static bool judge(struct api_stream *stream)
{
    const struct copy *copy = &stream->site->copy;
    if (!copy->is_whole || copy->is_staging) {
        return false;
    }
    if (!stream->is_judged) {
        stream->history = copy->histories;
        stream->is_judged = events_of_log(copy, stream->position);
    }
    if (!stream->is_judged || stream->history != copy->histories) {
        end_with(stream, "the daemon has another log than the one that you follow");
    } else if (stream->after > copy->position && copy->state == COPY_LIVE) {
        end_with(stream, "the log ends before what you have");
    }
    return !stream->has_ended && stream->after < copy->position;
}

static void take_more(struct api_stream *stream)
{
    struct copy *copy = &stream->site->copy;
    struct events_range range = {.level = stream->level,
                                 .after = stream->after,
                                 .until = copy->position,
                                 .limit = AT_ONCE,
                                 .events = json_array()};
    const json_t *answer = NULL;
    size_t index = 0;
    json_t *event = NULL;
    if (!events_recent(copy, &range)) {
        range.limit = ASKED_ONCE;
        // While the answer is on its way, or none can be had, the stream sleeps.
        (void)asks_find(&stream->site->asks, events_request(&range), 0, 0,
                        copy->state != COPY_STALE, &answer);
        if (answer != NULL) {
            events_take(copy, &range, answer);
        }
    }
    json_array_foreach(range.events, index, event)
    {
        put_id(stream, seq_of(event));
        put_json(stream, event);
    }
    stream->after = range.after;
    json_decref(range.events);
}

static void fill(struct api_stream *stream)
{
    int64_t now = loop_now_ms();
    html_finish(&stream->text);
    stream->read = 0;
    // A part of the log may have nothing of the level.
    for (uint64_t before = UINT64_MAX;
         stream->text.size == 0 && before != stream->after && judge(stream);) {
        before = stream->after;
        take_more(stream);
    }
    if (stream->text.size == 0 && now - stream->spoke_ms >= QUIET_MS) {
        put(stream, ": quiet\n");
        if (stream->is_judged && stream->after != stream->told) {
            put_id(stream, stream->after);
        }
        put(stream, "\n");
    }
    if (stream->text.size > 0) {
        stream->spoke_ms = now;
    }
}

static long read_stream(void *client, char *room, size_t size)
{
    struct api_stream *stream = client;
    if (stream->read == stream->text.size && stream->has_ended) {
        return -1;
    }
    if (stream->read == stream->text.size) {
        fill(stream);
    }
    if (stream->text.failed) {
        return -1; // without memory; it comes back
    }
    size_t left = stream->text.size - stream->read, taken = left < size ? left : size;
    if (taken > 0) {
        memcpy(room, stream->text.data + stream->read, taken);
    }
    stream->read += taken;
    return (long)taken;
}

static void end_stream(void *client)
{
    struct api_stream *stream = client;
    html_finish(&stream->text);
    free(stream);
}

// Opening ---------------------------------------------------------------------------------------

static bool is_position(const char *text)
{
    const char *point = strchr(text, '.');
    const char *number = point == NULL ? text : point + 1;
    return (point == NULL || (size_t)(point - text) == strspn(text, "0123456789abcdef")) &&
           strlen(text) < LIVE_ID && number[0] != '\0' && strlen(number) < 19 &&
           strspn(number, "0123456789") == strlen(number);
}

static bool refuse_if_known(struct api_call *call, const struct api_stream *stream)
{
    const struct copy *copy = call->page.copy;
    if (copy->is_whole && !copy->is_staging &&
        (!events_of_log(copy, stream->position) ||
         (copy->state == COPY_LIVE && stream->after > copy->position))) {
        (void)api_refuse(call, PROBLEM_STALE, "this is log %s, up to %llu; begin anew", copy->log,
                         (unsigned long long)copy->position);
    }
    return call->problem == PROBLEM_NONE;
}

bool api_stream_open(struct api_call *call)
{
    // A browser comes back with the address that it came with, and the id that it heard last.
    const char *last = http_header(call->page.request, "Last-Event-ID");
    const char *from = last != NULL ? last : call->values[PARAM_AFTER];
    const char *region = call->values[PARAM_REGION], *level = call->values[PARAM_LEVEL];
    if (from != NULL && !is_position(from)) {
        (void)api_refuse(call, PROBLEM_MALFORMED, "Last-Event-ID: a position like 5bded87f.812");
        return false;
    }
    struct api_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        (void)api_refuse(call, PROBLEM_FAILED, "no memory");
        return false;
    }
    const char *point = from == NULL ? NULL : strchr(from, '.');
    stream->site = call->site;
    stream->after = from == NULL ? 0 : strtoull(point == NULL ? from : point + 1, NULL, 10);
    stream->told = stream->after;
    (void)snprintf(stream->position, sizeof(stream->position), "%s", from == NULL ? "" : from);
    (void)snprintf(stream->level, sizeof(stream->level), level == NULL ? "/%s%s" : "%s%s",
                   level != NULL    ? level
                   : region == NULL ? ""
                                    : region,
                   level != NULL || region == NULL ? "" : "/"); // they were checked, and fit
    if (!refuse_if_known(call, stream)) {
        free(stream);
        return false;
    }
    html_raw(&stream->text, "retry: 2000\n\n");
    stream->spoke_ms = loop_now_ms();
    call->response->status = 200;
    call->response->type = "text/event-stream; charset=utf-8";
    call->response->stream = (struct http_stream){read_stream, end_stream, stream};
    return true;
}
