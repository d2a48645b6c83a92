/*
 * cursors - the named cursors of the daemon, as the commands use them.
 */
#ifndef CLI_CURSORS_H
#define CLI_CURSORS_H

#include "clients/cli/cli.h"

#include <jansson.h>

// All of them: {"cursors": [...]}. The caller ends it. Returns 0, or the exit code after having
// said what is wrong.
int cursors_all(struct cli *cli, json_t **ret_json);
// The one of a name; *ret_cursor is NULL, and 0 is returned, if there is none.
int cursors_find(struct cli *cli, const char *name, json_t **ret_cursor);
// Makes or moves one. level: "/twente/"; NULL: that which it has.
int cursors_set(struct cli *cli, const char *name, const char *level, uint64_t position);
int cursors_remove(struct cli *cli, const char *name);
// Says that there is none of that name; returns the exit code.
int cursors_absent(const char *name);

// A table of them, with `late` a column of what "late" of each says; or each as JSON.
void cursors_print(struct cli *cli, const json_t *cursors, bool late);

#endif
