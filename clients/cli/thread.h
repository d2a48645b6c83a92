/*
 * thread - the events of one entity, from the newest on, as far as they were asked for.
 */
#ifndef CLI_THREAD_H
#define CLI_THREAD_H

#include "clients/cli/cli.h"

struct thread {
    struct cli *cli;
    const char *path; // lent
    struct number at; // of what was recorded by then
    const char *on;   // of what had happened by then; NULL: whatever
    json_t *events;   // CloudEvents, the newest first
    json_int_t until; // where the next answer goes on
    bool done;        // nothing is older
};

// Asks for nothing yet. Afterwards thread_finish().
void thread_begin(struct thread *thread, struct cli *cli, const char *path, struct number at,
                  const char *on);
// Reads on until there are `count` events, or no more. Returns 0, or the exit code after having
// said what is wrong.
int thread_read(struct thread *thread, size_t count);
void thread_finish(struct thread *thread);

#endif
