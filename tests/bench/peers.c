/*
 * peers - posts to another server over TCP and counts its acknowledgements, as load does.
 *
 *     peers redis|nats PORT CLIENTS WINDOW SECONDS
 *
 * Redis: XADD to one stream, whatever its appendfsync. NATS: publishing to a JetStream stream that
 * is made first. Messages of 400 bytes. Results: posts, rate, ack_p50 and ack_p99 as in load.
 */
#include "tests/bench/common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 64
#define WINDOW_MAX 1024
#define ROOM (1u << 20) // more than all that can be in flight

struct client {
    int fd;
    unsigned place;
    unsigned in_flight;
    uint64_t next, oldest; // acknowledgements come in the order of the posts
    uint64_t sent[WINDOW_MAX];
    size_t in_size, out_size;
    char *in, *out;
};

// One server's way to talk. take: the length of what is at the beginning of the input, 0: not all
// of it is there yet; *ret_ack tells whether it acknowledges a post.
struct protocol {
    const char *name;
    void (*greet)(struct client *client);
    void (*post)(struct client *client);
    size_t (*take)(struct client *client, bool *ret_ack);
};

static struct client clients[CLIENTS_MAX];
static char body[RECORD_BYTES];
static uint64_t acknowledged, counted, count_from_ns;
static struct latencies ack;

// Input and output ------------------------------------------------------------------------------

static void put(struct client *client, const void *data, size_t size)
{
    stop_if(client->out_size + size > ROOM, "room for posts");
    memcpy(client->out + client->out_size, data, size);
    client->out_size += size;
}

static void put_text(struct client *client, const char *text)
{
    put(client, text, strlen(text));
}

static void flush(struct client *client)
{
    size_t done = 0;
    while (done < client->out_size) {
        ssize_t size = write(client->fd, client->out + done, client->out_size - done);
        if (size < 0 && errno == EAGAIN) {
            break;
        }
        stop_if(size <= 0, "the connection");
        done += (size_t)size;
    }
    memmove(client->out, client->out + done, client->out_size - done);
    client->out_size -= done;
}

static void fill(struct client *client)
{
    ssize_t size = read(client->fd, client->in + client->in_size, ROOM - client->in_size);
    stop_if(size == 0 || (size < 0 && errno != EAGAIN), "the connection");
    client->in_size += size > 0 ? (size_t)size : 0;
}

// The length of the first line, its end included; 0: it is not all there.
static size_t line_size(const char *at, size_t size)
{
    const char *end = memchr(at, '\n', size);
    return end == NULL ? 0 : (size_t)(end - at) + 1;
}

// Redis -----------------------------------------------------------------------------------------

static void redis_greet(struct client *client)
{
    (void)client; // nothing to say
}

static void redis_post(struct client *client)
{
    put_text(client, "*5\r\n$4\r\nXADD\r\n$1\r\nk\r\n$1\r\n*\r\n$1\r\nd\r\n$400\r\n");
    put(client, body, sizeof(body));
    put_text(client, "\r\n");
}

static size_t redis_take(struct client *client, bool *ret_ack)
{
    size_t first = line_size(client->in, client->in_size);
    if (first > 0 && client->in[0] != '$') {
        stop_with("redis: %.*s", (int)first - 2, client->in);
    }
    size_t second = line_size(client->in + first, client->in_size - first);
    *ret_ack = true;
    return first == 0 || second == 0 ? 0 : first + second;
}

// NATS ------------------------------------------------------------------------------------------

static void nats_publish(struct client *client, const char *subject, const void *data, size_t size)
{
    char head[128];
    (void)snprintf(head, sizeof(head), "PUB %.40s _INBOX.%d.%u %zu\r\n", subject, (int)getpid(),
                   client->place, size); // fits
    put_text(client, head);
    put(client, data, size);
    put_text(client, "\r\n");
}

static size_t nats_take(struct client *client, bool *ret_ack)
{
    size_t line = line_size(client->in, client->in_size), size = 0;
    *ret_ack = false;
    if (line == 0 || strncmp(client->in, "MSG ", 4) != 0) {
        if (line > 0 && strncmp(client->in, "PING", 4) == 0) {
            put_text(client, "PONG\r\n");
        } else if (line > 0 && client->in[0] == '-') {
            stop_with("nats: %.*s", (int)line - 2, client->in);
        }
        return line;
    }
    for (const char *at = client->in; at < client->in + line; at++) {
        size = *at == ' ' ? strtoul(at, NULL, 10) : size; // the last word
    }
    if (client->in_size < line + size + 2) {
        return 0;
    }
    if (memmem(client->in + line, size, "\"error\"", 7) != NULL) {
        stop_with("nats: %.*s", (int)size, client->in + line);
    }
    *ret_ack = true;
    return line + size + 2;
}

static void nats_greet(struct client *client)
{
    static const char stream[] = "{\"name\":\"S\",\"subjects\":[\"k\"],\"retention\":\"limits\","
                                 "\"storage\":\"file\",\"num_replicas\":1}";
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
                   "\"no_responders\":true,\"protocol\":1}\r\nSUB _INBOX.%d.%u 1\r\n",
                   (int)getpid(), client->place); // fits
    put_text(client, text);
    if (client->place > 0) {
        return;
    }
    nats_publish(client, "$JS.API.STREAM.CREATE.S", stream, sizeof(stream) - 1);
    for (bool is_made = false; !is_made;) {
        struct pollfd item = {client->fd, POLLIN, 0};
        flush(client);
        stop_if(poll(&item, 1, 10000) <= 0, "no answer");
        fill(client);
        for (size_t size; !is_made && (size = nats_take(client, &is_made)) > 0;) {
            memmove(client->in, client->in + size, client->in_size - size);
            client->in_size -= size;
        }
    }
}

static void nats_post(struct client *client)
{
    nats_publish(client, "k", body, sizeof(body));
}

static const struct protocol protocols[] = {
    {"redis", redis_greet, redis_post, redis_take},
    {"nats", nats_greet, nats_post, nats_take},
};

// Running ---------------------------------------------------------------------------------------

static void post(const struct protocol *protocol, struct client *client)
{
    client->sent[client->next++ % WINDOW_MAX] = now_ns();
    protocol->post(client);
    client->in_flight++;
}

static void take_ack(struct client *client)
{
    uint64_t now = now_ns(), sent = client->sent[client->oldest++ % WINDOW_MAX];
    client->in_flight--;
    acknowledged++;
    if (now >= count_from_ns) {
        counted++;
        latency_add(&ack, now - sent);
    }
}

static void take_all(const struct protocol *protocol, struct client *client, unsigned window)
{
    size_t done = 0;
    char *in = client->in;
    bool is_ack;
    fill(client);
    size_t all = client->in_size;
    for (size_t size; (size = protocol->take(client, &is_ack)) > 0;) {
        done += size;
        client->in += size;
        client->in_size -= size;
        if (is_ack) {
            take_ack(client);
            if (client->in_flight < window) {
                post(protocol, client);
            }
        }
    }
    client->in = in;
    memmove(in, in + done, all - done);
}

static void open_client(struct client *client, unsigned place, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->place = place;
    client->in = malloc(ROOM);
    client->out = malloc(ROOM);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stop_if(client->in == NULL || client->out == NULL || client->fd < 0, "a connection");
    stop_if(connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0, "connecting");
    stop_if(setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0, "an option");
}

static void run(const struct protocol *protocol, unsigned count, unsigned window, double seconds)
{
    struct pollfd items[CLIENTS_MAX];
    uint64_t start = now_ns();
    count_from_ns = start + (uint64_t)(seconds * 1e8);
    for (unsigned i = 0; i < count; i++) {
        while (clients[i].in_flight < window) {
            post(protocol, &clients[i]);
        }
    }
    while (seconds_since(start) < seconds) {
        for (unsigned i = 0; i < count; i++) {
            flush(&clients[i]);
            short events = clients[i].out_size > 0 ? POLLIN | POLLOUT : POLLIN;
            items[i] = (struct pollfd){clients[i].fd, events, 0};
        }
        stop_if(poll(items, count, 100) < 0, "waiting");
        for (unsigned i = 0; i < count; i++) {
            if ((items[i].revents & ~POLLOUT) != 0) {
                take_all(protocol, &clients[i], window);
            }
        }
    }
}

int main(int count, char **arguments)
{
    if (count != 6) {
        stop_with("usage: peers redis|nats PORT CLIENTS WINDOW SECONDS");
    }
    const struct protocol *protocol = &protocols[strcmp(arguments[1], "nats") == 0];
    int port = (int)number_of(arguments[2], 1, 65535);
    unsigned number = (unsigned)number_of(arguments[3], 1, CLIENTS_MAX);
    unsigned window = (unsigned)number_of(arguments[4], 1, WINDOW_MAX);
    double seconds = number_of(arguments[5], 0.1, 60);
    fill_text(body, sizeof(body));
    for (unsigned i = 0; i < number; i++) {
        open_client(&clients[i], i, port);
        protocol->greet(&clients[i]);
        flush(&clients[i]);
    }
    for (unsigned i = 0; i < number; i++) {

        stop_if(fcntl(clients[i].fd, F_SETFL, O_NONBLOCK) != 0, "an option");
    }
    run(protocol, number, window, seconds);
    double elapsed = seconds_since(count_from_ns);
    if (counted == 0) {
        stop_with("nothing was acknowledged");
    }
    result("posts", (double)acknowledged);
    result("rate", (double)counted / elapsed);
    latency_results(&ack, "ack");
    return 0;
}
