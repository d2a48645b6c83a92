/*
 * event - the thing that happened, and its one canonical form.
 *
 * An event is a map in the order of GROUP_ENVELOPE: what the client says, then what the daemon
 * adds. It is encoded once, by commit.c; these bytes are hashed, stored, published, read, dumped
 * and verified. Two encodings of the same event are the same bytes.
 */
#ifndef PROTO_EVENT_H
#define PROTO_EVENT_H

#include "proto/fault.h"
#include "proto/tables.h"

struct actor {
    struct bytes organisation, role;
    struct bytes via; // empty where it is the role itself
};

// Lent views throughout: into the request, the store, or the scratch memory that was given.
struct event {
    const struct event_type *type;
    struct bytes id;
    struct bytes region;
    struct bytes subject; // kind/entity
    enum kind kind;       // of the subject: the type's, where that is not any
    struct bytes entity;  // its second part
    bool has_expect;
    uint64_t expect;
    struct bytes on, onbasis, ontext; // empty if absent, as all below
    uint64_t corrects;                // 0 if absent
    struct bytes citation, reference;
    struct bytes data;         // canonical map of the public fields, {} at least
    struct bytes private_part; // canonical map of the private fields; only in a request
    // By the daemon:
    struct bytes private_hash;
    uint64_t seq, time;
    struct actor actor;
    uint64_t prev[3]; // of the region, region/kind, region/kind/entity
};

// Room for what event_read() writes beside the request: canonical data and private part.
struct event_scratch {
    uint8_t data[EVENT_BYTES_MAX];
    uint8_t private_part[PRIVATE_BYTES_MAX];
};

// Reads an event that a client sent (checked by wire_check) by the rows: every fault is added, all
// of them at once; returns false if there was one (then *ret_event is as far as it was understood:
// type NULL if not even that). Daemon fields are a fault. The views point into bytes and scratch.
bool event_read(struct bytes bytes, struct event_scratch *scratch, struct faults *faults,
                struct event *ret_event);

// Reads an event that was encoded here. False if it is not one: then it was damaged.
bool event_decode(struct bytes bytes, struct event *ret_event) MUST_CHECK;

// The canonical bytes, into room of EVENT_BYTES_MAX. Empty if it is larger.
struct bytes event_encode(const struct event *event, void *room);

// What the client said, as canonical bytes into room of EVENT_BYTES_MAX: for comparing a repeated
// post with what is stored. Leaves out what the daemon fills in, expect and the private part.
struct bytes event_encode_said(const struct event *event, void *room);

// {organisation, role, via?}: in events, and in the items of records.
void event_write_actor(const struct actor *actor, struct wire_writer *writer);

// The day it counts from in the real world, as a number like 20150331: the last day of its `on`, or
// else the day of its `time` in UTC.
uint32_t event_day(const struct event *event);

// The event's topic "/region/kind/entity/type" into room of TOPIC_MAX.
struct bytes event_topic(const struct event *event, char *room);
// The same from the bytes of an encoded event, of which only the first fields are read. Empty if
// they are not those of an event.
struct bytes event_encoded_topic(struct bytes encoded, char *room);
// prev from the bytes of an encoded event, of which only the last ones are read. False if they are
// not those of an event.
bool event_encoded_prev(struct bytes encoded, uint64_t ret_prev[3]) MUST_CHECK;
// "region/kind/entity" into room of PATH_MAX_BYTES.
struct bytes event_path(const struct event *event, char *room);

#endif
