#include "clients/cli/fill.h"

#include "clients/cli/flags.h"
#include "clients/cli/paths.h"

#include <stdlib.h>

static const struct {
    const char *gap, *flag, *value;
} rows[] = {
#define GAP(gap, flag, value) {gap, flag, value},
#include "clients/cli/gaps.def"
#undef GAP
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

// The value of a flag for a gap; NULL if the gap does not ask for it, "" if people know it.
static const char *value_of(const char *gap, const char *flag)
{
    for (size_t i = 0; gap != NULL && i < ROW_COUNT; i++) {
        if (strcmp(rows[i].gap, gap) == 0 && strcmp(rows[i].flag, flag) == 0) {
            return rows[i].value;
        }
    }
    return NULL;
}

// Whether the flag stands in a group that is required although none of its fields is: then any of
// them will do, and all are shown.
static bool is_in_open_group(const struct flags *flags, const struct flag *flag)
{
    size_t length = strcspn(flag->path, ".");
    struct bytes outer = {flag->path, length};
    const struct field *group = field_find(flags->type->group, outer);
    if (flag->envelope || flag->path[length] == '\0' || group == NULL ||
        (group->flags & FLAG_REQUIRED) == 0 || (flags->type->flags & EVENT_FIRST) == 0) {
        return false;
    }
    struct fields fields = fields_of((enum group)group->of);
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_REQUIRED) != 0) {
            return false;
        }
    }
    return true;
}

char *fill_command(const char *type_name, const char *path, const char *gap)
{
    const struct event_type *type = event_type_find(bytes_of(type_name));
    struct flags flags;
    char *region = NULL;
    char *entity = NULL;
    if (type == NULL) {
        return NULL;
    }
    flags_init(&flags, type);
    paths_split(path, &region, &entity);
    char *command = output_format("waternet post %s %s --region %s", type->name, entity, region);
    for (unsigned i = 0; i < flags.count; i++) {
        const struct flag *flag = &flags.rows[i];
        const char *value = value_of(gap, flag->name);
        bool required = flag->required && flag->within == NULL;
        char argument[FLAG_NAME_MAX];
        flags_argument(flag, argument);
        if (required || value != NULL || is_in_open_group(&flags, flag)) {
            bool known = value != NULL && value[0] != '\0';
            command = output_append(command, " --%s %s", flag->name, known ? value : argument);
        }
    }
    const char *as = value_of(gap, "as");
    command = as == NULL ? command : output_append(command, " --as %s", as);
    free(region);
    free(entity);
    return command;
}
