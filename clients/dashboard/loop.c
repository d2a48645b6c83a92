#include "clients/dashboard/loop.h"

#include <czmq.h>

#define CALLS_MAX 8

struct loop {
    zloop_t *inside;
    struct call {
        loop_call *call;
        void *context;
    } calls[CALLS_MAX];
    unsigned count;
};

static struct call *keep(struct loop *loop, loop_call *call, void *context)
{
    assert(loop->count < CALLS_MAX);
    loop->calls[loop->count] = (struct call){call, context};
    return &loop->calls[loop->count++];
}

static int do_call(void *kept)
{
    const struct call *call = kept;
    return call->call(call->context) ? 0 : -1;
}

static int on_fd(zloop_t *loop, zmq_pollitem_t *item, void *kept)
{
    (void)loop;
    (void)item; // who is called knows its descriptor
    return do_call(kept);
}

static int on_socket(zloop_t *loop, zsock_t *reader, void *kept)
{
    (void)loop;
    (void)reader; // the same
    return do_call(kept);
}

static int on_timer(zloop_t *loop, int timer, void *kept)
{
    (void)loop;
    (void)timer; // the same
    return do_call(kept);
}

struct loop *loop_open(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop != NULL) {
        loop->inside = zloop_new();
    }
    return loop;
}

void loop_close(struct loop **loop)
{
    if (*loop != NULL) {
        zloop_destroy(&(*loop)->inside);
    }
    free(*loop);
    *loop = NULL;
}

bool loop_watch_fd(struct loop *loop, int fd, loop_call *call, void *context)
{
    zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};
    bool watched = zloop_poller(loop->inside, &item, on_fd, keep(loop, call, context)) == 0;
    zloop_poller_set_tolerant(loop->inside, &item);
    return watched;
}

bool loop_watch_socket(struct loop *loop, void *zsock, loop_call *call, void *context)
{
    bool watched = zloop_reader(loop->inside, zsock, on_socket, keep(loop, call, context)) == 0;
    zloop_reader_set_tolerant(loop->inside, zsock);
    return watched;
}

bool loop_every(struct loop *loop, unsigned ms, loop_call *call, void *context)
{
    return zloop_timer(loop->inside, ms, 0, on_timer, keep(loop, call, context)) >= 0;
}

void loop_run(struct loop *loop)
{
    (void)zloop_start(loop->inside); // however it ended, it has
}

int64_t loop_now_ms(void)
{
    return zclock_mono();
}
