/*
 * keys - what the commands on a key that is there have in common.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "clients/cli/cli.h"

// The path of a key from REGION/key/NAME, or NAME alone with the region as answers_region() finds
// it. The caller frees it. Returns 0, or the exit code after having said what is wrong.
int keys_typed(struct cli *cli, const char *typed, char **ret_path);

// Posts an event about the key that was typed first, with --reason in it if that was given, and
// tells what came of it.
int keys_post_end(struct cli *cli, const char *type);
// The same with the role that was typed second.
int keys_post_role(struct cli *cli, const char *type);

// "active", "retired" or "revoked", from the fields of a key's record.
const char *keys_state(const json_t *fields);

#endif
