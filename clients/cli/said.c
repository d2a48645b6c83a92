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

// What the daemon named: a role or a phase with its label.
static char *said_name(struct bytes name)
{
    enum role role = role_find(name);
    enum phase phase = phase_find(name);
    char *word = output_format("%.*s", BYTES_PRINT(name));
    char *text = said_word(role != ROLE_NONE     ? role_row(role)->label_nl
                           : phase != PHASE_NONE ? phase_row(phase)->label_nl
                                                 : NULL,
                           word);
    free(word);
    return text;
}

static char *fill(const char *pattern, const struct holes *holes)
{
    char *text = output_format("%s", "");
    for (unsigned i = 0; pattern[0] != '\0'; i++) {
        size_t length = literal_length(pattern);
        bool hole = pattern[length] != '\0' && i < holes->count;
        char *name = hole ? said_name(holes->texts[i]) : output_format("%s", "");
        text = output_append(text, "%.*s%s", (int)length, pattern, name);
        free(name);
        pattern += length + (pattern[length] == '\0' ? 0 : strlen("%s"));
    }
    return text;
}

// What a field is for stands in its row in both languages.
static const char *label_of_help(const char *help)
{
    for (unsigned group = 0; group < GROUP_COUNT; group++) {
        struct fields fields = fields_of((enum group)group);
        for (unsigned i = 0; i < fields.count; i++) {
            if (strcmp(fields.first[i].help, help) == 0) {
                return fields.first[i].label_nl;
            }
        }
    }
    return NULL;
}

char *said_sentence(const char *sentence)
{
    static const char *const patterns[] = {
#define SAID(pattern) pattern,
#include "clients/cli/said.def"
#undef SAID
    };
    const char *best = NULL; // the one with the fewest words in its holes
    struct holes holes, best_holes;
    for (size_t i = 0; said_in_dutch() && i < sizeof patterns / sizeof patterns[0]; i++) {
        if (fits(patterns[i], sentence, &holes) &&
            (best == NULL || strlen(patterns[i]) > strlen(best))) {
            best = patterns[i];
            best_holes = holes;
        }
    }
    if (best != NULL) {
        return fill(_(best), &best_holes);
    }
    const char *label = said_in_dutch() ? label_of_help(sentence) : NULL;
    return output_format("%s", label == NULL ? sentence : label);
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

static const char *label_of_role(const char *word)
{
    enum role role = role_find(bytes_of(word));
    return role == ROLE_NONE ? NULL : role_row(role)->label_nl;
}

// A word of a column that is no field of an event.
static const char *label_of_word(const char *name, const char *word)
{
    static const char *const rows[][2] = {
#define LABEL(name)
#define WORD(column, word) {column, word},
#include "clients/cli/labels.def"
#undef WORD
#undef LABEL
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i][0], name) == 0 && strcmp(rows[i][1], word) == 0) {
            return _(rows[i][1]);
        }
    }
    return NULL;
}

char *said_choice(const struct field *field, const char *word)
{
    return said_word(label_in_list(field, word), word);
}

char *said_value(const char *name, const char *value)
{
    const char *label = strcmp(name, "state") == 0  ? label_of_state(value)
                        : strcmp(name, "role") == 0 ? label_of_role(value)
                                                    : label_of_word(name, value);
    for (unsigned group = 0; group < GROUP_COUNT && label == NULL; group++) {
        const struct field *field = field_find((enum group)group, bytes_of(name));
        label = field == NULL ? NULL : label_in_list(field, value);
    }
    return said_word(label, value);
}

static const char *label_of_name(const char *name)
{
    static const char *const rows[] = {
#define LABEL(name) name,
#define WORD(column, word)
#include "clients/cli/labels.def"
#undef WORD
#undef LABEL
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i], name) == 0) {
            return _(rows[i]);
        }
    }
    return NULL;
}

// Of the groups only where all agree: of a table it is not known which it shows.
char *said_field(const char *name)
{
    const char *label = NULL;
    bool agreed = true;
    for (unsigned group = 0; group < GROUP_COUNT; group++) {
        const struct field *field = field_find((enum group)group, bytes_of(name));
        agreed = agreed && (field == NULL || label == NULL || strcmp(field->label_nl, label) == 0);
        label = field == NULL ? label : field->label_nl;
    }
    const char *own = label_of_name(name);
    enum kind kind = kind_find(bytes_of(name)); // `list` names a column after it
    bool of_kind = label == NULL && kind != KIND_NONE;
    return said_word(own != NULL ? own
                     : of_kind   ? kind_row(kind)->label_nl
                     : agreed    ? label
                                 : NULL,
                     name);
}
