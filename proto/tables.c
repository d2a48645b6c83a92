#include "proto/tables.h"

#include <assert.h>

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

// Kinds -----------------------------------------------------------------------------------------

static const struct kind_row kinds[] = {
#define KIND(number, NAME, name, plural, label_nl, plural_nl)                                      \
    {KIND_##NAME, name, plural, label_nl, plural_nl},
#include "proto/kinds.def"
#undef KIND
};

enum kind kind_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (bytes_are(name, kinds[i].name)) {
            return kinds[i].kind;
        }
    }
    return KIND_NONE;
}

enum kind kind_find_typed(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const struct kind_row *row = &kinds[i];
        if (strcmp(word, row->name) == 0 || strcmp(word, row->plural) == 0 ||
            strcmp(word, row->label_nl) == 0 || strcmp(word, row->plural_nl) == 0) {
            return row->kind;
        }
    }
    return KIND_NONE;
}

const struct kind_row *kind_row(enum kind kind)
{
    assert(kind >= 1 && (size_t)kind <= COUNT_OF(kinds) && kinds[kind - 1].kind == kind);
    return &kinds[kind - 1];
}

const char *kind_name(enum kind kind)
{
    return kind == KIND_ANY ? "any" : kind_row(kind)->name;
}

// Phases and choices ----------------------------------------------------------------------------

static const struct phase_row phases[] = {
#define PHASE(number, NAME, name, label_nl, open) {PHASE_##NAME, name, label_nl, open},
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
};

enum phase_step phase_step(enum phase from, enum phase to)
{
    static const struct {
        enum phase from, to;
        enum phase_step step;
    } steps[] = {
#define PHASE(...)
#define STEP(FROM, TO, NEEDS) {PHASE_##FROM, PHASE_##TO, STEP_##NEEDS},
#include "proto/phases.def"
#undef PHASE
#undef STEP
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (steps[i].from == from && steps[i].to == to) {
            return steps[i].step;
        }
    }
    return STEP_FORBIDDEN;
}

enum phase phase_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(phases); i++) {
        if (bytes_are(name, phases[i].name)) {
            return phases[i].phase;
        }
    }
    return PHASE_NONE;
}

const struct phase_row *phase_row(enum phase phase)
{
    assert(phase >= 1 && (size_t)phase <= COUNT_OF(phases) && phases[phase - 1].phase == phase);
    return &phases[phase - 1];
}

static const struct choice_row choice_rows[] = {
#define CHOICE(LIST, word, label_nl) {CHOICES_##LIST, word, label_nl},
#include "proto/choices.def"
#undef CHOICE
};

const struct choice_row *choice_next(enum choices list, const struct choice_row *row)
{
    const struct choice_row *end = choice_rows + COUNT_OF(choice_rows);
    for (row = row == NULL ? choice_rows : row + 1; row < end; row++) {
        if (row->list == list) {
            return row;
        }
    }
    return NULL;
}

bool choice_has(enum choices list, struct bytes word)
{
    const struct choice_row *row = NULL;
    while ((row = choice_next(list, row)) != NULL) {
        if (bytes_are(word, row->word)) {
            return true;
        }
    }
    return false;
}

// Roles -----------------------------------------------------------------------------------------

static const struct role_row roles[] = {
#define ROLE(number, NAME, name, label_nl, SCOPE, ORGANISATION)                                    \
    {ROLE_##NAME, name, label_nl, SCOPE_##SCOPE, SCOPE_##ORGANISATION},
#include "proto/roles.def"
#undef ROLE
};

enum role role_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (bytes_are(name, roles[i].name)) {
            return roles[i].role;
        }
    }
    return ROLE_NONE;
}

const struct role_row *role_row(enum role role)
{
    assert(role >= 1 && (size_t)role <= COUNT_OF(roles) && roles[role - 1].role == role);
    return &roles[role - 1];
}

const struct scope_row *scope_row(enum scope scope)
{
    static const struct scope_row rows[] = {
#define SCOPE(NAME, of_system, member, werkplaats)                                                 \
    {SCOPE_##NAME, of_system, NAMES_##member, NAMES_##werkplaats},
#include "proto/scopes.def"
#undef SCOPE
    };
    assert(scope >= 1 && (size_t)scope <= COUNT_OF(rows) && rows[scope - 1].scope == scope);
    return &rows[scope - 1];
}

void roles_text(uint32_t roles_of, char ret_text[ROLES_TEXT])
{
    ret_text[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(roles); i++) { // all of them fit
        if ((roles_of & ROLE_BIT(roles[i].role)) != 0) {
            strcat(strcat(ret_text, ret_text[0] == '\0' ? "" : ", "), roles[i].name);
        }
    }
}

// Key states ------------------------------------------------------------------------------------

const struct key_state_row *key_state_row(enum key_state state)
{
    static const struct key_state_row rows[] = {
#define KEY_STATE(number, NAME, name, label_nl, reads, posts)                                      \
    {KEY_##NAME, name, label_nl, reads, posts},
#include "proto/keystates.def"
#undef KEY_STATE
    };
    assert(state >= 1 && (size_t)state <= COUNT_OF(rows) && rows[state - 1].state == state);
    return &rows[state - 1];
}

// Fields ----------------------------------------------------------------------------------------

// What `of` means depends on the type in the same row.
#define OF_LINE(of) 0
#define OF_TEXT(of) 0
#define OF_ID(of) 0
#define OF_REFERENCE(of) KIND_##of
#define OF_CHOICE(of) CHOICES_##of
#define OF_PHASE(of) 0
#define OF_DATE(of) 0
#define OF_COUNT(of) KIND_##of // of a MAP, its keys
#define OF_CENTS(of) KIND_##of
#define OF_DECIMAL(of) 0
#define OF_URL(of) 0
#define OF_OIN(of) 0
#define OF_PATH(of) 0
#define OF_HASH(of) 0
#define OF_CURVE(of) 0
#define OF_FLAG(of) 0
#define OF_GROUP(of) GROUP_##of
#define OF_ANY(of) 0

// The names that the rows use for their flags.
enum {
    REQUIRED = FLAG_REQUIRED,
    PRIVATE = FLAG_PRIVATE,
    DAEMON = FLAG_DAEMON,
    KEY = FLAG_KEY,
    ONCE = FLAG_ONCE,
    BECOMES_PHASE = FLAG_BECOMES_PHASE,
    INDEXED = FLAG_INDEXED,
};

static const struct field field_rows[] = {
#define GROUP(NAME)
#define END(NAME)
#define FIELD(owner, name, form, type, of, flags, max, label_nl, help)                             \
    {GROUP_##owner, #name, sizeof(#name) - 1, FORM_##form, FIELD_##type, OF_##type(of),            \
     flags,         max,   label_nl,          help},
#include "proto/fields.def"
#undef GROUP
#undef END
#undef FIELD
};

// Where each group begins in field_rows: GROUP and END count nothing, FIELD counts one.
enum field_place {
#define GROUP(NAME) FIRST_OF_##NAME, FIRST_RESET_##NAME = FIRST_OF_##NAME - 1,
#define FIELD(owner, name, ...) PLACE_##owner##_##name,
#define END(NAME) AFTER_##NAME, AFTER_RESET_##NAME = AFTER_##NAME - 1,
#include "proto/fields.def"
#undef GROUP
#undef END
#undef FIELD
};

static const struct fields groups[GROUP_COUNT] = {
#define GROUP(NAME) {field_rows + FIRST_OF_##NAME, AFTER_##NAME - FIRST_OF_##NAME},
#define FIELD(...)
#define END(NAME)
#include "proto/fields.def"
#undef GROUP
#undef END
#undef FIELD
};

struct fields fields_of(enum group group)
{
    assert(group < GROUP_COUNT && groups[group].count <= FIELDS_PER_GROUP_MAX);
    return groups[group];
}

const struct field *field_find(enum group group, struct bytes name)
{
    struct fields fields = fields_of(group);
    for (unsigned i = 0; i < fields.count; i++) {
        if (bytes_are(name, fields.first[i].name)) {
            return &fields.first[i];
        }
    }
    return NULL;
}

// Events ----------------------------------------------------------------------------------------

// The names that the rows use for roles, needs and flags.
enum {
#define ROLE(number, NAME, ...) NAME = 1u << (number),
#include "proto/roles.def"
#undef ROLE
    ANYONE = ROLES_ANYONE,
    ON = NEEDS_ON,
    CITATION = NEEDS_CITATION,
    REFERENCE = NEEDS_REFERENCE,
    FIRST = EVENT_FIRST,
    OPENS = EVENT_OPENS,
    REOPENS = EVENT_REOPENS,
    RESTATES = EVENT_RESTATES,
    ENDED_TOO = EVENT_ENDED_TOO,
    CUTS = EVENT_CUTS,
    LOW_TOO = EVENT_LOW_TOO,
    ERASES = EVENT_ERASES,
};

uint32_t field_readers(const struct field *field)
{
    static const struct {
        enum group group;
        const char *field;
        uint32_t roles;
    } rows[] = {
#define READERS(group, field, roles) {GROUP_##group, #field, (uint32_t)(roles)},
#include "proto/private.def"
#undef READERS
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].group == field->group && strcmp(rows[i].field, field->name) == 0) {
            return rows[i].roles;
        }
    }
    return 0;
}

static const struct event_type event_types[] = {
#define EVENT(number, NAME, name, subject, effect, slot, data, needs, flags, posted_by, visible,   \
              label_nl, help)                                                                      \
    {EVENT_##NAME,                                                                                 \
     name,                                                                                         \
     sizeof(name) - 1,                                                                             \
     KIND_##subject,                                                                               \
     EFFECT_##effect,                                                                              \
     slot,                                                                                         \
     GROUP_##data,                                                                                 \
     needs,                                                                                        \
     flags,                                                                                        \
     (uint32_t)(posted_by),                                                                        \
     VISIBLE_##visible,                                                                            \
     label_nl,                                                                                     \
     help},
#include "proto/events.def"
#undef EVENT
};

const struct event_type *event_type_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(event_types); i++) {
        const struct event_type *type = &event_types[i];
        if (name.size == type->name_size && memcmp(name.data, type->name, name.size) == 0) {
            return type;
        }
    }
    return NULL;
}

const struct event_type *event_type_next(const struct event_type *type)
{
    type = type == NULL ? event_types : type + 1;
    return type < event_types + COUNT_OF(event_types) ? type : NULL;
}

// Requests --------------------------------------------------------------------------------------

#define F(name) (UINT64_C(1) << (PLACE_REQUEST_##name - FIRST_OF_REQUEST))

static const struct request_row requests[] = {
#define REQUEST(number, NAME, name, SOCKET, required, optional, help)                              \
    {REQUEST_##NAME, name, SOCKET_##SOCKET, required, optional, help},
#include "proto/requests.def"
#undef REQUEST
};

const struct request_row *request_find(struct bytes name)
{
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        if (bytes_are(name, requests[i].name)) {
            return &requests[i];
        }
    }
    return NULL;
}

const struct request_row *request_row(enum request_number number)
{
    assert(number >= 1 && (size_t)number <= COUNT_OF(requests));
    return &requests[number - 1];
}
