/*
 * schema - checks a map against a group of fields.def and writes it in canonical form, in one walk.
 *
 * Canonical: the fields in the order of the rows, shortest headers, an empty optional absent, a set
 * sorted and without doubles, a list in its order, a free map in byte order of its keys.
 */
#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include "proto/fault.h"
#include "proto/tables.h"

// Which fields are taken, and what is said of the others.
enum schema_part {
    SCHEMA_PUBLIC,  // what a client may send and everybody may see; a daemon field is a fault
    SCHEMA_PRIVATE, // only the private fields; nothing is said of the others
};

// Walks `map` (checked bytes) by the rows of group and writes the fields of `part`. Every fault is
// added with its place, `where` and a dot before the field's name. required: whether the required
// fields are. Returns the number of fields written; nothing is closed off on overflow, the caller
// looks at the writer.
unsigned schema_write(enum group group, enum schema_part part, bool required, struct bytes map,
                      const char *where, struct faults *faults, struct wire_writer *writer);

// Whether any field of a group belongs to a part.
bool schema_has_part(enum group group, enum schema_part part);

// The values of a map by the rows of its group: rows[i] where bit i of present is set.
struct schema_values {
    uint32_t present;
    struct wire_value rows[FIELDS_PER_GROUP_MAX];
};
// The public fields of a map, required ones included, checked as by schema_write(); nothing is
// written. *ret_values has every field that is there, faulty ones too.
void schema_check(enum group group, struct bytes map, const char *where, struct faults *faults,
                  struct schema_values *ret_values);

// How many items a field that is a list, set or map may have.
uint32_t schema_items_max(const struct field *field);

// Amounts of money, in cents: a million million euro, either way.
#define SCHEMA_CENTS_MAX INT64_C(100000000000000)

// The forms of a text (schema_text.c).
bool schema_is_id(struct bytes text);
bool schema_is_date(struct bytes text);
// The last day of a date or period that schema_is_date() takes, as the number 20150331 for
// "2015-03".
uint32_t schema_last_day(struct bytes date);
// Its first day in the same form: 20150301.
uint32_t schema_first_day(struct bytes date);
bool schema_is_decimal(struct bytes text);
// kind/entity with a known kind and a well-formed id; *ret_entity is the second part.
bool schema_is_path(struct bytes text, enum kind *ret_kind, struct bytes *ret_entity);
bool schema_is_url(struct bytes text);
bool schema_is_oin(struct bytes text);
// 32 bytes in Z85 (ZeroMQ RFC 32), as zcert writes a public key.
bool schema_is_curve(struct bytes text);
// Control characters, C1 included; a newline counts as one unless newlines are allowed.
bool schema_has_control(struct bytes text, bool newlines);
size_t schema_characters(struct bytes text);
// Nothing but printable ASCII: a character a byte, and no controls.
bool schema_is_plain(struct bytes text);
// Nothing but blanks and newlines, or nothing at all.
bool schema_is_blank(struct bytes text);

#endif
