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

// The key of an event's item in its slot: its KEY fields with slashes between. Empty if the slot is
// one item.
struct bytes apply_item_key(const struct event *event, char room[PATH_MAX_BYTES * 4]);

#endif
