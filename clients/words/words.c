#include "clients/words/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CENTS_DIGITS 15 // more than an amount of money can have

static const char *const months[LANGUAGES][12] = {
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
     "oktober", "november", "december"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
};

const char *words_code(enum language language)
{
    return language == ENGLISH ? "en" : "nl";
}

bool words_language(const char *code, enum language *ret_language)
{
    *ret_language = strcmp(code, "en") == 0 ? ENGLISH : DUTCH;
    return strcmp(code, words_code(*ret_language)) == 0;
}

const char *words_spaced(const char *word, char room[WORDS_ROOM])
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
    bool labelled = language == DUTCH || list == CHOICES_FRAME; // frames have names, no words
    while (word != NULL && labelled && (row = choice_next(list, row)) != NULL) {
        if (strcmp(row->word, word) == 0) {
            return row->label_nl;
        }
    }
    return word == NULL ? "" : words_spaced(word, room);
}

const char *words_type(enum language language, const struct event_type *type, char room[WORDS_ROOM])
{
    return language == DUTCH ? type->label_nl : words_spaced(type->name, room);
}

const char *words_kind(enum language language, enum kind kind)
{
    return language == DUTCH ? kind_row(kind)->label_nl : kind_row(kind)->name;
}

const char *words_role(enum language language, const char *name)
{
    enum role role = role_find(bytes_of(name));
    return language == DUTCH && role != ROLE_NONE ? role_row(role)->label_nl : name;
}

// Where the name of a field says too little in English; otherwise its name is its label.
static const struct {
    const char *name, *label;
} english[] = {
    {"meaning", "what will you notice of it?"},
    {"url", "address"},
    {"doing", "doing and innovating"},
    {"interest", "interest of all members"},
    {"parent", "part of"},
    {"credit", "with thanks to"},
    {"changed", "led to"},
    {"note", "explanation"},
};

const char *words_field(enum language language, const struct field *field, char room[WORDS_ROOM])
{
    for (size_t i = 0; language == ENGLISH && i < sizeof(english) / sizeof(english[0]); i++) {
        if (strcmp(english[i].name, field->name) == 0) {
            return english[i].label;
        }
    }
    return language == DUTCH ? field->label_nl : words_spaced(field->name, room);
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

// "-1.234,5" from "-1234.5"; whatever does not fit is cut.
static void put_decimal(enum language language, const char *decimal, char *room, size_t size)
{
    const char group = language == DUTCH ? '.' : ',', point = language == DUTCH ? ',' : '.';
    const char *whole = decimal + (decimal[0] == '-');
    size_t digits = strcspn(whole, "."), at = 0;
    const char *rest = whole + digits;
    if (whole != decimal) {
        room[at++] = '-';
    }
    for (size_t i = 0; i < digits && at + 2 < size; i++) {
        if (i > 0 && (digits - i) % 3 == 0) {
            room[at++] = group;
        }
        room[at++] = whole[i];
    }
    room[at] = '\0';
    if (*rest == '.') {
        (void)snprintf(room + at, size - at, "%c%s", point, rest + 1); // cut if it is long
    }
}

const char *words_euros(enum language language, int64_t cents, char room[WORDS_ROOM])
{
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    char plain[32];
    (void)snprintf(plain, sizeof(plain), "%llu.%02u", (unsigned long long)(size / 100),
                   (unsigned)(size % 100)); // it fits
    // U+00A0, so that the sign and the figure stay on one line.
    int at = snprintf(room, WORDS_ROOM, "%s€%s", cents < 0 ? "-" : "",
                      language == DUTCH ? "\xc2\xa0" : "");
    put_decimal(language, plain, room + at, WORDS_ROOM - (size_t)at);
    return room;
}

const char *words_unit(const char *unit, char *room, size_t size)
{
    char words[WORDS_ROOM];
    char *euro = strstr(words_spaced(unit, words), "eur");
    bool is_word =
        euro != NULL && (euro == words || euro[-1] == ' ') && (euro[3] == ' ' || euro[3] == '\0');
    int before = is_word ? (int)(euro - words) : (int)strlen(words);
    (void)snprintf(room, size, "%.*s%s%s", before, words, is_word ? "euro" : "",
                   is_word ? euro + 3 : ""); // cut if it is long
    return room;
}

const char *words_amount(enum language language, const char *decimal, const char *unit,
                         char room[WORDS_ROOM])
{
    char figure[WORDS_ROOM];
    if (strcmp(unit, "eur-cent") == 0 && strchr(decimal, '.') == NULL &&
        strlen(decimal) <= CENTS_DIGITS) {
        return words_euros(language, strtoll(decimal, NULL, 10), room);
    }
    put_decimal(language, decimal, figure, sizeof(figure));
    int size = snprintf(room, WORDS_ROOM, "%s ", figure); // decimals are short
    (void)words_unit(unit, room + size, WORDS_ROOM - (size_t)size);
    return room;
}

const char *words_count(enum language language, uint64_t number, char room[WORDS_ROOM])
{
    char plain[24];
    (void)snprintf(plain, sizeof(plain), "%llu", (unsigned long long)number); // it fits
    put_decimal(language, plain, room, WORDS_ROOM);
    return room;
}
