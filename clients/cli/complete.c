#include "clients/cli/complete.h"
#include "clients/past/past.h"

#include "clients/cli/answers.h"
#include "clients/cli/complete_live.h"
#include "clients/cli/options.h"

#include <stdlib.h>

enum what { TYPES, KINDS, PATHS, REGIONS, NAMES, CURSORS, PURPOSES, ROLES, MOMENTS, SUBJECTS };

// Offering --------------------------------------------------------------------------------------

static void offer_kinds(struct completing *completing, const char *before, const char *behind,
                        bool plural)
{
    for (unsigned kind = 1; kind <= KIND_LAST; kind++) {
        const struct kind_row *row = kind_row((enum kind)kind);
        live_offer(completing, before, plural ? row->plural : row->name, behind);
    }
}

// twente and twente/, then twente/werkplaats/, then twente/werkplaats/rioolvervanging.
static void offer_paths(struct completing *completing)
{
    const char *typed = completing->typed;
    const char *kind = strchr(typed, '/');
    const char *entity = kind == NULL ? NULL : strchr(kind + 1, '/');
    char *region = output_format("%.*s", (int)strcspn(typed, "/"), typed);
    char *before = output_format("%s/", region);
    if (kind == NULL) {
        live_entities(completing, NULL, "region", 0, "", "");
        live_entities(completing, NULL, "region", 0, "", "/");
    } else if (entity == NULL) {
        offer_kinds(completing, before, "/", false);
    } else {
        char *name = output_format("%.*s", (int)(entity - kind - 1), kind + 1);
        char *path = output_format("%s/%s/", region, name);
        live_entities(completing, region, name, 2, path, "");
        free(path);
        free(name);
    }
    free(before);
    free(region);
}

// A name, or the path that may stand for it.
static void offer_names(struct completing *completing, enum kind kind)
{
    if (strchr(completing->typed, '/') != NULL) {
        offer_paths(completing);
    } else {
        live_names(completing, kind, "");
    }
}

static void offer_types(struct completing *completing)
{
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        live_offer(completing, "", type->name, "");
    }
}

static void offer_choices(struct completing *completing, enum choices list, const char *before)
{
    const struct choice_row *row = NULL;
    while ((row = choice_next(list, row)) != NULL) {
        live_offer(completing, before, row->word, "");
    }
}

// What stands behind the colon, by what the role holds for.
static void offer_whose(struct completing *completing, const char *colon)
{
    const char *typed = completing->typed;
    enum role role = role_find((struct bytes){typed, (size_t)(colon - typed)});
    const char *at = strchr(colon, '@');
    const char *end = at != NULL ? at : colon;
    char *before = output_format("%.*s", (int)(end - typed) + 1, typed);
    enum scope scope = role == ROLE_NONE ? SCOPE_NONE : role_row(role)->scope;
    if (scope == SCOPE_REGION) {
        live_entities(completing, NULL, "region", 0, before, "");
    } else if (scope == SCOPE_WERKPLAATS && at != NULL) {
        live_names(completing, KIND_WERKPLAATS, before);
    } else if (scope == SCOPE_WERKPLAATS || scope == SCOPE_MEMBER) {
        live_names(completing, KIND_MEMBER, before);
    }
    free(before);
}

static void offer_role(struct completing *completing, const struct role_row *row)
{
    bool of_member = row->scope == SCOPE_MEMBER || row->scope == SCOPE_WERKPLAATS;
    live_offer(completing, "", row->name, of_member ? ":" : "");
}

static void offer_roles(struct completing *completing)
{
    const char *colon = strchr(completing->typed, ':');
    if (colon != NULL) {
        offer_whose(completing, colon);
        return;
    }
#define ROLE(number, NAME, ...) offer_role(completing, role_row(ROLE_##NAME));
#include "proto/roles.def"
#undef ROLE
}

// As it was at a moment there is no beginning; behind seq: the newest number.
static void offer_moments(struct completing *completing)
{
    const struct option *option = completing->option;
    if (strncmp(completing->typed, "seq:", 4) == 0) {
        json_t *json = live_ask(completing, "{\"request\":\"status\"}");
        char *head = json == NULL ? NULL : past_value(json_object_get(json, "head"));
        live_offer(completing, "seq:", head == NULL ? "" : head, "");
        free(head);
        json_decref(json);
        return;
    }
    if (option == NULL || strcmp(option->name, "at") != 0) {
        live_offer(completing, "", "begin", "");
    }
    live_offer(completing, "", "end", "");
    live_offer(completing, "", "seq:", "");
    live_offer(completing, "", "id:", "");
}

static void offer_phases(struct completing *completing, const char *before)
{
#define PHASE(number, NAME, name, ...) live_offer(completing, before, name, "");
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
}

static void offer_subjects(struct completing *completing)
{
    const struct event_type *type = completing->cli->flags.type;
    if (type == NULL && completing->cli->command->number != COMMAND_KEY_NEW) {
        offer_names(completing, KIND_KEY); // of the other commands about keys
    } else if (type == NULL) {
        return; // a new name
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
        live_entities(completing, NULL, "region", 0, "", "");
        break;
    case NAMES:
        offer_names(completing, kind);
        break;
    case CURSORS:
        live_cursors(completing);
        break;
    case PURPOSES:
        offer_choices(completing, CHOICES_PURPOSE, "");
        break;
    case ROLES:
        offer_roles(completing);
        break;
    case MOMENTS:
        offer_moments(completing);
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

// Of several with commas between them the last.
static void offer_value(struct completing *completing, const struct field *field)
{
    const char *comma = field->form == FORM_ONE ? NULL : strrchr(completing->typed, ',');
    char *before = output_format("%.*s", comma == NULL ? 0 : (int)(comma - completing->typed) + 1,
                                 completing->typed);
    if (field->type == FIELD_CHOICE) {
        offer_choices(completing, (enum choices)field->of, before);
    }
    if (field->type == FIELD_PHASE) {
        offer_phases(completing, before);
    }
    if (field->type == FIELD_REFERENCE) {
        live_names(completing, (enum kind)field->of, before);
    }
    if (field->type == FIELD_FLAG) {
        live_offer(completing, before, "true", "");
        live_offer(completing, before, "false", "");
    }
    free(before);
}

static void offer_options(struct completing *completing)
{
    struct cli *cli = completing->cli;
    const struct option *option = NULL;
    enum command_number command = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    while ((option = options_next(command, option)) != NULL) {
        if (options_find(command, bytes_of(option->name)) == option) {
            live_offer(completing, "--", option->name, "");
        }
    }
    for (unsigned i = 0; i < cli->flags.count; i++) {
        live_offer(completing, "--", cli->flags.rows[i].name, "");
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
            live_offer(completing, "", word, "");
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
