#include "daemon/check.h"

// A baseline's phase must be one that its kind can have: ongoing is not a step of a project.
static void check_baseline(struct check *check)
{
    struct bytes data = check->event->data;
    struct wire_value baseline;
    if (!wire_find(data, "baseline", &baseline)) {
        return;
    }
    enum phase phase = phase_find(wire_find_text(baseline.raw, "phase"));
    bool ongoing = bytes_are(wire_find_text(data, "kind"), "ongoing");
    if (phase != PHASE_NONE && phase != PHASE_STOPPED && ongoing != (phase == PHASE_ONGOING)) {
        check_refuse(check, 10, "data.baseline.phase");
        fault_found(check->faults, "%s for a werkplaats of the kind %s", phase_row(phase)->name,
                    ongoing ? "ongoing" : "project");
        fault_accepted(check->faults, "%s",
                       ongoing ? "ongoing or stopped" : "any phase but ongoing");
    }
}

// G1: a werkplaats opens with a theme and a statement of the common interest of all members. Of one
// that was taken over (baseline) the statement may be unknown; it shows as a gap.
void check_opening(struct check *check)
{
    struct bytes data = check->event->data;
    struct wire_value baseline;
    if (check->role == ROLE_OPERATOR && !wire_find(data, "baseline", &baseline)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.role");
        fault_found(check->faults, "the operator opens a werkplaats without a baseline");
        fault_accepted(check->faults, "the secretary; an operator takes over what runs already");
    }
    if (wire_find_text(data, "theme").size == 0) {
        check_refuse(check, 1, "data.theme");
        fault_found(check->faults, "werkplaats \"%.*s\" opens without a theme",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "its shared subject in a line: theme");
    }
    check_baseline(check);
    if (wire_find_text(data, "common_interest").size == 0 &&
        !wire_find(data, "baseline", &baseline)) {
        check_refuse(check, 1, "data.common_interest");
        fault_found(check->faults, "werkplaats \"%.*s\" opens without the interest of all members",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "what all members could gain from it: common_interest; or a "
                                      "baseline, if it runs already");
    }
}

#define PARENTS_MAX 16 // levels of werkplaatsen above one

// G11: a werkplaats may be part of another, and that of a third, but never of itself.
void check_parent(struct check *check)
{
    struct bytes parent = wire_find_text(check->event->data, "parent");
    for (unsigned level = 0; parent.size > 0; level++) {
        if (level == PARENTS_MAX || (level > 0 && bytes_equal(parent, check->event->entity))) {
            check_refuse(check, 11, "data.parent");
            fault_found(check->faults, "werkplaats \"%.*s\" would be part of itself",
                        BYTES_PRINT(check->event->entity));
            fault_accepted(check->faults, "a werkplaats that is not part of this one");
            return;
        }
        struct entity above =
            view_entity(&check->view, check->event->region, KIND_WERKPLAATS, parent);
        parent = entity_text(&above, "parent");
    }
}

// The phase a werkplaats begins in: that of its baseline, or else by its kind.
void fill_first_phase(const struct check *check, struct wire_writer *writer)
{
    struct bytes data = check->event->data;
    struct wire_value baseline;
    if (wire_find(data, "baseline", &baseline)) {
        wire_put_text(writer, wire_find_text(baseline.raw, "phase"));
        return;
    }
    bool ongoing = bytes_are(wire_find_text(data, "kind"), "ongoing");
    wire_put_text(writer, bytes_of(phase_row(ongoing ? PHASE_ONGOING : PHASE_IDEA)->name));
}

// G2, the fourth pillar: the 4 O's work together. Government alone is accepted, with a word.
void check_plan_sectors(struct check *check)
{
    struct wire_value sectors, first;
    if (!wire_find(check->event->data, "sectors", &sectors) || sectors.count != 1) {
        return;
    }
    struct wire_reader reader = wire_read(sectors.raw);
    if (wire_next(&reader, &sectors) && wire_next(&reader, &first) &&
        bytes_are(first.bytes, "government")) {
        check_warn(check, "the plan names government alone; a werkplaats is stronger with "
                          "business, education or research");
    }
}
