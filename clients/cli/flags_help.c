// What the rows tell people about a flag.
#include "clients/cli/flags.h"

#include "clients/cli/output.h"
#include "clients/cli/said.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *type_argument(enum field_type type)
{
    switch (type) {
    case FIELD_LINE:
        return "LINE";
    case FIELD_TEXT:
        return "TEXT";
    case FIELD_ID:
        return "ID";
    case FIELD_REFERENCE:
        return "ID";
    case FIELD_CHOICE:
        return "WORD";
    case FIELD_PHASE:
        return "PHASE";
    case FIELD_DATE:
        return "DATE";
    case FIELD_COUNT:
        return "N";
    case FIELD_CENTS:
        return "AMOUNT";
    case FIELD_DECIMAL:
        return "NUMBER";
    case FIELD_URL:
        return "URL";
    case FIELD_OIN:
        return "OIN";
    case FIELD_CURVE:
        return "PUBLIC-KEY";
    case FIELD_PATH:
        return "KIND/ENTITY";
    case FIELD_HASH:
        return "HEX";
    case FIELD_FLAG:
        return "true|false";
    case FIELD_GROUP:
    case FIELD_ANY:
        return "JSON";
    }
    return "VALUE";
}

void flags_argument(const struct flag *flag, char ret_name[FLAG_NAME_MAX])
{
    const struct field *field = flag->field;
    const char *name = type_argument(field->type);
    if (field->type == FIELD_REFERENCE && field->form != FORM_MAP) {
        name = kind_row((enum kind)field->of)->name;
    }
    const char *before = field->form == FORM_MAP ? "NAME=" : "";
    bool several = field->form != FORM_ONE;
    (void)snprintf(ret_name, FLAG_NAME_MAX, "%s%s%s", before, name, several ? ",..." : "");
    if (field->type == FIELD_REFERENCE) {
        for (char *at = ret_name; *at != '\0'; at++) {
            *at = (char)toupper((unsigned char)*at);
        }
    }
}

// Adds to the text, with a comma before what is not the first.
static void __attribute__((format(printf, 2, 3))) add(char *text, const char *format, ...)
{
    size_t length = strlen(text);
    va_list values;
    va_start(values, format);
    if (length > 0 && length + 2 < PROBLEM_MAX) {
        memcpy(text + length, ", ", 3);
        length += 2;
    }
    (void)vsnprintf(text + length, PROBLEM_MAX - length, format, values);
    va_end(values);
}

static void add_choices(char *text, enum choices list)
{
    const struct choice_row *row = NULL;
    const char *before = _("one of ");
    while ((row = choice_next(list, row)) != NULL) {
        char *word = said_word(row->label_nl, row->word);
        add(text, "%s%s", before, word);
        free(word);
        before = "";
    }
}

static void add_phase(char *text, const char *before, const char *name, const char *label_nl)
{
    char *word = said_word(label_nl, name);
    add(text, "%s%s", before, word);
    free(word);
}

static void add_phases(char *text)
{
    const char *before = _("one of ");
#define PHASE(number, NAME, name, label_nl, ...)                                                   \
    add_phase(text, before, name, label_nl);                                                       \
    before = "";
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
    (void)before;
}

static void add_maximum(char *text, const struct field *field)
{
    bool several = field->form != FORM_ONE;
    bool counts = field->type == FIELD_COUNT || field->type == FIELD_CENTS;
    if (field->max != 0 && several) {
        add(text, _("at most %u"), field->max);
    } else if (field->max != 0) {
        add(text, counts ? _("at most %u") : _("at most %u characters"), field->max);
    }
}

void flags_limits(const struct flag *flag, char ret_text[PROBLEM_MAX])
{
    const struct field *field = flag->field;
    ret_text[0] = '\0';
    if (flag->required && flag->within != NULL) {
        add(ret_text, _("required with %s"), flag->within->name);
    } else if (flag->required) {
        add(ret_text, "%s", _("required"));
    }
    unsigned outer = flag->within == NULL ? 0 : flag->within->flags;
    if (((field->flags | outer) & FLAG_PRIVATE) != 0) {
        add(ret_text, "%s", _("kept private"));
    }
    if (field->type == FIELD_CHOICE) {
        add_choices(ret_text, (enum choices)field->of);
    }
    if (field->type == FIELD_PHASE) {
        add_phases(ret_text);
    }
    if (field->type == FIELD_CENTS) {
        add(ret_text, "%s", _("with a point in euros (1234.56), without one in cents"));
    }
    add_maximum(ret_text, field);
}
