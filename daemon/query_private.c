/*
 * Private parts, for the roles that may read them (private.def): of one event, and of the
 * contributions that nobody has accepted or rejected yet. No other question answers with them.
 */
#include "daemon/query_answers.h"

// The fields of a private part that who asks may read, as a map into writer. Returns how many.
static uint32_t write_readable(struct question *question, enum group group, struct bytes region,
                               const struct entity *entity, struct bytes part,
                               struct wire_writer *writer)
{
    struct fields fields = fields_of(group);
    struct wire_value values[FIELDS_PER_GROUP_MAX];
    const struct field *readable[FIELDS_PER_GROUP_MAX];
    uint32_t count = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        if ((field->flags & FLAG_PRIVATE) != 0 && wire_find(part, field->name, &values[count]) &&
            identity_reads(&question->query->identity, &question->request.as, field_readers(field),
                           region, entity_text(entity, "member"))) {
            readable[count++] = field;
        }
    }
    wire_put_map(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_put_text(writer, bytes_of(readable[i]->name));
        wire_put_raw(writer, values[i].raw);
    }
    return count;
}

// Whether any of a group's private fields is for who asks.
static bool reads_any(struct question *question, enum group group, struct bytes region,
                      struct bytes member)
{
    struct fields fields = fields_of(group);
    bool any = false;
    for (unsigned i = 0; i < fields.count; i++) {
        any |= (fields.first[i].flags & FLAG_PRIVATE) != 0 &&
               identity_reads(&question->query->identity, &question->request.as,
                              field_readers(&fields.first[i]), region, member);
    }
    return any;
}

static void refuse(struct question *question)
{
    fault_begin(question->faults, STATUS_NOT_ALLOWED, 0, "as");
    fault_found(question->faults, "private texts are not for this role");
    fault_accepted(question->faults,
                   "a role that handles them, such as the region's own secretary");
}

// The part without its salt; empty if it was erased.
static struct bytes read_part(struct question *question, uint64_t seq,
                              uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES])
{
    struct bytes part = {0};
    enum status status = store_read_private(question->txn->store, seq, room, &part);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        store_fail(question->txn, status, "a private part cannot be read");
    }
    return status == STATUS_OK && part.size > HASH_BYTES
               ? (struct bytes){room + HASH_BYTES, part.size - HASH_BYTES}
               : (struct bytes){0};
}

void answer_private(struct question *question)
{
    uint64_t seq = question->request.seq;
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES], readable_room[PRIVATE_BYTES_MAX];
    char path_room[PATH_MAX_BYTES];
    struct event event;
    bool there = view_event(&question->view, seq, &event);
    if (!there || event.private_hash.size == 0) {
        fault_begin(question->faults, STATUS_NOT_FOUND, 0, "seq");
        fault_found(question->faults, "event %llu %s", (unsigned long long)seq,
                    there ? "has no private part" : "does not exist");
        fault_accepted(question->faults,
                       "the number of a contribution or a subscription that was handed in");
        return;
    }
    struct bytes path = event_path(&event, path_room);
    struct entity entity = view_path(&question->view, path);
    if (!reads_any(question, event.type->group, event.region, entity_text(&entity, "member"))) {
        refuse(question);
        return;
    }
    struct bytes part = read_part(question, seq, room);
    struct wire_writer readable = wire_write(readable_room, sizeof(readable_room));
    (void)write_readable(question, event.type->group, event.region, &entity, part, &readable);
    answer_begin(&question->writer, question->request.number, STATUS_OK, 3u + (part.size > 0));
    wire_pair_uint(&question->writer, "seq", seq);
    wire_pair_text(&question->writer, "path", path);
    wire_put_text(&question->writer, bytes_of("erased"));
    wire_put_flag(&question->writer, part.size == 0);
    if (part.size > 0) {
        wire_put_text(&question->writer, bytes_of("private"));
        wire_put_raw(&question->writer, wire_written(&readable));
    }
}

// The inbox -------------------------------------------------------------------------------------

static void take_waiting(struct question *question, struct gathering *gathering, struct bytes path,
                         const struct entity *entity)
{
    struct wire_value slot;
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES];
    if (wire_find(entity->fields, "accepted", &slot) ||
        wire_find(entity->fields, "rejected", &slot)) {
        return;
    }
    struct bytes part = read_part(question, entity->opened, room);
    wire_put_map(&gathering->writer, 2u + (part.size > 0));
    wire_pair_text(&gathering->writer, "path", path);
    wire_put_text(&gathering->writer, bytes_of("record"));
    wire_put_raw(&gathering->writer, entity->record);
    if (part.size > 0) { // otherwise it was erased
        wire_put_text(&gathering->writer, bytes_of("private"));
        (void)write_readable(question, GROUP_CONTRIBUTION, question->request.region, entity, part,
                             &gathering->writer);
    }
    gathering->count++;
}

void answer_inbox(struct question *question)
{
    const struct request *request = &question->request;
    if (!reads_any(question, GROUP_CONTRIBUTION, request->region, (struct bytes){0})) {
        refuse(question);
        return;
    }
    if (question_knows(question, "region", KIND_REGION, request->region)) {
        gather_answer(question, "contributions", request->region, KIND_CONTRIBUTION, take_waiting);
    }
}
