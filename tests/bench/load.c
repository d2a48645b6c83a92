/*
 * load - posts events to waternetd or refd and counts what comes back.
 *
 *     load -d DIR [-c CLIENTS] [-w WINDOW] [-s SUBSCRIBERS] [-r POSTS_A_SECOND] [-t SECONDS]
 *          [-n POSTS] [-b BYTES]
 *
 * DIR has the sockets. Each client keeps WINDOW posts in flight (1 to 1024), or all of them
 * together post at a rate. It runs for SECONDS, of which the first tenth does not count, or until
 * POSTS are acknowledged. One thread does all: clients, and subscribers as the connections of one
 * XSUB socket, which costs the least to receive from.
 *
 * Results: posts (acknowledged, all), rate (a second, in the time that counts), ack_p50 and ack_p99
 * (ms); with subscribers deliveries (a second), share (of those that were due), end_p50 and end_p99
 * (ms from the sending of a post to its delivery).
 *
 * The workload: 10 regions with 20 werkplaatsen each, made first; then events one to a post, by
 * region in turn: news about a werkplaats with ids in order of time, and every eighth an update of
 * a werkplaats. The data of each is about BYTES (400).
 */
#include "tests/bench/common.h"

#include "proto/limits.h"
#include "proto/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define REGIONS 10
#define WERKPLAATSEN 20 // of a region
#define CLIENTS_MAX 64
#define SUBSCRIBERS_MAX 500
#define RECEIVE_MAX 256      // of one socket before the others have their turn
#define FEED_HIGH_WATER 4096 // as the daemon's
#define FIRST_NUMBER 65536   // so that every number takes the same room
#define STAMP_MARK '@'
#define STAMP_SIZE 17 // mark and 16 hex digits

struct client {
    void *socket;
    unsigned in_flight;
    uint64_t next;                // number of its next post
    uint64_t sent[IN_FLIGHT_MAX]; // when, by number
};

static struct {
    const char *dir;
    unsigned clients, window, subscribers;
    double rate, seconds;
    uint64_t posts;
    size_t bytes;
} options = {.clients = 1, .window = 1, .seconds = 3, .bytes = RECORD_BYTES};

static struct {
    struct client clients[CLIENTS_MAX];
    void *feed;
    int timer;
    unsigned turn; // the client whose turn it is, of a rate
    uint64_t sent, acknowledged;
    uint64_t count_from_ns;
    uint64_t counted_posts, counted_deliveries;
    uint64_t base_ms;
    struct latencies ack, end;
} load;

static char filler[RECORD_BYTES];

// Events ----------------------------------------------------------------------------------------

static void write_stamp(char *room, uint64_t ns)
{
    (void)snprintf(room, STAMP_SIZE + 1, "%c%016llx", STAMP_MARK, (unsigned long long)ns);
}

// The start of a text of size bytes: when it was sent, and then filler.
static void pair_stamped(struct wire_writer *writer, const char *key, uint64_t ns, size_t size)
{
    char text[RECORD_BYTES];
    memcpy(text, filler, size);
    write_stamp(text, ns);
    text[STAMP_SIZE] = ' ';
    wire_pair_text(writer, key, (struct bytes){text, size});
}

static void write_envelope(struct wire_writer *writer, uint32_t fields, const char *id,
                           const char *type, unsigned region, const char *subject)
{
    char name[16];
    (void)snprintf(name, sizeof(name), "r%u", region); // fits
    wire_put_map(writer, 4 + fields);
    wire_pair_text(writer, "id", bytes_of(id));
    wire_pair_text(writer, "type", bytes_of(type));
    wire_pair_text(writer, "region", bytes_of(name));
    wire_pair_text(writer, "subject", bytes_of(subject));
}

static void write_region(struct wire_writer *writer, unsigned region)
{
    char id[32], subject[32];
    (void)snprintf(id, sizeof(id), "region-r%u", region);           // fits
    (void)snprintf(subject, sizeof(subject), "region/r%u", region); // fits
    write_envelope(writer, 1, id, "region.registered", region, subject);
    wire_put_text(writer, bytes_of("data"));
    wire_put_map(writer, 1);
    wire_pair_text(writer, "name", bytes_of("Regio"));
}

static void write_werkplaats(struct wire_writer *writer, unsigned region, unsigned werkplaats)
{
    char id[32], subject[32];
    (void)snprintf(id, sizeof(id), "opened-r%u-w%02u", region, werkplaats); // fits
    (void)snprintf(subject, sizeof(subject), "werkplaats/w%02u", werkplaats);
    write_envelope(writer, 1, id, "werkplaats.opened", region, subject);
    wire_put_text(writer, bytes_of("data"));
    wire_put_map(writer, 4);
    wire_pair_text(writer, "name", bytes_of("Werkplaats"));
    wire_pair_text(writer, "kind", bytes_of("ongoing"));
    wire_pair_text(writer, "theme", bytes_of("Riolering"));
    wire_pair_text(writer, "common_interest", (struct bytes){filler, 300});
}

static void write_update(struct wire_writer *writer, const char *id, unsigned region,
                         unsigned werkplaats, uint64_t ns)
{
    char subject[32];
    (void)snprintf(subject, sizeof(subject), "werkplaats/w%02u", werkplaats); // fits
    write_envelope(writer, 1, id, "werkplaats.updated", region, subject);
    wire_put_text(writer, bytes_of("data"));
    wire_put_map(writer, 1);
    pair_stamped(writer, "common_interest", ns, options.bytes - 20);
}

static void write_news(struct wire_writer *writer, const char *id, unsigned region,
                       unsigned werkplaats, uint64_t ns)
{
    char subject[64], name[16];
    (void)snprintf(subject, sizeof(subject), "news/%.40s", id); // fits
    (void)snprintf(name, sizeof(name), "w%02u", werkplaats);    // fits
    write_envelope(writer, 2, id, "news.published", region, subject);
    wire_pair_text(writer, "on", bytes_of("2026-11-24"));
    wire_put_text(writer, bytes_of("data"));
    wire_put_map(writer, 3);
    pair_stamped(writer, "title", ns, 60);
    wire_pair_text(writer, "summary", (struct bytes){filler, options.bytes - 100});
    wire_pair_text(writer, "werkplaats", bytes_of(name));
}

// The place-th event of this run. Ids have the form and the order of UUIDv7.
static void write_event(struct wire_writer *writer, uint64_t place, uint64_t ns)
{
    char id[48];
    unsigned region = (unsigned)(place % REGIONS);
    unsigned werkplaats = (unsigned)(place / REGIONS % WERKPLAATSEN);
    (void)snprintf(id, sizeof(id), "%08llx-%04llx-7000-8000-%012llx", // fits
                   (unsigned long long)(load.base_ms >> 16),
                   (unsigned long long)(load.base_ms & 0xffff), (unsigned long long)place);
    if (place % 8 == 7) {
        write_update(writer, id, region, werkplaats, ns);
    } else {
        write_news(writer, id, region, werkplaats, ns);
    }
}

static struct wire_writer begin_post(void *room, size_t size, uint64_t number, uint32_t events)
{
    struct wire_writer writer = wire_write(room, size);
    wire_put_map(&writer, 3);
    wire_pair_uint(&writer, "number", number);
    wire_pair_text(&writer, "request", bytes_of("post"));
    wire_put_text(&writer, bytes_of("events"));
    wire_put_list(&writer, events);
    return writer;
}

// Posting ---------------------------------------------------------------------------------------

static void post(struct client *client)
{
    uint8_t room[2048];
    uint64_t now = now_ns(), number = client->next++;
    struct wire_writer writer = begin_post(room, sizeof(room), number, 1);
    write_event(&writer, load.sent++, now);
    client->sent[number % IN_FLIGHT_MAX] = now;
    stop_if(zmq_send(client->socket, room, wire_written(&writer).size, 0) < 0, "a post");
    client->in_flight++;
}

// The number of an answer that says ok: {"number": n, "status": "ok", ...}.
static uint64_t number_of_answer(struct bytes answer)
{
    struct wire_reader reader = wire_read(answer);
    struct wire_value map, key, number, name, status;
    bool is_read = wire_next(&reader, &map) && wire_next(&reader, &key) &&
                   wire_next(&reader, &number) && wire_next(&reader, &name) &&
                   wire_next(&reader, &status) && bytes_are(name.bytes, "status");
    if (!is_read || !bytes_are(status.bytes, "ok")) {
        struct bytes message = wire_find_text(answer, "message");
        stop_with("a post was not accepted: %.*s", BYTES_PRINT(message));
    }
    return number.number;
}

static void take_answer(struct client *client, struct bytes answer)
{
    uint64_t number = number_of_answer(answer), now = now_ns();
    if (number < FIRST_NUMBER || number >= client->next) {
        stop_with("an answer to nothing that was asked");
    }
    client->in_flight--;
    load.acknowledged++;
    if (now >= load.count_from_ns) {
        load.counted_posts++;
        latency_add(&load.ack, now - client->sent[number % IN_FLIGHT_MAX]);
    }
    if (options.rate == 0 && client->in_flight < options.window &&
        (options.posts == 0 || load.sent < options.posts)) {
        post(client);
    }
}

static void take_answers(struct client *client)
{
    zmq_msg_t message;
    (void)zmq_msg_init(&message); // never fails
    for (unsigned i = 0; i < RECEIVE_MAX; i++) {
        if (zmq_msg_recv(&message, client->socket, ZMQ_DONTWAIT) < 0) {
            break;
        }
        take_answer(client, (struct bytes){zmq_msg_data(&message), zmq_msg_size(&message)});
    }
    (void)zmq_msg_close(&message); // fails only for what is no message
}

// Waits for the answer to a post that makes what the others need.
static void prepare_with(void *socket, const struct wire_writer *writer)
{
    uint8_t answer[65536];
    int wait_ms = 10000;
    stop_if(wire_written(writer).size == 0, "room for a post");
    stop_if(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) != 0, "a wait");
    stop_if(zmq_send(socket, writer->data, writer->size, 0) < 0, "a post");
    int size = zmq_recv(socket, answer, sizeof(answer), 0);
    stop_if(size < 0, "no answer to the first posts");
    (void)number_of_answer((struct bytes){answer, (size_t)size}); // it stops if it is not ok
}

// Regions and werkplaatsen; where they are there already it is all duplicates.
static void prepare(void *socket)
{
    static uint8_t room[REQUEST_BYTES_MAX];
    struct wire_writer writer = begin_post(room, sizeof(room), 1, REGIONS);
    for (unsigned region = 0; region < REGIONS; region++) {
        write_region(&writer, region);
    }
    prepare_with(socket, &writer);
    for (unsigned region = 0; region < REGIONS; region++) {
        writer = begin_post(room, sizeof(room), 2 + region, WERKPLAATSEN);
        for (unsigned werkplaats = 0; werkplaats < WERKPLAATSEN; werkplaats++) {
            write_werkplaats(&writer, region, werkplaats);
        }
        prepare_with(socket, &writer);
    }
}

// Subscribing -----------------------------------------------------------------------------------

static void take_delivery(struct bytes body)
{
    const char *mark = memchr(body.data, STAMP_MARK, body.size);
    char digits[STAMP_SIZE] = "";
    if (mark == NULL || (size_t)((const char *)body.data + body.size - mark) < STAMP_SIZE) {
        return; // made before, by prepare()
    }
    uint64_t now = now_ns();
    memcpy(digits, mark + 1, STAMP_SIZE - 1);
    uint64_t sent = strtoull(digits, NULL, 16);
    if (now >= load.count_from_ns) {
        load.counted_deliveries++;
        if (sent >= load.count_from_ns && now >= sent) {
            latency_add(&load.end, now - sent);
        }
    }
}

static void take_deliveries(void)
{
    zmq_msg_t message;
    (void)zmq_msg_init(&message); // never fails
    for (unsigned i = 0; i < RECEIVE_MAX * 16; i++) {
        if (zmq_msg_recv(&message, load.feed, ZMQ_DONTWAIT) < 0) {
            break;
        }
        take_delivery((struct bytes){zmq_msg_data(&message), zmq_msg_size(&message)});
    }
    (void)zmq_msg_close(&message); // fails only for what is no message
}

// waternetd's topics begin with a slash; refd publishes what it took, maps of five or six fields.
static void subscribe(void *context)
{
    static const char *const subscriptions[] = {"\1/", "\1\x85", "\1\x86"};
    char endpoint[128];
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/feed", options.dir);
    load.feed = socket_make(context, ZMQ_XSUB, FEED_HIGH_WATER);
    for (unsigned i = 0; i < options.subscribers; i++) {
        socket_connect(load.feed, endpoint);
    }
    (void)usleep(200000); // a subscription goes to the connections that are there
    for (size_t i = 0; i < sizeof(subscriptions) / sizeof(subscriptions[0]); i++) {
        stop_if(zmq_send(load.feed, subscriptions[i], strlen(subscriptions[i]), 0) < 0,
                "a subscription");
    }
    (void)usleep(200000); // and takes a moment
}

// Running ---------------------------------------------------------------------------------------

static void open_clients(void *context)
{
    char endpoint[128];
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/command", options.dir);
    for (unsigned i = 0; i < options.clients; i++) {
        load.clients[i] = (struct client){.next = FIRST_NUMBER};
        load.clients[i].socket = socket_make(context, ZMQ_DEALER, 0);
        socket_connect(load.clients[i].socket, endpoint);
    }
}

static void start_timer(void)
{
    long every_ns = (long)(1e9 / options.rate);
    struct timespec every = {every_ns / 1000000000, every_ns % 1000000000};
    struct itimerspec timer = {every, every};
    load.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    stop_if(load.timer < 0 || timerfd_settime(load.timer, 0, &timer, NULL) != 0, "a timer");
}

static void post_what_is_due(void)
{
    uint64_t due = 0;
    if (read(load.timer, &due, sizeof(due)) == (ssize_t)sizeof(due)) {
        for (; due > 0; due--) {
            struct client *client = &load.clients[load.turn++ % options.clients];
            if (client->in_flight < IN_FLIGHT_MAX) {
                post(client);
            }
        }
    }
}

// One turn over everything that has come.
static void run_once(void)
{
    zmq_pollitem_t items[CLIENTS_MAX + 2];
    int count = 0;
    for (unsigned i = 0; i < options.clients; i++) {
        items[count++] = (zmq_pollitem_t){load.clients[i].socket, 0, ZMQ_POLLIN, 0};
    }
    if (load.feed != NULL) {
        items[count++] = (zmq_pollitem_t){load.feed, 0, ZMQ_POLLIN, 0};
    }
    if (options.rate > 0) {
        items[count++] = (zmq_pollitem_t){NULL, load.timer, ZMQ_POLLIN, 0};
    }
    if (zmq_poll(items, count, 100) < 0) {
        return; // a signal
    }
    for (unsigned i = 0; i < options.clients; i++) {
        if (items[i].revents != 0) {
            take_answers(&load.clients[i]);
        }
    }
    if (load.feed != NULL) {
        take_deliveries();
    }
    if (options.rate > 0) {
        post_what_is_due();
    }
}

static void run(void)
{
    uint64_t start = now_ns(), end = start + (uint64_t)(options.seconds * 1e9);
    bool counts_posts = options.posts > 0;
    load.count_from_ns = counts_posts ? start : start + (uint64_t)(options.seconds * 1e8);
    for (unsigned i = 0; options.rate == 0 && i < options.clients; i++) {
        while (load.clients[i].in_flight < options.window) {
            post(&load.clients[i]);
        }
    }
    while (now_ns() < end && (!counts_posts || load.acknowledged < options.posts)) {
        run_once();
    }
    if (load.counted_posts == 0 || (counts_posts && load.acknowledged < options.posts)) {
        stop_with("only %llu posts were acknowledged in %g s",
                  (unsigned long long)load.acknowledged, options.seconds);
    }
}

static void print_results(void)
{
    double seconds = seconds_since(load.count_from_ns);
    result("posts", (double)load.acknowledged);
    result("rate", (double)load.counted_posts / seconds);
    latency_results(&load.ack, "ack");
    if (options.subscribers > 0) {
        double due = (double)load.counted_posts * options.subscribers;
        result("deliveries", (double)load.counted_deliveries / seconds);
        result("share", (double)load.counted_deliveries / due);
        latency_results(&load.end, "end");
    }
}

static void read_options(int count, char **arguments)
{
    for (int option; (option = getopt(count, arguments, "d:c:w:s:r:t:n:b:")) >= 0;) {
        switch (option) {
        case 'd':
            options.dir = optarg;
            break;
        case 'c':
            options.clients = (unsigned)number_of(optarg, 1, CLIENTS_MAX);
            break;
        case 'w':
            options.window = (unsigned)number_of(optarg, 1, IN_FLIGHT_MAX);
            break;
        case 's':
            options.subscribers = (unsigned)number_of(optarg, 0, SUBSCRIBERS_MAX);
            break;
        case 'r':
            options.rate = number_of(optarg, 1, 10000);
            break;
        case 't':
            options.seconds = number_of(optarg, 0.1, 600);
            break;
        case 'n':
            options.posts = (uint64_t)number_of(optarg, 1, 1e8);
            break;
        case 'b':
            options.bytes = (size_t)number_of(optarg, 120, RECORD_BYTES);
            break;
        default:
            exit(2);
        }
    }
    if (options.dir == NULL) {
        stop_with("load: -d DIR is missing");
    }
}

int main(int count, char **arguments)
{
    struct timespec now;
    read_options(count, arguments);
    (void)clock_gettime(CLOCK_REALTIME, &now); // a clock that is always there
    load.base_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    fill_text(filler, sizeof(filler));
    void *context = zmq_ctx_new();
    open_clients(context);
    prepare(load.clients[0].socket);
    if (options.subscribers > 0) {
        subscribe(context);
    }
    if (options.rate > 0) {
        start_timer();
    }
    run();
    print_results();
    _Exit(0); // with posts still in flight
}
