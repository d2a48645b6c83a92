#include "clients/past/told.h"

#include "clients/past/differences.h"
#include "clients/past/leaves.h"

#include <stdlib.h>
#include <string.h>

struct telling {
    const struct past_people *people;
    told_take *take;
    void *context;
    size_t rows; // so far
};

static void hand_out(struct telling *telling, const struct told_row *row)
{
    telling->take(telling->context, row);
    telling->rows++;
}

// What a field's name says of its type: the slot's items have the fields of `group`, the field
// itself is `field`, NULL if no row has it.
struct rows_of {
    enum group group;
    const struct field *field;
};

static struct rows_of find_rows(enum kind kind, const char *name)
{
    struct rows_of found = {.group = GROUP_NOTHING};
    for (const struct event_type *type = event_type_next(NULL); type != NULL;
         type = event_type_next(type)) {
        bool of_kind = type->kind == kind || type->kind == KIND_ANY;
        bool puts = type->effect == EFFECT_PUT || type->effect == EFFECT_APPEND;
        if (of_kind && puts && strcmp(type->slot, name) == 0) {
            found.group = type->group;
        } else if (of_kind && type->slot[0] == '\0' && found.field == NULL) {
            found.field = field_find(type->group, bytes_of(name));
        }
    }
    if (found.field == NULL) {
        found.field = field_find(GROUP_ENVELOPE, bytes_of(name)); // the record's own
    }
    return found;
}

// Leaves of one name, in the order of a list, that are not in another.
static json_t *texts_of(const json_t *leaves, const char *name, const json_t *others)
{
    json_t *texts = json_array();
    size_t index = 0;
    size_t inner = 0;
    json_t *leaf = NULL;
    json_t *other = NULL;
    json_array_foreach(leaves, index, leaf)
    {
        bool wanted = strcmp(past_text(leaf, "name"), name) == 0;
        json_array_foreach(others, inner, other)
        {
            wanted = wanted && !json_equal(leaf, other);
        }
        if (wanted) { // short without memory
            (void)json_array_append(texts, json_object_get(leaf, "text"));
        }
    }
    return texts;
}

static const char *text_at(const json_t *texts, size_t index)
{
    return json_string_value(json_array_get(texts, index));
}

// The values of one name: one became another, or items of a set came and went.
static void tell_leaf(struct telling *telling, struct told_row row, const json_t *leaf,
                      const json_t *before, const json_t *after)
{
    const char *name = past_text(leaf, "name");
    bool item = json_is_true(json_object_get(leaf, "item"));
    json_t *was = texts_of(before, name, after);
    json_t *is = texts_of(after, name, before);
    char *field = past_format("%s%s", row.field, past_text(leaf, "label"));
    row.field = field;
    for (size_t i = 0; i < json_array_size(was); i++) {
        row.before = text_at(was, i);
        row.after = item ? NULL : text_at(is, i);
        hand_out(telling, &row);
    }
    for (size_t i = item ? 0 : json_array_size(was); i < json_array_size(is); i++) {
        row.before = NULL;
        row.after = text_at(is, i);
        hand_out(telling, &row);
    }
    free(field);
    json_decref(is);
    json_decref(was);
}

static bool is_among(const json_t *leaves, size_t most, const json_t *leaf)
{
    const char *name = past_text(leaf, "name");
    for (size_t i = 0; i < most && i < json_array_size(leaves); i++) {
        if (strcmp(past_text(json_array_get(leaves, i), "name"), name) == 0) {
            return true;
        }
    }
    return false;
}

// Ends both.
static void tell_leaves(struct telling *telling, struct told_row row, json_t *before, json_t *after)
{
    size_t index = 0;
    json_t *leaf = NULL;
    json_array_foreach(before, index, leaf)
    {
        if (!is_among(before, index, leaf)) {
            tell_leaf(telling, row, leaf, before, after);
        }
    }
    json_array_foreach(after, index, leaf)
    {
        if (!is_among(before, SIZE_MAX, leaf) && !is_among(after, index, leaf)) {
            tell_leaf(telling, row, leaf, before, after);
        }
    }
    json_decref(after);
    json_decref(before);
}

// What an item says besides its key; if that is nothing, its key; if it has none, that it is there.
static char *item_text(const struct telling *telling, const json_t *item, enum group group)
{
    const struct past_people *people = telling->people;
    char *line = leaves_line(leaves_of_item(group, item, people));
    if (line[0] == '\0') {
        free(line);
        line = leaves_line(leaves_of_group(group, json_object_get(item, "data"), people));
    }
    if (line[0] == '\0') {
        free(line);
        line = past_format("%s", people == NULL ? "yes" : people->yes);
    }
    return line;
}

// An item that came or went is one row.
static void tell_item(struct telling *telling, struct told_row row, const json_t *item,
                      enum group group, bool came)
{
    char *line = item_text(telling, item, group);
    row.before = came ? NULL : line;
    row.after = came ? line : NULL;
    hand_out(telling, &row);
    free(line);
}

static json_t *leaves_of(const struct telling *telling, struct rows_of rows, const char *name,
                         const json_t *value)
{
    return value == NULL ? json_array() : leaves_of_value(rows.field, name, value, telling->people);
}

static void tell_items(struct telling *telling, struct told_row row, struct rows_of rows,
                       const json_t *before, const json_t *after)
{
    const struct past_people *people = telling->people;
    if (before == NULL || after == NULL) {
        tell_item(telling, row, before == NULL ? after : before, rows.group, before == NULL);
        return;
    }
    char *field = past_format("%s.", row.field);
    row.field = field;
    tell_leaves(telling, row, leaves_of_item(rows.group, before, people),
                leaves_of_item(rows.group, after, people));
    free(field);
}

// A group's field is told by its own row.
static struct rows_of within(struct rows_of rows, const char *key)
{
    bool group = rows.field != NULL && rows.field->type == FIELD_GROUP && key != NULL;
    return (struct rows_of){.group = rows.group,
                            .field = group ? field_find((enum group)rows.field->of, bytes_of(key))
                                           : rows.field};
}

static void tell_field(struct telling *telling, struct told_row row, const json_t *field)
{
    const json_t *before = json_object_get(field, "before");
    const json_t *after = json_object_get(field, "after");
    const char *whole = past_text(field, "field");
    const char *key = NULL;
    char *name = NULL;
    differences_split(whole, &name, &key);
    const json_t *by = json_object_get(field, "by");
    char *number = by == NULL ? past_format("%s", "") : past_value(by);
    char *path = past_format("%s", strchr(row.path, '/') + 1);
    path[strcspn(path, "/")] = '\0';
    struct rows_of rows = find_rows(kind_find(bytes_of(path)), name);
    row.by = number;
    if (differences_is_item(before) || differences_is_item(after)) {
        row.field = whole;
        tell_items(telling, row, rows, before, after);
    } else {
        char *outer = key == NULL ? past_format("%s", "") : past_format("%s.", name);
        const char *inner = key == NULL ? name : key;
        row.field = outer;
        rows = within(rows, key);
        tell_leaves(telling, row, leaves_of(telling, rows, inner, before),
                    leaves_of(telling, rows, inner, after));
        free(outer);
    }
    free(path);
    free(number);
    free(name);
}

// The number of its newest event says nothing that "by" does not say, unless nothing else changed.
static bool is_told_otherwise(const char *field)
{
    return strcmp(field, "version") == 0 || strcmp(field, "opened") == 0;
}

void told_difference(const json_t *difference, const struct past_people *people, told_take *take,
                     void *context)
{
    struct telling telling = {.people = people, .take = take, .context = context};
    struct told_row row = {.path = past_text(difference, "path"),
                           .change = past_text(difference, "change")};
    const json_t *fields = json_object_get(difference, "fields");
    size_t index = 0;
    json_t *field = NULL;
    json_array_foreach(fields, index, field)
    {
        if (!is_told_otherwise(past_text(field, "field"))) {
            tell_field(&telling, row, field);
        }
    }
    if (telling.rows == 0) {
        tell_field(&telling, row, json_array_get(fields, 0)); // always its version
    }
}
