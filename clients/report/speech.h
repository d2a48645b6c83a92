/*
 * speech - what a report says, in the language that it is in: sentences of texts.def, and what
 * clients/words has for labels, days and amounts.
 *
 * Everything handed out is kept until speech_finish(). Without memory the process ends: half a
 * report would be a wrong one.
 */
#ifndef REPORT_SPEECH_H
#define REPORT_SPEECH_H

#include "clients/words/words.h"

#include <jansson.h>

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

struct speech {
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

void speech_finish(struct speech *speech);

const char *speech_format(struct speech *speech, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The text as it stands, and with its {names} filled in. What is filled in is not looked at again.
const char *speech_text(const struct speech *speech, enum text text);
const char *speech_fill(struct speech *speech, enum text text, const struct filling *fillings);

// The sentence of the summary for a number, in three parts: the number is the second.
struct counted {
    const char *before, *number, *behind;
};
struct counted speech_count(struct speech *speech, enum count count, size_t number);

// "a, b en c" from a list of texts.
const char *speech_list(struct speech *speech, const json_t *texts);
const char *speech_capital(struct speech *speech, const char *text);
// What people read for a phase, a word of a list, a type, the name of a field.
const char *speech_phase(const struct speech *speech, const char *name);
const char *speech_choice(struct speech *speech, enum choices list, const char *word);
const char *speech_type(struct speech *speech, const struct event_type *type);
const char *speech_field(struct speech *speech, enum group group, const char *name);
// "minder meerkosten 2030" from minder-meerkosten-2030.
const char *speech_id(struct speech *speech, const char *id);

// format.c --------------------------------------------------------------------------------------

// "19 maart 2026", "maart 2026", "het derde kwartaal van 2015", "2015"; from a date as events have
// it, or from its first ten characters if it goes on.
const char *speech_day(struct speech *speech, const char *date);
// "op 19 maart 2026", "in 2015".
const char *speech_on_day(struct speech *speech, const char *date);
// The same for a CloudEvent, with what makes its day less sure: `in 2023 ("najaar 2023")`. Without
// `on` it is the day of its time. Bare: without the preposition, and with a comma.
const char *speech_on(struct speech *speech, const json_t *event, bool bare);
// A year, or from when to when.
const char *speech_period(struct speech *speech, const char *from, const char *to);

// "€ 1.160,02" or "EUR 1,160.02".
const char *speech_euros(struct speech *speech, int64_t cents);
// A decimal as events have it, with its unit; eur-cent becomes euros where they are whole cents.
const char *speech_amount(struct speech *speech, const char *decimal, const char *unit);

#endif
