// Whether a value that somebody types would be taken, as far as the rows tell.
#include "clients/cli/flags.h"

#include "proto/schema.h"

#include <libintl.h>
#include <stdarg.h>
#include <stdio.h>

static bool __attribute__((format(printf, 2, 3))) wrong(char *problem, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(problem, PROBLEM_MAX, gettext(format), values);
    va_end(values);
    return false;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

static bool is_short_enough(const struct field *field, const char *value, char *problem)
{
    size_t count = characters(value);
    return field->max == 0 || count <= field->max ||
           wrong(problem, "at most %u characters; these are %zu", field->max, count);
}

// What every single item must be, beside what flags_apply() has seen.
static bool is_good(const struct field *field, const char *value, char *problem)
{
    struct bytes text = bytes_of(value);
    enum kind kind = KIND_NONE;
    struct bytes entity = {0};
    switch (field->type) {
    case FIELD_ID:
    case FIELD_REFERENCE:
        return schema_is_id(text) || wrong(problem, "a name of a-z, 0-9 and - is needed");
    case FIELD_CHOICE:
        return choice_has((enum choices)field->of, text) ||
               wrong(problem, "one of the words above");
    case FIELD_PHASE:
        return phase_find(text) != PHASE_NONE || wrong(problem, "one of the phases above");
    case FIELD_DATE:
        return schema_is_date(text) ||
               wrong(problem, "a date like 2015, 2015-03, 2015-Q3 or 2015-03-19 is needed");
    case FIELD_DECIMAL:
        return schema_is_decimal(text) || wrong(problem, "a number like 12 or 12.5 is needed");
    case FIELD_OIN:
        return schema_is_oin(text) || wrong(problem, "an OIN of 20 digits is needed");
    case FIELD_CURVE:
        return schema_is_curve(text) || wrong(problem, "a public key of 40 characters is needed");
    case FIELD_PATH:
        return schema_is_path(text, &kind, &entity) ||
               wrong(problem, "kind/entity is needed, like werkplaats/rioolvervanging");
    case FIELD_LINE:
    case FIELD_TEXT:
        return is_short_enough(field, value, problem);
    case FIELD_COUNT:
    case FIELD_CENTS:
    case FIELD_URL:
    case FIELD_HASH:
    case FIELD_FLAG:
    case FIELD_GROUP:
    case FIELD_ANY:
        break;
    }
    return true;
}

// The keys of a map are names of entities.
static bool has_good_keys(json_t *map, char *problem)
{
    for (void *at = json_object_iter(map); at != NULL; at = json_object_iter_next(map, at)) {
        if (!schema_is_id(bytes_of(json_object_iter_key(at)))) {
            return wrong(problem, "NAME is a name of a-z, 0-9 and -");
        }
    }
    return true;
}

bool flags_check(const struct flag *flag, const char *value, char problem[PROBLEM_MAX])
{
    json_t *event = json_object();
    size_t index = 0;
    json_t *item = NULL;
    bool good = flags_apply(flag, value, event, problem);
    if (good && flag->field->form == FORM_ONE) {
        good = is_good(flag->field, value, problem);
    }
    if (good && flag->field->form == FORM_MAP) {
        good = has_good_keys(flags_value(flag, event), problem);
    }
    json_array_foreach(flags_value(flag, event), index, item)
    {
        if (good && json_is_string(item)) {
            good = is_good(flag->field, json_string_value(item), problem);
        }
    }
    json_decref(event);
    return good;
}
