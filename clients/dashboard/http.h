/*
 * http - the thin layer between the dashboard and its HTTP library; the only file that knows it.
 *
 *     socket -> http -> handler(request) -> response, or "wait", or a stream
 *
 * One thread, no waiting: the library's epoll descriptor hangs in the caller's loop. A handler that
 * needs something first answers HTTP_WAIT and is called again with the same request once
 * http_wake_waiting() says that something has come. A stream is read piece by piece and sleeps
 * until http_wake_streams().
 *
 * Harmless whatever comes in: head, body, number of connections and time are bounded, and every
 * response carries the security headers.
 */
#ifndef DASHBOARD_HTTP_H
#define DASHBOARD_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_BODY_MAX 16384 // of a request, where its path may not have more
#define HTTP_MORE_MAX 12    // headers of a response besides those with a name here

struct http;
struct http_exchange; // one request on its way to its response

struct http_request {
    const char *method, *path; // the path decoded, without query
    const char *body;          // closed by a zero; "" if there is none
    size_t body_size;
    bool takes_gzip, is_too_big; // too big: the body was thrown away
    struct http_exchange *exchange;
};

// A parameter of the query, or a header; NULL if it was not given. Lent as long as the request.
const char *http_query(const struct http_request *request, const char *name);
const char *http_header(const struct http_request *request, const char *name);
// Each parameter of the query in turn; value is "" where it has none.
void http_each_query(const struct http_request *request,
                     void (*take)(void *context, const char *name, const char *value),
                     void *context);
// The address it came from, as text. Over a unix socket, and only there, it is the last that the
// proxy says in X-Forwarded-For; "" if it says none.
void http_address(const struct http_request *request, char ret_text[64]);

// What gives a stream its bytes: how many it has put into the room, 0: none now, -1: the end.
struct http_stream {
    long (*read)(void *client, char *room, size_t room_size);
    void (*end)(void *client); // called once, however it ended
    void *client;
};

struct http_response {
    unsigned status;
    const char *type;
    char *body; // given over, or lent for good if is_lent
    size_t size;
    bool is_lent, is_gzip;
    const char *cache, *etag, *location, *link, *disposition; // headers; NULL: none
    char location_room[256];                                  // where location may stand
    struct {
        const char *name, *value;
    } more[HTTP_MORE_MAX]; // further headers: http_more()
    unsigned more_count;
    char more_room[1024];
    size_t more_size;
    struct http_stream stream;
};

// A further header, whose name is a literal. One that no longer fits, or whose value could break
// out of its line, is left out.
__attribute__((format(printf, 3, 4))) void http_more(struct http_response *response,
                                                     const char *name, const char *format, ...);

enum http_reply { HTTP_REPLY, HTTP_WAIT, HTTP_STREAM };

// Called for each request, and again after HTTP_WAIT. The response comes in zeroed.
typedef enum http_reply http_handle(void *context, const struct http_request *request,
                                    struct http_response *response);

struct http_limits {
    unsigned connections, per_address; // at the same time; per_address 0: as many as there are
    size_t (*body_max)(const char *path);
};

// Where it listens: "ADDRESS:PORT", "[::1]:PORT", or the path of a unix socket, which is made anew.
// NULL if that cannot be; *ret_problem then is an English sentence, good until the next call.
struct http *http_open(const char *listen, struct http_limits limits, http_handle *handle,
                       void *context, const char **ret_problem);
void http_close(struct http **http);

// For the caller's loop: when the descriptor is readable, and at least every second, http_turn().
int http_fd(const struct http *http);
void http_turn(struct http *http);
// The port it got, where 0 was asked for; 0 of a unix socket.
unsigned http_port(const struct http *http);

void http_wake_waiting(struct http *http);
void http_wake_streams(struct http *http);

struct http_figures {
    unsigned connections, streams;
    unsigned long requests, cut_off; // since the start; cut_off: too slow
};
struct http_figures http_figures(const struct http *http);

#endif
