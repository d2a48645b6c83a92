#include "clients/cli/complete.h"

#include "clients/cli/answers.h"
#include "clients/cli/options.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_MS 300

enum what { TYPES, KINDS, PATHS, REGIONS, NAMES, PURPOSES, ROLES, MOMENTS, SUBJECTS };

struct completing {
    struct cli *cli;
    const char *typed;           // the word at the end, so far
    const struct option *option; // whose value that is; NULL if it is none
    const struct flag *flag;
};

// Offering --------------------------------------------------------------------------------------

static void offer(struct completing *completing, const char *before, const char *word,
                  const char *behind)
{
    char *whole = output_format("%s%s%s", before, word, behind);
    if (strncmp(whole, completing->typed, strlen(completing->typed)) == 0) {
        output_line(&completing->cli->output, "%s", whole);
    }
    free(whole);
}

static void stop(int signal)
{
    (void)signal;
    _exit(0); // what was flushed is there
}

// From here on the program ends in time, whatever it waits for.
static bool connect_in_time(struct completing *completing)
{
    struct cli *cli = completing->cli;
    struct itimerval limit = {.it_value = {.tv_usec = PATIENCE_MS * 1000}};
    (void)signal(SIGALRM, stop);
    (void)setitimer(ITIMER_REAL, &limit, NULL);
    (void)output_flush(&cli->output);
    if (cli->connection == NULL) {
        struct waternet_options where = {.timeout_ms = PATIENCE_MS};
        answers_where(cli, &where);
        (void)waternet_open(&where, &cli->connection, NULL);
    }
    return cli->connection != NULL;
}

// The paths of a list, from the `depth`-th part on, up to the part behind it.
static void offer_part(struct completing *completing, const json_t *list, unsigned depth,
                       const char *before)
{
    size_t index = 0;
    json_t *entity = NULL;
    json_array_foreach(json_object_get(list, "entities"), index, entity)
    {
        const char *name = answers_text(entity, "path");
        for (unsigned i = 0; i < depth && strchr(name, '/') != NULL; i++) {
            name = strchr(name, '/') + 1;
        }
        char *word = output_format("%.*s", (int)strcspn(name, "/"), name);
        offer(completing, before, word, "");
        free(word);
    }
    (void)output_flush(&completing->cli->output);
}

static void offer_entities(struct completing *completing, const char *region, const char *kind,
                           unsigned depth, const char *before)
{
    char *from = NULL;
    bool more = connect_in_time(completing);
    while (more) {
        struct waternet_answer *answer = NULL;
        more =
            waternet_list(completing->cli->connection, region, kind, from, &answer) == WATERNET_OK;
        json_t *list = more ? json_loads(waternet_answer_json(answer), 0, NULL) : NULL;
        const char *next = json_string_value(json_object_get(list, "next"));
        offer_part(completing, list, depth, before);
        free(from);
        from = next == NULL ? NULL : output_format("%s", next);
        more = from != NULL;
        json_decref(list);
        waternet_answer_free(&answer);
    }
    free(from);
}

// Of the region that was said, or of all.
static void offer_names(struct completing *completing, enum kind kind)
{
    const char *region = answers_said(completing->cli->settings.region, "WATERNET_REGION");
    offer_entities(completing, region, kind_row(kind)->name, 2, "");
}

static void offer_kinds(struct completing *completing, const char *before, const char *behind,
                        bool plural)
{
    for (unsigned kind = 1; kind <= KIND_LAST; kind++) {
        const struct kind_row *row = kind_row((enum kind)kind);
        offer(completing, before, plural ? row->plural : row->name, behind);
    }
}

// twente/, then twente/werkplaats/, then twente/werkplaats/rioolvervanging.
static void offer_paths(struct completing *completing)
{
    const char *typed = completing->typed;
    const char *kind = strchr(typed, '/');
    const char *entity = kind == NULL ? NULL : strchr(kind + 1, '/');
    char *region = output_format("%.*s", (int)strcspn(typed, "/"), typed);
    char *before = output_format("%s/", region);
    if (kind == NULL) {
        offer_entities(completing, NULL, "region", 0, "");
    } else if (entity == NULL) {
        offer_kinds(completing, before, "/", false);
    } else {
        char *name = output_format("%.*s", (int)(entity - kind - 1), kind + 1);
        char *path = output_format("%s/%s/", region, name);
        offer_entities(completing, region, name, 2, path);
        free(path);
        free(name);
    }
    free(before);
    free(region);
}

static void offer_types(struct completing *completing)
{
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        offer(completing, "", type->name, "");
    }
}

static void offer_choices(struct completing *completing, enum choices list)
{
    const struct choice_row *row = NULL;
    while ((row = choice_next(list, row)) != NULL) {
        offer(completing, "", row->word, "");
    }
}

static void offer_roles(struct completing *completing)
{
#define ROLE(number, NAME, name, ...) offer(completing, "", name, "");
#include "proto/roles.def"
#undef ROLE
}

static void offer_phases(struct completing *completing)
{
#define PHASE(number, NAME, name, ...) offer(completing, "", name, "");
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
}

static void offer_subjects(struct completing *completing)
{
    const struct event_type *type = completing->cli->flags.type;
    if (type == NULL) { // of the commands about keys
        offer_names(completing, KIND_KEY);
    } else if (type->kind != KIND_ANY) {
        offer_names(completing, type->kind);
    }
}

static void offer_what(struct completing *completing, enum what what, enum kind kind)
{
    switch (what) {
    case TYPES:
        offer_types(completing);
        break;
    case KINDS:
        offer_kinds(completing, "", "", true);
        break;
    case PATHS:
        offer_paths(completing);
        break;
    case REGIONS:
        offer_entities(completing, NULL, "region", 0, "");
        break;
    case NAMES:
        offer_names(completing, kind);
        break;
    case PURPOSES:
        offer_choices(completing, CHOICES_PURPOSE);
        break;
    case ROLES:
        offer_roles(completing);
        break;
    case MOMENTS:
        offer(completing, "", "begin", "");
        offer(completing, "", "end", "");
        break;
    case SUBJECTS:
        offer_subjects(completing);
        break;
    }
}

static void offer_argument(struct completing *completing, struct bytes argument)
{
    static const struct {
        const char *argument;
        enum what what;
        enum kind kind;
    } rows[] = {
#define COMPLETION(argument, what, kind) {argument, what, KIND_##kind},
#include "clients/cli/completions.def"
#undef COMPLETION
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (bytes_are(argument, rows[i].argument)) {
            offer_what(completing, rows[i].what, rows[i].kind);
        }
    }
}

static void offer_value(struct completing *completing, const struct field *field)
{
    if (field->type == FIELD_CHOICE) {
        offer_choices(completing, (enum choices)field->of);
    }
    if (field->type == FIELD_PHASE) {
        offer_phases(completing);
    }
    if (field->type == FIELD_REFERENCE) {
        offer_names(completing, (enum kind)field->of);
    }
    if (field->type == FIELD_FLAG) {
        offer(completing, "", "true", "");
        offer(completing, "", "false", "");
    }
}

static void offer_options(struct completing *completing)
{
    struct cli *cli = completing->cli;
    const struct option *option = NULL;
    enum command_number command = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    while ((option = options_next(command, option)) != NULL) {
        if (options_find(command, bytes_of(option->name)) == option) {
            offer(completing, "--", option->name, "");
        }
    }
    for (unsigned i = 0; i < cli->flags.count; i++) {
        offer(completing, "--", cli->flags.rows[i].name, "");
    }
}

// The first words of the commands, or behind a group the second ones; each once.
static void offer_commands(struct completing *completing)
{
    const char *group = completing->cli->group;
    const struct command *command = NULL;
    const char *last = "";
    while ((command = options_next_command(command)) != NULL) {
        bool inside = group != NULL && options_in_group(command, group);
        const char *name = inside ? command->name + strlen(group) + 1 : command->name;
        size_t length = strcspn(name, " ");
        bool again = strncmp(last, name, length) == 0 && last[length] == ' ' && group == NULL;
        if ((group == NULL || inside) && !again) {
            char *word = output_format("%.*s", (int)length, name);
            offer(completing, "", word, "");
            free(word);
        }
        last = command->name;
    }
}

// "[LEVEL]" is LEVEL.
static void offer_positional(struct completing *completing)
{
    const char *rest = completing->cli->command->arguments;
    for (unsigned i = 0; i < completing->cli->argument_count; i++) {
        rest += strcspn(rest, " ");
        rest += strspn(rest, " ");
    }
    size_t length = strcspn(rest, " ");
    bool optional = rest[0] == '[' && length > 1;
    offer_argument(completing, (struct bytes){rest + optional, length - 2 * (size_t)optional});
}

// What stands before -----------------------------------------------------------------------------

// An option; what it says is kept where it tells where the daemon is, or which region.
static void pass_option(struct completing *completing, const char *name)
{
    struct cli *cli = completing->cli;
    enum command_number command = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    const struct option *option = options_find(command, bytes_of(name));
    completing->flag = option == NULL ? flags_find(&cli->flags, bytes_of(name)) : NULL;
    completing->option = option != NULL && option->kind != OPTION_SWITCH ? option : NULL;
}

static void pass_value(struct completing *completing, const char *value)
{
    if (completing->option != NULL && completing->option->kind == OPTION_TEXT) {
        memcpy((char *)&completing->cli->settings + completing->option->offset, &value,
               sizeof value);
    }
    completing->option = NULL;
    completing->flag = NULL;
}

static void pass_command(struct cli *cli, const char *word)
{
    const struct command *command = NULL;
    const char *group = cli->group;
    while ((command = options_next_command(command)) != NULL && cli->command == NULL) {
        bool second = group != NULL && options_in_group(command, group) &&
                      strcmp(command->name + strlen(group) + 1, word) == 0;
        cli->command = second || strcmp(command->name, word) == 0 ? command : NULL;
    }
    cli->group = cli->command == NULL ? word : cli->group;
}

static void pass_argument(struct cli *cli, const char *word)
{
    const struct event_type *type = event_type_find(bytes_of(word));
    if (cli->command->number == COMMAND_POST && cli->argument_count == 0 && type != NULL) {
        flags_init(&cli->flags, type);
    }
    cli->argument_count++;
}

static void pass(struct completing *completing, const char *word)
{
    bool has_value = completing->option != NULL || completing->flag != NULL;
    if (strcmp(word, "=") == 0) { // the shell makes three words of --name=value
        return;
    }
    if (has_value) {
        pass_value(completing, word);
    } else if (strncmp(word, "--", 2) == 0) {
        pass_option(completing, word + 2);
    } else if (completing->cli->command == NULL) {
        pass_command(completing->cli, word);
    } else {
        pass_argument(completing->cli, word);
    }
}

void complete_print(struct cli *cli, unsigned count, char *const *words)
{
    struct completing completing = {.cli = cli, .typed = count == 0 ? "" : words[count - 1]};
    for (unsigned i = 0; i + 1 < count; i++) {
        pass(&completing, words[i]);
    }
    completing.typed = strcmp(completing.typed, "=") == 0 ? "" : completing.typed;
    if (completing.flag != NULL) {
        offer_value(&completing, completing.flag->field);
    } else if (completing.option != NULL) {
        offer_argument(&completing, bytes_of(completing.option->argument));
    } else if (completing.typed[0] == '-') {
        offer_options(&completing);
    } else if (cli->command == NULL) {
        offer_commands(&completing);
    } else {
        offer_positional(&completing);
    }
}
