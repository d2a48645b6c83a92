#include "proto/export.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#define TYPE_SUFFIX ".v1"

// Writing ---------------------------------------------------------------------------------------

void export_write_event(FILE *file, uint64_t seq, struct bytes id, const struct hash *leaf,
                        const char *event)
{
    char hex[2 * HASH_BYTES + 1];
    hash_hex(leaf, hex);
    (void)fprintf(file, "{\"seq\":%" PRIu64 ",\"id\":\"%.*s\",\"hash\":\"%s\",\"event\":%s}\n", seq,
                  BYTES_PRINT(id), hex, event); // the stream tells
}

// As the HEAD file has it.
static struct hash check_of(const struct export_end *end)
{
    char root[2 * HASH_BYTES + 1], text[256];
    hash_hex(&end->root, root);
    (void)snprintf(text, sizeof(text), "log=%s seq=%" PRIu64 " root=%s\n", end->log, end->head,
                   root); // always fits
    return hash_of(bytes_of(text));
}

void export_write_end(FILE *file, const struct export_end *end)
{
    char root[2 * HASH_BYTES + 1], check[2 * HASH_BYTES + 1];
    struct hash hash = check_of(end);
    hash_hex(&end->root, root);
    hash_hex(&hash, check);
    (void)fprintf(file, "{\"log\":\"%s\",\"head\":%" PRIu64 ",\"root\":\"%s\",\"check\":\"%s\"}\n",
                  end->log, end->head, root, check); // the stream tells
}

// Sources ---------------------------------------------------------------------------------------

static struct export_source *find_source(struct export_sources *sources, struct bytes region)
{
    for (unsigned i = 0; i < sources->count; i++) {
        if (bytes_are(region, sources->regions[i].region)) {
            return &sources->regions[i];
        }
    }
    return NULL;
}

const char *export_source_of(struct export_sources *sources, const struct event *event)
{
    struct export_source *source = find_source(sources, event->region);
    struct bytes id = event->type->kind == KIND_REGION ? wire_find_text(event->data, "source_id")
                                                       : (struct bytes){0};
    if (id.size > 0 && id.size < sizeof(source->id)) {
        if (source == NULL && sources->count == EXPORT_REGIONS_MAX) {
            return NULL;
        }
        if (source == NULL) {
            source = &sources->regions[sources->count++];
        }
        *source = (struct export_source){0};
        memcpy(source->region, event->region.data, event->region.size); // it decoded, so it fits
        memcpy(source->id, id.data, id.size);
    }
    return source == NULL ? CLOUDEVENT_TEST_OIN : source->id;
}

// Reading an event ------------------------------------------------------------------------------

static bool wrong(struct export_reader *reader, const char *problem)
{
    (void)snprintf(reader->problem, sizeof(reader->problem), "%s", problem); // always fits
    return false;
}

static int digit_of(char character)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = character == '\0' ? NULL : strchr(digits, character);
    return at == NULL ? -1 : (int)(at - digits);
}

static bool hash_of_hex(struct bytes text, struct hash *ret_hash)
{
    const char *at = text.data;
    bool sound = text.size == 2 * (size_t)HASH_BYTES;
    for (size_t i = 0; sound && i < HASH_BYTES; i++) {
        int high = digit_of(at[2 * i]), low = digit_of(at[2 * i + 1]);
        sound = high >= 0 && low >= 0;
        ret_hash->bytes[i] = (uint8_t)(sound ? high * 16 + low : 0);
    }
    return sound;
}

// What is taken while an event is read. Whether an attribute says all of it in the only way there
// is to say it need not be asked here: the event that comes out is written again and compared.
struct taking {
    struct export_reader *reader;
    struct event event;
    struct hash private_hash;
};

static bool take_text(struct taking *taking, size_t offset, struct bytes text)
{
    *(struct bytes *)(void *)((char *)&taking->event + offset) = text;
    return text.size > 0;
}

static bool take_number(struct taking *taking, size_t offset, struct bytes text)
{
    *(uint64_t *)(void *)((char *)&taking->event + offset) = strtoull(text.data, NULL, 10);
    return text.size > 0;
}

// The dot in front of the last two parts: every type has two.
static size_t prefix_of(struct bytes text)
{
    const char *at = text.data;
    size_t size = text.size;
    for (unsigned dots = 0; size > 0; size--) {
        dots += at[size - 1] == '.';
        if (dots == 2) {
            return size;
        }
    }
    return 0;
}

static bool take_type(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // type is no text
    struct export_reader *reader = taking->reader;
    size_t suffix = strlen(TYPE_SUFFIX);
    if (text.size <= suffix ||
        memcmp((const char *)text.data + text.size - suffix, TYPE_SUFFIX, suffix) != 0) {
        return false;
    }
    text.size -= suffix;
    size_t size = prefix_of(text);
    if (!reader->has_prefix && size < sizeof(reader->type_prefix)) {
        memcpy(reader->type_prefix, text.data, size);
        reader->type_prefix[size] = '\0';
        reader->has_prefix = true;
    }
    struct bytes name = {(const char *)text.data + size, text.size - size};
    taking->event.type = event_type_find(name);
    return reader->has_prefix && bytes_are((struct bytes){text.data, size}, reader->type_prefix) &&
           taking->event.type != NULL;
}

static bool take_source(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // of the reader
    return sscanf(text.data, "urn:nld:oin:%20[0-9]", taking->reader->source_id) == 1;
}

static bool take_subject(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // two texts
    const char *at = text.data, *slash = memchr(at, '/', text.size);
    if (slash == NULL) {
        return false;
    }
    taking->event.region = (struct bytes){at, (size_t)(slash - at)};
    taking->event.subject = (struct bytes){slash + 1, (size_t)(at + text.size - slash - 1)};
    return true;
}

static bool take_time(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // the only time
    struct tm utc = {0};
    unsigned ms = 0;
    if (sscanf(text.data, "%4d-%2d-%2dT%2d:%2d:%2d.%3uZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
               &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &ms) != 7) {
        return false;
    }
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    time_t seconds = timegm(&utc);
    taking->event.time = (uint64_t)seconds * 1000 + ms;
    return seconds >= 0;
}

static bool take_prev(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // the only list
    uint64_t *prev = taking->event.prev;
    return sscanf(text.data, "%20" SCNu64 ",%20" SCNu64 ",%20" SCNu64, &prev[0], &prev[1],
                  &prev[2]) == 3;
}

static bool take_private_hash(struct taking *taking, size_t offset, struct bytes text)
{
    (void)offset; // points to the hash
    taking->event.private_hash = (struct bytes){taking->private_hash.bytes, HASH_BYTES};
    return hash_of_hex(text, &taking->private_hash);
}

static const struct attribute {
    const char *name;
    bool required;
    bool (*take)(struct taking *taking, size_t offset, struct bytes text);
    size_t offset; // in struct event, of a text or number
} attributes[] = {
    {"type", true, take_type, 0},
    {"source", true, take_source, 0},
    {"subject", true, take_subject, 0},
    {"id", true, take_text, offsetof(struct event, id)},
    {"time", true, take_time, 0},
    {"sequence", true, take_number, offsetof(struct event, seq)},
    {"on", false, take_text, offsetof(struct event, on)},
    {"onbasis", false, take_text, offsetof(struct event, onbasis)},
    {"ontext", false, take_text, offsetof(struct event, ontext)},
    {"corrects", false, take_number, offsetof(struct event, corrects)},
    {"citation", false, take_text, offsetof(struct event, citation)},
    {"reference", false, take_text, offsetof(struct event, reference)},
    {"prev", true, take_prev, 0},
    {"actororganisation", true, take_text, offsetof(struct event, actor.organisation)},
    {"actorrole", true, take_text, offsetof(struct event, actor.role)},
    {"actorvia", false, take_text, offsetof(struct event, actor.via)},
    {"privatehash", false, take_private_hash, 0},
};

static bool take_attributes(struct taking *taking, const json_t *object)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        const struct attribute *row = &attributes[i];
        const json_t *value = json_object_get(object, row->name);
        struct bytes text = {json_string_value(value), json_string_length(value)};
        bool absent = value == NULL && !row->required;
        if (!absent && (text.data == NULL || !row->take(taking, row->offset, text))) {
            (void)snprintf(taking->reader->problem, sizeof(taking->reader->problem),
                           "the event's %s is missing or cannot be read", row->name); // fits
            return false;
        }
    }
    return true;
}

static bool take_data(struct taking *taking, const json_t *object)
{
    struct export_reader *reader = taking->reader;
    const json_t *data = json_object_get(object, "data");
    struct wire_writer writer = wire_write(reader->data_room, sizeof(reader->data_room));
    if (!json_is_object(data) || !json_to_wire(data, &writer) || writer.overflow) {
        return wrong(reader, "the event's data are missing or cannot be read");
    }
    taking->event.data = wire_written(&writer);
    return true;
}

// The event must make the very CloudEvent that it came from. Its data need not be made again: they
// became the bytes that have the hash, and JSON has no second way to the same bytes.
static bool compare_again(struct export_reader *reader, const json_t *object)
{
    const struct cloudevent_names names = {
        .type_prefix = reader->type_prefix,
        .source_id = reader->source_id,
    };
    static const uint8_t no_data[] = {0x80};
    struct event envelope = reader->event;
    envelope.data = (struct bytes){no_data, sizeof(no_data)};
    json_t *again = cloudevent_from_event(&envelope, &reader->leaf, &names);
    bool equal = again != NULL &&
                 json_object_set(again, "data", json_object_get(object, "data")) == 0 &&
                 json_equal(again, object) == 1;
    json_decref(again);
    return equal || wrong(reader, "the CloudEvent says something else than the event it makes");
}

static bool read_event(struct export_reader *reader, const json_t *line)
{
    const json_t *object = json_object_get(line, "event");
    const json_t *hash_text = json_object_get(line, "hash");
    struct taking taking = {.reader = reader};
    char hex[2 * HASH_BYTES + 1];
    if (!take_attributes(&taking, object) || !take_data(&taking, object)) {
        return false;
    }
    reader->encoded = event_encode(&taking.event, reader->event_room);
    if (reader->encoded.size == 0 || !event_decode(reader->encoded, &reader->event)) {
        return wrong(reader, "what it says makes no event");
    }
    reader->leaf = tree_leaf(reader->encoded);
    hash_hex(&reader->leaf, hex);
    if (!json_is_string(hash_text) || strcmp(json_string_value(hash_text), hex) != 0) {
        return wrong(reader, "the event does not have the hash of its line");
    }
    const json_t *id = json_object_get(line, "id");
    bool fits = json_object_size(line) == 4 && json_is_string(id) &&
                bytes_are(reader->event.id, json_string_value(id)) &&
                json_integer_value(json_object_get(line, "seq")) == (json_int_t)reader->event.seq;
    return fits ? compare_again(reader, object)
                : wrong(reader, "seq or id of the line is not that of its event");
}

// Reading the last line -------------------------------------------------------------------------

static bool take_hash(const json_t *line, const char *name, struct hash *ret_hash)
{
    const json_t *value = json_object_get(line, name);
    struct bytes text = {json_string_value(value), json_string_length(value)};
    return text.data != NULL && hash_of_hex(text, ret_hash);
}

static bool is_log_id(const char *text)
{
    return text != NULL && strlen(text) == 2 * (size_t)LOG_ID_BYTES &&
           strspn(text, "0123456789abcdef") == 2 * (size_t)LOG_ID_BYTES;
}

static bool read_end(struct export_reader *reader, const json_t *line)
{
    struct export_end end = {0};
    struct hash check;
    const char *log = json_string_value(json_object_get(line, "log"));
    const json_t *head = json_object_get(line, "head");
    bool sound = json_object_size(line) == 4 && is_log_id(log) && json_is_integer(head) &&
                 json_integer_value(head) >= 0 && take_hash(line, "root", &end.root) &&
                 take_hash(line, "check", &check);
    if (sound) {
        memcpy(end.log, log, sizeof(end.log));
        end.head = (uint64_t)json_integer_value(head);
        struct hash again = check_of(&end);
        sound = hash_equal(&again, &check);
    }
    reader->end = end;
    return sound || wrong(reader, "the last line is not what was written");
}

bool export_read(struct export_reader *reader, struct bytes text)
{
    json_error_t error;
    json_decref(reader->line);
    reader->problem[0] = '\0';
    reader->line = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(reader->line)) {
        return wrong(reader, "it is no JSON object, or was cut");
    }
    reader->is_end = json_object_get(reader->line, "root") != NULL;
    return reader->is_end ? read_end(reader, reader->line) : read_event(reader, reader->line);
}

void export_finish(struct export_reader *reader)
{
    json_decref(reader->line);
    reader->line = NULL;
}
