/*
 * live - what happens, told to open pages over Server-Sent Events.
 *
 *     copy -> live_publish(event) -> ring -> each stream by its own cursor
 *
 * One message an event, made once for all streams: as id its log and number ("5bded87f.258"), as
 * data which region and kind it touches and a sentence in both languages. Besides them state
 * messages, without id. The ring is bounded: a reader that it has run past is cut off, comes back
 * with Last-Event-ID and goes on exactly there; where even that is no longer in the ring it hears
 * `reload`, for its page is then as new as the copy.
 */
#ifndef DASHBOARD_LIVE_H
#define DASHBOARD_LIVE_H

#include "clients/dashboard/copy.h"
#include "clients/dashboard/http.h"

#define LIVE_MESSAGES 2048
#define LIVE_STREAM_BYTES 262144 // how far behind a stream may be

struct live_message {
    char *text;
    size_t size;
    uint64_t seq;   // 0: a state message
    uint64_t start; // bytes of all messages before it
};

struct live {
    struct live_message messages[LIVE_MESSAGES];
    uint64_t begin, end, bytes; // numbers of the ring's messages; bytes: of all there ever were
    uint64_t newest, dropped;   // sequence numbers: the last in the ring; the last that fell out
    unsigned long history;      // of the copy: another one makes the ring void
    unsigned long cut_off;
};

void live_finish(struct live *live);

// Wake the streams afterwards.
void live_publish(struct live *live, const struct copy *copy, const struct copy_event *event);
void live_state(struct live *live, const struct copy *copy);
void live_comment(struct live *live);                          // a heartbeat
void live_history(struct live *live, const struct copy *copy); // everything is told anew

// What a page was made from, in the form of an id.
#define LIVE_ID 40
void live_id(const struct copy *copy, uint64_t seq, char ret_id[LIVE_ID]);

// The stream of a reader. last_id: its Last-Event-ID, NULL if it has none. False without memory.
bool live_open(struct live *live, const struct copy *copy, const char *last_id,
               struct http_stream *ret_stream);

#endif
