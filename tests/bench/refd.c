/*
 * refd - the smallest daemon of waternetd's shape, to compare with: it takes the same requests over
 * the same sockets, writes down whatever is there, answers and publishes. It checks nothing, knows
 * no ids, hashes or entities, and answers no questions.
 *
 *     refd -d DIR [-l lmdb|file|none]
 *
 * lmdb: one appended row an event and one commit a batch; file: one append and one fdatasync a
 * batch. DIR holds the data and the sockets command and feed.
 */
#include "tests/bench/common.h"

#include "proto/limits.h"
#include "proto/wire.h"

#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zmq.h>

#define FEED_HIGH_WATER 100000
#define BATCH_MAX TURN_REQUESTS_MAX

struct request {
    zmq_msg_t from, body;
    uint64_t number;
    struct bytes event; // all of the post, one behind the other; mostly there is one
};

static struct {
    int file; // -1: not there
    MDB_env *env;
    MDB_dbi table;
    uint64_t last;
    void *command, *feed;
    struct request batch[BATCH_MAX];
} refd;

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
    (void)number; // both mean the same
    stopping = 1;
}

// Storing ---------------------------------------------------------------------------------------

static void open_lmdb(const char *dir)
{
    MDB_txn *txn;
    stop_if_lmdb(mdb_env_create(&refd.env), "an environment");
    stop_if_lmdb(mdb_env_set_mapsize(refd.env, (size_t)16 << 30), "the map's size");
    stop_if_lmdb(mdb_env_open(refd.env, dir, 0, 0600), dir);
    stop_if_lmdb(mdb_txn_begin(refd.env, NULL, 0, &txn), "a transaction");
    stop_if_lmdb(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &refd.table), "the table");
    stop_if_lmdb(mdb_txn_commit(txn), "a commit");
}

static void open_store(const char *kind, const char *dir)
{
    char path[512];
    refd.file = -1;
    if (strcmp(kind, "lmdb") == 0) {
        open_lmdb(dir);
    } else if (strcmp(kind, "file") == 0) {
        (void)snprintf(path, sizeof(path), "%.480s/log", dir); // a longer one cannot be opened
        refd.file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        stop_if(refd.file < 0, path);
    } else if (strcmp(kind, "none") != 0) {
        stop_with("-l %s: not lmdb, file or none", kind);
    }
}

static void write_file(size_t count)
{
    static struct iovec parts[BATCH_MAX];
    ssize_t size = 0;
    for (size_t i = 0; i < count; i++) {
        struct bytes event = refd.batch[i].event;
        parts[i] = (struct iovec){(void *)(uintptr_t)event.data, event.size}; // only read
        size += (ssize_t)event.size;
    }
    stop_if(writev(refd.file, parts, (int)count) != size || fdatasync(refd.file) != 0, "the log");
}

static void write_lmdb(size_t count)
{
    MDB_txn *txn;
    stop_if_lmdb(mdb_txn_begin(refd.env, NULL, 0, &txn), "a transaction");
    for (size_t i = 0; i < count; i++) {
        struct bytes event = refd.batch[i].event;
        refd.last++;
        MDB_val key = {sizeof(refd.last), &refd.last};
        MDB_val value = {event.size, (void *)(uintptr_t)event.data}; // only read
        stop_if_lmdb(mdb_put(txn, refd.table, &key, &value, MDB_APPEND), "a row");
    }
    stop_if_lmdb(mdb_txn_commit(txn), "a commit");
}

// Serving ---------------------------------------------------------------------------------------

static void read_request(struct request *request)
{
    struct bytes body = {zmq_msg_data(&request->body), zmq_msg_size(&request->body)};
    struct wire_value events, list;
    struct wire_reader reader;
    request->number = wire_find_number(body, "number");
    request->event = body;
    if (wire_find(body, "events", &events)) {
        reader = wire_read(events.raw);
        (void)wire_next(&reader, &list); // the list's header; a bad one is stored as it is
        request->event = (struct bytes){reader.at, (size_t)(reader.end - reader.at)};
    }
}

static size_t accept_batch(void)
{
    size_t count = 0;
    while (count < BATCH_MAX) {
        struct request *request = &refd.batch[count];
        (void)zmq_msg_init(&request->from); // never fails
        if (zmq_msg_recv(&request->from, refd.command, ZMQ_DONTWAIT) < 0) {
            break;
        }
        (void)zmq_msg_init(&request->body); // never fails
        stop_if(zmq_msg_recv(&request->body, refd.command, 0) < 0, "a request");
        read_request(request);
        count++;
    }
    return count;
}

static void answer(struct request *request)
{
    uint8_t room[64];
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, 2);
    wire_pair_uint(&writer, "number", request->number);
    wire_pair_text(&writer, "status", bytes_of("ok"));
    // A client that is gone hears nothing, which is its business.
    (void)zmq_msg_send(&request->from, refd.command, ZMQ_SNDMORE);
    (void)zmq_send(refd.command, room, writer.size, 0);
    (void)zmq_send(refd.feed, request->event.data, request->event.size, 0);
    (void)zmq_msg_close(&request->from); // fails only for what is no message
    (void)zmq_msg_close(&request->body); // as above
}

static void serve_batch(void)
{
    size_t count = accept_batch();
    if (count == 0) {
        return;
    }
    if (refd.file >= 0) {
        write_file(count);
    } else if (refd.env != NULL) {
        write_lmdb(count);
    }
    for (size_t i = 0; i < count; i++) {
        answer(&refd.batch[i]);
    }
}

static void open_sockets(const char *dir)
{
    char endpoint[128];
    int on = 1;
    void *context = zmq_ctx_new();
    refd.command = socket_make(context, ZMQ_ROUTER, IN_FLIGHT_MAX);
    refd.feed = socket_make(context, ZMQ_XPUB, FEED_HIGH_WATER);
    stop_if(zmq_setsockopt(refd.feed, ZMQ_XPUB_NODROP, &on, sizeof(on)) != 0, "the feed");
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/command", dir); // bind would fail
    socket_bind(refd.command, endpoint);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/feed", dir); // as above
    socket_bind(refd.feed, endpoint);
}

int main(int count, char **arguments)
{
    const char *kind = "lmdb", *dir = NULL;
    char subscription[256];
    for (int option; (option = getopt(count, arguments, "d:l:")) >= 0;) {
        if (option == 'd') {
            dir = optarg;
        } else if (option == 'l') {
            kind = optarg;
        } else {
            return 2;
        }
    }
    if (dir == NULL) {
        stop_with("refd: -d DIR is missing");
    }
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGTERM, &action, NULL); // a known signal
    (void)sigaction(SIGINT, &action, NULL);  // as above
    open_store(kind, dir);
    open_sockets(dir);
    while (!stopping) {
        zmq_pollitem_t items[] = {{refd.command, 0, ZMQ_POLLIN, 0}, {refd.feed, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, 1000) < 0) {
            continue; // a signal
        }
        while (zmq_recv(refd.feed, subscription, sizeof(subscription), ZMQ_DONTWAIT) >= 0) {
        }
        serve_batch();
    }
    _Exit(0);
}
