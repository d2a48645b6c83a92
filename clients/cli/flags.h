/*
 * flags - the command-line flags of an event type, made from its rows in fields.def.
 *
 * Every field that a client may fill in is one flag: a field of a group has a dotted name
 * (--baseline.phase), lists and sets are repeated or, where no item can hold one, separated by
 * commas, maps are NAME=VALUE in the same way. A field named like an option of `post` itself is
 * --data.NAME.
 */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#include "proto/tables.h"

#include <jansson.h>

#define FLAG_NAME_MAX 96
#define FLAGS_MAX 96
#define PROBLEM_MAX 384

struct flag {
    char name[FLAG_NAME_MAX]; // without the dashes
    const char *path;         // of the value in data, or of the attribute; a part of name
    const struct field *field;
    const struct field *within; // the optional group that it belongs to; NULL if none
    bool envelope;              // an attribute of the event itself, not of its data
    bool required;              // inside `within`: if that is given at all
};

struct flags {
    const struct event_type *type; // NULL: none, and there are no rows
    unsigned count;
    struct flag rows[FLAGS_MAX];
};

// The flags of a type: its data in the order of the rows, then the envelope.
void flags_init(struct flags *flags, const struct event_type *type);
// NULL if there is none of that name.
const struct flag *flags_find(const struct flags *flags, struct bytes name);

// Puts a typed value into the event (attributes at the top, the rest in its object "data"). False
// if it cannot be made a value of the field's type; problem then says what would be right.
bool flags_apply(const struct flag *flag, const char *value, json_t *event,
                 char problem[PROBLEM_MAX]);

// Whether the value names the event that is corrected by its id ("id:..."); the number has to be
// put in its place before it is posted.
bool flags_names_event(const struct flag *flag, const char *value);

// What stands in the event where the flag puts its value; NULL if nothing.
json_t *flags_value(const struct flag *flag, json_t *event);

// Whether the daemon would take the value as far as can be seen from here; problem as above.
bool flags_check(const struct flag *flag, const char *value, char problem[PROBLEM_MAX]);

// What its value is called in the help: "DATE", "MEMBER".
void flags_argument(const struct flag *flag, char ret_name[FLAG_NAME_MAX]);
// Everything the rows tell: required or not, limits, choices. Ends without a full stop.
void flags_limits(const struct flag *flag, char ret_text[PROBLEM_MAX]);

#endif
