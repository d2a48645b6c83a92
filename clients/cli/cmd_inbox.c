// waternet inbox: contributions that nobody has accepted or rejected yet, with their private text.
#include "clients/cli/answers.h"
#include "clients/cli/fill.h"
#include "clients/cli/levels.h"
#include "clients/cli/table.h"

#include <stdlib.h>

static const char *const names[] = {"path",   "when", "kind",   "about",
                                    "sender", "text", "accept", "reject"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

// When it happened, or else when it was recorded. The caller frees it.
static int when(struct cli *cli, const json_t *record, char **ret_when)
{
    const char *on = json_string_value(json_object_get(record, "on"));
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "opened"));
    uint64_t time_ms = 0;
    char text[OUTPUT_WHEN_SIZE];
    if (on != NULL || seq == 0) {
        *ret_when = output_format("%s", on == NULL ? "" : on);
        return 0;
    }
    int code = levels_time(cli, seq, &time_ms);
    if (code == 0) {
        output_when(&cli->output, time_ms, text);
        *ret_when = output_format("%s", text);
    }
    return code;
}

// All that is known of the sender in one line. The caller frees it.
static char *sender_line(const json_t *sender)
{
    static const char *const parts[] = {"name", "email", "organisation", "region"};
    char *line = output_format("%s", "");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *part = json_string_value(json_object_get(sender, parts[i]));
        if (part != NULL) {
            line = output_append(line, "%s%s", line[0] == '\0' ? "" : ", ", part);
        }
    }
    return line;
}

static void set_text(json_t *object, const char *key, char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_object_set_new(object, key, json_string(text));
    }
    free(text);
}

// What is shown of one: the columns that have a value. The caller ends it.
static int make_row(struct cli *cli, const json_t *contribution, json_t **ret_row)
{
    const char *path = json_string_value(json_object_get(contribution, "path"));
    const json_t *record = json_object_get(contribution, "record");
    const json_t *fields = json_object_get(record, "fields");
    json_t *private = json_object_get(contribution, "private");
    json_t *row = json_object();
    const struct filling nothing = {.gap = NULL};
    char *moment = NULL;
    int code = when(cli, record, &moment);
    path = path == NULL ? "" : path;
    json_object_set_new(row, "path", json_string(path));
    set_text(row, "when", moment);
    json_object_set(row, "kind", json_object_get(fields, "kind"));
    json_object_set(row, "about", json_object_get(fields, "about")); // none: it stays away
    set_text(row, "sender", sender_line(json_object_get(private, "sender")));
    if (private == NULL) {
        json_object_set_new(row, "text",
                            json_string(cli->output.terminal ? _("(erased)") : "(erased)"));
    } else {
        json_object_set(row, "text", json_object_get(private, "text"));
    }
    set_text(row, "accept", fill_command(cli, "contribution.accepted", path, &nothing));
    set_text(row, "reject", fill_command(cli, "contribution.rejected", path, &nothing));
    *ret_row = row;
    return code;
}

static void print_row(struct table *table, const json_t *row)
{
    const char *cells[COLUMN_COUNT];
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        cells[i] = json_string_value(json_object_get(row, names[i]));
    }
    table_row(table, cells);
}

// The commands stand below it, each on one line that can be copied.
static void print_block(struct cli *cli, json_t *row)
{
    static const char *const columns[] = {"field", "value"};
    struct table table;
    char *accept = output_format("%s", answers_text(row, "accept"));
    char *reject = output_format("%s", answers_text(row, "reject"));
    json_object_del(row, "accept");
    json_object_del(row, "reject");
    table_begin(&table, &cli->output, TABLE_FIELDS, columns, 2, NULL, false);
    table_fields(&table, row);
    table_end(&table);
    output_line(&cli->output, "  %s", accept);
    output_line(&cli->output, "  %s", reject);
    output_line(&cli->output, "%s", "");
    free(reject);
    free(accept);
}

static int print(struct cli *cli, const json_t *contributions)
{
    struct table table;
    size_t index = 0;
    json_t *contribution = NULL;
    int code = 0;
    bool blocks = cli->output.terminal;
    if (!blocks) {
        table_begin(&table, &cli->output, TABLE_WHOLE, names, COLUMN_COUNT, NULL,
                    !cli->settings.no_header);
    }
    json_array_foreach(contributions, index, contribution)
    {
        json_t *row = NULL;
        code = code == 0 ? make_row(cli, contribution, &row) : code;
        if (code == 0 && blocks) {
            print_block(cli, row);
        } else if (code == 0) {
            print_row(&table, row);
        }
        json_decref(row);
    }
    if (!blocks) {
        table_end(&table);
    } else if (code == 0) {
        output_line(&cli->output, "%zu waiting", json_array_size(contributions));
    }
    return code;
}

int cmd_inbox(struct cli *cli)
{
    json_t *json = NULL;
    char *region = NULL;
    int code = answers_region(cli, &region);
    if (code == 0) {
        json_t *request = json_pack("{s:s, s:s}", "request", "inbox", "region", region);
        code = answers_gather(cli, request, "contributions", "inbox", &json);
    }
    if (code == 0 && cli->settings.json) {
        output_json(&cli->output, json);
    } else if (code == 0) {
        code = print(cli, json_object_get(json, "contributions"));
    }
    json_decref(json);
    free(region);
    return code;
}
