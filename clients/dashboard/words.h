/*
 * words - labels, dates and amounts as people read them, in either language.
 *
 * Labels come from the rows of proto: Dutch as they have it, English the word itself.
 */
#ifndef DASHBOARD_WORDS_H
#define DASHBOARD_WORDS_H

#include "clients/dashboard/texts.h"
#include "proto/tables.h"

#define WORDS_ROOM 160

// Texts that need no room live for good; the others are written into the room and lent from it.
const char *words_phase(enum language language, enum phase phase);
const char *words_choice(enum language language, enum choices list, const char *word,
                         char room[WORDS_ROOM]);
const char *words_type(enum language language, const struct event_type *type,
                       char room[WORDS_ROOM]);
const char *words_kind(enum language language, enum kind kind);
const char *words_field(enum language language, const struct field *field, char room[WORDS_ROOM]);

// "2015-Q3" -> "3e kwartaal 2015", "2015-03-19" -> "19 maart 2015"; anything else as it is.
const char *words_date(enum language language, const char *date, char room[WORDS_ROOM]);
// Milliseconds since 1970 -> "27 november 2026, 20:01"; words_day() without the time.
const char *words_moment(enum language language, uint64_t time_ms, char room[WORDS_ROOM]);
const char *words_day(enum language language, uint64_t time_ms, char room[WORDS_ROOM]);
// 116002 -> "€ 1.160,02"
const char *words_euros(enum language language, int64_t cents, char room[WORDS_ROOM]);
// 116002 -> "116.002"
const char *words_count(enum language language, uint64_t number, char room[WORDS_ROOM]);
const char *words_number(int64_t number, char room[WORDS_ROOM]);

#endif
