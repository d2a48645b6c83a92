// waternet cursor set NAME POSITION: makes a cursor, or moves it.
#include "clients/cli/answers.h"
#include "clients/cli/cursors.h"
#include "clients/cli/levels.h"
#include "clients/cli/present.h"
#include "clients/cli/table.h"

#include <stdlib.h>

// Of one that is there the level it has, unless another is said.
static int find_level(struct cli *cli, const char *name, char **ret_level)
{
    json_t *cursor = NULL;
    int code = cursors_find(cli, name, &cursor);
    if (cli->settings.level == NULL && cursor != NULL) {
        *ret_level = output_format("%s", answers_text(cursor, "prefix"));
    } else if (code == 0) {
        code = present_level(cli, cli->settings.level, ret_level);
    }
    json_decref(cursor);
    return code;
}

static void show_set(struct cli *cli, const char *name, const char *level, uint64_t position)
{
    static const char *const names[] = {"cursor", "level", "position"};
    char *number = output_format("%llu", (unsigned long long)position);
    if (cli->settings.json) {
        json_t *json = json_pack("{s:s, s:s, s:I}", "name", name, "prefix", level, "position",
                                 (json_int_t)position);
        output_json(&cli->output, json);
        json_decref(json);
    } else {
        table_one(&cli->output, names, (const char *const[]){name, level, number}, 3);
    }
    free(number);
}

int cmd_cursor_set(struct cli *cli)
{
    const char *name = cli->arguments[0];
    char *level = NULL;
    uint64_t head = 0;
    uint64_t position = 0;
    int code = find_level(cli, name, &level);
    if (code == 0) {
        code = levels_head(cli, &head);
    }
    if (code == 0) {
        code = levels_position(cli, "POSITION", level, cli->arguments[1], head, &position);
    }
    if (code == 0) {
        position = position > head ? head : position; // the end is where the log ends now
        code = cursors_set(cli, name, level, position);
    }
    if (code == 0) {
        show_set(cli, name, level, position);
    }
    free(level);
    return code;
}
