/*
 * G12: keys and roles fit each other, and the erasing of private parts (G11).
 */
#include "daemon/check.h"

static const char system_region[] = "system";

// Keys ------------------------------------------------------------------------------------------

// What the daemon and its operators do is done as system: no key of a region may seem to be that.
static void check_key_organisation(struct check *check)
{
    bool system = bytes_are(wire_find_text(check->event->data, "organisation"), system_region);
    if (system && !bytes_are(check->event->region, system_region)) {
        check_refuse(check, 12, "data.organisation");
        fault_found(check->faults, "system, for a key of region %.*s",
                    BYTES_PRINT(check->event->region));
        fault_accepted(check->faults, "the organisation whose key it is");
    }
}

// A public key belongs to one record: what a connection proves must name one.
void check_key(struct check *check)
{
    struct bytes curve = wire_find_text(check->event->data, "curve");
    struct bytes path =
        curve.size == 0 ? (struct bytes){0} : store_get(check->view.txn, TABLE_KEYS, curve);
    if (path.size > 0) {
        check_refuse(check, 12, "data.curve");
        fault_found(check->faults, "this public key is %.*s already", BYTES_PRINT(path));
        fault_accepted(check->faults, "a new pair; waternet key new makes one");
    }
    check_key_organisation(check);
}

// The number of the event that put a slot of the key; 0 if none did.
static uint64_t slot_seq(const struct check *check, const char *slot)
{
    struct wire_value item;
    return wire_find(check->subject.fields, slot, &item) ? wire_find_number(item.raw, "seq") : 0;
}

// Whether the slot is filled; then the faults say so, but of a correction of what filled it.
static bool refuse_slot(struct check *check, const char *slot)
{
    const struct event *event = check->event;
    uint64_t seq = slot_seq(check, slot);
    bool itself = seq == event->corrects && strcmp(slot, event->type->slot) == 0;
    if (seq != 0 && !itself) {
        check_refuse(check, 12, "subject");
        fault_found(check->faults, "%.*s is %s already (event %llu)",
                    BYTES_PRINT(check->event->subject), slot, (unsigned long long)seq);
        fault_accepted(check->faults, "a key that is active; waternet key list tells which are");
    }
    return seq != 0;
}

// From active to retired to revoked, and never back.
void check_key_state(struct check *check)
{
    if (!refuse_slot(check, "revoked") && check->event->type->number != EVENT_KEY_REVOKED) {
        (void)refuse_slot(check, "retired"); // the faults tell
    }
}

// Roles -----------------------------------------------------------------------------------------

// The keys of the system serve every region; those of a region only their own.
static bool check_granted_region(struct check *check, const struct scope_row *row,
                                 struct bytes region)
{
    struct bytes own = check->event->region;
    bool serves_all = bytes_are(own, system_region), of_system = bytes_are(region, system_region);
    if (row->of_system != of_system || (!serves_all && !bytes_equal(own, region))) {
        check_refuse(check, 12, "data.region");
        fault_found(check->faults, "%s \"%.*s\", and this key belongs to region %.*s",
                    row->of_system ? "a role that holds in the whole system, in region"
                                   : "a role that holds in a region, in",
                    BYTES_PRINT(region), BYTES_PRINT(own));
        fault_accepted(check->faults, "%s",
                       row->of_system
                           ? "region system, and a key of it, which an operator adds"
                           : "the key's own region, or a key of region system, which takes any");
        return false;
    }
    struct entity entity = view_entity(&check->view, region, KIND_REGION, region);
    if (!of_system && !entity_exists(&entity)) {
        check_refuse(check, 11, "data.region");
        fault_found(check->faults, "region \"%.*s\" does not exist", BYTES_PRINT(region));
        fault_accepted(check->faults, "a region that is registered");
        return false;
    }
    return true;
}

// Region: where it is looked for; empty if that is not known.
static void check_granted(struct check *check, struct bytes region, const char *field,
                          enum kind kind, enum naming naming)
{
    char where[40] = "data.";
    struct bytes name = wire_find_text(check->event->data, field);
    strcat(where, field);
    if (naming == NAMES_NONE || (name.size == 0 && naming == NAMES_ALWAYS)) {
        if ((name.size == 0) == (naming == NAMES_ALWAYS)) {
            check_refuse(check, 12, where);
            fault_found(check->faults, name.size == 0 ? "nothing" : "\"%.*s\"", BYTES_PRINT(name));
            fault_accepted(check->faults, naming == NAMES_ALWAYS
                                              ? "the member that the role acts for"
                                              : "nothing: this role has no such limit");
        }
        return;
    }
    bool sought = name.size > 0 && region.size > 0;
    struct entity entity = {0};
    if (sought) {
        entity = view_entity(&check->view, region, kind, name);
    }
    if (sought && !entity_exists(&entity)) {
        check_refuse(check, 11, where);
        fault_found(check->faults, "%s \"%.*s\" does not exist in region %.*s",
                    kind_row(kind)->name, BYTES_PRINT(name), BYTES_PRINT(region));
        fault_accepted(check->faults, "a %s of that region that has not ended",
                       kind_row(kind)->name);
    }
}

void check_grant(struct check *check)
{
    struct bytes data = check->event->data, region = wire_find_text(data, "region");
    struct bytes name = wire_find_text(data, "role");
    enum role role = role_find(name);
    if (refuse_slot(check, "revoked") || refuse_slot(check, "retired")) {
        return;
    }
    if (name.size == 0 || region.size == 0) {
        return; // told by the rows
    }
    if (role == ROLE_NONE) {
        check_refuse(check, 12, "data.role");
        fault_found(check->faults, "no role is called \"%.*s\"", BYTES_PRINT(name));
        fault_accepted(check->faults, "a role; waternet types role.granted tells of them");
        return;
    }
    const struct scope_row *row = scope_row(role_row(role)->scope);
    struct bytes there = check_granted_region(check, row, region) ? region : (struct bytes){0};
    check_granted(check, there, "member", KIND_MEMBER, row->member);
    check_granted(check, there, "werkplaats", KIND_WERKPLAATS, row->werkplaats);
}

// Private parts ---------------------------------------------------------------------------------

// Of the erasure that an event corrects, the number of the event whose part it erased; 0 if it
// corrects none.
static uint64_t corrected_of(const struct check *check)
{
    const struct event *event = check->event;
    struct event earlier;
    bool same = event->corrects != 0 && view_event(&check->view, event->corrects, &earlier) &&
                earlier.type == event->type && bytes_equal(earlier.subject, event->subject) &&
                bytes_equal(earlier.region, event->region);
    return same ? wire_find_number(earlier.data, "of") : 0;
}

// What is gone is gone: a correction is of the same part, and says better why.
void check_erasure(struct check *check)
{
    const struct event *event = check->event;
    uint64_t of = wire_find_number(event->data, "of"), corrected = corrected_of(check);
    struct event whose;
    const char *found = NULL;
    if (!view_event(&check->view, of, &whose)) {
        found = "does not exist";
    } else if (!bytes_equal(whose.region, event->region) ||
               !bytes_equal(whose.subject, event->subject)) {
        found = "is about another subject";
    } else if (whose.private_hash.size == 0) {
        found = "has no private part";
    } else if (corrected != 0 && of != corrected) {
        found = "is not the one whose part was erased by what this corrects";
    } else if (corrected == 0 && entity_has_erased(&check->subject, of)) {
        found = "has lost its private part already";
    }
    if (found != NULL) {
        check_refuse(check, 11, "data.of");
        fault_found(check->faults, "event %llu %s", (unsigned long long)of, found);
        fault_accepted(check->faults, "an event of this subject with a private part");
    }
}
