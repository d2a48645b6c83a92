/*
 * sample - an event of any type as a client says it, made from the rows alone.
 *
 * A new event type or field needs nothing here. The values are fixed, since the golden files hold
 * them.
 */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

#include "proto/tables.h"
#include "proto/wire.h"

#include <stdio.h>

// Which fields stand in it besides the required ones that no one else fills in.
struct sample {
    bool optional;
    bool secret;    // the private ones
    bool daemon;    // those that the daemon fills in
    bool backwards; // sets in the wrong order, as a client may send them
};

static const struct sample sample_least = {.secret = true, .backwards = true};
static const struct sample sample_most = {.optional = true, .secret = true, .backwards = true};
// As it is stored: with the daemon's fields, without the private ones.
static const struct sample sample_stored = {.optional = true, .daemon = true};

static inline void sample_group(struct wire_writer *writer, enum group group, bool required,
                                struct sample sample);

static inline void sample_word(struct wire_writer *writer, const struct field *field, unsigned nth)
{
    const struct choice_row *row = choice_next(field->of, NULL), *next = row;
    for (unsigned i = 0; i <= nth && next != NULL; i++) {
        row = next;
        next = choice_next(field->of, row);
    }
    wire_put_text(writer, bytes_of(row->word));
}

// The kind of an event's subject; of a type that takes any, a contribution.
static inline enum kind sample_kind(const struct event_type *type)
{
    return type->kind == KIND_ANY ? KIND_CONTRIBUTION : type->kind;
}

// The nth of several different valid values of a field.
static inline void sample_one(struct wire_writer *writer, const struct field *field, unsigned nth,
                              struct sample sample)
{
    static const char *const dates[] = {"2015-03-19", "2015-Q3", "2015-03", "2015"};
    static const uint8_t hash[HASH_BYTES] = {0xab, 0xcd};
    char text[120];
    switch (field->type) {
    case FIELD_LINE:
        (void)snprintf(text, sizeof(text), "\u00e9\u00e9n%u %.7s", nth, field->name);
        break;
    case FIELD_TEXT:
        (void)snprintf(text, sizeof(text), "regel %u\n\u20ac van %s", nth, field->name);
        break;
    case FIELD_ID:
    case FIELD_REFERENCE:
        (void)snprintf(text, sizeof(text), "id-%u", nth);
        break;
    case FIELD_DATE:
        (void)snprintf(text, sizeof(text), "%s", dates[nth % 4]);
        break;
    case FIELD_DECIMAL:
        (void)snprintf(text, sizeof(text), "-%u.5", nth);
        break;
    case FIELD_OIN:
        (void)snprintf(text, sizeof(text), "%020u", nth);
        break;
    case FIELD_CURVE:
        (void)snprintf(text, sizeof(text), "%040u", nth);
        break;
    case FIELD_URL:
        (void)snprintf(text, sizeof(text), "https://example.nl/%u", nth);
        break;
    case FIELD_PATH:
        (void)snprintf(text, sizeof(text), "werkplaats/w%u", nth);
        break;
    case FIELD_PHASE:
        (void)snprintf(text, sizeof(text), "%s", phase_row((enum phase)(nth + 1))->name);
        break;
    case FIELD_CHOICE:
        sample_word(writer, field, nth);
        return;
    case FIELD_COUNT:
        wire_put_uint(writer, field->max == 0 ? 70000 + nth : field->max - nth);
        return;
    case FIELD_CENTS:
        wire_put_int(writer, -70000 - (int64_t)nth);
        return;
    case FIELD_HASH:
        wire_put_binary(writer, (struct bytes){hash, sizeof(hash)});
        return;
    case FIELD_FLAG:
        wire_put_flag(writer, nth % 2 == 0);
        return;
    case FIELD_GROUP:
        sample_group(writer, field->of, true, sample);
        return;
    case FIELD_ANY:
        wire_put_map(writer, 0);
        return;
    }
    wire_put_text(writer, bytes_of(text));
}

// Some words of a list as a set: in byte order, or in the opposite one.
static inline void sample_words(struct wire_writer *writer, const struct field *field,
                                uint32_t items, struct sample sample)
{
    const struct choice_row *row = NULL, *words[3];
    for (uint32_t i = 0; i < items && (row = choice_next(field->of, row)) != NULL; i++) {
        uint32_t place = i;
        while (place > 0 && (strcmp(words[place - 1]->word, row->word) > 0) != sample.backwards) {
            words[place] = words[place - 1];
            place--;
        }
        words[place] = row;
    }
    for (uint32_t i = 0; i < items; i++) {
        wire_put_text(writer, bytes_of(words[i]->word));
    }
}

static inline void sample_value(struct wire_writer *writer, const struct field *field,
                                struct sample sample)
{
    uint32_t items = field->max == 0 || field->max > 3 ? 3 : field->max;
    bool words = field->form == FORM_SET && field->type == FIELD_CHOICE;
    char key[16];
    switch (field->form) {
    case FORM_ONE:
        sample_one(writer, field, 0, sample);
        return;
    case FORM_LIST:
    case FORM_SET:
        wire_put_list(writer, items);
        break;
    case FORM_MAP:
        wire_put_map(writer, items);
        break;
    }
    if (words) {
        sample_words(writer, field, items, sample);
        return;
    }
    for (uint32_t i = 0; i < items; i++) {
        uint32_t nth = sample.backwards && field->form != FORM_LIST ? items - 1 - i : i;
        if (field->form == FORM_MAP) {
            (void)snprintf(key, sizeof(key), "key-%u", nth);
            wire_put_text(writer, bytes_of(key));
        }
        sample_one(writer, field, nth, sample);
    }
}

static inline bool sample_takes(const struct field *field, bool required, struct sample sample)
{
    bool wanted =
        (field->flags & FLAG_REQUIRED) != 0 ? required || sample.optional : sample.optional;
    if ((field->flags & FLAG_DAEMON) != 0) {
        return sample.daemon;
    }
    return wanted && ((field->flags & FLAG_PRIVATE) == 0 || sample.secret);
}

// A map with the fields of a group, in the order of its rows.
static inline void sample_group(struct wire_writer *writer, enum group group, bool required,
                                struct sample sample)
{
    struct fields fields = fields_of(group);
    uint32_t count = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        count += sample_takes(&fields.first[i], required, sample);
    }
    wire_put_map(writer, count);
    for (unsigned i = 0; i < fields.count; i++) {
        if (sample_takes(&fields.first[i], required, sample)) {
            wire_put_text(writer, bytes_of(fields.first[i].name));
            sample_value(writer, &fields.first[i], sample);
        }
    }
}

// The fields of the envelope that are not like their rows alone.
static inline void sample_envelope_value(struct wire_writer *writer, const struct field *field,
                                         const struct event_type *type, struct sample sample)
{
    bool required = (type->flags & EVENT_FIRST) != 0;
    char text[SUBJECT_MAX];
    if (strcmp(field->name, "type") == 0) {
        wire_put_text(writer, bytes_of(type->name));
    } else if (strcmp(field->name, "region") == 0) {
        wire_put_text(writer, bytes_of("twente"));
    } else if (strcmp(field->name, "subject") == 0) {
        (void)snprintf(text, sizeof(text), "%s/%s", kind_row(sample_kind(type))->name,
                       type->kind == KIND_REGION ? "twente" : "w1");
        wire_put_text(writer, bytes_of(text));
    } else if (strcmp(field->name, "data") == 0) {
        sample_group(writer, type->group, required, sample);
    } else {
        sample_value(writer, field, sample);
    }
}

static inline bool sample_envelope_takes(const struct field *field, const struct event_type *type,
                                         struct sample sample)
{
    bool needed = (strcmp(field->name, "on") == 0 && (type->needs & NEEDS_ON) != 0) ||
                  (strcmp(field->name, "citation") == 0 && (type->needs & NEEDS_CITATION) != 0) ||
                  (strcmp(field->name, "reference") == 0 && (type->needs & NEEDS_REFERENCE) != 0);
    bool data = strcmp(field->name, "data") == 0 && (type->flags & EVENT_FIRST) != 0;
    return needed || data || sample_takes(field, true, sample);
}

// The whole event, into room.
static inline struct bytes sample_event(const struct event_type *type, struct sample sample,
                                        void *room, size_t size)
{
    struct fields fields = fields_of(GROUP_ENVELOPE);
    struct wire_writer writer = wire_write(room, size);
    uint32_t count = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        count += sample_envelope_takes(&fields.first[i], type, sample);
    }
    wire_put_map(&writer, count);
    for (unsigned i = 0; i < fields.count; i++) {
        if (sample_envelope_takes(&fields.first[i], type, sample)) {
            wire_put_text(&writer, bytes_of(fields.first[i].name));
            sample_envelope_value(&writer, &fields.first[i], type, sample);
        }
    }
    return wire_written(&writer);
}

#endif
