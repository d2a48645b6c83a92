/*
 * sockets - the only owner of <zmq.h> in the daemon.
 *
 *     command   ROUTER   requests of the writer thread: posts
 *     query     ROUTER   requests of the query thread: questions
 *     feed      XPUB     events and heartbeats
 *
 * The options that keep strangers and slow readers from doing harm stand here, in tables, each with
 * its reason. A frame is a message of libzmq: zeroed is closed, closing twice is nothing, and it is
 * never copied, since small ones hold their bytes in themselves.
 */
#ifndef DAEMON_SUPPORT_SOCKETS_H
#define DAEMON_SUPPORT_SOCKETS_H

#include "proto/bytes.h"
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

// A request as it came: who to answer, and its one body. A request of several bodies is not whole:
// body is then empty.
struct incoming {
    struct frame from, body;
};

struct sockets {
    void *context;
    void *command, *query, *feed;
    bool served;       // the place is taken: STATUS_POLICY
    char problem[256]; // one English line after a failure
};

// Makes the context and binds the three sockets below the runtime directory, which is made if it is
// not there. query is for the thread that answers questions: handed over before that thread starts,
// never shared. A socket file that another daemon still serves is a failure.
enum status sockets_open(struct sockets *sockets, const char *runtime_dir, int feed_high_water)
    MUST_CHECK;
// Ends waiting on every socket of the context, in every thread.
void sockets_interrupt(struct sockets *sockets);
// Closes command and feed, after what was sent has gone out or a second has passed; the query
// thread closes its own with socket_close().
void sockets_close(struct sockets *sockets);
void socket_close(void **socket);

// Waits for requests, subscriptions, or a readable descriptor (-1: none); at most timeout_ms.
struct readiness {
    bool requests, subscriptions, descriptor, interrupted;
};
struct readiness sockets_wait(void *router, void *feed, int descriptor, int timeout_ms);

// The next request, if one waits. The caller closes both frames.
bool socket_receive(void *router, struct incoming *ret_incoming);
// Sends an answer and closes both frames. False if the client is gone or takes no more answers: it
// can ask again, and a post that is repeated gets the same receipt.
bool socket_answer(void *router, struct frame *to, struct frame *answer);
// Sends one frame to whom it concerns. Drops it for subscribers that are too far behind.
void socket_publish(void *feed, struct frame *frame);
// The next subscription or its end, if one waits: *ret_topic is lent from *ret_frame.
bool socket_next_subscription(void *feed, struct frame *ret_frame, bool *ret_begins,
                              struct bytes *ret_topic);

#endif
