#include "proto/cloudevent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TYPE_SUFFIX ".v1"

// Values ----------------------------------------------------------------------------------------

static json_t *json_of_text(struct bytes text)
{
    return json_stringn(text.data == NULL ? "" : text.data, text.size);
}

static json_t *json_of_hex(struct bytes binary)
{
    char hex[2 * 256 + 1];
    const uint8_t *at = binary.data;
    size_t shown = binary.size > 256 ? 256 : binary.size;
    for (size_t i = 0; i < shown; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", at[i]); // always fits
    }
    return json_stringn(hex, 2 * shown);
}

static json_t *json_of_next(struct wire_reader *reader, unsigned depth);

static json_t *json_of_children(struct wire_reader *reader, const struct wire_value *head,
                                unsigned depth)
{
    bool map = head->type == WIRE_MAP;
    json_t *json = map ? json_object() : json_array();
    for (uint32_t i = 0; json != NULL && i < head->count; i++) {
        struct wire_value key = {0};
        bool sound = !map || (wire_next(reader, &key) && key.type == WIRE_TEXT);
        json_t *child = sound ? json_of_next(reader, depth + 1) : NULL;
        char name[256] = "";
        size_t size = key.bytes.size < sizeof(name) ? key.bytes.size : sizeof(name) - 1;
        if (map && size > 0) {
            memcpy(name, key.bytes.data, size);
        }
        int failed =
            map ? json_object_set_new(json, name, child) : json_array_append_new(json, child);
        if (failed != 0) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}

// The depth is bounded by wire_check(), and again here for what was not checked.
static json_t *json_of_next(struct wire_reader *reader, unsigned depth)
{
    struct wire_value value;
    if (depth > WIRE_DEPTH_MAX + 2 || !wire_next(reader, &value)) {
        return NULL;
    }
    switch (value.type) {
    case WIRE_UINT:
        return value.number <= INT64_MAX ? json_integer((json_int_t)value.number) : NULL;
    case WIRE_NEGATIVE:
        return json_integer((json_int_t)value.number);
    case WIRE_FLAG:
        return json_boolean(value.number != 0);
    case WIRE_TEXT:
        return json_of_text(value.bytes);
    case WIRE_BINARY:
        return json_of_hex(value.bytes);
    case WIRE_LIST:
    case WIRE_MAP:
        return json_of_children(reader, &value, depth);
    }
    return NULL;
}

json_t *json_from_wire(struct bytes value)
{
    struct wire_reader reader = wire_read(value);
    return json_of_next(&reader, 0);
}

static bool put_json(const json_t *value, struct wire_writer *writer, unsigned depth);

static bool put_object(const json_t *value, struct wire_writer *writer, unsigned depth)
{
    // jansson iterates over a const object only through a non-const pointer; nothing is changed.
    void *iterator = json_object_iter((json_t *)(uintptr_t)value);
    bool sound = true;
    wire_put_map(writer, (uint32_t)json_object_size(value));
    while (sound && iterator != NULL) {
        wire_put_text(writer, bytes_of(json_object_iter_key(iterator)));
        sound = put_json(json_object_iter_value(iterator), writer, depth + 1);
        iterator = json_object_iter_next((json_t *)(uintptr_t)value, iterator);
    }
    return sound;
}

static bool put_array(const json_t *value, struct wire_writer *writer, unsigned depth)
{
    bool sound = true;
    wire_put_list(writer, (uint32_t)json_array_size(value));
    for (size_t i = 0; sound && i < json_array_size(value); i++) {
        sound = put_json(json_array_get(value, i), writer, depth + 1);
    }
    return sound;
}

static bool put_integer(const json_t *value, struct wire_writer *writer)
{
    wire_put_int(writer, json_integer_value(value));
    return true;
}

static bool put_json(const json_t *value, struct wire_writer *writer, unsigned depth)
{
    if (depth > WIRE_DEPTH_MAX) {
        return false;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(value, writer, depth);
    case JSON_ARRAY:
        return put_array(value, writer, depth);
    case JSON_STRING:
        wire_put_text(writer, (struct bytes){json_string_value(value), json_string_length(value)});
        return true;
    case JSON_INTEGER:
        return put_integer(value, writer);
    case JSON_TRUE:
    case JSON_FALSE:
        wire_put_flag(writer, json_is_true(value));
        return true;
    case JSON_REAL: // numbers with a point are decimal strings here
    case JSON_NULL: // what is absent is left out
        return false;
    }
    return false;
}

bool json_to_wire(const json_t *value, struct wire_writer *writer)
{
    return put_json(value, writer, 0);
}

// From an event ---------------------------------------------------------------------------------

static void set_text(json_t *object, const char *name, struct bytes text)
{
    if (text.size > 0) {
        (void)json_object_set_new(object, name, json_of_text(text)); // the caller counts
    }
}

__attribute__((format(printf, 3, 4))) static void set_printed(json_t *object, const char *name,
                                                              const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments); // every use fits
    va_end(arguments);
    (void)json_object_set_new(object, name, json_string(text)); // the caller counts
}

static void set_time(json_t *object, uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc = {0};
    (void)gmtime_r(&seconds, &utc); // a year that fits an int: the clock's own
    set_printed(object, "time", "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                (unsigned)(time_ms % 1000));
}

json_t *cloudevent_from_event(const struct event *event, const struct hash *leaf,
                              const struct cloudevent_names *names)
{
    json_t *object = json_object();
    json_t *data = json_from_wire(event->data);
    char path[PATH_MAX_BYTES];
    const char *source = names->source_id != NULL ? names->source_id : CLOUDEVENT_TEST_OIN;
    if (object == NULL || data == NULL) {
        json_decref(object);
        json_decref(data);
        return NULL;
    }
    set_printed(object, "specversion", "1.0");
    set_printed(object, "type", "%s%s" TYPE_SUFFIX, names->type_prefix, event->type->name);
    set_printed(object, "source", "urn:nld:oin:%s:systeem:waternetd", source);
    set_text(object, "subject", event_path(event, path));
    set_text(object, "id", event->id);
    set_time(object, event->time);
    set_printed(object, "sequence", "%020" PRIu64, event->seq);
    set_text(object, "on", event->on);
    set_text(object, "onbasis", event->onbasis);
    set_text(object, "ontext", event->ontext);
    if (event->corrects != 0) {
        set_printed(object, "corrects", "%" PRIu64, event->corrects);
    }
    set_text(object, "citation", event->citation);
    set_text(object, "reference", event->reference);
    set_printed(object, "prev", "%" PRIu64 ",%" PRIu64 ",%" PRIu64, event->prev[0], event->prev[1],
                event->prev[2]);
    set_text(object, "actororganisation", event->actor.organisation);
    set_text(object, "actorrole", event->actor.role);
    set_text(object, "actorvia", event->actor.via);
    if (event->private_hash.size > 0) {
        (void)json_object_set_new(object, "privatehash", json_of_hex(event->private_hash));
    }
    if (leaf != NULL) {
        char hex[2 * HASH_BYTES + 1];
        hash_hex(leaf, hex);
        set_printed(object, "leafhash", "%s", hex);
    }
    (void)json_object_set_new(object, "data", data); // an object that is short is seen by its user
    return object;
}

// To the wire -----------------------------------------------------------------------------------

struct conversion {
    const struct cloudevent_names *names;
    struct faults *faults;
    struct wire_writer *writer;
    struct bytes as;
    uint32_t pairs;
};

static void misfit(struct conversion *to, const char *name, const char *found, const char *accepted)
{
    fault_begin(to->faults, STATUS_MALFORMED, 0, name);
    fault_found(to->faults, "%s", found);
    fault_accepted(to->faults, "%s", accepted);
}

static struct bytes text_of(struct conversion *to, const char *name, const json_t *value)
{
    if (!json_is_string(value)) {
        misfit(to, name, "another kind of JSON value", "a text");
        return (struct bytes){0};
    }
    return (struct bytes){json_string_value(value), json_string_length(value)};
}

static void put_pair(struct conversion *to, const char *name, struct bytes text)
{
    wire_pair_text(to->writer, name, text);
    to->pairs++;
}

static void take_specversion(struct conversion *to, const char *name, const json_t *value)
{
    struct bytes text = text_of(to, name, value);
    if (text.data != NULL && !bytes_are(text, "1.0")) {
        misfit(to, name, "another version", "1.0");
    }
}

static void take_type(struct conversion *to, const char *name, const json_t *value)
{
    struct bytes text = text_of(to, name, value), prefix = bytes_of(to->names->type_prefix);
    if (text.data == NULL) {
        return;
    }
    size_t suffix = strlen(TYPE_SUFFIX);
    const char *at = text.data;
    bool whole = text.size > prefix.size + suffix && bytes_begin_with(text, prefix) &&
                 memcmp(at + text.size - suffix, TYPE_SUFFIX, suffix) == 0;
    if (!whole) {
        fault_begin(to->faults, STATUS_MALFORMED, 0, name);
        fault_found(to->faults, "\"%.80s\"", at);
        fault_accepted(to->faults, "%s<event type>" TYPE_SUFFIX, to->names->type_prefix);
        return;
    }
    put_pair(to, name, (struct bytes){at + prefix.size, text.size - prefix.size - suffix});
}

static void take_subject(struct conversion *to, const char *name, const json_t *value)
{
    struct bytes text = text_of(to, name, value);
    const char *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    if (slash == NULL) {
        if (text.data != NULL) {
            misfit(to, name, "no path", "region/kind/entity");
        }
        return;
    }
    struct bytes region = {text.data, (size_t)(slash - (const char *)text.data)};
    put_pair(to, "region", region);
    put_pair(to, name, (struct bytes){slash + 1, text.size - region.size - 1});
}

static void take_text(struct conversion *to, const char *name, const json_t *value)
{
    struct bytes text = text_of(to, name, value);
    if (text.data != NULL) {
        put_pair(to, name, text);
    }
}

// A count: a JSON integer or, since CloudEvents' integers have 32 bits, a decimal string.
static void take_count(struct conversion *to, const char *name, const json_t *value)
{
    uint64_t number = 0;
    bool sound = json_is_integer(value) && json_integer_value(value) >= 0;
    if (sound) {
        number = (uint64_t)json_integer_value(value);
    } else if (json_is_string(value)) {
        const char *text = json_string_value(value);
        size_t digits = strspn(text, "0123456789");
        sound = digits > 0 && digits < 20 && text[digits] == '\0';
        number = sound ? strtoull(text, NULL, 10) : 0;
    }
    if (!sound) {
        misfit(to, name, "no sequence number",
               "a whole number, as a number or as digits in a text");
        return;
    }
    wire_pair_uint(to->writer, name, number);
    to->pairs++;
}

static void take_data(struct conversion *to, const char *name, const json_t *value)
{
    wire_put_text(to->writer, bytes_of(name));
    to->pairs++;
    if (!json_is_object(value) || !json_to_wire(value, to->writer)) {
        misfit(to, name, "not an object of texts, whole numbers, true, false, lists and objects",
               "numbers with a point as text (\"14.3\"), and absent fields left out");
    }
}

static void take_as(struct conversion *to, const char *name, const json_t *value)
{
    to->as = text_of(to, name, value);
}

static void pass_over(struct conversion *to, const char *name, const json_t *value)
{
    (void)to, (void)name, (void)value; // the daemon's own, in an export that is posted again
}

static const struct attribute {
    const char *name;
    void (*take)(struct conversion *to, const char *name, const json_t *value);
} attributes[] = {
    {"specversion", take_specversion},
    {"type", take_type},
    {"source", pass_over},
    {"subject", take_subject},
    {"id", take_text},
    {"data", take_data},
    {"as", take_as},
    {"expect", take_count},
    {"on", take_text},
    {"onbasis", take_text},
    {"ontext", take_text},
    {"corrects", take_count},
    {"citation", take_text},
    {"reference", take_text},
    {"datacontenttype", pass_over},
    {"dataschema", pass_over},
    {"time", pass_over},
    {"sequence", pass_over},
    {"prev", pass_over},
    {"actororganisation", pass_over},
    {"actorrole", pass_over},
    {"actorvia", pass_over},
    {"privatehash", pass_over},
    {"leafhash", pass_over},
};

static void take_attribute(struct conversion *to, const char *name, const json_t *value)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (strcmp(name, attributes[i].name) == 0) {
            attributes[i].take(to, name, value);
            return;
        }
    }
    char shown[65];
    (void)snprintf(shown, sizeof(shown), "%s", name); // a longer name is cut
    misfit(to, shown, "an attribute that is not known here",
           "one of type subject id data as expect on onbasis ontext corrects citation reference");
}

bool cloudevent_to_wire(const json_t *object, const struct cloudevent_names *names,
                        struct faults *faults, struct wire_writer *writer, struct bytes *ret_as)
{
    unsigned before = faults->count + faults->untold;
    struct wire_writer body = *writer;
    struct conversion to = {.names = names, .faults = faults, .writer = &body};
    if (!json_is_object(object)) {
        misfit(&to, "", "no JSON object", "a CloudEvent");
        return false;
    }
    // A map of up to 15 pairs has a header of one byte, and there are 14 attributes to send.
    if (body.size == body.limit) {
        writer->overflow = true;
        return false;
    }
    body.size++;
    void *iterator = json_object_iter((json_t *)(uintptr_t)object);
    while (iterator != NULL) {
        take_attribute(&to, json_object_iter_key(iterator), json_object_iter_value(iterator));
        iterator = json_object_iter_next((json_t *)(uintptr_t)object, iterator);
    }
    if (!body.overflow) {
        body.data[writer->size] = (uint8_t)(0x80u | to.pairs);
    }
    *writer = body;
    *ret_as = to.as;
    return faults->count + faults->untold == before && !body.overflow;
}
