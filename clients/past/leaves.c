#include "clients/past/leaves.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CENT_DIGITS_MAX 17 // then they are sure to fit

struct telling {
    json_t *leaves;
    const struct past_people *people;
    bool in_cents; // figures of this map are amounts: its unit says so
    bool keyed;    // what is part of the key has been told
};

// Where a value stands: its names with dots between, and the same for people.
struct place {
    const char *name, *label;
};

// Values ------------------------------------------------------------------------------------------

static bool is_cents(const char *figure)
{
    size_t sign = figure[0] == '-';
    size_t digits = strspn(figure + sign, "0123456789");
    return digits > 0 && digits <= CENT_DIGITS_MAX && figure[sign + digits] == '\0';
}

static char *euros_in_words(const struct telling *telling, int64_t cents)
{
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    return telling->people != NULL ? telling->people->euros(telling->people->context, cents)
                                   : past_format("EUR %s%" PRIu64 ".%02u", cents < 0 ? "-" : "",
                                                 size / 100, (unsigned)(size % 100));
}

static char *value_text(const struct telling *telling, const struct field *field,
                        const json_t *value)
{
    enum field_type type = field == NULL ? FIELD_ANY : field->type;
    const char *text = json_string_value(value);
    if (type == FIELD_CENTS) {
        return euros_in_words(telling, json_integer_value(value));
    }
    if (type == FIELD_DECIMAL && telling->in_cents && text != NULL && is_cents(text)) {
        return euros_in_words(telling, strtoll(text, NULL, 10));
    }
    if (field != NULL && text != NULL && telling->people != NULL) {
        return telling->people->text(telling->people->context, field, text);
    }
    return past_value(value);
}

static void add_leaf(struct telling *telling, const struct field *field, struct place place,
                     const json_t *value, bool item)
{
    char *text = value_text(telling, field, value);
    json_t *leaf = json_pack("{s:s, s:s, s:s, s:b}", "name", place.name, "label", place.label,
                             "text", text, "item", item);
    (void)json_array_append_new(telling->leaves, leaf); // short without memory
    free(text);
}

// Fields ------------------------------------------------------------------------------------------

static void tell_group(struct telling *telling, enum group group, struct place place,
                       const json_t *data);

// What is in a value under names of its own: a map's by the same field, others' by none.
static void tell_inner(struct telling *telling, const struct field *field, struct place place,
                       const json_t *value)
{
    void *at = json_object_iter((json_t *)(uintptr_t)value);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        char *name = past_format("%s.%s", place.name, json_object_iter_key(at));
        char *label = past_format("%s.%s", place.label, json_object_iter_key(at));
        const json_t *inner = json_object_iter_value(at);
        struct place below = {name, label};
        if (json_is_object(inner)) {
            tell_inner(telling, NULL, below, inner);
        } else {
            add_leaf(telling, field, below, inner, false);
        }
        free(label);
        free(name);
    }
}

static void tell_value(struct telling *telling, const struct field *field, struct place place,
                       const json_t *value)
{
    size_t index = 0;
    json_t *item = NULL;
    if (json_is_object(value) && field != NULL && field->type == FIELD_GROUP) {
        tell_group(telling, (enum group)field->of, place, value);
    } else if (json_is_object(value)) {
        tell_inner(telling, field, place, value);
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            add_leaf(telling, field, place, item, true);
        }
    } else {
        add_leaf(telling, field, place, value, false);
    }
}

static void tell_field(struct telling *telling, const struct field *field, struct place before,
                       const char *name, const json_t *value)
{
    const struct past_people *people = telling->people;
    const char *label =
        people == NULL || field == NULL ? NULL : people->label(people->context, field);
    label = label == NULL ? name : label;
    const char *dot = before.name[0] == '\0' ? "" : ".";
    char *whole = past_format("%s%s%s", before.name, dot, name);
    char *whole_label = past_format("%s%s%s", before.label, dot, label);
    tell_value(telling, field, (struct place){whole, whole_label}, value);
    free(whole_label);
    free(whole);
}

static void tell_group(struct telling *telling, enum group group, struct place place,
                       const json_t *data)
{
    struct fields fields = fields_of(group);
    bool outer = telling->in_cents;
    telling->in_cents = strcmp(past_text(data, "unit"), "eur-cent") == 0;
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        const json_t *value = json_object_get(data, field->name);
        bool told = telling->keyed && (field->flags & FLAG_KEY) != 0;
        if (value != NULL && !told) {
            tell_field(telling, field, place, field->name, value);
        }
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)data, name, value)
    {
        if (field_find(group, bytes_of(name)) == NULL) { // of a later version
            tell_field(telling, NULL, place, name, value);
        }
    }
    telling->in_cents = outer;
}

static const struct place nowhere = {"", ""};

json_t *leaves_of_group(enum group group, const json_t *data, const struct past_people *people)
{
    struct telling telling = {.leaves = json_array(), .people = people};
    tell_group(&telling, group, nowhere, data);
    return telling.leaves;
}

json_t *leaves_of_value(const struct field *field, const char *name, const json_t *value,
                        const struct past_people *people)
{
    struct telling telling = {.leaves = json_array(), .people = people};
    tell_field(&telling, field, nowhere, name, value);
    return telling.leaves;
}

json_t *leaves_of_item(enum group group, const json_t *item, const struct past_people *people)
{
    static const char *const names[] = {"on", "onbasis", "ontext", "citation", "reference"};
    struct telling telling = {.leaves = json_array(), .people = people, .keyed = true};
    tell_group(&telling, group, nowhere, json_object_get(item, "data"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(item, names[i]);
        if (value != NULL) {
            const struct field *field = field_find(GROUP_ENVELOPE, bytes_of(names[i]));
            tell_field(&telling, field, nowhere, names[i], value);
        }
    }
    return telling.leaves;
}

// Lines -------------------------------------------------------------------------------------------

char *leaves_line(json_t *leaves)
{
    char *line = past_format("%s", "");
    const char *before = "";
    size_t index = 0;
    json_t *leaf = NULL;
    json_array_foreach(leaves, index, leaf)
    {
        const char *label = past_text(leaf, "label");
        bool goes_on = index > 0 && strcmp(label, before) == 0; // one more item of a set
        char *longer =
            past_format("%s%s%s%s%s", line,
                        index == 0 ? ""
                        : goes_on  ? ", "
                                   : "; ",
                        goes_on ? "" : label, goes_on ? "" : ": ", past_text(leaf, "text"));
        free(line);
        line = longer;
        before = label;
    }
    json_decref(leaves);
    return line;
}

char *leaves_short(const char *text, size_t most)
{
    size_t count = 0;
    size_t end = 0;
    while (text[end] != '\0' && (count < most || ((unsigned char)text[end] & 0xc0) == 0x80)) {
        count += ((unsigned char)text[end] & 0xc0) != 0x80;
        end++;
    }
    return past_format("%.*s%s", (int)end, text, text[end] == '\0' ? "" : "…");
}
