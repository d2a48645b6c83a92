/*
 * prose - what a report says, in the language that it is in: sentences of texts.def, numbers,
 * amounts, and what clients/words has for labels and days.
 *
 * Everything handed out is kept until prose_finish(). Without memory the process ends: half a
 * report would be a wrong one.
 */
#ifndef REPORT_PROSE_H
#define REPORT_PROSE_H

#include "clients/report/report.h"
#include "proto/tables.h"

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

struct prose {
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

void prose_finish(struct prose *prose);

const char *prose_format(struct prose *prose, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The text as it stands, and with its {names} filled in. What is filled in is not looked at again.
const char *prose_of(const struct prose *prose, enum text text);
const char *prose_say(struct prose *prose, enum text text, const struct filling *fillings);

// What the summary says of a number, with what stands before it and behind it. `begins`: a sentence
// begins with it.
struct counted {
    const char *before, *number, *behind;
};
struct counted prose_count(struct prose *prose, enum count count, size_t number, bool begins);

// "a, b en c" from a list of texts.
const char *prose_list(struct prose *prose, const json_t *texts);
const char *prose_capital(struct prose *prose, const char *text);
// What people read for a phase, a word of a list, a type, the name of a field.
const char *prose_phase(const struct prose *prose, const char *name);
const char *prose_choice(struct prose *prose, enum choices list, const char *word);
const char *prose_type(struct prose *prose, const struct event_type *type);
const char *prose_field(struct prose *prose, enum group group, const char *name);
// What a goal is about: "kosten" from cost.
const char *prose_dimension(const struct prose *prose, const char *name);
// "minder meerkosten 2030" from minder-meerkosten-2030.
const char *prose_id(struct prose *prose, const char *id);

// prose_format.c
// --------------------------------------------------------------------------------------

// "19 maart 2026", "maart 2026", "het derde kwartaal van 2015", "2015"; from a date as events have
// it, or from its first ten characters if it goes on.
const char *prose_day(struct prose *prose, const char *date);
// "op 19 maart 2026", "in 2015".
const char *prose_on_day(struct prose *prose, const char *date);
// The same for a CloudEvent, with what makes its day less sure: `in 2023 ("najaar 2023")`. Without
// `on` it is the day of its time. Bare: without the preposition, and with a comma.
const char *prose_on(struct prose *prose, const json_t *event, bool bare);
// A year, or from when to when.
const char *prose_period(struct prose *prose, const char *from, const char *to);

// "€ 1.160,02" or "EUR 1,160.02".
const char *prose_euros(struct prose *prose, int64_t cents);
// A decimal as events have it, with its unit; eur-cent becomes euros where they are whole cents.
const char *prose_amount(struct prose *prose, const char *decimal, const char *unit);

#endif
