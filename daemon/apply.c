#include "daemon/apply.h"

#include <assert.h>

// What one application works with: changed values stand in scratch until the record is written.
struct application {
    const struct event *event;
    struct entity after;
    struct pairs fields;
    struct wire_writer scratch;
    bool overflow;
    // The item, its slot and the corrections, then all fields again, of the largest record there
    // is.
    uint8_t scratch_room[2 * (ENTITY_BYTES_MAX + EVENT_BYTES_MAX)];
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
static void change_single(struct application *to, struct bytes slot, struct bytes item)
{
    uint64_t corrects = to->event->corrects;
    struct bytes present = pairs_get(&to->fields, slot);
    if (to->event->type->effect == EFFECT_REMOVE) {
        pairs_remove(&to->fields, slot);
    } else if (corrects == 0 || wire_find_number(present, "seq") == corrects) {
        set_field(to, slot, item);
    }
}

// An item under its key. A correction takes the place of the item it corrects, under whichever key
// that stood; of one that no longer stands it changes nothing.
static void change_item(struct application *to, struct pairs *items, struct bytes key,
                        struct bytes item)
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
    to->overflow |= !pairs_set(items, key, item);
}

static void change_map(struct application *to, struct bytes slot)
{
    char key_room[PATH_MAX_BYTES * 4];
    struct bytes key = apply_item_key(to->event, key_room);
    struct bytes item = write_item(to);
    if (key.size == 0) {
        change_single(to, slot, item);
        return;
    }
    struct pairs items;
    pairs_read(&items, pairs_get(&to->fields, slot));
    change_item(to, &items, key, item);
    size_t begin = to->scratch.size;
    pairs_write(&items, &to->scratch);
    set_field(to, slot, written_since(to, begin));
}

// A correction takes the place of what it corrects, so that the list keeps its order.
static void append_item(struct application *to, struct bytes slot)
{
    struct bytes item = write_item(to), list = pairs_get(&to->fields, slot);
    struct wire_reader reader = wire_read(list);
    struct wire_value head = {0}, old;
    bool replaced = false;
    size_t begin = to->scratch.size;
    uint32_t count = wire_next(&reader, &head) ? head.count : 0;
    struct wire_reader look = reader;
    for (uint32_t i = 0; i < count && wire_take(&look, &old); i++) {
        replaced |= wire_find_number(old.raw, "seq") == to->event->corrects;
    }
    to->overflow |= !replaced && count >= ENTITY_ITEMS_MAX;
    wire_put_list(&to->scratch, replaced ? count : count + 1);
    for (uint32_t i = 0; i < count && wire_take(&reader, &old); i++) {
        bool wrong = replaced && wire_find_number(old.raw, "seq") == to->event->corrects;
        wire_put_raw(&to->scratch, wrong ? item : old.raw);
    }
    if (!replaced) {
        wire_put_raw(&to->scratch, item);
    }
    set_field(to, slot, written_since(to, begin));
}

// Effects ---------------------------------------------------------------------------------------

static void apply_open(struct application *to)
{
    // What was corrected stays corrected, also of a member that comes back.
    to->after = (struct entity){.opened = to->event->seq, .corrected = to->after.corrected};
    to->fields.count = 0;
    restate(to);
    set_given(to);
}

static void apply_set(struct application *to)
{
    if ((to->event->type->flags & EVENT_RESTATES) != 0) {
        restate(to);
    }
    set_given(to);
}

static void apply_change(struct application *to)
{
    change_map(to, bytes_of(to->event->type->slot));
}

static void apply_append(struct application *to)
{
    append_item(to, bytes_of(to->event->type->slot));
}

static void apply_end(struct application *to)
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
    struct wire_reader reader = wire_read(to->after.corrected);
    struct wire_value head = {0}, seq;
    uint32_t count = wire_next(&reader, &head) ? head.count : 0;
    size_t begin = to->scratch.size;
    to->overflow |= count >= ENTITY_ITEMS_MAX;
    wire_put_list(&to->scratch, count + 1);
    for (uint32_t i = 0; i < count && wire_next(&reader, &seq); i++) {
        wire_put_uint(&to->scratch, seq.number);
    }
    wire_put_uint(&to->scratch, to->event->corrects);
    to->after.corrected = written_since(to, begin);
}

struct bytes apply_event(const struct entity *before, const struct event *event,
                         uint8_t room[ENTITY_BYTES_MAX])
{
    static void (*const effects[])(struct application *) = {
        [EFFECT_OPEN] = apply_open,     [EFFECT_SET] = apply_set,       [EFFECT_PUT] = apply_change,
        [EFFECT_REMOVE] = apply_change, [EFFECT_APPEND] = apply_append, [EFFECT_END] = apply_end,
    };
    // Not cleared, and not on the stack, whose pages the compiler would touch one by one.
    static _Thread_local struct application to;
    to.event = event;
    to.after = *before;
    to.overflow = false;
    to.scratch = wire_write(to.scratch_room, sizeof(to.scratch_room));
    pairs_read(&to.fields, before->fields);

    effects[event->type->effect](&to);
    become_phase(&to);
    if (event->corrects != 0) {
        note_corrected(&to);
    }
    if (to.after.opened == 0) { // of a type that also opens
        to.after.opened = event->seq;
    }
    to.after.version = event->seq;
    size_t begin = to.scratch.size;
    pairs_write(&to.fields, &to.scratch);
    to.after.fields = written_since(&to, begin);

    struct wire_writer writer = wire_write(room, ENTITY_BYTES_MAX);
    entity_encode(&to.after, &writer);
    return to.overflow ? (struct bytes){0} : wire_written(&writer);
}
