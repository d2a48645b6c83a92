/*
 * client - what the files of libwaternet share; and what a benchmark may use of it.
 *
 *     connection.c  open, hello, ask     post.c      posts and their answers, in order
 *     answer.c      answers, to JSON     follow.c    one level, from the log and the feed
 *     sources.c     OINs of regions      reading.c   its part from the log
 *     link.c        ZeroMQ               position.c  the rule of holes
 *     address.c     where the daemon is  key.c       files of keys
 *     id.c          UUIDv7             cursor.c    how far a consumer has got
 */
#ifndef CLIENTS_LIB_CLIENT_H
#define CLIENTS_LIB_CLIENT_H

#include "clients/lib/address.h"
#include "clients/lib/link.h"
#include "clients/lib/waternet.h"
#include "proto/cloudevent.h"

#define TIMEOUT_MS_DEFAULT 5000
#define ROLE_MAX 24      // the longest row of roles.def fits
#define SOURCE_ID_MAX 20 // digits of an OIN
#define SOURCES_MAX 128  // regions whose OIN is kept
#define EVENTS_ROOM (2 * REQUEST_BYTES_MAX)
#define IDS_ROOM (EVENTS_PER_POST_MAX * (ID_MAX + 1))

// Who asks. Empty role: the daemon's default.
struct client_as {
    char role[ROLE_MAX + 1];
    char organisation[ID_MAX + 1]; // empty: the role's default
};

enum post_state {
    POST_WAITING,
    POST_ANSWERED,
    POST_LOST,    // its answer will not come any more
    POST_REFUSED, // the daemon did not let us in, so it never got there
};

struct post {
    uint64_t number;
    int64_t deadline_ms;
    enum post_state state;
    zmq_msg_t answer; // of ANSWERED
    char *ids;        // of its events, each closed by a zero; owned; NULL if not known
    size_t count;     // of ids
};

struct source {
    char region[ID_MAX + 1];
    char id[SOURCE_ID_MAX + 1]; // empty: the region has none
};

struct waternet {
    struct address address;
    struct client_as as;
    int timeout_ms;
    char version[32], log[2 * LOG_ID_BYTES + 1], type_prefix[64];
    char listen[SERVER_MAX + 1], server_key[CURVE_TEXT + 1]; // of a daemon that listens; or ""

    struct link command, query;
    struct link settings; // to command: for cursors, so that posts keep their order
    const char *problem;  // see waternet_problem()
    uint64_t number;      // of the last request
    zmq_msg_t received;

    struct post posts[IN_FLIGHT_MAX]; // a ring, the oldest at first_post
    size_t first_post, post_count;
    size_t settled_posts; // at its beginning, none of which is WAITING

    struct source sources[SOURCES_MAX];
    size_t source_count, source_next;

    struct faults faults;
    char ids[IDS_ROOM];
    uint8_t events[EVENTS_ROOM];
    uint8_t request[EVENTS_ROOM];
};

struct waternet_answer {
    zmq_msg_t message; // checked
    enum status status;
    char *ids; // of a post, as in struct post
    size_t id_count;
    char *json; // NULL until asked for
};

// connection.c ----------------------------------------------------------------------------------

// "ROLE" or "ROLE:ORGANISATION". False if it is not.
bool as_read(struct bytes text, struct client_as *ret_as) MUST_CHECK;

// Begins a request in room: its number, its name, and `as`; `fields` pairs have to follow.
struct wire_writer ask_begin(void *room, size_t limit, const struct client_as *as, uint64_t number,
                             const char *request, uint32_t fields);

// Sends a question that was begun with number and waits. STATUS_NO_ANSWER, STATUS_NOT_ALLOWED (the
// daemon does not let us in), STATUS_FAILED (it could not be sent), or STATUS_OK: then there is an
// answer, whose own status is another matter. It is checked, and lent until the next call on the
// connection.
enum status connection_ask(struct waternet *connection, const struct wire_writer *request,
                           uint64_t number, struct bytes *ret_answer) MUST_CHECK;

// Why nothing comes over a link, by what was seen of it: STATUS_NOT_ALLOWED or STATUS_NO_ANSWER,
// and the connection's problem.
enum status connection_silent(struct waternet *connection, struct link *link);

// post.c ----------------------------------------------------------------------------------------

// Posts events that are encoded already, count maps one behind the other: for whom JSON is a
// detour.
enum status client_post_begin(struct waternet *connection, const struct client_as *as,
                              struct bytes events, size_t count, unsigned flags,
                              uint64_t *ret_number);

// waternet_receive() without an answer object. *ret_answer is checked and lent until the next call.
enum status client_receive(struct waternet *connection, int timeout_ms, uint64_t *ret_number,
                           struct bytes *ret_answer);

// Forgets all posts, answered or not.
void posts_finish(struct waternet *connection);

// answer.c --------------------------------------------------------------------------------------

// The number that an answer repeats, 0 if the bytes are no answer at all.
uint64_t answer_read_number(struct bytes answer);
// The status of a checked answer; STATUS_PROTOCOL if it names none that we know.
enum status answer_read_status(struct bytes answer);

// Takes over message and ids. NULL without memory; both are then freed.
struct waternet_answer *answer_create(struct waternet *connection, zmq_msg_t *message, char *ids,
                                      size_t id_count);
// What the library itself has to say, in the shape of the daemon's answers. index < 0: of no event
// in particular. False without memory.
bool answer_write(zmq_msg_t *message, uint64_t number, enum status status,
                  const struct faults *faults, int index) MUST_CHECK;

// sources.c -------------------------------------------------------------------------------------

// The names for an event of a region, asked for once and kept. Lent until the next call.
struct cloudevent_names sources_names(struct waternet *connection, struct bytes region);
// The region may have another one now.
void sources_forget(struct waternet *connection, struct bytes region);

// An event's bytes as a CloudEvent; the caller owns it. NULL if they are no event.
json_t *sources_cloudevent(struct waternet *connection, struct bytes bytes);

#endif
