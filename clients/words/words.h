/*
 * words - labels, dates and amounts as people read them, in either language.
 *
 * The report, the dashboard and whatever else speaks both. Labels come from the rows of proto:
 * Dutch as they have it, English the word itself.
 */
#ifndef WORDS_WORDS_H
#define WORDS_WORDS_H

#include "proto/tables.h"

enum language { DUTCH, ENGLISH, LANGUAGES };

#define WORDS_ROOM 160

// "nl", "en"; false if it is another word.
const char *words_code(enum language language);
bool words_language(const char *code, enum language *ret_language);

// Texts that need no room live for good; the others are written into the room and lent from it.
const char *words_phase(enum language language, enum phase phase);
const char *words_choice(enum language language, enum choices list, const char *word,
                         char room[WORDS_ROOM]);
const char *words_type(enum language language, const struct event_type *type,
                       char room[WORDS_ROOM]);
const char *words_kind(enum language language, enum kind kind);
const char *words_role(enum language language, const char *name);
const char *words_field(enum language language, const struct field *field, char room[WORDS_ROOM]);
// A word of the wire as English has it: "costs.allocated" -> "costs allocated".
const char *words_spaced(const char *word, char room[WORDS_ROOM]);

// "2015-Q3" -> "3e kwartaal 2015", "2015-03-19" -> "19 maart 2015"; anything else as it is.
const char *words_date(enum language language, const char *date, char room[WORDS_ROOM]);
// Milliseconds since 1970 -> "27 november 2026, 20:01"; words_day() without the time.
const char *words_moment(enum language language, uint64_t time_ms, char room[WORDS_ROOM]);
const char *words_day(enum language language, uint64_t time_ms, char room[WORDS_ROOM]);
// 116002 -> "€ 1.160,02"
const char *words_euros(enum language language, int64_t cents, char room[WORDS_ROOM]);
// A unit as people write it: "mln-eur-per-jaar" -> "mln euro per jaar". Gives back the room.
const char *words_unit(const char *unit, char *room, size_t size);
// A decimal as events have it, with its unit: "1234.5" and "kwh-year" -> "1.234,5 kwh year", whole
// cents as euros.
const char *words_amount(enum language language, const char *decimal, const char *unit,
                         char room[WORDS_ROOM]);
// 116002 -> "116.002"
const char *words_count(enum language language, uint64_t number, char room[WORDS_ROOM]);
const char *words_number(int64_t number, char room[WORDS_ROOM]);

#endif
