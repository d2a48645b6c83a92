#include "clients/report/prose.h"

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

static const char *keep(struct prose *prose, char *text)
{
    struct kept_text *kept = malloc(sizeof *kept);
    assert(kept != NULL && text != NULL); // half a report would be a wrong one
    *kept = (struct kept_text){.older = prose->newest, .text = text};
    prose->newest = kept;
    return text;
}

void prose_finish(struct prose *prose)
{
    while (prose->newest != NULL) {
        struct kept_text *kept = prose->newest;
        prose->newest = kept->older;
        free(kept->text);
        free(kept);
    }
}

const char *prose_format(struct prose *prose, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    int size = vasprintf(&text, format, values);
    va_end(values);
    return keep(prose, size < 0 ? NULL : text);
}

// Saying -----------------------------------------------------------------------------------------

const char *prose_of(const struct prose *prose, enum text text)
{
    return texts[text][prose->language];
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

const char *prose_say(struct prose *prose, enum text text, const struct filling *fillings)
{
    char *said = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&said, &size);
    assert(stream != NULL); // as above
    const char *at = prose_of(prose, text);
    for (const char *brace = strchr(at, '{'); brace != NULL; brace = strchr(at, '{')) {
        size_t name = strcspn(brace + 1, "}");
        (void)fwrite(at, 1, (size_t)(brace - at), stream);
        (void)fputs(find_filling(fillings, brace + 1, name), stream);
        at = brace + name + 2;
    }
    (void)fputs(at, stream);
    bool written = fclose(stream) == 0;
    assert(written); // as above
    return keep(prose, said);
}

const char *prose_capital(struct prose *prose, const char *text)
{
    if (strncmp(text, "é", 2) == 0) {
        return prose_format(prose, "E%s", text + 2); // Eén
    }
    bool small = text[0] >= 'a' && text[0] <= 'z';
    return small ? prose_format(prose, "%c%s", text[0] - 'a' + 'A', text + 1) : text;
}

struct counted prose_count(struct prose *prose, enum count count, size_t number, bool begins)
{
    const char *text = counts[count][prose->language][number != 1];
    const char *brace = strchr(text, '{');
    assert(brace != NULL); // there is a number in every row
    const char *figure =
        number < IN_WORDS ? numbers[prose->language][number] : prose_format(prose, "%zu", number);
    const char *before = prose_format(prose, "%.*s", (int)(brace - text), text);
    return (struct counted){
        .before = begins ? prose_capital(prose, before) : before,
        .number = begins && brace == text ? prose_capital(prose, figure) : figure,
        .behind = brace + strlen("{n}"),
    };
}

const char *prose_list(struct prose *prose, const json_t *list)
{
    size_t count = json_array_size(list);
    const char *said = "";
    for (size_t i = 0; i < count; i++) {
        const char *between = i == 0 ? "" : i + 1 < count ? ", " : prose_of(prose, TEXT_AND);
        said = prose_format(prose, "%s%s%s", said, between,
                            json_string_value(json_array_get(list, i)));
    }
    return said;
}

// Rows -------------------------------------------------------------------------------------------

const char *prose_id(struct prose *prose, const char *id)
{
    char room[WORDS_ROOM];
    return prose_format(prose, "%s", words_spaced(id, room));
}

const char *prose_phase(const struct prose *prose, const char *name)
{
    enum phase phase = phase_find(bytes_of(name));
    return phase == PHASE_NONE ? name : words_phase(prose->language, phase);
}

const char *prose_choice(struct prose *prose, enum choices list, const char *word)
{
    char room[WORDS_ROOM];
    return prose_format(prose, "%s", words_choice(prose->language, list, word, room));
}

const char *prose_type(struct prose *prose, const struct event_type *type)
{
    char room[WORDS_ROOM];
    return prose_capital(prose, prose_format(prose, "%s", words_type(prose->language, type, room)));
}

// A frame's own word where it is no field: frames are data, and so are their dimensions.
const char *prose_dimension(const struct prose *prose, const char *name)
{
    const struct field *field = field_find(GROUP_CONTRIBUTES, bytes_of(name));
    if (prose->language != DUTCH) {
        return name;
    }
    return field != NULL                    ? field->label_nl
           : strcmp(name, "awareness") == 0 ? "bewustwording"
                                            : name;
}

const char *prose_field(struct prose *prose, enum group group, const char *name)
{
    char room[WORDS_ROOM];
    const struct field *field = field_find(group, bytes_of(name));
    const char *label =
        field == NULL ? words_spaced(name, room) : words_field(prose->language, field, room);
    return prose_capital(prose, prose_format(prose, "%s", label));
}
