/*
 * check - step 2 of 4: judge each post, inside the turn's transaction.
 *
 *     accept -> [check] -> commit -> publish
 *
 * In this order: is it well-formed? is its id known? does `expect` hold? may this role? do all it
 * refers to exist (G11)? do its guards hold? Everything that is wrong with an event is told at
 * once; a refused event has changed nothing. Guards read only through struct view, so the same code
 * judges a post, a dry run and a question.
 *
 * A new guard is a row in guards.def and a function that fits on a screen, in check_<topic>.c.
 */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "daemon/turn.h"
#include "daemon/view.h"

// What a guard looks at.
struct check {
    struct view view;
    const struct event *event;
    struct entity subject;   // as it stands before the event
    enum role role;          // in which the actor acts
    struct bytes werkplaats; // the only one that this lead may act in; empty: all that it leads
    bool dry;                // nothing will be stored, whatever comes out
    struct faults *faults;
    struct faults *warnings; // accepted, but worth a word
};

// Judges every post of the turn; what passes is staged in txn by commit_stage(). Each request has
// its answer afterwards. A failure of the store stays in txn.
void check_turn(struct turn *turn, struct txn *txn, struct counters *counters);

// Whether the event may be posted in one of the sender's ways: it becomes the event's actor, and
// the check's role. Otherwise faults says why not.
void check_way(struct check *check, struct faults *faults, const struct identity *identity,
               const struct grant *way, struct event *event);

// The place of the first way whose role the event's row knows; 0 if there is none: what is wrong
// with that one says most.
uint32_t check_nearest(const struct grant *ways, uint32_t count, const struct event_type *type);

// Judges one event as far as guards go: references and the rows of guards.def.
void check_guards(struct check *check);

// The daemon's own columns of the event's data (rows marked DAEMON), written into room. The event's
// data point there afterwards.
void check_fill(const struct check *check, struct event *event, uint8_t room[EVENT_BYTES_MAX]);

// Begins a refusal of a guard; fault_found() and fault_accepted() follow.
void check_refuse(struct check *check, unsigned guard, const char *field);
// Something about an event that is accepted all the same: a whole sentence, which its receipt
// tells.
void check_warn(struct check *check, const char *sentence);

// check_references.c: G11, generic over the rows.
void check_references(struct check *check);
// check_access.c: may this role, for this organisation?
void check_access(struct check *check);
// check_werkplaats.c: how a werkplaats opens, and what its plan holds.
void check_opening(struct check *check);
void check_parent(struct check *check);
void check_plan_sectors(struct check *check);
void fill_first_phase(const struct check *check, struct wire_writer *writer);
// check_phase.c: what the phase that is entered asks for. Each looks only at its own phases.
void check_step(struct check *check);
void check_plan(struct check *check);
void check_feasibility(struct check *check);
void check_commitment(struct check *check);
void check_results(struct check *check);
void check_evaluation(struct check *check);
// check_money.c: who takes part, what it costs them, what their boards decide.
void check_participation(struct check *check);
// G5: a participant is a member still; a refusal under field if not.
void check_participant(struct check *check, const char *field, struct bytes member);
void check_cost_key(struct check *check);
void check_allocation(struct check *check);
void check_decision(struct check *check);
void fill_shares(const struct check *check, struct wire_writer *writer);
// check_registry.c: keys and their roles; what is erased.
void check_key(struct check *check);
void check_key_state(struct check *check);
void check_grant(struct check *check);
void check_erasure(struct check *check);
// check_goal.c
void check_unit(struct check *check);

#endif
