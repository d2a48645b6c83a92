#include "daemon/view.h"

#include "daemon/apply.h"

#include <assert.h>
#include <stdlib.h>

// Parts with slashes between, up to the first empty one.
static struct bytes join(char room[PATH_MAX_BYTES], const struct bytes *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count && parts[i].size > 0; i++) {
        assert(size + 1 + parts[i].size <= PATH_MAX_BYTES);
        if (i > 0) {
            room[size++] = '/';
        }
        memcpy(room + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    return (struct bytes){room, size};
}

// Made records -----------------------------------------------------------------------------------

struct made_record {
    struct made_record *older;
    uint8_t bytes[];
};

void made_records_finish(struct made_records *made)
{
    while (made->newest != NULL) {
        struct made_record *record = made->newest;
        made->newest = record->older;
        free(record);
    }
}

static struct bytes keep_record(struct made_records *made, struct bytes bytes)
{
    struct made_record *record = malloc(sizeof(*record) + bytes.size);
    assert(record != NULL); // without memory nothing can be answered: start afresh
    record->older = made->newest;
    made->newest = record;
    memcpy(record->bytes, bytes.data, bytes.size);
    return (struct bytes){record->bytes, bytes.size};
}

bool view_sees(const struct view *view, const struct event *event)
{
    return event->seq <= view->position && (view->day == 0 || event_day(event) <= view->day);
}

// The numbers of an entity's events that the view sees, the newest first. Each event knows the one
// before it. The caller frees *ret_seqs.
static size_t list_thread(const struct view *view, uint64_t newest, uint64_t **ret_seqs)
{
    const struct view all = {view->txn, UINT64_MAX, view->made, 0};
    uint64_t *seqs = NULL;
    size_t count = 0, room = 0;
    struct event event;
    for (uint64_t seq = newest; seq != 0 && view_event(&all, seq, &event); seq = event.prev[2]) {
        if (!view_sees(view, &event)) {
            continue;
        }
        if (count == room) {
            room = room == 0 ? 64 : 2 * room;
            uint64_t *more = realloc(seqs, room * sizeof(*seqs));
            assert(more != NULL); // as above
            seqs = more;
        }
        seqs[count++] = seq;
    }
    *ret_seqs = seqs;
    return count;
}

// Of a day, what changed an entity can lie before what opened it: then it changed nothing yet.
static bool can_apply(const struct entity *entity, const struct event *event)
{
    return entity->version != 0 || event->type->effect == EFFECT_OPEN ||
           (event->type->flags & EVENT_OPENS) != 0;
}

// Its events applied again, the oldest first, as far as the view sees them.
static struct entity fold_thread(const struct view *view, uint64_t newest)
{
    uint64_t *seqs;
    size_t count = list_thread(view, newest, &seqs);
    struct entity entity = {0};
    uint8_t *rooms = count == 0 ? NULL : malloc(2 * (size_t)ENTITY_BYTES_MAX);
    assert(count == 0 || rooms != NULL); // as above
    while (count-- > 0) {
        struct event event;
        uint8_t *room = rooms + (count % 2) * (size_t)ENTITY_BYTES_MAX;
        bool sound = view_event(view, seqs[count], &event);
        if (sound && can_apply(&entity, &event)) {
            sound = entity_decode(apply_event(&entity, &event, room), &entity);
        }
        if (!sound) {
            store_fail(view->txn, STATUS_CORRUPT, "the log does not give an entity's record");
            break;
        }
    }
    if (entity.version != 0) {
        struct bytes kept = keep_record(view->made, entity.record);
        bool sound = entity_decode(kept, &entity);
        assert(sound); // it was a moment ago
    }
    free(rooms);
    free(seqs);
    return entity;
}

// The present ------------------------------------------------------------------------------------

// We wrote this row ourselves. Guessing at it would turn one damaged row into wrong decisions, so
// everything stops here instead.
static void fail_corrupt(const struct view *view)
{
    store_fail(view->txn, STATUS_CORRUPT, "what we wrote does not decode");
}

// The record of an entity with one event, which is not stored.
static struct entity make_single(const struct view *view, uint64_t seq)
{
    static _Thread_local uint8_t room[ENTITY_BYTES_MAX]; // too large for a stack
    const struct entity none = {0};
    struct entity entity = {0};
    struct event event;
    bool sound = view_event(view, seq, &event) &&
                 entity_decode(keep_record(view->made, apply_event(&none, &event, room)), &entity);
    if (!sound) {
        fail_corrupt(view);
    }
    return entity;
}

struct entity view_path(const struct view *view, struct bytes path)
{
    struct entity entity = {0};
    struct standing standing = {0};
    struct bytes row = store_get(view->txn, TABLE_ENTITIES, path);
    uint64_t seq;
    bool sound = entity_standing(row, &standing);
    if (sound && (standing.version > view->position || view->day != 0)) {
        return fold_thread(view, standing.version);
    }
    if (sound && entity_is_single(row, &seq)) {
        return make_single(view, seq);
    }
    if (!sound || !entity_decode(row, &entity)) {
        fail_corrupt(view);
    }
    return entity;
}

struct entity view_entity(const struct view *view, struct bytes region, enum kind kind,
                          struct bytes entity)
{
    char room[PATH_MAX_BYTES];
    const struct bytes parts[] = {region, bytes_of(kind_row(kind)->name), entity};
    return view_path(view, join(room, parts, 3));
}

static struct standing standing_of_path(const struct view *view, struct bytes path)
{
    struct standing standing = {0};
    if (!entity_standing(store_get(view->txn, TABLE_ENTITIES, path), &standing)) {
        fail_corrupt(view);
    }
    if (standing.version > view->position || view->day != 0) {
        struct entity entity = fold_thread(view, standing.version);
        standing = (struct standing){entity.version, entity.opened, entity.ended};
    }
    return standing;
}

struct standing view_standing(const struct view *view, struct bytes region, enum kind kind,
                              struct bytes entity)
{
    char room[PATH_MAX_BYTES];
    const struct bytes parts[] = {region, bytes_of(kind_row(kind)->name), entity};
    return standing_of_path(view, join(room, parts, 3));
}

bool view_event(const struct view *view, uint64_t seq, struct event *ret_event)
{
    struct hash leaf;
    struct bytes bytes;
    bool elsewhere = view->made != NULL && view->made->log != NULL;
    struct txn *log = elsewhere ? view->made->log : view->txn;
    if (seq == 0 || seq > view->position || !store_get_log(log, seq, &leaf, &bytes)) {
        return false;
    }
    if (!event_decode(bytes, ret_event)) {
        fail_corrupt(view);
        return false;
    }
    return true;
}

uint64_t view_find(const struct view *view, struct bytes id)
{
    return store_get_number(view->txn, TABLE_IDS, id);
}

struct heads view_heads(const struct view *view, struct bytes region)
{
    struct heads heads = {0};
    heads.count = store_get_numbers(view->txn, TABLE_HEADS, region, HEADS_MAX, heads.seqs);
    return heads;
}

uint64_t view_head(const struct view *view, struct bytes region, struct bytes kind,
                   struct bytes entity)
{
    if (region.size == 0) {
        return view->position;
    }
    if (entity.size > 0) {
        return view_standing(view, region, kind_find(kind), entity).version;
    }
    return view_heads(view, region).seqs[kind.size > 0 ? kind_find(kind) : KIND_NONE];
}
