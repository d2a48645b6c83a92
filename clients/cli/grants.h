/*
 * grants - a role of a key, as people type and read it.
 *
 *     operator   secretary   secretary:twente   member:enschede   member:twente/enschede
 *     lead:enschede   lead:enschede@rioolvervanging
 */
#ifndef CLI_GRANTS_H
#define CLI_GRANTS_H

#include "clients/cli/cli.h"

// The data of role.granted from what was typed, with --in and --werkplaats; `home` is the region of
// the key. The caller ends it. Returns 0, or the exit code after having said what is wrong.
int grants_typed(struct cli *cli, const char *typed, const char *home, json_t **ret_data);

// One such role (role, region, member, werkplaats) as it is typed; the region of a member only
// where it is not `home`. The caller frees it.
char *grants_text(const json_t *data, const char *home);
// All of a list of them, or of a map of items with them in `data`, with blanks between.
char *grants_line(const json_t *grants, const char *home);

#endif
