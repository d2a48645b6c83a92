/*
 * local - in which role a local user acts, by the option local-roles.
 *
 *     USER=ROLE                       of the roles of the system: root=operator, www-data=dashboard
 *     USER=ROLE:REGION                secretary, moderator
 *     USER=ROLE:REGION/MEMBER         member, lead, as `waternet key grant` writes them too
 *
 * Blanks stand between them; USER is a name or a number. The daemon's own user is the operator
 * unless a row says otherwise. Whoever has no row reads.
 */
#ifndef DAEMON_SUPPORT_LOCAL_H
#define DAEMON_SUPPORT_LOCAL_H

#include "proto/bytes.h"
#include "proto/limits.h"

#include <stdint.h>

#define LOCAL_ROLES_MAX 32
#define LOCAL_PROBLEM 256

struct local_role {
    uint32_t uid;
    unsigned role;           // of enum role; its header cannot stand beside czmq.h
    char region[ID_MAX + 1]; // "" of a role of the system
    char member[ID_MAX + 1]; // "" of all but member and lead
};

struct local_roles {
    uint32_t count;
    struct local_role rows[LOCAL_ROLES_MAX];
};

// False: problem says in one English line which row is wrong and what would be right.
bool local_read(const char *text, struct local_roles *ret_roles, char problem[LOCAL_PROBLEM])
    MUST_CHECK;
// The row of a user; NULL if it only reads.
const struct local_role *local_find(const struct local_roles *roles, uint32_t uid);

#endif
