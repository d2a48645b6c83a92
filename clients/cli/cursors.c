#include "clients/cli/cursors.h"

#include "clients/cli/answers.h"
#include "clients/cli/table.h"

#include <stdlib.h>

int cursors_all(struct cli *cli, json_t **ret_json)
{
    return answers_gather(cli, json_pack("{s:s}", "request", "cursors"), "cursors", "cursors",
                          ret_json);
}

int cursors_find(struct cli *cli, const char *name, json_t **ret_cursor)
{
    json_t *json = NULL;
    size_t index = 0;
    json_t *cursor = NULL;
    *ret_cursor = NULL;
    int code = cursors_all(cli, &json);
    json_array_foreach(json_object_get(json, "cursors"), index, cursor)
    {
        if (strcmp(answers_text(cursor, "name"), name) == 0) {
            *ret_cursor = json_incref(cursor);
        }
    }
    json_decref(json);
    return code;
}

static int ask(struct cli *cli, json_t *request, const char *name)
{
    json_t *json = NULL;
    char *what = output_format("cursor %s", name);
    int code = answers_ask(cli, request, what, &json);
    free(what);
    json_decref(json);
    return code;
}

int cursors_set(struct cli *cli, const char *name, const char *level, uint64_t position)
{
    return ask(cli,
               json_pack("{s:s, s:s, s:s*, s:I, s:s}", "request", "cursor", "name", name, "prefix",
                         level, "position", (json_int_t)position, "log",
                         waternet_log_id(cli->connection)),
               name);
}

int cursors_absent(const char *name)
{
    return output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                         "there is no cursor %s; waternet cursor list shows which there are", name);
}

int cursors_remove(struct cli *cli, const char *name)
{
    json_t *answer = NULL;
    char *what = output_format("cursor %s", name);
    int code = answers_ask_perhaps(
        cli, json_pack("{s:s, s:s, s:b}", "request", "cursor", "name", name, "remove", 1), what,
        &answer);
    code = code == 0 && answer == NULL ? cursors_absent(name) : code;
    json_decref(answer);
    free(what);
    return code;
}

// Showing ---------------------------------------------------------------------------------------

static char *moment(const struct output *output, const json_t *cursor, const char *name)
{
    const json_t *value = json_object_get(cursor, name);
    char text[OUTPUT_WHEN_SIZE] = "";
    if (value != NULL) {
        output_when(output, (uint64_t)json_integer_value(value), text);
    }
    return output_format("%s", text);
}

static void print_row(struct table *table, const json_t *cursor)
{
    const char *more = json_is_true(json_object_get(cursor, "more")) ? "+" : "";
    char *position = output_format("%" JSON_INTEGER_FORMAT,
                                   json_integer_value(json_object_get(cursor, "position")));
    char *behind = output_format("%" JSON_INTEGER_FORMAT "%s",
                                 json_integer_value(json_object_get(cursor, "behind")), more);
    char *since = moment(table->output, cursor, "since");
    char *set = moment(table->output, cursor, "time");
    table_row(table,
              (const char *const[]){answers_text(cursor, "name"), answers_text(cursor, "prefix"),
                                    position, behind, since, set, answers_text(cursor, "owner"),
                                    json_is_true(json_object_get(cursor, "late")) ? "yes" : ""});
    free(set);
    free(since);
    free(behind);
    free(position);
}

// An answer's names, and the columns' for the same.
static const struct {
    const char *answer, *column;
    bool moment;
} renamed[] = {{"name", "cursor", false},
               {"prefix", "level", false},
               {"since", "since", true},
               {"time", "set", true}};

static json_t *value_of(const json_t *value, bool moment)
{
    char text[OUTPUT_TIME_SIZE];
    if (!moment) {
        return json_incref((json_t *)(uintptr_t)value);
    }
    output_time((uint64_t)json_integer_value(value), text);
    return json_string(text);
}

// With the names of the columns; what has none keeps its own.
static void print_json(struct output *output, const json_t *cursor)
{
    json_t *shown = json_copy((json_t *)(uintptr_t)cursor);
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++) {
        const json_t *value = json_object_get(cursor, renamed[i].answer);
        json_object_del(shown, renamed[i].answer);
        if (value != NULL) {
            json_object_set_new(shown, renamed[i].column, value_of(value, renamed[i].moment));
        }
    }
    output_json(output, shown);
    json_decref(shown);
}

void cursors_print(struct cli *cli, const json_t *cursors, bool late)
{
    static const char *const names[] = {"cursor", "level", "position", "behind",
                                        "since",  "set",   "owner",    "late"};
    const unsigned columns = sizeof names / sizeof names[0] - !late;
    struct table table;
    size_t index = 0;
    json_t *cursor = NULL;
    if (cli->settings.json) {
        json_array_foreach(cursors, index, cursor)
        {
            print_json(&cli->output, cursor);
        }
        return;
    }
    if (cli->output.terminal && json_array_size(cursors) == 0) {
        output_note("no cursors yet");
        return;
    }
    table_begin(&table, &cli->output, TABLE_WHOLE, names, columns, NULL, !cli->settings.no_header);
    json_array_foreach(cursors, index, cursor)
    {
        print_row(&table, cursor);
    }
    table_end(&table);
}
