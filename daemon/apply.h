/*
 * apply - an entity as it stands after an event. Pure, and generic over the rows.
 *
 * Refusing is check's work: what comes here has passed. Replaying the log from empty through this
 * function gives the stored records to the byte; a change of what it does bumps APPLY_VERSION.
 */
#ifndef DAEMON_APPLY_H
#define DAEMON_APPLY_H

#include "daemon/entity.h"

#include "proto/event.h"

// The record after event, into the room. before is lent, from other memory than the room. Empty
// bytes if it would pass ENTITY_BYTES_MAX or a map's or list's number of items.
struct bytes apply_event(const struct entity *before, const struct event *event,
                         uint8_t room[ENTITY_BYTES_MAX]);

// The same for several events of one entity, which is decoded and encoded only once: begin, next
// for each event, the oldest first, and end. A thread has one application at a time. before and
// what the events are lent from must stay until the end.
struct application;
struct application *apply_begin(const struct entity *before);
void apply_next(struct application *to, const struct event *event);
struct bytes apply_end(struct application *to);

// The key of an event's item in its slot: its KEY fields with slashes between. Empty if the slot is
// one item.
struct bytes apply_item_key(const struct event *event, char room[PATH_MAX_BYTES * 4]);

#endif
