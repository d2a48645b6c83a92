/*
 * own - posts of the daemon's own, on the way that every post takes: an own post is the first
 * request of a turn, with nobody to answer.
 *
 * Two reasons: the first operator's key (first_keys.c), and a key that floods the feed (flood.c).
 * The actor is the operator, system.
 */
#ifndef DAEMON_OWN_H
#define DAEMON_OWN_H

#include "daemon/turn.h"

struct own_post {
    bool waits; // for its turn
    struct wire_writer writer;
    uint8_t room[4096];
};

// A post of so many events, which waits from now on; each begins with own_event() and has so many
// text fields. An event's id is random: nobody can have taken it before.
void own_begin(struct own_post *own, uint32_t events);
// subject: kind/entity.
void own_event(struct own_post *own, const char *type, const char *region, const char *subject,
               uint32_t fields);
void own_field(struct own_post *own, const char *field, const char *value);

// Puts it into the turn, which is empty. turn->own_status tells later how it was judged.
void own_take(struct own_post *own, struct turn *turn);

#endif
