#include "clients/cli/said.h"

#include "clients/cli/output.h"
#include "clients/words/euros.h"

#include "proto/tables.h"

#include <stdio.h>
#include <stdlib.h>

bool said_in_dutch(void)
{
    return strcmp(_("language"), "nl") == 0;
}

// Sentences ---------------------------------------------------------------------------------------

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

bool said_fits(const char *pattern, const char *sentence, struct said_holes *ret_holes)
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
        if (end == NULL || ret_holes->count == SAID_HOLES_MAX) {
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

// People read euros: in the place of a hole with " cents" behind it, of which *ret_length is the
// length. NULL if it is no amount. The caller frees it.
static char *said_amount(struct bytes hole, const char *behind, size_t *ret_length)
{
    char digits[24];
    size_t length = strncmp(behind, " cents", 6) == 0  ? 6
                    : strncmp(behind, " cent", 5) == 0 ? 5
                                                       : 0;
    if (length == 0 || hole.size == 0 || hole.size > 18) {
        return NULL;
    }
    (void)snprintf(digits, sizeof digits, "%.*s", BYTES_PRINT(hole));
    if (digits[strspn(digits, "0123456789")] != '\0') {
        return NULL;
    }
    char *euros = euros_text(strtoll(digits, NULL, 10));
    char *text = output_format("EUR %s", euros);
    *ret_length = length;
    free(euros);
    return text;
}

static char *fill(const char *pattern, const struct said_holes *holes)
{
    char *text = output_format("%s", "");
    for (unsigned i = 0; pattern[0] != '\0'; i++) {
        size_t length = literal_length(pattern);
        bool hole = pattern[length] != '\0' && i < holes->count;
        const char *behind = pattern + length + (pattern[length] == '\0' ? 0 : strlen("%s"));
        size_t unit = 0;
        char *name = hole ? said_amount(holes->texts[i], behind, &unit) : output_format("%s", "");
        name = name == NULL ? said_name(holes->texts[i]) : name;
        text = output_append(text, "%.*s%s", (int)length, pattern, name);
        free(name);
        pattern = behind + unit;
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
    const char *best = NULL; // the one with the fewest words in its holes
    struct said_holes holes, best_holes;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        if (said_fits(patterns[i], sentence, &holes) &&
            (best == NULL || strlen(patterns[i]) > strlen(best))) {
            best = patterns[i];
            best_holes = holes;
        }
    }
    if (best != NULL) {
        return fill(_(best), &best_holes);
    }
    return output_format("%s", sentence[0] == '\0' ? "" : _(sentence)); // it may be a field's help
}

char *said_guard(long long guard)
{
    static const struct {
        int number;
        const char *asks;
    } rows[] = {
#define GUARD(number, asks) {number, asks},
#include "clients/cli/guards.def"
#undef GUARD
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].number == guard) {
            return output_format("%s (G%lld)", _(rows[i].asks), guard);
        }
    }
    return guard == 0 ? output_format("%s", "") : output_format("G%lld", guard);
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
