/*
 * jsonschema - an event type as JSON Schema (draft 2020-12), from its rows.
 *
 * A document has two shapes in $defs. `read` is the CloudEvent that comes out: with all that the
 * daemon fills in (readOnly) and without private fields. `posted` is the one that goes in: private
 * fields are allowed (writeOnly), what the daemon sets is passed over, and what it fills into data
 * is refused. The document itself accepts either. What needs more than one event or more than a
 * pattern to judge (guards, references, the days of a month) is the daemon's.
 */
#ifndef PROTO_JSONSCHEMA_H
#define PROTO_JSONSCHEMA_H

#include "proto/tables.h"

#include <jansson.h>

// The document of a type under the prefix of a daemon's types. The caller owns it; NULL without
// memory.
json_t *jsonschema_of(const struct event_type *type, const char *type_prefix);

#endif
