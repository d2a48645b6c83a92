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

#endif
