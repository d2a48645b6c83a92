#include "proto/jsonschema.h"

#include "proto/schema.h"

#include <stdarg.h>
#include <stdio.h>

// What is short for want of memory is seen at the end: json_pack() and the like give NULL, and
// setting a NULL fails.
static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value); // as above
}

__attribute__((format(printf, 1, 2))) static json_t *printed(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments); // every use fits
    va_end(arguments);
    return json_string(text);
}

// Patterns --------------------------------------------------------------------------------------

#define ID "[a-z0-9][a-z0-9-]{0,63}"
#define CONTROLS "\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f" // but the newline
#define OIN "[0-9]{20}"
#define COUNT "(0|[1-9][0-9]{0,18})"

// Neither is blank: a character that is no space.
static const char line_pattern[] = "^[^\\n" CONTROLS "]*[^ \\n" CONTROLS "][^\\n" CONTROLS "]*$";
static const char text_pattern[] = "^[^" CONTROLS "]*[^ \\n" CONTROLS "][^" CONTROLS "]*$";

static json_t *of_pattern(const char *pattern)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *of_id(const struct field *field)
{
    (void)field; // one shape for all ids
    return of_pattern("^" ID "$");
}

static json_t *of_line(const struct field *field)
{
    json_t *schema = of_pattern(field->type == FIELD_LINE ? line_pattern : text_pattern);
    set(schema, "maxLength",
        json_integer(field->max == 0 ? LINE_MAX_BYTES : (json_int_t)field->max));
    return schema;
}

static json_t *of_words(const struct field *field)
{
    json_t *words = json_array();
    for (int phase = PHASE_IDEA; field->type == FIELD_PHASE && phase <= PHASE_ONGOING; phase++) {
        (void)json_array_append_new(words, json_string(phase_row((enum phase)phase)->name));
    }
    const struct choice_row *row = NULL;
    while (field->type == FIELD_CHOICE && (row = choice_next(field->of, row)) != NULL) {
        (void)json_array_append_new(words, json_string(row->word));
    }
    return json_pack("{s:o}", "enum", words);
}

// Without how many days each month has.
static json_t *of_date(const struct field *field)
{
    (void)field; // one shape for all dates
    return of_pattern("^[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$");
}

static json_t *of_count(const struct field *field)
{
    return json_pack("{s:s, s:i, s:I}", "type", "integer", "minimum", 0, "maximum",
                     field->max == 0 ? (json_int_t)INT64_MAX : (json_int_t)field->max);
}

static json_t *of_cents(const struct field *field)
{
    (void)field; // one range for all money
    return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)-SCHEMA_CENTS_MAX,
                     "maximum", (json_int_t)SCHEMA_CENTS_MAX);
}

static json_t *of_decimal(const struct field *field)
{
    (void)field; // one shape for all decimals
    json_t *schema = of_pattern("^(?!-0$)-?(0|[1-9][0-9]*)(\\.[0-9]*[1-9])?$");
    set(schema, "maxLength", json_integer(40));
    return schema;
}

static json_t *of_url(const struct field *field)
{
    (void)field; // one shape for all addresses
    json_t *schema = of_pattern("^https?://[!#-;=?-~]+$");
    set(schema, "minLength", json_integer(9));
    set(schema, "maxLength", json_integer(1000));
    return schema;
}

static json_t *of_oin(const struct field *field)
{
    (void)field; // one shape for all
    return of_pattern("^" OIN "$");
}

// "(region|member|...)", or the only kind there can be.
static const char *kinds_of(enum kind kind, char room[512])
{
    size_t size = 0;
    if (kind != KIND_ANY) {
        return kind_name(kind);
    }
    for (int each = 1; each <= KIND_LAST; each++) {
        size += (size_t)snprintf(room + size, 512 - size, "%s%s", each == 1 ? "(" : "|",
                                 kind_name((enum kind)each));
    }
    (void)snprintf(room + size, 512 - size, ")"); // the rows fit, as a test sees
    return room;
}

static json_t *of_path(const struct field *field)
{
    char room[512];
    (void)field; // one shape for all paths
    return json_pack("{s:s, s:o}", "type", "string", "pattern",
                     printed("^%s/" ID "$", kinds_of(KIND_ANY, room)));
}

static json_t *of_hash(const struct field *field)
{
    (void)field; // one size for all hashes
    return of_pattern("^[0-9a-f]{64}$");
}

static json_t *of_curve(const struct field *field)
{
    (void)field; // one shape for all keys
    return of_pattern("^[0-9a-zA-Z.:+=^!/*?&<>()\\[\\]{}@%$#-]{40}$");
}

static json_t *of_flag(const struct field *field)
{
    (void)field; // one shape for all flags
    return json_pack("{s:s}", "type", "boolean");
}

static json_t *of_any(const struct field *field)
{
    (void)field; // whoever reads it knows its shape
    return json_true();
}

// Fields and groups -----------------------------------------------------------------------------

enum shape { SHAPE_READ, SHAPE_POSTED };

static json_t *of_fields(enum group group, bool required, enum shape shape);

// A group is given whole; private fields and the daemon's stand only in the outermost.
static json_t *of_group(const struct field *field)
{
    return of_fields((enum group)field->of, true, SHAPE_READ);
}

static json_t *of_one(const struct field *field)
{
    static json_t *(*const makers[])(const struct field *) = {
        [FIELD_LINE] = of_line,       [FIELD_TEXT] = of_line,    [FIELD_ID] = of_id,
        [FIELD_REFERENCE] = of_id,    [FIELD_CHOICE] = of_words, [FIELD_PHASE] = of_words,
        [FIELD_DATE] = of_date,       [FIELD_COUNT] = of_count,  [FIELD_CENTS] = of_cents,
        [FIELD_DECIMAL] = of_decimal, [FIELD_URL] = of_url,      [FIELD_OIN] = of_oin,
        [FIELD_PATH] = of_path,       [FIELD_HASH] = of_hash,    [FIELD_FLAG] = of_flag,
        [FIELD_GROUP] = of_group,     [FIELD_ANY] = of_any,      [FIELD_CURVE] = of_curve,
    };
    return makers[field->type](field);
}

static json_t *of_list(const struct field *field)
{
    json_t *schema = json_pack("{s:s, s:o, s:i, s:I}", "type", "array", "items", of_one(field),
                               "minItems", 1, "maxItems", (json_int_t)schema_items_max(field));
    if (field->form == FORM_SET) {
        set(schema, "uniqueItems", json_true());
    }
    return schema;
}

static json_t *of_map(const struct field *field)
{
    return json_pack("{s:s, s:o, s:o, s:i, s:I}", "type", "object", "propertyNames", of_id(field),
                     "additionalProperties", of_one(field), "minProperties", 1, "maxProperties",
                     (json_int_t)schema_items_max(field));
}

static json_t *of_field(const struct field *field)
{
    static json_t *(*const makers[])(const struct field *) = {
        [FORM_ONE] = of_one, [FORM_LIST] = of_list, [FORM_SET] = of_list, [FORM_MAP] = of_map};
    json_t *schema = makers[field->form](field);
    if (json_is_object(schema)) {
        set(schema, "title", json_string(field->label_nl));
        set(schema, "description", json_string(field->help));
    }
    return schema;
}

static const struct {
    unsigned flag;
    enum shape shape; // the one that has it
    const char *annotation;
} sides[] = {
    {FLAG_PRIVATE, SHAPE_POSTED, "writeOnly"},
    {FLAG_DAEMON, SHAPE_READ, "readOnly"},
};

// False if a field does not stand in a shape; otherwise it is marked as what stands in only one.
static bool take_side(const struct field *field, enum shape shape, json_t *schema)
{
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
        if ((field->flags & sides[i].flag) != 0) {
            set(schema, sides[i].annotation, json_true());
            return sides[i].shape == shape;
        }
    }
    return true;
}

static json_t *of_fields(enum group group, bool required, enum shape shape)
{
    struct fields fields = fields_of(group);
    json_t *properties = json_object(), *names = json_array();
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        json_t *schema = of_field(field);
        if (!take_side(field, shape, schema)) {
            json_decref(schema);
            continue;
        }
        set(properties, field->name, schema);
        if (required && (field->flags & FLAG_REQUIRED) != 0) {
            (void)json_array_append_new(names, json_string(field->name)); // as above
        }
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     names, "additionalProperties", 0);
}

// The CloudEvent --------------------------------------------------------------------------------

static void add_common(json_t *properties, const struct event_type *type, const char *type_prefix)
{
    char room[512];
    set(properties, "specversion", json_pack("{s:s}", "const", "1.0"));
    set(properties, "type",
        json_pack("{s:o}", "const", printed("%s%s.v1", type_prefix, type->name)));
    set(properties, "subject",
        json_pack("{s:s, s:o, s:s}", "type", "string", "pattern",
                  printed("^" ID "/%s/" ID "$", kinds_of(type->kind, room)), "description",
                  "region/kind/entity: the thing that changes"));
    static const char *const said[] = {"id", "on", "onbasis", "ontext", "citation", "reference"};
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        set(properties, said[i], of_field(field_find(GROUP_ENVELOPE, bytes_of(said[i]))));
    }
}

// What only the daemon sets, and so what a post may hold without effect.
static const struct {
    const char *name, *pattern;
    bool required;
} daemons[] = {
    {"source", "^urn:nld:oin:" OIN ":systeem:waternetd$", true},
    {"time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$", true},
    {"sequence", "^" OIN "$", true}, // 20 digits too
    {"prev", "^" COUNT "," COUNT "," COUNT "$", true},
    {"actororganisation", "^" ID "$", true},
    {"actorrole", "^" ID "$", true},
    {"actorvia", "^" ID "$", false},
    {"privatehash", "^[0-9a-f]{64}$", false},
    {"leafhash", "^[0-9a-f]{64}$", false},
    {"datacontenttype", NULL, false}, // the last two are CloudEvents' own, and never written here
    {"dataschema", NULL, false},
};

static void add_daemons(json_t *properties, json_t *required, enum shape shape)
{
    for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
        if (shape == SHAPE_POSTED) {
            set(properties, daemons[i].name, json_pack("{s:b}", "readOnly", 1));
        } else if (daemons[i].pattern != NULL) {
            json_t *schema = of_pattern(daemons[i].pattern);
            set(schema, "readOnly", json_true());
            set(properties, daemons[i].name, schema);
        }
        if (shape == SHAPE_READ && daemons[i].required) {
            (void)json_array_append_new(required, json_string(daemons[i].name)); // as above
        }
    }
}

static void add_needs(json_t *required, const struct event_type *type)
{
    static const struct {
        unsigned need;
        const char *name;
    } rows[] = {{NEEDS_ON, "on"}, {NEEDS_CITATION, "citation"}, {NEEDS_REFERENCE, "reference"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((type->flags & EVENT_FIRST) != 0 && (type->needs & rows[i].need) != 0) {
            (void)json_array_append_new(required, json_string(rows[i].name)); // as above
        }
    }
}

// A number that may be digits in a text, since CloudEvents' integers have 32 bits.
static json_t *posted_number(int least)
{
    return json_pack("{s:[s, s], s:i, s:s}", "type", "integer", "string", "minimum", least,
                     "pattern", "^[0-9]{1,19}$");
}

static json_t *of_read(const struct event_type *type, const char *type_prefix)
{
    json_t *properties = json_object();
    json_t *required = json_pack("[s, s, s, s, s]", "specversion", "type", "subject", "id", "data");
    add_common(properties, type, type_prefix);
    set(properties, "corrects", of_pattern("^[1-9][0-9]{0,18}$"));
    add_daemons(properties, required, SHAPE_READ);
    add_needs(required, type);
    set(properties, "data", of_fields(type->group, (type->flags & EVENT_FIRST) != 0, SHAPE_READ));
    return json_pack("{s:s, s:s, s:o, s:o, s:b}", "description",
                     "as it is read: private fields are absent", "type", "object", "properties",
                     properties, "required", required, "additionalProperties", 0);
}

static json_t *of_posted(const struct event_type *type, const char *type_prefix)
{
    json_t *properties = json_object();
    json_t *required = json_pack("[s, s]", "type", "subject");
    json_t *data = of_fields(type->group, (type->flags & EVENT_FIRST) != 0, SHAPE_POSTED);
    add_common(properties, type, type_prefix);
    set(properties, "corrects", posted_number(1));
    set(properties, "expect", posted_number(0));
    set(properties, "as", of_pattern("^[a-z-]+(:" ID ")?$"));
    add_daemons(properties, required, SHAPE_POSTED);
    add_needs(required, type);
    if (json_array_size(json_object_get(data, "required")) > 0) {
        (void)json_array_append_new(required, json_string("data")); // as above
    }
    set(properties, "data", data);
    return json_pack("{s:s, s:s, s:o, s:o, s:b}", "description",
                     "as it is posted: private fields are allowed, and kept apart from the event; "
                     "without an id it gets one",
                     "type", "object", "properties", properties, "required", required,
                     "additionalProperties", 0);
}

json_t *jsonschema_of(const struct event_type *type, const char *type_prefix)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:[{s:s}, {s:s}], s:{s:o, s:o}}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "$id",
                     printed("urn:x-waternet:event:%s%s.v1", type_prefix, type->name), "title",
                     type->label_nl, "description", type->help, "anyOf", "$ref", "#/$defs/read",
                     "$ref", "#/$defs/posted", "$defs", "read", of_read(type, type_prefix),
                     "posted", of_posted(type, type_prefix));
}
