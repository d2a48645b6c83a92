#include "clients/cli/options.h"

#include "clients/cli/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static const struct command commands[] = {
#define COMMAND(number_, NAME, name_, word_, arguments_, least_, most_, start_, json_, help_)      \
    {.number = COMMAND_##NAME,                                                                     \
     .name = (word_),                                                                              \
     .run = cmd_##name_,                                                                           \
     .arguments = (arguments_),                                                                    \
     .least = (least_),                                                                            \
     .most = (most_),                                                                              \
     .start = START_##start_,                                                                      \
     .json = JSON_##json_,                                                                         \
     .help = (help_)},
#include "clients/cli/commands.def"
#undef COMMAND
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

#define COMMAND_ALL 63 // no command has this number
#define C(NAME) (UINT64_C(1) << COMMAND_##NAME)
#define KEYS (C(KEY_GRANT) | C(KEY_WITHDRAW) | C(KEY_RETIRE) | C(KEY_REVOKE))
static const struct option options[] = {
#define OPTION(commands_, member, name_, kind_, argument_, help_)                                  \
    {.commands = (commands_),                                                                      \
     .offset = offsetof(struct settings, member),                                                  \
     .name = (name_),                                                                              \
     .kind = OPTION_##kind_,                                                                       \
     .argument = (argument_),                                                                      \
     .help = (help_)},
#include "clients/cli/options.def"
#undef OPTION
};
#undef KEYS
#undef C
#undef COMMAND_ALL
#define OPTION_COUNT (sizeof options / sizeof options[0])

const struct command *options_next_command(const struct command *command)
{
    const struct command *next = command == NULL ? commands : command + 1;
    return next < commands + COMMAND_COUNT ? next : NULL;
}

static bool takes(enum command_number command, const struct option *option)
{
    return command == COMMAND_NONE
               ? option->commands == OPTIONS_ALL
               : (option->commands & (OPTIONS_ALL | UINT64_C(1) << command)) != 0;
}

const struct option *options_next(enum command_number command, const struct option *option)
{
    const struct option *next = option == NULL ? options : option + 1;
    while (next < options + OPTION_COUNT && !takes(command, next)) {
        next++;
    }
    return next < options + OPTION_COUNT ? next : NULL;
}

const struct option *options_find(enum command_number command, struct bytes name)
{
    const struct option *option = NULL;
    while ((option = options_next(command, option)) != NULL) {
        if (bytes_are(name, option->name)) {
            return option;
        }
    }
    return NULL;
}

bool options_number(const char *text, uint64_t *ret_number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0) {
        return false;
    }
    *ret_number = number;
    return true;
}

bool options_duration(const char *text, uint64_t *ret_ms)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char digits[16];
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        uint64_t number = 0;
        if (strcmp(text + length, units[i].unit) == 0 && options_number(digits, &number) &&
            number <= (uint64_t)INT64_MAX / units[i].ms) {
            *ret_ms = number * units[i].ms;
            return true;
        }
    }
    return false;
}

static int unknown(struct suggest *suggest, const char *what, const char *dashes)
{
    if (suggest->name != NULL) {
        return output_problem("no %s %s%.*s; did you mean %s%s?", what, dashes,
                              BYTES_PRINT(suggest->typed), dashes, suggest->name);
    }
    return output_problem("no %s %s%.*s", what, dashes, BYTES_PRINT(suggest->typed));
}

static int unknown_option(const struct cli *cli, struct bytes name)
{
    enum command_number command = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    struct suggest suggest = suggest_begin(name);
    const struct option *option = NULL;
    while ((option = options_next(command, option)) != NULL) {
        suggest_offer(&suggest, option->name);
    }
    for (unsigned i = 0; i < cli->flags.count; i++) {
        suggest_offer(&suggest, cli->flags.rows[i].name);
    }
    return unknown(&suggest, _("option"), "--");
}

static int add_text(struct texts *texts, const struct option *option, const char *value)
{
    if (texts->count == TEXTS_MAX) {
        return output_problem("--%s: at most %d times", option->name, TEXTS_MAX);
    }
    texts->values[texts->count++] = value;
    return 0;
}

static int set_option(struct cli *cli, const struct option *option, const char *value)
{
    char *place = (char *)&cli->settings + option->offset;
    struct number number = {.given = true};
    switch (option->kind) {
    case OPTION_SWITCH:
        memcpy(place, &(bool){true}, sizeof(bool));
        return 0;
    case OPTION_TEXT:
        memcpy(place, &value, sizeof value);
        return 0;
    case OPTION_TEXTS:
        return add_text((struct texts *)(void *)place, option, value);
    case OPTION_NUMBER:
        if (!options_number(value, &number.value)) {
            return output_problem("--%s %s is no number; type one, like --%s 20", option->name,
                                  value, option->name);
        }
        break;
    case OPTION_DURATION:
        if (!options_duration(value, &number.value)) {
            return output_problem("--%s %s is no time; type one like 500ms, 10s, 5m, 2h or 7d",
                                  option->name, value);
        }
        break;
    }
    memcpy(place, &number, sizeof number);
    return 0;
}

// Reads the option at argv[*at] and moves *at to its last word.
static int read_option(struct cli *cli, int argc, char *const *argv, int *at)
{
    const char *name_at = argv[*at] + 2;
    const char *equals = strchr(name_at, '=');
    const char *value = equals == NULL ? NULL : equals + 1;
    struct bytes name = {name_at, equals == NULL ? strlen(name_at) : (size_t)(equals - name_at)};
    enum command_number command = cli->command == NULL ? COMMAND_NONE : cli->command->number;
    const struct option *option = options_find(command, name);
    const struct flag *flag = option == NULL ? flags_find(&cli->flags, name) : NULL;

    if (option == NULL && flag == NULL) {
        return unknown_option(cli, name);
    }
    bool has_value = flag != NULL || option->kind != OPTION_SWITCH;
    if (!has_value && value != NULL) {
        return output_problem("--%.*s takes no value", BYTES_PRINT(name));
    }
    if (has_value && value == NULL) {
        if (*at + 1 >= argc) {
            return output_problem("--%.*s needs a value", BYTES_PRINT(name));
        }
        value = argv[++*at];
    }
    if (flag != NULL) {
        cli->given[cli->given_count++] = (struct given){.flag = flag, .value = value};
        return 0;
    }
    return set_option(cli, option, value);
}

bool options_in_group(const struct command *command, const char *group)
{
    size_t length = strlen(group);
    return strncmp(command->name, group, length) == 0 && command->name[length] == ' ';
}

// A name that is not like the one that was typed, but means the same.
static void offer_synonym(struct suggest *suggest)
{
    static const char *const rows[][2] = {
#define SYNONYM(typed, command) {typed, command},
#include "clients/cli/synonyms.def"
#undef SYNONYM
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (bytes_are(suggest->typed, rows[i][0])) {
            suggest->name = rows[i][1];
        }
    }
}

// One word, or the first of two, or the second.
static int read_command(struct cli *cli, const char *word)
{
    char *typed = output_format("%s%s%s", cli->group == NULL ? "" : cli->group,
                                cli->group == NULL ? "" : " ", word);
    struct suggest suggest = suggest_begin(bytes_of(typed));
    const struct command *command = NULL;
    bool is_group = false;
    int code = 0;
    while ((command = options_next_command(command)) != NULL && cli->command == NULL) {
        if (strcmp(command->name, typed) == 0) {
            cli->command = command;
            output_see(command->name);
        }
        is_group = is_group || options_in_group(command, typed);
        suggest_offer(&suggest, command->name);
    }
    if (cli->command == NULL && is_group) {
        cli->group = word;
        output_see(word);
    } else if (cli->command == NULL) {
        offer_synonym(&suggest);
        code = unknown(&suggest, _("command"), "");
    }
    free(typed);
    return code;
}

static int read_type(struct cli *cli, const char *word)
{
    struct suggest suggest = suggest_begin(bytes_of(word));
    const struct event_type *type = event_type_find(bytes_of(word));
    if (type != NULL) {
        flags_init(&cli->flags, type);
        char *whole = output_format("%s %s", cli->command->name, type->name);
        output_see(whole);
        free(whole);
        return 0;
    }
    while ((type = event_type_next(type)) != NULL) {
        suggest_offer(&suggest, type->name);
    }
    return unknown(&suggest, _("event type"), "");
}

static int read_argument(struct cli *cli, const char *word)
{
    output_try(word);
    if (cli->command == NULL) {
        return read_command(cli, word);
    }
    if (cli->argument_count >= cli->command->most) {
        return output_problem("%s: one argument too many: %s", cli->command->name, word);
    }
    cli->arguments[cli->argument_count++] = word;
    // From here on the flags of the type are known.
    bool is_type = cli->command->number == COMMAND_POST && cli->argument_count == 1;
    return is_type ? read_type(cli, word) : 0;
}

int options_parse(struct cli *cli, int argc, char *const *argv)
{
    bool only_arguments = false;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        int code = 0;
        // -20 is a position.
        bool is_value = word[0] != '-' || word[1] == '\0' || isdigit((unsigned char)word[1]);
        if (only_arguments || is_value) {
            code = read_argument(cli, word);
        } else if (strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (word[1] == '-') {
            code = read_option(cli, argc, argv, &at);
        } else if (strcmp(word, "-h") == 0) {
            cli->settings.help = true;
        } else {
            code = output_problem("no option %s; options begin with two dashes", word);
        }
        if (code != 0) {
            return code;
        }
    }
    const struct command *command = cli->command;
    if (cli->settings.csv && cli->settings.json) {
        return output_problem("--csv and --json exclude each other; leave one of them out");
    }
    if (command != NULL && cli->argument_count < command->least && !cli->settings.help) {
        return output_problem("%s needs %s", command->name, command->arguments);
    }
    return 0;
}
