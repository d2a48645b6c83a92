// waternet post TYPE NAME: one event, from flags or asked for field by field.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/post.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// The region: of an event about a region that is the region itself.
static int find_region(struct cli *cli, const char *name, char **ret_region)
{
    if (cli->flags.type->kind == KIND_REGION && cli->settings.region == NULL) {
        *ret_region = output_format("%s", name);
        return 0;
    }
    return answers_region(cli, ret_region);
}

static int read_data(const char *text, json_t **ret_data)
{
    json_error_t error;
    json_t *data = text == NULL ? json_object() : json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (data == NULL) {
        return output_problem("--data: no JSON: %s (column %d)", error.text, error.column);
    }
    if (!json_is_object(data)) {
        json_decref(data);
        return output_problem("--data: a JSON object is needed");
    }
    *ret_data = data;
    return 0;
}

// What the flags say, laid over --data: groups are merged, lists replaced.
static int read_flags(const struct cli *cli, json_t *event)
{
    json_t *said = json_object();
    int code = 0;
    for (unsigned i = 0; i < cli->given_count && code == 0; i++) {
        char problem[PROBLEM_MAX];
        const struct given *given = &cli->given[i];
        if (!flags_apply(given->flag, given->value, said, problem)) {
            code = output_problem("--%s %s: %s", given->flag->name, given->value, problem);
        }
    }
    json_object_update_recursive(event, said);
    code = code == 0 ? levels_day(json_string_value(json_object_get(said, "on"))) : code;
    json_decref(said);
    return code;
}

// The path of what the event is about. Of a type whose subject may be of any kind, that says which.
static int subject_typed(struct cli *cli, const char *name, char **ret_path)
{
    enum kind kind = cli->flags.type->kind;
    char *region = NULL;
    if (kind == KIND_ANY) {
        if (strchr(name, '/') == NULL) {
            return output_problem("post %s %s: KIND/NAME is needed, like contribution/%s",
                                  cli->flags.type->name, name, name);
        }
        return paths_typed(cli, name, kind, (struct number){0}, ret_path);
    }
    int code = find_region(cli, name, &region);
    if (code == 0) {
        *ret_path = output_format("%s/%s/%s", region, kind_name(kind), name);
    }
    free(region);
    return code;
}

static int make_event(struct cli *cli, const char *name, json_t **ret_event)
{
    json_t *data = NULL;
    char *path = NULL;
    int code = read_data(cli->settings.data, &data);
    if (code == 0) {
        code = subject_typed(cli, name, &path);
    }
    if (code != 0) {
        json_decref(data);
        return code;
    }
    *ret_event = post_begin(cli, cli->flags.type->name, path, data);
    free(path);
    return read_flags(cli, *ret_event);
}

static bool wants_asking(const struct cli *cli)
{
    return cli->given_count == 0 && cli->settings.data == NULL && cli->output.terminal &&
           isatty(STDIN_FILENO) == 1;
}

// The real world has not seen it yet: perhaps a slip, but plans may be dated too.
static void warn_of_future(const json_t *event)
{
    const char *on = json_string_value(json_object_get(event, "on"));
    time_t now = time(NULL);
    struct tm local;
    if (on == NULL || !schema_is_date(bytes_of(on)) || localtime_r(&now, &local) == NULL) {
        return;
    }
    uint32_t today =
        (uint32_t)((local.tm_year + 1900) * 10000 + (local.tm_mon + 1) * 100 + local.tm_mday);
    if (schema_first_day(bytes_of(on)) > today) {
        output_note("warning: --on %s is in the future", on);
    }
}

int cmd_post(struct cli *cli)
{
    bool asking = wants_asking(cli);
    cli->asking = asking;
    char *name = cli->argument_count > 1 ? output_format("%s", cli->arguments[1]) : NULL;
    if (cli->flags.type == NULL) {
        return output_problem("post needs TYPE NAME");
    }
    if (name == NULL && asking) {
        bool any = cli->flags.type->kind == KIND_ANY;
        char *question = output_format(_("%s: which one? (%s): "), kind_name(cli->flags.type->kind),
                                       any ? "KIND/NAME" : _("a name of a-z, 0-9 and -"));
        (void)ask_line(question, &name); // no line: no name
        free(question);
    }
    if (name == NULL) {
        return output_problem("post %s needs NAME: the %s that it is about", cli->flags.type->name,
                              kind_name(cli->flags.type->kind));
    }
    json_t *event = NULL;
    json_t *answer = NULL;
    int code = make_event(cli, name, &event);
    if (code == 0 && asking) {
        code = ask_event(cli, event);
    }
    if (code == 0) {
        warn_of_future(event);
        code = post_resolve(cli, event);
    }
    if (code == 0) {
        code = post_send(cli, cli->flags.type->name, event, &answer);
    }
    if (code == 0) {
        post_print(cli, cli->flags.type->name, event, answer);
    }
    json_decref(answer);
    json_decref(event);
    free(name);
    return code;
}
