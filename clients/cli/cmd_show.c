// waternet show PATH: one entity as it stands.
#include "clients/cli/answers.h"
#include "clients/cli/table.h"

#include <stdlib.h>

#define PARTS_MAX 4

struct path {
    char *text; // what the parts point into
    const char *parts[PARTS_MAX];
    unsigned count;
};

static struct path path_read(const char *typed)
{
    struct path path = {.text = output_format("%s", typed)};
    char *save = NULL;
    char *word = strtok_r(path.text, "/", &save);
    for (; word != NULL && path.count < PARTS_MAX; word = strtok_r(NULL, "/", &save)) {
        path.parts[path.count++] = word;
    }
    return path;
}

// The name of a kind as it was typed: werkplaats, werkplaatsen.
static const char *kind_name(const char *typed)
{
    enum kind kind = kind_find_typed(typed);
    return kind == KIND_NONE ? typed : kind_row(kind)->name;
}

// The only entity of that name in the region, of whatever kind. *ret_path is NULL if there is none.
static int find_alone(struct cli *cli, const char *region, const char *name, char **ret_path)
{
    static const enum kind kinds[] = {
#define KIND(number, NAME, ...) KIND_##NAME,
#include "proto/kinds.def"
#undef KIND
    };
    char *found = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct waternet_answer *answer = NULL;
        char *path = output_format("%s/%s/%s", region, kind_row(kinds[i])->name, name);
        enum waternet_status status = waternet_get(cli->connection, path, &answer);
        waternet_answer_free(&answer);
        if (status == WATERNET_OK && found != NULL) {
            int code = output_problem("%s is both %s and %s; say which", name, found, path);
            free(path);
            free(found);
            return code;
        }
        if (status == WATERNET_OK) {
            found = path;
        } else {
            free(path);
        }
    }
    *ret_path = found;
    return 0;
}

static int path_whole(struct cli *cli, const struct path *path, char **ret_path)
{
    char *region = NULL;
    if (path->count == 3) {
        *ret_path =
            output_format("%s/%s/%s", path->parts[0], kind_name(path->parts[1]), path->parts[2]);
        return 0;
    }
    if (path->count != 1 && path->count != 2) {
        return output_problem("show %s: REGION/KIND/ENTITY is needed", cli->arguments[0]);
    }
    int code = answers_region(cli, &region);
    if (code == 0 && path->count == 2) {
        *ret_path = output_format("%s/%s/%s", region, kind_name(path->parts[0]), path->parts[1]);
    } else if (code == 0) {
        code = find_alone(cli, region, path->parts[0], ret_path);
    }
    if (code == 0 && *ret_path == NULL) {
        output_note("waternet: show %s: nothing of that name in %s", path->parts[0], region);
        code = waternet_status_exit(WATERNET_NOT_FOUND);
    }
    free(region);
    return code;
}

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
    struct path path = path_read(cli->arguments[0]);
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    char *whole = NULL;
    int code = path_whole(cli, &path, &whole);
    if (code == 0) {
        enum waternet_status status = waternet_get(cli->connection, whole, &answer);
        char *what = output_format("show %s", whole);
        code = answers_take(cli, status, &answer, what, &json);
        free(what);
    }
    if (code == 0) {
        print(cli, json);
    }
    json_decref(json);
    free(whole);
    free(path.text);
    return code;
}
