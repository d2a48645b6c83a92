/*
 * strand - the events of one entity, from the newest on, as far as they were asked for.
 */
#ifndef PAST_STRAND_H
#define PAST_STRAND_H

#include "clients/past/past.h"

struct strand {
    const struct past *past;
    const char *path; // lent
    struct moment moment;
    json_t *events;   // CloudEvents, the newest first
    json_int_t until; // where the next answer goes on
    bool done;        // nothing is older
};

// Asks for nothing yet. Afterwards strand_finish().
void strand_begin(struct strand *thread, const struct past *past, const char *path,
                  struct moment moment);
// Reads on until there are `count` events, or no more. Returns 0, or the code of a
// question that failed.
int strand_read(struct strand *thread, size_t count);
void strand_finish(struct strand *thread);

#endif
