/*
 * cloudevent - an event as a CloudEvent in JSON, and back.
 *
 * Sources: CloudEvents 1.0.2 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md),
 * its JSON event format, and the NL GOV profile for CloudEvents 1.0 (source as urn:nld:oin:...,
 * type as reverse DNS). The attributes and how each is written stand in proto/README.md.
 */
#ifndef PROTO_CLOUDEVENT_H
#define PROTO_CLOUDEVENT_H

#include "proto/event.h"
#include "proto/tree.h"

#include <jansson.h>

// What stands in every event of one log, set by the daemon's configuration and the region.
struct cloudevent_names {
    const char *type_prefix; // "nl.waterketens."
    const char *source_id;   // the OIN; NULL for the test OIN
};

#define CLOUDEVENT_TYPE_PREFIX "nl.waterketens."
#define CLOUDEVENT_TEST_OIN "00000099000000000000"

// A new object, which the caller owns; NULL if the event's data are not as the rows have them.
// leaf NULL: computed from nothing, the attribute is absent.
json_t *cloudevent_from_event(const struct event *event, const struct hash *leaf,
                              const struct cloudevent_names *names);

// The wire form of what a client says in a CloudEvent object: the canonical-enough map that `post`
// takes. Attributes that only the daemon sets are left out if they are there (so that an export can
// be posted again), an unknown attribute or one of the wrong JSON type is a fault. *ret_as is the
// value of the extension `as` ("secretary:twente"), or empty; lent from the object.
bool cloudevent_to_wire(const json_t *object, const struct cloudevent_names *names,
                        struct faults *faults, struct wire_writer *writer, struct bytes *ret_as);

// A JSON value from a checked wire value (bytes become hex digits), and the other way. NULL, or
// false, for what the other side does not have: nil, floats, numbers beyond 63 bits.
json_t *json_from_wire(struct bytes value);
bool json_to_wire(const json_t *value, struct wire_writer *writer);

#endif
