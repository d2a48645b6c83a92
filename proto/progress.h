/*
 * progress - how far long work has come: one line on stderr, which is written over and goes away at
 * the end. Only where stderr is a terminal, and at most five times a second.
 */
#ifndef PROTO_PROGRESS_H
#define PROTO_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; // "restore"; lent
    uint64_t total;   // events; 0: not known
    uint64_t next_ms; // not before this moment
    bool terminal, shown;
};

struct progress progress_begin(const char *what, uint64_t total);
// Called for every event.
void progress_at(struct progress *progress, uint64_t done);
// Before anything else is printed. May be called twice.
void progress_end(struct progress *progress);

#endif
