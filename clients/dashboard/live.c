#include "clients/dashboard/live.h"

#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 2000 // after which a browser comes back

struct stream {
    struct live *live;
    uint64_t message; // number of the one that it reads
    size_t read;      // bytes of it
    char first[512];  // before all messages
    size_t first_size, first_read;
};

// The ring --------------------------------------------------------------------------------------

static struct live_message *at(struct live *live, uint64_t number)
{
    return &live->messages[number % LIVE_MESSAGES];
}

static void drop_oldest(struct live *live)
{
    struct live_message *oldest = at(live, live->begin++);
    live->dropped = oldest->seq > 0 ? oldest->seq : live->dropped;
    free(oldest->text);
    *oldest = (struct live_message){0};
}

// text is given over; NULL without memory: then nobody hears it, and a reader that finds a number
// missing cannot be: its page asks for the whole.
static void put(struct live *live, char *text, uint64_t seq)
{
    if (text == NULL) {
        return;
    }
    if (live->end - live->begin == LIVE_MESSAGES) {
        drop_oldest(live);
    }
    *at(live, live->end++) = (struct live_message){text, strlen(text), seq, live->bytes};
    live->bytes += strlen(text);
    live->newest = seq > 0 ? seq : live->newest;
}

void live_finish(struct live *live)
{
    while (live->begin < live->end) {
        drop_oldest(live);
    }
}

void live_id(const struct copy *copy, uint64_t seq, char ret_id[LIVE_ID])
{
    (void)snprintf(ret_id, LIVE_ID, "%.8s.%llu", copy->log == NULL ? "" : copy->log,
                   (unsigned long long)seq); // it fits
}

// The number in an id, of this log; false if it is of another, or none.
static bool read_id(const struct copy *copy, const char *id, uint64_t *ret_seq)
{
    const char *point = strchr(id, '.');
    char again[LIVE_ID];
    *ret_seq = point == NULL ? 0 : strtoull(point + 1, NULL, 10);
    live_id(copy, *ret_seq, again);
    return strcmp(again, id) == 0;
}

// Messages --------------------------------------------------------------------------------------

// "deelname verklaard: Riool": what happened, to what.
static void put_sentence(json_t *message, const struct copy *copy, const struct copy_event *event,
                         enum language language)
{
    char room[WORDS_ROOM];
    struct page page = {.copy = copy, .language = language};
    const char *slash = strchr(event->subject, '/');
    enum kind kind = kind_find((struct bytes){event->subject, (size_t)(slash - event->subject)});
    const char *what = words_type(language, event->type, room);
    json_t *text = json_sprintf("%s: %s", what, parts_name(&page, event->region, kind, slash + 1));
    json_object_set_new(message, words_code(language), text);
    if (language == DUTCH) {
        json_object_set_new(message, "kind", json_string(kind_name(kind)));
    }
}

static char *frame(const char *name, const char *id, json_t *data)
{
    char *json = json_dumps(data, JSON_COMPACT), *text = NULL;
    if (json != NULL &&
        asprintf(&text, "%s%s%sevent: %s\ndata: %s\n\n", id[0] != '\0' ? "id: " : "", id,
                 id[0] != '\0' ? "\n" : "", name, json) < 0) {
        text = NULL;
    }
    free(json);
    json_decref(data);
    return text;
}

void live_publish(struct live *live, const struct copy *copy, const struct copy_event *event)
{
    json_t *message =
        json_pack("{s:I, s:s, s:s, s:s}", "seq", (json_int_t)event->seq, "type", event->type->name,
                  "region", event->region, "subject", event->subject);
    put_sentence(message, copy, event, DUTCH);
    put_sentence(message, copy, event, ENGLISH);
    char id[LIVE_ID];
    live_id(copy, event->seq, id);
    if (live->newest == 0) {
        live->dropped = event->seq - 1; // what came before was never in the ring
    }
    put(live, frame("happened", id, message), event->seq);
}

static json_t *state_of(const struct copy *copy)
{
    return json_pack("{s:s, s:I, s:I}", "state", copy_state_name(copy->state), "position",
                     (json_int_t)copy->position, "age_ms", (json_int_t)copy_age_ms(copy));
}

void live_state(struct live *live, const struct copy *copy)
{
    put(live, frame("state", "", state_of(copy)), 0);
}

void live_comment(struct live *live)
{
    put(live, strdup(":\n\n"), 0);
}

void live_history(struct live *live, const struct copy *copy)
{
    if (live->history != copy->histories) {
        live_finish(live);
        live->newest = live->dropped = 0;
        live->history = copy->histories;
    }
    put(live, frame("reload", "", state_of(copy)), 0);
}

// Streams ---------------------------------------------------------------------------------------

static long read_first(struct stream *stream, char *room, size_t size)
{
    size_t left = stream->first_size - stream->first_read;
    size_t taken = left < size ? left : size;
    memcpy(room, stream->first + stream->first_read, taken);
    stream->first_read += taken;
    return (long)taken;
}

static bool is_too_slow(const struct stream *stream)
{
    const struct live *live = stream->live;
    return stream->message < live->begin ||
           (stream->message < live->end &&
            live->bytes - live->messages[stream->message % LIVE_MESSAGES].start >
                LIVE_STREAM_BYTES);
}

static long read_ring(struct stream *stream, char *room, size_t size)
{
    struct live *live = stream->live;
    size_t done = 0;
    while (done < size && stream->message < live->end) {
        const struct live_message *message = at(live, stream->message);
        size_t left = message->size - stream->read;
        size_t taken = left < size - done ? left : size - done;
        memcpy(room + done, message->text + stream->read, taken);
        done += taken;
        stream->read += taken;
        if (stream->read == message->size) {
            stream->message++;
            stream->read = 0;
        }
    }
    return (long)done;
}

static long read_stream(void *client, char *room, size_t size)
{
    struct stream *stream = client;
    if (stream->first_read < stream->first_size) {
        return read_first(stream, room, size);
    }
    if (is_too_slow(stream)) {
        stream->live->cut_off++;
        return -1; // it comes back with its Last-Event-ID
    }
    return read_ring(stream, room, size);
}

static void end_stream(void *client)
{
    free(client);
}

// Where a reader goes on that has heard everything up to an id; false if that is no longer here.
static bool find_place(const struct live *live, const struct copy *copy, const char *id,
                       uint64_t *ret_message)
{
    uint64_t heard = 0;
    if (!read_id(copy, id, &heard) || heard < live->dropped || heard > copy->position) {
        return false;
    }
    *ret_message = live->begin;
    while (*ret_message < live->end && live->messages[*ret_message % LIVE_MESSAGES].seq <= heard) {
        (*ret_message)++;
    }
    return true;
}

bool live_open(struct live *live, const struct copy *copy, const char *last_id,
               struct http_stream *ret_stream)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        return false;
    }
    stream->live = live;
    stream->message = live->end;
    bool is_gap = last_id != NULL && !find_place(live, copy, last_id, &stream->message);
    char *state = frame(is_gap ? "reload" : "state", "", state_of(copy));
    int size = snprintf(stream->first, sizeof(stream->first), "retry: %d\n\n%s", RETRY_MS,
                        state == NULL ? "" : state); // it fits
    stream->first_size = size > 0 ? (size_t)size : 0;
    free(state);
    *ret_stream = (struct http_stream){read_stream, end_stream, stream};
    return true;
}
