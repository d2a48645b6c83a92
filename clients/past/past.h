/*
 * past - what those that look at the past share: whom they ask, moments, texts.
 *
 *     both: entities at two moments -> differences: what differs, by which event -> told: as rows
 *     strand: the events of one entity        leaves: what a record or event says, value by value
 *
 * Nothing here knows a screen or a page: who asks says how a question is asked, and how people read
 * a value.
 */
#ifndef PAST_PAST_H
#define PAST_PAST_H

#include "proto/tables.h"

#include <jansson.h>

struct past {
    // Asks any question, which is ended; about: the path or command that it is for. Returns 0 or a
    // code that ends it all, and is handed on. perhaps: *ret_answer is NULL where there is no such
    // thing.
    int (*ask)(void *context, json_t *request, const char *about, bool perhaps,
               json_t **ret_answer);
    void *context;
    const char *type_prefix; // of the types of events
};

struct moment {
    bool fixed;
    uint64_t at;    // if fixed: as it was recorded then
    const char *on; // as it was on that day; NULL: whatever the day
};

// Adds "at" and "on" to a question.
void past_put_moment(const struct moment *moment, json_t *request);
// The row of a CloudEvent's type; NULL if this version does not know it.
const struct event_type *past_event_type(const char *prefix, const json_t *event);
// The number of an event as the daemon answers it; 0 if it has none.
uint64_t past_event_seq(const json_t *event);

// A question about the entity at a path; NULL if it has too few parts.
json_t *past_question(const char *name, const char *path);
// Whether a path is of an entity of a kind.
bool past_is_of(const char *path, enum kind kind);

// The text under a key; "" if there is none.
const char *past_text(const json_t *object, const char *key);
// The caller frees these. Without memory the program ends.
char *past_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A JSON value in a few words: text as it is, lists with commas, the size of anything else.
char *past_value(const json_t *value);

// How people read values; NULL in the place of it: as programs read them.
struct past_people {
    // A text of a field, whose row is not NULL. The caller frees it.
    char *(*text)(void *context, const struct field *field, const char *text);
    const char *(*label)(void *context, const struct field *field); // NULL: its name
    char *(*euros)(void *context, int64_t cents);                   // the caller frees it
    const char *yes;
    void *context;
};

#endif
