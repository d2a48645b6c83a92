/*
 * loop - the one loop of the program: descriptors, the feed, a timer. It owns CZMQ's zloop, whose
 * header cannot stand beside proto/tables.h (both name a `group`).
 */
#ifndef DASHBOARD_LOOP_H
#define DASHBOARD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef bool loop_call(void *context); // false ends the loop

// NULL without memory.
struct loop *loop_open(void);
void loop_close(struct loop **loop);

// Each false without memory. A call that is given a socket is called when there is something to
// receive on it.
bool loop_watch_fd(struct loop *loop, int fd, loop_call *call, void *context);
bool loop_watch_socket(struct loop *loop, void *zsock, loop_call *call, void *context);
bool loop_every(struct loop *loop, unsigned ms, loop_call *call, void *context);

// Until a call ends it.
void loop_run(struct loop *loop);

// Monotonic, in milliseconds.
int64_t loop_now_ms(void);

#endif
