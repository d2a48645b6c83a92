/*
 * remedy - what to type where a guard refuses, or would refuse.
 */
#ifndef CLI_REMEDY_H
#define CLI_REMEDY_H

#include "clients/cli/cli.h"

// Puts "command" to each fault that another event would mend: that which posts it, about the entity
// at the path.
void remedy_add(struct cli *cli, const char *path, json_t *faults);
// After such faults were told: the command that was typed with its own faults mended, and whose
// help tells more.
void remedy_tell(struct cli *cli, const char *path, const json_t *faults);

#endif
