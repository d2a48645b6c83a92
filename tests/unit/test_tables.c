#include "proto/tables.h"

#include "proto/status.h"
#include "proto/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

// The numbers of the rows, in the order in which they stand.
static const unsigned kind_numbers[] = {
#define KIND(number, ...) number,
#include "proto/kinds.def"
#undef KIND
};
static const unsigned phase_numbers[] = {
#define PHASE(number, ...) number,
#define STEP(...)
#include "proto/phases.def"
#undef PHASE
#undef STEP
};
static const unsigned role_numbers[] = {
#define ROLE(number, ...) number,
#include "proto/roles.def"
#undef ROLE
};
static const unsigned request_numbers[] = {
#define REQUEST(number, ...) number,
#include "proto/requests.def"
#undef REQUEST
};
static const unsigned status_numbers[] = {
#define STATUS(number, ...) number,
#include "proto/status.def"
#undef STATUS
};
static const unsigned event_numbers[] = {
#define EVENT(number, ...) number,
#include "proto/events.def"
#undef EVENT
};
static const enum choices choice_lists[] = {
#define CHOICE(LIST, ...) CHOICES_##LIST,
#include "proto/choices.def"
#undef CHOICE
};

#define COUNT_OF(rows) ((unsigned)(sizeof(rows) / sizeof((rows)[0])))

static void expect_places(const unsigned *numbers, unsigned count, unsigned first)
{
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(numbers[i], first + i);
    }
}

static void expect_text(const char *text, size_t max)
{
    assert_non_null(text);
    assert_true(strlen(text) > 0 && strlen(text) <= max);
    assert_true(wire_is_utf8(bytes_of(text)));
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    }
}

// Words of the wire: small letters, digits, and what joins them.
static void expect_name(const char *name, const char *joints, size_t max)
{
    expect_text(name, max);
    for (const char *at = name; *at != '\0'; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');
        assert_true(letter || strchr(joints, *at) != NULL);
    }
}

static void every_number_is_the_place_of_its_row(void **state)
{
    (void)state;
    expect_places(kind_numbers, COUNT_OF(kind_numbers), 1);
    expect_places(phase_numbers, COUNT_OF(phase_numbers), 1);
    expect_places(role_numbers, COUNT_OF(role_numbers), 1);
    expect_places(request_numbers, COUNT_OF(request_numbers), 1);
    expect_places(status_numbers, COUNT_OF(status_numbers), 0);
    expect_places(event_numbers, COUNT_OF(event_numbers), 1);
}

static void every_name_finds_its_own_row(void **state)
{
    struct bytes unknown = bytes_of("nosuch");
    enum status status;
    (void)state;
    // What finds the row of a number by its name has no other row of that name before it.
    for (unsigned i = 0; i < COUNT_OF(kind_numbers); i++) {
        const struct kind_row *row = kind_row((enum kind)kind_numbers[i]);
        expect_name(row->name, "-", KIND_MAX);
        assert_int_equal(kind_find(bytes_of(row->name)), row->kind);
    }
    for (unsigned i = 0; i < COUNT_OF(phase_numbers); i++) {
        const struct phase_row *row = phase_row((enum phase)phase_numbers[i]);
        expect_name(row->name, "-", 24);
        assert_int_equal(phase_find(bytes_of(row->name)), row->phase);
    }
    for (unsigned i = 0; i < COUNT_OF(role_numbers); i++) {
        const struct role_row *row = role_row((enum role)role_numbers[i]);
        expect_name(row->name, "-", 24);
        assert_int_equal(role_find(bytes_of(row->name)), row->role);
        expect_text(row->label_nl, 60);
        assert_int_not_equal(row->scope, SCOPE_NONE);
    }
    for (unsigned i = 0; i < COUNT_OF(request_numbers); i++) {
        const struct request_row *row = request_row((enum request_number)request_numbers[i]);
        expect_name(row->name, "-", 24);
        assert_ptr_equal(request_find(bytes_of(row->name)), row);
        expect_text(row->help, 200);
    }
    for (unsigned i = 0; i < COUNT_OF(status_numbers); i++) {
        expect_name(status_name((enum status)i), "-", 24);
        assert_true(status_find(bytes_of(status_name((enum status)i)), &status));
        assert_int_equal(status, i);
    }
    const struct event_type *type = NULL;
    unsigned count = 0;
    while ((type = event_type_next(type)) != NULL) {
        expect_name(type->name, "-.", TYPE_MAX);
        assert_ptr_equal(event_type_find(bytes_of(type->name)), type);
        assert_int_equal(type->number, ++count);
    }
    assert_int_equal(count, COUNT_OF(event_numbers));
    assert_int_equal(kind_find(unknown), KIND_NONE);
    assert_int_equal(phase_find(unknown), PHASE_NONE);
    assert_int_equal(role_find(unknown), ROLE_NONE);
    assert_null(request_find(unknown));
    assert_null(event_type_find(unknown));
    assert_false(status_find(unknown, &status));
    assert_null(field_find(GROUP_NEWS, unknown));
    assert_int_equal(kind_find(bytes_of("")), KIND_NONE);
    assert_null(event_type_find((struct bytes){"news.published", 13})); // a letter too few
}

static void what_people_type_for_a_kind_means_one_kind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(kind_numbers); i++) {
        const struct kind_row *row = kind_row((enum kind)kind_numbers[i]);
        const char *const words[] = {row->name, row->plural, row->label_nl, row->plural_nl};
        for (unsigned j = 0; j < 4; j++) {
            expect_text(words[j], 24);
            assert_int_equal(kind_find_typed(words[j]), row->kind);
        }
    }
    assert_int_equal(kind_find_typed("nosuch"), KIND_NONE);
    assert_int_equal(kind_find(bytes_of("members")), KIND_NONE); // only people type a plural
}

static void every_list_of_words_has_words_without_doubles(void **state)
{
    const struct choice_row *row, *other;
    (void)state;
    for (int list = CHOICES_NONE + 1; list <= CHOICES_LANGUAGE; list++) {
        unsigned count = 0;
        row = NULL;
        while ((row = choice_next((enum choices)list, row)) != NULL) {
            expect_name(row->word, "-+", 24);
            expect_text(row->label_nl, 40);
            assert_true(choice_has((enum choices)list, bytes_of(row->word)));
            other = row;
            while ((other = choice_next((enum choices)list, other)) != NULL) {
                assert_string_not_equal(row->word, other->word);
            }
            count++;
        }
        assert_true(count >= 2);
        assert_false(choice_has((enum choices)list, bytes_of("nosuch")));
    }
    for (unsigned i = 0; i < COUNT_OF(choice_lists); i++) {
        assert_true(choice_lists[i] <= CHOICES_LANGUAGE); // a new list is walked above
    }
    assert_null(choice_next(CHOICES_NONE, NULL));
}

static void every_phase_has_a_label_and_the_closed_ones_are_known(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(phase_numbers); i++) {
        const struct phase_row *row = phase_row((enum phase)phase_numbers[i]);
        expect_text(row->label_nl, 40);
        assert_int_equal(row->open, row->phase != PHASE_COMPLETED && row->phase != PHASE_STOPPED);
    }
}

// Steps -----------------------------------------------------------------------------------------
// The rules, as people tell them, apart from the rows: idea, research, preparation, execution,
// aftercare, completed, one after the other; a skip with a reason; back only to idea, and stopped
// from every open phase, both with a reason; ongoing is only stopped; nothing leaves an end.

static enum phase_step step_by_the_rules(enum phase from, enum phase to)
{
    bool ended = from == PHASE_COMPLETED || from == PHASE_STOPPED;
    if (ended || from == to || to == PHASE_ONGOING) {
        return STEP_FORBIDDEN;
    }
    if (to == PHASE_STOPPED) {
        return STEP_REASON;
    }
    if (from == PHASE_ONGOING) {
        return STEP_FORBIDDEN;
    }
    if (to == PHASE_IDEA) {
        return STEP_REASON;
    }
    if (to < from) {
        return STEP_FORBIDDEN;
    }
    return to == from + 1 ? STEP_NOTHING : STEP_REASON;
}

static void every_step_is_as_the_rules_say(void **state)
{
    unsigned without = 0, with = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(phase_numbers); i++) {
        for (unsigned j = 0; j < COUNT_OF(phase_numbers); j++) {
            enum phase from = (enum phase)phase_numbers[i], to = (enum phase)phase_numbers[j];
            enum phase_step step = phase_step(from, to);
            if (step != step_by_the_rules(from, to)) {
                fail_msg("from %s to %s: %d", phase_row(from)->name, phase_row(to)->name,
                         (int)step);
            }
            without += step == STEP_NOTHING;
            with += step == STEP_REASON;
        }
    }
    assert_int_equal(without, 5);
    assert_int_equal(with, 20); // 10 skips, 4 back to idea, 6 stops
    assert_int_equal(phase_step(PHASE_NONE, PHASE_IDEA), STEP_FORBIDDEN);
    assert_int_equal(phase_step(PHASE_IDEA, PHASE_NONE), STEP_FORBIDDEN);
}

static void an_end_is_left_by_no_step_and_all_else_can_stop(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(phase_numbers); i++) {
        const struct phase_row *from = phase_row((enum phase)phase_numbers[i]);
        unsigned steps = 0;
        for (unsigned j = 0; j < COUNT_OF(phase_numbers); j++) {
            steps += phase_step(from->phase, (enum phase)phase_numbers[j]) != STEP_FORBIDDEN;
        }
        assert_int_equal(steps > 0, from->open);
        assert_int_equal(phase_step(from->phase, PHASE_STOPPED),
                         from->open ? STEP_REASON : STEP_FORBIDDEN);
    }
}

static const struct {
    enum phase from, to;
} step_rows[] = {
#define PHASE(...)
#define STEP(FROM, TO, ...) {PHASE_##FROM, PHASE_##TO},
#include "proto/phases.def"
#undef PHASE
#undef STEP
};

static void every_step_has_one_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(step_rows); i++) {
        for (unsigned j = i + 1; j < COUNT_OF(step_rows); j++) {
            assert_false(step_rows[i].from == step_rows[j].from &&
                         step_rows[i].to == step_rows[j].to);
        }
    }
}

// Exit codes, as people and scripts know them -----------------------------------------------------

static void every_status_has_a_sentence_and_its_exit_code(void **state)
{
    static const struct {
        enum status status;
        int exit_code;
    } rows[] = {
        {STATUS_OK, 0},          {STATUS_MALFORMED, 2}, {STATUS_TOO_BIG, 2}, {STATUS_NOT_FOUND, 3},
        {STATUS_NOT_ALLOWED, 4}, {STATUS_CONFLICT, 5},  {STATUS_REFUSED, 6}, {STATUS_STALE, 7},
        {STATUS_CORRUPT, 8},     {STATUS_NO_ANSWER, 9},
    };
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(status_numbers); i++) {
        const char *sentence = status_sentence((enum status)i);
        int expected = 1; // all others
        expect_text(sentence, 100);
        assert_true(sentence[strlen(sentence) - 1] != '.');
        for (unsigned j = 0; j < COUNT_OF(rows); j++) {
            expected = rows[j].status == (enum status)i ? rows[j].exit_code : expected;
        }
        assert_int_equal(status_exit((enum status)i), expected);
    }
}

// Fields ----------------------------------------------------------------------------------------

static void every_field_is_named_once_in_its_group_and_explained(void **state)
{
    (void)state;
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct fields fields = fields_of((enum group)group);
        assert_true(fields.count <= FIELDS_PER_GROUP_MAX);
        for (unsigned i = 0; i < fields.count; i++) {
            const struct field *field = &fields.first[i];
            assert_int_equal(field->group, group); // the rows of a group stand together
            expect_name(field->name, "_", 32);
            assert_ptr_equal(field_find((enum group)group, bytes_of(field->name)), field);
            expect_text(field->label_nl, 60);
            expect_text(field->help, 200);
        }
    }
}

static void every_field_has_a_form_a_type_and_a_limit_that_go_together(void **state)
{
    (void)state;
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct fields fields = fields_of((enum group)group);
        for (unsigned i = 0; i < fields.count; i++) {
            const struct field *field = &fields.first[i];
            bool refers = field->type == FIELD_REFERENCE || field->type == FIELD_CHOICE ||
                          field->type == FIELD_GROUP;
            bool texts = field->type != FIELD_COUNT && field->type != FIELD_CENTS &&
                         field->type != FIELD_FLAG && field->type != FIELD_GROUP &&
                         field->type != FIELD_ANY && field->type != FIELD_HASH;
            if (refers) {
                assert_int_not_equal(field->of, 0);
            }
            if (field->type == FIELD_TEXT || field->type == FIELD_LINE) {
                assert_int_not_equal(field->max, 0);
            }
            if (field->type == FIELD_LINE) {
                assert_true(field->max <= LINE_MAX_BYTES);
            }
            if (field->form == FORM_SET) {
                assert_true(field->max >= 1 && field->max <= WIRE_MAP_MAX);
                assert_true(texts); // sorted by what is in them
            }
            if (field->form == FORM_MAP) { // of numbers by member; max is that of a number
                assert_true(field->type == FIELD_COUNT || field->type == FIELD_CENTS);
                assert_int_equal(field->max > 0, field->type == FIELD_COUNT);
                assert_non_null(kind_row((enum kind)field->of));
            }
            if ((field->flags & FLAG_DAEMON) != 0) {
                assert_int_equal(field->flags & FLAG_REQUIRED, 0);
            }
            // Somebody reads what is private, and nobody is asked about what is not.
            assert_int_equal((field->flags & FLAG_PRIVATE) != 0, field_readers(field) != 0);
            if ((field->flags & FLAG_INDEXED) != 0) {
                assert_true(field->type == FIELD_CURVE && (field->flags & FLAG_REQUIRED) != 0);
            }
            if ((field->flags & FLAG_BECOMES_PHASE) != 0) {
                assert_true(field->type == FIELD_PHASE && field->form == FORM_ONE);
                assert_true((field->flags & (FLAG_REQUIRED | FLAG_PRIVATE)) == FLAG_REQUIRED);
            }
        }
    }
}

// The key of an item is its KEY fields with / between, also of those that are absent: other fields
// give another key, if only the last may hold a / itself. It fits the room of apply_item_key().
static void the_keys_of_an_item_cannot_be_mistaken_for_others(void **state)
{
    (void)state;
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct fields fields = fields_of((enum group)group);
        const struct field *before = NULL;
        size_t bytes = 0;
        for (unsigned i = 0; i < fields.count; i++) {
            const struct field *field = &fields.first[i];
            if ((field->flags & FLAG_KEY) == 0) {
                continue;
            }
            assert_int_equal(field->form, FORM_ONE);
            assert_int_equal(field->flags & (FLAG_PRIVATE | FLAG_DAEMON), 0);
            if (before != NULL) {
                assert_true(before->type == FIELD_ID || before->type == FIELD_REFERENCE ||
                            before->type == FIELD_CHOICE);
            }
            bytes += 1 + (field->type == FIELD_LINE ? 4 * field->max : ID_MAX);
            before = field;
        }
        assert_true(bytes <= PATH_MAX_BYTES * 4);
    }
}

// How deep a group goes, itself being 1; marks all that are reached.
static unsigned depth_of(enum group group, bool *reached, unsigned above)
{
    struct fields fields = fields_of(group);
    unsigned deepest = 1;
    reached[group] = true;
    assert_true(above < 10); // no group holds itself
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        unsigned depth = 1 + (field->form != FORM_ONE);
        if (field->type == FIELD_GROUP) {
            depth += depth_of(field->of, reached, above + 1);
        }
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

static void every_group_is_reached_and_none_is_too_deep(void **state)
{
    bool reached[GROUP_COUNT] = {[GROUP_NOTHING] = true}; // of events without fields, if there are
    const struct event_type *type = NULL;
    (void)state;
    // A request is a map with a list of events, which are maps, with data: three above the group.
    while ((type = event_type_next(type)) != NULL) {
        assert_true(3 + depth_of(type->group, reached, 0) <= WIRE_DEPTH_MAX - 2);
    }
    assert_true(2 + depth_of(GROUP_ENVELOPE, reached, 0) <= WIRE_DEPTH_MAX);
    assert_true(depth_of(GROUP_REQUEST, reached, 0) <= WIRE_DEPTH_MAX);
    for (int group = 0; group < GROUP_COUNT; group++) {
        if (!reached[group]) {
            fail_msg("group %d, with %s, is in no event and no request", group,
                     fields_of((enum group)group).first[0].name);
        }
    }
}

// The most bytes of a value in text of one byte a character, its name and headers included.
static size_t most_bytes(const struct field *field)
{
    size_t one = 9, items = field->form == FORM_ONE ? 1 : field->max;
    if (field->form == FORM_MAP) { // of numbers by id; their names come with them
        return 2 + strlen(field->name) + 5 + WIRE_MAP_MAX * (5 + ID_MAX + one);
    }
    if (field->type == FIELD_LINE || field->type == FIELD_TEXT) {
        one = 5 + field->max;
    } else if (field->type == FIELD_OIN) {
        one = 5 + 20;
    } else if (field->type == FIELD_URL) {
        one = 5 + 1000;
    } else if (field->type == FIELD_ID || field->type == FIELD_REFERENCE) {
        one = 5 + ID_MAX;
    } else if (field->type == FIELD_PATH) {
        one = 5 + SUBJECT_MAX;
    } else if (field->type == FIELD_CHOICE || field->type == FIELD_PHASE) {
        one = 5 + 24;
    } else if (field->type == FIELD_DATE || field->type == FIELD_HASH) {
        one = 5 + HASH_BYTES;
    } else if (field->type == FIELD_DECIMAL) {
        one = 5 + 40;
    } else if (field->type == FIELD_GROUP) {
        struct fields fields = fields_of(field->of);
        one = 5;
        for (unsigned i = 0; i < fields.count; i++) {
            one += most_bytes(&fields.first[i]);
        }
    }
    return 2 + strlen(field->name) + 5 + items * one;
}

static void the_largest_event_of_every_type_fits(void **state)
{
    const struct event_type *type = NULL;
    struct fields envelope = fields_of(GROUP_ENVELOPE);
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        struct fields fields = fields_of(type->group);
        size_t event = 5, secret = 5 + HASH_BYTES;
        for (unsigned i = 0; i < envelope.count; i++) {
            event += most_bytes(&envelope.first[i]);
        }
        for (unsigned i = 0; i < fields.count; i++) {
            bool is_private = (fields.first[i].flags & FLAG_PRIVATE) != 0;
            *(is_private ? &secret : &event) += most_bytes(&fields.first[i]);
        }
        if (event > EVENT_BYTES_MAX || secret > PRIVATE_BYTES_MAX) {
            fail_msg("%s: %zu bytes, %zu private", type->name, event, secret);
        }
    }
}

// Events ----------------------------------------------------------------------------------------

static void every_event_has_a_kind_a_slot_and_roles_that_fit(void **state)
{
    const struct event_type *type = NULL;
    uint32_t all_roles = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(role_numbers); i++) {
        all_roles |= ROLE_BIT(role_numbers[i]);
    }
    while ((type = event_type_next(type)) != NULL) {
        bool needs_slot = type->effect == EFFECT_PUT || type->effect == EFFECT_REMOVE ||
                          type->effect == EFFECT_APPEND;
        assert_true(type->kind == KIND_ANY || kind_row(type->kind) != NULL);
        assert_int_equal(strlen(type->slot) > 0, needs_slot);
        if (needs_slot) {
            expect_name(type->slot, "_", 24);
        }
        expect_text(type->label_nl, 60);
        expect_text(type->help, 200);
        assert_true(type->roles != 0 && (type->roles & ~all_roles) == 0);
        assert_true((type->flags & EVENT_REOPENS) == 0 || type->effect == EFFECT_OPEN);
        assert_true((type->needs & ~(unsigned)(NEEDS_ON | NEEDS_CITATION | NEEDS_REFERENCE)) == 0);
        // An event that opens decides what every entity of its kind has.
        bool opens = (type->flags & EVENT_OPENS) != 0;
        assert_true((type->effect != EFFECT_OPEN && !opens) || (type->flags & EVENT_FIRST) != 0);
        assert_true(!opens || type->effect == EFFECT_SET || type->effect == EFFECT_PUT ||
                    type->effect == EFFECT_APPEND);
    }
    assert_int_equal(event_type_find(bytes_of("contribution.submitted"))->roles, all_roles);
}

static void the_name_of_an_event_begins_with_its_kind_or_that_of_its_items(void **state)
{
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        const char *dot = strchr(type->name, '.');
        assert_non_null(dot);
        assert_null(strchr(dot + 1, '.'));
        enum kind kind = kind_find((struct bytes){type->name, (size_t)(dot - type->name)});
        bool item = kind == KIND_NONE && strlen(type->slot) > 0; // seat.assigned, of a body
        assert_true(kind == type->kind || item);
    }
}

static void every_kind_has_one_event_that_opens_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(kind_numbers); i++) {
        const struct event_type *type = NULL;
        unsigned opening = 0;
        while ((type = event_type_next(type)) != NULL) {
            opening += type->kind == (enum kind)kind_numbers[i] &&
                       (type->effect == EFFECT_OPEN || (type->flags & EVENT_OPENS) != 0);
        }
        assert_int_equal(opening, 1);
    }
}

// Fills names with those of the KEY fields, in their order.
static unsigned key_fields(enum group group, const char **names)
{
    struct fields fields = fields_of(group);
    unsigned count = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_KEY) != 0) {
            names[count++] = fields.first[i].name;
        }
    }
    return count;
}

static void what_removes_has_the_keys_of_what_puts(void **state)
{
    const struct event_type *remove = NULL;
    (void)state;
    while ((remove = event_type_next(remove)) != NULL) {
        if (remove->effect != EFFECT_REMOVE) {
            continue;
        }
        const struct event_type *put = NULL;
        const char *keys[FIELDS_PER_GROUP_MAX], *put_keys[FIELDS_PER_GROUP_MAX];
        unsigned count = key_fields(remove->group, keys), puts = 0;
        while ((put = event_type_next(put)) != NULL) {
            if (put->effect != EFFECT_PUT || put->kind != remove->kind ||
                strcmp(put->slot, remove->slot) != 0) {
                continue;
            }
            puts++;
            assert_int_equal(key_fields(put->group, put_keys), count);
            for (unsigned i = 0; i < count; i++) {
                assert_string_equal(put_keys[i], keys[i]);
                assert_int_equal(field_find(put->group, bytes_of(keys[i]))->type,
                                 field_find(remove->group, bytes_of(keys[i]))->type);
            }
        }
        assert_true(puts >= 1);
    }
}

// A field of an event becomes that of its entity, so one name means one thing in a kind.
static void a_field_name_has_one_type_in_all_events_of_a_kind(void **state)
{
    const struct event_type *type = NULL;
    (void)state;
    while ((type = event_type_next(type)) != NULL) {
        const struct event_type *other = type;
        while ((other = event_type_next(other)) != NULL) {
            if (other->kind != type->kind || strcmp(other->slot, type->slot) != 0) {
                continue;
            }
            struct fields fields = fields_of(type->group);
            for (unsigned i = 0; i < fields.count; i++) {
                const struct field *field = &fields.first[i];
                const struct field *same = field_find(other->group, bytes_of(field->name));
                assert_true(same == NULL || (same->type == field->type && same->of == field->of &&
                                             same->form == field->form));
            }
        }
    }
}

// Requests --------------------------------------------------------------------------------------

static void every_request_has_fields_that_exist(void **state)
{
    struct fields fields = fields_of(GROUP_REQUEST);
    uint64_t used = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(request_numbers); i++) {
        const struct request_row *row = request_row((enum request_number)request_numbers[i]);
        assert_int_equal(row->required & row->optional, 0);
        used |= row->required | row->optional;
        assert_int_equal(row->socket == SOCKET_COMMAND,
                         row->number == REQUEST_POST || row->number == REQUEST_CURSOR);
    }
    for (unsigned i = 0; i < 64; i++) {
        bool common = i < 3; // number, request, as
        assert_int_equal(used >> i & 1, i < fields.count && !common);
    }
    assert_string_equal(fields.first[0].name, "number");
    assert_string_equal(fields.first[1].name, "request");
    assert_string_equal(fields.first[2].name, "as");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_the_place_of_its_row),
        cmocka_unit_test(every_name_finds_its_own_row),
        cmocka_unit_test(what_people_type_for_a_kind_means_one_kind),
        cmocka_unit_test(every_list_of_words_has_words_without_doubles),
        cmocka_unit_test(every_phase_has_a_label_and_the_closed_ones_are_known),
        cmocka_unit_test(every_step_is_as_the_rules_say),
        cmocka_unit_test(an_end_is_left_by_no_step_and_all_else_can_stop),
        cmocka_unit_test(every_step_has_one_row),
        cmocka_unit_test(every_status_has_a_sentence_and_its_exit_code),
        cmocka_unit_test(every_field_is_named_once_in_its_group_and_explained),
        cmocka_unit_test(every_field_has_a_form_a_type_and_a_limit_that_go_together),
        cmocka_unit_test(the_keys_of_an_item_cannot_be_mistaken_for_others),
        cmocka_unit_test(every_group_is_reached_and_none_is_too_deep),
        cmocka_unit_test(the_largest_event_of_every_type_fits),
        cmocka_unit_test(every_event_has_a_kind_a_slot_and_roles_that_fit),
        cmocka_unit_test(the_name_of_an_event_begins_with_its_kind_or_that_of_its_items),
        cmocka_unit_test(every_kind_has_one_event_that_opens_it),
        cmocka_unit_test(what_removes_has_the_keys_of_what_puts),
        cmocka_unit_test(a_field_name_has_one_type_in_all_events_of_a_kind),
        cmocka_unit_test(every_request_has_fields_that_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
