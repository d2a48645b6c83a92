#include "daemon/check.h"

#include "daemon/support/access.h"

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

// A lead acts on its own werkplaats: the subject, or the one that a news item is about.
static void check_lead(struct check *check)
{
    const struct event *event = check->event;
    struct bytes name = event->entity;
    if (event->type->kind != KIND_WERKPLAATS) {
        struct bytes said = wire_find_text(event->data, "werkplaats");
        name = check->subject.version != 0 ? entity_text(&check->subject, "werkplaats") : said;
        // A lead may not move an item to a werkplaats of another either.
        if (said.size > 0 && !bytes_equal(said, name)) {
            name = (struct bytes){0};
        }
    }
    struct entity werkplaats = {0};
    if (name.size > 0) {
        werkplaats = view_entity(&check->view, event->region, KIND_WERKPLAATS, name);
    }
    if (!list_has(werkplaats.fields, "leads", event->actor.organisation)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as");
        fault_found(check->faults, "%.*s does not lead werkplaats \"%.*s\"",
                    BYTES_PRINT(event->actor.organisation), (int)name.size,
                    name.size > 0 ? (const char *)name.data : "");
        fault_accepted(check->faults, "a lead of the werkplaats that it is about");
    }
}

// A member acts for itself: where a row names a member, that one.
static void check_self(struct check *check)
{
    const struct event *event = check->event;
    struct bytes named =
        event->type->kind == KIND_MEMBER ? event->entity : wire_find_text(event->data, "member");
    if (named.size == 0) { // what changes a thing that is a member's
        named = entity_text(&check->subject, "member");
    }
    if (named.size > 0 && !bytes_equal(named, event->actor.organisation)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "data.member");
        fault_found(check->faults, "%.*s acts for %.*s", BYTES_PRINT(event->actor.organisation),
                    BYTES_PRINT(named));
        fault_accepted(check->faults, "each member for itself");
    }
}

// A secretary or moderator of a region acts in that region.
static void check_region(struct check *check)
{
    const struct event *event = check->event;
    if (!bytes_equal(event->actor.organisation, event->region)) {
        fault_begin(check->faults, STATUS_NOT_ALLOWED, 0, "as.organisation");
        fault_found(check->faults, "the %.*s of %.*s acts in region %.*s",
                    BYTES_PRINT(event->actor.role), BYTES_PRINT(event->actor.organisation),
                    BYTES_PRINT(event->region));
        fault_accepted(check->faults, "the %.*s of %.*s", BYTES_PRINT(event->actor.role),
                       BYTES_PRINT(event->region));
    }
}

void check_access(struct check *check)
{
    bool anyone = check->event->type->roles == ROLES_ANYONE;
    if (!access_allows(check->event, check->role, check->faults)) {
        return;
    }
    switch (role_row(check->role)->scope) {
    case SCOPE_NONE:
    case SCOPE_SYSTEM:
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
