#include "daemon/replay.h"

// Today's rows see to that of every event that is posted; what stands in a file may be anything.
static bool has_index(const struct event *event)
{
    struct fields fields = fields_of(event->type->group);
    bool whole = true;
    for (unsigned i = 0; event->type->effect == EFFECT_OPEN && i < fields.count; i++) {
        struct bytes value = wire_find_text(event->data, fields.first[i].name);
        bool indexed = (fields.first[i].flags & FLAG_INDEXED) != 0;
        whole &= !indexed || (value.size > 0 && value.size <= ID_MAX);
    }
    return whole;
}

// Where the event that opened it was lost, there is no record that the rest could change.
static bool can_be_applied(const struct event *event, const struct entity *before)
{
    bool opened = before->opened != 0 || event->type->effect == EFFECT_OPEN ||
                  (event->type->flags & EVENT_OPENS) != 0;
    return opened && has_index(event);
}

static bool write_event(struct replay *replay, const struct heads *heads,
                        const struct entity *before, const struct event *event,
                        struct bytes encoded, struct log_head *head)
{
    return head == NULL ? commit_tables(replay->txn, heads, before, event, replay->entity_room)
                        : commit_event(replay->txn, head, heads, before, event, encoded,
                                       replay->entity_room);
}

void replay_event(struct replay *replay, const struct event *event, struct bytes encoded,
                  struct log_head *head)
{
    struct made_records made = {.log = replay->log};
    const struct view view = {replay->txn, event->seq - 1, &made, 0};
    struct entity before = view_entity(&view, event->region, event->kind, event->entity);
    struct heads heads = view_heads(&view, event->region);
    if (event->time < replay->time) {
        replay->find(replay->context, event, "is older than the one before it");
    }
    replay->time = event->time;
    if (event->prev[0] != heads.seqs[KIND_NONE] || event->prev[1] != heads.seqs[event->kind] ||
        event->prev[2] != before.version) {
        replay->find(replay->context, event, "its prev is not the event before it");
    }
    if (view_find(&view, event->id) != 0) {
        replay->find(replay->context, event, "its id stands in the log before");
    }
    if (replay->look != NULL) {
        replay->look(replay->context, &view, event, &before);
    }
    if (!can_be_applied(event, &before) ||
        !write_event(replay, &heads, &before, event, encoded, head)) {
        replay->find(replay->context, event, "cannot be applied");
    }
    made_records_finish(&made);
}
