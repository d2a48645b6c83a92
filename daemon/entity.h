/*
 * entity - the record of an entity: what stands in the table entities under region/kind/entity.
 *
 * Most entities have one event only. What that makes of nothing is their record, so it is not kept
 * a second time: their row is the event's number, 8 bytes big-endian. The row of any other is a
 * canonical map in this order, what is absent left out:
 *
 *     version    seq of its newest event
 *     opened     seq of the event that opened it (again)
 *     ended      seq of the event that ended it
 *     on onbasis ontext citation reference   as the event that opened or restated it had them
 *     fields     map, in byte order of the names: what SET, OPEN and END gave, and the slots
 *     corrected  list of the seqs that later events corrected
 *
 * A slot is a map of items by key, a list of items, or a single item. An item is a map:
 *
 *     seq time on? onbasis? ontext? citation? reference? actor data
 *
 * Replaying the entity's events through apply.c gives these bytes again.
 */
#ifndef DAEMON_ENTITY_H
#define DAEMON_ENTITY_H

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/wire.h"

#include <stdint.h>

// Lent from the record's bytes. Zeroed is an entity that never was.
struct entity {
    uint64_t version, opened, ended;
    struct bytes on, onbasis, ontext, citation, reference;
    struct bytes fields;    // map, or empty
    struct bytes corrected; // list, or empty
    struct bytes record;    // all of it
};

static inline bool entity_exists(const struct entity *entity)
{
    return entity->version != 0 && entity->ended == 0;
}

// Whether and since when there is an entity, which is all that a reference asks. Zeroed is an
// entity that never was.
struct standing {
    uint64_t version, opened, ended;
};

static inline bool standing_exists(const struct standing *standing)
{
    return standing->version != 0 && standing->ended == 0;
}

// True if a row is the number of the entity's only event; *ret_seq.
bool entity_is_single(struct bytes row, uint64_t *ret_seq);
// Reads no further than it must. False if the bytes are no row: then they were damaged. Empty bytes
// are an entity that never was.
bool entity_standing(struct bytes row, struct standing *ret_standing) MUST_CHECK;

// False if the bytes are no record: then they were damaged. Empty bytes are an entity that never
// was.
bool entity_decode(struct bytes record, struct entity *ret_entity) MUST_CHECK;
void entity_encode(const struct entity *entity, struct wire_writer *writer);

// A text field; empty if it has none.
struct bytes entity_text(const struct entity *entity, const char *name);

// Whether the private part of one of its events was erased (by a private.erased of it).
bool entity_has_erased(const struct entity *entity, uint64_t seq);

// Pairs of a map, for changing some of them: keys and encoded values, lent.
struct pairs {
    uint32_t count;
    struct {
        struct bytes key, value;
    } rows[WIRE_MAP_MAX];
};

// An empty map for empty bytes.
void pairs_read(struct pairs *pairs, struct bytes map);
// Empty bytes if there is no such key.
struct bytes pairs_get(const struct pairs *pairs, struct bytes key);
// Sets or adds, in byte order of the keys. False if there is no room for another.
bool pairs_set(struct pairs *pairs, struct bytes key, struct bytes value) MUST_CHECK;
void pairs_remove(struct pairs *pairs, struct bytes key);
void pairs_write(const struct pairs *pairs, struct wire_writer *writer);

#endif
