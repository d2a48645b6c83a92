/*
 * limits - what the disk, LMDB and libzmq can do here by themselves.
 *
 *     limits append DIR SECONDS              4 KiB appended and fdatasync, in a loop
 *     limits put DIR SECONDS PUTS            that many rows of 400 bytes to a commit
 *     limits scan DIR ROWS BYTES             reads every byte of rows that were made first
 *     limits stream ipc|tcp DIR SECONDS BYTES   messages one way between two processes
 *     limits trip ipc|tcp DIR SECONDS        400 bytes to a ROUTER and back, one at a time
 */
#include "tests/bench/common.h"

#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#define VALUE_MAX 65536
#define SILENCE_MS 10000 // of the other process, which must have failed then

static char value[VALUE_MAX];

// Disk ------------------------------------------------------------------------------------------

static void measure_append(const char *dir, double seconds)
{
    char path[512];
    uint64_t done = 0;
    (void)snprintf(path, sizeof(path), "%.480s/append", dir); // a longer one cannot be opened
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    stop_if(file < 0, path);
    uint64_t start = now_ns();
    while (seconds_since(start) < seconds) {
        stop_if(write(file, value, 4096) != 4096 || fdatasync(file) != 0, path);
        done++;
    }
    result("rate", (double)done / seconds_since(start));
    (void)close(file); // all of it is on disk
}

// LMDB ------------------------------------------------------------------------------------------

static MDB_env *env;
static MDB_dbi table;

static MDB_txn *begin(unsigned flags)
{
    MDB_txn *txn;
    stop_if_lmdb(mdb_txn_begin(env, NULL, flags, &txn), "a transaction");
    return txn;
}

static void commit(MDB_txn *txn)
{
    stop_if_lmdb(mdb_txn_commit(txn), "a commit");
}

static void open_env(const char *dir, unsigned flags)
{
    stop_if_lmdb(mdb_env_create(&env), "an environment");
    stop_if_lmdb(mdb_env_set_mapsize(env, (size_t)16 << 30), "the map's size");
    stop_if_lmdb(mdb_env_open(env, dir, flags, 0600), dir);
    MDB_txn *txn = begin(0);
    stop_if_lmdb(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &table), "the table");
    commit(txn);
}

static void put_rows(MDB_txn *txn, uint64_t *last, uint64_t count, size_t size)
{
    for (uint64_t i = 0; i < count; i++) {
        ++*last;
        MDB_val key = {sizeof(*last), last}, row = {size, value};
        stop_if_lmdb(mdb_put(txn, table, &key, &row, MDB_APPEND), "a row");
    }
}

static void measure_put(const char *dir, double seconds, uint64_t puts)
{
    uint64_t last = 0;
    open_env(dir, 0);
    uint64_t start = now_ns();
    while (seconds_since(start) < seconds) {
        MDB_txn *txn = begin(0);
        put_rows(txn, &last, puts, RECORD_BYTES);
        commit(txn);
    }
    result("rate", (double)last / seconds_since(start));
    mdb_env_close(env);
}

static uint64_t scan(MDB_txn *txn, uint64_t *ret_sum)
{
    MDB_cursor *cursor;
    MDB_val key, row;
    uint64_t rows = 0, sum = 0;
    stop_if_lmdb(mdb_cursor_open(txn, table, &cursor), "a cursor");
    while (mdb_cursor_get(cursor, &key, &row, MDB_NEXT) == 0) {
        memcpy(value, row.mv_data, row.mv_size);
        sum += (unsigned char)value[rows % row.mv_size];
        rows++;
    }
    mdb_cursor_close(cursor);
    *ret_sum = sum;
    return rows;
}

static void measure_scan(const char *dir, uint64_t rows, size_t size)
{
    uint64_t last = 0, sum;
    open_env(dir, MDB_NOSYNC);
    while (last < rows) {
        MDB_txn *txn = begin(0);
        put_rows(txn, &last, rows - last < 10000 ? rows - last : 10000, size);
        commit(txn);
    }
    stop_if_lmdb(mdb_env_sync(env, 1), "a sync");
    MDB_txn *txn = begin(MDB_RDONLY);
    uint64_t start = now_ns();
    uint64_t seen = scan(txn, &sum);
    result("rate", (double)seen / seconds_since(start));
    mdb_txn_abort(txn);
    stop_if(seen != rows || sum == 0, "rows that are missing");
}

// libzmq ----------------------------------------------------------------------------------------

static char endpoint[128];

static void send_stream(size_t size)
{
    void *socket = socket_make(zmq_ctx_new(), ZMQ_PUSH, 1000);
    socket_bind(socket, endpoint);
    for (;;) {
        stop_if(zmq_send(socket, value, size, 0) < 0, "a message");
    }
}

static void send_back(void)
{
    char from[64], body[RECORD_BYTES];
    void *socket = socket_make(zmq_ctx_new(), ZMQ_ROUTER, 1000);
    socket_bind(socket, endpoint);
    for (;;) {
        int from_size = zmq_recv(socket, from, sizeof(from), 0);
        int size = zmq_recv(socket, body, sizeof(body), 0);
        stop_if(from_size < 0 || size < 0, "a message");
        (void)zmq_send(socket, from, (size_t)from_size, ZMQ_SNDMORE); // gone: not our business
        (void)zmq_send(socket, body, (size_t)size, 0);
    }
}

// Another process, which ends when this one does.
static void fork_peer(bool is_stream, size_t size)
{
    pid_t parent = getpid(), pid = fork();
    stop_if(pid < 0, "a process");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // a known signal
        if (getppid() != parent) {
            _Exit(0);
        }
        if (is_stream) {
            send_stream(size);
        } else {
            send_back();
        }
    }
}

static void receive_all(void *socket, uint64_t *count)
{
    for (;;) {
        if (zmq_recv(socket, value, sizeof(value), ZMQ_DONTWAIT) < 0) {
            zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
            (void)zmq_poll(&item, 1, 10); // the caller looks at the clock
            return;
        }
        if (++*count % 256 == 0) {
            return;
        }
    }
}

static void measure_stream(double seconds)
{
    void *socket = socket_make(zmq_ctx_new(), ZMQ_PULL, 1000);
    uint64_t count = 0, start = now_ns();
    socket_connect(socket, endpoint);
    while (seconds_since(start) < seconds / 10 || count == 0) { // not counted
        receive_all(socket, &count);
        if (seconds_since(start) > SILENCE_MS / 1000.0) {
            stop_with("nothing comes from the other process");
        }
    }
    count = 0;
    start = now_ns();
    while (seconds_since(start) < seconds * 9 / 10) {
        receive_all(socket, &count);
    }
    result("rate", (double)count / seconds_since(start));
}

static void measure_trip(double seconds)
{
    struct latencies trips = {0};
    int wait_ms = SILENCE_MS;
    void *socket = socket_make(zmq_ctx_new(), ZMQ_DEALER, 1000);
    stop_if(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) != 0, "a wait");
    uint64_t done = 0, start = now_ns();
    socket_connect(socket, endpoint);
    while (seconds_since(start) < seconds) {
        uint64_t sent = now_ns();
        stop_if(zmq_send(socket, value, RECORD_BYTES, 0) < 0, "a message");
        stop_if(zmq_recv(socket, value, RECORD_BYTES, 0) < 0, "a message");
        latency_add(&trips, now_ns() - sent);
        done++;
    }
    result("rate", (double)done / seconds_since(start));
    latency_results(&trips, "trip");
}

static void measure_sockets(bool is_stream, int count, char **arguments)
{
    const char *transport = arguments[2], *dir = arguments[3];
    double seconds = number_of(arguments[4], 0.1, 60);
    if (strcmp(transport, "ipc") == 0) {
        (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.80s/limits", dir); // bind would fail
    } else {
        (void)snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%d", 20000 + getpid() % 10000);
    }
    fork_peer(is_stream, count > 5 ? (size_t)number_of(arguments[5], 1, VALUE_MAX) : RECORD_BYTES);
    if (is_stream) {
        measure_stream(seconds);
    } else {
        measure_trip(seconds);
    }
    _Exit(0);
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";
    fill_text(value, sizeof(value));
    if (count == 4 && strcmp(what, "append") == 0) {
        measure_append(arguments[2], number_of(arguments[3], 0.1, 60));
    } else if (count == 5 && strcmp(what, "put") == 0) {
        measure_put(arguments[2], number_of(arguments[3], 0.1, 60),
                    (uint64_t)number_of(arguments[4], 1, 1e6));
    } else if (count == 5 && strcmp(what, "scan") == 0) {
        measure_scan(arguments[2], (uint64_t)number_of(arguments[3], 1, 1e8),
                     (size_t)number_of(arguments[4], 1, VALUE_MAX));
    } else if (count >= 5 && (strcmp(what, "stream") == 0 || strcmp(what, "trip") == 0)) {
        measure_sockets(strcmp(what, "stream") == 0, count, arguments);
    } else {
        stop_with("limits: see the beginning of limits.c");
    }
    return 0;
}
