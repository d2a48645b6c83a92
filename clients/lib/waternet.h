/*
 * waternet - the client library of waternetd, the daemon that keeps a region's programme.
 *
 * Three things: ask (post, get, list, or any question), follow (every event of a level, each once
 * and in order, the past first and then live), and read what came. Events are CloudEvents in JSON
 * at the edge and the daemon's own canonical bytes inside, which hash to the log's leaves.
 *
 * The daemon is on this machine, or elsewhere over tcp with CURVE: then it knows who asks by a key.
 *
 * A connection and its followers belong to one thread at a time. No call aborts the process,
 * installs a signal handler or writes to a stream. Everything handed out as `const` is lent until
 * the next call on the same object. Since 0.1.
 */
#ifndef WATERNET_H
#define WATERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WATERNET_API __attribute__((visibility("default")))

// How a call ended. The numbers are those of the wire and never change their meaning; what each
// means, and the exit code that a command should end with, stands in proto/status.def.
enum waternet_status {
    WATERNET_OK = 0,
    WATERNET_AGAIN = 1,     // nothing there yet: call again when the descriptor is readable
    WATERNET_FAILED = 2,    // the daemon's machine failed, or this one's memory
    WATERNET_MALFORMED = 3, // the faults say which field and what would be right
    WATERNET_TOO_BIG = 4,
    WATERNET_PROTOCOL = 5, // the daemon speaks another version
    WATERNET_NOT_FOUND = 6,
    WATERNET_NOT_ALLOWED = 7,
    WATERNET_CONFLICT = 8, // `expect` did not hold, or the id is taken by another event
    WATERNET_REFUSED = 9,  // by a guard; the faults say which and what would be accepted
    WATERNET_STALE = 10,   // another history than the one that was followed
    WATERNET_CORRUPT = 11,
    WATERNET_NO_ANSWER = 12, // outcome unknown: post again with the same id, it is safe
    WATERNET_BUSY = 13,
    WATERNET_CLOCK = 14,
    WATERNET_STORAGE_LOW = 15,
    WATERNET_STORAGE_FULL = 16,
    WATERNET_STORAGE_LOCKED = 17,
    WATERNET_POLICY = 18,
};

// The name on the wire ("not-found"), one English sentence, and the exit code of a command.
WATERNET_API const char *waternet_status_name(enum waternet_status status);
WATERNET_API const char *waternet_status_sentence(enum waternet_status status);
WATERNET_API int waternet_status_exit(enum waternet_status status);

// Connecting ------------------------------------------------------------------------------------

struct waternet; // one connection to one daemon

struct waternet_options {
    const char *runtime_dir; // where the daemon's sockets are; NULL: $XDG_RUNTIME_DIR/waternet if
                             // that directory exists, otherwise /run/waternet
    const char *as;          // "ROLE" or "ROLE:ORGANISATION" for every request; NULL: the default
    int timeout_ms;          // how long a question waits for its answer; 0: 5000

    // Over tcp with CURVE, instead of runtime_dir.
    const char *server; // "HOST:PORT": a name, an IPv4 address or an [IPv6] address, and the port
                        // of commands, with query and feed at the next two; NULL: as the key
                        // file says, or without one, local
    const char *server_key; // the server's public key, 40 characters of Z85; NULL: as the key file
                            // says
    const char *key_file;   // the file of our secret key, as waternet_key_create() makes it and
                            // CZMQ's zcert and pyzmq do; it must be the user's, and readable for
                            // nobody else
};

// Connects and says hello. On WATERNET_OK the caller owns *ret_connection; on any other status
// *ret_connection is NULL and *ret_problem, if asked for, is an English sentence, for ever good.
// WATERNET_NO_ANSWER: nobody answers there. WATERNET_NOT_ALLOWED: this user may not use the
// sockets, or the daemon does not let the key in. WATERNET_NOT_FOUND: there is no such key file.
// WATERNET_MALFORMED: an option, or what the key file is or holds. options may be NULL; its texts
// are not needed after the call. The secret key stays in memory until the connection is closed, and
// is wiped then, but for the copy that libzmq keeps.
WATERNET_API enum waternet_status waternet_open(const struct waternet_options *options,
                                                struct waternet **ret_connection,
                                                const char **ret_problem);
// Closes it and sets the pointer to NULL. Followers of it must be closed before. NULL is accepted.
WATERNET_API void waternet_close(struct waternet **connection);

// Why the last call on the connection, or on a follower of it, came to WATERNET_NO_ANSWER or
// WATERNET_NOT_ALLOWED without the daemon having said so: an English sentence, for ever good. NULL
// if there is nothing to add to the status.
WATERNET_API const char *waternet_problem(const struct waternet *connection);

// "HOST:PORT" and the server's public key: over tcp as the options or the key file had them; of a
// local connection as the daemon says that it listens. NULL where it does not, or on all addresses.
//
WATERNET_API const char *waternet_server(const struct waternet *connection);
WATERNET_API const char *waternet_server_key(const struct waternet *connection);

// What the daemon said at hello: its version, its log's id (32 hex digits), the prefix of its
// types.
WATERNET_API const char *waternet_daemon_version(const struct waternet *connection);
WATERNET_API const char *waternet_log_id(const struct waternet *connection);
WATERNET_API const char *waternet_type_prefix(const struct waternet *connection);

// Keys ------------------------------------------------------------------------------------------

// Makes a new pair of CURVE keys into a file that must not exist yet: never overwrites, readable
// for its owner only, on disk before it returns. The format is that of CZMQ's zcert, with server
// and server_key in its metadata (see waternet_options; each may be NULL), so that the file alone
// is enough to connect. The public key, closed by a zero, is to be registered with the daemon
// (key.added); the secret key stays in the file. On any status but WATERNET_OK there is no new
// file, ret_public is untouched and *ret_problem, if asked for, is an English sentence, for ever
// good: WATERNET_CONFLICT: something of that name is there; WATERNET_MALFORMED: server or
// server_key; WATERNET_FAILED: it could not be written. Source:
// https://rfc.zeromq.org/spec/26/ and /spec/32/.
#define WATERNET_KEY_SIZE 41
WATERNET_API enum waternet_status waternet_key_create(const char *path, const char *server,
                                                      const char *server_key,
                                                      char ret_public[WATERNET_KEY_SIZE],
                                                      const char **ret_problem);

// Asking ----------------------------------------------------------------------------------------

// An answer. The caller owns it and ends it with waternet_answer_free().
struct waternet_answer;

WATERNET_API enum waternet_status waternet_answer_status(const struct waternet_answer *answer);
// The whole answer as one JSON object, as proto/README.md describes each: {"status":"ok", ...},
// events in it as CloudEvents. Lent as long as the answer. NULL only without memory.
WATERNET_API const char *waternet_answer_json(struct waternet_answer *answer);
WATERNET_API void waternet_answer_free(struct waternet_answer **answer);

// Posts events, each the JSON text of a CloudEvent (see proto/README.md; `source`, `time` and what
// else the daemon fills in may be absent). Several stand or fall together. The id decides whether
// an event is new: repeating a post with the same ids is always safe. An event without an id gets
// one (UUIDv7), which the answer tells ("id" in its receipt, "ids" of all events where there are no
// receipts), so that the caller can repeat with it. An event's extension attribute "as" goes before
// that of the connection. WATERNET_NOT_ALLOWED also where the daemon did not let the key in, so
// that nothing got there; where it had done so before, and no answer came, it is
// WATERNET_NO_ANSWER. Waits for the answer. *ret_answer is set whenever there is something to tell
// (receipts, faults, or with WATERNET_NO_ANSWER the ids), and NULL otherwise.
enum waternet_post_flag {
    WATERNET_DRY_RUN = 1, // judge only: nothing is stored, the answer tells what would be
};
WATERNET_API enum waternet_status waternet_post(struct waternet *connection,
                                                const char *const *events, size_t count,
                                                unsigned flags,
                                                struct waternet_answer **ret_answer);

// The same without waiting: up to 1,024 posts may be unanswered; WATERNET_BUSY above that.
// *ret_number names the post; waternet_receive() returns the answers, which for posts come in their
// order. What the library itself finds wrong with an event is an answer too.
WATERNET_API enum waternet_status waternet_post_begin(struct waternet *connection,
                                                      const char *const *events, size_t count,
                                                      unsigned flags, uint64_t *ret_number);
// Waits at most timeout_ms (0: not at all) for the next answer to a post that was begun;
// WATERNET_AGAIN if there is none. Returns the status of that answer; once one of them has waited
// for as long as a question may, WATERNET_NO_ANSWER for each that is unanswered then.
WATERNET_API enum waternet_status waternet_receive(struct waternet *connection, int timeout_ms,
                                                   uint64_t *ret_number,
                                                   struct waternet_answer **ret_answer);

// Any question that proto/README.md describes, as a JSON object with its name and its fields, but
// without number: {"request":"next","region":"twente","at":812}. An "as" in it, {"role":...,
// "organisation":...}, goes before that of the connection. The functions below are shorter ways to
// ask some of them. Cursors are listed, set and removed in the same way. What the library itself
// finds wrong with it is an answer too.
WATERNET_API enum waternet_status waternet_ask(struct waternet *connection, const char *request,
                                               struct waternet_answer **ret_answer);

// One entity: path is "twente/werkplaats/rioolvervanging".
WATERNET_API enum waternet_status waternet_get(struct waternet *connection, const char *path,
                                               struct waternet_answer **ret_answer);
// Entities in the order of their paths, one answer's worth. region, kind and from may be NULL; if
// the answer has "next", call again with it as from.
WATERNET_API enum waternet_status waternet_list(struct waternet *connection, const char *region,
                                                const char *kind, const char *from,
                                                struct waternet_answer **ret_answer);
// The event with an id ("event" in the answer).
WATERNET_API enum waternet_status waternet_find(struct waternet *connection, const char *id,
                                                struct waternet_answer **ret_answer);
// The event types and their fields, as the daemon knows them, one answer's worth; from as above.
WATERNET_API enum waternet_status waternet_types(struct waternet *connection, const char *from,
                                                 struct waternet_answer **ret_answer);
WATERNET_API enum waternet_status waternet_status(struct waternet *connection,
                                                  struct waternet_answer **ret_answer);

// A new id for an event: UUIDv7 (RFC 9562, section 5.7), so that ids are in order of time. Room of
// 37 bytes, closed by a zero.
#define WATERNET_ID_SIZE 37
WATERNET_API void waternet_new_id(char ret_id[WATERNET_ID_SIZE]);

// Following -------------------------------------------------------------------------------------

// An event as it came. All of it is lent until the next call on the follower.
struct waternet_event {
    uint64_t seq;                             // its place in the log, from 1, without gaps
    uint64_t time;                            // of the commit, milliseconds since 1970 UTC
    const char *id, *type, *region, *subject; // type without prefix; subject is "kind/entity"
    const uint8_t *bytes;                     // the canonical bytes
    size_t size;
};

// Its leaf in the log's tree: SHA-256 over 0x00 and the bytes (RFC 6962).
WATERNET_API void waternet_event_hash(const struct waternet_event *event, uint8_t ret_hash[32]);

struct waternet_follower; // one level, one position

#define WATERNET_END UINT64_MAX // only what comes from now on

// Follows a level: "/", "/twente/", "/twente/werkplaats/" or "/twente/werkplaats/rioolvervanging/".
// Another text is WATERNET_MALFORMED. Delivers every event of the level after the sequence number
// `after` (0: from the beginning), each once, in order: the log first, then live. What the live
// feed drops is noticed within one heartbeat and read from the log. Several levels: several
// followers. The caller owns *ret_follower. WATERNET_NO_ANSWER: no heartbeat within the
// connection's timeout. WATERNET_STALE: the log is not the one of hello, or is shorter than
// `after`.
WATERNET_API enum waternet_status waternet_follow(struct waternet *connection, const char *level,
                                                  uint64_t after,
                                                  struct waternet_follower **ret_follower);
WATERNET_API void waternet_follower_close(struct waternet_follower **follower);

// The next event; waits at most timeout_ms (0: not at all, -1: for ever). WATERNET_AGAIN: none in
// that time. WATERNET_NOT_ALLOWED: over tcp, the daemon no longer lets the key in; the follower
// ends here. WATERNET_STALE: the daemon now has another history than the one followed (another log,
// or one that is shorter): what was delivered may no longer stand; the follower ends here. While
// the daemon is away it goes on trying. Interrupted by a signal: WATERNET_AGAIN. Any other status
// ends the follower too: WATERNET_CORRUPT where the log lacks an event or holds one that this
// version cannot read, or what the daemon says when it refuses to let the log be read.
WATERNET_API enum waternet_status waternet_next(struct waternet_follower *follower, int timeout_ms,
                                                struct waternet_event *ret_event);

// Following with a cursor: the daemon keeps how far this consumer has got, so that it goes on there
// after whatever happened to it. waternet_follow(), from where the cursor `name` stands; a new one
// begins at `after`. WATERNET_CONFLICT: the cursor follows another level than this one.
// WATERNET_MALFORMED: the level, or the name, which is an id like "archief-1".
// WATERNET_STALE: also where the cursor stands beyond the log.
//
// lag_ms says how often the cursor moves. 0: with every event, and waternet_next() hands out an
// event only when the cursor is on disk behind the one that was finished before. So whenever the
// consumer is killed, each event is finished at least once, in order, and at most the last one
// twice: recognise it by its id. That costs the daemon a sync for each event. Otherwise the cursor
// moves once in so many milliseconds, and what was finished in that time may come again.
WATERNET_API enum waternet_status waternet_follow_cursor(struct waternet *connection,
                                                         const char *level, const char *name,
                                                         uint64_t after, int lag_ms,
                                                         struct waternet_follower **ret_follower);
// The consumer has finished with this event and all before it. Never waits: what hinders the cursor
// from moving is told by waternet_next(), and ends the follower: WATERNET_NOT_FOUND where it was
// removed, WATERNET_NOT_ALLOWED where it is another organisation's, WATERNET_STALE where the log
// ends before it. While the daemon is away it is tried again. WATERNET_MALFORMED: the follower has
// no cursor, or has not delivered that event.
WATERNET_API enum waternet_status waternet_done(struct waternet_follower *follower,
                                                const struct waternet_event *event);
// Waits until the cursor is on disk behind all that was finished, at most as long as a question
// may. waternet_follower_close() does the same, without telling.
WATERNET_API enum waternet_status waternet_follower_flush(struct waternet_follower *follower);

// A descriptor for anyone's poll loop: when it is readable, call waternet_next() with 0 until it
// returns WATERNET_AGAIN.
WATERNET_API int waternet_follower_fd(const struct waternet_follower *follower);

// Everything of the level up to this sequence number has been delivered.
WATERNET_API uint64_t waternet_follower_position(const struct waternet_follower *follower);

enum waternet_follower_state {
    WATERNET_CATCHING_UP, // reading the log
    WATERNET_LIVE,        // nothing is missing as of the last heartbeat
    WATERNET_SILENT,      // no heartbeat for 3 seconds: reconnecting
};
WATERNET_API enum waternet_follower_state
waternet_follower_state(const struct waternet_follower *follower);

// How long ago the last heartbeat came, in milliseconds, and the number of the newest event of the
// log that it told; -1 and 0 before the first.
WATERNET_API int64_t waternet_follower_heartbeat(const struct waternet_follower *follower,
                                                 uint64_t *ret_head);

// How many holes were repaired from the log so far, and how many events that brought.
WATERNET_API void waternet_follower_repairs(const struct waternet_follower *follower,
                                            uint64_t *ret_holes, uint64_t *ret_events);

// The event as a CloudEvent in JSON, one line. The caller frees it with free(). NULL without
// memory.
WATERNET_API char *waternet_event_json(struct waternet_follower *follower,
                                       const struct waternet_event *event);

#ifdef __cplusplus
}
#endif

#endif
