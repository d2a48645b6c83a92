#include "daemon/view.h"

#include <assert.h>

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

struct entity view_path(const struct view *view, struct bytes path)
{
    struct entity entity = {0};
    struct bytes record = store_get(view->txn, TABLE_ENTITIES, path);
    if (!entity_decode(record, &entity)) {
        // We wrote this record ourselves. Guessing at it would turn one damaged record into wrong
        // decisions, so everything stops here instead.
        store_fail(view->txn, STATUS_CORRUPT, "what we wrote does not decode");
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

bool view_event(const struct view *view, uint64_t seq, struct event *ret_event)
{
    struct hash leaf;
    struct bytes bytes;
    if (seq == 0 || seq > view->position || !store_get_log(view->txn, seq, &leaf, &bytes)) {
        return false;
    }
    if (!event_decode(bytes, ret_event)) {
        store_fail(view->txn, STATUS_CORRUPT, "what we wrote does not decode");
        return false;
    }
    return true;
}

uint64_t view_find(const struct view *view, struct bytes id)
{
    return store_get_number(view->txn, TABLE_IDS, id);
}

uint64_t view_head(const struct view *view, struct bytes region, struct bytes kind,
                   struct bytes entity)
{
    char room[PATH_MAX_BYTES];
    const struct bytes parts[] = {region, kind, entity};
    if (region.size == 0) {
        return view->position;
    }
    struct bytes path = join(room, parts, 3);
    return entity.size > 0 ? view_path(view, path).version
                           : store_get_number(view->txn, TABLE_HEADS, path);
}
