// waternet key list: the keys, and what each may do.
#include "clients/cli/answers.h"
#include "clients/cli/grants.h"
#include "clients/cli/keys.h"
#include "clients/cli/paths.h"
#include "clients/cli/table.h"

#include <stdlib.h>

static const char *const names[] = {"region", "key", "organisation", "state", "roles", "label"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

static bool is_wanted(const struct cli *cli, const json_t *fields)
{
    return cli->settings.all || strcmp(keys_state(fields), "revoked") != 0;
}

static void print_row(struct table *table, const json_t *entity, const json_t *fields)
{
    char *region = NULL;
    char *key = NULL;
    paths_split(answers_text(entity, "path"), &region, &key);
    char *roles = grants_line(json_object_get(fields, "roles"), region);
    table_row(table,
              (const char *const[]){region, key, answers_text(fields, "organisation"),
                                    keys_state(fields), roles, answers_text(fields, "label")});
    free(roles);
    free(key);
    free(region);
}

static void print_part(struct cli *cli, struct table *table, const json_t *entities)
{
    size_t index = 0;
    json_t *entity = NULL;
    json_array_foreach(entities, index, entity)
    {
        const json_t *fields = json_object_get(json_object_get(entity, "record"), "fields");
        if (is_wanted(cli, fields) && cli->settings.json) {
            output_json(&cli->output, entity);
        } else if (is_wanted(cli, fields)) {
            print_row(table, entity, fields);
        }
    }
}

int cmd_key_list(struct cli *cli)
{
    const char *region = answers_said(cli->settings.region, "WATERNET_REGION");
    struct table table;
    char *from = NULL;
    int code = 0;
    if (!cli->settings.json) {
        table_begin(&table, &cli->output, TABLE_WHOLE, names, COLUMN_COUNT, NULL,
                    !cli->settings.no_header);
    }
    do {
        json_t *json = NULL;
        code = answers_list(cli, region, kind_row(KIND_KEY)->name, &from, &json);
        print_part(cli, &table, json_object_get(json, "entities"));
        json_decref(json);
    } while (code == 0 && from != NULL && output_flush(&cli->output));
    if (!cli->settings.json) {
        table_end(&table);
    }
    free(from);
    return code;
}
