#include "daemon/apply.h"

#include <assert.h>
#include <stdatomic.h>

#define THREADS_MAX 2 // that apply events: the one that writes and the one that answers
#define SLOTS_MAX 8   // of several items, that events of one kind of subject change

// A slot of several items that was changed. A list's first items stay as they were encoded until
// one of them is corrected.
struct slot {
    const char *name;
    bool is_map;
    struct pairs pairs; // of a map
    struct bytes first; // of a list: encoded items, so many
    uint32_t first_count, count;
    struct {
        struct bytes value;
        uint64_t seq;
    } items[ENTITY_ITEMS_MAX]; // behind them
};

// An item, its slot and the corrections, then all fields again, of the largest record there is.
#define EVENT_SCRATCH (2 * (ENTITY_BYTES_MAX + EVENT_BYTES_MAX))

// What one application works with: changed values stand in scratch, changed slots in slots, until
// the record is written.
struct application {
    const struct event *event;
    struct entity after;
    struct pairs fields;
    unsigned slot_count;
    struct slot slots[SLOTS_MAX];
    struct wire_writer scratch;
    bool overflow;
    uint8_t scratch_room[2 * EVENT_SCRATCH];
    uint8_t records[2][ENTITY_BYTES_MAX]; // as written last, and before
    unsigned newest;
};

// What was written to scratch since a size.
static struct bytes written_since(struct application *to, size_t size)
{
    to->overflow |= to->scratch.overflow;
    return (struct bytes){to->scratch.data + size, to->scratch.size - size};
}

static void set_field(struct application *to, struct bytes name, struct bytes value)
{
    to->overflow |= !pairs_set(&to->fields, name, value);
}

// The event's date and source become the entity's.
static void restate(struct application *to)
{
    const struct event *event = to->event;
    const struct {
        struct bytes said, *kept;
    } rows[] = {
        {event->on, &to->after.on},
        {event->onbasis, &to->after.onbasis},
        {event->ontext, &to->after.ontext},
        {event->citation, &to->after.citation},
        {event->reference, &to->after.reference},
    };
    bool opens = event->type->effect == EFFECT_OPEN;
    // A new date comes with its own basis and words, so those of the old one go with it.
    bool dated = opens || event->on.size > 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool of_date = i < 3;
        if (rows[i].said.size > 0 || (of_date ? dated : opens)) {
            *rows[i].kept = rows[i].said;
        }
    }
}

static void set_given(struct application *to)
{
    struct pairs given;
    pairs_read(&given, to->event->data);
    for (uint32_t i = 0; i < given.count; i++) {
        set_field(to, given.rows[i].key, given.rows[i].value);
    }
}

// Items -----------------------------------------------------------------------------------------

static struct bytes write_item(struct application *to)
{
    const struct event *event = to->event;
    const struct {
        const char *name;
        struct bytes text;
    } texts[] = {
        {"on", event->on},
        {"onbasis", event->onbasis},
        {"ontext", event->ontext},
        {"citation", event->citation},
        {"reference", event->reference},
    };
    size_t begin = to->scratch.size;
    uint32_t count = 4;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        count += texts[i].text.size > 0;
    }
    wire_put_map(&to->scratch, count);
    wire_pair_uint(&to->scratch, "seq", event->seq);
    wire_pair_uint(&to->scratch, "time", event->time);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].text.size > 0) {
            wire_pair_text(&to->scratch, texts[i].name, texts[i].text);
        }
    }
    wire_put_text(&to->scratch, bytes_of("actor"));
    event_write_actor(&event->actor, &to->scratch);
    wire_put_text(&to->scratch, bytes_of("data"));
    wire_put_raw(&to->scratch, event->data);
    return written_since(to, begin);
}

struct bytes apply_item_key(const struct event *event, char room[PATH_MAX_BYTES * 4])
{
    struct fields fields = fields_of(event->type->group);
    size_t size = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_KEY) != 0) {
            struct bytes text = wire_find_text(event->data, fields.first[i].name);
            assert(size + text.size + 1 <= PATH_MAX_BYTES * 4); // a KEY field has a small max
            if (size > 0) {
                room[size++] = '/';
            }
            if (text.size > 0) {
                memcpy(room + size, text.data, text.size);
                size += text.size;
            }
        }
    }
    return (struct bytes){room, size};
}

// The encoded items of a list, without its header.
static struct bytes list_items(struct bytes list, uint32_t *ret_count)
{
    struct wire_reader reader = wire_read(list);
    struct wire_value head;
    bool is_list = wire_next(&reader, &head) && head.type == WIRE_LIST;
    *ret_count = is_list ? head.count : 0;
    return is_list ? (struct bytes){reader.at, (size_t)(reader.end - reader.at)}
                   : (struct bytes){0};
}

static struct slot *open_slot(struct application *to, const char *name, bool is_map)
{
    for (unsigned i = 0; i < to->slot_count; i++) {
        if (to->slots[i].name == name) {
            return &to->slots[i];
        }
    }
    assert(to->slot_count < SLOTS_MAX);
    struct slot *slot = &to->slots[to->slot_count++];
    struct bytes value = pairs_get(&to->fields, bytes_of(name));
    slot->name = name;
    slot->is_map = is_map;
    slot->first = list_items(value, &slot->first_count);
    slot->count = 0;
    pairs_read(&slot->pairs, is_map ? value : (struct bytes){0});
    return slot;
}

static void write_slot(struct application *to, const struct slot *slot)
{
    size_t begin = to->scratch.size;
    if (slot->is_map) {
        pairs_write(&slot->pairs, &to->scratch);
    } else {
        wire_put_list(&to->scratch, slot->first_count + slot->count);
        wire_put_raw(&to->scratch, slot->first);
        for (uint32_t i = 0; i < slot->count; i++) {
            wire_put_raw(&to->scratch, slot->items[i].value);
        }
    }
    set_field(to, bytes_of(slot->name), written_since(to, begin));
}

// The place of the item that a corrected event had put; count if it no longer stands there.
static uint32_t find_corrected(const struct pairs *items, uint64_t seq)
{
    uint32_t place = 0;
    while (place < items->count && wire_find_number(items->rows[place].value, "seq") != seq) {
        place++;
    }
    return place;
}

// A slot that is a single item. A correction of what no longer stands changes nothing.
static void change_single(struct application *to, struct bytes slot)
{
    uint64_t corrects = to->event->corrects;
    struct bytes present = pairs_get(&to->fields, slot);
    if (to->event->type->effect == EFFECT_REMOVE) {
        pairs_remove(&to->fields, slot);
    } else if (corrects == 0 || wire_find_number(present, "seq") == corrects) {
        set_field(to, slot, write_item(to));
    }
}

// An item under its key. A correction takes the place of the item it corrects, under whichever key
// that stood; of one that no longer stands it changes nothing.
static void change_item(struct application *to, struct pairs *items, struct bytes key)
{
    uint64_t corrects = to->event->corrects;
    if (to->event->type->effect == EFFECT_REMOVE) {
        pairs_remove(items, key);
        return;
    }
    if (corrects != 0) {
        uint32_t place = find_corrected(items, corrects);
        if (place == items->count) {
            return;
        }
        pairs_remove(items, items->rows[place].key);
    }
    size_t begin = to->scratch.size;
    wire_put_raw(&to->scratch, key); // where it stays
    struct bytes kept = written_since(to, begin);
    to->overflow |= !pairs_set(items, kept, write_item(to));
}

static void change_map(struct application *to, const char *name)
{
    char key_room[PATH_MAX_BYTES * 4];
    struct bytes key = apply_item_key(to->event, key_room);
    if (key.size == 0) {
        change_single(to, bytes_of(name));
    } else {
        change_item(to, &open_slot(to, name, true)->pairs, key);
    }
}

// Takes a list's first items apart.
static void read_first(struct slot *slot)
{
    struct wire_reader reader = wire_read(slot->first);
    struct wire_value value;
    uint32_t count = slot->first_count;
    if (slot->count + count > ENTITY_ITEMS_MAX) {
        return; // no record has so many
    }
    memmove(&slot->items[count], &slot->items[0], slot->count * sizeof(slot->items[0]));
    for (uint32_t i = 0; i < count && wire_take(&reader, &value); i++) {
        slot->items[i].value = value.raw;
        slot->items[i].seq = wire_find_number(value.raw, "seq");
    }
    slot->count += count;
    slot->first_count = 0;
    slot->first = (struct bytes){0};
}

// A correction takes the place of what it corrects, so that the list keeps its order.
static void append_item(struct application *to, const char *name)
{
    struct slot *slot = open_slot(to, name, false);
    uint32_t place = 0;
    if (to->event->corrects != 0) {
        read_first(slot);
    }
    while (place < slot->count &&
           (to->event->corrects == 0 || slot->items[place].seq != to->event->corrects)) {
        place++;
    }
    if (place == slot->count && slot->first_count + slot->count >= ENTITY_ITEMS_MAX) {
        to->overflow = true;
        return;
    }
    slot->items[place].value = write_item(to);
    slot->items[place].seq = to->event->seq;
    slot->count += place == slot->count;
}

// Effects ---------------------------------------------------------------------------------------

static void do_open(struct application *to)
{
    // What was corrected stays corrected, also of a member that comes back.
    to->after = (struct entity){.opened = to->event->seq, .corrected = to->after.corrected};
    to->fields.count = 0;
    to->slot_count = 0;
    restate(to);
    set_given(to);
}

static void do_set(struct application *to)
{
    if ((to->event->type->flags & EVENT_RESTATES) != 0) {
        restate(to);
    }
    set_given(to);
}

static void do_change(struct application *to)
{
    change_map(to, to->event->type->slot);
}

static void do_append(struct application *to)
{
    append_item(to, to->event->type->slot);
}

static void do_end(struct application *to)
{
    to->after.ended = to->event->seq;
    set_given(to);
}

// Fields of an item that change the entity's phase too.
static void become_phase(struct application *to)
{
    struct fields fields = fields_of(to->event->type->group);
    struct wire_value value;
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_BECOMES_PHASE) != 0 &&
            wire_find(to->event->data, fields.first[i].name, &value)) {
            set_field(to, bytes_of("phase"), value.raw);
        }
    }
}

static void note_corrected(struct application *to)
{
    uint32_t count;
    struct bytes items = list_items(to->after.corrected, &count);
    size_t begin = to->scratch.size;
    to->overflow |= count >= ENTITY_ITEMS_MAX;
    wire_put_list(&to->scratch, count + 1);
    wire_put_raw(&to->scratch, items);
    wire_put_uint(&to->scratch, to->event->corrects);
    to->after.corrected = written_since(to, begin);
}

// Several events --------------------------------------------------------------------------------

static void begin(struct application *to, const struct entity *before)
{
    to->after = *before;
    to->overflow = false;
    to->slot_count = 0;
    to->scratch = wire_write(to->scratch_room, sizeof(to->scratch_room));
    pairs_read(&to->fields, before->fields);
}

struct application *apply_begin(const struct entity *before)
{
    // Not in thread-local storage, of which every thread would touch every page.
    static struct application applications[THREADS_MAX];
    static atomic_uint taken;
    static _Thread_local struct application *own;
    if (own == NULL) {
        unsigned place = atomic_fetch_add(&taken, 1);
        assert(place < THREADS_MAX);
        own = &applications[place];
    }
    begin(own, before);
    return own;
}

static struct bytes write_record(struct application *to, uint8_t room[ENTITY_BYTES_MAX])
{
    for (unsigned i = 0; i < to->slot_count; i++) {
        write_slot(to, &to->slots[i]);
    }
    size_t from = to->scratch.size;
    pairs_write(&to->fields, &to->scratch);
    to->after.fields = written_since(to, from);
    struct wire_writer writer = wire_write(room, ENTITY_BYTES_MAX);
    entity_encode(&to->after, &writer);
    return to->overflow ? (struct bytes){0} : wire_written(&writer);
}

struct bytes apply_end(struct application *to)
{
    to->newest = 1 - to->newest; // what stands may be lent from the other one
    return write_record(to, to->records[to->newest]);
}

// Makes room in scratch: what it holds that still stands moves into a record.
static void settle(struct application *to)
{
    struct entity entity;
    struct bytes record = apply_end(to);
    if (record.size > 0 && entity_decode(record, &entity)) {
        begin(to, &entity);
    }
}

void apply_next(struct application *to, const struct event *event)
{
    static void (*const effects[])(struct application *) = {
        [EFFECT_OPEN] = do_open,     [EFFECT_SET] = do_set,       [EFFECT_PUT] = do_change,
        [EFFECT_REMOVE] = do_change, [EFFECT_APPEND] = do_append, [EFFECT_END] = do_end,
    };
    if (to->scratch.size > sizeof(to->scratch_room) - EVENT_SCRATCH) {
        settle(to);
    }
    to->event = event;
    effects[event->type->effect](to);
    become_phase(to);
    if (event->corrects != 0) {
        note_corrected(to);
    }
    if (to->after.opened == 0) { // of a type that also opens
        to->after.opened = event->seq;
    }
    to->after.version = event->seq;
}

struct bytes apply_event(const struct entity *before, const struct event *event,
                         uint8_t room[ENTITY_BYTES_MAX])
{
    struct application *to = apply_begin(before);
    apply_next(to, event);
    return write_record(to, room);
}
