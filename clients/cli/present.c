#include "clients/cli/present.h"

#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/suggest.h"
#include "clients/past/past.h"
#include "proto/schema.h"

#include <stdlib.h>

// What there is -----------------------------------------------------------------------------------

// The names of a kind, of all kinds with NULL; of all regions with that NULL.
static int gather(struct cli *cli, const char *region, const char *kind, json_t *names)
{
    json_t *json = NULL;
    size_t index = 0;
    json_t *entity = NULL;
    int code = answers_gather(
        cli, json_pack("{s:s, s:s*, s:s*}", "request", "list", "region", region, "kind", kind),
        "entities", "list", &json);
    json_array_foreach(json_object_get(json, "entities"), index, entity)
    {
        const char *path = answers_text(entity, "path");
        const char *slash = strrchr(path, '/');
        json_object_set_new(names, slash == NULL ? path : slash + 1, json_string(path));
    }
    json_decref(json);
    return code;
}

static int has_region(struct cli *cli, const char *name, bool *ret_has)
{
    *ret_has = false;
    return schema_is_id(bytes_of(name)) ? paths_has_region(cli, name, ret_has) : 0;
}

// What to type instead of a name that is not there.
static int tell_absent(const struct cli *cli, const char *what, const char *name,
                       const json_t *names)
{
    struct suggest suggest = suggest_begin(bytes_of(name));
    const char *known = NULL;
    json_t *path = NULL;
    json_object_foreach((json_t *)(uintptr_t)names, known, path)
    {
        suggest_offer(&suggest, known);
    }
    int code = waternet_status_exit(WATERNET_NOT_FOUND);
    bool may_insist =
        cli->command->number == COMMAND_WATCH || cli->command->number == COMMAND_CURSOR_SET;
    if (suggest.name != NULL) {
        return output_failed(code, "there is no %s %s; did you mean %s?", _(what), name,
                             suggest.name);
    }
    return may_insist
               ? output_failed(code,
                               "there is no %s %s; waternet list KIND shows what there is, "
                               "--even-if-absent waits for what is to come",
                               _(what), name)
               : output_failed(code, "there is no %s %s; waternet list KIND shows what there is",
                               _(what), name);
}

static int tell_no_region(struct cli *cli, const char *name)
{
    json_t *names = json_object();
    int code = gather(cli, NULL, kind_row(KIND_REGION)->name, names);
    code = code != 0 ? code : tell_absent(cli, N_("region"), name, names);
    json_decref(names);
    return code;
}

static int tell_no_kind(const struct cli *cli, const char *name)
{
    json_t *names = json_object();
#define KIND(number, NAME, name, plural, ...)                                                      \
    json_object_set_new(names, name, json_null());                                                 \
    json_object_set_new(names, plural, json_null());
#include "proto/kinds.def"
#undef KIND
    int code = tell_absent(cli, N_("kind"), name, names);
    json_decref(names);
    return code;
}

int present_region(struct cli *cli, const char *region)
{
    bool has = false;
    int code = has_region(cli, region, &has);
    return code != 0 || has ? code : tell_no_region(cli, region);
}

// Levels ------------------------------------------------------------------------------------------

static int check_entity(struct cli *cli, const char *path, char **ret_level)
{
    char *region = NULL;
    char *name = NULL;
    json_t *answer = NULL;
    json_t *names = json_object();
    paths_split(path, &region, &name);
    const char *kind = path + strlen(region) + 1;
    char *word = output_format("%.*s", (int)strcspn(kind, "/"), kind);
    bool fits = schema_is_id(bytes_of(region)) && schema_is_id(bytes_of(name));
    int code = fits ? answers_ask_perhaps(cli, past_question("get", path), path, &answer) : 0;
    if (code == 0 && answer != NULL) {
        *ret_level = output_format("/%s/", path);
    } else if (code == 0) {
        code = present_region(cli, region);
        code = code != 0 ? code : gather(cli, region, word, names);
        code = code != 0 ? code : tell_absent(cli, word, name, names);
    }
    json_decref(answer);
    json_decref(names);
    free(word);
    free(name);
    free(region);
    return code;
}

// A name alone in a region; whichever kind has it, and only one.
static int find_name(struct cli *cli, const char *region, const char *name, char **ret_level)
{
    char *path = NULL;
    json_t *names = json_object();
    bool has = false;
    int code = gather(cli, region, NULL, names);
    has = json_object_get(names, name) != NULL;
    if (code == 0 && !has) { // what was meant may be a region as well
        code = gather(cli, NULL, kind_row(KIND_REGION)->name, names);
        code = code != 0 ? code : tell_absent(cli, N_("level"), name, names);
    } else if (code == 0) {
        code = paths_typed(cli, name, KIND_NONE, (struct number){0}, &path);
    }
    if (code == 0) {
        *ret_level = output_format("/%s/", path);
    }
    json_decref(names);
    free(path);
    return code;
}

// The region that is meant where none stands in a level; NULL if that is not known.
static int find_region(struct cli *cli, char **ret_region)
{
    const char *said = answers_said(cli->settings.region, "WATERNET_REGION");
    json_t *names = json_object();
    int code = 0;
    *ret_region = NULL;
    if (said != NULL) {
        *ret_region = output_format("%s", said);
    } else {
        code = gather(cli, NULL, kind_row(KIND_REGION)->name, names);
        if (code == 0 && json_object_size(names) == 1) {
            *ret_region = output_format("%s", json_object_iter_key(json_object_iter(names)));
        }
    }
    json_decref(names);
    return code;
}

// Of several regions the only one with something of that name; NULL if none has it.
static int find_holder(struct cli *cli, const char *name, char **ret_region)
{
    struct path_parts path = paths_read(name);
    char *holders = NULL;
    size_t count = 0;
    int code = paths_holders(cli, &path, KIND_NONE, (struct number){0}, &holders, &count);
    if (code == 0 && count == 1) {
        *ret_region = output_format("%s", holders);
    } else if (code == 0 && count > 1) {
        code = answers_choose_region(cli, holders, ret_region);
    }
    free(holders);
    free(path.text);
    return code;
}

// A word that is a region, or something in the only region that has it.
static int find_word(struct cli *cli, const char *word, char **ret_level)
{
    bool has = false;
    char *region = NULL;
    enum kind kind = kind_find_typed(word);
    int code = has_region(cli, word, &has);
    if (code == 0 && has) {
        *ret_level = output_format("/%s/", word);
        return 0;
    }
    code = code != 0 ? code : find_region(cli, &region);
    if (code == 0 && region == NULL && kind == KIND_NONE) {
        code = find_holder(cli, word, &region);
    }
    if (code == 0 && region == NULL && kind != KIND_NONE) {
        code = answers_region(cli, &region); // says what is wrong
    } else if (code == 0 && region == NULL) {
        code = tell_no_region(cli, word);
    } else if (code == 0 && kind != KIND_NONE) {
        *ret_level = output_format("/%s/%s/", region, kind_row(kind)->name);
    } else if (code == 0) {
        code = find_name(cli, region, word, ret_level);
    }
    free(region);
    return code;
}

static int find_pair(struct cli *cli, const struct path_parts *parts, char **ret_level)
{
    enum kind first = kind_find_typed(parts->at[0]);
    enum kind second = kind_find_typed(parts->at[1]);
    char *region = NULL;
    bool has = false;
    int code = has_region(cli, parts->at[0], &has);
    if (code == 0 && has && second != KIND_NONE) {
        *ret_level = output_format("/%s/%s/", parts->at[0], kind_row(second)->name);
    } else if (code == 0 && has) {
        code = tell_no_kind(cli, parts->at[1]);
    } else if (code == 0 && first == KIND_NONE) {
        code = tell_no_region(cli, parts->at[0]);
    } else if (code == 0 &&
               (code = paths_region(cli, parts, KIND_NONE, (struct number){0}, &region)) == 0) {
        char *path = output_format("%s/%s/%s", region, kind_row(first)->name, parts->at[1]);
        code = check_entity(cli, path, ret_level);
        free(path);
    }
    free(region);
    return code;
}

static int find_level(struct cli *cli, const struct path_parts *parts, char **ret_level)
{
    if (parts->count == 1) {
        return find_word(cli, parts->at[0], ret_level);
    }
    if (parts->count == 2) {
        return find_pair(cli, parts, ret_level);
    }
    enum kind kind = kind_find_typed(parts->at[1]);
    if (kind == KIND_NONE) {
        return tell_no_kind(cli, parts->at[1]);
    }
    char *path = output_format("%s/%s/%s", parts->at[0], kind_row(kind)->name, parts->at[2]);
    int code = check_entity(cli, path, ret_level);
    free(path);
    return code;
}

int present_level(struct cli *cli, const char *typed, char **ret_level)
{
    char *level = levels_typed(typed == NULL ? cli->settings.region : typed);
    struct path_parts parts = paths_read(level);
    int code = 0;
    *ret_level = NULL;
    if (parts.count == 0 || parts.count == PATH_PARTS_MAX || cli->settings.even_if_absent) {
        *ret_level = output_format("%s", level); // of too many parts following says what is wrong
    } else {
        code = find_level(cli, &parts, ret_level);
    }
    free(parts.text);
    free(level);
    return code;
}
