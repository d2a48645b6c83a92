// waternet gaps: what is not known yet, each with the command that fills it.
#include "clients/cli/answers.h"
#include "clients/cli/fill.h"
#include "clients/cli/levels.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"

#include <stdlib.h>

static const char *const names[] = {"path", "gap", "found", "command"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

static void add_commands(struct cli *cli, const json_t *gaps)
{
    size_t index = 0;
    json_t *gap = NULL;
    json_array_foreach(gaps, index, gap)
    {
        struct filling filling = {.gap = answers_text(gap, "gap")};
        char *command =
            fill_command(cli, answers_text(gap, "event"), answers_text(gap, "path"), &filling);
        if (command != NULL) { // otherwise it is a type that this version does not know
            json_object_set_new(gap, "command", json_string(command));
        }
        free(command);
    }
}

static void print_table(struct cli *cli, const json_t *gaps)
{
    struct table table;
    size_t index = 0;
    json_t *gap = NULL;
    table_begin(&table, &cli->output, TABLE_WHOLE, names, COLUMN_COUNT, NULL,
                !cli->settings.no_header);
    json_array_foreach(gaps, index, gap)
    {
        table_row(&table,
                  (const char *const[]){answers_text(gap, "path"), answers_text(gap, "gap"),
                                        answers_text(gap, "found"), answers_text(gap, "command")});
    }
    table_end(&table);
}

// On a terminal a command gets a line of its own, so that it can be copied.
static void print_blocks(struct cli *cli, const json_t *gaps)
{
    const char *path = "";
    size_t index = 0;
    json_t *gap = NULL;
    json_array_foreach(gaps, index, gap)
    {
        if (strcmp(answers_text(gap, "path"), path) != 0) {
            path = answers_text(gap, "path");
            output_line(&cli->output, "%s", path);
        }
        char *found = said_sentence(answers_text(gap, "found"));
        output_line(&cli->output, "  %s: %s", answers_text(gap, "gap"), found);
        free(found);
        output_line(&cli->output, "      %s", answers_text(gap, "command"));
    }
    output_line(&cli->output, "%zu gaps", json_array_size(gaps));
    fill_legend(cli);
}

int cmd_gaps(struct cli *cli)
{
    struct number at;
    json_t *json = NULL;
    char *region = NULL;
    int code = levels_moment(cli, &at);
    if (code == 0) {
        code = answers_region(cli, &region);
    }
    if (code == 0) {
        json_t *request = json_pack("{s:s, s:s}", "request", "gaps", "region", region);
        levels_put_past(cli, at, request);
        code = answers_gather(cli, request, "gaps", "gaps", &json);
    }
    const json_t *gaps = json_object_get(json, "gaps");
    add_commands(cli, gaps);
    if (code == 0 && cli->settings.json) {
        output_json(&cli->output, json);
    } else if (code == 0 && cli->output.terminal) {
        print_blocks(cli, gaps);
    } else if (code == 0) {
        print_table(cli, gaps);
    }
    json_decref(json);
    free(region);
    return code;
}
