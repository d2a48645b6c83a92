/*
 * options - reads the command line by the rows of commands.def and options.def, and for `post TYPE`
 * by the flags of the type.
 *
 * Options stand before or behind the command, as --name VALUE or --name=VALUE; behind -- nothing is
 * an option.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "clients/cli/cli.h"

enum option_kind { OPTION_SWITCH, OPTION_TEXT, OPTION_TEXTS, OPTION_NUMBER, OPTION_DURATION };

struct option {
    uint64_t commands; // bit i: the command with the number i, at most 62
    size_t offset;     // in struct settings
    const char *name;
    enum option_kind kind;
    const char *argument;
    const char *help;
};

#define OPTIONS_ALL (UINT64_C(1) << 63) // every command, and no command at all

// Walks the options of a command, or with COMMAND_NONE those that all have: start with NULL; NULL
// after the last.
const struct option *options_next(enum command_number command, const struct option *option);
// NULL if the command has none of that name.
const struct option *options_find(enum command_number command, struct bytes name);
// Walks the commands in the same way.
const struct command *options_next_command(const struct command *command);

// Whether it is a command of two words that begins with this one.
bool options_in_group(const struct command *command, const char *group);

// Fills in settings, group, command, arguments, flags and given. Returns 0, or EXIT_USAGE after
// having said what is wrong.
int options_parse(struct cli *cli, int argc, char *const *argv);

// A duration as in options.def, in milliseconds; false if it is none.
bool options_duration(const char *text, uint64_t *ret_ms);
// A number without sign; false if it is none.
bool options_number(const char *text, uint64_t *ret_number);

#endif
