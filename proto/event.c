#include "proto/event.h"

#include "proto/schema.h"

#include <assert.h>
#include <time.h>

// Reading what a client sent --------------------------------------------------------------------

static void say(struct faults *faults, enum status status, const char *field, struct bytes found,
                const char *accepted)
{
    fault_begin(faults, status, 0, field);
    fault_found(faults, "\"%.*s\"", (int)(found.size > 80 ? 80 : found.size),
                (const char *)found.data);
    fault_accepted(faults, "%s", accepted);
}

// The type and the subject, which must belong together.
static void read_subject(struct event *event, struct faults *faults)
{
    enum kind kind = KIND_NONE;
    bool is_path = schema_is_path(event->subject, &kind, &event->entity);
    if (event->type == NULL || !is_path) {
        return; // said already, or by the caller
    }
    event->kind = kind;
    if (event->type->kind != KIND_ANY && kind != event->type->kind) {
        char accepted[80] = "a subject of the kind ";
        strcat(accepted, kind_row(event->type->kind)->name);
        say(faults, STATUS_MALFORMED, "subject", event->subject, accepted);
        event->entity = (struct bytes){0};
    } else if (kind == KIND_REGION && !bytes_equal(event->entity, event->region)) {
        say(faults, STATUS_MALFORMED, "subject", event->subject,
            "region/ and the same id as the event's region");
    }
}

// How sure a date is, or its words, say nothing without the date.
static void read_date(const struct event *event, struct faults *faults)
{
    bool told = (event->type->needs & NEEDS_ON) != 0 && (event->type->flags & EVENT_FIRST) != 0;
    if (!told && event->on.size == 0 && event->onbasis.size + event->ontext.size > 0) {
        fault_begin(faults, STATUS_MALFORMED, 0, "on");
        fault_found(faults, "nothing, with onbasis or ontext");
        fault_accepted(faults, "the date that they are about");
    }
}

static void read_needs(const struct event *event, struct faults *faults)
{
    const struct {
        unsigned need;
        struct bytes value;
        const char *name, *accepted;
    } rows[] = {
        {NEEDS_ON, event->on, "on", "the date it happened: 2015, 2015-03, 2015-Q3 or 2015-03-19"},
        {NEEDS_CITATION, event->citation, "citation", "where the fact comes from"},
        {NEEDS_REFERENCE, event->reference, "reference", "number of a letter or decision"},
    };
    bool first = (event->type->flags & EVENT_FIRST) != 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((event->type->needs & rows[i].need) != 0 && first && rows[i].value.size == 0) {
            fault_begin(faults, STATUS_MALFORMED, 0, rows[i].name);
            fault_found(faults, "nothing");
            fault_accepted(faults, "%s", rows[i].accepted);
        }
    }
}

// A part of data as a canonical map at the start of room; empty bytes if it has no fields.
static struct bytes read_part(const struct event *event, enum schema_part part, struct bytes data,
                              void *room, size_t limit, struct faults *faults)
{
    // The header's size is known after the walk; a group of up to 15 fields has one of one byte.
    uint8_t *bytes = room;
    struct wire_writer body = wire_write(bytes + 3, limit - 3);
    bool required = (event->type->flags & EVENT_FIRST) != 0;
    unsigned count = schema_write(event->type->group, part, required, data, "data", faults, &body);
    uint8_t header_room[3];
    struct wire_writer header = wire_write(header_room, sizeof(header_room));
    wire_put_map(&header, count);
    if (body.overflow) {
        fault_begin(faults, STATUS_TOO_BIG, 0, "data");
        fault_found(faults, "more than %zu bytes", limit - 3);
        fault_accepted(faults, "a smaller event");
        return (struct bytes){0};
    }
    memcpy(bytes + 3 - header.size, header_room, header.size);
    return (struct bytes){bytes + 3 - header.size, header.size + body.size};
}

// data is NULL where there is none.
static void read_data(const struct wire_value *data, struct event_scratch *scratch,
                      struct faults *faults, struct event *event)
{
    static const uint8_t empty_map[] = {0x80};
    if (data != NULL && data->type != WIRE_MAP) {
        fault_begin(faults, STATUS_MALFORMED, 0, "data");
        fault_found(faults, "no map");
        fault_accepted(faults, "a map with the fields of %s", event->type->name);
        return;
    }
    struct bytes map = data != NULL ? data->raw : (struct bytes){empty_map, 1};
    event->data =
        read_part(event, SCHEMA_PUBLIC, map, scratch->data, sizeof(scratch->data), faults);
    if (schema_has_part(event->type->group, SCHEMA_PRIVATE)) {
        struct bytes part = read_part(event, SCHEMA_PRIVATE, map, scratch->private_part,
                                      sizeof(scratch->private_part) - HASH_BYTES, faults);
        event->private_part = part.size > 1 ? part : (struct bytes){0};
    }
}

// What a client says stands first in GROUP_ENVELOPE, in this order.
enum said {
    SAID_ID,
    SAID_TYPE,
    SAID_REGION,
    SAID_SUBJECT,
    SAID_EXPECT,
    SAID_ON,
    SAID_ONBASIS,
    SAID_ONTEXT,
    SAID_CORRECTS,
    SAID_CITATION,
    SAID_REFERENCE,
    SAID_DATA,
};

// NULL if it was not said.
static const struct wire_value *said_value(const struct schema_values *values, enum said place)
{
    return (values->present >> place & 1) != 0 ? &values->rows[place] : NULL;
}

static struct bytes said_text(const struct schema_values *values, enum said place)
{
    const struct wire_value *value = said_value(values, place);
    return value != NULL && value->type == WIRE_TEXT ? value->bytes : (struct bytes){0};
}

static bool said_number(const struct schema_values *values, enum said place, uint64_t *ret_number)
{
    const struct wire_value *value = said_value(values, place);
    bool said = value != NULL && value->type == WIRE_UINT;
    if (said) {
        *ret_number = value->number;
    }
    return said;
}

// Texts and numbers are taken from the client's own bytes, whatever headers these have.
static void take_envelope(const struct schema_values *values, struct faults *faults,
                          struct event *event)
{
    event->id = said_text(values, SAID_ID);
    event->region = said_text(values, SAID_REGION);
    event->subject = said_text(values, SAID_SUBJECT);
    event->has_expect = said_number(values, SAID_EXPECT, &event->expect);
    event->on = said_text(values, SAID_ON);
    event->onbasis = said_text(values, SAID_ONBASIS);
    event->ontext = said_text(values, SAID_ONTEXT);
    event->citation = said_text(values, SAID_CITATION);
    event->reference = said_text(values, SAID_REFERENCE);
    if (said_number(values, SAID_CORRECTS, &event->corrects) && event->corrects == 0) {
        say(faults, STATUS_MALFORMED, "corrects", bytes_of("0"), "the number of an earlier event");
    }
}

bool event_read(struct bytes bytes, struct event_scratch *scratch, struct faults *faults,
                struct event *ret_event)
{
    unsigned before = faults->count + faults->untold;
    struct event event = {0};
    struct wire_reader reader = wire_read(bytes);
    struct wire_value head;
    if (!wire_next(&reader, &head) || head.type != WIRE_MAP) {
        fault_begin(faults, STATUS_MALFORMED, 0, "");
        fault_found(faults, "an event that is no map");
        fault_accepted(faults, "a map with id, type, region, subject and data");
        *ret_event = event;
        return false;
    }
    struct schema_values values;
    schema_check(GROUP_ENVELOPE, bytes, "", faults, &values);
    take_envelope(&values, faults, &event);
    struct bytes type = said_text(&values, SAID_TYPE);
    if (!schema_is_id(event.region)) { // told above; nobody may look it up
        event.region = (struct bytes){0};
    }
    event.type = event_type_find(type);
    if (event.type == NULL && type.size > 0) {
        say(faults, STATUS_MALFORMED, "type", type,
            "an event type, as the request types lists them");
    }
    read_subject(&event, faults);
    if (event.type != NULL) {
        read_needs(&event, faults);
        read_date(&event, faults);
        read_data(said_value(&values, SAID_DATA), scratch, faults, &event);
    }
    *ret_event = event;
    return faults->count + faults->untold == before;
}

// Canonical bytes -------------------------------------------------------------------------------

static void pair_if_text(struct wire_writer *writer, const char *key, struct bytes text)
{
    if (text.size > 0) {
        wire_pair_text(writer, key, text);
    }
}

// What the client said, in the order of GROUP_ENVELOPE; a test holds the two against each other.
static uint32_t count_said(const struct event *event)
{
    return 5u + (event->on.size > 0) + (event->onbasis.size > 0) + (event->ontext.size > 0) +
           (event->corrects != 0) + (event->citation.size > 0) + (event->reference.size > 0);
}

static void write_said(const struct event *event, struct wire_writer *writer)
{
    wire_pair_text(writer, "id", event->id);
    wire_pair_text(writer, "type", bytes_of(event->type->name));
    wire_pair_text(writer, "region", event->region);
    wire_pair_text(writer, "subject", event->subject);
    pair_if_text(writer, "on", event->on);
    pair_if_text(writer, "onbasis", event->onbasis);
    pair_if_text(writer, "ontext", event->ontext);
    if (event->corrects != 0) {
        wire_pair_uint(writer, "corrects", event->corrects);
    }
    pair_if_text(writer, "citation", event->citation);
    pair_if_text(writer, "reference", event->reference);
}

void event_write_actor(const struct actor *actor, struct wire_writer *writer)
{
    wire_put_map(writer, 2u + (actor->via.size > 0));
    wire_pair_text(writer, "organisation", actor->organisation);
    wire_pair_text(writer, "role", actor->role);
    pair_if_text(writer, "via", actor->via);
}

struct bytes event_encode(const struct event *event, void *room)
{
    struct wire_writer writer = wire_write(room, EVENT_BYTES_MAX);
    wire_put_map(&writer, count_said(event) + 4u + (event->private_hash.size > 0));
    write_said(event, &writer);
    wire_put_text(&writer, bytes_of("data"));
    wire_put_raw(&writer, event->data);
    if (event->private_hash.size > 0) {
        wire_pair_binary(&writer, "privatehash", event->private_hash);
    }
    wire_pair_uint(&writer, "seq", event->seq);
    wire_pair_uint(&writer, "time", event->time);
    wire_put_text(&writer, bytes_of("actor"));
    event_write_actor(&event->actor, &writer);
    wire_put_text(&writer, bytes_of("prev"));
    wire_put_list(&writer, 3);
    for (unsigned i = 0; i < 3; i++) {
        wire_put_uint(&writer, event->prev[i]);
    }
    return wire_written(&writer);
}

static bool is_daemons(const struct event *event, struct bytes name)
{
    const struct field *field = field_find(event->type->group, name);
    return field != NULL && (field->flags & FLAG_DAEMON) != 0;
}

// Data without the daemon's columns. What stands in an event passed the rows of its own day, so it
// is copied as it is and not judged by today's.
static void write_said_data(const struct event *event, struct wire_writer *writer)
{
    struct wire_reader reader = wire_read(event->data), look = reader;
    struct wire_value head = {0}, key, value;
    uint32_t daemons = 0;
    (void)wire_next(&look, &head); // the pairs follow
    for (uint32_t i = 0; i < head.count && wire_next(&look, &key) && wire_take(&look, &value);
         i++) {
        daemons += is_daemons(event, key.bytes);
    }
    (void)wire_next(&reader, &head); // the same again
    wire_put_map(writer, head.count - daemons);
    for (uint32_t i = 0; i < head.count && wire_next(&reader, &key) && wire_take(&reader, &value);
         i++) {
        if (!is_daemons(event, key.bytes)) {
            wire_put_raw(writer, key.raw);
            wire_put_raw(writer, value.raw);
        }
    }
}

struct bytes event_encode_said(const struct event *event, void *room)
{
    struct wire_writer writer = wire_write(room, EVENT_BYTES_MAX);
    wire_put_map(&writer, count_said(event));
    write_said(event, &writer);
    wire_put_text(&writer, bytes_of("data"));
    write_said_data(event, &writer);
    return wire_written(&writer);
}

// Reading what was encoded here -----------------------------------------------------------------

static bool decode_actor(struct bytes raw, struct actor *ret_actor)
{
    static const char *const names[] = {"organisation", "role", "via"};
    struct bytes *const texts[] = {&ret_actor->organisation, &ret_actor->role, &ret_actor->via};
    struct wire_reader reader = wire_read(raw);
    struct wire_value head, key, value;
    bool sound = wire_next(&reader, &head) && head.count >= 2 && head.count <= 3;
    for (uint32_t i = 0; sound && i < head.count; i++) {
        sound = wire_next(&reader, &key) && wire_next(&reader, &value) &&
                bytes_are(key.bytes, names[i]) && value.bytes.size > 0;
        *texts[i] = value.bytes;
    }
    return sound;
}

static bool decode_prev(const struct wire_value *value, uint64_t ret_prev[3])
{
    struct wire_reader reader = wire_read(value->raw);
    struct wire_value number;
    bool sound = wire_next(&reader, &number) && number.type == WIRE_LIST && number.count == 3;
    for (unsigned i = 0; sound && i < 3; i++) {
        sound = wire_next(&reader, &number) && number.type == WIRE_UINT;
        ret_prev[i] = number.number;
    }
    return sound;
}

// What an event holds, in its order.
static const struct encoded {
    const char *name;
    size_t name_size;
    enum { PART_TEXT, PART_NUMBER, PART_TYPE, PART_DATA, PART_ACTOR, PART_PREV } part;
    size_t offset; // of a text or number in struct event
} encoded_parts[] = {
#define PART(kind, name, member)                                                                   \
    {                                                                                              \
        name, sizeof(name) - 1, PART_##kind, offsetof(struct event, member)                        \
    }
    PART(TEXT, "id", id),
    PART(TYPE, "type", type),
    PART(TEXT, "region", region),
    PART(TEXT, "subject", subject),
    PART(TEXT, "on", on),
    PART(TEXT, "onbasis", onbasis),
    PART(TEXT, "ontext", ontext),
    PART(NUMBER, "corrects", corrects),
    PART(TEXT, "citation", citation),
    PART(TEXT, "reference", reference),
    PART(DATA, "data", data),
    PART(TEXT, "privatehash", private_hash),
    PART(NUMBER, "seq", seq),
    PART(NUMBER, "time", time),
    PART(ACTOR, "actor", actor),
    PART(PREV, "prev", prev),
#undef PART
};

#define ENCODED_COUNT (sizeof(encoded_parts) / sizeof(encoded_parts[0]))

// The first part of that name from a place on; ENCODED_COUNT if there is none.
static size_t find_encoded(struct bytes key, size_t from)
{
    while (from < ENCODED_COUNT && (key.size != encoded_parts[from].name_size ||
                                    memcmp(key.data, encoded_parts[from].name, key.size) != 0)) {
        from++;
    }
    return from;
}

static bool decode_part(struct event *event, const struct encoded *part,
                        const struct wire_value *value)
{
    char *at = (char *)event + part->offset;
    switch (part->part) {
    case PART_TEXT:
        *(struct bytes *)(void *)at = value->bytes;
        return value->bytes.size > 0;
    case PART_NUMBER:
        *(uint64_t *)(void *)at = value->number;
        return value->type == WIRE_UINT;
    case PART_TYPE:
        event->type = event_type_find(value->bytes);
        return event->type != NULL;
    case PART_DATA:
        event->data = value->raw;
        return value->type == WIRE_MAP;
    case PART_ACTOR:
        return value->type == WIRE_MAP && decode_actor(value->raw, &event->actor);
    case PART_PREV:
        return decode_prev(value, event->prev);
    }
    return false;
}

bool event_encoded_prev(struct bytes encoded, uint64_t ret_prev[3])
{
    static const char key[] = "\xa4prev";
    const size_t least = sizeof(key) - 1 + 4, most = sizeof(key) - 1 + 1 + 3 * 9;
    bool found = false;
    for (size_t size = least; !found && size <= most && size <= encoded.size; size++) {
        const uint8_t *at = (const uint8_t *)encoded.data + encoded.size - size;
        struct wire_reader reader = wire_read((struct bytes){at, size});
        struct wire_value value;
        found = memcmp(at, key, sizeof(key) - 1) == 0 && wire_next(&reader, &value) &&
                wire_take(&reader, &value) && reader.at == reader.end &&
                decode_prev(&value, ret_prev);
    }
    return found;
}

bool event_decode(struct bytes bytes, struct event *ret_event)
{
    struct event event = {0};
    struct wire_reader reader = wire_read(bytes);
    struct wire_value head, key, value;
    size_t place = 0;
    bool sound = wire_next(&reader, &head) && head.type == WIRE_MAP;
    for (uint32_t i = 0; sound && i < head.count; i++) {
        sound = wire_next(&reader, &key) && wire_take(&reader, &value);
        place = sound ? find_encoded(key.bytes, place) : ENCODED_COUNT;
        sound = place < ENCODED_COUNT && decode_part(&event, &encoded_parts[place], &value);
        place++;
    }
    // prev is the last part, and there must be one.
    sound = sound && reader.at == reader.end && place == ENCODED_COUNT && event.type != NULL &&
            event.seq > 0 && schema_is_id(event.id) && schema_is_id(event.region) &&
            event.data.size > 0 && event.actor.role.size > 0 &&
            schema_is_path(event.subject, &event.kind, &event.entity) &&
            (event.type->kind == KIND_ANY || event.kind == event.type->kind);
    if (sound) {
        *ret_event = event;
    }
    return sound;
}

uint32_t event_day(const struct event *event)
{
    struct tm day = {0};
    time_t seconds = (time_t)(event->time / 1000);
    if (event->on.size > 0) {
        return schema_last_day(event->on);
    }
    (void)gmtime_r(&seconds, &day); // a time that was stored lies before the year 10000
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

// Topics and paths ------------------------------------------------------------------------------

static size_t put(char *room, size_t size, struct bytes text)
{
    memcpy(room + size, text.data, text.size);
    return size + text.size;
}

struct bytes event_path(const struct event *event, char *room)
{
    size_t size = put(room, 0, event->region);
    room[size++] = '/';
    size = put(room, size, event->subject);
    assert(size <= PATH_MAX_BYTES);
    return (struct bytes){room, size};
}

static struct bytes put_topic(struct bytes region, struct bytes subject, struct bytes type,
                              char *room)
{
    const struct bytes parts[] = {region, subject, type};
    size_t size = 0;
    for (unsigned i = 0; i < 3; i++) {
        room[size++] = '/';
        size = put(room, size, parts[i]);
    }
    assert(size <= TOPIC_MAX);
    return (struct bytes){room, size};
}

struct bytes event_topic(const struct event *event, char *room)
{
    return put_topic(event->region, event->subject, bytes_of(event->type->name), room);
}

struct bytes event_encoded_topic(struct bytes encoded, char *room)
{
    static const char *const names[] = {"id", "type", "region", "subject"};
    struct wire_reader reader = wire_read(encoded);
    struct wire_value key, values[4];
    bool sound = wire_next(&reader, &key) && key.type == WIRE_MAP && key.count > 4;
    for (unsigned i = 0; sound && i < 4; i++) {
        sound = wire_next(&reader, &key) && bytes_are(key.bytes, names[i]) &&
                wire_next(&reader, &values[i]) && values[i].type == WIRE_TEXT;
    }
    sound = sound && values[1].bytes.size <= TYPE_MAX && values[2].bytes.size <= ID_MAX &&
            values[3].bytes.size <= SUBJECT_MAX;
    return sound ? put_topic(values[2].bytes, values[3].bytes, values[1].bytes, room)
                 : (struct bytes){0};
}
