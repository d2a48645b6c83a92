// waternet types [TYPE]: the event types as the daemon knows them; with --schema as JSON Schema.
#include "clients/cli/answers.h"
#include "clients/cli/said.h"
#include "clients/cli/suggest.h"
#include "clients/cli/table.h"
#include "clients/past/past.h"

#include "proto/jsonschema.h"

#include <stdlib.h>

// Who reads Dutch reads the label where others read the help.
static const json_t *value_of(const struct table *table, const json_t *row, const char *name)
{
    const json_t *label = json_object_get(row, "label");
    bool in_dutch = label != NULL && table->output->terminal && said_in_dutch();
    return in_dutch && strcmp(name, "help") == 0 ? label : json_object_get(row, name);
}

static void print_row(struct table *table, const json_t *row, const char *prefix)
{
    char *cells[COLUMNS_MAX] = {0};
    for (unsigned i = 0; i < table->columns; i++) {
        const json_t *value = value_of(table, row, table->names[i]);
        char *text = value == NULL ? output_format("%s", "") : past_value(value);
        cells[i] = i > 0 ? text : output_format("%s%s", prefix, text);
        if (i == 0) {
            free(text);
        }
    }
    table_row(table, (const char *const *)cells);
    for (unsigned i = 0; i < table->columns; i++) {
        free(cells[i]);
    }
}

// Fields of a group follow it, with a dotted name.
static void print_rows(struct table *table, const json_t *rows)
{
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(rows, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        char *prefix = output_format("%s.", name == NULL ? "" : name);
        size_t inner = 0;
        json_t *field = NULL;
        print_row(table, row, "");
        json_array_foreach(name == NULL ? NULL : json_object_get(row, "fields"), inner, field)
        {
            print_row(table, field, prefix);
        }
        free(prefix);
    }
}

static void print_table(struct cli *cli, const json_t *rows, const char *const *names,
                        unsigned count)
{
    struct table table;
    table_begin(&table, &cli->output, TABLE_WHOLE, names, count, NULL, true);
    print_rows(&table, rows);
    table_end(&table);
}

static int print_all(struct cli *cli, const json_t *types)
{
    static const char *const names[] = {"type", "roles", "help"};
    size_t index = 0;
    json_t *type = NULL;
    if (!cli->settings.json) {
        print_table(cli, types, names, 3);
        return 0;
    }
    json_array_foreach(types, index, type)
    {
        output_json(&cli->output, type);
    }
    return 0;
}

static int no_type(const char *name, const struct suggest *suggest)
{
    int code = waternet_status_exit(WATERNET_NOT_FOUND);
    return suggest->name == NULL
               ? output_failed(code, "no event type %s; waternet types lists them", name)
               : output_failed(code, "no event type %s; did you mean %s?", name, suggest->name);
}

static int print_one(struct cli *cli, const json_t *types, const char *name)
{
    static const char *const names[] = {"name",    "form", "type",  "required",
                                        "private", "max",  "words", "help"};
    struct suggest suggest = suggest_begin(bytes_of(name));
    size_t index = 0;
    json_t *type = NULL;
    json_array_foreach(types, index, type)
    {
        const char *known = json_string_value(json_object_get(type, "type"));
        if (known == NULL || strcmp(known, name) != 0) {
            suggest_offer(&suggest, known == NULL ? "" : known);
            continue;
        }
        if (cli->settings.json) {
            output_json(&cli->output, type);
        } else {
            print_table(cli, json_object_get(type, "fields"), names, 8);
        }
        return 0;
    }
    return no_type(name, &suggest);
}

// From this program's own rows, under the daemon's prefix.
static int print_schema(struct cli *cli, const char *name)
{
    const char *prefix = waternet_type_prefix(cli->connection);
    struct suggest suggest = suggest_begin(bytes_of(name == NULL ? "" : name));
    const struct event_type *type = NULL;
    json_t *all = json_object(), *one = NULL;
    while ((type = event_type_next(type)) != NULL) {
        suggest_offer(&suggest, type->name);
        (void)json_object_set_new(all, type->name, jsonschema_of(type, prefix)); // short is seen
    }
    if (name != NULL && (one = json_object_get(all, name)) == NULL) {
        json_decref(all);
        return no_type(name, &suggest);
    }
    output_json(&cli->output, name == NULL ? all : one);
    json_decref(all);
    return 0;
}

int cmd_types(struct cli *cli)
{
    json_t *types = NULL;
    if (cli->settings.schema) {
        return print_schema(cli, cli->argument_count == 0 ? NULL : cli->arguments[0]);
    }
    int code = answers_types(cli, &types);
    if (code == 0) {
        code = cli->argument_count == 0 ? print_all(cli, types)
                                        : print_one(cli, types, cli->arguments[0]);
    }
    json_decref(types);
    return code;
}
