/*
 * thread - the events of one entity, from the newest on, as far as they were asked for.
 */
#ifndef PAST_THREAD_H
#define PAST_THREAD_H

#include "clients/past/past.h"

struct thread {
    const struct past *past;
    const char *path; // lent
    struct moment moment;
    json_t *events;   // CloudEvents, the newest first
    json_int_t until; // where the next answer goes on
    bool done;        // nothing is older
};

// Asks for nothing yet. Afterwards thread_finish().
void thread_begin(struct thread *thread, const struct past *past, const char *path,
                  struct moment moment);
// Reads on until there are `count` events, or no more. Returns 0, or the code of a
// question that failed.
int thread_read(struct thread *thread, size_t count);
void thread_finish(struct thread *thread);

#endif
