/*
 * request - what a client asks, read by the rows of requests.def; and the answers' common shape.
 *
 *     {number, request, as?, ...}  ->  {number, status: "ok", ...}
 *                                      {number, status, message, index?, faults: [...], untold?}
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "daemon/identity.h"
#include "daemon/support/sockets.h"

#include "proto/fault.h"
#include "proto/tables.h"

// Lent from the request's bytes; absent texts are empty, absent numbers 0.
struct request {
    const struct request_row *row;
    uint64_t number;
    struct claim as;
    struct bytes events; // list of encoded events
    uint32_t event_count;
    bool dry;
    uint64_t protocol, after, bytes, count;
    bool has_until;
    uint64_t until;
    struct bytes region, kind, entity, prefix, from, id, member, type, key, on;
    struct bytes name, log;
    uint64_t seq;
    bool has_position, remove;
    uint64_t position;
    bool has_at;
    uint64_t at;
};

// Reads a request that came in on a socket. False: the faults say why, and row or number may be
// what could be read of them.
bool request_read(struct bytes body, enum request_socket socket, struct faults *faults,
                  struct request *ret_request);

// Begins an answer in writer: the map's header, number and status; `pairs` more are to follow.
void answer_begin(struct wire_writer *writer, uint64_t number, enum status status, uint32_t pairs);
// A whole answer of a status and its sentence. With faults (NULL: none) those; with index >= 0
// which event of a post they are about.
void answer_refuse(struct wire_writer *writer, uint64_t number, enum status status,
                   const struct faults *faults, int64_t index);

#endif
