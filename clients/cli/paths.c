#include "clients/cli/paths.h"
#include "clients/past/past.h"

#include "clients/cli/answers.h"
#include "clients/cli/levels.h"

#include <stdlib.h>

struct path_parts paths_read(const char *typed)
{
    struct path_parts parts = {.text = output_format("%s", typed)};
    char *save = NULL;
    char *word = strtok_r(parts.text, "/", &save);
    for (; word != NULL && parts.count < PATH_PARTS_MAX; word = strtok_r(NULL, "/", &save)) {
        parts.at[parts.count++] = word;
    }
    return parts;
}

// The name of a kind as it was typed: werkplaats, werkplaatsen.
static const char *typed_kind(const char *typed)
{
    enum kind kind = kind_find_typed(typed);
    return kind == KIND_NONE ? typed : kind_row(kind)->name;
}

void paths_split(const char *path, char **ret_region, char **ret_entity)
{
    const char *slash = strrchr(path, '/');
    *ret_region = output_format("%.*s", (int)strcspn(path, "/"), path);
    *ret_entity = output_format("%s", slash == NULL ? path : slash + 1);
}

static json_t *question(const struct cli *cli, const char *path, struct number at)
{
    json_t *request = past_question("get", path);
    levels_put_past(cli, at, request);
    return request;
}

int paths_get(struct cli *cli, const char *path, struct number at, json_t **ret_json)
{
    char *what = output_format("%s %s", cli->command->name, path);
    int code = answers_ask(cli, question(cli, path, at), what, ret_json);
    free(what);
    return code;
}

static bool is_there(struct cli *cli, const char *path, struct number at)
{
    struct waternet_answer *answer = NULL;
    json_t *request = question(cli, path, at);
    char *text = json_dumps(request, JSON_COMPACT);
    bool there = text != NULL && waternet_ask(cli->connection, text, &answer) == WATERNET_OK;
    waternet_answer_free(&answer);
    json_decref(request);
    free(text);
    return there;
}

int paths_has_region(struct cli *cli, const char *name, bool *ret_has)
{
    json_t *answer = NULL;
    char *path = output_format("%s/%s/%s", name, kind_row(KIND_REGION)->name, name);
    int code = answers_ask_perhaps(cli, past_question("get", path), path, &answer);
    *ret_has = answer != NULL || strcmp(name, "system") == 0; // that one has no record
    json_decref(answer);
    free(path);
    return code;
}

static const enum kind kinds[] = {
#define KIND(number, NAME, ...) KIND_##NAME,
#include "proto/kinds.def"
#undef KIND
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

// The only entity of that name in the region, of whatever kind. *ret_path is NULL if there is none.
static int find_alone(struct cli *cli, const char *region, const char *name, struct number at,
                      char **ret_path)
{
    char *found = NULL;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        char *path = output_format("%s/%s/%s", region, kind_row(kinds[i])->name, name);
        if (!is_there(cli, path, at)) {
            free(path);
        } else if (found == NULL) {
            found = path;
        } else {
            int code = output_problem("%s is both %s and %s; say which", name, found, path);
            free(path);
            free(found);
            return code;
        }
    }
    *ret_path = found;
    return 0;
}

// Whether a region has what a path of one or two parts names, of whatever kind with KIND_NONE.
static bool has_path(struct cli *cli, const struct path_parts *path, const char *region,
                     enum kind wanted, struct number at)
{
    bool has = false;
    enum kind typed = path->count == 2 ? kind_find_typed(path->at[0]) : wanted;
    for (size_t i = 0; i < KIND_COUNT && !has; i++) {
        if (typed == KIND_NONE || typed == kinds[i]) {
            char *whole = output_format("%s/%s/%s", region, kind_row(kinds[i])->name,
                                        path->at[path->count - 1]);
            has = is_there(cli, whole, at);
            free(whole);
        }
    }
    return has;
}

int paths_holders(struct cli *cli, const struct path_parts *path, enum kind kind, struct number at,
                  char **ret_holders, size_t *ret_count)
{
    char *known = NULL, *save = NULL;
    size_t count = 0;
    int code = answers_regions(cli, &known, &count);
    char *holders = output_format("%s", "");
    *ret_count = 0;
    for (char *name = code == 0 ? strtok_r(known, ", ", &save) : NULL; name != NULL;
         name = strtok_r(NULL, ", ", &save)) {
        if (count == 1 || has_path(cli, path, name, kind, at)) {
            holders = output_append(holders, "%s%s", (*ret_count)++ == 0 ? "" : ", ", name);
        }
    }
    free(known);
    *ret_holders = holders;
    return code;
}

int paths_region(struct cli *cli, const struct path_parts *path, enum kind kind, struct number at,
                 char **ret_region)
{
    char *holders = NULL;
    size_t count = 0;
    // What is posted says its region itself.
    bool posts = cli->command->number == COMMAND_POST || kind == KIND_KEY;
    if (posts || answers_said(cli->settings.region, "WATERNET_REGION") != NULL) {
        return answers_region(cli, ret_region);
    }
    int code = paths_holders(cli, path, kind, at, &holders, &count);
    if (code == 0 && count == 1) {
        *ret_region = holders;
        return 0;
    }
    if (code == 0) {
        code = count == 0 ? answers_region(cli, ret_region)
                          : answers_choose_region(cli, holders, ret_region);
    }
    free(holders);
    return code;
}

// The path of one or two parts in a region.
static int path_in(struct cli *cli, const struct path_parts *path, const char *region,
                   enum kind kind, struct number at, char **ret_path)
{
    int code = 0;
    if (path->count == 2) {
        *ret_path = output_format("%s/%s/%s", region, typed_kind(path->at[0]), path->at[1]);
    } else if (kind != KIND_NONE) {
        *ret_path = output_format("%s/%s/%s", region, kind_row(kind)->name, path->at[0]);
    } else {
        code = find_alone(cli, region, path->at[0], at, ret_path);
    }
    if (code == 0 && *ret_path == NULL) {
        code = output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                             "nothing of the name %s in %s; waternet list KIND --region %s shows "
                             "what there is",
                             path->at[0], region, region);
    }
    return code;
}

int paths_typed(struct cli *cli, const char *typed, enum kind kind, struct number at,
                char **ret_path)
{
    struct path_parts path = paths_read(typed);
    char *region = NULL;
    int code = 0;
    if (path.count == 3) {
        *ret_path = output_format("%s/%s/%s", path.at[0], typed_kind(path.at[1]), path.at[2]);
    } else if (path.count != 1 && path.count != 2) {
        code = output_problem("%s %s: REGION/KIND/ENTITY is needed", cli->command->name, typed);
    } else {
        code = paths_region(cli, &path, kind, at, &region);
    }
    if (code == 0 && region != NULL) {
        code = path_in(cli, &path, region, kind, at, ret_path);
    }
    free(region);
    free(path.text);
    return code;
}
