/*
 * parts - pieces that several pages show, and short ways into records.
 *
 * parts_records.c has the ways in, parts.c the pieces, parts_table.c tables, parts_needs.c what a
 * werkplaats needs.
 */
#ifndef DASHBOARD_PARTS_H
#define DASHBOARD_PARTS_H

#include "clients/dashboard/page.h"

// Records ---------------------------------------------------------------------------------------

// record.fields.name; NULL if there is none.
const json_t *parts_field(const json_t *record, const char *name);
// The text of a key; "" if there is none.
const char *parts_text(const json_t *object, const char *key);
// The text of a field of a record; "" if there is none.
const char *parts_field_text(const json_t *record, const char *name);
uint64_t parts_number(const json_t *object, const char *key);
bool parts_has_ended(const json_t *record);
enum phase parts_phase(const json_t *werkplaats);
// Since when a werkplaats has been in its phase, as a date; "" if that is not known.
const char *parts_phase_since(struct page *page, const json_t *werkplaats, char room[WORDS_ROOM]);
// How many entities of a kind have not ended.
unsigned parts_count(const struct copy *copy, const char *region, enum kind kind);

// The names of an object in an order: the caller frees the list (not the names).
typedef int parts_compare(const void *a, const void *b); // of struct parts_row
struct parts_row {
    const char *name;
    const json_t *value;
};
struct parts_row *parts_sorted(const json_t *object, parts_compare *compare, size_t *ret_count);
int parts_by_name(const void *a, const void *b);    // what people call it
int parts_by_version(const void *a, const void *b); // newest first
// The order of two dates or periods, the newest first: by their last days, as on a moment.
int parts_compare_days(const char *one, const char *two);
int parts_by_date(const void *a, const void *b); // its own date, newest first

// What an entity is called: its name or title, otherwise its id. Lent like the copy.
const char *parts_name(const struct page *page, const char *region, enum kind kind, const char *id);

// The same, but of what has no name its id as words: written into the room.
const char *parts_called(const struct page *page, const char *region, enum kind kind,
                         const char *id, char room[WORDS_ROOM]);

// Events ----------------------------------------------------------------------------------------

// The CloudEvent with a number: from the recent ones, or asked for. NULL as with page_ask().
const json_t *parts_event(struct page *page, uint64_t seq);
// Its type's row; NULL if this version does not know it, or it may not be shown.
const struct event_type *parts_event_type(const struct page *page, const json_t *event);
uint64_t parts_event_seq(const json_t *event);
uint64_t parts_event_time(const json_t *event); // of the commit, milliseconds since 1970
// "twente/werkplaats/riool": its parts, lent from the room; false if it is none.
bool parts_split(const char *path, char room[256], const char **ret_region, enum kind *ret_kind,
                 const char **ret_id);

// Whether a day or period that something had to be done by has passed, on the day of the page.
bool parts_is_late(const struct page *page, const char *by);

// Writing ---------------------------------------------------------------------------------------

// ` id="werkplaats-riool"`: of an entity, so that it is no other id of the page.
void parts_id(struct page *page, enum kind kind, const char *id);

// The number of an event as a link to its page: one click from a figure to its source.
void parts_fact(struct page *page, uint64_t seq);
void parts_date(struct page *page, const char *date); // <time>, as people write it
// The date of a record or an item in the words of its source, if it has them, and whether it was
// inferred.
void parts_dated(struct page *page, const json_t *item);
// A title, linked to an address elsewhere ("": to nothing).
void parts_outside(struct page *page, const char *url, const char *title);
// A link to a file of ours for a spreadsheet.
void parts_file(struct page *page, const char *address, enum text text);
// The date of an item, or of what has one, in its source's words too, and whether it was inferred.
void parts_when(struct page *page, const json_t *item);
void parts_phase_badge(struct page *page, enum phase phase);
// ` href="..."` of the page of an entity; of its region if it has none.
void parts_href(struct page *page, const char *region, enum kind kind, const char *id);
// What an entity is called, as a link to its page where it has one.
void parts_subject(struct page *page, const char *region, enum kind kind, const char *id);
// A decimal with its unit: euros where the unit is eur-cent.
void parts_measure(struct page *page, const char *value, const char *unit);
// The little that tells one event from another of its type: who, how much, which phase, which
// title; what it corrects. Nothing if there is no such field.
void parts_gist(struct page *page, const char *region, const struct event_type *type,
                const json_t *event);
// Who acted: "Enschede (lid)", "geregistreerd door het bureau" where it did so for a member.
void parts_actor(struct page *page, const char *region, const json_t *item);
// A label that is shown in small capitals beside something: "overgenomen".
void parts_mark(struct page *page, enum text text);
void parts_empty(struct page *page, enum text text); // there is nothing, said in a sentence
void parts_markdown(struct page *page, const char *text);

// "A, B en C", each the name of a member.
void parts_members(struct page *page, const char *region, const json_t *ids);

// What a werkplaats needs for its next phase, and who has to decide; nothing if there is no next.
void parts_needs(struct page *page, const char *region, const char *id);

// Tables ----------------------------------------------------------------------------------------

// It can be scrolled on a small screen. After its begin come a <thead> and an open <tbody>.
void parts_table_begin(struct page *page);
void parts_table_end(struct page *page);
// A heading of a table's column.
void parts_th(struct page *page, enum text text, bool is_number);
void parts_cell_begin(struct page *page, bool is_number);
void parts_cell_end(struct page *page);
void parts_cell_text(struct page *page, const char *text);
void parts_cell_euros(struct page *page, int64_t cents);
void parts_cell_fact(struct page *page, uint64_t seq);
void parts_cell_date(struct page *page, const json_t *item);
// The heading of a row.
void parts_cell_member(struct page *page, const char *region, const char *member);

#endif
