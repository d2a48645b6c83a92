// Records that were read from a damaged disk, and events on top of them: nothing is read beyond its
// end, and what comes of sound records and valid events is sound.
//
// Two bytes: how much of the rest is about a record. Two more choose a row, of which an event is
// made; then come the changes to the event, three bytes each. What is about the record is one, and
// changes to the record that the event leads to.
#include "daemon/apply.h"
#include "tests/unit/sample.h"

#include <assert.h>

static uint8_t event_room[EVENT_BYTES_MAX];

static void change(uint8_t *bytes, size_t size, const uint8_t *data, size_t data_size)
{
    for (size_t i = 0; i + 3 <= data_size; i += 3) {
        bytes[(data[i] * 256u + data[i + 1]) % size] = data[i + 2];
    }
}

// The event that the rows and the changes give. False if it is not valid.
static bool make_event(const uint8_t *data, size_t size, struct event *ret_event)
{
    static struct event_scratch scratch;
    static struct faults faults;
    const char *reason;
    const struct event_type *type = NULL;
    for (unsigned i = 0; i <= data[0] % 64 || type == NULL; i++) {
        type = event_type_next(type);
    }
    struct bytes bytes = sample_event(type, data[1] % 2 == 0 ? sample_most : sample_least,
                                      event_room, sizeof(event_room));
    change(event_room, bytes.size, data + 2, size - 2);
    faults_clear(&faults);
    if (!wire_check(bytes, &reason) || !event_read(bytes, &scratch, &faults, ret_event)) {
        return false;
    }
    ret_event->corrects = data[1] % 4 == 1 ? data[1] / 4u : 0;
    ret_event->seq = 2;
    ret_event->time = 1;
    ret_event->actor =
        (struct actor){.organisation = bytes_of("twente"), .role = bytes_of("secretary")};
    return true;
}

static void expect_sorted(struct bytes map)
{
    struct pairs pairs;
    pairs_read(&pairs, map);
    for (uint32_t i = 1; i < pairs.count; i++) {
        assert(bytes_compare(pairs.rows[i - 1].key, pairs.rows[i].key) < 0);
    }
}

// A record that was made here: it is well-formed, and its own only form.
static void expect_sound(struct bytes record, struct entity *ret_entity)
{
    static uint8_t room[ENTITY_BYTES_MAX];
    const char *reason;
    struct wire_writer writer = wire_write(room, sizeof(room));
    bool sound = wire_check_answer(record, &reason) && entity_decode(record, ret_entity);
    assert(sound);
    entity_encode(ret_entity, &writer);
    assert(bytes_equal(wire_written(&writer), record));
    expect_sorted(ret_entity->fields);
}

// The same event again and again, each time on what it had led to. Returns the last record.
static struct bytes apply_to_sound(struct event event, uint8_t rooms[2][ENTITY_BYTES_MAX])
{
    struct entity entity = {.version = 1, .opened = 1};
    for (unsigned i = 0; i < 4; i++) {
        event.seq = entity.version + 1;
        struct bytes record = apply_event(&entity, &event, rooms[i % 2]);
        assert(record.size > 0); // small fields, four times
        expect_sound(record, &entity);
        assert(entity.version == event.seq);
        assert((entity.ended == event.seq) == (event.type->effect == EFFECT_END));
        event.corrects = event.corrects != 0 ? entity.version : 0;
    }
    return entity.record;
}

// Several at once give what they give one by one: the event thrice, and behind it one of another
// type, so that what both have in hand meets.
static void apply_together(const struct event *event)
{
    static uint8_t rooms[2][ENTITY_BYTES_MAX], last_room[EVENT_BYTES_MAX];
    const struct entity first = {.version = 1, .opened = 1};
    const struct event_type *type = event_type_next(event->type);
    struct event events[4] = {*event, *event, *event, *event};
    struct wire_value data;
    events[3].type = type == NULL ? event_type_next(NULL) : type;
    struct bytes last = sample_event(events[3].type, sample_stored, last_room, sizeof(last_room));
    bool found = wire_find(last, "data", &data);
    assert(found);
    events[3].data = data.raw;
    struct entity entity = first;
    for (unsigned i = 0; i < 4; i++) {
        events[i].seq = entity.version + 1;
        events[i].corrects = event->corrects != 0 ? entity.version : 0;
        struct bytes record = apply_event(&entity, &events[i], rooms[i % 2]);
        assert(record.size > 0); // as above
        expect_sound(record, &entity);
    }
    struct application *together = apply_begin(&first);
    for (unsigned i = 0; i < 4; i++) {
        apply_next(together, &events[i]);
    }
    assert(bytes_equal(apply_end(together), entity.record));
}

// Whether it is well-formed and its maps are in order is not known here.
static void apply_to_damaged(const struct entity *entity, const struct event *event)
{
    static uint8_t room[ENTITY_BYTES_MAX];
    struct entity after;
    struct bytes record = apply_event(entity, event, room);
    if (record.size > 0) {
        bool decodes = entity_decode(record, &after);
        assert(after.version == event->seq && decodes);
    }
}

static void use_pairs(struct bytes map)
{
    static uint8_t room[ENTITY_BYTES_MAX];
    struct pairs pairs;
    struct wire_writer writer = wire_write(room, sizeof(room));
    const struct bytes key = bytes_of("name"), value = {"\x01", 1};
    pairs_read(&pairs, map);
    uint32_t count = pairs.count;
    assert(count <= WIRE_MAP_MAX);
    bool had = pairs_get(&pairs, key).size > 0;
    if (pairs_set(&pairs, key, value)) {
        assert(pairs.count == count + !had && bytes_equal(pairs_get(&pairs, key), value));
        pairs_remove(&pairs, key);
        assert(pairs.count == count + !had - 1);
    }
    pairs_write(&pairs, &writer);
    pairs_read(&pairs, wire_written(&writer));
}

static void read_record(struct bytes bytes, const struct event *event)
{
    struct entity entity = {.version = 9};
    use_pairs(bytes);
    if (!entity_decode(bytes, &entity)) {
        assert(entity.version == 9); // left as it was
        return;
    }
    (void)entity_exists(&entity);
    (void)entity_text(&entity, "name");
    use_pairs(entity.fields);
    // What never was only opens: the rest is refused before it comes here.
    if (event != NULL && (entity.opened != 0 || event->type->effect == EFFECT_OPEN)) {
        apply_to_damaged(&entity, event);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event event;
    if (size < 4) {
        return 0;
    }
    size_t record_size = (data[0] * 256u + data[1]) % (size - 3);
    struct bytes record = {data + 2, record_size};
    bool valid = make_event(data + 2 + record_size, size - 2 - record_size, &event);
    read_record(record, valid ? &event : NULL);
    if (valid) {
        static uint8_t rooms[2][ENTITY_BYTES_MAX], changed[ENTITY_BYTES_MAX];
        apply_together(&event);
        struct bytes sound = apply_to_sound(event, rooms);
        memcpy(changed, sound.data, sound.size);
        change(changed, sound.size, record.data, record.size);
        read_record((struct bytes){changed, sound.size}, &event);
    }
    return 0;
}
