/*
 * sockets - the owner of <zmq.h> in the daemon, beside zap.
 *
 *     zap       ROUTER   who may connect (zap.h); bound before all others
 *     command   ROUTER   requests of the writer thread: posts
 *     query     ROUTER   requests of the query thread: questions
 *     feed      XPUB     events and heartbeats, local
 *     remote    XPUB     the same over tcp: a socket of its own, so that it can be cut
 *
 * All are local (ipc) in the runtime directory; with `listen` command, query and remote are also
 * bound to three tcp ports in a row, only with CURVE. No message is taken whose sender the
 * handshake has not named.
 *
 * The options that keep strangers and slow readers from doing harm stand here, in tables, each with
 * its reason. A frame is a message of libzmq: zeroed is closed, closing twice is nothing, and it is
 * never copied, since small ones hold their bytes in themselves.
 */
#ifndef DAEMON_SUPPORT_SOCKETS_H
#define DAEMON_SUPPORT_SOCKETS_H

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/status.h"

#include <stdint.h>

struct frame {
    _Alignas(void *) unsigned char opaque[64];
    bool open;
};

// Makes a frame of size bytes, which the caller fills through what is returned. Without memory the
// process ends.
void *frame_create(struct frame *ret_frame, size_t size);
// Lent until the frame is closed or sent.
struct bytes frame_bytes(const struct frame *frame);
void frame_close(struct frame *frame);

// A request as it came: who to answer, its one body, and whom the handshake has named (zap.h). A
// request of several bodies is not whole: body is then empty. user is lent from body; empty: the
// sender is unknown.
struct incoming {
    struct frame from, body;
    struct bytes user;
};

struct sockets_settings {
    const char *runtime_dir;
    const char *listen; // "ADDRESS:PORT"; "" for local only
    char server_secret[CURVE_TEXT + 1];
    int feed_high_water;
};

struct sockets {
    void *context;
    void *zap, *command, *query, *feed;
    void *remote; // NULL: there is none, or it was cut and could not be bound again yet
    struct sockets_settings settings;
    bool served;       // the place is taken: STATUS_POLICY
    char problem[256]; // one English line after a failure
};

// Whether a text is ADDRESS:PORT with room for the two ports after it.
bool sockets_is_listen(const char *text);

// Makes the context and binds the sockets; the runtime directory is made if it is not there. query
// and zap are for the thread that answers questions: handed over before that thread starts, never
// shared. A socket file that another daemon still serves, or a port in use, is a failure.
enum status sockets_open(struct sockets *sockets, const struct sockets_settings *settings)
    MUST_CHECK;
// Closes every connection of the feed over tcp, with what waits to be sent there. libzmq cannot
// close a single one.
void sockets_cut(struct sockets *sockets);
// Binds it again. False if that has to be tried once more: the port is let go of a moment later.
bool sockets_mend(struct sockets *sockets);
// Ends waiting on every socket of the context, in every thread.
void sockets_interrupt(struct sockets *sockets);
// Closes command and the feeds, after what was sent has gone out or a second has passed; the query
// thread closes its own two with socket_close().
void sockets_close(struct sockets *sockets);
void socket_close(void **socket);

// Waits until one of the sockets (NULL: none) or the descriptor (-1: none) can be read; at most
// timeout_ms.
#define WAIT_SOCKETS_MAX 3
struct readiness {
    bool sockets[WAIT_SOCKETS_MAX], descriptor, interrupted;
};
struct readiness sockets_wait(void *const sockets[WAIT_SOCKETS_MAX], int descriptor,
                              int timeout_ms);

// The next request, if one waits. The caller closes both frames.
bool socket_receive(void *router, struct incoming *ret_incoming);
// Sends an answer and closes both frames. False if the client is gone or takes no more answers: it
// can ask again, and a post that is repeated gets the same receipt.
bool socket_answer(void *router, struct frame *to, struct frame *answer);
// Sends one frame to whom it concerns, on both feeds. Drops it for subscribers that are too far
// behind.
void sockets_publish(struct sockets *sockets, struct frame *frame);
// The next subscription or its end, if one waits, on either feed: topic and user are lent from the
// frame, which the caller closes.
enum feed_place { FEED_LOCAL = 1, FEED_REMOTE = 2 }; // bits
struct subscription {
    struct frame frame;
    enum feed_place place;
    bool begins;
    struct bytes topic;
    struct bytes user; // as of an incoming; empty where libzmq says it of a connection that ended
};
bool sockets_next_subscription(struct sockets *sockets, struct subscription *ret_subscription);

#endif
