/*
 * help - what --help prints, all of it from the rows.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "clients/cli/cli.h"

// About what the command line named: the program, a command, or an event type of `post`.
void help_print(struct cli *cli);
// What stands behind the options of a command; "" if that is nothing.
const char *help_note(enum command_number command);
const char *help_more(enum command_number command);
// What it prints with --json.
const char *help_json(enum command_number command);

// The options of a command, or those that every command has; the flags of an event type, or those
// of every event: each is handed to print(), with its help in the language of the locale.
typedef void help_entry(struct output *output, const char *name, const char *argument,
                        const char *help);
void help_options(struct output *output, enum command_number command, bool common,
                  help_entry *print);
void help_flags(struct output *output, const struct flags *flags, bool envelope, help_entry *print);

#endif
