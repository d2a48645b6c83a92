/*
 * present - whether there is what people typed for a level or a region. Who mistyped one would
 * follow nothing, and never hear of it.
 *
 * One small question where it is there; only where it is not the names that there are.
 */
#ifndef CLI_PRESENT_H
#define CLI_PRESENT_H

#include "clients/cli/cli.h"

// The level of what was typed for one, "/twente/werkplaats/"; that of --region, or "/", from
// NULL. Also KIND, KIND/ENTITY
// and ENTITY alone, as `show` takes them. With --even-if-absent nothing is looked up. The caller
// frees *ret_level. Returns 0, or the exit code after having said what is wrong.
int present_level(struct cli *cli, const char *typed, char **ret_level);

// Whether there is a region. Returns 0 for one that is there, otherwise the exit code.
int present_region(struct cli *cli, const char *region);

#endif
