/*
 * past - asks a daemon that fill.c has filled how things stood, and how they stand.
 *
 *     past RUNTIME SHORT_RUNTIME
 *
 * Each question as `waternet show` and `list` ask it, through as many answers as it takes; a page
 * is of 100 werkplaatsen. Results, each with _p50, _p99 and _max in milliseconds:
 *
 *     show_at, show_on    one werkplaats at a random position, on a random day
 *     long_at, long_on    the one with a long thread
 *     page_at, page_on    a page that begins at a random region
 *     answer              every single one of those answers
 *     list, members       all werkplaatsen, all members as they stand
 *     short_...           the same of the daemon at SHORT_RUNTIME, which has as many entities and
 * few events, in turn with the former
 *
 * and list_kib, short_list_kib: how much that is, of which records with longer lists have more.
 */
#include "tests/bench/common.h"

#include "proto/limits.h"
#include "proto/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#define PAGE 100
#define SHOWS 1000 // samples, as the next two
#define PAGES 100
#define LISTS 100
#define FIRST_YEAR 2016
#define YEARS 10

struct question {
    const char *request, *region, *kind, *entity; // NULL: not given
    uint64_t at;                                  // 0: not given
    char on[16];                                  // empty: not given
};

struct answers {
    uint64_t entities, bytes;
};

static struct {
    void *socket;
    uint64_t number, head;
    unsigned regions;
    struct latencies answers;
} past;

static uint64_t random_below(uint64_t count)
{
    static uint64_t state = 88172645463325252; // xorshift, the same every time
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % count;
}

// Questions ---------------------------------------------------------------------------------------

static void pair_given(struct wire_writer *writer, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        wire_pair_text(writer, key, bytes_of(text));
    }
}

static void send_question(const struct question *question, struct bytes from)
{
    uint8_t room[1024];
    struct wire_writer writer = wire_write(room, sizeof(room));
    const char *texts[] = {question->region, question->kind, question->entity, question->on};
    uint32_t count = 2u + (question->at != 0) + (from.size > 0);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        count += texts[i] != NULL && texts[i][0] != '\0';
    }
    wire_put_map(&writer, count);
    wire_pair_uint(&writer, "number", ++past.number);
    wire_pair_text(&writer, "request", bytes_of(question->request));
    pair_given(&writer, "region", question->region);
    pair_given(&writer, "kind", question->kind);
    pair_given(&writer, "entity", question->entity);
    pair_given(&writer, "on", question->on);
    if (question->at != 0) {
        wire_pair_uint(&writer, "at", question->at);
    }
    if (from.size > 0) {
        wire_pair_text(&writer, "from", from);
    }
    stop_if(zmq_send(past.socket, room, wire_written(&writer).size, 0) < 0, "a question");
}

// One answer, into room.
static struct bytes ask(const struct question *question, struct bytes from,
                        uint8_t room[2 * ANSWER_BYTES_MAX])
{
    uint64_t start = now_ns();
    send_question(question, from);
    int size = zmq_recv(past.socket, room, 2 * ANSWER_BYTES_MAX, 0);
    stop_if(size < 0, "no answer");
    latency_add(&past.answers, now_ns() - start);
    struct bytes answer = {room, (size_t)size};
    struct bytes status = wire_find_text(answer, "status");
    if (!bytes_are(status, "ok") && !bytes_are(status, "not-found")) {
        stop_with("%s: %.*s", question->request, BYTES_PRINT(status));
    }
    return answer;
}

// A question through its answers, until there are `most` entities.
static struct answers ask_all(const struct question *question, uint64_t most)
{
    static uint8_t room[2 * ANSWER_BYTES_MAX];
    char path[PATH_MAX_BYTES];
    struct bytes from = {0};
    struct answers all = {0};
    do {
        struct wire_value entities;
        struct bytes answer = ask(question, from, room);
        struct bytes next = wire_find_text(answer, "next");
        all.entities += wire_find(answer, "entities", &entities) ? entities.count : 0;
        all.bytes += answer.size;
        memcpy(path, next.data, next.size);
        from = (struct bytes){path, next.size};
    } while (from.size > 0 && all.entities < most);
    return all;
}

// Samples -----------------------------------------------------------------------------------------

static void choose_moment(struct question *question, bool day)
{
    if (day) {
        (void)snprintf(question->on, sizeof(question->on), "%04u-%02u-%02u", // fits
                       FIRST_YEAR + (unsigned)random_below(YEARS), 1 + (unsigned)random_below(12),
                       1 + (unsigned)random_below(28));
    } else {
        question->at = 1 + random_below(past.head);
    }
}

static void measure_shows(const char *name, uint64_t samples, bool day, bool is_long)
{
    struct latencies latencies = {0};
    for (uint64_t i = 0; i < samples; i++) {
        char region[16], entity[16];
        struct question question = {"get", region, "werkplaats", entity, 0, ""};
        (void)snprintf(region, sizeof(region), "r%02u", // fits
                       is_long ? 0 : (unsigned)random_below(past.regions));
        (void)snprintf(entity, sizeof(entity), is_long ? "lang" : "w%02u",
                       (unsigned)random_below(20));
        choose_moment(&question, day);
        uint64_t start = now_ns();
        (void)ask_all(&question, 1); // also where it was not yet there
        latency_add(&latencies, now_ns() - start);
    }
    latency_results(&latencies, name);
}

// The pages of `list` begin at a region; a page of 100 is that of five regions.
static void measure_pages(const char *name, uint64_t samples, bool day)
{
    struct latencies latencies = {0};
    for (uint64_t i = 0; i < samples; i++) {
        char from[32];
        static uint8_t room[2 * ANSWER_BYTES_MAX];
        struct question question = {"list", NULL, "werkplaats", NULL, 0, ""};
        (void)snprintf(from, sizeof(from), "r%02u/werkplaats/", // fits
                       (unsigned)random_below(past.regions - 5));
        choose_moment(&question, day);
        struct bytes next = bytes_of(from);
        uint64_t start = now_ns(), entities = 0;
        while (next.size > 0 && entities < PAGE) {
            struct wire_value listed;
            struct bytes answer = ask(&question, next, room);
            entities += wire_find(answer, "entities", &listed) ? listed.count : 0;
            next = wire_find_text(answer, "next");
        }
        latency_add(&latencies, now_ns() - start);
    }
    latency_results(&latencies, name);
}

static void *open_query(const char *runtime)
{
    char endpoint[128];
    int wait_ms = 60000;
    void *socket = socket_make(zmq_ctx_new(), ZMQ_DEALER, 0);
    stop_if(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) != 0, "a wait");
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/query", runtime); // cut: no answer
    socket_connect(socket, endpoint);
    return socket;
}

// All of a kind, of both daemons in turn, so that what else the machine does touches both.
static void measure_lists(const char *name, const char *kind, void *const sockets[2])
{
    const struct question question = {"list", NULL, kind, NULL, 0, ""};
    struct latencies latencies[2] = {0};
    struct answers answers[2] = {0};
    for (unsigned i = 0; i < 2 * LISTS; i++) {
        uint64_t start = now_ns();
        past.socket = sockets[i % 2];
        answers[i % 2] = ask_all(&question, UINT64_MAX);
        latency_add(&latencies[i % 2], now_ns() - start);
    }
    past.socket = sockets[0];
    if (answers[0].entities > answers[1].entities + 1) { // but for the long one
        stop_with("past: %s: not as many in the short log", kind);
    }
    for (unsigned i = 0; i < 2; i++) {
        char full[32];
        (void)snprintf(full, sizeof(full), "%s%s_kib", i == 0 ? "" : "short_", name); // fits
        result(full, (double)answers[i].bytes / 1024);
        full[strlen(full) - strlen("_kib")] = '\0';
        latency_results(&latencies[i], full);
    }
}

static void read_head(void)
{
    static uint8_t room[2 * ANSWER_BYTES_MAX];
    const struct question status = {"status", NULL, NULL, NULL, 0, ""};
    const struct question regions = {"list", NULL, "region", NULL, 0, ""};
    past.head = wire_find_number(ask(&status, (struct bytes){0}, room), "head");
    past.regions = (unsigned)ask_all(&regions, UINT64_MAX).entities;
    if (past.regions < 6) {
        stop_with("past: there are too few regions: fill was not here");
    }
}

int main(int count, char **arguments)
{
    if (count != 3) {
        stop_with("usage: past RUNTIME SHORT_RUNTIME");
    }
    void *const sockets[2] = {open_query(arguments[1]), open_query(arguments[2])};
    past.socket = sockets[0];
    read_head();
    measure_lists("members", "member", sockets);
    measure_lists("list", "werkplaats", sockets);
    free(past.answers.us);
    past.answers = (struct latencies){0};
    measure_shows("show_at", SHOWS, false, false);
    measure_shows("show_on", SHOWS, true, false);
    measure_shows("long_at", PAGES, false, true);
    measure_shows("long_on", PAGES, true, true);
    measure_pages("page_at", PAGES, false);
    measure_pages("page_on", PAGES, true);
    latency_results(&past.answers, "answer");
    _Exit(0);
}
