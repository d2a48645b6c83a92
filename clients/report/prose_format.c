// Days and amounts, in the language of the report.
#include "clients/report/prose.h"

#include <inttypes.h>
#include <stdlib.h>

#define CENTS_DIGITS 15 // more than an amount of money can have

static const char *const quarters[][4] = {
    {"eerste", "tweede", "derde", "vierde"},
    {"first", "second", "third", "fourth"},
};

// Days -------------------------------------------------------------------------------------------

const char *prose_day(struct prose *prose, const char *date)
{
    char room[WORDS_ROOM];
    if (strlen(date) >= 7 && date[5] == 'Q' && date[6] >= '1' && date[6] <= '4') {
        return prose_say(prose, TEXT_QUARTER,
                         FILL({"nth", quarters[prose->language][date[6] - '1']},
                              {"year", prose_format(prose, "%.4s", date)}));
    }
    const char *day = prose_format(prose, "%.10s", date);
    return prose_format(prose, "%s", words_date(prose->language, day, room));
}

const char *prose_on_day(struct prose *prose, const char *date)
{
    return prose_say(prose, strlen(date) < 10 ? TEXT_IN : TEXT_ON,
                     FILL({"when", prose_day(prose, date)}));
}

const char *prose_on(struct prose *prose, const json_t *event, bool bare)
{
    const char *on = json_string_value(json_object_get(event, "on"));
    const char *text = json_string_value(json_object_get(event, "ontext"));
    const char *basis = json_string_value(json_object_get(event, "onbasis"));
    const char *date = on != NULL ? on : json_string_value(json_object_get(event, "time"));
    const char *day = bare ? prose_day(prose, date) : prose_on_day(prose, date);
    bool inferred = basis != NULL && strcmp(basis, "inferred") == 0;
    if (text == NULL && !inferred) {
        return day;
    }
    const char *unsure =
        prose_format(prose, "%s%s%s%s%s", text == NULL ? "" : "“", text == NULL ? "" : text,
                     text == NULL ? "" : "”", text != NULL && inferred ? ", " : "",
                     inferred ? prose_of(prose, TEXT_INFERRED) : "");
    return bare ? prose_format(prose, "%s, %s", day, unsure)
                : prose_format(prose, "%s (%s)", day, unsure);
}

const char *prose_period(struct prose *prose, const char *from, const char *to)
{
    bool year = memcmp(from, to, 4) == 0 && strcmp(from + 4, "-01-01") == 0 &&
                strcmp(to + 4, "-12-31") == 0;
    return year ? prose_day(prose, prose_format(prose, "%.4s", from))
                : prose_say(prose, TEXT_PERIOD,
                            FILL({"from", prose_day(prose, from)}, {"to", prose_day(prose, to)}));
}

// Amounts ----------------------------------------------------------------------------------------

// Whole digits in groups of three: "1.234" from 1234, or with a comma.
static const char *grouped(struct prose *prose, const char *digits, size_t size)
{
    const char *mark = prose->language == DUTCH ? "." : ",";
    size_t first = size % 3 == 0 ? 3 : size % 3;
    const char *said = prose_format(prose, "%.*s", (int)(size < first ? size : first), digits);
    for (size_t at = first; at < size; at += 3) {
        said = prose_format(prose, "%s%s%.3s", said, mark, digits + at);
    }
    return said;
}

// "-1.234,5" from "-1234.5".
static const char *decimal_of(struct prose *prose, const char *decimal)
{
    const char *whole = decimal + (decimal[0] == '-');
    size_t size = strcspn(whole, ".");
    const char *rest = whole + size + (whole[size] == '.');
    const char *mark = prose->language == DUTCH ? "," : ".";
    return prose_format(prose, "%s%s%s%s", whole == decimal ? "" : "-", grouped(prose, whole, size),
                        rest[0] == '\0' ? "" : mark, rest);
}

const char *prose_euros(struct prose *prose, int64_t cents)
{
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    const char *plain = prose_format(prose, "%s%" PRIu64 ".%02u", cents < 0 ? "-" : "", size / 100,
                                     (unsigned)(size % 100));
    return prose_say(prose, TEXT_EUROS, FILL({"amount", decimal_of(prose, plain)}));
}

const char *prose_amount(struct prose *prose, const char *decimal, const char *unit)
{
    char room[WORDS_ROOM];
    bool cents = strcmp(unit, "eur-cent") == 0 && strchr(decimal, '.') == NULL &&
                 strlen(decimal) <= CENTS_DIGITS;
    return cents ? prose_euros(prose, strtoll(decimal, NULL, 10))
                 : prose_format(prose, "%s %s", decimal_of(prose, decimal),
                                words_unit(unit, room, sizeof(room)));
}
