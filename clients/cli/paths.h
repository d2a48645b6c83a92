/*
 * paths - what people type for an entity.
 */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include "clients/cli/cli.h"

#define PATH_PARTS_MAX 4 // one more than a path has, so that what is too long shows

struct path_parts {
    char *text; // what the parts point into; the caller frees it
    const char *at[PATH_PARTS_MAX];
    unsigned count;
};

// What stands between the slashes of what was typed.
struct path_parts paths_read(const char *typed);

// The regions that have what such parts name, one or two, of `kind` or with KIND_NONE of any; with
// ", " between. If there is one region only, that. The caller frees *ret_holders, also after a
// failure.
int paths_holders(struct cli *cli, const struct path_parts *path, enum kind kind, struct number at,
                  char **ret_holders, size_t *ret_count);
// The region of a path of one or two parts: what --region or $WATERNET_REGION says, the only
// region, or of several the only one that has it. The caller frees *ret_region.
int paths_region(struct cli *cli, const struct path_parts *path, enum kind kind, struct number at,
                 char **ret_region);

// The path of what was typed: REGION/KIND/ENTITY, KIND/ENTITY, or ENTITY alone, which is one of
// `kind`, or with KIND_NONE the only one of that name at that moment. The caller frees *ret_path.
// Returns 0, or the exit code after having said what is wrong.
int paths_typed(struct cli *cli, const char *typed, enum kind kind, struct number at,
                char **ret_path);

// The entity at such a path as it stands, or stood: {"path", "record", ...}, which the caller ends.
int paths_get(struct cli *cli, const char *path, struct number at, json_t **ret_json);

// Whether there is a region of that name.
int paths_has_region(struct cli *cli, const char *name, bool *ret_has);

// The parts of such a path; the caller frees both.
void paths_split(const char *path, char **ret_region, char **ret_entity);

#endif
