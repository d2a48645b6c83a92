/*
 * query - questions, on a thread and a socket of their own.
 *
 * Each answer is read in one LMDB transaction, stays within ANSWER_BYTES_MAX and ANSWER_MS_MAX, and
 * says the sequence number it was read at; what does not fit is continued by the client. Readers
 * never wait for the disk's sync and never block the writer.
 */
#ifndef DAEMON_QUERY_H
#define DAEMON_QUERY_H

#include "daemon/turn.h"

#include <pthread.h>

struct query {
    void *socket;
    void *zap; // answered by the same thread: who may connect
    const struct local_roles *local;
    struct store *store;
    struct counters *counters;
    const char *type_prefix;
    const char *listen;              // as configured; "" if it does not listen
    char server_key[CURVE_TEXT + 1]; // its public key then
    uint64_t started_ms;             // monotonic
    pthread_t thread;
    bool running;
    struct identity identity; // of who asks
    struct faults faults, trial;
    uint8_t answer_room[2 * ANSWER_BYTES_MAX];
};

// Starts the thread, which owns the socket from now on and ends when the context is interrupted.
enum status query_start(struct query *query) MUST_CHECK;
// Waits for its end.
void query_join(struct query *query);

#endif
