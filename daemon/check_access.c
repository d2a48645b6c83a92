/*
 * May this role, for this organisation? Who may say which role is identity.c's.
 */
#include "daemon/check.h"

// A dashboard may ask "what if?" for those who look at it: a dry run changes nothing, and tells
// nothing that cannot be read.
static bool asks_what_if(const struct check *check)
{
    enum event_number number = check->event->type->number;
    return check->dry && check->role == ROLE_DASHBOARD &&
           (number == EVENT_PARTICIPATION_DECLARED || number == EVENT_PARTICIPATION_ENDED ||
            number == EVENT_COSTS_ALLOCATED);
}

static bool allows(struct check *check)
{
    const struct event_type *type = check->event->type;
    if ((type->roles & ROLE_BIT(check->role)) != 0 || asks_what_if(check)) {
        return true;
    }
    char allowed[ROLES_TEXT];
    roles_text(type->roles, allowed);
    fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.role");
    fault_found(check->faults, "%s may not be posted by a %s", type->name,
                role_row(check->role)->name);
    fault_accepted(check->faults, "%s", allowed);
    return false;
}

// The organisation of a lead or member must be a member of the region.
static bool is_member(struct check *check)
{
    struct bytes organisation = check->event->actor.organisation;
    struct entity member =
        view_entity(&check->view, check->event->region, KIND_MEMBER, organisation);
    if (!entity_exists(&member)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(check->faults, "\"%.*s\" is no member of region %.*s",
                    BYTES_PRINT(organisation), BYTES_PRINT(check->event->region));
        fault_accepted(check->faults, "a member of the region");
    }
    return entity_exists(&member);
}

static bool list_has(struct bytes fields, const char *name, struct bytes text)
{
    struct wire_value list, item;
    bool found = false;
    if (wire_find(fields, name, &list)) {
        struct wire_reader reader = wire_read(list.raw);
        (void)wire_next(&reader, &list); // the header; the items follow
        while (!found && wire_next(&reader, &item)) {
            found = bytes_equal(item.bytes, text);
        }
    }
    return found;
}

static void check_leads(struct check *check, struct bytes name)
{
    const struct event *event = check->event;
    struct entity werkplaats = {0};
    bool elsewhere = check->werkplaats.size > 0 && !bytes_equal(name, check->werkplaats);
    if (name.size > 0 && !elsewhere) {
        werkplaats = view_entity(&check->view, event->region, KIND_WERKPLAATS, name);
    }
    if (!list_has(werkplaats.fields, "leads", event->actor.organisation)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as");
        fault_found(check->faults, "%.*s does not lead %s%.*s",
                    BYTES_PRINT(event->actor.organisation),
                    name.size > 0 ? "werkplaats " : "what is about no werkplaats", (int)name.size,
                    name.size > 0 ? (const char *)name.data : "");
        fault_accepted(check->faults, "a lead of the werkplaats that it is about");
    }
}

// A lead acts on its own werkplaats: the subject, or the one that a news item is about, and the one
// that it will be about.
static void check_lead(struct check *check)
{
    const struct event *event = check->event;
    if (event->kind == KIND_WERKPLAATS) {
        check_leads(check, event->entity);
        return;
    }
    struct bytes said = wire_find_text(event->data, "werkplaats");
    struct bytes present = entity_text(&check->subject, "werkplaats");
    if (check->subject.version != 0) {
        check_leads(check, present);
    }
    if (check->subject.version == 0 || (said.size > 0 && !bytes_equal(said, present))) {
        check_leads(check, said);
    }
}

static void refuse_other(struct check *check, struct bytes named)
{
    fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "data.member");
    if (named.size == 0) {
        fault_found(check->faults, "no member is named, and %.*s acts only for itself",
                    BYTES_PRINT(check->event->actor.organisation));
    } else {
        fault_found(check->faults, "%.*s may not act for %.*s",
                    BYTES_PRINT(check->event->actor.organisation), BYTES_PRINT(named));
    }
    fault_accepted(check->faults, "each member acts for itself");
}

// A member acts for itself: the member that the event names, that the thing belongs to, and that an
// event was about which it corrects. Of a dry run others may take part too: what if they did?
static void check_self(struct check *check)
{
    const struct event *event = check->event;
    struct bytes self = event->actor.organisation, none = {0};
    struct event wrong = {.data = none};
    bool what_if = check->dry && (event->type->number == EVENT_PARTICIPATION_DECLARED ||
                                  event->type->number == EVENT_PARTICIPATION_ENDED);
    bool corrects = event->corrects != 0 && view_event(&check->view, event->corrects, &wrong);
    // A subscription or an event of nobody in particular is not this member's either.
    bool owned = event->kind == KIND_SUBSCRIPTION && check->subject.version != 0;
    const struct {
        struct bytes member;
        bool needed;
    } named[] = {
        {event->kind == KIND_MEMBER ? event->entity : wire_find_text(event->data, "member"), false},
        {entity_text(&check->subject, "member"), owned},
        {corrects ? wire_find_text(wrong.data, "member") : none, corrects},
    };
    bool any = false;
    for (size_t i = 0; !what_if && i < sizeof(named) / sizeof(named[0]); i++) {
        any |= named[i].member.size > 0;
        if ((named[i].needed || named[i].member.size > 0) && !bytes_equal(named[i].member, self)) {
            refuse_other(check, named[i].member);
            return;
        }
    }
    if (!any && !what_if) {
        refuse_other(check, none);
    }
}

// A secretary or moderator of a region acts in that region. What holds the system's keys is none.
static void check_region(struct check *check)
{
    const struct event *event = check->event;
    if (!bytes_equal(event->actor.organisation, event->region) ||
        bytes_are(event->region, "system")) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(check->faults, "the %.*s of %.*s acts in region %.*s",
                    BYTES_PRINT(event->actor.role), BYTES_PRINT(event->actor.organisation),
                    BYTES_PRINT(event->region));
        fault_accepted(check->faults, "the %.*s of %.*s", BYTES_PRINT(event->actor.role),
                       BYTES_PRINT(event->region));
    }
}

// The roles of the system belong to no member; whoever only reads does so for itself, which no
// operator can do in its place.
static void check_system(struct check *check)
{
    const struct actor *actor = &check->event->actor;
    bool for_itself = check->role == ROLE_READER && actor->via.size == 0;
    if (!bytes_are(actor->organisation, "system") && !for_itself) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(check->faults, "the %.*s of %.*s", BYTES_PRINT(actor->role),
                    BYTES_PRINT(actor->organisation));
        fault_accepted(check->faults, "system");
    }
}

void check_access(struct check *check)
{
    bool anyone = check->event->type->roles == ROLES_ANYONE;
    if (!allows(check)) {
        return;
    }
    switch (role_row(check->role)->scope) {
    case SCOPE_NONE:
        break;
    case SCOPE_SYSTEM:
        check_system(check);
        break;
    case SCOPE_REGION:
        if (!anyone) {
            check_region(check);
        }
        break;
    case SCOPE_WERKPLAATS:
        if (is_member(check) && !anyone) {
            check_lead(check);
        }
        break;
    case SCOPE_MEMBER:
        if (is_member(check) && !anyone) {
            check_self(check);
        }
        break;
    }
}
