/*
 * complete - what could stand at the end of an unfinished command line, for the shell. The file
 * waternet.bash asks for it with the hidden command `waternet complete WORD...`; the last word is
 * the one that is being typed, perhaps still empty.
 *
 * Words come from the rows, names from a running daemon. It never says that something is wrong, and
 * after half a second it ends with what it has.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "clients/cli/cli.h"

void complete_print(struct cli *cli, unsigned count, char *const *words);

#endif
