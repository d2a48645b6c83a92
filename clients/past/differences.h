/*
 * differences - what two records of one entity differ in, and the events that made it so.
 *
 *     {"path", "change": "opened" | "changed" | "ended",
 *      "fields": [{"field", "before"?, "after"?, "by"?}, ...]}
 *
 * A field is one of the record itself ("ended"), one of its fields ("phase"), or an entry of one
 * that is a map or a list of items: "decisions.almelo/financial/execution", "phases.2". A list of
 * words is told whole. What is not there has no "before", or no "after". Taking the differences of
 * A and B to A gives B.
 */
#ifndef PAST_DIFFERENCES_H
#define PAST_DIFFERENCES_H

#include "clients/past/strand.h"

// Of two records, of which one may be NULL: there was none. NULL if there are no differences. The
// caller ends it with json_decref().
json_t *differences_of(const char *path, const json_t *before, const json_t *after);

// Puts "by" to each field: the number of the event that made it what it is in `after`. What is not
// told by the record comes from the thread, which is of that moment, read back to `oldest`. Returns
// 0, or the code of a question that failed.
int differences_explain(json_t *difference, const json_t *after, struct strand *thread,
                        uint64_t oldest);

// What a field of a difference is called: its name, and behind a dot the key of the entry, which is
// NULL if there is none. The caller frees *ret_name.
void differences_split(const char *field, char **ret_name, const char **ret_key);

// Whether a value is an item of a slot.
bool differences_is_item(const json_t *value);

#endif
