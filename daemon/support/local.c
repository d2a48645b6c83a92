#include "daemon/support/local.h"

#include "proto/schema.h"
#include "proto/tables.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The parts of a row as they stand in it.
struct parts {
    char user[64], role[32], member[ID_MAX + 1], region[ID_MAX + 1];
};

static bool fail(char problem[LOCAL_PROBLEM], const char *row, const char *why)
{
    (void)snprintf(problem, LOCAL_PROBLEM, "local-roles: \"%.80s\": %s", row, why); // may be cut
    return false;
}

static bool keep(const char *from, const char *to, char *room, size_t size)
{
    size_t length = (size_t)(to - from);
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(room, from, length);
    room[length] = '\0';
    return true;
}

// USER=ROLE[:REGION[/MEMBER]]
static bool split(const char *row, struct parts *ret_parts)
{
    *ret_parts = (struct parts){0};
    const char *end = row + strlen(row), *equals = strchr(row, '=');
    const char *colon = equals == NULL ? NULL : strchr(equals, ':');
    const char *slash = colon == NULL ? NULL : strchr(colon, '/');
    if (equals == NULL || !keep(row, equals, ret_parts->user, sizeof(ret_parts->user)) ||
        !keep(equals + 1, colon == NULL ? end : colon, ret_parts->role, sizeof(ret_parts->role))) {
        return false;
    }
    if (colon != NULL && !keep(colon + 1, slash == NULL ? end : slash, ret_parts->region,
                               sizeof(ret_parts->region))) {
        return false;
    }
    return slash == NULL || keep(slash + 1, end, ret_parts->member, sizeof(ret_parts->member));
}

static bool find_user(const char *user, uint32_t *ret_uid)
{
    size_t digits = strspn(user, "0123456789");
    if (user[digits] == '\0') {
        unsigned long number = digits <= 10 ? strtoul(user, NULL, 10) : ULONG_MAX;
        *ret_uid = (uint32_t)number;
        return number < UINT32_MAX; // the largest is nobody's
    }
    const struct passwd *entry = getpwnam(user); // before any thread is started
    if (entry != NULL) {
        *ret_uid = entry->pw_uid;
    }
    return entry != NULL;
}

static bool is_id(const char *text)
{
    return schema_is_id(bytes_of(text));
}

// Whether the role has what its scope needs, and no more.
static bool fits_scope(const struct local_role *row)
{
    const struct scope_row *needs = scope_row(role_row((enum role)row->role)->scope);
    bool region = needs->of_system ? row->region[0] == '\0' : is_id(row->region);
    bool member = needs->member == NAMES_NONE ? row->member[0] == '\0' : is_id(row->member);
    return region && member;
}

static bool read_row(const char *text, struct local_role *ret_row, char problem[LOCAL_PROBLEM])
{
    struct parts parts;
    if (!split(text, &parts)) {
        return fail(problem, text, "USER=ROLE, USER=ROLE:REGION or USER=ROLE:REGION/MEMBER");
    }
    *ret_row = (struct local_role){.role = role_find(bytes_of(parts.role))};
    strcpy(ret_row->member, parts.member);
    strcpy(ret_row->region, parts.region);
    if (!find_user(parts.user, &ret_row->uid)) {
        return fail(problem, text, "this machine has no such user");
    }
    if (ret_row->role == ROLE_NONE) {
        return fail(problem, text, "no such role");
    }
    return fits_scope(ret_row) ||
           fail(problem, text,
                "a role of the system stands alone, secretary and moderator need "
                ":REGION, member and lead :REGION/MEMBER");
}

static bool add_row(struct local_roles *roles, const struct local_role *row)
{
    bool there = local_find(roles, row->uid) != NULL;
    if (!there && roles->count < LOCAL_ROLES_MAX) {
        roles->rows[roles->count++] = *row;
        return true;
    }
    return false;
}

bool local_read(const char *text, struct local_roles *ret_roles, char problem[LOCAL_PROBLEM])
{
    char room[1024];
    struct local_roles roles = {0};
    (void)snprintf(room, sizeof(room), "%s", text); // an option's text fits
    char *rest = room, *word;
    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        struct local_role row;
        if (!read_row(word, &row, problem)) {
            return false;
        }
        if (!add_row(&roles, &row)) {
            return fail(problem, word, "one role a user, at most 32 users");
        }
    }
    const struct local_role own = {.uid = geteuid(), .role = ROLE_OPERATOR};
    (void)add_row(&roles, &own); // where a row says otherwise, that holds
    *ret_roles = roles;
    return true;
}

const struct local_role *local_find(const struct local_roles *roles, uint32_t uid)
{
    for (uint32_t i = 0; i < roles->count; i++) {
        if (roles->rows[i].uid == uid) {
            return &roles->rows[i];
        }
    }
    return NULL;
}
