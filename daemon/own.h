/*
 * own - posts of the daemon's own, on the way that every post takes: judged, committed, published.
 *
 * Two reasons: the first operator's key (admission.c), and a key that floods the feed (server.c).
 * The actor is the operator, system.
 */
#ifndef DAEMON_OWN_H
#define DAEMON_OWN_H

#include "proto/limits.h"
#include "proto/status.h"
#include "proto/wire.h"

struct server;

struct own_post {
    struct wire_writer writer;
    uint8_t room[4096];
};

// A post of so many events; each begins with own_event() and has so many text fields.
void own_begin(struct own_post *post, uint32_t events);
// subject: kind/entity. name: with the type the event's id, which makes a repeat a duplicate.
void own_event(struct own_post *post, const char *type, const char *region, const char *subject,
               const char *name, uint32_t fields);
void own_field(struct own_post *post, const char *field, const char *value);

// Between turns, on the writing thread. Anything but STATUS_OK of the store's own kind (exit codes
// of server.h) ends the process, as in a turn; a refusal is told as such.
enum status own_send(struct server *server, struct own_post *post) MUST_CHECK;

#endif
