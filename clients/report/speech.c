#include "clients/report/speech.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define IN_WORDS 21 // numbers below are written out

static const char *const texts[][LANGUAGES] = {
#define TEXT(NAME, nl, en) {nl, en},
#define COUNT(...)
#include "clients/report/texts.def"
#undef TEXT
#undef COUNT
};

static const char *const counts[][LANGUAGES][2] = {
#define TEXT(...)
#define COUNT(NAME, nl_one, nl_more, en_one, en_more) {{nl_one, nl_more}, {en_one, en_more}},
#include "clients/report/texts.def"
#undef TEXT
#undef COUNT
};

static const char *const numbers[LANGUAGES][IN_WORDS] = {
    {"nul",      "één",      "twee",    "drie",      "vier",     "vijf",      "zes",
     "zeven",    "acht",     "negen",   "tien",      "elf",      "twaalf",    "dertien",
     "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien", "twintig"},
    {"no",       "one",     "two",     "three",     "four",     "five",     "six",
     "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
     "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"},
};

// Keeping ----------------------------------------------------------------------------------------

struct kept_text {
    struct kept_text *older;
    char *text;
};

static const char *keep(struct speech *speech, char *text)
{
    struct kept_text *kept = malloc(sizeof *kept);
    assert(kept != NULL && text != NULL); // half a report would be a wrong one
    *kept = (struct kept_text){.older = speech->newest, .text = text};
    speech->newest = kept;
    return text;
}

void speech_finish(struct speech *speech)
{
    while (speech->newest != NULL) {
        struct kept_text *kept = speech->newest;
        speech->newest = kept->older;
        free(kept->text);
        free(kept);
    }
}

const char *speech_format(struct speech *speech, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    int size = vasprintf(&text, format, values);
    va_end(values);
    return keep(speech, size < 0 ? NULL : text);
}

// Saying -----------------------------------------------------------------------------------------

const char *speech_text(const struct speech *speech, enum text text)
{
    return texts[text][speech->language];
}

static const char *find_filling(const struct filling *fillings, const char *name, size_t size)
{
    while (fillings->name != NULL &&
           (strlen(fillings->name) != size || memcmp(fillings->name, name, size) != 0)) {
        fillings++;
    }
    assert(fillings->name != NULL); // flow.report walks every text
    return fillings->value;
}

const char *speech_fill(struct speech *speech, enum text text, const struct filling *fillings)
{
    char *said = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&said, &size);
    assert(stream != NULL); // as above
    const char *at = speech_text(speech, text);
    for (const char *brace = strchr(at, '{'); brace != NULL; brace = strchr(at, '{')) {
        size_t name = strcspn(brace + 1, "}");
        (void)fwrite(at, 1, (size_t)(brace - at), stream);
        (void)fputs(find_filling(fillings, brace + 1, name), stream);
        at = brace + name + 2;
    }
    (void)fputs(at, stream);
    bool written = fclose(stream) == 0;
    assert(written); // as above
    return keep(speech, said);
}

const char *speech_capital(struct speech *speech, const char *text)
{
    if (strncmp(text, "é", 2) == 0) {
        return speech_format(speech, "É%s", text + 2);
    }
    bool small = text[0] >= 'a' && text[0] <= 'z';
    return small ? speech_format(speech, "%c%s", text[0] - 'a' + 'A', text + 1) : text;
}

struct counted speech_count(struct speech *speech, enum count count, size_t number)
{
    const char *text = counts[count][speech->language][number != 1];
    const char *brace = strchr(text, '{');
    assert(brace != NULL); // there is a number in every row
    const char *figure = number < IN_WORDS ? numbers[speech->language][number]
                                           : speech_format(speech, "%zu", number);
    return (struct counted){
        .before = speech_format(speech, "%.*s", (int)(brace - text), text),
        .number = brace[1] == 'N' ? speech_capital(speech, figure) : figure,
        .behind = brace + 3,
    };
}

const char *speech_list(struct speech *speech, const json_t *list)
{
    size_t count = json_array_size(list);
    const char *said = "";
    for (size_t i = 0; i < count; i++) {
        const char *between = i == 0 ? "" : i + 1 < count ? ", " : speech_text(speech, TEXT_AND);
        said = speech_format(speech, "%s%s%s", said, between,
                             json_string_value(json_array_get(list, i)));
    }
    return said;
}

// Rows -------------------------------------------------------------------------------------------

const char *speech_id(struct speech *speech, const char *id)
{
    char room[WORDS_ROOM];
    return speech_format(speech, "%s", words_spaced(id, room));
}

const char *speech_phase(const struct speech *speech, const char *name)
{
    enum phase phase = phase_find(bytes_of(name));
    return phase == PHASE_NONE ? name : words_phase(speech->language, phase);
}

const char *speech_choice(struct speech *speech, enum choices list, const char *word)
{
    char room[WORDS_ROOM];
    return speech_format(speech, "%s", words_choice(speech->language, list, word, room));
}

const char *speech_type(struct speech *speech, const struct event_type *type)
{
    char room[WORDS_ROOM];
    return speech_capital(speech,
                          speech_format(speech, "%s", words_type(speech->language, type, room)));
}

const char *speech_field(struct speech *speech, enum group group, const char *name)
{
    char room[WORDS_ROOM];
    const struct field *field = field_find(group, bytes_of(name));
    const char *label =
        field == NULL ? words_spaced(name, room) : words_field(speech->language, field, room);
    return speech_capital(speech, speech_format(speech, "%s", label));
}
