/*
 * compose - what the files that compose a report share.
 *
 *     gather.c         reads log, records, next and gaps; which events count
 *     document.c       builds the document
 *     section_*.c      one function for each row of sections.def
 */
#ifndef REPORT_COMPOSE_H
#define REPORT_COMPOSE_H

#include "clients/report/prose.h"
#include "proto/event.h"

enum section {
#define SECTION(NAME, name) SECTION_##NAME,
#include "clients/report/sections.def"
#undef SECTION
    SECTION_COUNT
};

// An event that was not corrected and may be shown.
struct entry {
    json_t *event; // the CloudEvent; lent from report.events
    const struct event_type *type;
    const json_t *data;     // lent from event, as the texts
    const char *subject;    // "werkplaats/riool"
    uint64_t seq, corrects; // corrects: 0 if nothing
    uint32_t day;           // from which it counts
    bool corrected;
};

struct report {
    const struct report_options *options;
    struct waternet *connection;
    struct waternet_answer *answer; // that ended it
    struct prose prose;
    uint64_t head;
    uint32_t from, to; // days

    json_t *events;          // all of the region, by their numbers as text
    struct entry *entries;   // up to the last day, in the order of their days
    size_t count, in_period; // in_period: of all that were read, corrected or not
    json_t *region;          // its record
    json_t *now;             // "kind/entity" -> record, as it is recorded now
    json_t *then;            // the same, as it was on the last day
    json_t *next, *gaps;     // what the daemon answered for the last day

    json_t *document, *groups, *items; // groups, items: of the section at hand
    json_t *counts[COUNT_COUNT];       // the events that each counts
    bool tells_waiting;                // of a contribution that nobody has handled
};

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

// gather.c --------------------------------------------------------------------------------------

enum waternet_status gather(struct report *report);
void gather_finish(struct report *report);

// Walks the events of a type in the period, in the order of their days: start with NULL; NULL after
// the last.
const struct entry *entry_next(const struct report *report, enum event_number type,
                               const struct entry *entry);

// The name of an entity for people: as it was on the last day, or else as it is now.
const char *name_of(struct report *report, const char *path);
const char *name_in(struct report *report, enum kind kind, const char *entity);
// The names of a list of entities, or of paths if kind is KIND_NONE: "A, B en C".
const char *names_in(struct report *report, enum kind kind, const json_t *list);

// document.c ------------------------------------------------------------------------------------

void document_begin(struct report *report);
// Ends the section before it, which is left out if it has no items.
void document_section(struct report *report, enum section section);
void document_group(struct report *report, const char *title);
// A new item of the group at hand, which cites an event; seq 0: none. Lent.
json_t *document_item(struct report *report, const char *title, const char *text, uint64_t seq);
// One more event that an item, a detail or a row comes from.
void document_cite(json_t *item, uint64_t seq);
// A detail with a label; neither may be NULL, and without a text there is none. Lent, or NULL.
json_t *document_detail(json_t *item, const char *label, const char *text);
// The same of a field of data, under its label.
void document_field(struct report *report, json_t *item, enum group group, const json_t *data,
                    const char *name);
void document_link(struct report *report, json_t *item, enum group group, const json_t *data,
                   const char *name);
// A table, and its rows.
void document_table(json_t *item, const json_t *columns);
json_t *document_row(json_t *item, const char *a, const char *b, const char *c);
// Counts an event for the summary.
void document_count(struct report *report, enum count count, uint64_t seq);
void document_end(struct report *report);

// section_*.c -----------------------------------------------------------------------------------

#define SECTION(NAME, name) void section_##name(struct report *report);
#include "clients/report/sections.def"
#undef SECTION

// The decision on money that counted on the last day, of a member for a purpose, and the split that
// did: the numbers of their events; 0 if there was none. That is the daemon's reading of the day,
// as in what is open: a correction that is dated later is none yet.
uint64_t decision_seq(struct report *report, const char *subject, const char *member,
                      const char *purpose);
uint64_t allocation_seq(const struct report *report, const char *subject, const char *purpose);

#endif
