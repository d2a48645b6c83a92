/*
 * The rows of events.def and fields.def as an answer, so that a client in another language can
 * check, ask and show without copying them. A page at a time; `next` is the first type of the next
 * page.
 */
#include "daemon/query_answers.h"

#define TYPES_PER_ANSWER 16

static const char *const form_names[] = {
    [FORM_ONE] = "one",
    [FORM_LIST] = "list",
    [FORM_SET] = "set",
    [FORM_MAP] = "map",
};

static const char *const type_names[] = {
    [FIELD_LINE] = "line",           [FIELD_TEXT] = "text",     [FIELD_ID] = "id",
    [FIELD_REFERENCE] = "reference", [FIELD_CHOICE] = "choice", [FIELD_PHASE] = "phase",
    [FIELD_DATE] = "date",           [FIELD_COUNT] = "count",   [FIELD_CENTS] = "cents",
    [FIELD_DECIMAL] = "decimal",     [FIELD_URL] = "url",       [FIELD_OIN] = "oin",
    [FIELD_PATH] = "path",           [FIELD_HASH] = "hash",     [FIELD_FLAG] = "flag",
    [FIELD_GROUP] = "group",         [FIELD_ANY] = "any",       [FIELD_CURVE] = "curve",
};

static const char *const effect_names[] = {
    [EFFECT_OPEN] = "open",     [EFFECT_SET] = "set",       [EFFECT_PUT] = "put",
    [EFFECT_REMOVE] = "remove", [EFFECT_APPEND] = "append", [EFFECT_END] = "end",
};

static uint32_t count_words(const struct field *field)
{
    uint32_t count = field->type == FIELD_PHASE ? PHASE_ONGOING : 0;
    const struct choice_row *row = NULL;
    while (field->type == FIELD_CHOICE && (row = choice_next(field->of, row)) != NULL) {
        count++;
    }
    return count;
}

static void write_words(struct wire_writer *writer, const struct field *field, uint32_t count)
{
    wire_put_text(writer, bytes_of("words"));
    wire_put_list(writer, count);
    for (int phase = 1; field->type == FIELD_PHASE && phase <= PHASE_ONGOING; phase++) {
        wire_put_text(writer, bytes_of(phase_row((enum phase)phase)->name));
    }
    const struct choice_row *row = NULL;
    while (field->type == FIELD_CHOICE && (row = choice_next(field->of, row)) != NULL) {
        wire_put_text(writer, bytes_of(row->word));
    }
}

static void write_roles(struct wire_writer *writer, const char *name, uint32_t roles)
{
    wire_put_text(writer, bytes_of(name));
    wire_put_list(writer, (uint32_t)__builtin_popcount(roles));
    for (int role = ROLE_OPERATOR; role <= ROLE_AUDITOR; role++) {
        if ((roles & ROLE_BIT(role)) != 0) {
            wire_put_text(writer, bytes_of(role_row((enum role)role)->name));
        }
    }
}

static void write_fields(struct wire_writer *writer, enum group group, bool required);

// Of flags only those that are set are told.
static void write_field(struct wire_writer *writer, const struct field *field, bool required)
{
    const struct {
        const char *name;
        bool set;
    } flags[] = {
        {"required", required && (field->flags & FLAG_REQUIRED) != 0},
        {"private", (field->flags & FLAG_PRIVATE) != 0},
        {"daemon", (field->flags & FLAG_DAEMON) != 0},
        {"key", (field->flags & FLAG_KEY) != 0},
        {"unique", (field->flags & FLAG_INDEXED) != 0},
    };
    uint32_t words = count_words(field), readers = field_readers(field), set = 0;
    bool kind = field->type == FIELD_REFERENCE || field->form == FORM_MAP;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        set += flags[i].set;
    }
    wire_put_map(writer, 5u + set + (readers != 0) + (words > 0) + kind +
                             (field->type == FIELD_GROUP) + (field->max > 0));
    wire_pair_text(writer, "name", bytes_of(field->name));
    wire_pair_text(writer, "form", bytes_of(form_names[field->form]));
    wire_pair_text(writer, "type", bytes_of(type_names[field->type]));
    wire_pair_text(writer, "help", bytes_of(field->help));
    wire_pair_text(writer, "label", bytes_of(field->label_nl));
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (flags[i].set) {
            wire_put_text(writer, bytes_of(flags[i].name));
            wire_put_flag(writer, true);
        }
    }
    if (readers != 0) {
        write_roles(writer, "readers", readers);
    }
    if (kind) {
        wire_pair_text(writer, "kind", bytes_of(kind_row((enum kind)field->of)->name));
    }
    if (words > 0) {
        write_words(writer, field, words);
    }
    if (field->max > 0) {
        wire_pair_uint(writer, "max", field->max);
    }
    if (field->type == FIELD_GROUP) {
        write_fields(writer, (enum group)field->of, true); // a group that is given is whole
    }
}

static void write_fields(struct wire_writer *writer, enum group group, bool required)
{
    struct fields fields = fields_of(group);
    wire_put_text(writer, bytes_of("fields"));
    wire_put_list(writer, fields.count);
    for (unsigned i = 0; i < fields.count; i++) {
        write_field(writer, &fields.first[i], required);
    }
}

static void write_needs(struct wire_writer *writer, unsigned needs)
{
    static const struct {
        unsigned need;
        const char *name;
    } rows[] = {{NEEDS_ON, "on"}, {NEEDS_CITATION, "citation"}, {NEEDS_REFERENCE, "reference"}};
    wire_put_text(writer, bytes_of("needs"));
    wire_put_list(writer, (uint32_t)__builtin_popcount(needs));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((needs & rows[i].need) != 0) {
            wire_put_text(writer, bytes_of(rows[i].name));
        }
    }
}

static void write_type(struct wire_writer *writer, const struct event_type *type)
{
    wire_put_map(writer, 10);
    wire_pair_text(writer, "type", bytes_of(type->name));
    wire_pair_text(writer, "kind", bytes_of(kind_name(type->kind)));
    wire_pair_text(writer, "effect", bytes_of(effect_names[type->effect]));
    wire_pair_text(writer, "slot", bytes_of(type->slot));
    wire_pair_text(writer, "visibility",
                   bytes_of(type->visibility == VISIBLE_PUBLIC ? "public" : "members"));
    wire_pair_text(writer, "help", bytes_of(type->help));
    wire_pair_text(writer, "label", bytes_of(type->label_nl));
    write_roles(writer, "roles", type->roles);
    write_needs(writer, (type->flags & EVENT_FIRST) != 0 ? type->needs : 0);
    write_fields(writer, type->group, (type->flags & EVENT_FIRST) != 0);
}

void answer_types(struct question *question)
{
    struct wire_writer *writer = &question->writer;
    const struct event_type *first = event_type_next(NULL), *next;
    if (question->request.from.size > 0) {
        first = event_type_find(question->request.from);
    }
    if (first == NULL) {
        fault_begin(question->faults, STATUS_MALFORMED, 0, "from");
        fault_found(question->faults, "\"%.*s\"", BYTES_PRINT(question->request.from));
        fault_accepted(question->faults, "an event type, or no from to begin with the first");
        return;
    }
    uint32_t count = 0;
    for (next = first; next != NULL && count < TYPES_PER_ANSWER; next = event_type_next(next)) {
        count++;
    }
    answer_begin(writer, question->request.number, STATUS_OK, 1u + (next != NULL));
    wire_put_text(writer, bytes_of("types"));
    wire_put_list(writer, count);
    for (const struct event_type *type = first; type != next; type = event_type_next(type)) {
        write_type(writer, type);
    }
    if (next != NULL) {
        wire_pair_text(writer, "next", bytes_of(next->name));
    }
}
