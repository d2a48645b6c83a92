// waternet can TYPE PATH: whether you, or a key, may post an event of a type.
#include "clients/cli/answers.h"
#include "clients/cli/fill.h"
#include "clients/cli/keys.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/said.h"
#include "clients/cli/suggest.h"
#include "clients/cli/table.h"
#include "clients/past/past.h"

#include <stdlib.h>

static void set(json_t *object, const char *name, const char *value)
{
    if (value != NULL) {
        json_object_set_new(object, name, json_string(value));
    }
}

static int unknown_type(const char *word)
{
    struct suggest suggest = suggest_begin(bytes_of(word));
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        suggest_offer(&suggest, type->name);
    }
    return suggest.name != NULL
               ? output_problem("no event type %s; did you mean %s?", word, suggest.name)
               : output_problem("no event type %s; see: waternet types", word);
}

// What the event would be about: a region, or one entity.
static int put_path(struct cli *cli, const struct event_type *type, json_t *request)
{
    const char *typed = cli->arguments[1];
    char *path = NULL;
    char *region = NULL;
    char *entity = NULL;
    if (strchr(typed, '/') == NULL && type->kind != KIND_ANY) {
        set(request, "region", typed);
        return 0;
    }
    if (strchr(typed, '/') == NULL) {
        return output_problem("%s may be about anything: REGION/KIND/NAME is needed", type->name);
    }
    int code = paths_typed(cli, typed, type->kind, (struct number){0}, &path);
    if (code != 0) {
        return code;
    }
    if (type->kind != KIND_ANY && !past_is_of(path, type->kind)) {
        code = output_problem("%s is about a %s: REGION/%s/NAME is needed", type->name,
                              kind_name(type->kind), kind_name(type->kind));
    } else {
        paths_split(path, &region, &entity);
        set(request, "region", region);
        set(request, "entity", entity);
    }
    if (code == 0 && type->kind == KIND_ANY) {
        const char *kind = path + strlen(region) + 1;
        json_object_set_new(request, "kind", json_stringn(kind, strcspn(kind, "/")));
    }
    free(entity);
    free(region);
    free(path);
    return code;
}

static int put_key(struct cli *cli, json_t *request)
{
    char *path = NULL;
    int code = cli->settings.for_key == NULL ? 0 : keys_typed(cli, cli->settings.for_key, &path);
    set(request, "key", path);
    free(path);
    return code;
}

static int put_moment(struct cli *cli, json_t *request)
{
    struct number at;
    int code = levels_moment(cli, &at);
    if (code == 0 && at.given) {
        json_object_set_new(request, "at", json_integer((json_int_t)at.value));
    }
    return code;
}

// What to type ---------------------------------------------------------------------------------

// The first role of what would be accepted, which names several: "secretary, lead".
static enum role role_in(const char *accepted)
{
    enum role role = ROLE_NONE;
    for (const char *at = accepted; *at != '\0' && role == ROLE_NONE;) {
        at += strspn(at, " ,");
        size_t length = strcspn(at, " ,");
        role = role_find((struct bytes){at, length});
        at += length;
    }
    return role;
}

// Of a refusal: for an operator, who acts in any role, the post in a role that may; otherwise what
// gives the key that role.
static char *command_instead(struct cli *cli, const char *type, const char *path,
                             const char *region, const char *accepted)
{
    const struct filling nothing = {.gap = NULL};
    const char *key = cli->settings.for_key;
    enum role role = role_in(accepted);
    if (role == ROLE_NONE) {
        return NULL;
    }
    const char *name = role_row(role)->name;
    if (key != NULL || !fill_may_speak_for(cli, "")) {
        bool acts_for = role == ROLE_MEMBER || role == ROLE_LEAD;
        return output_format("waternet key grant %s %s%s --region %s", key == NULL ? "NAME" : key,
                             name, acts_for ? ":MEMBER" : "", region);
    }
    const char *said = cli->settings.as;
    cli->settings.as = name;
    char *command = fill_command(cli, type, path, &nothing);
    cli->settings.as = said;
    return command;
}

static void add_commands(struct cli *cli, const json_t *request, json_t *answer)
{
    const struct filling nothing = {.gap = NULL};
    const char *type = answers_text(request, "type"), *region = answers_text(request, "region");
    const char *entity = answers_text(request, "entity"), *kind = answers_text(request, "kind");
    kind = kind[0] == '\0' ? kind_name(event_type_find(bytes_of(type))->kind) : kind;
    char *path = output_format("%s/%s/%s", region, kind, entity[0] == '\0' ? "NAME" : entity);
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(answer, "ways"), index, row)
    {
        char *command = fill_command(cli, type, path, &nothing);
        json_object_set_new(row, "command", json_string(command));
        free(command);
    }
    json_array_foreach(json_object_get(answer, "faults"), index, row)
    {
        char *command = command_instead(cli, type, path, region, answers_text(row, "accepted"));
        if (command != NULL) {
            json_object_set_new(row, "command", json_string(command));
        }
        free(command);
    }
    free(path);
}

static void print_command(struct cli *cli, const json_t *row)
{
    const char *command = answers_text(row, "command");
    if (command[0] != '\0') {
        output_line(&cli->output, "      %s", command);
    }
}

static void print_ways(struct cli *cli, const json_t *ways)
{
    char *line = output_format("%s", _("yes"));
    size_t index = 0;
    json_t *way = NULL;
    json_array_foreach(ways, index, way)
    {
        const char *organisation = answers_text(way, "organisation");
        bool of_system = organisation[0] == '\0' || strcmp(organisation, "system") == 0;
        line = output_append(line, "%s%s%s%s", index == 0 ? _(", as ") : _(" or "),
                             answers_text(way, "role"), of_system ? "" : ":",
                             of_system ? "" : organisation);
    }
    output_line(&cli->output, "%s", line);
    print_command(cli, json_array_get(ways, 0));
    free(line);
}

static void print_faults(struct cli *cli, const json_t *faults)
{
    size_t index = 0;
    json_t *fault = NULL;
    json_array_foreach(faults, index, fault)
    {
        char *found = said_sentence(answers_text(fault, "found"));
        char *accepted = said_sentence(answers_text(fault, "accepted"));
        output_line(&cli->output, "no: %s%s%s", found, accepted[0] == '\0' ? "" : "; ", accepted);
        print_command(cli, fault);
        free(accepted);
        free(found);
    }
    if (json_array_size(faults) == 0) {
        output_line(&cli->output, "no");
    }
}

// Where it is allowed a row for each way, otherwise one for each reason.
static void print_table(struct cli *cli, const json_t *answer, bool allowed)
{
    static const char *const names[] = {"allowed", "role",     "organisation",
                                        "found",   "accepted", "command"};
    const json_t *rows = json_object_get(answer, allowed ? "ways" : "faults");
    const char *word = allowed ? "yes" : "no";
    struct table table;
    size_t index = 0;
    json_t *row = NULL;
    table_begin(&table, &cli->output, TABLE_WHOLE, names, 6, NULL, true);
    json_array_foreach(rows, index, row)
    {
        table_row(&table, (const char *const[]){
                              word, answers_text(row, "role"), answers_text(row, "organisation"),
                              answers_text(row, "found"), answers_text(row, "accepted"),
                              answers_text(row, "command")});
    }
    if (json_array_size(rows) == 0) {
        table_row(&table, (const char *const[]){word, NULL, NULL, NULL, NULL, NULL});
    }
    table_end(&table);
}

static void print(struct cli *cli, const json_t *answer, bool allowed)
{
    if (cli->settings.json) {
        output_json(&cli->output, answer);
        return;
    }
    if (!cli->output.terminal) {
        print_table(cli, answer, allowed);
    } else if (allowed) {
        print_ways(cli, json_object_get(answer, "ways"));
    } else {
        print_faults(cli, json_object_get(answer, "faults"));
    }
}

int cmd_can(struct cli *cli)
{
    const struct event_type *type = event_type_find(bytes_of(cli->arguments[0]));
    json_t *json = NULL;
    if (type == NULL) {
        return unknown_type(cli->arguments[0]);
    }
    json_t *request = json_pack("{s:s, s:s}", "request", "can", "type", type->name);
    set(request, "member", cli->settings.member);
    int code = put_path(cli, type, request);
    if (code == 0) {
        code = put_key(cli, request);
    }
    if (code == 0) {
        code = put_moment(cli, request);
    }
    if (code != 0) {
        json_decref(request);
        return code;
    }
    json_incref(request);
    code = answers_ask(cli, request, "can", &json);
    bool allowed = json_is_true(json_object_get(json, "allowed"));
    if (code == 0) {
        add_commands(cli, request, json);
        print(cli, json, allowed);
    }
    json_decref(request);
    json_decref(json);
    return code != 0 ? code : allowed ? 0 : waternet_status_exit(WATERNET_NOT_ALLOWED);
}
