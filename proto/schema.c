#include "proto/schema.h"

#include <assert.h>
#include <stdlib.h>

// A value being checked: where it goes, and where it stands, which is put into words only for a
// fault.
struct place {
    struct faults *faults;
    struct wire_writer *writer;
    enum schema_part part;
    const struct place *outer; // the group around it; NULL if that is the outermost
    const char *where;         // what the outermost group is called; "" if nothing
    struct bytes name;         // of the field
};

#define PLACE_MAX 256

// "data.baseline.phase"
static size_t name_place(const struct place *place, char room[PLACE_MAX])
{
    size_t size = 0, shown = place->name.size > 64 ? 64 : place->name.size;
    if (place->outer != NULL) {
        size = name_place(place->outer, room); // as deep as the rows are
    } else {
        size = strlen(place->where);
        memcpy(room, place->where, size);
    }
    assert(size + 1 + shown < PLACE_MAX);
    if (size > 0) {
        room[size++] = '.';
    }
    if (shown > 0) {
        memcpy(room + size, place->name.data, shown);
    }
    room[size + shown] = '\0';
    return size + shown;
}

static void begin_fault(const struct place *place)
{
    char name[PLACE_MAX];
    (void)name_place(place, name); // its size is not needed
    fault_begin(place->faults, STATUS_MALFORMED, 0, name);
}

static void misfit(const struct place *place, const char *found, const char *accepted)
{
    begin_fault(place);
    fault_found(place->faults, "%s", found);
    fault_accepted(place->faults, "%s", accepted);
}

// What a value is, for people.
static const char *describe(const struct wire_value *value)
{
    static const char *const names[] = {
        [WIRE_UINT] = "a number",      [WIRE_NEGATIVE] = "a negative number",
        [WIRE_FLAG] = "true or false", [WIRE_TEXT] = "a text",
        [WIRE_BINARY] = "bytes",       [WIRE_LIST] = "a list",
        [WIRE_MAP] = "a map",
    };
    return names[value->type];
}

// Single values, a function a type --------------------------------------------------------------

static bool wants_text(const struct place *place, const struct wire_value *value,
                       const char *accepted)
{
    if (value->type != WIRE_TEXT) {
        misfit(place, describe(value), accepted);
    }
    return value->type == WIRE_TEXT;
}

// A text that must pass a test; what was found is shown, so that the sender recognises it.
static void take_text(struct place *place, const struct wire_value *value, bool fits,
                      const char *accepted)
{
    if (fits) {
        wire_put_text(place->writer, value->bytes);
        return;
    }
    begin_fault(place);
    fault_found(place->faults, "\"%.*s\"", (int)(value->bytes.size > 80 ? 80 : value->bytes.size),
                (const char *)value->bytes.data);
    fault_accepted(place->faults, "%s", accepted);
}

static void take_free_text(struct place *place, const struct field *field,
                           const struct wire_value *value)
{
    bool line = field->type == FIELD_LINE;
    const char *form = line ? "a line without control characters"
                            : "a text without control characters but newlines";
    if (!wants_text(place, value, form)) {
        return;
    }
    size_t max = field->max == 0 ? LINE_MAX_BYTES : field->max;
    bool plain = schema_is_plain(value->bytes); // as most texts are
    size_t characters = plain ? value->bytes.size : schema_characters(value->bytes);
    bool blank = schema_is_blank(value->bytes);
    if (blank || characters > max) {
        begin_fault(place);
        fault_found(place->faults, blank ? "an empty text" : "%zu characters", characters);
        fault_accepted(place->faults, "1 to %zu characters", max);
    } else {
        take_text(place, value, plain || !schema_has_control(value->bytes, !line), form);
    }
}

static void take_id(struct place *place, const struct field *field, const struct wire_value *value)
{
    const char *form = "an id: a-z, 0-9 and -, beginning with a letter or digit, at most 64";
    (void)field; // one shape for all ids
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_id(value->bytes), form);
    }
}

static void accept_words(struct place *place, const struct field *field)
{
    char words[256] = "one of";
    if (field->type == FIELD_PHASE) {
        for (int phase = PHASE_IDEA; phase <= PHASE_ONGOING; phase++) {
            strcat(strcat(words, " "), phase_row((enum phase)phase)->name);
        }
    }
    const struct choice_row *row = NULL;
    while (field->type == FIELD_CHOICE && (row = choice_next(field->of, row)) != NULL) {
        strcat(strcat(words, " "), row->word);
    }
    fault_accepted(place->faults, "%s", words);
}

static void take_word(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    bool fits = value->type == WIRE_TEXT &&
                (field->type == FIELD_PHASE ? phase_find(value->bytes) != PHASE_NONE
                                            : choice_has(field->of, value->bytes));
    if (fits) {
        wire_put_text(place->writer, value->bytes);
        return;
    }
    begin_fault(place);
    if (value->type == WIRE_TEXT) {
        fault_found(place->faults, "\"%.*s\"",
                    (int)(value->bytes.size > 80 ? 80 : value->bytes.size),
                    (const char *)value->bytes.data);
    } else {
        fault_found(place->faults, "%s", describe(value));
    }
    accept_words(place, field);
}

static void take_date(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    const char *form = "a date: 2015, 2015-03, 2015-Q3 or 2015-03-19";
    (void)field; // one shape for all dates
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_date(value->bytes), form);
    }
}

static void take_decimal(struct place *place, const struct field *field,
                         const struct wire_value *value)
{
    const char *form = "a decimal number as text, like \"14.3\"";
    (void)field; // one shape for all decimals
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_decimal(value->bytes), form);
    }
}

static void take_url(struct place *place, const struct field *field, const struct wire_value *value)
{
    const char *form = "an address that begins with https:// or http://, at most 1000 characters";
    (void)field; // one shape for all addresses
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_url(value->bytes), form);
    }
}

static void take_oin(struct place *place, const struct field *field, const struct wire_value *value)
{
    const char *form = "an OIN of 20 digits";
    (void)field; // one shape for all
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_oin(value->bytes), form);
    }
}

static void take_curve(struct place *place, const struct field *field,
                       const struct wire_value *value)
{
    const char *form = "a public key: 40 characters of Z85, as `waternet key new` shows it";
    (void)field; // one shape for all keys
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_curve(value->bytes), form);
    }
}

static void take_path(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    const char *form = "a path kind/entity, like werkplaats/rioolvervanging";
    enum kind kind;
    struct bytes entity;
    (void)field; // one shape for all paths
    if (wants_text(place, value, form)) {
        take_text(place, value, schema_is_path(value->bytes, &kind, &entity), form);
    }
}

static void take_count(struct place *place, const struct field *field,
                       const struct wire_value *value)
{
    uint64_t max = field->max == 0 ? INT64_MAX : field->max;
    if (value->type == WIRE_UINT && value->number <= max) {
        wire_put_uint(place->writer, value->number);
        return;
    }
    begin_fault(place);
    if (value->type == WIRE_UINT) {
        fault_found(place->faults, "%llu", (unsigned long long)value->number);
    } else {
        fault_found(place->faults, "%s", describe(value));
    }
    fault_accepted(place->faults, "a whole number from 0 to %llu", (unsigned long long)max);
}

static void take_cents(struct place *place, const struct field *field,
                       const struct wire_value *value)
{
    const int64_t most = SCHEMA_CENTS_MAX;
    (void)field; // one range for all money
    int64_t cents = (int64_t)value->number;
    bool fits = (value->type == WIRE_UINT || value->type == WIRE_NEGATIVE) && cents >= -most &&
                cents <= most && (value->type == WIRE_NEGATIVE) == (cents < 0);
    if (fits) {
        wire_put_int(place->writer, cents);
    } else {
        misfit(place, describe(value), "an amount in whole cents");
    }
}

static void take_hash(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    (void)field; // one size for all hashes
    if (value->type == WIRE_BINARY && value->bytes.size == HASH_BYTES) {
        wire_put_binary(place->writer, value->bytes);
    } else {
        misfit(place, describe(value), "32 bytes");
    }
}

static void take_flag(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    (void)field; // one shape for all flags
    if (value->type == WIRE_FLAG) {
        wire_put_flag(place->writer, value->number != 0);
    } else {
        misfit(place, describe(value), "true or false");
    }
}

static unsigned write_group(const struct place *group_place, enum group group, bool required,
                            struct bytes map, struct wire_writer *writer,
                            struct schema_values *values);

// Groups, and the recursion whose depth the rows of fields.def bound, not the input.
static void take_group(struct place *place, const struct field *field,
                       const struct wire_value *value)
{
    if (value->type != WIRE_MAP) {
        misfit(place, describe(value), "a map of fields");
        return;
    }
    // How many fields there will be is known only after the walk, and a group has at most 32: its
    // header is one byte up to 15 fields, three above.
    struct wire_writer *out = place->writer;
    uint8_t *room = out->data == NULL ? NULL : out->data + out->size;
    struct wire_writer inner = wire_write(room, out->limit - out->size);
    // A group is given whole, also where the fields around it may each be left out.
    struct schema_values values;
    unsigned count = write_group(place, field->of, true, value->raw, &inner, &values);
    uint8_t header_room[5];
    struct wire_writer header = wire_write(header_room, sizeof(header_room));
    wire_put_map(&header, count);
    if (inner.overflow || out->overflow || header.size + inner.size > out->limit - out->size) {
        out->overflow = true;
        return;
    }
    memmove(room + header.size, room, inner.size);
    memcpy(room, header_room, header.size);
    out->size += header.size + inner.size;
}

static void take_any(struct place *place, const struct field *field, const struct wire_value *value)
{
    (void)field; // whoever reads it later knows its shape
    wire_put_raw(place->writer, value->raw);
}

static void take_one(struct place *place, const struct field *field, const struct wire_value *value)
{
    static void (*const takers[])(struct place *, const struct field *,
                                  const struct wire_value *) = {
        [FIELD_LINE] = take_free_text,  [FIELD_TEXT] = take_free_text, [FIELD_ID] = take_id,
        [FIELD_REFERENCE] = take_id,    [FIELD_CHOICE] = take_word,    [FIELD_PHASE] = take_word,
        [FIELD_DATE] = take_date,       [FIELD_COUNT] = take_count,    [FIELD_CENTS] = take_cents,
        [FIELD_DECIMAL] = take_decimal, [FIELD_URL] = take_url,        [FIELD_OIN] = take_oin,
        [FIELD_PATH] = take_path,       [FIELD_HASH] = take_hash,      [FIELD_FLAG] = take_flag,
        [FIELD_GROUP] = take_group,     [FIELD_ANY] = take_any,        [FIELD_CURVE] = take_curve,
    };
    takers[field->type](place, field, value);
}

// Lists, sets and free maps ---------------------------------------------------------------------

#define SORTED_MAX 256 // the widest set of fields.def, and WIRE_MAP_MAX

// How many items there may be. Of a map the row's max is that of its values.
uint32_t schema_items_max(const struct field *field)
{
    if (field->form == FORM_MAP) {
        return WIRE_MAP_MAX;
    }
    uint32_t most = field->form == FORM_SET ? SORTED_MAX : ENTITY_ITEMS_MAX;
    return field->max == 0 || field->max > most ? most : field->max;
}

static bool fits_count(struct place *place, const struct field *field,
                       const struct wire_value *value, uint32_t count)
{
    uint32_t max = schema_items_max(field);
    if (count == 0 || count > max) {
        begin_fault(place);
        fault_found(place->faults, "%s of %u", describe(value), count);
        fault_accepted(place->faults, "1 to %u items", max);
    }
    return count > 0 && count <= max;
}

static void take_list(struct place *place, const struct field *field,
                      const struct wire_value *value)
{
    struct wire_reader reader = wire_read(value->raw);
    struct wire_value head, item;
    if (value->type != WIRE_LIST) {
        misfit(place, describe(value), "a list");
    } else if (fits_count(place, field, value, value->count) && wire_next(&reader, &head)) {
        wire_put_list(place->writer, head.count);
        for (uint32_t i = 0; i < head.count && wire_take(&reader, &item); i++) {
            take_one(place, field, &item);
        }
    }
}

// What is sorted: each item, or each pair of a map by its key.
struct sorted {
    struct bytes key;
    struct wire_value value;
};

static int compare_sorted(const void *a, const void *b)
{
    return bytes_compare(((const struct sorted *)a)->key, ((const struct sorted *)b)->key);
}

static void write_sorted(struct place *place, const struct field *field, struct sorted *items,
                         uint32_t count)
{
    qsort(items, count, sizeof(items[0]), compare_sorted);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && bytes_equal(items[i - 1].key, items[i].key)) {
            misfit(place, "the same item twice", "each item once");
        }
        if (field->form == FORM_MAP) {
            struct wire_value key = {.type = WIRE_TEXT, .bytes = items[i].key};
            take_id(place, field, &key);
        }
        take_one(place, field, &items[i].value);
    }
}

static void take_sorted(struct place *place, const struct field *field,
                        const struct wire_value *value)
{
    static_assert(SORTED_MAX >= WIRE_MAP_MAX, "a map fits");
    struct sorted items[SORTED_MAX];
    struct wire_reader reader = wire_read(value->raw);
    struct wire_value head, key;
    bool map = field->form == FORM_MAP;
    if (value->type != (map ? WIRE_MAP : WIRE_LIST)) {
        misfit(place, describe(value), map ? "a map" : "a list");
        return;
    }
    if (!fits_count(place, field, value, value->count) || !wire_next(&reader, &head)) {
        return;
    }
    for (uint32_t i = 0; i < head.count; i++) {
        bool whole = (!map || wire_next(&reader, &key)) && wire_take(&reader, &items[i].value);
        assert(whole); // the bytes were checked
        // Sets are of texts (ids, words, paths): their bytes are their order.
        items[i].key = map ? key.bytes : items[i].value.bytes;
    }
    if (map) {
        wire_put_map(place->writer, head.count);
    } else {
        wire_put_list(place->writer, head.count);
    }
    write_sorted(place, field, items, head.count);
}

static void take_value(struct place *place, const struct field *field,
                       const struct wire_value *value)
{
    static void (*const takers[])(struct place *, const struct field *,
                                  const struct wire_value *) = {
        [FORM_ONE] = take_one,
        [FORM_LIST] = take_list,
        [FORM_SET] = take_sorted,
        [FORM_MAP] = take_sorted,
    };
    takers[field->form](place, field, value);
}

// A group ---------------------------------------------------------------------------------------

// Whether a field belongs to the part that is written. What the client may not send is a fault.
static bool is_wanted(struct place *place, const struct field *field)
{
    if (place->part == SCHEMA_PRIVATE) {
        return (field->flags & FLAG_PRIVATE) != 0;
    }
    if ((field->flags & FLAG_DAEMON) != 0) {
        misfit(place, "a field that the daemon fills in", "an event without it");
    }
    return (field->flags & (FLAG_PRIVATE | FLAG_DAEMON)) == 0;
}

static void say_unknown(struct place *place, enum group group)
{
    char known[400] = "one of";
    struct fields fields = fields_of(group);
    for (unsigned i = 0; i < fields.count && strlen(known) < 300; i++) {
        if ((fields.first[i].flags & FLAG_DAEMON) == 0) {
            strcat(strcat(known, " "), fields.first[i].name);
        }
    }
    misfit(place, "a field that is not known here", fields.count == 0 ? "no fields" : known);
}

// The row of a key; fields usually come in the order of the rows, so the next one is looked at
// first. The number of rows if there is none.
static unsigned find_row(struct fields fields, struct bytes key, unsigned guess)
{
    for (unsigned tried = 0; tried < fields.count; tried++) {
        unsigned row = guess + tried < fields.count ? guess + tried : guess + tried - fields.count;
        const struct field *field = &fields.first[row];
        if (key.size == field->name_size && memcmp(key.data, field->name, key.size) == 0) {
            return row;
        }
    }
    return fields.count;
}

// Finds each row's value in the map. What has no row is a fault, told only with the public part, so
// that it is told once.
static void match_fields(struct place *place, enum group group, struct bytes map,
                         struct schema_values *values)
{
    struct fields fields = fields_of(group);
    struct wire_reader reader = wire_read(map);
    struct wire_value head = {0}, key, value;
    bool is_map = wire_next(&reader, &head) && head.type == WIRE_MAP;
    assert(is_map); // the caller looked
    values->present = 0;
    unsigned guess = 0;
    for (uint32_t i = 0; i < head.count && wire_next(&reader, &key) && wire_take(&reader, &value);
         i++) {
        unsigned row = find_row(fields, key.bytes, guess);
        if (row < fields.count) {
            values->present |= UINT32_C(1) << row;
            values->rows[row] = value;
            guess = row + 1 < fields.count ? row + 1 : 0;
        } else if (place->part == SCHEMA_PUBLIC) {
            place->name = key.bytes;
            say_unknown(place, group);
        }
    }
}

// A field with its name; a faulty one leaves nothing behind, so that what is written stays
// readable.
static bool write_field(struct place *place, const struct field *field,
                        const struct wire_value *value)
{
    enum schema_part part = place->part;
    size_t size_before = place->writer->size;
    unsigned faults_before = place->faults->count + place->faults->untold;
    // Inside a private field everything is private: its own rows carry no marks.
    place->part = part == SCHEMA_PRIVATE ? SCHEMA_PUBLIC : part;
    wire_put_text(place->writer, place->name);
    take_value(place, field, value);
    place->part = part;
    bool sound = place->faults->count + place->faults->untold == faults_before;
    if (!sound) {
        place->writer->size = size_before;
    }
    return sound;
}

static unsigned write_fields(struct place *place, enum group group, bool required, struct bytes map,
                             struct schema_values *values)
{
    struct fields fields = fields_of(group);
    bool is_private = place->part == SCHEMA_PRIVATE;
    unsigned written = 0;
    match_fields(place, group, map, values);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        bool here = (values->present >> i & 1) != 0;
        bool missing = !here && required && (field->flags & FLAG_REQUIRED) != 0 &&
                       ((field->flags & FLAG_PRIVATE) != 0) == is_private;
        place->name = (struct bytes){field->name, field->name_size};
        if (missing) {
            misfit(place, "nothing", field->help);
        } else if (here && is_wanted(place, field)) {
            written += write_field(place, field, &values->rows[i]);
        }
    }
    return written;
}

static unsigned write_group(const struct place *group_place, enum group group, bool required,
                            struct bytes map, struct wire_writer *writer,
                            struct schema_values *values)
{
    struct place place = {
        .faults = group_place->faults,
        .writer = writer,
        .part = group_place->part,
        .outer = group_place,
    };
    return write_fields(&place, group, required, map, values);
}

bool schema_has_part(enum group group, enum schema_part part)
{
    struct fields fields = fields_of(group);
    bool found = false;
    for (unsigned i = 0; i < fields.count && !found; i++) {
        bool is_private = (fields.first[i].flags & FLAG_PRIVATE) != 0;
        found = is_private == (part == SCHEMA_PRIVATE);
    }
    return found;
}

unsigned schema_write(enum group group, enum schema_part part, bool required, struct bytes map,
                      const char *where, struct faults *faults, struct wire_writer *writer)
{
    struct place place = {.faults = faults, .writer = writer, .part = part, .where = where};
    struct schema_values values;
    return write_fields(&place, group, required, map, &values);
}

void schema_check(enum group group, struct bytes map, const char *where, struct faults *faults,
                  struct schema_values *ret_values)
{
    struct wire_writer dropped = wire_write(NULL, 0);
    struct place place = {
        .faults = faults, .writer = &dropped, .part = SCHEMA_PUBLIC, .where = where};
    (void)write_fields(&place, group, true, map, ret_values); // for its faults and its values
}
