#include "daemon/entity.h"

#include "daemon/support/store.h"

// What a record holds, in its order; decode and encode walk the same rows.
enum part_type { PART_NUMBER, PART_TEXT, PART_RAW };

static const struct part {
    const char *name;
    enum part_type type;
    size_t offset;
} parts[] = {
    {"version", PART_NUMBER, offsetof(struct entity, version)},
    {"opened", PART_NUMBER, offsetof(struct entity, opened)},
    {"ended", PART_NUMBER, offsetof(struct entity, ended)},
    {"on", PART_TEXT, offsetof(struct entity, on)},
    {"onbasis", PART_TEXT, offsetof(struct entity, onbasis)},
    {"ontext", PART_TEXT, offsetof(struct entity, ontext)},
    {"citation", PART_TEXT, offsetof(struct entity, citation)},
    {"reference", PART_TEXT, offsetof(struct entity, reference)},
    {"fields", PART_RAW, offsetof(struct entity, fields)},
    {"corrected", PART_RAW, offsetof(struct entity, corrected)},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static const struct part *find_part(struct bytes key, size_t from)
{
    for (size_t i = from; i < PART_COUNT; i++) {
        if (bytes_are(key, parts[i].name)) {
            return &parts[i];
        }
    }
    return NULL;
}

static bool take_part(struct entity *entity, const struct part *part,
                      const struct wire_value *value)
{
    void *at = (char *)entity + part->offset;
    if (part->type == PART_NUMBER) {
        *(uint64_t *)at = value->number;
        return value->type == WIRE_UINT;
    }
    *(struct bytes *)at = part->type == PART_TEXT ? value->bytes : value->raw;
    return part->type == PART_RAW || value->type == WIRE_TEXT;
}

bool entity_is_single(struct bytes row, uint64_t *ret_seq)
{
    bool single = row.size == sizeof *ret_seq; // the smallest record is larger
    if (single) {
        *ret_seq = store_number(row.data);
    }
    return single;
}

// The numbers stand first, and of those version and opened in every record.
static bool read_standing(struct bytes record, struct standing *standing)
{
    struct wire_reader reader = wire_read(record);
    struct wire_value head, key, value;
    struct entity entity = {0};
    bool sound = wire_next(&reader, &head) && head.type == WIRE_MAP && head.count >= 2;
    for (uint32_t i = 0; sound && i < head.count; i++) {
        sound = wire_next(&reader, &key) && wire_next(&reader, &value);
        const struct part *part = sound ? find_part(key.bytes, i) : NULL;
        if (part == NULL || part->type != PART_NUMBER) {
            break;
        }
        sound = take_part(&entity, part, &value);
    }
    *standing = (struct standing){entity.version, entity.opened, entity.ended};
    return sound && entity.version != 0 && entity.opened != 0;
}

bool entity_standing(struct bytes row, struct standing *ret_standing)
{
    struct standing standing = {0};
    uint64_t seq;
    bool sound = true;
    if (entity_is_single(row, &seq)) {
        sound = seq != 0;
        standing.version = standing.opened = seq;
    } else if (row.size > 0) {
        sound = read_standing(row, &standing);
    }
    if (sound) {
        *ret_standing = standing;
    }
    return sound;
}

bool entity_decode(struct bytes record, struct entity *ret_entity)
{
    struct entity entity = {.record = record};
    struct wire_reader reader = wire_read(record);
    struct wire_value head, key, value;
    if (record.size == 0) {
        *ret_entity = entity;
        return true;
    }
    bool sound = wire_next(&reader, &head) && head.type == WIRE_MAP;
    size_t next = 0;
    for (uint32_t i = 0; sound && i < head.count; i++) {
        sound = wire_next(&reader, &key) && wire_take(&reader, &value);
        const struct part *part = sound ? find_part(key.bytes, next) : NULL;
        sound = part != NULL && take_part(&entity, part, &value);
        next = sound ? (size_t)(part - parts) + 1 : next;
    }
    sound = sound && reader.at == reader.end && entity.version != 0 && entity.opened != 0;
    if (sound) {
        *ret_entity = entity;
    }
    return sound;
}

static bool is_absent(const struct entity *entity, const struct part *part)
{
    const void *at = (const char *)entity + part->offset;
    return part->type == PART_NUMBER ? *(const uint64_t *)at == 0
                                     : ((const struct bytes *)at)->size == 0;
}

void entity_encode(const struct entity *entity, struct wire_writer *writer)
{
    uint32_t count = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        count += !is_absent(entity, &parts[i]);
    }
    wire_put_map(writer, count);
    for (size_t i = 0; i < PART_COUNT; i++) {
        const void *at = (const char *)entity + parts[i].offset;
        if (is_absent(entity, &parts[i])) {
            continue;
        }
        wire_put_text(writer, bytes_of(parts[i].name));
        if (parts[i].type == PART_NUMBER) {
            wire_put_uint(writer, *(const uint64_t *)at);
        } else if (parts[i].type == PART_TEXT) {
            wire_put_text(writer, *(const struct bytes *)at);
        } else {
            wire_put_raw(writer, *(const struct bytes *)at);
        }
    }
}

struct bytes entity_text(const struct entity *entity, const char *name)
{
    return wire_find_text(entity->fields, name);
}

// Pairs -----------------------------------------------------------------------------------------

void pairs_read(struct pairs *pairs, struct bytes map)
{
    struct wire_reader reader = wire_read(map);
    struct wire_value head, key, value;
    pairs->count = 0;
    if (!wire_next(&reader, &head) || head.type != WIRE_MAP) {
        return;
    }
    while (pairs->count < head.count && pairs->count < WIRE_MAP_MAX && wire_next(&reader, &key) &&
           wire_take(&reader, &value)) {
        pairs->rows[pairs->count].key = key.bytes;
        pairs->rows[pairs->count++].value = value.raw;
    }
}

// The place of a key, or where it would stand.
static uint32_t find_place(const struct pairs *pairs, struct bytes key, bool *ret_found)
{
    uint32_t place = 0;
    int order = 1;
    while (place < pairs->count && (order = bytes_compare(pairs->rows[place].key, key)) < 0) {
        place++;
    }
    *ret_found = place < pairs->count && order == 0;
    return place;
}

struct bytes pairs_get(const struct pairs *pairs, struct bytes key)
{
    bool found;
    uint32_t place = find_place(pairs, key, &found);
    return found ? pairs->rows[place].value : (struct bytes){0};
}

bool pairs_set(struct pairs *pairs, struct bytes key, struct bytes value)
{
    bool found;
    uint32_t place = find_place(pairs, key, &found);
    if (!found) {
        if (pairs->count == WIRE_MAP_MAX) {
            return false;
        }
        memmove(&pairs->rows[place + 1], &pairs->rows[place],
                (pairs->count - place) * sizeof(pairs->rows[0]));
        pairs->count++;
    }
    pairs->rows[place].key = key;
    pairs->rows[place].value = value;
    return true;
}

void pairs_remove(struct pairs *pairs, struct bytes key)
{
    bool found;
    uint32_t place = find_place(pairs, key, &found);
    if (found) {
        pairs->count--;
        memmove(&pairs->rows[place], &pairs->rows[place + 1],
                (pairs->count - place) * sizeof(pairs->rows[0]));
    }
}

void pairs_write(const struct pairs *pairs, struct wire_writer *writer)
{
    wire_put_map(writer, pairs->count);
    for (uint32_t i = 0; i < pairs->count; i++) {
        wire_put_text(writer, pairs->rows[i].key);
        wire_put_raw(writer, pairs->rows[i].value);
    }
}

bool entity_has_erased(const struct entity *entity, uint64_t seq)
{
    struct wire_value list, item, data;
    bool found = false;
    if (wire_find(entity->fields, "erased", &list)) {
        struct wire_reader reader = wire_read(list.raw);
        (void)wire_next(&reader, &list); // the header; the items follow
        while (!found && wire_take(&reader, &item)) {
            found = wire_find(item.raw, "data", &data) && wire_find_number(data.raw, "of") == seq;
        }
    }
    return found;
}
