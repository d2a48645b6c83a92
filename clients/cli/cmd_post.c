// waternet post TYPE NAME: one event, from flags or asked for field by field.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/post.h"

#include <stdlib.h>
#include <unistd.h>

enum waternet_status post_events(struct cli *cli, const char *const *events, size_t count,
                                 bool dry_run, struct waternet_answer **ret_answer)
{
    unsigned flags = dry_run ? WATERNET_DRY_RUN : 0;
    enum waternet_status status = WATERNET_NO_ANSWER;
    for (unsigned i = 0; i < POST_TRIES && status == WATERNET_NO_ANSWER; i++) {
        waternet_answer_free(ret_answer);
        status = waternet_post(cli->connection, events, count, flags, ret_answer);
    }
    return status;
}

const char *post_corrects(const json_t *event)
{
    const char *text = json_string_value(json_object_get(event, "corrects"));
    return text != NULL && strncmp(text, "id:", 3) == 0 ? text + 3 : NULL;
}

int post_resolve(struct cli *cli, json_t *event)
{
    const char *id = post_corrects(event);
    uint64_t seq = 0;
    int code = id == NULL ? 0 : levels_seq(cli, id, &seq);
    if (id != NULL && code == 0) {
        char *number = output_format("%llu", (unsigned long long)seq);
        json_object_set_new(event, "corrects", json_string(number));
        free(number);
    }
    return code;
}

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
    json_decref(said);
    return code;
}

static int make_event(struct cli *cli, const char *name, json_t *event)
{
    const struct event_type *type = cli->flags.type;
    json_t *data = NULL;
    char *region = NULL;
    char id[WATERNET_ID_SIZE];
    int code = read_data(cli->settings.data, &data);
    if (code == 0) {
        code = find_region(cli, name, &region);
    }
    if (code != 0) {
        json_decref(data);
        return code;
    }
    waternet_new_id(id);
    char *full_type = output_format("%s%s.v1", waternet_type_prefix(cli->connection), type->name);
    char *subject = output_format("%s/%s/%s", region, kind_name(type->kind), name);
    json_object_set_new(event, "specversion", json_string("1.0"));
    json_object_set_new(event, "type", json_string(full_type));
    json_object_set_new(event, "subject", json_string(subject));
    json_object_set_new(event, "id", json_string(cli->settings.id != NULL ? cli->settings.id : id));
    json_object_set_new(event, "data", data);
    free(subject);
    free(full_type);
    free(region);
    return read_flags(cli, event);
}

static void print_receipt(struct cli *cli, const json_t *event, const json_t *answer)
{
    const json_t *receipt = json_array_get(json_object_get(answer, "receipts"), 0);
    const char *outcome = json_is_true(json_object_get(receipt, "duplicate")) ? "  (already there)"
                          : cli->settings.dry_run ? "  (dry run: nothing is stored)"
                                                  : "";
    size_t index = 0;
    json_t *warning = NULL;
    output_line(&cli->output, "%" JSON_INTEGER_FORMAT "  %s  %s  id %s%s",
                json_integer_value(json_object_get(receipt, "seq")), cli->flags.type->name,
                json_string_value(json_object_get(event, "subject")),
                json_string_value(json_object_get(event, "id")), outcome);
    json_array_foreach(json_object_get(receipt, "warnings"), index, warning)
    {
        output_note("warning: %s", json_string_value(warning));
    }
}

static int post(struct cli *cli, const json_t *event)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    const char *id = json_string_value(json_object_get(event, "id"));
    char *text = json_dumps(event, JSON_COMPACT);
    char *what = output_format("post %s %s", cli->flags.type->name,
                               json_string_value(json_object_get(event, "subject")));
    enum waternet_status status = text == NULL ? WATERNET_FAILED
                                               : post_events(cli, (const char *const[]){text}, 1,
                                                             cli->settings.dry_run, &answer);
    int code = answers_take(cli, status, &answer, what, &json);
    if (status == WATERNET_NO_ANSWER) {
        output_note("to post it again: --id %s", id);
    }
    if (code == 0 && cli->settings.json) {
        json_t *receipt = json_array_get(json_object_get(json, "receipts"), 0);
        json_object_set_new(receipt, "id", json_string(id)); // it may be one that was made here
        output_json(&cli->output, json);
    } else if (code == 0) {
        print_receipt(cli, event, json);
    }
    json_decref(json);
    free(what);
    free(text);
    return code;
}

static bool wants_asking(const struct cli *cli)
{
    return cli->given_count == 0 && cli->settings.data == NULL && cli->output.terminal &&
           isatty(STDIN_FILENO) == 1;
}

int cmd_post(struct cli *cli)
{
    bool asking = wants_asking(cli);
    char *name = cli->argument_count > 1 ? output_format("%s", cli->arguments[1]) : NULL;
    if (cli->flags.type == NULL) {
        return output_problem("post needs TYPE NAME; see waternet post --help");
    }
    if (name == NULL && asking) {
        char *question = output_format("%s: which one? (a name of a-z, 0-9 and -): ",
                                       kind_name(cli->flags.type->kind));
        (void)ask_line(question, &name); // no line: no name
        free(question);
    }
    if (name == NULL) {
        return output_problem("post %s needs NAME: the %s that it is about", cli->flags.type->name,
                              kind_name(cli->flags.type->kind));
    }
    json_t *event = json_object();
    int code = make_event(cli, name, event);
    if (code == 0 && asking) {
        code = ask_event(cli, event);
    }
    if (code == 0) {
        code = post_resolve(cli, event);
    }
    if (code == 0) {
        code = post(cli, event);
    }
    json_decref(event);
    free(name);
    return code;
}
