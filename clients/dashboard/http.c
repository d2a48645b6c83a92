#include "clients/dashboard/http.h"

#include "clients/dashboard/sockets.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define HEAD_MEMORY 16384 // of a connection: its request head must fit in half of it
#define STREAM_BLOCK 4096
#define IDLE_SECONDS 15   // nothing moves on a connection
#define ARRIVE_SECONDS 10 // for a whole request, so that a byte now and then does not hold it
#define TURNS_MAX 64

// The states of a connection matter for one thing: how long it may take.
struct http_connection {
    struct http_connection *next, **place; // of the list in struct http
    struct MHD_Connection *inside;
    time_t since; // when its request began to be waited for; 0: it has been read
};

struct http_exchange {
    struct http_exchange *next, **place; // of the list in struct http; only what sleeps
    struct http *http;
    struct MHD_Connection *connection;
    struct http_stream stream;
    char *body; // grows as it comes in; NULL: none
    size_t body_size, body_room, body_max;
    bool too_big, has_begun, sleeps;
};

struct http {
    struct MHD_Daemon *daemon;
    http_handle *handle;
    void *context;
    struct http_limits limits;
    int listen_fd;
    struct http_connection *connections;
    struct http_exchange *waiting, *streams; // that sleep
    struct http_figures figures;
    unsigned streams_open;
};

static const char *const security[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
     "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

static time_t seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail for this clock
    return now.tv_sec;
}

// Lists -----------------------------------------------------------------------------------------

static void sleep_in(struct http_exchange **list, struct http_exchange *exchange)
{
    exchange->next = *list;
    exchange->place = list;
    if (*list != NULL) {
        (*list)->place = &exchange->next;
    }
    *list = exchange;
    exchange->sleeps = true;
    MHD_suspend_connection(exchange->connection);
}

static void take_out(struct http_exchange *exchange)
{
    *exchange->place = exchange->next;
    if (exchange->next != NULL) {
        exchange->next->place = exchange->place;
    }
    exchange->sleeps = false;
}

static void wake(struct http_exchange **list)
{
    while (*list != NULL) {
        struct http_exchange *exchange = *list;
        take_out(exchange);
        MHD_resume_connection(exchange->connection);
    }
}

// Requests --------------------------------------------------------------------------------------

const char *http_query(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->exchange->connection, MHD_HEADER_KIND, name);
}

struct each {
    void (*take)(void *context, const char *name, const char *value);
    void *context;
};

static enum MHD_Result take_query(void *cls, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    const struct each *each = cls;
    (void)kind; // only one was asked for
    each->take(each->context, name == NULL ? "" : name, value == NULL ? "" : value);
    return MHD_YES;
}

void http_each_query(const struct http_request *request,
                     void (*take)(void *context, const char *name, const char *value),
                     void *context)
{
    struct each each = {take, context};
    (void)MHD_get_connection_values(request->exchange->connection, MHD_GET_ARGUMENT_KIND,
                                    take_query, &each); // how many there were does not matter
}

// The last of X-Forwarded-For is what the proxy itself has seen; what stands before it anyone may
// have written. Over tcp all of it anyone may have written, also from this machine.
static void take_forwarded(const struct http_request *request, char ret_text[64])
{
    const char *list = http_header(request, "X-Forwarded-For");
    const char *comma = list == NULL ? NULL : strrchr(list, ',');
    const char *last = comma == NULL ? list : comma + 1;
    unsigned char parsed[sizeof(struct in6_addr)];
    char address[64] = "";
    if (last == NULL || sscanf(last, " %63[0-9a-fA-F.:]", address) != 1) {
        return;
    }
    if (inet_pton(AF_INET, address, parsed) == 1 || inet_pton(AF_INET6, address, parsed) == 1) {
        memcpy(ret_text, address, sizeof(address));
    }
}

void http_address(const struct http_request *request, char ret_text[64])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    ret_text[0] = '\0';
    if (address == NULL || address->sa_family == AF_UNIX || address->sa_family == AF_UNSPEC) {
        take_forwarded(request, ret_text);
        return;
    }
    socklen_t size =
        address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    (void)getnameinfo(address, size, ret_text, 64, NULL, 0, NI_NUMERICHOST); // or it stays empty
}

// Responses -------------------------------------------------------------------------------------

static void add(struct MHD_Response *made, const char *name, const char *value)
{
    if (value != NULL) {
        (void)MHD_add_response_header(made, name, value); // without memory: without the header
    }
}

void http_more(struct http_response *response, const char *name, const char *format, ...)
{
    char *value = response->more_room + response->more_size;
    size_t room = sizeof(response->more_room) - response->more_size;
    va_list list;
    va_start(list, format);
    int size = vsnprintf(value, room, format, list);
    va_end(list);
    if (size < 0 || (size_t)size >= room || response->more_count == HTTP_MORE_MAX ||
        strpbrk(value, "\r\n") != NULL) {
        return;
    }
    response->more[response->more_count].name = name;
    response->more[response->more_count++].value = value;
    response->more_size += (size_t)size + 1;
}

static enum MHD_Result send_made(struct http_exchange *exchange, struct MHD_Response *made,
                                 const struct http_response *response)
{
    for (size_t i = 0; i < sizeof(security) / sizeof(security[0]); i++) {
        add(made, security[i][0], security[i][1]);
    }
    add(made, "Content-Type", response->type);
    add(made, "Cache-Control", response->cache != NULL ? response->cache : "no-cache");
    add(made, "ETag", response->etag);
    add(made, "Location", response->location);
    add(made, "Link", response->link);
    add(made, "Content-Disposition", response->disposition);
    add(made, "Content-Encoding", response->is_gzip ? "gzip" : NULL);
    add(made, "Vary", "Accept, Accept-Encoding, X-Waternet-Part");
    for (unsigned i = 0; i < response->more_count; i++) {
        add(made, response->more[i].name, response->more[i].value);
    }
    enum MHD_Result result = MHD_queue_response(exchange->connection, response->status, made);
    MHD_destroy_response(made);
    return result;
}

static long read_stream(void *cls, uint64_t at, char *room, size_t size)
{
    struct http_exchange *exchange = cls;
    (void)at; // the stream knows where it is
    long got = exchange->stream.read(exchange->stream.client, room, size);
    if (got == 0) {
        sleep_in(&exchange->http->streams, exchange); // returning 0 awake would be a busy loop
    }
    return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : got;
}

static void end_stream(struct http_exchange *exchange)
{
    if (exchange->stream.end != NULL) {
        exchange->stream.end(exchange->stream.client);
        exchange->stream.end = NULL;
        exchange->http->streams_open--;
    }
}

static enum MHD_Result send_stream(struct http_exchange *exchange, struct http_response *response)
{
    exchange->stream = response->stream;
    exchange->http->streams_open++;
    struct MHD_Response *made = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
                                                                  read_stream, exchange, NULL);
    if (made == NULL) {
        return MHD_NO;
    }
    add(made, "X-Accel-Buffering", "no");
    response->cache = "no-store";
    return send_made(exchange, made, response);
}

static enum MHD_Result send_body(struct http_exchange *exchange, struct http_response *response)
{
    struct MHD_Response *made = MHD_create_response_from_buffer(
        response->size, response->body,
        response->is_lent ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (made == NULL) {
        if (!response->is_lent) {
            free(response->body);
        }
        return MHD_NO;
    }
    return send_made(exchange, made, response);
}

// Exchanges -------------------------------------------------------------------------------------

static struct http_exchange *begin(struct http *http, struct MHD_Connection *connection,
                                   const char *path)
{
    struct http_exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange != NULL) {
        exchange->http = http;
        exchange->connection = connection;
        exchange->body_max = http->limits.body_max(path);
    }
    return exchange;
}

static void throw_body_away(struct http_exchange *exchange)
{
    free(exchange->body);
    exchange->body = NULL;
    exchange->body_size = exchange->body_room = 0;
}

// Room for so much more and a zero; false if there is none to be had.
static bool make_room(struct http_exchange *exchange, size_t size)
{
    size_t wanted = exchange->body_size + size + 1, room = 2 * exchange->body_room;
    if (wanted <= exchange->body_room) {
        return true;
    }
    room = room > wanted ? room : wanted;
    char *body = realloc(exchange->body, room);
    if (body != NULL) {
        exchange->body = body;
        exchange->body_room = room;
    }
    return body != NULL;
}

static void take_body(struct http_exchange *exchange, const char *data, size_t size)
{
    if (exchange->too_big || size > exchange->body_max - exchange->body_size ||
        !make_room(exchange, size)) {
        exchange->too_big = true;
        throw_body_away(exchange);
        return;
    }
    memcpy(exchange->body + exchange->body_size, data, size);
    exchange->body_size += size;
    exchange->body[exchange->body_size] = '\0';
}

// How long the client has taken no longer matters: from here on it waits for us.
static void mark_read(struct MHD_Connection *inside, bool is_read)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(inside, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_connection *connection = info == NULL ? NULL : info->socket_context;
    if (connection != NULL) {
        connection->since = is_read ? 0 : seconds();
    }
}

static enum MHD_Result answer(struct http *http, struct http_exchange *exchange, const char *method,
                              const char *path)
{
    const char *encodings =
        MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "Accept-Encoding");
    const struct http_request request = {
        .method = method,
        .path = path,
        .body = exchange->body == NULL ? "" : exchange->body,
        .body_size = exchange->body_size,
        .takes_gzip = encodings != NULL && strstr(encodings, "gzip") != NULL,
        .is_too_big = exchange->too_big,
        .exchange = exchange,
    };
    struct http_response response = {0};
    switch (http->handle(http->context, &request, &response)) {
    case HTTP_WAIT:
        sleep_in(&http->waiting, exchange);
        return MHD_YES;
    case HTTP_STREAM:
        return send_stream(exchange, &response);
    case HTTP_REPLY:
        break;
    }
    return send_body(exchange, &response);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **kept)
{
    struct http *http = cls;
    struct http_exchange *exchange = *kept;
    (void)version; // the library has judged it
    if (exchange == NULL) {
        *kept = begin(http, connection, path);
        http->figures.requests++;
        return *kept == NULL ? MHD_NO : MHD_YES;
    }
    if (*size > 0) {
        take_body(exchange, data, *size);
        *size = 0;
        return MHD_YES;
    }
    mark_read(connection, true);
    return answer(http, exchange, method, path);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **kept,
                         enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *kept;
    (void)cls;
    (void)code; // whatever it was, it is over
    if (exchange != NULL) {
        end_stream(exchange);
        throw_body_away(exchange);
        free(exchange);
        *kept = NULL;
    }
    mark_read(connection, false); // the next request of this connection
}

// Connections -----------------------------------------------------------------------------------

static void on_connection(void *cls, struct MHD_Connection *inside, void **kept,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;
    struct http_connection *connection = *kept;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection = calloc(1, sizeof(*connection));
        *kept = connection;
        if (connection != NULL) {
            *connection =
                (struct http_connection){http->connections, &http->connections, inside, seconds()};
            if (http->connections != NULL) {
                http->connections->place = &connection->next;
            }
            http->connections = connection;
            http->figures.connections++;
        }
    } else if (connection != NULL) {
        *connection->place = connection->next;
        if (connection->next != NULL) {
            connection->next->place = connection->place;
        }
        http->figures.connections--;
        free(connection);
        *kept = NULL;
    }
}

// Who sends its request so slowly that it is overdue. The library then sees a hang-up.
static void cut_off_slow(struct http *http)
{
    time_t overdue = seconds() - ARRIVE_SECONDS;
    struct http_connection *connection = http->connections;
    for (; connection != NULL; connection = connection->next) {
        if (connection->since == 0 || connection->since > overdue) {
            continue;
        }
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection->inside, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL) {
            (void)shutdown(info->connect_fd, SHUT_RDWR); // or it is closed already
            http->figures.cut_off++;
        }
        connection->since = 0; // once
    }
}

// A zero would end the path early, for us and not for whoever stands in front.
static size_t unescape(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    for (char *zero = strstr(text, "%00"); zero != NULL; zero = strstr(zero, "%00")) {
        zero[2] = '1'; // shown as a mark, and part of no path
    }
    return MHD_http_unescape(text);
}

// The server ------------------------------------------------------------------------------------

static struct MHD_Daemon *start_daemon(struct http *http, struct http_limits limits)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
                            http, MHD_OPTION_LISTEN_SOCKET, http->listen_fd,         //
                            MHD_OPTION_CONNECTION_LIMIT, limits.connections,         //
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.per_address,  //
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_MEMORY, //
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,   //
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,                         //
                            MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,            //
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,         //
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_END);
}

struct http *http_open(const char *listen, struct http_limits limits, http_handle *handle,
                       void *context, const char **ret_problem)
{
    struct http *http = calloc(1, sizeof(*http));
    *ret_problem = "no memory";
    if (http == NULL) {
        return NULL;
    }
    http->handle = handle;
    http->context = context;
    http->limits = limits;
    http->listen_fd = sockets_listen(listen, ret_problem);
    if (http->listen_fd >= 0) {
        *ret_problem = "the HTTP library does not start";
        http->daemon = start_daemon(http, limits);
    }
    if (http->daemon == NULL) {
        http_close(&http);
    }
    return http;
}

void http_close(struct http **http)
{
    if (*http == NULL) {
        return;
    }
    if ((*http)->daemon != NULL) {
        // The library may not be stopped while a connection sleeps.
        wake(&(*http)->waiting);
        wake(&(*http)->streams);
        MHD_stop_daemon((*http)->daemon); // closes the descriptor it listens on
    }
    free(*http);
    *http = NULL;
}

int http_fd(const struct http *http)
{
    return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void http_turn(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG wait = 0;
    int turns = 0;
    cut_off_slow(http);
    // Once is not enough: what the library says that it could do at once, would wait for the next
    // turn otherwise.
    do {
        (void)MHD_run(http->daemon); // what fails is one connection's, and ends it
    } while (MHD_get_timeout(http->daemon, &wait) == MHD_YES && wait == 0 && ++turns < TURNS_MAX);
}

unsigned http_port(const struct http *http)
{
    return sockets_port(http->listen_fd);
}

void http_wake_waiting(struct http *http)
{
    wake(&http->waiting);
}

void http_wake_streams(struct http *http)
{
    wake(&http->streams);
}

struct http_figures http_figures(const struct http *http)
{
    struct http_figures figures = http->figures;
    figures.streams = http->streams_open;
    return figures;
}
