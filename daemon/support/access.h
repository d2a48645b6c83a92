/*
 * access - who acts: from what a request says (`as`) and what its connection proves.
 *
 * Now every connection is local and proves the operator by reaching the runtime directory, whose
 * mode decides who can. An operator may act in any role; where that role is another, the event says
 * so with `via`.
 */
#ifndef DAEMON_SUPPORT_ACCESS_H
#define DAEMON_SUPPORT_ACCESS_H

#include "proto/event.h"

// The role and organisation that an event is posted in: as the request says, or else the secretary
// of the event's region, or the operator where the event's row has no secretary. A role that gives
// no organisation means its row's default. False: the faults say what is wrong with `as`.
bool access_actor(struct bytes role, struct bytes organisation, enum role proved,
                  const struct event *event, struct faults *faults, struct actor *ret_actor);

// Whether the event's row lets this role post it. False: a fault NOT_ALLOWED says which may.
bool access_allows(const struct event *event, enum role role, struct faults *faults);

#endif
