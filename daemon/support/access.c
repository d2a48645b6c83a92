#include "daemon/support/access.h"

// The names of the roles of a set, with commas between.
static void list_roles(uint32_t roles, char *room, size_t size)
{
    size_t used = 0;
    room[0] = '\0';
    for (int role = ROLE_OPERATOR; role <= ROLE_AUDITOR; role++) {
        const char *name = role_row((enum role)role)->name;
        size_t length = strlen(name);
        if ((roles & ROLE_BIT(role)) != 0 && used + length + 3 < size) {
            used = strlen(strcat(strcat(room, used == 0 ? "" : ", "), name));
        }
    }
}

bool access_actor(struct bytes role, struct bytes organisation, enum role proved,
                  const struct event *event, struct faults *faults, struct actor *ret_actor)
{
    enum role acts = role_find(role);
    if (role.size == 0) {
        bool secretary = (event->type->roles & ROLE_BIT(ROLE_SECRETARY)) != 0;
        acts = secretary ? ROLE_SECRETARY : ROLE_OPERATOR;
    }
    if (acts == ROLE_NONE) {
        char known[160];
        list_roles(UINT32_MAX, known, sizeof(known));
        fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as.role");
        fault_found(faults, "no role is called \"%.*s\"", BYTES_PRINT(role));
        fault_accepted(faults, "one of %s", known);
        return false;
    }
    const struct role_row *row = role_row(acts);
    if (organisation.size == 0) {
        organisation = row->organisation == SCOPE_SYSTEM   ? bytes_of("system")
                       : row->organisation == SCOPE_REGION ? event->region
                                                           : organisation;
    }
    if (organisation.size == 0) {
        fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(faults, "a %s without an organisation", row->name);
        fault_accepted(faults, "the member for which it acts, as in %s:enschede", row->name);
        return false;
    }
    *ret_actor = (struct actor){
        .organisation = organisation,
        .role = bytes_of(row->name),
        .via = acts == proved ? (struct bytes){0} : bytes_of(role_row(proved)->name),
    };
    return true;
}

bool access_allows(const struct event *event, enum role role, struct faults *faults)
{
    if ((event->type->roles & ROLE_BIT(role)) != 0) {
        return true;
    }
    char allowed[160];
    list_roles(event->type->roles, allowed, sizeof(allowed));
    fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as.role");
    fault_found(faults, "%s may not be posted by a %s", event->type->name, role_row(role)->name);
    fault_accepted(faults, "%s", allowed);
    return false;
}
