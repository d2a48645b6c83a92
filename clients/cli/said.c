#include "clients/cli/said.h"

#include "clients/cli/output.h"

#include "proto/tables.h"

#include <stdio.h>
#include <stdlib.h>

#define HOLES_MAX 6 // %s in one sentence

bool said_in_dutch(void)
{
    return strcmp(_("language"), "nl") == 0;
}

// Sentences ---------------------------------------------------------------------------------------

// What a sentence has in the places of a pattern's %s.
struct holes {
    unsigned count;
    struct bytes texts[HOLES_MAX];
};

// Where a hole ends: at the next literal text, or with the last at the end that it has.
static const char *end_of_hole(const char *rest, const char *literal, size_t length)
{
    size_t size = strlen(rest);
    if (literal[length] != '\0') {
        return memmem(rest, size, literal, length);
    }
    bool fits = size >= length && strcmp(rest + size - length, literal) == 0;
    return fits ? rest + size - length : NULL;
}

static size_t literal_length(const char *pattern)
{
    const char *hole = strstr(pattern, "%s");
    return hole == NULL ? strlen(pattern) : (size_t)(hole - pattern);
}

static bool fits(const char *pattern, const char *sentence, struct holes *ret_holes)
{
    size_t length = literal_length(pattern);
    ret_holes->count = 0;
    if (strncmp(pattern, sentence, length) != 0) {
        return false;
    }
    const char *rest = sentence + length;
    for (pattern += length; pattern[0] != '\0'; pattern += length) {
        pattern += strlen("%s");
        length = literal_length(pattern);
        const char *end = end_of_hole(rest, pattern, length);
        if (end == NULL || ret_holes->count == HOLES_MAX) {
            return false;
        }
        ret_holes->texts[ret_holes->count++] = (struct bytes){rest, (size_t)(end - rest)};
        rest = end + length;
    }
    return rest[0] == '\0';
}

static char *fill(const char *pattern, const struct holes *holes)
{
    char *text = output_format("%s", "");
    for (unsigned i = 0; pattern[0] != '\0'; i++) {
        size_t length = literal_length(pattern);
        bool hole = pattern[length] != '\0' && i < holes->count;
        char *longer = output_format("%s%.*s%.*s", text, (int)length, pattern,
                                     hole ? (int)holes->texts[i].size : 0,
                                     hole ? (const char *)holes->texts[i].data : "");
        free(text);
        text = longer;
        pattern += length + (pattern[length] == '\0' ? 0 : strlen("%s"));
    }
    return text;
}

char *said_sentence(const char *sentence)
{
    static const char *const patterns[] = {
#define SAID(pattern) pattern,
#include "clients/cli/said.def"
#undef SAID
    };
    struct holes holes;
    for (size_t i = 0; said_in_dutch() && i < sizeof patterns / sizeof patterns[0]; i++) {
        if (fits(patterns[i], sentence, &holes)) {
            return fill(_(patterns[i]), &holes);
        }
    }
    return output_format("%s", sentence);
}

// Words -------------------------------------------------------------------------------------------

char *said_word(const char *label_nl, const char *word)
{
    bool same = label_nl == NULL || strcmp(label_nl, word) == 0 || !said_in_dutch();
    return same ? output_format("%s", word) : output_format("%s (%s)", label_nl, word);
}

static const char *label_in_list(const struct field *field, const char *word)
{
    const struct choice_row *row = NULL;
    if (field->type == FIELD_PHASE) {
        enum phase phase = phase_find(bytes_of(word));
        return phase == PHASE_NONE ? NULL : phase_row(phase)->label_nl;
    }
    while (field->type == FIELD_CHOICE &&
           (row = choice_next((enum choices)field->of, row)) != NULL) {
        if (strcmp(row->word, word) == 0) {
            return row->label_nl;
        }
    }
    return NULL;
}

// How a key stands is no field of an event.
static const char *label_of_state(const char *word)
{
#define KEY_STATE(number, NAME, name, label_nl, ...)                                               \
    if (strcmp(word, name) == 0) {                                                                 \
        return label_nl;                                                                           \
    }
#include "proto/keystates.def"
#undef KEY_STATE
    return NULL;
}

char *said_choice(const struct field *field, const char *word)
{
    return said_word(label_in_list(field, word), word);
}

char *said_value(const char *name, const char *value)
{
    const char *label = strcmp(name, "state") == 0 ? label_of_state(value) : NULL;
    for (unsigned group = 0; group < GROUP_COUNT && label == NULL; group++) {
        const struct field *field = field_find((enum group)group, bytes_of(name));
        label = field == NULL ? NULL : label_in_list(field, value);
    }
    return said_word(label, value);
}

// Only where all groups agree: of a table it is not known which it shows.
char *said_field(const char *name)
{
    const char *label = NULL;
    bool agreed = true;
    for (unsigned group = 0; group < GROUP_COUNT; group++) {
        const struct field *field = field_find((enum group)group, bytes_of(name));
        agreed = agreed && (field == NULL || label == NULL || strcmp(field->label_nl, label) == 0);
        label = field == NULL ? label : field->label_nl;
    }
    return said_word(agreed ? label : NULL, name);
}
