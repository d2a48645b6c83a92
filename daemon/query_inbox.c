/*
 * inbox: the contributions that nobody has accepted or rejected yet, with their private text, for
 * the roles that handle them. The only question that answers with private parts.
 */
#include "daemon/query_answers.h"

static void take_waiting(struct question *question, struct gathering *gathering, struct bytes path,
                         const struct entity *entity)
{
    struct wire_value slot;
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES];
    struct bytes part;
    if (wire_find(entity->fields, "accepted", &slot) ||
        wire_find(entity->fields, "rejected", &slot)) {
        return;
    }
    enum status status = store_read_private(question->txn->store, entity->opened, room, &part);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        store_fail(question->txn, status, "a private part cannot be read");
        return;
    }
    bool there = status == STATUS_OK && part.size > HASH_BYTES;
    wire_put_map(&gathering->writer, 2u + there);
    wire_pair_text(&gathering->writer, "path", path);
    wire_put_text(&gathering->writer, bytes_of("record"));
    wire_put_raw(&gathering->writer, entity->record);
    if (there) { // otherwise it was erased
        wire_put_text(&gathering->writer, bytes_of("private"));
        wire_put_raw(&gathering->writer, (struct bytes){room + HASH_BYTES, part.size - HASH_BYTES});
    }
    gathering->count++;
}

void answer_inbox(struct question *question)
{
    const struct request *request = &question->request;
    const uint32_t handlers =
        ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_SECRETARY) | ROLE_BIT(ROLE_MODERATOR);
    // Without `as` the local operator asks.
    enum role role = request->as.role.size == 0 ? ROLE_OPERATOR : role_find(request->as.role);
    struct bytes organisation = request->as.organisation;
    bool elsewhere = role != ROLE_OPERATOR && organisation.size > 0 &&
                     !bytes_equal(organisation, request->region);
    if (role == ROLE_NONE || (handlers & ROLE_BIT(role)) == 0 || elsewhere) {
        fault_begin(question->faults, STATUS_NOT_ALLOWED, 0, "as");
        fault_found(question->faults, "private texts are not for this role");
        fault_accepted(question->faults, "operator, or the region's own secretary or moderator");
        return;
    }
    if (question_knows(question, "region", KIND_REGION, request->region)) {
        gather_answer(question, "contributions", request->region, KIND_CONTRIBUTION, take_waiting);
    }
}
