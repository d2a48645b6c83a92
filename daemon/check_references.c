/*
 * G11: an event's own subject exists (or, where it opens one, not yet), and whatever it refers to
 * exists in the same region and has not ended. Generic over the rows of events.def and fields.def.
 */
#include "daemon/check.h"

#include "proto/schema.h"

#define FIELD_NAME_MAX 160 // the rows' names are short and few stand within each other

// What is wrong with a reference: standing NULL if it is to the event's own subject.
static void refuse_reference(struct check *check, const char *field, enum kind kind,
                             struct bytes name, const struct standing *standing)
{
    const char *kind_name = kind_row(kind)->name;
    check_refuse(check, 11, field);
    if (standing == NULL) {
        fault_found(check->faults, "%s \"%.*s\" refers to itself", kind_name, BYTES_PRINT(name));
        fault_accepted(check->faults, "another %s of the region", kind_name);
        return;
    }
    if (standing->version == 0) {
        fault_found(check->faults, "%s \"%.*s\" does not exist in region %.*s", kind_name,
                    BYTES_PRINT(name), BYTES_PRINT(check->event->region));
    } else {
        fault_found(check->faults, "%s \"%.*s\" has ended (event %llu)", kind_name,
                    BYTES_PRINT(name), (unsigned long long)standing->ended);
    }
    fault_accepted(check->faults, "a %s of the region that has not ended; waternet list %s",
                   kind_name, kind_row(kind)->plural);
}

// Where a value stands, put into words only for a fault.
struct where {
    const struct where *outer;
    const char *name;
};

static void name_where(const struct where *where, char room[FIELD_NAME_MAX])
{
    room[0] = '\0';
    if (where->outer != NULL) {
        name_where(where->outer, room); // as deep as the rows are
        strcat(room, ".");
    }
    strcat(room, where->name);
}

static void check_named(struct check *check, const struct where *where, enum kind kind,
                        struct bytes name, bool may_have_ended)
{
    struct standing standing = view_standing(&check->view, check->event->region, kind, name);
    bool itself = kind == check->event->kind && kind != KIND_REGION &&
                  bytes_equal(name, check->event->entity);
    if (itself || !(standing_exists(&standing) || (may_have_ended && standing.version != 0))) {
        char field[FIELD_NAME_MAX];
        name_where(where, field);
        refuse_reference(check, field, kind, name, itself ? NULL : &standing);
    }
}

static void check_field(struct check *check, const struct where *where, const struct field *field,
                        const struct wire_value *value);

// Only fields that can refer to something are looked for.
static bool may_refer(const struct field *field)
{
    return field->type == FIELD_REFERENCE || field->type == FIELD_PATH ||
           field->type == FIELD_GROUP || field->form == FORM_MAP;
}

static void check_group(struct check *check, const struct where *where, enum group group,
                        struct bytes map)
{
    struct fields fields = fields_of(group);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        const struct where inner = {where, field->name};
        struct wire_value value;
        if (may_refer(field) && wire_find(map, field->name, &value)) {
            check_field(check, &inner, field, &value);
        }
    }
}

static void check_value(struct check *check, const struct where *where, const struct field *field,
                        const struct wire_value *value)
{
    enum kind kind;
    struct bytes name;
    if (field->type == FIELD_REFERENCE) {
        // What a member that left had is taken out under its name.
        bool taken_out =
            check->event->type->effect == EFFECT_REMOVE && (field->flags & FLAG_KEY) != 0;
        check_named(check, where, field->of, value->bytes, taken_out);
    } else if (field->type == FIELD_PATH && schema_is_path(value->bytes, &kind, &name)) {
        check_named(check, where, kind, name, false);
    } else if (field->type == FIELD_GROUP) {
        check_group(check, where, field->of, value->raw);
    }
}

static void check_field(struct check *check, const struct where *where, const struct field *field,
                        const struct wire_value *value)
{
    struct wire_reader reader = wire_read(value->raw);
    struct wire_value head, key, item;
    if (field->form == FORM_ONE) {
        check_value(check, where, field, value);
        return;
    }
    bool map = field->form == FORM_MAP;
    uint32_t count = wire_next(&reader, &head) ? head.count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (map && wire_next(&reader, &key)) {
            check_named(check, where, field->of, key.bytes, false);
        }
        if (wire_take(&reader, &item) && !map) {
            check_value(check, where, field, &item);
        }
    }
}

// The subject: there, not there yet, or ended.
static void check_subject(struct check *check)
{
    const struct event_type *type = check->event->type;
    const struct entity *subject = &check->subject;
    const char *kind = kind_row(check->event->kind)->name;
    int size = (int)check->event->entity.size;
    const char *name = check->event->entity.data;
    if (type->effect == EFFECT_OPEN) {
        bool again = subject->ended != 0 && (type->flags & EVENT_REOPENS) != 0;
        if (subject->version == 0 || again) {
            return;
        }
        check_refuse(check, 11, "subject");
        fault_found(check->faults, "%s \"%.*s\" exists already (event %llu)", kind, size, name,
                    (unsigned long long)subject->opened);
        fault_accepted(check->faults, "an id that was never used");
        return;
    }
    bool opens = subject->version == 0 && (type->flags & EVENT_OPENS) != 0;
    bool ended_too = subject->version != 0 && (type->flags & EVENT_ENDED_TOO) != 0;
    if (entity_exists(subject) || opens || ended_too) {
        return;
    }
    check_refuse(check, 11, "subject");
    if (subject->version == 0) {
        fault_found(check->faults, "%s \"%.*s\" does not exist in region %.*s", kind, size, name,
                    BYTES_PRINT(check->event->region));
    } else {
        fault_found(check->faults, "%s \"%.*s\" has ended (event %llu)", kind, size, name,
                    (unsigned long long)subject->ended);
    }
    fault_accepted(check->faults, "a %s of the region that has not ended", kind);
}

// The operators' organisation is called system, so no member can be.
static void check_reserved(struct check *check)
{
    if (check->event->kind == KIND_MEMBER && bytes_are(check->event->entity, "system")) {
        check_refuse(check, 11, "subject");
        fault_found(check->faults, "member \"system\", which is the operators' own name");
        fault_accepted(check->faults, "another name for the member");
    }
}

static void check_own_region(struct check *check)
{
    struct bytes name = check->event->region;
    if (bytes_are(name, "system")) { // reserved: it is there without being registered
        if (check->event->kind != KIND_KEY) {
            check_refuse(check, 11, "region");
            fault_found(check->faults, "region \"system\", which holds only keys");
            fault_accepted(check->faults, "another region");
        }
        return;
    }
    if (check->event->type->number == EVENT_REGION_REGISTERED) {
        return;
    }
    struct standing region = view_standing(&check->view, name, KIND_REGION, name);
    if (!standing_exists(&region) && check->event->kind != KIND_REGION) {
        check_refuse(check, 11, "region");
        fault_found(check->faults, "region \"%.*s\" does not exist", BYTES_PRINT(name));
        fault_accepted(check->faults, "a region that is registered: region.registered comes first");
    }
}

// What is taken out must be there.
static void check_item(struct check *check)
{
    const struct event_type *type = check->event->type;
    char room[PATH_MAX_BYTES * 4];
    if (type->effect != EFFECT_REMOVE || !entity_exists(&check->subject)) {
        return;
    }
    struct pairs items;
    struct wire_value slot = {0};
    (void)wire_find(check->subject.fields, type->slot, &slot); // none: no items
    pairs_read(&items, slot.raw);
    struct bytes key = apply_item_key(check->event, room);
    bool there = key.size == 0 ? slot.raw.size > 0 : pairs_get(&items, key).size > 0;
    if (!there) {
        check_refuse(check, 11, "data");
        fault_found(check->faults, "%.*s has nothing of that kind: %s %.*s",
                    BYTES_PRINT(check->event->subject), type->slot, BYTES_PRINT(key));
        fault_accepted(check->faults, "one that stands there; waternet show lists them");
    }
}

static bool was_corrected(const struct entity *subject, uint64_t seq)
{
    struct wire_reader reader = wire_read(subject->corrected);
    struct wire_value value;
    bool found = false;
    (void)wire_next(&reader, &value); // the header; the numbers follow
    while (!found && wire_next(&reader, &value)) {
        found = value.number == seq;
    }
    return found;
}

// What is corrected: an earlier event of the same subject and type, not corrected before.
static void check_corrects(struct check *check)
{
    const struct event *event = check->event;
    struct event earlier;
    if (event->corrects == 0) {
        return;
    }
    const char *found = NULL;
    if (!view_event(&check->view, event->corrects, &earlier)) {
        found = "does not exist";
    } else if (earlier.type != event->type || !bytes_equal(earlier.subject, event->subject) ||
               !bytes_equal(earlier.region, event->region)) {
        found = "is of another type or subject";
    } else if (was_corrected(&check->subject, event->corrects)) {
        found = "was corrected already";
    }
    if (found != NULL) {
        check_refuse(check, 11, "corrects");
        fault_found(check->faults, "event %llu %s", (unsigned long long)event->corrects, found);
        fault_accepted(check->faults, "the newest event of this subject and type that was wrong");
    }
}

void check_references(struct check *check)
{
    check_own_region(check);
    check_reserved(check);
    check_subject(check);
    check_group(check, &(const struct where){NULL, "data"}, check->event->type->group,
                check->event->data);
    check_item(check);
    check_corrects(check);
}
