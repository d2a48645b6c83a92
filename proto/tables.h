/*
 * tables - the rows of the .def files as C sees them.
 *
 *     kinds.def choices.def phases.def roles.def scopes.def keystates.def events.def fields.def
 *     private.def requests.def
 *
 * Everything generic in the programs (validation, codec, apply, flags and help, JSON, completion,
 * labels) walks these rows, so that a new event type costs its row and its fields and no code.
 * All rows are constant and live as long as the program.
 */
#ifndef PROTO_TABLES_H
#define PROTO_TABLES_H

#include "proto/bytes.h"
#include "proto/limits.h"

#include <stdint.h>

// Kinds -----------------------------------------------------------------------------------------

enum kind {
    KIND_NONE = 0,
    KIND_ANY = KIND_NONE, // of an event type: its subject may be of any kind
#define KIND(number, NAME, ...) KIND_##NAME = (number),
#include "proto/kinds.def"
#undef KIND
};

#define KIND(number, ...) +1
enum {
    KIND_LAST = 0
#include "proto/kinds.def"
};
#undef KIND

struct kind_row {
    enum kind kind;
    const char *name, *plural;
    const char *label_nl, *plural_nl;
};

// The row of a kind's name; KIND_NONE if no row has it.
enum kind kind_find(struct bytes name);
// The same for what people type: the name, its plural, or the Dutch plural.
enum kind kind_find_typed(const char *word);
const struct kind_row *kind_row(enum kind kind);
// Its name; "any" for KIND_ANY.
const char *kind_name(enum kind kind);

// Phases and choices ----------------------------------------------------------------------------

enum phase {
    PHASE_NONE = 0,
#define PHASE(number, NAME, ...) PHASE_##NAME = (number),
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
};

struct phase_row {
    enum phase phase;
    const char *name, *label_nl;
    bool open; // it can still move to another phase
};

// PHASE_NONE if no row has the name.
enum phase phase_find(struct bytes name);
const struct phase_row *phase_row(enum phase phase);

// Whether a werkplaats may take a step, and whether it must say why.
enum phase_step { STEP_FORBIDDEN, STEP_NOTHING, STEP_REASON };
enum phase_step phase_step(enum phase from, enum phase to);

enum choices {
    CHOICES_NONE = 0,
    CHOICES_REGION_STATUS,
    CHOICES_MEMBER_KIND,
    CHOICES_SECTOR,
    CHOICES_LEVEL,
    CHOICES_WERKPLAATS_KIND,
    CHOICES_BASIS,
    CHOICES_CONTRIBUTION,
    CHOICES_FRAME,
    CHOICES_MEASUREMENT,
    CHOICES_OUTCOME,
    CHOICES_PRIORITY,
    CHOICES_METHOD,
    CHOICES_PURPOSE,
    CHOICES_BOARD,
    CHOICES_DECISION,
    CHOICES_CHANNEL,
    CHOICES_DIGEST,
    CHOICES_LANGUAGE,
};

struct choice_row {
    enum choices list;
    const char *word, *label_nl;
};

bool choice_has(enum choices list, struct bytes word);
// Walks the words of one list, in their order: start with NULL; NULL after the last.
const struct choice_row *choice_next(enum choices list, const struct choice_row *row);

// Roles -----------------------------------------------------------------------------------------

enum role {
    ROLE_NONE = 0,
#define ROLE(number, NAME, ...) ROLE_##NAME = (number),
#include "proto/roles.def"
#undef ROLE
};
#define ROLE_BIT(role) (UINT32_C(1) << (role))
#define ROLES_ANYONE (ROLE_BIT(ROLE_AUDITOR + 1) - ROLE_BIT(ROLE_OPERATOR)) // every row

enum scope {
    SCOPE_NONE,
#define SCOPE(NAME, ...) SCOPE_##NAME,
#include "proto/scopes.def"
#undef SCOPE
};

// Whether a grant names something.
enum naming { NAMES_NONE, NAMES_PERHAPS, NAMES_ALWAYS };

struct scope_row {
    enum scope scope;
    bool of_system; // not of a region
    enum naming member, werkplaats;
};

// Not of SCOPE_NONE.
const struct scope_row *scope_row(enum scope scope);

struct role_row {
    enum role role;
    const char *name, *label_nl;
    enum scope scope;
    enum scope organisation; // whose name `as` means when it gives none: SYSTEM, REGION or NONE
};

// ROLE_NONE if no row has the name.
enum role role_find(struct bytes name);
const struct role_row *role_row(enum role role);
// The names of a set's roles, ROLE_BIT() of each, with commas between.
#define ROLES_TEXT 200
void roles_text(uint32_t roles, char ret_text[ROLES_TEXT]);

// Key states ------------------------------------------------------------------------------------

enum key_state {
    KEY_UNKNOWN = 0,
#define KEY_STATE(number, NAME, ...) KEY_##NAME = (number),
#include "proto/keystates.def"
#undef KEY_STATE
};

struct key_state_row {
    enum key_state state;
    const char *name, *label_nl;
    bool reads, posts;
};

const struct key_state_row *key_state_row(enum key_state state);

// Fields ----------------------------------------------------------------------------------------

enum group {
#define GROUP(NAME) GROUP_##NAME,
#define FIELD(...)
#define END(NAME)
#include "proto/fields.def"
#undef GROUP
#undef FIELD
#undef END
    GROUP_COUNT
};

enum form { FORM_ONE, FORM_LIST, FORM_SET, FORM_MAP };

enum field_type {
    FIELD_LINE,      // text without control characters
    FIELD_TEXT,      // text that may hold newlines
    FIELD_ID,        // [a-z0-9][a-z0-9-]{0,63}
    FIELD_REFERENCE, // the id of an entity of the kind in `of`, same region, not ended
    FIELD_CHOICE,    // a word of the list in `of`
    FIELD_PHASE,     // a name of phases.def
    FIELD_DATE,      // 2015, 2015-03, 2015-Q3, 2015-03-19
    FIELD_COUNT,     // unsigned
    FIELD_CENTS,     // signed
    FIELD_DECIMAL,   // text: -?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?
    FIELD_URL,       // http or https
    FIELD_OIN,       // 20 digits: an organisation's identification number
    FIELD_PATH,      // kind/entity in the same region; G11 checks it like a reference
    FIELD_HASH,      // 32 bytes
    FIELD_CURVE,     // a CURVE public key: 40 characters of Z85
    FIELD_FLAG,      // true or false
    FIELD_GROUP,     // a map with the fields of the group in `of`
    FIELD_ANY,       // a checked value whose shape is another's business
};

enum field_flag {
    FLAG_REQUIRED = 1,
    FLAG_PRIVATE = 2,        // goes into the private part, never into the event
    FLAG_DAEMON = 4,         // filled in by the daemon, refused from a client
    FLAG_KEY = 8,            // part of the item's key in its slot
    FLAG_ONCE = 16,          // only in the request, never stored
    FLAG_BECOMES_PHASE = 32, // the entity's field `phase` takes this value too
    FLAG_INDEXED = 64,       // the entity is found by it, and no other has the same
};

struct field {
    enum group group; // that it belongs to
    const char *name;
    size_t name_size;
    enum form form;
    enum field_type type;
    unsigned of;    // enum kind, enum choices or enum group, by type; of a MAP the kind of its keys
    unsigned flags; // of enum field_flag
    uint32_t max;   // characters, items or largest count; 0: the type's own limit
    const char *label_nl;
    const char *help;
};

// The fields of a group, in canonical order.
struct fields {
    const struct field *first;
    unsigned count;
};
#define FIELDS_PER_GROUP_MAX 32
struct fields fields_of(enum group group);
// NULL if the group has no field of that name.
const struct field *field_find(enum group group, struct bytes name);
// ROLE_BIT() of each role that may read a private field (private.def).
uint32_t field_readers(const struct field *field);

// Events ----------------------------------------------------------------------------------------

enum event_number {
    EVENT_NONE = 0,
#define EVENT(number, NAME, ...) EVENT_##NAME = (number),
#include "proto/events.def"
#undef EVENT
};

enum effect { EFFECT_OPEN, EFFECT_SET, EFFECT_PUT, EFFECT_REMOVE, EFFECT_APPEND, EFFECT_END };
enum visibility { VISIBLE_PUBLIC, VISIBLE_MEMBERS };
enum event_need { NEEDS_ON = 1, NEEDS_CITATION = 2, NEEDS_REFERENCE = 4 };
enum event_flag {
    EVENT_FIRST = 1,      // the required fields of its group are required
    EVENT_OPENS = 8,      // opens its entity if there is none of that name yet
    EVENT_REOPENS = 2,    // may open an entity again that has ended
    EVENT_RESTATES = 4,   // its date and source become the entity's, as those of an OPEN do
    EVENT_ENDED_TOO = 16, // its subject may have ended
    EVENT_ERASES = 128,   // once committed, the private part of the event `of` is destroyed
    EVENT_LOW_TOO = 64,   // taken below the watermark of free space too
    EVENT_CUTS = 32,      // once committed, the connections of the feed over tcp are closed
};

struct event_type {
    enum event_number number;
    const char *name; // "news.published"
    size_t name_size;
    enum kind kind; // of its subject; KIND_ANY: see struct event
    enum effect effect;
    const char *slot; // of PUT, REMOVE, APPEND; otherwise ""
    enum group group; // of its data
    unsigned needs;   // of enum event_need
    unsigned flags;   // of enum event_flag
    uint32_t roles;   // ROLE_BIT() of each that may post it
    enum visibility visibility;
    const char *label_nl;
    const char *help;
};

// NULL if no row has the name.
const struct event_type *event_type_find(struct bytes name);
// Walks all rows in the order of their numbers: start with NULL; NULL after the last.
const struct event_type *event_type_next(const struct event_type *type);

// Requests --------------------------------------------------------------------------------------

enum request_number {
    REQUEST_NONE = 0,
#define REQUEST(number, NAME, ...) REQUEST_##NAME = (number),
#include "proto/requests.def"
#undef REQUEST
};

#define REQUEST(number, ...) +1
enum {
    REQUEST_LAST = 0
#include "proto/requests.def"
};
#undef REQUEST

enum request_socket { SOCKET_COMMAND, SOCKET_QUERY };

struct request_row {
    enum request_number number;
    const char *name;
    enum request_socket socket;
    uint64_t required, optional; // bit i: the i-th field of GROUP_REQUEST
    const char *help;
};

const struct request_row *request_find(struct bytes name);
const struct request_row *request_row(enum request_number number);

#endif
