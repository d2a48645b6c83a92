#include "clients/cli/answers.h"

#include "clients/cli/post.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"
#include "clients/lib/address.h"

#include <stdlib.h>

struct hint {
    const char *why, *next;
};

static const struct hint hints[] = {
#define HINT(NAME, why, next) [WATERNET_##NAME] = {why, next},
#include "clients/cli/hints.def"
#undef HINT
};
#define HINT_COUNT (sizeof hints / sizeof hints[0])

static struct hint hint_of(enum waternet_status status)
{
    static const struct hint none = {NULL, NULL};
    return (size_t)status < HINT_COUNT ? hints[status] : none;
}

// Whether what the command asks for may have been stored when no answer comes.
static bool stores(const struct cli *cli)
{
    enum command_number number = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    return number == COMMAND_POST || number == COMMAND_IMPORT || number == COMMAND_ERASE ||
           number == COMMAND_KEY_NEW || number == COMMAND_KEY_GRANT ||
           number == COMMAND_KEY_WITHDRAW || number == COMMAND_KEY_RETIRE ||
           number == COMMAND_KEY_REVOKE;
}

static const char *translated(const char *text)
{
    return text == NULL || text[0] == '\0' ? "" : _(text); // that of "" is the catalogue's head
}

const char *answers_said(const char *option, const char *variable)
{
    const char *value = option != NULL ? option : getenv(variable);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

// --runtime goes before the environment. `key new` without a key of its own goes to the daemon on
// this machine: its --server is for the file that it makes.
void answers_where(const struct cli *cli, struct waternet_options *options)
{
    options->runtime_dir = cli->settings.runtime;
    options->as = cli->settings.as;
    const struct settings *said = &cli->settings;
    bool local = said->runtime != NULL && said->key_file == NULL;
    options->key_file = local ? NULL : answers_said(said->key_file, "WATERNET_KEY_FILE");
    bool for_the_file = cli->command != NULL && cli->command->number == COMMAND_KEY_NEW &&
                        options->key_file == NULL;
    if (!for_the_file) {
        options->server = local ? said->server : answers_said(said->server, "WATERNET_SERVER");
        options->server_key = answers_said(said->server_key, "WATERNET_SERVER_KEY");
    }
    if (options->server == NULL && options->key_file == NULL) {
        options->runtime_dir = answers_said(said->runtime, "WATERNET_RUNTIME");
    }
}

// Nobody is there, on this machine.
static void tell_nobody(const struct waternet_options *options)
{
    char *dir = options->runtime_dir == NULL ? address_default_dir()
                                             : output_format("%s", options->runtime_dir);
    char *why = output_format(_("nobody answers in %s"), dir == NULL ? "" : dir);
    output_error(
        output_tried(), _("no answer"), why,
        _("see that waternetd runs there; or --runtime DIR or $WATERNET_RUNTIME for another "
          "place; waternet status shows when it answers"));
    free(why);
    free(dir);
}

static void tell_unconnected(enum waternet_status status, const struct waternet_options *options,
                             const char *problem)
{
    struct hint hint = hint_of(status);
    const char *sentence = waternet_status_sentence(status);
    bool known = problem != NULL && strcmp(problem, sentence) != 0;
    sentence = status == WATERNET_NO_ANSWER ? N_("no answer") : sentence; // nothing was sent yet
    char *why = output_format("%s", translated(known ? problem : hint.why));
    // Then it says itself what to do, if it does not ask.
    char *cut = known && strchr(why, '?') == NULL ? strstr(why, "; ") : NULL;
    const char *next = cut == NULL ? translated(hint.next) : cut + 2;
    if (cut != NULL) {
        *cut = '\0';
    }
    bool far = options->server != NULL;
    char *whole = options->key_file == NULL
                      ? output_format("%s", why)
                      : output_format(_("%s (the key file is %s%s%s)"), why, options->key_file,
                                      far ? _(", the server ") : "", far ? options->server : "");
    output_error(output_tried(), translated(sentence), whole, next);
    free(whole);
    free(why);
}

int answers_connect(struct cli *cli)
{
    struct waternet_options options = {0};
    const char *problem = NULL;
    if (cli->connection != NULL) {
        return 0;
    }
    answers_where(cli, &options);
    enum waternet_status status = waternet_open(&options, &cli->connection, &problem);
    bool local = options.server == NULL && options.key_file == NULL;
    if (status == WATERNET_NO_ANSWER && local) {
        tell_nobody(&options);
    } else if (status != WATERNET_OK) {
        tell_unconnected(status, &options, problem);
    }
    return waternet_status_exit(status);
}

void answers_print(struct cli *cli, json_t *answer)
{
    static const char *const names[] = {"field", "value"};
    struct table table;
    if (cli->settings.json) {
        output_json(&cli->output, answer);
        return;
    }
    json_object_del(answer, "status"); // these two are of the answer, not of what was asked
    json_object_del(answer, "number");
    table_begin(&table, &cli->output, TABLE_FIELDS, names, 2, NULL, true);
    table_fields(&table, answer);
    table_end(&table);
}

const char *answers_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

// The flag that was, or would have been, typed for it; otherwise the field itself.
static char *field_text(const struct cli *cli, const char *field)
{
    bool in_data = strncmp(field, "data.", 5) == 0;
    const char *path = field + (in_data ? 5 : 0);
    for (unsigned i = 0; i < cli->flags.count; i++) {
        const struct flag *flag = &cli->flags.rows[i];
        if (in_data != flag->envelope && strcmp(flag->path, path) == 0) {
            return output_format("--%s", flag->name);
        }
    }
    return output_format("%s", field);
}

static char *fault_text(const struct cli *cli, const json_t *fault, bool same_guard)
{
    json_int_t number = json_integer_value(json_object_get(fault, "guard"));
    char *field = field_text(cli, answers_text(fault, "field"));
    char *guard = same_guard ? output_format("G%" JSON_INTEGER_FORMAT, number) : said_guard(number);
    char *found = said_sentence(answers_text(fault, "found"));
    char *text = output_format("%s%s%s: %s%s%s", translated(answers_text(fault, "status")),
                               guard[0] == '\0' ? "" : ": ", guard, field,
                               field[0] == '\0' ? "" : ": ", found);
    free(found);
    free(guard);
    free(field);
    return text;
}

// As such lines, the first behind `before`.
static void tell_fault(const struct cli *cli, const json_t *fault, const char *before,
                       bool same_guard)
{
    char *accepted = said_sentence(answers_text(fault, "accepted"));
    const char *command = answers_text(fault, "command");
    char *text = fault_text(cli, fault, same_guard);
    output_note("%s%s", before, text);
    if (accepted[0] != '\0') {
        output_note("  %s", accepted);
    }
    if (command[0] != '\0') {
        output_note("      %s", command);
    }
    free(accepted);
    free(text);
}

json_t *answers_parse(struct waternet_answer *answer)
{
    const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
    return json == NULL ? NULL : json_loads(json, 0, NULL);
}

const char *answers_sentence(const struct cli *cli, enum waternet_status status)
{
    const char *problem = waternet_problem(cli->connection);
    if (status == WATERNET_NO_ANSWER && !stores(cli)) {
        return N_("no answer");
    }
    return status == WATERNET_NOT_ALLOWED && problem != NULL ? problem
                                                             : waternet_status_sentence(status);
}

static void tell_faults(const struct cli *cli, const json_t *json, const char *before)
{
    json_int_t guard_before = 0;
    json_int_t untold = json_integer_value(json_object_get(json, "untold"));
    size_t index = 0;
    json_t *fault = NULL;
    json_array_foreach(json_object_get(json, "faults"), index, fault)
    {
        json_int_t guard = json_integer_value(json_object_get(fault, "guard"));
        tell_fault(cli, fault, before, guard != 0 && guard == guard_before);
        guard_before = guard;
    }
    if (untold > 0) {
        output_note("and %llu more", (unsigned long long)untold);
    }
}

void answers_tell(const struct cli *cli, enum waternet_status status, const json_t *answer,
                  const char *what, const char *before)
{
    struct hint hint = hint_of(status);
    const char *sentence = answers_sentence(cli, status);
    const char *problem = waternet_problem(cli->connection);
    if (status == WATERNET_NO_ANSWER && !stores(cli)) {
        hint.next = N_("waternet status, until it answers; then the same again");
    }
    if (json_array_size(json_object_get(answer, "faults")) > 0) {
        output_error(what, translated(sentence), NULL, NULL);
        tell_faults(cli, answer, before);
        return;
    }
    bool told = problem == NULL || problem == sentence;
    char *why = output_format("%s%s", before, translated(told ? hint.why : problem));
    char *see = output_seen();
    output_error(what, translated(sentence), why, hint.next == NULL ? see : translated(hint.next));
    free(see);
    free(why);
}

int answers_refused(struct cli *cli, enum waternet_status status, struct waternet_answer *answer,
                    const char *what)
{
    json_t *json = answers_parse(answer);
    answers_tell(cli, status, json, what, "");
    if (json != NULL && cli->settings.json) {
        output_json(&cli->output, json);
    }
    json_decref(json);
    return waternet_status_exit(status);
}

int answers_take(struct cli *cli, enum waternet_status status, struct waternet_answer **answer,
                 const char *what, json_t **ret_json)
{
    int code = 0;
    json_t *json = NULL;
    if (status != WATERNET_OK) {
        code = answers_refused(cli, status, *answer, what);
    } else if ((json = answers_parse(*answer)) == NULL) {
        code = output_failed(EXIT_OTHER, "the answer cannot be read");
    } else {
        *ret_json = json;
    }
    waternet_answer_free(answer);
    return code;
}

// Where the next part of an answer begins; freed and set anew, NULL after the last.
void answers_keep_next(const json_t *json, char **from)
{
    const char *next = json_string_value(json_object_get(json, "next"));
    free(*from);
    *from = next == NULL ? NULL : output_format("%s", next);
}

int answers_list(struct cli *cli, const char *region, const char *kind, char **from,
                 json_t **ret_json)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_list(cli->connection, region, kind, *from, &answer);
    int code = answers_take(cli, status, &answer, "list", &json);
    if (code != 0) {
        return code;
    }
    answers_keep_next(json, from);
    *ret_json = json;
    return 0;
}

// The question stays the caller's.
static int ask(struct cli *cli, const json_t *request, const char *what, json_t **ret_json)
{
    struct waternet_answer *answer = NULL;
    char *text = json_dumps(request, JSON_COMPACT);
    enum waternet_status status =
        text == NULL ? WATERNET_FAILED : waternet_ask(cli->connection, text, &answer);
    free(text);
    return answers_take(cli, status, &answer, what, ret_json);
}

int answers_ask(struct cli *cli, json_t *request, const char *what, json_t **ret_json)
{
    int code = ask(cli, request, what, ret_json);
    json_decref(request);
    return code;
}

int answers_ask_perhaps(struct cli *cli, json_t *request, const char *what, json_t **ret_json)
{
    struct waternet_answer *answer = NULL;
    char *text = json_dumps(request, JSON_COMPACT);
    enum waternet_status status =
        text == NULL ? WATERNET_FAILED : waternet_ask(cli->connection, text, &answer);
    free(text);
    json_decref(request);
    *ret_json = NULL;
    if (status == WATERNET_NOT_FOUND) {
        waternet_answer_free(&answer);
        return 0;
    }
    return answers_take(cli, status, &answer, what, ret_json);
}

int answers_gather(struct cli *cli, json_t *request, const char *name, const char *what,
                   json_t **ret_json)
{
    json_t *all = NULL;
    char *from = NULL;
    int code = 0;
    do {
        json_t *part = NULL;
        code = ask(cli, request, what, &part);
        answers_keep_next(part, &from);
        if (from != NULL) {
            json_object_set_new(request, "from", json_string(from));
        }
        if (all == NULL) {
            all = part;
        } else { // short without memory
            (void)json_array_extend(json_object_get(all, name), json_object_get(part, name));
            json_decref(part);
        }
    } while (code == 0 && from != NULL);
    json_decref(request);
    free(from);
    if (code != 0) {
        json_decref(all);
        return code;
    }
    json_object_del(all, "next");
    *ret_json = all;
    return 0;
}

int answers_types(struct cli *cli, json_t **ret_types)
{
    json_t *types = json_array();
    char *from = NULL;
    int code = 0;
    do {
        struct waternet_answer *answer = NULL;
        json_t *json = NULL;
        enum waternet_status status = waternet_types(cli->connection, from, &answer);
        code = answers_take(cli, status, &answer, "types", &json);
        if (code == 0) {
            (void)json_array_extend(types, json_object_get(json, "types")); // short without memory
            answers_keep_next(json, &from);
            json_decref(json);
        }
    } while (code == 0 && from != NULL);
    free(from);
    if (code != 0) {
        json_decref(types);
    } else {
        *ret_types = types;
    }
    return code;
}

// A busy daemon may cut an answer short, so only the list's end tells how many there are.
int answers_regions(struct cli *cli, char **ret_known, size_t *ret_count)
{
    char *known = output_format("%s", ""), *from = NULL;
    int code;
    *ret_count = 0;
    do {
        json_t *json = NULL, *entity = NULL;
        size_t index = 0;
        code = answers_list(cli, NULL, kind_row(KIND_REGION)->name, &from, &json);
        json_array_foreach(json_object_get(json, "entities"), index, entity)
        {
            const char *path = answers_text(entity, "path");
            known = output_append(known, "%s%.*s", (*ret_count)++ == 0 ? "" : ", ",
                                  (int)strcspn(path, "/"), path);
        }
        json_decref(json);
    } while (code == 0 && from != NULL);
    free(from);
    *ret_known = known;
    return code;
}

int answers_choose_region(struct cli *cli, const char *known, char **ret_region)
{
    char *question = output_format(_("in which region? (%s): "), known);
    int code = 0;
    if (!cli->asking || !ask_line(question, ret_region)) {
        size_t first = strcspn(known, ",");
        code = output_problem("there are several regions: %s; the same with --region %.*s, or "
                              "another of them",
                              known, (int)first, known);
    }
    free(question);
    return code;
}

int answers_region(struct cli *cli, char **ret_region)
{
    const char *said = answers_said(cli->settings.region, "WATERNET_REGION");
    if (said != NULL) {
        *ret_region = output_format("%s", said);
        return 0;
    }
    char *known = NULL;
    size_t count = 0;
    int code = answers_regions(cli, &known, &count);
    if (code == 0 && count == 0) {
        code = output_problem("there is no region yet; give --region");
    } else if (code == 0 && count == 1) {
        *ret_region = known;
        known = NULL;
    } else if (code == 0) {
        code = answers_choose_region(cli, known, ret_region);
    }
    free(known);
    return code;
}
