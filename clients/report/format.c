// Days and amounts, in the language of the report.
#include "clients/report/words.h"

#include <inttypes.h>
#include <stdlib.h>

#define CENTS_DIGITS 15 // more than an amount of money can have

static const char *const months[][12] = {
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
     "oktober", "november", "december"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
};

static const char *const quarters[][4] = {
    {"eerste", "tweede", "derde", "vierde"},
    {"first", "second", "third", "fourth"},
};

// Days -------------------------------------------------------------------------------------------

const char *words_day(struct words *words, const char *date)
{
    size_t size = strlen(date);
    unsigned month = size >= 7 && date[5] != 'Q' ? (unsigned)atoi(date + 5) : 0;
    if (size >= 7 && date[5] == 'Q' && date[6] >= '1' && date[6] <= '4') {
        return words_say(words, TEXT_QUARTER,
                         FILL({"nth", quarters[words->language][date[6] - '1']},
                              {"year", words_format(words, "%.4s", date)}));
    }
    if (month < 1 || month > 12) {
        return words_format(words, "%.4s", date);
    }
    const char *name = months[words->language][month - 1];
    return size < 10 ? words_format(words, "%s %.4s", name, date)
                     : words_format(words, "%d %s %.4s", atoi(date + 8), name, date);
}

const char *words_on_day(struct words *words, const char *date)
{
    return words_say(words, strlen(date) < 10 ? TEXT_IN : TEXT_ON,
                     FILL({"when", words_day(words, date)}));
}

const char *words_on(struct words *words, const json_t *event, bool bare)
{
    const char *on = json_string_value(json_object_get(event, "on"));
    const char *text = json_string_value(json_object_get(event, "ontext"));
    const char *basis = json_string_value(json_object_get(event, "onbasis"));
    const char *date = on != NULL ? on : json_string_value(json_object_get(event, "time"));
    const char *day = bare ? words_day(words, date) : words_on_day(words, date);
    bool inferred = basis != NULL && strcmp(basis, "inferred") == 0;
    if (text == NULL && !inferred) {
        return day;
    }
    const char *unsure =
        words_format(words, "%s%s%s%s%s", text == NULL ? "" : "“", text == NULL ? "" : text,
                     text == NULL ? "" : "”", text != NULL && inferred ? ", " : "",
                     inferred ? words_of(words, TEXT_INFERRED) : "");
    return bare ? words_format(words, "%s, %s", day, unsure)
                : words_format(words, "%s (%s)", day, unsure);
}

const char *words_period(struct words *words, const char *from, const char *to)
{
    bool year = memcmp(from, to, 4) == 0 && strcmp(from + 4, "-01-01") == 0 &&
                strcmp(to + 4, "-12-31") == 0;
    return year ? words_day(words, words_format(words, "%.4s", from))
                : words_say(words, TEXT_PERIOD,
                            FILL({"from", words_day(words, from)}, {"to", words_day(words, to)}));
}

// Amounts ----------------------------------------------------------------------------------------

// Whole digits in groups of three: "1.234" from 1234, or with a comma.
static const char *grouped(struct words *words, const char *digits, size_t size)
{
    const char *mark = words->language == LANGUAGE_NL ? "." : ",";
    size_t first = size % 3 == 0 ? 3 : size % 3;
    const char *said = words_format(words, "%.*s", (int)(size < first ? size : first), digits);
    for (size_t at = first; at < size; at += 3) {
        said = words_format(words, "%s%s%.3s", said, mark, digits + at);
    }
    return said;
}

// "-1.234,5" from "-1234.5".
static const char *decimal_of(struct words *words, const char *decimal)
{
    const char *whole = decimal + (decimal[0] == '-');
    size_t size = strcspn(whole, ".");
    const char *rest = whole + size + (whole[size] == '.');
    const char *mark = words->language == LANGUAGE_NL ? "," : ".";
    return words_format(words, "%s%s%s%s", whole == decimal ? "" : "-", grouped(words, whole, size),
                        rest[0] == '\0' ? "" : mark, rest);
}

const char *words_euros(struct words *words, int64_t cents)
{
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    const char *plain = words_format(words, "%s%" PRIu64 ".%02u", cents < 0 ? "-" : "", size / 100,
                                     (unsigned)(size % 100));
    return words_say(words, TEXT_EUROS, FILL({"amount", decimal_of(words, plain)}));
}

const char *words_amount(struct words *words, const char *decimal, const char *unit)
{
    bool cents = strcmp(unit, "eur-cent") == 0 && strchr(decimal, '.') == NULL &&
                 strlen(decimal) <= CENTS_DIGITS;
    return cents ? words_euros(words, strtoll(decimal, NULL, 10))
                 : words_format(words, "%s %s", decimal_of(words, decimal), words_id(words, unit));
}
