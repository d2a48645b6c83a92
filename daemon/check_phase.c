/*
 * What the phase that is entered asks for: G2, G3, G5, G7, G8, and the step itself, G10. A guard
 * belongs to the phase that is entered, not to those that are skipped. `next` asks the same
 * functions.
 */
#include "daemon/check.h"
#include "daemon/werkplaats.h"

#define ENTERED "data.to"

static enum phase entered(const struct check *check)
{
    return phase_find(wire_find_text(check->event->data, "to"));
}

static bool enters(const struct check *check, unsigned phases)
{
    enum phase phase = entered(check);
    return phase != PHASE_NONE && (phases >> phase & 1) != 0;
}

#define PHASE_BIT(phase) (1u << (phase))

// G10 --------------------------------------------------------------------------------------------

// Where the step starts: the present phase, or that of the newest step, if this one corrects it.
static enum phase step_start(struct check *check)
{
    const struct event *event = check->event;
    struct wire_value phases;
    if (event->corrects == 0) {
        return werkplaats_phase(&check->subject);
    }
    struct wire_reader reader;
    struct wire_value item = {0};
    if (wire_find(check->subject.fields, "phases", &phases)) {
        reader = wire_read(phases.raw);
        (void)wire_next(&reader, &phases); // the header; the items follow, the newest last
        while (wire_take(&reader, &item)) {
        }
    }
    if (item.raw.size > 0 && wire_find_number(item.raw, "seq") == event->corrects) {
        struct wire_value data;
        return wire_find(item.raw, "data", &data) ? phase_find(wire_find_text(data.raw, "from"))
                                                  : PHASE_NONE;
    }
    check_refuse(check, 10, "corrects");
    fault_found(check->faults, "event %llu is not the newest step",
                (unsigned long long)event->corrects);
    fault_accepted(check->faults, "the newest werkplaats.phase-changed, or a new step");
    return werkplaats_phase(&check->subject);
}

void check_step(struct check *check)
{
    struct bytes data = check->event->data;
    enum phase from = phase_find(wire_find_text(data, "from")), to = entered(check);
    if (!entity_exists(&check->subject)) {
        return; // G11 has said so
    }
    enum phase start = step_start(check);
    if (start != PHASE_NONE && from != start) {
        check_refuse(check, 10, "data.from");
        fault_found(check->faults, "werkplaats \"%.*s\" is not in that phase",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "%s", phase_row(start)->name);
    }
    if (start == PHASE_NONE || to == PHASE_NONE) {
        return;
    }
    enum phase_step step = phase_step(start, to);
    if (step == STEP_FORBIDDEN) {
        check_refuse(check, 10, ENTERED);
        fault_found(check->faults, "no step leads from %s to %s", phase_row(start)->name,
                    phase_row(to)->name);
        fault_accepted(check->faults, "a phase that waternet next shows for it");
    } else if (step == STEP_REASON && wire_find_text(data, "reason").size == 0) {
        check_refuse(check, 10, "data.reason");
        fault_found(check->faults, "from %s to %s without a reason", phase_row(start)->name,
                    phase_row(to)->name);
        fault_accepted(check->faults, "why phases are skipped, or why it goes back or stops");
    }
}

// G2 ---------------------------------------------------------------------------------------------

static void miss_pillar(struct check *check, const char *pillar)
{
    check_refuse(check, 2, ENTERED);
    fault_found(check->faults, "the plan of werkplaats \"%.*s\" does not say %s",
                BYTES_PRINT(check->event->entity), pillar);
    fault_accepted(check->faults, "a werkplaats.plan-adopted that does");
}

void check_plan(struct check *check)
{
    if (!enters(check, PHASE_BIT(PHASE_RESEARCH) | PHASE_BIT(PHASE_PREPARATION) |
                           PHASE_BIT(PHASE_EXECUTION)) ||
        !entity_exists(&check->subject)) {
        return;
    }
    struct bytes plan = werkplaats_item(&check->subject, "plan");
    struct wire_value pillars = {0}, goals = {0};
    if (plan.size == 0) {
        check_refuse(check, 2, ENTERED);
        fault_found(check->faults, "werkplaats \"%.*s\" has no plan",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "werkplaats.plan-adopted first, with its four pillars");
        return;
    }
    (void)wire_find(plan, "pillars", &pillars); // required by its row, as are the goals
    (void)wire_find(plan, "goals", &goals);
    if (wire_find_text(pillars.raw, "doing").size == 0) {
        miss_pillar(check, "what is done and what is new (pillars.doing)");
    }
    if (wire_find_text(pillars.raw, "interest").size == 0) {
        miss_pillar(check, "what all members gain (pillars.interest)");
    }
    if (goals.count == 0) {
        miss_pillar(check, "to which goal it contributes (goals.cost, .quality, .vulnerability)");
    }
}

// G3 ---------------------------------------------------------------------------------------------

void check_feasibility(struct check *check)
{
    if (!enters(check, PHASE_BIT(PHASE_PREPARATION) | PHASE_BIT(PHASE_EXECUTION)) ||
        !entity_exists(&check->subject)) {
        return;
    }
    struct bytes study = werkplaats_item(&check->subject, "feasibility");
    struct bytes outcome = study.size > 0 ? wire_find_text(study, "outcome") : bytes_of("unknown");
    if (!bytes_are(outcome, "positive")) {
        check_refuse(check, 3, ENTERED);
        fault_found(check->faults, "feasibility of werkplaats \"%.*s\" is %.*s, not positive",
                    BYTES_PRINT(check->event->entity), BYTES_PRINT(outcome));
        fault_accepted(check->faults, "werkplaats.feasibility-concluded with a positive outcome "
                                      "first, or a move to idea, aftercare or stopped");
    }
}

// G5 ---------------------------------------------------------------------------------------------

// Each participant's own board has said yes to at least its share.
static void check_decisions(struct check *check, const struct pairs *participants,
                            struct bytes allocation)
{
    for (uint32_t i = 0; i < participants->count; i++) {
        struct bytes member = participants->rows[i].key;
        uint64_t share = 0;
        if (!werkplaats_share(allocation, member, &share)) {
            continue; // outdated, which has been said
        }
        if (werkplaats_has_decided(&check->subject, member, "execution", share)) {
            continue;
        }
        uint64_t decided = werkplaats_decided(&check->subject, member, "execution");
        bool any = werkplaats_decision(&check->subject, member, "execution").size > 0;
        check_refuse(check, 5, ENTERED);
        if (!any) {
            fault_found(check->faults, "the board of %.*s has not decided on its share",
                        BYTES_PRINT(member));
        } else {
            fault_found(check->faults, "the board of %.*s decided on %llu cents of %llu cents",
                        BYTES_PRINT(member), (unsigned long long)decided,
                        (unsigned long long)share);
        }
        fault_accepted(check->faults,
                       "decision.taken of %.*s: financial, execution, positive, at "
                       "least %llu cents",
                       BYTES_PRINT(member), (unsigned long long)share);
    }
}

// A member that has left is no participant, though nobody has ended its participation yet.
static void check_departed(struct check *check, const struct pairs *participants)
{
    for (uint32_t i = 0; i < participants->count; i++) {
        check_participant(check, ENTERED, participants->rows[i].key);
    }
}

void check_commitment(struct check *check)
{
    if (!enters(check, PHASE_BIT(PHASE_PREPARATION) | PHASE_BIT(PHASE_EXECUTION)) ||
        !entity_exists(&check->subject)) {
        return;
    }
    struct pairs participants;
    werkplaats_items(&check->subject, "participants", &participants);
    check_departed(check, &participants);
    if (entered(check) == PHASE_PREPARATION) {
        if (participants.count == 0) {
            check_refuse(check, 5, ENTERED);
            fault_found(check->faults, "nobody takes part in werkplaats \"%.*s\"",
                        BYTES_PRINT(check->event->entity));
            fault_accepted(check->faults, "participation.declared by at least one member");
        }
        return;
    }
    struct bytes allocation = werkplaats_allocation(&check->subject, "execution");
    if (allocation.size == 0 || participants.count == 0 ||
        werkplaats_is_outdated(&check->subject, allocation)) {
        check_refuse(check, 5, ENTERED);
        fault_found(check->faults, "%s",
                    participants.count == 0 ? "nobody takes part"
                    : allocation.size == 0  ? "the costs of execution are not allocated"
                                            : "the allocation of execution is outdated: others "
                                              "take part now");
        fault_accepted(check->faults,
                       "costs.allocated for execution over exactly the participants");
    }
    if (allocation.size > 0) {
        check_decisions(check, &participants, allocation);
    }
}

// G7, G8 -----------------------------------------------------------------------------------------

void check_results(struct check *check)
{
    if (enters(check, PHASE_BIT(PHASE_AFTERCARE)) && entity_exists(&check->subject) &&
        werkplaats_count(&check->subject, "results") == 0) {
        check_refuse(check, 7, ENTERED);
        fault_found(check->faults, "werkplaats \"%.*s\" has delivered nothing yet",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "werkplaats.result-delivered first; a study counts");
    }
}

void check_evaluation(struct check *check)
{
    if (!enters(check, PHASE_BIT(PHASE_COMPLETED)) || !entity_exists(&check->subject)) {
        return;
    }
    struct bytes evaluation = werkplaats_item(&check->subject, "evaluation");
    struct bytes name =
        evaluation.size > 0 ? wire_find_text(evaluation, "presented_to") : (struct bytes){0};
    struct entity body = {0};
    if (name.size > 0) {
        body = view_entity(&check->view, check->event->region, KIND_BODY, name);
    }
    bool core = bytes_are(entity_text(&body, "level"), "administrative") &&
                entity_text(&body, "core_of").size > 0;
    if (!core) {
        check_refuse(check, 8, ENTERED);
        fault_found(check->faults, "%s",
                    evaluation.size == 0 ? "the werkplaats was not evaluated"
                                         : "the evaluation was presented to another body");
        fault_accepted(check->faults, "werkplaats.evaluated, presented to the administrative body "
                                      "that is the core of another (bestuurlijk kernteam)");
    }
}
