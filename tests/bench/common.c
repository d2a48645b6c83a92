#include "tests/bench/common.h"

#include <errno.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // a clock that is always there
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

double seconds_since(uint64_t start_ns)
{
    return (double)(now_ns() - start_ns) / 1e9;
}

void stop_with(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments); // nobody left to tell
    va_end(arguments);
    (void)fputc('\n', stderr);
    _Exit(1); // without the ends of libzmq, which may wait
}

void stop_if(bool failed, const char *what)
{
    if (failed) {
        stop_with("%s: %s", what, zmq_strerror(errno));
    }
}

void stop_if_lmdb(int code, const char *what)
{
    if (code != 0) {
        stop_with("%s: %s", what, mdb_strerror(code));
    }
}

void result(const char *name, double value)
{
    stop_if(printf("%s %.9g\n", name, value) < 0 || fflush(stdout) != 0, "writing a result");
}

void fill_text(char *room, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";
    uint64_t state = 88172645463325252; // xorshift
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        room[i] = letters[state % (sizeof(letters) - 1)];
    }
}

double number_of(const char *text, double least, double most)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= least && number <= most)) {
        stop_with("%s: not a number from %g to %g", text, least, most);
    }
    return number;
}

// Latencies -------------------------------------------------------------------------------------

void latency_add(struct latencies *latencies, uint64_t ns)
{
    if (latencies->us == NULL) {
        latencies->us = malloc(LATENCIES_MAX * sizeof(*latencies->us));
        stop_if(latencies->us == NULL, "memory");
    }
    if (latencies->count < LATENCIES_MAX) {
        latencies->us[latencies->count++] = (float)ns / 1000;
    }
}

static int compare(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void latency_results(struct latencies *latencies, const char *name)
{
    char text[64];
    if (latencies->count > 0) {
        qsort(latencies->us, latencies->count, sizeof(*latencies->us), compare);
        (void)snprintf(text, sizeof(text), "%.48s_p50", name); // cut at worst
        result(text, (double)latencies->us[latencies->count / 2] / 1000);
        (void)snprintf(text, sizeof(text), "%.48s_p99", name);
        result(text, (double)latencies->us[latencies->count * 99 / 100] / 1000);
        (void)snprintf(text, sizeof(text), "%.48s_max", name);
        result(text, (double)latencies->us[latencies->count - 1] / 1000);
    }
    free(latencies->us);
    *latencies = (struct latencies){0};
}

// Sockets ---------------------------------------------------------------------------------------

void *socket_make(void *context, int type, int high_water)
{
    int linger = 0;
    void *socket = zmq_socket(context, type);
    stop_if(socket == NULL, "a socket");
    stop_if(zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof(linger)) != 0 ||
                zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof(high_water)) != 0 ||
                zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water, sizeof(high_water)) != 0,
            "a socket's options");
    return socket;
}

void socket_bind(void *socket, const char *endpoint)
{
    stop_if(zmq_bind(socket, endpoint) != 0, endpoint);
}

void socket_connect(void *socket, const char *endpoint)
{
    stop_if(zmq_connect(socket, endpoint) != 0, endpoint);
}
