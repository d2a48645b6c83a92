/*
 * words - what a report says, in the language that it is in: sentences of texts.def, the labels of
 * the rows of proto, numbers, days and amounts.
 *
 * Everything handed out is kept until words_finish(). Without memory the process ends: half a
 * report would be a wrong one.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "proto/tables.h"

#include <jansson.h>

enum language { LANGUAGE_NL, LANGUAGE_EN };

enum text {
#define TEXT(NAME, nl, en) TEXT_##NAME,
#define COUNT(...)
#include "clients/report/texts.def"
#undef TEXT
#undef COUNT
};

enum count {
#define TEXT(...)
#define COUNT(NAME, ...) COUNT_##NAME,
#include "clients/report/texts.def"
#undef TEXT
#undef COUNT
    COUNT_COUNT
};

struct words {
    enum language language;
    struct kept_text *newest; // of what was handed out
};

// What stands for {name} in a text.
struct filling {
    const char *name, *value;
};
#define FILL(...)                                                                                  \
    (const struct filling[])                                                                       \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

// nl or en; false if it is another word.
bool words_language(const char *word, enum language *ret_language);
void words_finish(struct words *words);

const char *words_format(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The text as it stands, and with its {names} filled in. What is filled in is not looked at again.
const char *words_of(const struct words *words, enum text text);
const char *words_say(struct words *words, enum text text, const struct filling *fillings);

// The sentence of the summary for a number, in three parts: the number is the second.
struct counted {
    const char *before, *number, *behind;
};
struct counted words_count(struct words *words, enum count count, size_t number);

// "a, b en c" from a list of texts.
const char *words_list(struct words *words, const json_t *texts);
const char *words_capital(struct words *words, const char *text);
// What people read for a phase, a word of a list, a type, a kind, a role, the name of a field.
const char *words_phase(struct words *words, const char *name);
const char *words_choice(struct words *words, enum choices list, const char *word);
const char *words_type(struct words *words, const struct event_type *type);
const char *words_kind(const struct words *words, enum kind kind);
const char *words_role(const struct words *words, const char *name);
const char *words_field(struct words *words, enum group group, const char *name);
// "minder meerkosten 2030" from minder-meerkosten-2030.
const char *words_id(struct words *words, const char *id);

// format.c --------------------------------------------------------------------------------------

// "19 maart 2026", "maart 2026", "het derde kwartaal van 2015", "2015"; from a date as events have
// it, or from its first ten characters if it goes on.
const char *words_day(struct words *words, const char *date);
// "op 19 maart 2026", "in 2015".
const char *words_on_day(struct words *words, const char *date);
// The same for a CloudEvent, with what makes its day less sure: `in 2023 ("najaar 2023")`. Without
// `on` it is the day of its time. Bare: without the preposition, and with a comma.
const char *words_on(struct words *words, const json_t *event, bool bare);
// A year, or from when to when.
const char *words_period(struct words *words, const char *from, const char *to);

// "€ 1.160,02" or "EUR 1,160.02".
const char *words_euros(struct words *words, int64_t cents);
// A decimal as events have it, with its unit; eur-cent becomes euros where they are whole cents.
const char *words_amount(struct words *words, const char *decimal, const char *unit);

#endif
