/*
 * link - one ZeroMQ socket to one of the daemon's addresses.
 *
 * The only file of the library that knows czmq and libzmq. What it keeps from the caller: czmq
 * takes SIGINT and SIGTERM, aborts where no socket can be made, and complains at exit of sockets
 * that are still open. A frame is one message; messages of several frames are dropped, for the
 * daemon sends none. A closed link is zeroed: nothing can be sent or received on it.
 */
#ifndef CLIENTS_LIB_LINK_H
#define CLIENTS_LIB_LINK_H

#include "proto/bytes.h"
#include "proto/status.h"

#include <stdint.h>
#include <zmq.h>

// czmq.h is for link.c alone: it brings <grp.h>, whose `struct group` cannot be beside `enum
// group`.
struct link {
    struct _zsock_t *sock; // of czmq
    void *handle;          // the libzmq socket in it
    int fd;                // edge-triggered: see link_receive()
};

enum link_life {
    LINK_RECONNECTS,     // comes back by itself when the daemon has been away
    LINK_ONE_CONNECTION, // so that all that comes is of one daemon; for ever silent once it is gone
};

// Opens ipc://<dir>/<name>. type is ZMQ_DEALER or ZMQ_SUB. Nobody has to be there yet. On failure
// the link is closed.
enum status link_open(struct link *link, int type, const char *dir, const char *name,
                      enum link_life life) MUST_CHECK;
void link_close(struct link *link);

bool link_subscribe(struct link *link, struct bytes prefix) MUST_CHECK;

// Never waits. False if the frame was not taken.
bool link_send(struct link *link, struct bytes frame) MUST_CHECK;

// Never waits. The next frame into message, which was initialised and loses what it held; false if
// there is none, and only then will fd become readable for what comes next.
bool link_receive(struct link *link, zmq_msg_t *message);

// Makes fd fall quiet without receiving.
void link_settle(struct link *link);

// Sleeps until a frame may be there or clock_ms() has passed until_ms.
void link_wait(struct link *link, int64_t until_ms);

struct bytes message_bytes(zmq_msg_t *message);
// Gives up what it holds; it stays initialised.
void message_clear(zmq_msg_t *message);

// Milliseconds that never go back.
int64_t clock_ms(void);

#endif
