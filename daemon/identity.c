#include "daemon/identity.h"

#include "daemon/support/zap.h"

#include "proto/schema.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char system_name[] = "system"; // the operators' organisation, and their region

// Reading ---------------------------------------------------------------------------------------

static void add_grant(struct identity *identity, const struct grant *grant)
{
    assert(identity->count < IDENTITY_WAYS_MAX); // a record has at most WIRE_MAP_MAX
    identity->grants[identity->count++] = *grant;
}

// What everyone who is let in may do.
static void add_reader(struct identity *identity)
{
    add_grant(identity, &(const struct grant){
                            .role = ROLE_READER,
                            .organisation = identity->organisation,
                        });
}

// A grant as the scope of its role has it. What the registry let through fits; see check_registry.
static struct grant make_grant(enum role role, struct bytes region, struct bytes member,
                               struct bytes werkplaats)
{
    struct grant grant = {.role = role, .organisation = bytes_of(system_name)};
    switch (role_row(role)->scope) {
    case SCOPE_NONE:
    case SCOPE_SYSTEM:
        return grant;
    case SCOPE_REGION:
        grant.organisation = region;
        break;
    case SCOPE_WERKPLAATS:
        grant.werkplaats = werkplaats;
        grant.organisation = member;
        break;
    case SCOPE_MEMBER:
        grant.organisation = member;
        break;
    }
    grant.region = region;
    return grant;
}

static void read_local(struct bytes user, const struct local_roles *local,
                       struct identity *identity)
{
    char text[ZAP_USER_MAX + 1] = "";
    size_t prefix = strlen(ZAP_LOCAL);
    memcpy(text, (const char *)user.data + prefix, user.size - prefix);
    identity->local = true;
    identity->uid = (uint32_t)strtoul(text, NULL, 10);
    identity->state = KEY_ACTIVE;
    identity->organisation = bytes_of(system_name);
    const struct local_role *row = local_find(local, identity->uid);
    if (row != NULL) {
        struct grant grant = make_grant((enum role)row->role, bytes_of(row->region),
                                        bytes_of(row->member), (struct bytes){0});
        add_grant(identity, &grant);
        identity->organisation = grant.organisation;
    }
    add_reader(identity);
}

void identity_own(struct identity *ret_identity)
{
    *ret_identity = (struct identity){
        .local = true, .state = KEY_ACTIVE, .organisation = bytes_of(system_name)};
    add_grant(ret_identity,
              &(const struct grant){.role = ROLE_OPERATOR, .organisation = bytes_of(system_name)});
}

// The last state whose event has put its item: the slots have the names of the states.
static enum key_state read_state(const struct entity *key)
{
    struct wire_value slot;
    int state = KEY_REVOKED;
    while (state > KEY_ACTIVE &&
           !wire_find(key->fields, key_state_row((enum key_state)state)->name, &slot)) {
        state--;
    }
    return (enum key_state)state;
}

static void read_grants(const struct entity *key, struct identity *identity)
{
    struct wire_value slot, name, item, data;
    if (!wire_find(key->fields, "roles", &slot)) {
        return;
    }
    struct wire_reader reader = wire_read(slot.raw);
    (void)wire_next(&reader, &slot); // the header; the pairs follow
    while (wire_next(&reader, &name) && wire_take(&reader, &item)) {
        bool sound = wire_find(item.raw, "data", &data);
        enum role role = sound ? role_find(wire_find_text(data.raw, "role")) : ROLE_NONE;
        if (role != ROLE_NONE) { // otherwise one that only a newer program knows
            struct grant grant = make_grant(role, wire_find_text(data.raw, "region"),
                                            wire_find_text(data.raw, "member"),
                                            wire_find_text(data.raw, "werkplaats"));
            add_grant(identity, &grant);
        }
    }
}

// region/key/name
static bool is_key_path(struct bytes path)
{
    enum kind kind;
    struct bytes name;
    const char *slash = path.size == 0 ? NULL : memchr(path.data, '/', path.size);
    if (slash == NULL) {
        return false;
    }
    size_t before = (size_t)(slash - (const char *)path.data);
    struct bytes subject = {slash + 1, path.size - before - 1};
    return schema_is_id((struct bytes){path.data, before}) &&
           schema_is_path(subject, &kind, &name) && kind == KIND_KEY;
}

void identity_read_key(const struct view *view, struct bytes path, struct identity *ret_identity)
{
    struct identity *identity = ret_identity;
    identity->local = false;
    identity->state = KEY_UNKNOWN;
    identity->count = 0;
    struct entity key = is_key_path(path) ? view_path(view, path) : (struct entity){0};
    if (key.version == 0) {
        return;
    }
    identity->key = path;
    identity->state = read_state(&key);
    identity->organisation = entity_text(&key, "organisation");
    identity->label = entity_text(&key, "label");
    if (key_state_row(identity->state)->posts) {
        read_grants(&key, identity);
    }
    add_reader(identity);
}

void identity_read(const struct view *view, struct bytes user, const struct local_roles *local,
                   struct identity *ret_identity)
{
    ret_identity->state = KEY_UNKNOWN;
    ret_identity->key = ret_identity->label = (struct bytes){0};
    ret_identity->count = 0;
    if (bytes_begin_with(user, bytes_of(ZAP_LOCAL)) && user.size <= ZAP_USER_MAX) {
        read_local(user, local, ret_identity);
    } else if (user.size == CURVE_TEXT) {
        identity_read_key(view, store_get(view->txn, TABLE_KEYS, user), ret_identity);
    }
}

bool identity_is_let_in(const struct identity *identity)
{
    return identity->state != KEY_UNKNOWN && key_state_row(identity->state)->reads;
}

// Claims ----------------------------------------------------------------------------------------

bool identity_is_operator(const struct identity *identity)
{
    bool found = false;
    for (uint32_t i = 0; i < identity->count; i++) {
        found |= identity->grants[i].role == ROLE_OPERATOR;
    }
    return found;
}

static bool fits_claim(const struct grant *grant, enum role role, struct bytes organisation)
{
    return grant->role == role &&
           (organisation.size == 0 || bytes_equal(organisation, grant->organisation));
}

static bool holds_in(const struct grant *grant, struct bytes region)
{
    return grant->region.size == 0 || bytes_equal(grant->region, region);
}

// "member:enschede, lead:enschede, reader", as far as it fits.
static void list_grants(const struct identity *identity, char room[ROLES_TEXT])
{
    size_t size = 0;
    room[0] = '\0';
    for (uint32_t i = 0; i < identity->count && size + 2 * ID_MAX < ROLES_TEXT; i++) {
        const struct grant *grant = &identity->grants[i];
        size += (size_t)snprintf(room + size, ROLES_TEXT - size, "%s%s:%.*s", i == 0 ? "" : ", ",
                                 role_row(grant->role)->name, BYTES_PRINT(grant->organisation));
    }
}

static bool refuse_unknown_role(struct bytes role, struct faults *faults)
{
    char roles[ROLES_TEXT];
    roles_text(UINT32_MAX, roles);
    fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as.role");
    fault_found(faults, "no role is called \"%.*s\"", BYTES_PRINT(role));
    fault_accepted(faults, "one of %s", roles);
    return false;
}

static bool refuse_claim(const struct identity *identity, const struct claim *claim,
                         struct faults *faults)
{
    char grants[ROLES_TEXT];
    list_grants(identity, grants);
    fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as");
    fault_found(faults, "%.*s%s%.*s is no role of %.*s", BYTES_PRINT(claim->role),
                claim->organisation.size > 0 ? ":" : "", BYTES_PRINT(claim->organisation),
                identity->local ? 9 : (int)identity->key.size,
                identity->local ? "this user" : (const char *)identity->key.data);
    fault_accepted(faults, "%s", grants);
    return false;
}

static bool refuse_state(const struct identity *identity, struct faults *faults)
{
    fault_begin(faults, STATUS_NOT_ALLOWED, 0, "");
    if (identity->state == KEY_UNKNOWN) {
        fault_found(faults, "a connection that no known key stands behind");
    } else {
        fault_found(faults, "key %.*s is %s", BYTES_PRINT(identity->key),
                    key_state_row(identity->state)->name);
    }
    fault_accepted(faults, "a key that is active; the secretary of the region adds one");
    return false;
}

bool identity_asks(const struct identity *identity, const struct claim *claim,
                   struct faults *faults)
{
    if (!identity_is_let_in(identity)) {
        return refuse_state(identity, faults);
    }
    enum role role = role_find(claim->role);
    if (claim->role.size == 0 || (role != ROLE_NONE && identity_is_operator(identity))) {
        return true;
    }
    if (role == ROLE_NONE) {
        return refuse_unknown_role(claim->role, faults);
    }
    bool proved = false;
    for (uint32_t i = 0; i < identity->count; i++) {
        proved |= fits_claim(&identity->grants[i], role, claim->organisation);
    }
    return proved || refuse_claim(identity, claim, faults);
}

// What a role means that names no organisation.
static struct bytes default_organisation(enum role role, struct bytes region)
{
    switch (role_row(role)->organisation) {
    case SCOPE_SYSTEM:
        return bytes_of(system_name);
    case SCOPE_REGION:
        return region;
    case SCOPE_WERKPLAATS:
    case SCOPE_MEMBER:
    case SCOPE_NONE:
        break;
    }
    return (struct bytes){0};
}

// An operator acts as it says, or else as the region's secretary. The keys of the system have none.
static uint32_t operator_way(const struct claim *claim, const struct event *event,
                             struct faults *faults, struct grant *ret_way)
{
    bool secretary = (event->type->roles & ROLE_BIT(ROLE_SECRETARY)) != 0 &&
                     !bytes_are(event->region, system_name);
    enum role role = claim->role.size > 0 ? role_find(claim->role)
                     : secretary          ? ROLE_SECRETARY
                                          : ROLE_OPERATOR;
    struct bytes organisation = claim->organisation;
    if (organisation.size == 0) {
        organisation = default_organisation(role, event->region);
    }
    if (organisation.size == 0) {
        const char *name = role_row(role)->name;
        fault_begin(faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(faults, "a %s without an organisation", name);
        fault_accepted(faults, "the member for which it acts, as in %s:enschede", name);
        return 0;
    }
    *ret_way = (struct grant){.role = role, .organisation = organisation};
    return 1;
}

uint32_t identity_ways(const struct identity *identity, const struct claim *claim,
                       const struct event *event, struct faults *faults,
                       struct grant ret_ways[IDENTITY_WAYS_MAX])
{
    static const enum scope narrowest_first[] = {SCOPE_MEMBER, SCOPE_WERKPLAATS, SCOPE_REGION,
                                                 SCOPE_SYSTEM};
    uint32_t count = 0;
    if (identity->state == KEY_UNKNOWN || !key_state_row(identity->state)->posts) {
        (void)refuse_state(identity, faults); // none
        return 0;
    }
    enum role role = role_find(claim->role);
    if (claim->role.size > 0 && role == ROLE_NONE) {
        (void)refuse_unknown_role(claim->role, faults); // none
        return 0;
    }
    if (identity_is_operator(identity)) {
        return operator_way(claim, event, faults, ret_ways);
    }
    for (size_t i = 0; i < sizeof(narrowest_first) / sizeof(narrowest_first[0]); i++) {
        for (uint32_t j = 0; j < identity->count; j++) {
            const struct grant *grant = &identity->grants[j];
            bool claimed = claim->role.size == 0 || fits_claim(grant, role, claim->organisation);
            bool holds = holds_in(grant, event->region) || event->type->roles == ROLES_ANYONE;
            if (role_row(grant->role)->scope == narrowest_first[i] && claimed && holds) {
                ret_ways[count++] = *grant;
            }
        }
    }
    if (count == 0) {
        (void)refuse_claim(identity, claim, faults); // none
    }
    return count;
}

struct actor identity_actor(const struct identity *identity, const struct grant *way)
{
    bool via = identity_is_operator(identity) && way->role != ROLE_OPERATOR;
    return (struct actor){
        .organisation = way->organisation,
        .role = bytes_of(role_row(way->role)->name),
        .via = via ? bytes_of(role_row(ROLE_OPERATOR)->name) : (struct bytes){0},
    };
}

// Private parts ---------------------------------------------------------------------------------

static bool grant_reads(const struct grant *grant, uint32_t readers, struct bytes region,
                        struct bytes member)
{
    if ((readers & ROLE_BIT(grant->role)) == 0 || !holds_in(grant, region)) {
        return false;
    }
    bool own = role_row(grant->role)->scope == SCOPE_MEMBER;
    return !own || (member.size > 0 && bytes_equal(member, grant->organisation));
}

bool identity_reads(const struct identity *identity, const struct claim *claim, uint32_t readers,
                    struct bytes region, struct bytes member)
{
    enum role role = role_find(claim->role);
    if (claim->role.size > 0 && identity_is_operator(identity)) {
        struct bytes organisation = claim->organisation;
        if (organisation.size == 0) {
            organisation = default_organisation(role, region);
        }
        struct grant grant =
            make_grant(role, role_row(role)->scope == SCOPE_REGION ? organisation : region,
                       organisation, (struct bytes){0});
        return grant_reads(&grant, readers, region, member);
    }
    for (uint32_t i = 0; i < identity->count; i++) {
        const struct grant *grant = &identity->grants[i];
        bool claimed = claim->role.size == 0 || fits_claim(grant, role, claim->organisation);
        if (claimed && grant_reads(grant, readers, region, member)) {
            return true;
        }
    }
    return false;
}
