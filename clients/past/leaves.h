/*
 * leaves - what events and records say, field by field, as people read it.
 *
 * A leaf is one value: {"name": "shares.almelo", "label": "aandelen.almelo", "text": "EUR 12.00"},
 * in the order of the rows. Of a set every item is a leaf of the same name, marked "item". Amounts
 * are in euros. For people labels and words are in their language.
 */
#ifndef PAST_LEAVES_H
#define PAST_LEAVES_H

#include "clients/past/past.h"

// The leaves of a map with the fields of a group. The caller ends it with json_decref().
json_t *leaves_of_group(enum group group, const json_t *data, const struct past_people *people);
// Those of one value under the name of its field; field NULL: it has no row that we know.
json_t *leaves_of_value(const struct field *field, const char *name, const json_t *value,
                        const struct past_people *people);
// Those of an item of a slot: of its data, then its date and source. What its key says is left out.
json_t *leaves_of_item(enum group group, const json_t *item, const struct past_people *people);

// "member: almelo; amount: EUR 12.00", ended. The caller frees it.
char *leaves_line(json_t *leaves);
// At most so many characters of a text, with … where something is missing. The caller frees it.
char *leaves_short(const char *text, size_t most);

#endif
