#include "clients/dashboard/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const months[LANGUAGES][12] = {
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
     "oktober", "november", "december"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
};

// A word of the wire as English: "costs.allocated" -> "costs allocated".
static const char *spaced(const char *word, char room[WORDS_ROOM])
{
    size_t size = strnlen(word, WORDS_ROOM - 1);
    for (size_t i = 0; i < size; i++) {
        room[i] = strchr("-_.", word[i]) != NULL ? ' ' : word[i];
    }
    room[size] = '\0';
    return room;
}

const char *words_phase(enum language language, enum phase phase)
{
    const struct phase_row *row = phase == PHASE_NONE ? NULL : phase_row(phase);
    return row == NULL ? "" : language == DUTCH ? row->label_nl : row->name;
}

const char *words_choice(enum language language, enum choices list, const char *word,
                         char room[WORDS_ROOM])
{
    const struct choice_row *row = NULL;
    while (word != NULL && language == DUTCH && (row = choice_next(list, row)) != NULL) {
        if (strcmp(row->word, word) == 0) {
            return row->label_nl;
        }
    }
    return word == NULL ? "" : spaced(word, room);
}

const char *words_type(enum language language, const struct event_type *type, char room[WORDS_ROOM])
{
    return language == DUTCH ? type->label_nl : spaced(type->name, room);
}

const char *words_kind(enum language language, enum kind kind)
{
    return language == DUTCH ? kind_row(kind)->label_nl : kind_row(kind)->name;
}

const char *words_field(enum language language, const struct field *field, char room[WORDS_ROOM])
{
    return language == DUTCH ? field->label_nl : spaced(field->name, room);
}

// Dates -----------------------------------------------------------------------------------------

const char *words_date(enum language language, const char *date, char room[WORDS_ROOM])
{
    unsigned year = 0, month = 0, day = 0;
    size_t size = date == NULL ? 0 : strlen(date);
    if (size == 7 && sscanf(date, "%4u-Q%1u", &year, &month) == 2) {
        (void)snprintf(room, WORDS_ROOM, language == DUTCH ? "%ue kwartaal %u" : "quarter %u of %u",
                       month, year); // it fits
        return room;
    }
    int found = size == 7 || size == 10 ? sscanf(date, "%4u-%2u-%2u", &year, &month, &day) : 0;
    if (found < 2 || month < 1 || month > 12) {
        return date == NULL ? "" : date;
    }
    const char *name = months[language][month - 1];
    if (found == 2) {
        (void)snprintf(room, WORDS_ROOM, "%s %u", name, year); // it fits
    } else {
        (void)snprintf(room, WORDS_ROOM, "%u %s %u", day, name, year); // it fits
    }
    return room;
}

static const char *moment(enum language language, uint64_t time_ms, bool with_time,
                          char room[WORDS_ROOM])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    room[0] = '\0';
    if (localtime_r(&seconds, &parts) != NULL) {
        int size = snprintf(room, WORDS_ROOM, "%d %s %d", parts.tm_mday,
                            months[language][parts.tm_mon], parts.tm_year + 1900);
        if (with_time && size > 0) {
            (void)snprintf(room + size, WORDS_ROOM - (size_t)size, ", %02d:%02d", parts.tm_hour,
                           parts.tm_min); // it fits
        }
    }
    return room;
}

const char *words_moment(enum language language, uint64_t time_ms, char room[WORDS_ROOM])
{
    return moment(language, time_ms, true, room);
}

const char *words_day(enum language language, uint64_t time_ms, char room[WORDS_ROOM])
{
    return moment(language, time_ms, false, room);
}

// Numbers ---------------------------------------------------------------------------------------

const char *words_number(int64_t number, char room[WORDS_ROOM])
{
    (void)snprintf(room, WORDS_ROOM, "%lld", (long long)number); // it fits
    return room;
}

// Digits in groups of three, from `at` on; returns where they end.
static int put_grouped(enum language language, uint64_t number, char room[WORDS_ROOM], int at)
{
    char digits[24];
    int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            room[at++] = language == DUTCH ? '.' : ',';
        }
        room[at++] = digits[i];
    }
    room[at] = '\0';
    return at;
}

const char *words_count(enum language language, uint64_t number, char room[WORDS_ROOM])
{
    (void)put_grouped(language, number, room, 0);
    return room;
}

const char *words_euros(enum language language, int64_t cents, char room[WORDS_ROOM])
{
    const char point = language == DUTCH ? ',' : '.';
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    // U+00A0, so that the sign and the figure stay on one line.
    int at = snprintf(room, WORDS_ROOM, "%s€%s", cents < 0 ? "-" : "",
                      language == DUTCH ? "\xc2\xa0" : "");
    at = put_grouped(language, size / 100, room, at);
    (void)snprintf(room + at, WORDS_ROOM - (size_t)at, "%c%02u", point,
                   (unsigned)(size % 100)); // it fits
    return room;
}
