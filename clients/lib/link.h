/*
 * link - one ZeroMQ socket to one of the daemon's sockets, local or over tcp with CURVE.
 *
 * The only file of the library that knows czmq and libzmq. What it keeps from the caller: czmq
 * takes SIGINT and SIGTERM, aborts where no socket can be made, and complains at exit of sockets
 * that are still open. A frame is one message; messages of several frames are dropped, for the
 * daemon sends none. A closed link is zeroed: nothing can be sent or received on it.
 */
#ifndef CLIENTS_LIB_LINK_H
#define CLIENTS_LIB_LINK_H

#include "clients/lib/address.h"
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
    void *monitor;         // over tcp: what happens to its connections; NULL if local
    int monitor_fd;        // edge-triggered too: see link_look()
    unsigned seen;         // of enum link_sight, until now
    int sockets;           // that it takes of the context
};

// In the order of their ports.
enum link_end { LINK_COMMAND, LINK_QUERY, LINK_FEED };

enum link_life {
    LINK_RECONNECTS,     // comes back by itself when the daemon has been away
    LINK_ONE_CONNECTION, // so that all that comes is of one daemon; for ever silent once it is gone
};

// What has happened over tcp. libzmq tries again whatever it was, and tells the caller nothing.
enum link_sight {
    LINK_REACHED = 1,  // somebody listens there
    LINK_ADMITTED = 2, // and has let us in
    LINK_REFUSED = 4,  // the daemon has looked at our key and does not let it in
    LINK_UNHEARD = 8,  // the handshake ended without a word, as with another server key than ours
    LINK_CUT = 16,     // a connection is gone
};

// Opens one of the daemon's sockets: a DEALER, or of the feed a SUB. Nobody has to be there yet. On
// failure the link is closed. The address is lent for the call.
enum status link_open(struct link *link, const struct address *address, enum link_end end,
                      enum link_life life) MUST_CHECK;
void link_close(struct link *link);

// What has happened until now, bits of enum link_sight; 0 for what is local. Only then will
// monitor_fd become readable for what comes next.
unsigned link_look(struct link *link);

bool link_subscribe(struct link *link, struct bytes prefix) MUST_CHECK;

// Never waits. False if the frame was not taken.
bool link_send(struct link *link, struct bytes frame) MUST_CHECK;

// Never waits. The next frame into message, which was initialised and loses what it held; false if
// there is none, and only then will fd become readable for what comes next.
bool link_receive(struct link *link, zmq_msg_t *message);

// Makes fd fall quiet without receiving.
void link_settle(struct link *link);

// Sleeps until a frame may be there, something was seen, or clock_ms() has passed until_ms.
void link_wait(struct link *link, int64_t until_ms);

struct bytes message_bytes(zmq_msg_t *message);
// Gives up what it holds; it stays initialised.
void message_clear(zmq_msg_t *message);

// Milliseconds that never go back.
int64_t clock_ms(void);

#endif
