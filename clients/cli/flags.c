#include "clients/cli/flags.h"

#include "clients/cli/options.h"
#include "clients/words/euros.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

// Making them -------------------------------------------------------------------------------------

// Attributes that have another way in: the arguments, or an option of `post`.
static bool has_another_way(const char *name)
{
    static const char *const names[] = {"id", "type", "region", "subject", "data"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_needed(const struct event_type *type, const char *name)
{
    static const struct {
        enum event_need need;
        const char *name;
    } needs[] = {{NEEDS_ON, "on"}, {NEEDS_CITATION, "citation"}, {NEEDS_REFERENCE, "reference"}};
    bool first = (type->flags & EVENT_FIRST) != 0;
    for (size_t i = 0; first && i < sizeof needs / sizeof needs[0]; i++) {
        if ((type->needs & needs[i].need) != 0 && strcmp(name, needs[i].name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_taken(const char *name)
{
    struct bytes bytes = bytes_of(name);
    const struct field *attribute = field_find(GROUP_ENVELOPE, bytes);
    return options_find(COMMAND_POST, bytes) != NULL ||
           (attribute != NULL && (attribute->flags & FLAG_DAEMON) == 0);
}

static struct flag *add(struct flags *flags, const struct field *field, const char *prefix,
                        const char *path)
{
    if (flags->count == FLAGS_MAX) {
        return &flags->rows[FLAGS_MAX - 1];
    }
    struct flag *flag = &flags->rows[flags->count++];
    *flag = (struct flag){.field = field};
    int length = snprintf(flag->name, sizeof flag->name, "%s%s", prefix, path);
    (void)length; // names of rows are far shorter
    flag->path = flag->name + strlen(prefix);
    return flag;
}

static void add_attributes(struct flags *flags)
{
    struct fields fields = fields_of(GROUP_ENVELOPE);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        if ((field->flags & FLAG_DAEMON) == 0 && !has_another_way(field->name)) {
            struct flag *flag = add(flags, field, "", field->name);
            flag->envelope = true;
            flag->required = is_needed(flags->type, field->name);
        }
    }
}

static bool is_group(const struct field *field)
{
    return field->type == FIELD_GROUP && field->form == FORM_ONE;
}

// The fields of a group that stands in `outer`. Groups in a group in a group are given as JSON.
static void add_inner(struct flags *flags, const struct field *outer, bool outer_required)
{
    struct fields fields = fields_of((enum group)outer->of);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        if ((field->flags & FLAG_DAEMON) == 0) {
            char path[FLAG_NAME_MAX];
            (void)snprintf(path, sizeof path, "%s.%s", outer->name, field->name);
            struct flag *flag = add(flags, field, "", path);
            flag->required = (field->flags & FLAG_REQUIRED) != 0;
            flag->within = outer_required ? NULL : outer;
        }
    }
}

void flags_init(struct flags *flags, const struct event_type *type)
{
    *flags = (struct flags){.type = type};
    struct fields fields = fields_of(type->group);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        bool required = (field->flags & FLAG_REQUIRED) != 0 && (type->flags & EVENT_FIRST) != 0;
        if ((field->flags & FLAG_DAEMON) != 0) {
            continue;
        }
        if (is_group(field)) {
            add_inner(flags, field, required);
        } else {
            add(flags, field, is_taken(field->name) ? "data." : "", field->name)->required =
                required;
        }
    }
    add_attributes(flags);
}

// --common-interest is the field common_interest too: both look the same to who types them.
static bool is_named(const struct flag *flag, struct bytes name)
{
    const char *typed = name.data;
    bool same = name.size == strlen(flag->name);
    for (size_t i = 0; same && i < name.size; i++) {
        same = (typed[i] == '-' ? '_' : typed[i]) == (flag->name[i] == '-' ? '_' : flag->name[i]);
    }
    return same;
}

const struct flag *flags_find(const struct flags *flags, struct bytes name)
{
    for (unsigned i = 0; i < flags->count; i++) {
        if (is_named(&flags->rows[i], name)) {
            return &flags->rows[i];
        }
    }
    return NULL;
}

// Values ------------------------------------------------------------------------------------------

static bool __attribute__((format(printf, 2, 3))) wrong(char *problem, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(problem, PROBLEM_MAX, _(format), values);
    va_end(values);
    return false;
}

static json_t *whole_number(const char *value)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool begins = isdigit((unsigned char)value[value[0] == '-']);
    return begins && *end == '\0' && errno == 0 ? json_integer(number) : NULL;
}

// Whole cents, or with a point or comma euros; both are unmistakable.
static json_t *cents_value(const char *value)
{
    uint64_t cents = 0;
    bool euros = strpbrk(value, ".,") != NULL && euros_read(value, &cents);
    return euros ? json_integer((json_int_t)cents) : whole_number(value);
}

// A typed item as JSON; NULL and the problem if it cannot be one of the field's type.
static json_t *item_value(const struct field *field, const char *value, char *problem)
{
    json_error_t error;
    json_t *item = NULL;
    switch (field->type) {
    case FIELD_COUNT:
        item = whole_number(value);
        (void)wrong(problem, "a whole number is needed");
        break;
    case FIELD_CENTS:
        item = cents_value(value);
        (void)wrong(problem, "euros as 1234.56, or whole cents, are needed");
        break;
    case FIELD_FLAG:
        item = strcmp(value, "true") == 0    ? json_true()
               : strcmp(value, "false") == 0 ? json_false()
                                             : NULL;
        (void)wrong(problem, "true or false is needed");
        break;
    case FIELD_GROUP:
    case FIELD_ANY:
        item = json_loads(value, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        (void)wrong(problem, "JSON is needed");
        break;
    case FIELD_LINE:
    case FIELD_TEXT:
    case FIELD_ID:
    case FIELD_REFERENCE:
    case FIELD_CHOICE:
    case FIELD_PHASE:
    case FIELD_DATE:
    case FIELD_DECIMAL:
    case FIELD_URL:
    case FIELD_OIN:
    case FIELD_CURVE:
    case FIELD_PATH:
    case FIELD_HASH:
        item = json_string(value);
        (void)wrong(problem, "text in UTF-8 is needed");
        break;
    }
    return item;
}

// Whether an item of this type can hold a comma itself.
static bool may_hold_comma(const struct field *field)
{
    return field->type == FIELD_LINE || field->type == FIELD_TEXT || field->type == FIELD_URL ||
           field->type == FIELD_GROUP || field->type == FIELD_ANY;
}

static json_t *container(json_t *parent, const char *key, json_t *empty)
{
    json_t *there = json_object_get(parent, key);
    if (there == NULL) {
        json_object_set_new(parent, key, empty);
        return empty;
    }
    json_decref(empty);
    return there;
}

static bool put_items(json_t *list, const struct field *field, const char *value, char *problem)
{
    bool split = !may_hold_comma(field);
    const char *rest = value;
    while (*rest != '\0') {
        size_t length = split ? strcspn(rest, ",") : strlen(rest);
        char *text = output_format("%.*s", (int)length, rest);
        json_t *item = item_value(field, text, problem);
        free(text);
        if (item == NULL) {
            return false;
        }
        json_array_append_new(list, item);
        rest += length + (rest[length] == ',');
    }
    return true;
}

static bool put_pair(json_t *map, const struct field *field, const char *value, char *problem)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return wrong(problem, "NAME=VALUE is needed");
    }
    json_t *item = item_value(field, equals + 1, problem);
    if (item == NULL) {
        return false;
    }
    return json_object_setn_new(map, value, (size_t)(equals - value), item) == 0 ||
           wrong(problem, "text in UTF-8 is needed");
}

// One pair, or several with commas between them where no value can hold one.
static bool put_pairs(json_t *map, const struct field *field, const char *value, char *problem)
{
    const char *rest = value;
    bool good = true;
    do {
        size_t length = may_hold_comma(field) ? strlen(rest) : strcspn(rest, ",");
        char *pair = output_format("%.*s", (int)length, rest);
        good = put_pair(map, field, pair, problem);
        free(pair);
        rest += length + (rest[length] == ',');
    } while (good && *rest != '\0');
    return good;
}

// The object in which the flag's value stands, and its key there.
static json_t *place_of(const struct flag *flag, json_t *event, const char **ret_key)
{
    const char *dot = strchr(flag->path, '.');
    *ret_key = dot == NULL ? flag->path : dot + 1;
    if (flag->envelope) {
        return event;
    }
    json_t *data = container(event, "data", json_object());
    if (dot == NULL) {
        return data;
    }
    char *outer = output_format("%.*s", (int)(dot - flag->path), flag->path);
    json_t *place = container(data, outer, json_object());
    free(outer);
    return place;
}

bool flags_names_event(const struct flag *flag, const char *value)
{
    return flag->envelope && strcmp(flag->field->name, "corrects") == 0 &&
           strncmp(value, "id:", 3) == 0;
}

bool flags_apply(const struct flag *flag, const char *value, json_t *event,
                 char problem[PROBLEM_MAX])
{
    const struct field *field = flag->field;
    const char *key = NULL;
    json_t *place = place_of(flag, event, &key);
    json_t *item = NULL;
    if (flags_names_event(flag, value)) {
        return json_object_set_new(place, key, json_string(value)) == 0;
    }
    switch (field->form) {
    case FORM_ONE:
        item = item_value(field, value, problem);
        // Attributes of a CloudEvent that count are decimal text: its integers have 32 bits.
        if (item != NULL && flag->envelope && json_is_integer(item)) {
            json_decref(item);
            item = json_string(value);
        }
        return item != NULL && json_object_set_new(place, key, item) == 0;
    case FORM_LIST:
    case FORM_SET:
        return put_items(container(place, key, json_array()), field, value, problem);
    case FORM_MAP:
        return put_pairs(container(place, key, json_object()), field, value, problem);
    }
    return false;
}

json_t *flags_value(const struct flag *flag, json_t *event)
{
    const char *key = NULL;
    json_t *place = place_of(flag, event, &key);
    return json_object_get(place, key);
}
