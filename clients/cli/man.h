/*
 * man - the manual pages in scdoc, from the same rows as the help. The build asks for them with the
 * hidden command `waternet man PAGE`.
 */
#ifndef CLI_MAN_H
#define CLI_MAN_H

#include "clients/cli/cli.h"

// "waternet.1", "waternetd.8" or "waternet-protocol.7" on stdout. Returns the exit code.
int man_print(struct cli *cli, const char *page);

#endif
