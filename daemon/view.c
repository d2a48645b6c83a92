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

// We wrote this row ourselves. Guessing at it would turn one damaged row into wrong decisions, so
// everything stops here instead.
static void fail_corrupt(const struct view *view)
{
    store_fail(view->txn, STATUS_CORRUPT, "what we wrote does not decode");
}

static bool find_bytes(const struct view *view, uint64_t seq, struct bytes *ret_bytes)
{
    struct hash leaf;
    bool elsewhere = view->made != NULL && view->made->log != NULL;
    struct txn *log = elsewhere ? view->made->log : view->txn;
    return seq != 0 && store_get_log(log, seq, &leaf, ret_bytes);
}

bool view_sees(const struct view *view, const struct event *event)
{
    return event->seq <= view->position && (view->day == 0 || event_day(event) <= view->day);
}

// Whether the view sees an event, and which one of its entity was before it (0 if there is none).
// Most events of a long thread are only looked at here, so no more of them is read than is needed.
static bool is_seen(const struct view *view, uint64_t seq, struct bytes bytes, uint64_t *ret_before)
{
    struct event event = {.seq = seq};
    bool sound = event_encoded_prev(bytes, event.prev) && event.prev[2] < seq;
    if (!sound) {
        fail_corrupt(view);
    }
    if (sound && view->day != 0) {
        event.on = wire_find_text(bytes, "on");
        event.time = event.on.size == 0 ? wire_find_number(bytes, "time") : 0;
    }
    *ret_before = sound ? event.prev[2] : 0;
    return sound && view_sees(view, &event);
}

// An entity's events that the view sees, the newest first, as they are stored. Each knows the one
// before it. The caller frees *ret_events.
static size_t list_thread(const struct view *view, uint64_t newest, struct bytes **ret_events)
{
    struct bytes *events = NULL, bytes;
    size_t count = 0, room = 0;
    uint64_t before = 0;
    for (uint64_t seq = newest; find_bytes(view, seq, &bytes); seq = before) {
        if (!is_seen(view, seq, bytes, &before)) {
            continue;
        }
        if (count == room) {
            room = room == 0 ? 64 : 2 * room;
            events = realloc(events, room * sizeof(*events));
            assert(events != NULL); // as above
        }
        events[count++] = bytes;
    }
    *ret_events = events;
    return count;
}

// Of a day, what changed an entity can lie before what opened it: then it changed nothing yet.
static bool can_open(const struct event *event)
{
    return event->type->effect == EFFECT_OPEN || (event->type->flags & EVENT_OPENS) != 0;
}

// Its events applied again, the oldest first, as far as the view sees them.
static struct entity fold_thread(const struct view *view, uint64_t newest)
{
    const struct entity none = {0};
    struct entity entity = {0};
    struct bytes *events;
    size_t count = list_thread(view, newest, &events);
    struct application *application = apply_begin(&none);
    bool opened = false, sound = true;
    while (sound && count-- > 0) {
        struct event event;
        sound = event_decode(events[count], &event);
        opened = opened || (sound && can_open(&event));
        if (sound && opened) {
            apply_next(application, &event);
        }
    }
    if (sound && opened) {
        struct bytes record = apply_end(application);
        view->made->too_large |= record.size == 0;
        sound = record.size > 0 ? entity_decode(keep_record(view->made, record), &entity)
                                : view->day != 0;
    }
    if (!sound) {
        store_fail(view->txn, STATUS_CORRUPT, "the log does not give an entity's record");
    }
    free(events);
    return entity;
}

// The present ------------------------------------------------------------------------------------

// The record of an entity with one event, which is not stored.
static struct entity make_single(const struct view *view, uint64_t seq)
{
    const struct entity none = {0};
    struct entity entity = {0};
    struct event event;
    bool sound = view_event(view, seq, &event);
    if (sound) {
        struct application *application = apply_begin(&none);
        apply_next(application, &event);
        sound = entity_decode(keep_record(view->made, apply_end(application)), &entity);
    }
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
    struct bytes bytes;
    if (seq > view->position || !find_bytes(view, seq, &bytes)) {
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
