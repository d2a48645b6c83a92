#include "daemon/support/sockets.h"

#include "proto/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

static_assert(sizeof(zmq_msg_t) <= sizeof(((struct frame *)0)->opaque), "room for a message");

// Frames ----------------------------------------------------------------------------------------

static zmq_msg_t *message_of(struct frame *frame)
{
    return (zmq_msg_t *)(void *)frame->opaque;
}

void *frame_create(struct frame *ret_frame, size_t size)
{
    int failed = zmq_msg_init_size(message_of(ret_frame), size);
    assert(failed == 0); // without memory nothing can be answered: start afresh
    ret_frame->open = true;
    return zmq_msg_data(message_of(ret_frame));
}

struct bytes frame_bytes(const struct frame *frame)
{
    if (!frame->open) {
        return (struct bytes){0};
    }
    // libzmq asks for a message that is not const, and changes nothing.
    zmq_msg_t *message = (zmq_msg_t *)(uintptr_t)frame->opaque;
    return (struct bytes){zmq_msg_data(message), zmq_msg_size(message)};
}

void frame_close(struct frame *frame)
{
    if (frame->open) {
        (void)zmq_msg_close(message_of(frame)); // fails only for what is no message
        frame->open = false;
    }
}

// Opening ---------------------------------------------------------------------------------------

struct socket_option {
    int option;
    int value;
};

// For every socket. libzmq counts a message's overhead too, hence the 256.
static const struct socket_option common_options[] = {
    {ZMQ_LINGER, 1000},                            // the default waits for ever at the end
    {ZMQ_MAXMSGSIZE, 2 * REQUEST_BYTES_MAX + 256}, // larger: the connection closes
    {ZMQ_HEARTBEAT_IVL, 5000},                     // half-open peers are found and dropped
    {ZMQ_HEARTBEAT_TIMEOUT, 15000},
    {ZMQ_HEARTBEAT_TTL, 30000},
    {ZMQ_HANDSHAKE_IVL, 5000}, // a peer that says nothing goes away
};

static const struct socket_option router_options[] = {
    {ZMQ_ROUTER_MANDATORY, 1}, // a client that is gone is counted, not passed over in silence
    {ZMQ_RCVHWM, IN_FLIGHT_MAX},
    {ZMQ_SNDHWM, IN_FLIGHT_MAX},
};

// Its answers are large: what one client leaves unread stays within 16 MiB.
static const struct socket_option query_options[] = {
    {ZMQ_ROUTER_MANDATORY, 1},
    {ZMQ_RCVHWM, IN_FLIGHT_MAX},
    {ZMQ_SNDHWM, 64},
};

static const struct socket_option feed_options[] = {
    {ZMQ_XPUB_VERBOSE, 1}, // every subscription, and the end of the last one of a topic
    {ZMQ_RCVHWM, 1000},    // a flood of subscriptions waits at its sender; none is lost by that
};

static bool set_options(void *socket, const struct socket_option *options, size_t count)
{
    bool all = true;
    for (size_t i = 0; all && i < count; i++) {
        const void *value = &options[i].value;
        int64_t wide = options[i].value;
        bool is_wide = options[i].option == ZMQ_MAXMSGSIZE;
        all = zmq_setsockopt(socket, options[i].option, is_wide ? &wide : value,
                             is_wide ? sizeof(wide) : sizeof(int)) == 0;
    }
    return all;
}

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

// True if somebody answers at a socket file. libzmq takes over the file of a living daemon without
// a word, and that daemon would then serve nobody. Asked past libzmq: a monitor of a socket that is
// closed can keep the I/O thread for ever.
static bool is_served(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return false; // then it cannot be bound either
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    // EAGAIN: somebody is there, with more connections waiting than it takes at once.
    bool served =
        fd >= 0 &&
        (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN);
    if (fd >= 0) {
        (void)close(fd); // nothing was said
    }
    return served;
}

static bool fail(struct sockets *sockets, const char *what, const char *where)
{
    (void)snprintf(sockets->problem, sizeof(sockets->problem), "%s %.120s: %s", what, where,
                   zmq_strerror(errno)); // a longer path is cut
    return false;
}

static bool bind_socket(struct sockets *sockets, void *socket, const char *dir, const char *name)
{
    char endpoint[512];
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.400s/%s", dir, name); // checked by config
    const char *path = endpoint + strlen("ipc://");
    struct stat found;
    if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode)) {
        errno = EEXIST;
        sockets->served = true;
        return fail(sockets, "something that is no socket stands at", path);
    }
    if (access(path, F_OK) == 0 && is_served(path)) {
        errno = EADDRINUSE;
        sockets->served = true;
        return fail(sockets, "another daemon serves", path);
    }
    if (zmq_bind(socket, endpoint) != 0) {
        return fail(sockets, "cannot bind", path);
    }
    // Who may reach the directory may connect: its mode decides, whatever the umask is.
    return chmod(path, 0666) == 0 || fail(sockets, "cannot open to clients", path);
}

static bool open_socket(struct sockets *sockets, int type, const struct socket_option *options,
                        size_t count, void **ret_socket)
{
    *ret_socket = zmq_socket(sockets->context, type);
    return *ret_socket != NULL &&
           set_options(*ret_socket, common_options, COUNT_OF(common_options)) &&
           set_options(*ret_socket, options, count);
}

enum status sockets_open(struct sockets *sockets, const char *runtime_dir, int feed_high_water)
{
    *sockets = (struct sockets){.context = zmq_ctx_new()};
    const struct socket_option high_water[] = {{ZMQ_SNDHWM, feed_high_water}};
    bool made = (mkdir(runtime_dir, 0750) == 0 || errno == EEXIST) ||
                fail(sockets, "cannot make", runtime_dir);
    bool open =
        made && sockets->context != NULL &&
        open_socket(sockets, ZMQ_ROUTER, router_options, COUNT_OF(router_options),
                    &sockets->command) &&
        open_socket(sockets, ZMQ_ROUTER, query_options, COUNT_OF(query_options), &sockets->query) &&
        open_socket(sockets, ZMQ_XPUB, feed_options, COUNT_OF(feed_options), &sockets->feed) &&
        set_options(sockets->feed, high_water, 1);
    if (made && !open) {
        (void)fail(sockets, "cannot open sockets in", runtime_dir);
    }
    open = open && bind_socket(sockets, sockets->command, runtime_dir, "command") &&
           bind_socket(sockets, sockets->query, runtime_dir, "query") &&
           bind_socket(sockets, sockets->feed, runtime_dir, "feed");
    if (!open) {
        socket_close(&sockets->query);
        sockets_close(sockets);
    }
    return open ? STATUS_OK : sockets->served ? STATUS_POLICY : STATUS_FAILED;
}

void sockets_interrupt(struct sockets *sockets)
{
    (void)zmq_ctx_shutdown(sockets->context); // fails only for what is no context
}

void socket_close(void **socket)
{
    if (*socket != NULL) {
        (void)zmq_close(*socket); // fails only for what is no socket
        *socket = NULL;
    }
}

void sockets_close(struct sockets *sockets)
{
    socket_close(&sockets->command);
    socket_close(&sockets->feed);
    if (sockets->context != NULL) {
        while (zmq_ctx_term(sockets->context) != 0 && errno == EINTR) {
        }
        sockets->context = NULL;
    }
}

// Using -----------------------------------------------------------------------------------------

struct readiness sockets_wait(void *router, void *feed, int descriptor, int timeout_ms)
{
    zmq_pollitem_t items[3] = {{.socket = router, .events = ZMQ_POLLIN}};
    int count = 1, feed_at = 0, descriptor_at = 0;
    if (feed != NULL) {
        feed_at = count++;
        items[feed_at] = (zmq_pollitem_t){.socket = feed, .events = ZMQ_POLLIN};
    }
    if (descriptor >= 0) {
        descriptor_at = count++;
        items[descriptor_at] = (zmq_pollitem_t){.fd = descriptor, .events = ZMQ_POLLIN};
    }
    int ready = zmq_poll(items, count, timeout_ms);
    return (struct readiness){
        .requests = ready > 0 && items[0].revents != 0,
        .subscriptions = ready > 0 && feed != NULL && items[feed_at].revents != 0,
        .descriptor = ready > 0 && descriptor >= 0 && items[descriptor_at].revents != 0,
        .interrupted = ready < 0 && errno == ETERM,
    };
}

static bool receive_frame(void *socket, struct frame *ret_frame)
{
    (void)zmq_msg_init(message_of(ret_frame)); // cannot fail
    ret_frame->open = zmq_msg_recv(message_of(ret_frame), socket, ZMQ_DONTWAIT) >= 0;
    return ret_frame->open;
}

static bool has_more(struct frame *frame)
{
    return zmq_msg_more(message_of(frame)) != 0;
}

bool socket_receive(void *router, struct incoming *ret_incoming)
{
    struct incoming *incoming = ret_incoming;
    incoming->body.open = false;
    if (!receive_frame(router, &incoming->from)) {
        return false;
    }
    bool more = has_more(&incoming->from) && receive_frame(router, &incoming->body) &&
                has_more(&incoming->body);
    if (more) {
        frame_close(&incoming->body);
    }
    while (more) { // the rest of the message is here already
        struct frame rest;
        more = receive_frame(router, &rest) && has_more(&rest);
        frame_close(&rest);
    }
    return true;
}

bool socket_answer(void *router, struct frame *to, struct frame *answer)
{
    bool sent = zmq_msg_send(message_of(to), router, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
                zmq_msg_send(message_of(answer), router, ZMQ_DONTWAIT) >= 0;
    frame_close(to);
    frame_close(answer);
    return sent;
}

void socket_publish(void *feed, struct frame *frame)
{
    (void)zmq_msg_send(message_of(frame), feed, ZMQ_DONTWAIT); // a hint; the log is the truth
    frame_close(frame);
}

bool socket_next_subscription(void *feed, struct frame *ret_frame, bool *ret_begins,
                              struct bytes *ret_topic)
{
    while (receive_frame(feed, ret_frame)) {
        struct bytes bytes = frame_bytes(ret_frame);
        const unsigned char *at = bytes.data;
        if (bytes.size > 0 && at[0] <= 1) {
            *ret_begins = at[0] == 1;
            *ret_topic = (struct bytes){at + 1, bytes.size - 1};
            return true;
        }
        frame_close(ret_frame); // something a subscriber sent that is no subscription
    }
    return false;
}
