#include "clients/dashboard/api_csv.h"

#include "clients/dashboard/api_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64

// A column's name and, where it is not a key of the row itself, the dotted way to its value.
struct columns {
    unsigned count;
    struct column {
        char name[80];
        const struct field *field; // of an entity; NULL: a key of the record
    } rows[COLUMNS_MAX];
};

// Cells -----------------------------------------------------------------------------------------

// What a spreadsheet would calculate gets a sign before it that makes it text.
static bool is_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static void put_cell(struct html *csv, bool is_first, const char *text)
{
    bool is_quoted = strpbrk(text, "\",\r\n") != NULL || is_formula(text);
    html_put_safe(csv, ",", is_first ? 0 : 1);
    html_put_safe(csv, "\"", is_quoted ? 1 : 0);
    html_put_safe(csv, "'", is_formula(text) ? 1 : 0);
    for (; *text != '\0'; text++) {
        html_put_safe(csv, "\"", *text == '"' ? 1 : 0);
        html_put_safe(csv, text, 1);
    }
    html_put_safe(csv, "\"", is_quoted ? 1 : 0);
}

static void end_line(struct html *csv)
{
    html_raw(csv, "\r\n");
}

// Texts as they are, a list of texts with "; " between, everything else as JSON.
static char *text_of(const json_t *value)
{
    struct html text = {0};
    size_t index = 0;
    const json_t *item = NULL;
    bool is_plain = json_is_array(value);
    json_array_foreach(value, index, item)
    {
        is_plain = is_plain && json_is_string(item);
    }
    if (json_is_string(value)) {
        return strdup(json_string_value(value));
    }
    if (!is_plain || json_array_size(value) == 0) {
        return value == NULL || is_plain ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    }
    json_array_foreach(value, index, item)
    {
        html_put_safe(&text, "; ", index == 0 ? 0 : 2);
        html_put_safe(&text, json_string_value(item), json_string_length(item));
    }
    return text.data;
}

static void put_value(struct html *csv, bool is_first, const json_t *value)
{
    bool is_number = json_is_integer(value); // may be negative, and is none of anybody's formulas
    char *text = text_of(value);
    if (is_number && text != NULL) {
        html_put_safe(csv, ",", is_first ? 0 : 1);
        html_put_safe(csv, text, strlen(text));
    } else {
        put_cell(csv, is_first, text == NULL ? "" : text);
    }
    free(text);
}

// Entities --------------------------------------------------------------------------------------

static void add_column(struct columns *columns, const char *group, const char *name,
                       const struct field *field)
{
    char full[80];
    (void)snprintf(full, sizeof(full), "%s%s%s", group, group[0] == '\0' ? "" : ".",
                   name); // it fits
    for (unsigned i = 0; i < columns->count; i++) {
        if (strcmp(columns->rows[i].name, full) == 0) {
            return;
        }
    }
    if (columns->count < COLUMNS_MAX) {
        columns->rows[columns->count].field = field;
        memcpy(columns->rows[columns->count++].name, full, sizeof(full));
    }
}

static void add_fields(struct columns *columns, const char *group_name, enum group group)
{
    struct fields fields = fields_of(group);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        bool is_hidden = (field->flags & (FLAG_PRIVATE | FLAG_ONCE)) != 0;
        if (is_hidden || field->form == FORM_MAP) {
            continue;
        }
        if (field->type == FIELD_GROUP && field->form == FORM_ONE && group_name[0] == '\0') {
            add_fields(columns, field->name, (enum group)field->of);
        } else if (field->type != FIELD_GROUP) {
            add_column(columns, group_name, field->name, field);
        }
    }
}

// What the events that open or set an entity of the kind can give it.
static void set_columns(struct columns *columns, enum kind kind)
{
    const struct event_type *type = NULL;
    static const char *const first[] = {"path", "version", "opened", "ended", "on"};
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        add_column(columns, "", first[i], NULL);
    }
    while ((type = event_type_next(type)) != NULL) {
        if (type->kind == kind && type->visibility == VISIBLE_PUBLIC &&
            (type->effect == EFFECT_OPEN || type->effect == EFFECT_SET)) {
            add_fields(columns, "", type->group);
        }
    }
    if (kind == KIND_WERKPLAATS) {
        static const struct field phase = {.name = "phase"}; // that of events.def's steps
        add_column(columns, "", "phase", &phase);
    }
}

static const json_t *find_value(const json_t *entity, const struct column *column)
{
    const json_t *record = json_object_get(entity, "record");
    if (strcmp(column->name, "path") == 0) {
        return json_object_get(entity, "path");
    }
    if (column->field == NULL) {
        return json_object_get(record, column->name);
    }
    const json_t *at = json_object_get(record, "fields");
    const char *dot = strchr(column->name, '.');
    if (dot != NULL) {
        char group[80];
        (void)snprintf(group, sizeof(group), "%.*s", (int)(dot - column->name),
                       column->name); // it fits
        at = json_object_get(at, group);
    }
    return json_object_get(at, dot == NULL ? column->name : dot + 1);
}

static void put_entities(struct html *csv, enum kind kind, const json_t *entities)
{
    struct columns columns = {0};
    size_t index = 0;
    const json_t *entity = NULL;
    set_columns(&columns, kind);
    for (unsigned i = 0; i < columns.count; i++) {
        put_cell(csv, i == 0, columns.rows[i].name);
    }
    end_line(csv);
    json_array_foreach(entities, index, entity)
    {
        for (unsigned i = 0; i < columns.count; i++) {
            put_value(csv, i == 0, find_value(entity, &columns.rows[i]));
        }
        end_line(csv);
    }
}

// Other answers ---------------------------------------------------------------------------------

static const struct {
    enum api_route route;
    const char *rows, *name, *key;
} columns_of[] = {
#define COLUMN(route, rows, name, key) {ROUTE_##route, rows, name, key},
#include "clients/dashboard/api_columns.def"
#undef COLUMN
};
#define COLUMNS_OF (sizeof(columns_of) / sizeof(columns_of[0]))

// The header line where row is NULL. Gives the name of the list in which the rows are.
static const char *put_row(struct html *csv, enum api_route route, const json_t *row)
{
    const char *rows = "";
    for (size_t i = 0; i < COLUMNS_OF; i++) {
        if (columns_of[i].route != route) {
            continue;
        }
        bool is_first = rows[0] == '\0';
        rows = columns_of[i].rows;
        if (row == NULL) {
            put_cell(csv, is_first, columns_of[i].name);
        } else {
            put_value(csv, is_first, json_object_get(row, columns_of[i].key));
        }
    }
    end_line(csv);
    return rows;
}

void csv_put(struct html *csv, const struct api_call *call, const json_t *made)
{
    size_t index = 0;
    const json_t *row = NULL;
    enum kind kind = call->row->route == ROUTE_REGIONS ? KIND_REGION : api_kind(call);
    if (call->row->route == ROUTE_REGIONS || call->row->route == ROUTE_ENTITIES) {
        put_entities(csv, kind, json_object_get(made, "entities"));
    } else {
        const char *rows = put_row(csv, call->row->route, NULL);
        json_array_foreach(json_object_get(made, rows), index, row)
        {
            (void)put_row(csv, call->row->route, row);
        }
    }
    if (csv->failed) {
        html_finish(csv); // NULL: without memory
    }
}
