/*
 * words - what events and records say, field by field, as people read it.
 *
 * A leaf is one value: {"name": "shares.almelo", "label": "aandelen.almelo", "text": "EUR 12.00"},
 * in the order of the rows. Of a set every item is a leaf of the same name, marked "item". Amounts
 * are in euros. For people, which is on a terminal, labels and words are in their language.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "clients/cli/output.h"

#include "proto/tables.h"

// The leaves of a map with the fields of a group. The caller ends it with json_decref().
json_t *words_leaves(enum group group, const json_t *data, bool people);
// Those of one value under the name of its field; field NULL: it has no row that we know.
json_t *words_leaves_of(const struct field *field, const char *name, const json_t *value,
                        bool people);
// Those of an item of a slot: of its data, then its date and source. What its key says is left out.
json_t *words_leaves_of_item(enum group group, const json_t *item, bool people);

// "member: almelo; amount: EUR 12.00", ended. The caller frees it.
char *words_line(json_t *leaves);
// At most so many characters of a text, with … where something is missing. The caller frees it.
char *words_short(const char *text, size_t most);

#endif
