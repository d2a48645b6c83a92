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

// Over tcp. How long a connection and its handshake may take, how long to wait at most between two
// tries, and how soon a peer that is gone without a word is noticed.
#define CONNECT_MS 5000
#define HANDSHAKE_MS 10000
#define RECONNECT_MS_MAX 2000
#define LINK_HEARTBEAT_MS 5000
#define LINK_HEARTBEAT_MISSED_MS 15000

static atomic_int sockets_open;

static void before_czmq_ends(void)
{
    if (atomic_load(&sockets_open) > 0) {
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
    return atomic_load(&sockets_open) < max - SOCKETS_LEFT;
}

// Opening ---------------------------------------------------------------------------------------

static const struct {
    const char *name;
    int type;
    unsigned port; // after that of command
} ends[] = {
    [LINK_COMMAND] = {"command", ZMQ_DEALER, 0},
    [LINK_QUERY] = {"query", ZMQ_DEALER, 1},
    [LINK_FEED] = {"feed", ZMQ_SUB, 2},
};

static bool set_number(void *handle, int option, int value)
{
    return zmq_setsockopt(handle, option, &value, sizeof(value)) == 0;
}

static bool set_text(void *handle, int option, const char *value)
{
    return zmq_setsockopt(handle, option, value, strlen(value)) == 0;
}

static bool prepare_tcp(void *handle, const struct address *address)
{
    return set_number(handle, ZMQ_IPV6, address->is_ipv6) &&
           set_number(handle, ZMQ_CONNECT_TIMEOUT, CONNECT_MS) &&
           set_number(handle, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
           set_number(handle, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX) &&
           set_number(handle, ZMQ_HEARTBEAT_IVL, LINK_HEARTBEAT_MS) &&
           set_number(handle, ZMQ_HEARTBEAT_TIMEOUT, LINK_HEARTBEAT_MISSED_MS) &&
           set_text(handle, ZMQ_CURVE_SERVERKEY, address->server_key) &&
           set_text(handle, ZMQ_CURVE_PUBLICKEY, address->public_key) &&
           set_text(handle, ZMQ_CURVE_SECRETKEY, address->secret_key);
}

static const struct {
    int event;
    int value; // 0: any
    enum link_sight sight;
} sights[] = {
    {ZMQ_EVENT_CONNECTED, 0, LINK_REACHED},
    {ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 0, LINK_ADMITTED},
    {ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 400, LINK_REFUSED}, // the ZAP status; 300 and 500 may pass
    {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, 0, LINK_UNHEARD},
    {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, 0, LINK_UNHEARD},
    {ZMQ_EVENT_DISCONNECTED, 0, LINK_CUT},
};
#define SIGHT_COUNT (sizeof(sights) / sizeof(sights[0]))

static bool get_fd(void *handle, int *ret_fd)
{
    size_t size = sizeof(*ret_fd);
    return zmq_getsockopt(handle, ZMQ_FD, ret_fd, &size) == 0;
}

static bool open_monitor(struct link *link)
{
    static atomic_uint opened;
    char name[48];
    int events = 0;
    for (size_t i = 0; i < SIGHT_COUNT; i++) {
        events |= sights[i].event;
    }
    (void)snprintf(name, sizeof(name), "inproc://waternet-%p-%u", link->handle,
                   atomic_fetch_add(&opened, 1));
    link->monitor = zmq_socket(zsys_init(), ZMQ_PAIR);
    // Without a limit, for at one libzmq's own thread would stand still until we look.
    return link->monitor != NULL && set_number(link->monitor, ZMQ_RCVHWM, 0) &&
           set_number(link->monitor, ZMQ_LINGER, 0) &&
           zmq_socket_monitor(link->handle, name, events) == 0 &&
           zmq_connect(link->monitor, name) == 0 && get_fd(link->monitor, &link->monitor_fd);
}

static bool print_endpoint(const struct address *address, enum link_end end, char *room,
                           size_t size)
{
    int length = 0;
    if (address->dir != NULL) {
        length = snprintf(room, size, "ipc://%s/%s", address->dir, ends[end].name);
    } else {
        bool has_colons = strchr(address->host, ':') != NULL;
        length = snprintf(room, size, "tcp://%s%s%s:%u", has_colons ? "[" : "", address->host,
                          has_colons ? "]" : "", address->port + ends[end].port);
    }
    return length > 0 && (size_t)length < size;
}

// The links of a connection over tcp are three sockets: our own, and the monitor's two ends.
static int sockets_of(const struct address *address)
{
    return address->dir != NULL ? 1 : 3;
}

enum status link_open(struct link *link, const struct address *address, enum link_end end,
                      enum link_life life)
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;
    char local[sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof("ipc://")];
    char tcp[HOST_MAX + sizeof("tcp://[]:65535")];
    bool is_local = address->dir != NULL;
    char *endpoint = is_local ? local : tcp;

    *link = (struct link){0};
    if (!print_endpoint(address, end, endpoint, is_local ? sizeof(local) : sizeof(tcp))) {
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
    zsock_t *sock = (zsock_new)(ends[end].type);
    *link = (struct link){.sock = sock,
                          .handle = zsock_resolve(sock),
                          .fd = zsock_fd(sock),
                          .sockets = sockets_of(address)};
    atomic_fetch_add(&sockets_open, link->sockets);
    zsock_set_linger(sock, 0);
    zsock_set_maxmsgsize(sock, FRAME_BYTES_MAX);
    if (ends[end].type == ZMQ_DEALER) {
        // The requests in flight are counted above; a second limit would only drop some silently.
        zsock_set_sndhwm(sock, 0);
        zsock_set_rcvhwm(sock, 0);
    }
    if (life == LINK_ONE_CONNECTION) {
        zsock_set_reconnect_ivl(sock, -1);
    }
    bool ready = is_local || (prepare_tcp(link->handle, address) && open_monitor(link));
    if (!ready || zmq_connect(link->handle, endpoint) != 0) {
        enum status status = errno == ENAMETOOLONG ? STATUS_MALFORMED : STATUS_FAILED;
        link_close(link);
        return status;
    }
    return STATUS_OK;
}

void link_close(struct link *link)
{
    if (link->monitor != NULL) {
        // First, for a socket that is closed with it can leave libzmq's own thread hanging.
        (void)zmq_socket_monitor(link->handle, NULL, 0); // there is one, or there is none
        (void)zmq_close(link->monitor);                  // it is a socket
    }
    if (link->sock != NULL) {
        zsock_destroy(&link->sock);
        atomic_fetch_sub(&sockets_open, link->sockets);
    }
    *link = (struct link){0};
}

// An event is two frames: its number and value, and the endpoint.
static bool take_sight(struct link *link)
{
    uint8_t frame[6];
    char endpoint[16]; // of no use here; the rest of it is dropped
    uint16_t event = 0;
    uint32_t value = 0;
    if (zmq_recv(link->monitor, frame, sizeof(frame), ZMQ_DONTWAIT) != (int)sizeof(frame)) {
        return false;
    }
    (void)zmq_recv(link->monitor, endpoint, sizeof(endpoint), ZMQ_DONTWAIT); // it came with it
    memcpy(&event, frame, sizeof(event));
    memcpy(&value, frame + sizeof(event), sizeof(value));
    for (size_t i = 0; i < SIGHT_COUNT; i++) {
        bool fits = sights[i].value == 0 || (uint32_t)sights[i].value == value;
        link->seen |= event == sights[i].event && fits ? (unsigned)sights[i].sight : 0;
    }
    return true;
}

unsigned link_look(struct link *link)
{
    while (link->monitor != NULL && take_sight(link)) {
    }
    return link->seen;
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
    zmq_pollitem_t items[] = {{.socket = link->handle, .events = ZMQ_POLLIN},
                              {.socket = link->monitor, .events = ZMQ_POLLIN}};
    // Woken early by a signal: the caller looks and returns.
    (void)zmq_poll(items, link->monitor == NULL ? 1 : 2, (long)left_ms);
    (void)link_look(link); // so that it does not wake us for the same again
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
