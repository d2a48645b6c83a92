#include "clients/past/differences.h"

#include <stdlib.h>
#include <string.h>

// Of a thread that is searched: few at first, for what changed last is mostly near its end.
#define EVENTS_FIRST 4
#define EVENTS_AT_ONCE 64

enum shape { SHAPE_NONE, SHAPE_WHOLE, SHAPE_MAP, SHAPE_LIST };

// Comparing ---------------------------------------------------------------------------------------

bool differences_is_item(const json_t *value)
{
    return json_object_get(value, "seq") != NULL && json_object_get(value, "data") != NULL;
}

static enum shape shape_of(const json_t *value)
{
    if (value == NULL) {
        return SHAPE_NONE;
    }
    if (json_is_object(value) && !differences_is_item(value)) {
        return SHAPE_MAP;
    }
    return json_is_object(json_array_get(value, 0)) ? SHAPE_LIST : SHAPE_WHOLE;
}

static void add_field(json_t *fields, const char *name, json_t *before, json_t *after)
{
    if (before == after || (before != NULL && after != NULL && json_equal(before, after))) {
        return;
    }
    json_t *field = json_pack("{s:s, s:O*, s:O*}", "field", name, "before", before, "after", after);
    (void)json_array_append_new(fields, field); // short without memory
}

static void add_entry(json_t *fields, const char *name, const char *key, json_t *before,
                      json_t *after)
{
    char *whole = past_format("%s.%s", name, key);
    add_field(fields, whole, before, after);
    free(whole);
}

static void compare_maps(json_t *fields, const char *name, json_t *before, json_t *after)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(before, key, value)
    {
        add_entry(fields, name, key, value, json_object_get(after, key));
    }
    json_object_foreach(after, key, value)
    {
        if (json_object_get(before, key) == NULL) {
            add_entry(fields, name, key, NULL, value);
        }
    }
}

static void compare_lists(json_t *fields, const char *name, json_t *before, json_t *after)
{
    size_t there = json_array_size(before);
    size_t here = json_array_size(after);
    for (size_t i = 0; i < there || i < here; i++) {
        char *place = past_format("%zu", i + 1);
        add_entry(fields, name, place, json_array_get(before, i), json_array_get(after, i));
        free(place);
    }
}

// Entry by entry, unless it came empty or went as a whole: then no entry would say so.
static void compare_values(json_t *fields, const char *name, json_t *before, json_t *after)
{
    enum shape was = shape_of(before);
    enum shape is = shape_of(after);
    bool came = was == SHAPE_NONE && json_object_size(after) + json_array_size(after) > 0;
    bool alike = is != SHAPE_NONE && (was == is || came);
    if (alike && is == SHAPE_MAP) {
        compare_maps(fields, name, before, after);
    } else if (alike && is == SHAPE_LIST) {
        compare_lists(fields, name, before, after);
    } else {
        add_field(fields, name, before, after);
    }
}

// What both have first, in the order of the record that was; then what is new.
static void compare_objects(json_t *fields, json_t *before, json_t *after)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(before, name, value)
    {
        if (strcmp(name, "fields") != 0) {
            compare_values(fields, name, value, json_object_get(after, name));
        }
    }
    json_object_foreach(after, name, value)
    {
        if (strcmp(name, "fields") != 0 && json_object_get(before, name) == NULL) {
            compare_values(fields, name, NULL, value);
        }
    }
}

static bool differ(const json_t *before, const json_t *after, const char *name)
{
    return json_integer_value(json_object_get(before, name)) !=
           json_integer_value(json_object_get(after, name));
}

static const char *change_of(const json_t *before, const json_t *after)
{
    bool stands = after != NULL && json_object_get(after, "ended") == NULL;
    if (!stands && (after == NULL || differ(before, after, "ended"))) {
        return "ended";
    }
    return differ(before, after, "opened") ? "opened" : "changed";
}

// jansson takes nothing const, though it changes nothing here.
static json_t *lent(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

json_t *differences_of(const char *path, const json_t *before, const json_t *after)
{
    json_t *fields = json_array();
    compare_objects(fields, lent(before), lent(after));
    compare_objects(fields, json_object_get(before, "fields"), json_object_get(after, "fields"));
    if (json_array_size(fields) == 0) {
        json_decref(fields);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:o}", "path", path, "change", change_of(before, after), "fields",
                     fields);
}

void differences_split(const char *field, char **ret_name, const char **ret_key)
{
    const char *dot = strchr(field, '.'); // a field's name has none
    *ret_name = past_format("%.*s", (int)strcspn(field, "."), field);
    *ret_key = dot == NULL ? NULL : dot + 1;
}

// Explaining --------------------------------------------------------------------------------------

// What is looked for in the thread.
struct change {
    const char *name, *key;
    const json_t *before, *after;
};

static bool is_of_date_or_source(const char *name)
{
    return strcmp(name, "on") == 0 || strcmp(name, "onbasis") == 0 || strcmp(name, "ontext") == 0 ||
           strcmp(name, "citation") == 0 || strcmp(name, "reference") == 0;
}

// The values of the KEY fields with slashes between.
static char *key_of(const struct event_type *type, const json_t *data)
{
    struct fields fields = fields_of(type->group);
    char *key = past_format("%s", "");
    const char *slash = "";
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_KEY) != 0) {
            char *longer = past_format("%s%s%s", key, slash, past_text(data, fields.first[i].name));
            free(key);
            key = longer;
            slash = "/";
        }
    }
    return key;
}

static bool has_key(const struct event_type *type, const json_t *data, const char *key)
{
    char *own = key_of(type, data);
    bool same = strcmp(own, key == NULL ? "" : key) == 0;
    free(own);
    return same;
}

// Whether an event took an entry out: as such, or by correcting, under another key, the event that
// had put it there last.
static bool takes_out(const struct event_type *type, const json_t *event, const json_t *corrected,
                      const struct change *change)
{
    if (strcmp(type->slot, change->name) != 0) {
        return false;
    }
    const json_t *data = json_object_get(corrected != NULL ? corrected : event, "data");
    return (corrected != NULL || type->effect == EFFECT_REMOVE) && has_key(type, data, change->key);
}

static bool becomes(const struct event_type *type, const char *name)
{
    struct fields fields = fields_of(type->group);
    bool phase = false;
    for (unsigned i = 0; i < fields.count; i++) {
        phase |= (fields.first[i].flags & FLAG_BECOMES_PHASE) != 0;
    }
    return phase && strcmp(name, "phase") == 0;
}

// Whether an event made a field what it is, if nothing later did.
static bool makes(const struct past *past, const json_t *event, const json_t *corrected,
                  const struct change *change)
{
    const struct event_type *type = past_event_type(past->type_prefix, event);
    if (type == NULL) {
        return false;
    }
    bool opens = type->effect == EFFECT_OPEN; // whatever was there before is gone
    bool sets = opens || type->effect == EFFECT_SET || type->effect == EFFECT_END;
    if (strcmp(change->name, "corrected") == 0) {
        return past_text(event, "corrects")[0] != '\0';
    }
    if (is_of_date_or_source(change->name)) {
        bool dated = json_object_get(event, "on") != NULL; // its words go with the date
        bool said = json_object_get(event, change->name) != NULL;
        return opens ||
               ((type->flags & EVENT_RESTATES) != 0 && (said || (change->after == NULL && dated)));
    }
    if (change->after == NULL) {
        return opens || takes_out(type, event, corrected, change);
    }
    bool of_slot = strcmp(type->slot, change->name) == 0; // the slot as a whole: it is empty now
    return of_slot || becomes(type, change->name) ||
           (sets && json_object_get(json_object_get(event, "data"), change->name) != NULL);
}

// 0 if the record does not tell.
static json_int_t told_by(const struct change *change, const json_t *after)
{
    json_int_t version = json_integer_value(json_object_get(after, "version"));
    if (differences_is_item(change->after)) {
        return json_integer_value(json_object_get(change->after, "seq"));
    }
    if (change->key == NULL && json_is_integer(change->after) &&
        (strcmp(change->name, "opened") == 0 || strcmp(change->name, "ended") == 0)) {
        return json_integer_value(change->after);
    }
    bool only = json_integer_value(json_object_get(after, "opened")) == version;
    return only || strcmp(change->name, "version") == 0 ? version : 0;
}

static size_t more_than(size_t count)
{
    return count + (count < EVENTS_FIRST     ? EVENTS_FIRST
                    : count < EVENTS_AT_ONCE ? count
                                             : EVENTS_AT_ONCE);
}

// The event at a place in the thread; *ret_event is NULL behind its end.
static int event_at(struct strand *thread, size_t index, const json_t **ret_event)
{
    int code = index < json_array_size(thread->events) ? 0 : strand_read(thread, more_than(index));
    *ret_event = code == 0 ? json_array_get(thread->events, index) : NULL;
    return code;
}

// What the event at `index` corrects, which is older; *ret_event is NULL if it corrects nothing.
static int find_corrected(struct strand *thread, size_t index, const json_t **ret_event)
{
    const char *seq = past_text(json_array_get(thread->events, index), "corrects");
    uint64_t wanted = strtoull(seq, NULL, 10);
    int code = 0;
    *ret_event = NULL;
    while (code == 0 && wanted != 0) {
        code = event_at(thread, ++index, ret_event);
        if (*ret_event == NULL || past_event_seq(*ret_event) <= wanted) {
            break;
        }
    }
    return code;
}

static int find_maker(struct strand *thread, uint64_t oldest, const struct change *change,
                      json_int_t *ret_by)
{
    *ret_by = 0;
    for (size_t i = 0; *ret_by == 0; i++) {
        const json_t *corrected = NULL;
        const json_t *event = NULL;
        int code = event_at(thread, i, &event);
        uint64_t seq = event == NULL ? 0 : past_event_seq(event);
        if (code != 0 || seq <= oldest) {
            return code;
        }
        if (change->after == NULL) {
            code = find_corrected(thread, i, &corrected);
        }
        if (code != 0) {
            return code;
        }
        if (makes(thread->past, event, corrected, change)) {
            *ret_by = (json_int_t)seq;
        }
    }
    return 0;
}

int differences_explain(json_t *difference, const json_t *after, struct strand *thread,
                        uint64_t oldest)
{
    size_t index = 0;
    json_t *field = NULL;
    int code = 0;
    json_array_foreach(json_object_get(difference, "fields"), index, field)
    {
        char *name = NULL;
        struct change change = {.before = json_object_get(field, "before"),
                                .after = json_object_get(field, "after")};
        differences_split(past_text(field, "field"), &name, &change.key);
        change.name = name;
        json_int_t by = told_by(&change, after);
        if (by == 0) {
            code = find_maker(thread, oldest, &change, &by);
        }
        free(name);
        if (code != 0) {
            break;
        }
        if (by != 0) {
            json_object_set_new(field, "by", json_integer(by));
        }
    }
    return code;
}
