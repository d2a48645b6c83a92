#include "daemon/support/sockets.h"

#include "daemon/support/zap.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
    // Whoever the handler has not named does not get in, also where no handler answers. Its name
    // stands among the draft options of zmq.h; the library knows it since 4.3.
    {93, 1}, // ZMQ_ZAP_ENFORCE_DOMAIN
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
    {ZMQ_SNDHWM, 2 * QUESTIONS_IN_FLIGHT_MAX}, // libzmq counts what was read in steps of half of it
};

static const struct socket_option feed_options[] = {
    {ZMQ_XPUB_VERBOSE, 1}, // every subscription, and the end of the last one of a topic
    {ZMQ_RCVHWM, 1000},    // a flood of subscriptions waits at its sender; none is lost by that
    // No topic is longer. libzmq keeps a subscription a node a byte, and walks them by recursion.
    {ZMQ_MAXMSGSIZE, TOPIC_MAX + 2 + 256},
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
           zmq_setsockopt(*ret_socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0 &&
           set_options(*ret_socket, options, count);
}

static bool open_feed(struct sockets *sockets, void **ret_socket)
{
    const struct socket_option high_water[] = {{ZMQ_SNDHWM, sockets->settings.feed_high_water}};
    return open_socket(sockets, ZMQ_XPUB, feed_options, COUNT_OF(feed_options), ret_socket) &&
           set_options(*ret_socket, high_water, 1);
}

// tcp ports, from the one that is configured on.
enum { PORT_COMMAND, PORT_QUERY, PORT_FEED, PORT_COUNT };

// The address, without its port, and the port.
static bool read_listen(const char *text, char address[256], unsigned long *ret_port)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || colon == text ||
        colon - text >= 256) {
        return false;
    }
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    *ret_port = strtoul(colon + 1, NULL, 10);
    return *ret_port > 0 && *ret_port + PORT_COUNT - 1 <= 65535;
}

bool sockets_is_listen(const char *text)
{
    char address[256];
    unsigned long port;
    return read_listen(text, address, &port);
}

// CURVE holds for what is bound from here on; what is bound already stays local and without.
static bool bind_remote(struct sockets *sockets, void *socket, unsigned place)
{
    const struct sockets_settings *settings = &sockets->settings;
    const struct socket_option server[] = {{ZMQ_CURVE_SERVER, 1}, {ZMQ_IPV6, 1}};
    char address[256], endpoint[300];
    unsigned long port;
    if (!read_listen(settings->listen, address, &port)) {
        return settings->listen[0] == '\0'; // then there is nothing to bind
    }
    (void)snprintf(endpoint, sizeof(endpoint), "tcp://%s:%lu", address, port + place); // fits
    bool bound =
        set_options(socket, server, COUNT_OF(server)) &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, settings->server_secret, CURVE_TEXT + 1) == 0 &&
        zmq_bind(socket, endpoint) == 0;
    if (!bound) {
        sockets->served |= errno == EADDRINUSE;
        (void)fail(sockets, "cannot bind", endpoint);
    }
    return bound;
}

static bool open_all(struct sockets *sockets)
{
    return sockets->context != NULL &&
           (sockets->zap = zmq_socket(sockets->context, ZMQ_ROUTER)) != NULL &&
           zmq_bind(sockets->zap, ZAP_ENDPOINT) == 0 &&
           open_socket(sockets, ZMQ_ROUTER, router_options, COUNT_OF(router_options),
                       &sockets->command) &&
           open_socket(sockets, ZMQ_ROUTER, query_options, COUNT_OF(query_options),
                       &sockets->query) &&
           open_feed(sockets, &sockets->feed);
}

static bool open_remote(struct sockets *sockets)
{
    return sockets->settings.listen[0] == '\0' ||
           (open_feed(sockets, &sockets->remote) &&
            bind_remote(sockets, sockets->remote, PORT_FEED));
}

// ipc first: afterwards the socket demands CURVE of whatever is bound.
static bool bind_all(struct sockets *sockets)
{
    const char *dir = sockets->settings.runtime_dir;
    return bind_socket(sockets, sockets->command, dir, "command") &&
           bind_socket(sockets, sockets->query, dir, "query") &&
           bind_socket(sockets, sockets->feed, dir, "feed") &&
           bind_remote(sockets, sockets->command, PORT_COMMAND) &&
           bind_remote(sockets, sockets->query, PORT_QUERY) && open_remote(sockets);
}

enum status sockets_open(struct sockets *sockets, const struct sockets_settings *settings)
{
    *sockets = (struct sockets){.context = zmq_ctx_new(), .settings = *settings};
    bool made = (mkdir(settings->runtime_dir, 0750) == 0 || errno == EEXIST) ||
                fail(sockets, "cannot make", settings->runtime_dir);
    bool open = made && open_all(sockets);
    if (made && !open) {
        (void)fail(sockets, "cannot open sockets in", settings->runtime_dir);
    }
    open = open && bind_all(sockets);
    if (!open) {
        socket_close(&sockets->query);
        socket_close(&sockets->zap);
        sockets_close(sockets);
    }
    return open ? STATUS_OK : sockets->served ? STATUS_POLICY : STATUS_FAILED;
}

void sockets_cut(struct sockets *sockets)
{
    const struct socket_option at_once[] = {{ZMQ_LINGER, 0}};
    if (sockets->remote != NULL) {
        (void)set_options(sockets->remote, at_once, 1); // fails only for what is no socket
        socket_close(&sockets->remote);
    }
}

bool sockets_mend(struct sockets *sockets)
{
    if (sockets->remote == NULL && !open_remote(sockets)) {
        socket_close(&sockets->remote);
        return false;
    }
    return true;
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
    socket_close(&sockets->remote);
    explicit_bzero(sockets->settings.server_secret, sizeof(sockets->settings.server_secret));
    if (sockets->context != NULL) {
        while (zmq_ctx_term(sockets->context) != 0 && errno == EINTR) {
        }
        sockets->context = NULL;
    }
}

// Using -----------------------------------------------------------------------------------------

struct readiness sockets_wait(void *const sockets[WAIT_SOCKETS_MAX], int descriptor, int timeout_ms)
{
    zmq_pollitem_t items[WAIT_SOCKETS_MAX + 1];
    int places[WAIT_SOCKETS_MAX], count = 0;
    for (int i = 0; i < WAIT_SOCKETS_MAX; i++) {
        places[i] = count;
        if (sockets[i] != NULL) {
            items[count++] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
        }
    }
    int descriptor_at = count;
    if (descriptor >= 0) {
        items[count++] = (zmq_pollitem_t){.fd = descriptor, .events = ZMQ_POLLIN};
    }
    int ready = zmq_poll(items, count, timeout_ms);
    struct readiness readiness = {
        .descriptor = ready > 0 && descriptor >= 0 && items[descriptor_at].revents != 0,
        .interrupted = ready < 0 && errno == ETERM,
    };
    for (int i = 0; i < WAIT_SOCKETS_MAX; i++) {
        readiness.sockets[i] = ready > 0 && sockets[i] != NULL && items[places[i]].revents != 0;
    }
    return readiness;
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

// From the body: libzmq 4.3.4 puts the name on the frame with the routing id only sometimes.
static struct bytes user_of(struct frame *body)
{
    const char *user = body->open ? zmq_msg_gets(message_of(body), "User-Id") : NULL;
    return user == NULL ? (struct bytes){0} : bytes_of(user);
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
    incoming->user = user_of(&incoming->body);
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

void sockets_publish(struct sockets *sockets, struct frame *frame)
{
    if (sockets->remote != NULL) {
        struct frame copy = {.open = true};
        (void)zmq_msg_init(message_of(&copy)); // these two cannot fail; the bytes are shared
        (void)zmq_msg_copy(message_of(&copy), message_of(frame));
        (void)zmq_msg_send(message_of(&copy), sockets->remote, ZMQ_DONTWAIT); // as below
        frame_close(&copy);
    }
    (void)zmq_msg_send(message_of(frame), sockets->feed,
                       ZMQ_DONTWAIT); // a hint; the log is the truth
    frame_close(frame);
}

static bool next_subscription(void *feed, struct subscription *subscription)
{
    if (feed == NULL || !receive_frame(feed, &subscription->frame)) {
        return false;
    }
    struct bytes bytes = frame_bytes(&subscription->frame);
    const unsigned char *at = bytes.data;
    bool sound =
        bytes.size > 0 && at[0] <= 1; // otherwise what a subscriber sent is none: it counts
    subscription->begins = !sound || at[0] == 1;
    subscription->topic = sound ? (struct bytes){at + 1, bytes.size - 1} : bytes;
    subscription->user = user_of(&subscription->frame);
    return true;
}

bool sockets_next_subscription(struct sockets *sockets, struct subscription *ret_subscription)
{
    ret_subscription->place = FEED_LOCAL;
    if (next_subscription(sockets->feed, ret_subscription)) {
        return true;
    }
    ret_subscription->place = FEED_REMOTE;
    return next_subscription(sockets->remote, ret_subscription);
}
