/*
 * identity - whom a connection proves to be, and in which roles that one may act.
 *
 * The handshake named the connection (zap.h); who that is stands in the log: a key and its roles
 * are state like all else, read through a view, so that a revocation holds for the very next event
 * and the past can be asked. A local user's role stands in the configuration (local.h).
 *
 * An operator may act in every role, and the event then says `via`. Everyone who is let in may read
 * the log and hand in a contribution: that is the role reader, which needs no grant.
 */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include "daemon/support/local.h"
#include "daemon/view.h"

#include "proto/fault.h"
#include "proto/tables.h"

// A role, and for whom and where it holds.
struct grant {
    enum role role;
    struct bytes organisation; // what an event's actor says: system, the region, or the member
    struct bytes region;       // empty: in all
    struct bytes werkplaats;   // of lead: only in this one; empty: in all that the member leads
};

// Lent from the view's transaction, like an entity, and from the local roles.
struct identity {
    bool local;
    uint32_t uid;         // of a local one
    enum key_state state; // KEY_ACTIVE for a local one
    struct bytes key;     // region/key/name of a key's record; empty for a local one
    struct bytes organisation, label;
    uint32_t count; // of grants: those of the registry, then reader
    struct grant grants[WIRE_MAP_MAX + 1];
};

// Whom the user id of a connection names. KEY_UNKNOWN in state if nobody is let in by it.
void identity_read(const struct view *view, struct bytes user, const struct local_roles *local,
                   struct identity *ret_identity);
// The daemon itself, for its own posts: the operator.
void identity_own(struct identity *ret_identity);
// The same of a key by its path.
void identity_read_key(const struct view *view, struct bytes path, struct identity *ret_identity);

bool identity_is_operator(const struct identity *identity);

// Whether it may read: otherwise it hears nothing but that.
bool identity_is_let_in(const struct identity *identity);

// What a message claims: `as`. Empty texts where it says nothing.
struct claim {
    struct bytes role, organisation;
};

// Whether a question may be asked by this identity, with this claim. False: the faults say why.
bool identity_asks(const struct identity *identity, const struct claim *claim,
                   struct faults *faults);

// The grants in which an event may be posted, as far as the claim and the event's region go, the
// narrowest first: of a member, a lead, a region, the system. An operator's are the one that it
// claims, or else the region's secretary, or itself where the event's row knows no secretary.
// Returns how many there are; 0: the faults say what is wrong with the claim.
#define IDENTITY_WAYS_MAX (WIRE_MAP_MAX + 1)
uint32_t identity_ways(const struct identity *identity, const struct claim *claim,
                       const struct event *event, struct faults *faults,
                       struct grant ret_ways[IDENTITY_WAYS_MAX]);

// The actor of an event that is posted in a grant.
struct actor identity_actor(const struct identity *identity, const struct grant *way);

// Whether one of its roles, or the claimed one, is among `readers` for an entity of the region that
// belongs to `member` (empty: to nobody): for private parts.
bool identity_reads(const struct identity *identity, const struct claim *claim, uint32_t readers,
                    struct bytes region, struct bytes member);

#endif
