#include "clients/lib/link.h"

#include "proto/limits.h"

#include <czmq.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// No answer is larger: one entity, or the canonical events of a dry run.
#define FRAME_BYTES_MAX (8 * ANSWER_BYTES_MAX)

// What a first socket, with the threads behind it, takes; a later one takes one.
#define DESCRIPTORS_NEEDED 16

// Of czmq's limit of sockets in one process, kept free for the caller's own.
#define SOCKETS_LEFT 64

static atomic_int links_open;

static void before_czmq_ends(void)
{
    if (atomic_load(&links_open) > 0) {
        // Somebody left a connection open. czmq then does not end its context, which is right (it
        // would wait for ever), but it says so on standard output.
        zsys_set_logstream(NULL);
    }
}

static void start_czmq(void)
{
    zsys_handler_set(NULL); // signals are the program's own business
    if (zsys_init() != NULL) {
        (void)atexit(
            before_czmq_ends); // runs before czmq's; without it there is only a line too many
    }
}

// czmq aborts the process where a socket cannot be made, so look before.
static bool has_room_for_a_socket(void)
{
    int fds[DESCRIPTORS_NEEDED];
    size_t count = 0;
    while (count < DESCRIPTORS_NEEDED && (fds[count] = eventfd(0, EFD_CLOEXEC)) >= 0) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
    return count == DESCRIPTORS_NEEDED;
}

static bool has_room_in_context(void)
{
    int max = zmq_ctx_get(zsys_init(), ZMQ_MAX_SOCKETS);
    return atomic_load(&links_open) < max - SOCKETS_LEFT;
}

enum status link_open(struct link *link, int type, const char *dir, const char *name,
                      enum link_life life)
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;
    char address[sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof("ipc://")];

    *link = (struct link){0};
    int size = snprintf(address, sizeof(address), "ipc://%s/%s", dir, name);
    if (size < 0 || (size_t)size >= sizeof(address)) {
        return STATUS_MALFORMED;
    }
    if (!has_room_for_a_socket()) {
        return STATUS_FAILED;
    }
    (void)pthread_once(&started, start_czmq); // fails only for a bad argument
    if (!has_room_in_context()) {
        return STATUS_FAILED;
    }
    // In brackets: the macro of that name would have czmq list the socket, and close it at exit
    // under the feet of a thread that still uses it.
    zsock_t *sock = (zsock_new)(type);
    atomic_fetch_add(&links_open, 1);
    zsock_set_linger(sock, 0);
    zsock_set_maxmsgsize(sock, FRAME_BYTES_MAX);
    if (type == ZMQ_DEALER) {
        // The requests in flight are counted above; a second limit would only drop some silently.
        zsock_set_sndhwm(sock, 0);
        zsock_set_rcvhwm(sock, 0);
    }
    if (life == LINK_ONE_CONNECTION) {
        zsock_set_reconnect_ivl(sock, -1);
    }
    *link = (struct link){.sock = sock, .handle = zsock_resolve(sock), .fd = zsock_fd(sock)};
    if (zmq_connect(link->handle, address) != 0) {
        enum status status = errno == ENAMETOOLONG ? STATUS_MALFORMED : STATUS_FAILED;
        link_close(link);
        return status;
    }
    return STATUS_OK;
}

void link_close(struct link *link)
{
    if (link->sock != NULL) {
        zsock_destroy(&link->sock);
        atomic_fetch_sub(&links_open, 1);
    }
    *link = (struct link){0};
}

bool link_subscribe(struct link *link, struct bytes prefix)
{
    return link->sock != NULL &&
           zmq_setsockopt(link->handle, ZMQ_SUBSCRIBE, prefix.data, prefix.size) == 0;
}

bool link_send(struct link *link, struct bytes frame)
{
    int sent = -1;
    while (link->sock != NULL && sent < 0) {
        sent = zmq_send(link->handle, frame.data, frame.size, ZMQ_DONTWAIT);
        if (sent < 0 && errno != EINTR) {
            break;
        }
    }
    return sent >= 0;
}

bool link_receive(struct link *link, zmq_msg_t *message)
{
    bool more_before = false;
    while (link->sock != NULL) {
        if (zmq_msg_recv(message, link->handle, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        bool more = zmq_msg_more(message) != 0;
        if (!more && !more_before) {
            return true;
        }
        more_before = more;
    }
    return false;
}

void link_settle(struct link *link)
{
    int events;
    size_t size = sizeof(events);
    if (link->sock != NULL) {
        // Asking is what empties the descriptor; the answer is of no use here.
        (void)zmq_getsockopt(link->handle, ZMQ_EVENTS, &events, &size);
    }
}

void link_wait(struct link *link, int64_t until_ms)
{
    int64_t left_ms = until_ms - clock_ms();
    if (link->sock == NULL || left_ms <= 0) {
        return;
    }
    zmq_pollitem_t item = {.socket = link->handle, .events = ZMQ_POLLIN};
    (void)zmq_poll(&item, 1,
                   (long)left_ms); // woken early by a signal: the caller looks and returns
}

struct bytes message_bytes(zmq_msg_t *message)
{
    return (struct bytes){zmq_msg_data(message), zmq_msg_size(message)};
}

void message_clear(zmq_msg_t *message)
{
    (void)zmq_msg_close(message); // fails only where it is no message
    (void)zmq_msg_init(message);  // never fails
}

int64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // fails only for a clock that is not there
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
