#include "clients/report/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LANGUAGES 2
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

bool words_language(const char *word, enum language *ret_language)
{
    bool dutch = strcmp(word, "nl") == 0;
    if (!dutch && strcmp(word, "en") != 0) {
        return false;
    }
    *ret_language = dutch ? LANGUAGE_NL : LANGUAGE_EN;
    return true;
}

// Keeping ----------------------------------------------------------------------------------------

struct kept_text {
    struct kept_text *older;
    char *text;
};

static const char *keep(struct words *words, char *text)
{
    struct kept_text *kept = malloc(sizeof *kept);
    assert(kept != NULL && text != NULL); // half a report would be a wrong one
    *kept = (struct kept_text){.older = words->newest, .text = text};
    words->newest = kept;
    return text;
}

void words_finish(struct words *words)
{
    while (words->newest != NULL) {
        struct kept_text *kept = words->newest;
        words->newest = kept->older;
        free(kept->text);
        free(kept);
    }
}

const char *words_format(struct words *words, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    int size = vasprintf(&text, format, values);
    va_end(values);
    return keep(words, size < 0 ? NULL : text);
}

// Saying -----------------------------------------------------------------------------------------

const char *words_of(const struct words *words, enum text text)
{
    return texts[text][words->language];
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

const char *words_say(struct words *words, enum text text, const struct filling *fillings)
{
    char *said = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&said, &size);
    assert(stream != NULL); // as above
    const char *at = words_of(words, text);
    for (const char *brace = strchr(at, '{'); brace != NULL; brace = strchr(at, '{')) {
        size_t name = strcspn(brace + 1, "}");
        (void)fwrite(at, 1, (size_t)(brace - at), stream);
        (void)fputs(find_filling(fillings, brace + 1, name), stream);
        at = brace + name + 2;
    }
    (void)fputs(at, stream);
    bool written = fclose(stream) == 0;
    assert(written); // as above
    return keep(words, said);
}

const char *words_capital(struct words *words, const char *text)
{
    if (strncmp(text, "é", 2) == 0) {
        return words_format(words, "É%s", text + 2);
    }
    bool small = text[0] >= 'a' && text[0] <= 'z';
    return small ? words_format(words, "%c%s", text[0] - 'a' + 'A', text + 1) : text;
}

struct counted words_count(struct words *words, enum count count, size_t number)
{
    const char *text = counts[count][words->language][number != 1];
    const char *brace = strchr(text, '{');
    assert(brace != NULL); // there is a number in every row
    const char *figure =
        number < IN_WORDS ? numbers[words->language][number] : words_format(words, "%zu", number);
    return (struct counted){
        .before = words_format(words, "%.*s", (int)(brace - text), text),
        .number = brace[1] == 'N' ? words_capital(words, figure) : figure,
        .behind = brace + 3,
    };
}

const char *words_list(struct words *words, const json_t *list)
{
    size_t count = json_array_size(list);
    const char *said = "";
    for (size_t i = 0; i < count; i++) {
        const char *between = i == 0 ? "" : i + 1 < count ? ", " : words_of(words, TEXT_AND);
        said = words_format(words, "%s%s%s", said, between,
                            json_string_value(json_array_get(list, i)));
    }
    return said;
}

// Rows -------------------------------------------------------------------------------------------

// A word of the wire as English has it: "general board", "costs allocated".
static const char *spaced(struct words *words, const char *word, const char *marks)
{
    char *text = strdup(word);
    for (char *at = text; at != NULL && *at != '\0'; at++) {
        *at = strchr(marks, *at) != NULL ? ' ' : *at;
    }
    return keep(words, text);
}

const char *words_id(struct words *words, const char *id)
{
    return spaced(words, id, "-");
}

const char *words_phase(struct words *words, const char *name)
{
    enum phase phase = phase_find(bytes_of(name));
    return words->language == LANGUAGE_NL && phase != PHASE_NONE ? phase_row(phase)->label_nl
                                                                 : name;
}

const char *words_choice(struct words *words, enum choices list, const char *word)
{
    const struct choice_row *row = NULL;
    while ((row = choice_next(list, row)) != NULL && strcmp(row->word, word) != 0) {
    }
    bool label = row != NULL && (words->language == LANGUAGE_NL || list == CHOICES_FRAME);
    return label ? row->label_nl : spaced(words, word, "-");
}

const char *words_type(struct words *words, const struct event_type *type)
{
    return words_capital(words, words->language == LANGUAGE_NL ? type->label_nl
                                                               : spaced(words, type->name, ".-"));
}

const char *words_kind(const struct words *words, enum kind kind)
{
    return words->language == LANGUAGE_NL ? kind_row(kind)->label_nl : kind_row(kind)->name;
}

const char *words_role(const struct words *words, const char *name)
{
    enum role role = role_find(bytes_of(name));
    return words->language == LANGUAGE_NL && role != ROLE_NONE ? role_row(role)->label_nl : name;
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

const char *words_field(struct words *words, enum group group, const char *name)
{
    const struct field *field = field_find(group, bytes_of(name));
    const char *label = spaced(words, name, "_-");
    for (size_t i = 0; i < sizeof english / sizeof english[0]; i++) {
        label = strcmp(english[i].name, name) == 0 ? english[i].label : label;
    }
    bool dutch = field != NULL && words->language == LANGUAGE_NL;
    return words_capital(words, dutch ? field->label_nl : label);
}
