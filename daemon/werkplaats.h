/*
 * werkplaats - what guards and questions read from a werkplaats's record, in the domain's words.
 */
#ifndef DAEMON_WERKPLAATS_H
#define DAEMON_WERKPLAATS_H

#include "daemon/view.h"

// The phase it is in.
enum phase werkplaats_phase(const struct entity *werkplaats);

// The `data` of a slot that is one item ("plan", "feasibility", "evaluation"); empty if there is
// none.
struct bytes werkplaats_item(const struct entity *werkplaats, const char *slot);
// The items of a slot that is a map ("participants", "decisions", "allocations").
void werkplaats_items(const struct entity *werkplaats, const char *slot, struct pairs *ret_items);
// How many items a slot that is a list has ("results").
uint32_t werkplaats_count(const struct entity *werkplaats, const char *slot);

// The data of the allocation for a purpose; empty if there is none.
struct bytes werkplaats_allocation(const struct entity *werkplaats, const char *purpose);
// Whether an allocation's shares are of exactly the participants there are now (guard G9).
bool werkplaats_is_outdated(const struct entity *werkplaats, struct bytes allocation);
// A member's share in an allocation, in cents. False if it has none.
bool werkplaats_share(struct bytes allocation, struct bytes member, uint64_t *ret_cents);

// What a member's board decided last about money for a purpose; the data, empty if nothing.
struct bytes werkplaats_decision(const struct entity *werkplaats, struct bytes member,
                                 const char *purpose);
// Whether it said yes to at least its share: what G5 asks and `next` tells.
bool werkplaats_has_decided(const struct entity *werkplaats, struct bytes member,
                            const char *purpose, uint64_t share);
// Up to how much it said yes; 0 if it said no, or nothing yet.
uint64_t werkplaats_decided(const struct entity *werkplaats, struct bytes member,
                            const char *purpose);

#endif
