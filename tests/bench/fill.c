/*
 * fill - posts the log of a long time to an empty daemon: few entities, each with many events.
 *
 *     fill -d DIR [-n EVENTS] [-r REGIONS] [-l LONG]
 *
 * DIR has the sockets. REGIONS (65) regions with 8 members, a cost key and 20 werkplaatsen each are
 * made first; then EVENTS (1000000) events about the werkplaatsen in turn: half of them updates,
 * the rest participations, decisions, allocations, advice, results, now and then a correction of
 * one of those. In between, evenly, come LONG (10000) events about one more werkplaats of region
 * r00, lang, whose texts are short so that its record stays within its limit. Each event has a date
 * of its own, from 2016 on, which goes up with some to and fro.
 *
 * One client keeps 512 posts of one event in flight. The numbers that events get are known
 * beforehand, so that a later one can correct them. Results: events (all that the log has), rate.
 */
#include "tests/bench/common.h"

#include "proto/limits.h"
#include "proto/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#define WERKPLAATSEN 20 // of a region
#define MEMBERS 8       // of a region
#define REGIONS_MAX 100
#define WINDOW 512
#define DAYS (10 * 365) // over which the dates go

static struct {
    const char *dir;
    uint64_t events, regions, long_events;
} options = {.events = 1000000, .regions = 65, .long_events = 10000};

// What the next event of a werkplaats is made from.
struct werkplaats {
    unsigned region;
    char name[8];
    bool is_long;
    uint64_t step;
    uint64_t advice, result; // numbers of its newest
};

static struct {
    void *socket;
    uint64_t sent, acknowledged;
    struct werkplaats werkplaatsen[REGIONS_MAX * WERKPLAATSEN + 1];
    uint64_t count; // of them, without the long one, which comes last
} fill;

static char filler[RECORD_BYTES];

// Posts -------------------------------------------------------------------------------------------

static void take_answer(void)
{
    uint8_t room[4096];
    int size = zmq_recv(fill.socket, room, sizeof(room), 0);
    stop_if(size < 0, "no answer");
    struct bytes answer = {room, (size_t)size};
    if (!bytes_are(wire_find_text(answer, "status"), "ok")) {
        struct bytes message = wire_find_text(answer, "message");
        stop_with("a post was not accepted: %.*s", BYTES_PRINT(message));
    }
    fill.acknowledged++;
}

static void begin_event(struct wire_writer *writer, const char *type, unsigned region,
                        const char *subject, uint32_t more)
{
    char id[32], name[16];
    (void)snprintf(id, sizeof(id), "e%012llu", (unsigned long long)fill.sent + 1); // fits
    (void)snprintf(name, sizeof(name), "r%02u", region);
    wire_put_map(writer, 3);
    wire_pair_uint(writer, "number", fill.sent + 1);
    wire_pair_text(writer, "request", bytes_of("post"));
    wire_put_text(writer, bytes_of("events"));
    wire_put_list(writer, 1);
    wire_put_map(writer, 5 + more);
    wire_pair_text(writer, "id", bytes_of(id));
    wire_pair_text(writer, "type", bytes_of(type));
    wire_pair_text(writer, "region", bytes_of(name));
    wire_pair_text(writer, "subject", bytes_of(subject));
}

static void pair_filler(struct wire_writer *writer, const char *key, size_t size)
{
    wire_pair_text(writer, key, (struct bytes){filler + fill.sent % 64, size});
}

static void send_event(const struct wire_writer *writer)
{
    stop_if(wire_written(writer).size == 0, "room for a post");
    stop_if(zmq_send(fill.socket, writer->data, writer->size, 0) < 0, "a post");
    fill.sent++;
    if (fill.sent - fill.acknowledged >= WINDOW) {
        take_answer();
    }
}

// What is there from the beginning ----------------------------------------------------------------

static void open_plain(const char *type, unsigned region, const char *subject, const char *kind)
{
    uint8_t room[1024];
    struct wire_writer writer = wire_write(room, sizeof(room));
    begin_event(&writer, type, region, subject, 0);
    wire_put_text(&writer, bytes_of("data"));
    wire_put_map(&writer, kind != NULL ? 2 : 1);
    pair_filler(&writer, "name", 40);
    if (kind != NULL) {
        wire_pair_text(&writer, "kind", bytes_of(kind));
    }
    send_event(&writer);
}

static void adopt_key(unsigned region)
{
    uint8_t room[1024];
    struct wire_writer writer = wire_write(room, sizeof(room));
    begin_event(&writer, "cost-key.adopted", region, "cost-key/sleutel", 1);
    wire_pair_text(&writer, "citation", bytes_of("Jaarplan 2016"));
    wire_put_text(&writer, bytes_of("data"));
    wire_put_map(&writer, 4);
    wire_pair_text(&writer, "version", bytes_of("v1"));
    wire_pair_text(&writer, "method", bytes_of("weights"));
    wire_put_text(&writer, bytes_of("weights"));
    wire_put_map(&writer, MEMBERS);
    for (unsigned member = 0; member < MEMBERS; member++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "m%02u", member); // fits
        wire_pair_uint(&writer, name, 1 + member);
    }
    wire_pair_text(&writer, "valid_from", bytes_of("2016"));
    send_event(&writer);
}

static void open_werkplaats(unsigned region, const char *name)
{
    uint8_t room[1024];
    char subject[32];
    struct werkplaats *werkplaats = &fill.werkplaatsen[fill.count++];
    struct wire_writer writer = wire_write(room, sizeof(room));
    werkplaats->region = region;
    (void)snprintf(werkplaats->name, sizeof(werkplaats->name), "%s", name); // fits
    (void)snprintf(subject, sizeof(subject), "werkplaats/%s", name);        // fits
    begin_event(&writer, "werkplaats.opened", region, subject, 1);
    wire_pair_text(&writer, "on", bytes_of("2015"));
    wire_put_text(&writer, bytes_of("data"));
    wire_put_map(&writer, 4);
    pair_filler(&writer, "name", 40);
    wire_pair_text(&writer, "kind", bytes_of("ongoing"));
    wire_pair_text(&writer, "theme", bytes_of("Riolering"));
    pair_filler(&writer, "common_interest", 300);
    send_event(&writer);
}

static void open_region(unsigned region)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "region/r%02u", region); // fits, as below
    open_plain("region.registered", region, name, NULL);
    for (unsigned member = 0; member < MEMBERS; member++) {
        (void)snprintf(name, sizeof(name), "member/m%02u", member);
        open_plain("member.joined", region, name, "municipality");
    }
    adopt_key(region);
    for (unsigned werkplaats = 0; werkplaats < WERKPLAATSEN; werkplaats++) {
        (void)snprintf(name, sizeof(name), "w%02u", werkplaats);
        open_werkplaats(region, name);
    }
}

// What happens ------------------------------------------------------------------------------------

// The envelope after the subject, in its order: the date, what it corrects, the reference.
static struct wire_writer begin_about(struct werkplaats *about, const char *type, uint64_t corrects,
                                      uint8_t *room, size_t size)
{
    char subject[32], on[16];
    struct wire_writer writer = wire_write(room, size);
    uint64_t all = options.events + options.long_events, to_and_fro = fill.sent * 7919 % 60;
    uint64_t day = fill.sent * DAYS / (all + 1) + to_and_fro;
    (void)snprintf(subject, sizeof(subject), "werkplaats/%s", about->name); // fits
    (void)snprintf(on, sizeof(on), "%04u-%02u-%02u", 2016 + (unsigned)(day / 365),
                   1 + (unsigned)(day % 365 / 31), 1 + (unsigned)(day % 28));
    begin_event(&writer, type, about->region, subject, 2 + (corrects != 0));
    wire_pair_text(&writer, "on", bytes_of(on));
    if (corrects != 0) {
        wire_pair_uint(&writer, "corrects", corrects);
    }
    wire_pair_text(&writer, "reference", bytes_of("Z-2016-1"));
    wire_put_text(&writer, bytes_of("data"));
    return writer;
}

static void name_member(const struct werkplaats *about, char name[8])
{
    (void)snprintf(name, 8, "m%02u", (unsigned)(about->step / 16 % MEMBERS)); // fits
}

static void update(struct werkplaats *about)
{
    uint8_t room[1024];
    struct wire_writer writer = begin_about(about, "werkplaats.updated", 0, room, sizeof(room));
    wire_put_map(&writer, 1);
    pair_filler(&writer, "common_interest", 300);
    send_event(&writer);
}

static void advise(struct werkplaats *about)
{
    uint8_t room[1024];
    bool corrects = about->advice != 0 && about->step / 64 % 4 == 3;
    struct wire_writer writer = begin_about(about, "werkplaats.advice-given",
                                            corrects ? about->advice : 0, room, sizeof(room));
    wire_put_map(&writer, 2);
    wire_pair_text(&writer, "priority", bytes_of("high"));
    pair_filler(&writer, "note", about->is_long ? 60 : 200);
    send_event(&writer);
    about->advice = fill.sent;
}

static void deliver(struct werkplaats *about)
{
    uint8_t room[1024];
    bool corrects = about->result != 0 && about->step / 64 % 8 == 5;
    struct wire_writer writer = begin_about(about, "werkplaats.result-delivered",
                                            corrects ? about->result : 0, room, sizeof(room));
    wire_put_map(&writer, 2);
    pair_filler(&writer, "title", 40);
    pair_filler(&writer, "meaning", about->is_long ? 20 : 160);
    send_event(&writer);
    about->result = fill.sent;
}

static void take_part(struct werkplaats *about, bool ends)
{
    uint8_t room[1024];
    char member[8];
    const char *type = ends ? "participation.ended" : "participation.declared";
    struct wire_writer writer = begin_about(about, type, 0, room, sizeof(room));
    name_member(about, member);
    wire_put_map(&writer, 1);
    wire_pair_text(&writer, "member", bytes_of(member));
    send_event(&writer);
}

static void decide(struct werkplaats *about)
{
    uint8_t room[1024];
    char member[8];
    struct wire_writer writer = begin_about(about, "decision.taken", 0, room, sizeof(room));
    name_member(about, member);
    wire_put_map(&writer, 4);
    wire_pair_text(&writer, "member", bytes_of(member));
    wire_pair_text(&writer, "board", bytes_of("council"));
    wire_pair_text(&writer, "kind", bytes_of("substantive"));
    wire_pair_text(&writer, "outcome", bytes_of("positive"));
    send_event(&writer);
}

static void allocate(struct werkplaats *about)
{
    uint8_t room[1024];
    struct wire_writer writer = begin_about(about, "costs.allocated", 0, room, sizeof(room));
    wire_put_map(&writer, 4);
    wire_pair_text(&writer, "purpose", bytes_of("preparation"));
    wire_pair_uint(&writer, "amount", 10000000 + about->step);
    wire_pair_text(&writer, "key", bytes_of("sleutel"));
    wire_pair_text(&writer, "version", bytes_of("v1"));
    send_event(&writer);
}

// Of 16 events of the long one two are appended to a list, of 64 of another one two.
static void go_on(struct werkplaats *about)
{
    bool appends = about->is_long || about->step % 64 < 16;
    switch (about->step % 16) {
    case 0:
        take_part(about, false);
        break;
    case 4:
        decide(about);
        break;
    case 6:
        allocate(about);
        break;
    case 10:
        take_part(about, about->step / 16 % 4 == 3);
        break;
    case 2:
    case 8:
        if (appends) {
            (about->step % 16 == 2 ? advise : deliver)(about);
            break;
        }
        // fall through
    default:
        update(about);
    }
    about->step++;
}

static void post_all(void)
{
    for (unsigned region = 0; region < options.regions; region++) {
        open_region(region);
    }
    uint64_t ordinary = fill.count;
    struct werkplaats *lang = NULL;
    if (options.long_events > 0) {
        open_werkplaats(0, "lang");
        lang = &fill.werkplaatsen[ordinary];
        lang->is_long = true;
    }
    uint64_t sent_long = 0;
    for (uint64_t i = 0; i < options.events; i++) {
        go_on(&fill.werkplaatsen[i % ordinary]);
        while (sent_long < options.long_events * (i + 1) / options.events) {
            go_on(lang);
            sent_long++;
        }
    }
    while (fill.acknowledged < fill.sent) {
        take_answer();
    }
}

static void read_options(int count, char **arguments)
{
    for (int option; (option = getopt(count, arguments, "d:n:r:l:")) >= 0;) {
        switch (option) {
        case 'd':
            options.dir = optarg;
            break;
        case 'n':
            options.events = (uint64_t)number_of(optarg, 1, 1e8);
            break;
        case 'r':
            options.regions = (uint64_t)number_of(optarg, 1, REGIONS_MAX);
            break;
        case 'l':
            options.long_events = (uint64_t)number_of(optarg, 0, 1e6);
            break;
        default:
            exit(2);
        }
    }
    if (options.dir == NULL) {
        stop_with("fill: -d DIR is missing");
    }
}

int main(int count, char **arguments)
{
    char endpoint[128];
    int wait_ms = 60000;
    read_options(count, arguments);
    fill_text(filler, sizeof(filler));
    fill.socket = socket_make(zmq_ctx_new(), ZMQ_DEALER, 0);
    stop_if(zmq_setsockopt(fill.socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) != 0, "a wait");
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/command",
                   options.dir); // cut: no answer
    socket_connect(fill.socket, endpoint);
    uint64_t start = now_ns();
    post_all();
    result("events", (double)fill.sent);
    result("rate", (double)fill.sent / seconds_since(start));
    _Exit(0);
}
