/*
 * common - what the programs of the benchmark share: clock, latencies, filler, lines of results.
 *
 * A result is a line "name value" on the standard output, which the runner reads. Whatever goes
 * wrong ends the program at once with a sentence: a benchmark has nobody to give a status to.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include "proto/bytes.h"

#include <stdint.h>

#define RECORD_BYTES 400 // of a stored value or a message, where no event is meant

uint64_t now_ns(void);
double seconds_since(uint64_t start_ns);

_Noreturn void stop_with(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Stops with what libzmq or errno says of `what` if failed.
void stop_if(bool failed, const char *what);
// The same for a code of LMDB.
void stop_if_lmdb(int code, const char *what);

void result(const char *name, double value);

// Text that does not compress, the same every time.
void fill_text(char *room, size_t size);

// An option's number, which must be in range.
double number_of(const char *text, double least, double most);

// Latencies; what is over their room is not kept.
#define LATENCIES_MAX 4000000
struct latencies {
    float *us;
    size_t count;
};
void latency_add(struct latencies *latencies, uint64_t ns);
// Prints <name>_p50, <name>_p99 and <name>_max in milliseconds, nothing if there are none, and
// frees them.
void latency_results(struct latencies *latencies, const char *name);

// A connected or bound socket of libzmq without linger, with a high water mark (0: none) both ways.
void *socket_make(void *context, int type, int high_water);
void socket_bind(void *socket, const char *endpoint);
void socket_connect(void *socket, const char *endpoint);

#endif
