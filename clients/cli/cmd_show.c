// waternet show PATH: one entity as it stands, or stood.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/table.h"

#include <stdlib.h>

static void print(struct cli *cli, json_t *answer)
{
    static const char *const names[] = {"field", "value"};
    struct table table;
    if (cli->settings.json) {
        output_json(&cli->output, answer);
        return;
    }
    // The path, then what the record says of itself, then its fields without a name around them.
    json_t *record = json_object_get(answer, "record");
    json_t *shown = json_object();
    json_object_set(shown, "path", json_object_get(answer, "path"));
    json_object_update(shown, record);
    json_object_del(shown, "fields");
    table_begin(&table, &cli->output, TABLE_FIELDS, names, 2, NULL, true);
    table_fields(&table, shown);
    table_fields(&table, json_object_get(record, "fields"));
    table_end(&table);
    json_decref(shown);
}

int cmd_show(struct cli *cli)
{
    struct number at;
    json_t *json = NULL;
    char *path = NULL;
    int code = levels_moment(cli, &at);
    if (code == 0) {
        code = paths_typed(cli, cli->arguments[0], KIND_NONE, at, &path);
    }
    if (code == 0) {
        code = paths_get(cli, path, at, &json);
    }
    if (code == 0) {
        print(cli, json);
    }
    json_decref(json);
    free(path);
    return code;
}
