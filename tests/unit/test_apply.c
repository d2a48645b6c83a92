#include "daemon/apply.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>

// An entity as it stands, and the room of its record.
struct subject {
    struct entity entity;
    uint8_t room[ENTITY_BYTES_MAX];
};

static struct subject subject; // of the test that runs
static uint64_t seq;

// Helpers ---------------------------------------------------------------------------------------

static int begin(void **state)
{
    (void)state;
    subject.entity = (struct entity){0};
    seq = 0;
    return 0;
}

// A map of texts: key, text, key, text ..., NULL. The last few stay good.
static struct bytes texts(const char *key, ...)
{
    static uint8_t rooms[4][EVENT_BYTES_MAX];
    static unsigned next;
    struct pairs pairs = {.count = 0};
    uint8_t values[EVENT_BYTES_MAX];
    struct wire_writer writer = wire_write(values, sizeof values);
    va_list rest;
    va_start(rest, key);
    for (; key != NULL; key = va_arg(rest, const char *)) {
        size_t from = writer.size;
        wire_put_text(&writer, bytes_of(va_arg(rest, const char *)));
        assert_true(
            pairs_set(&pairs, bytes_of(key), (struct bytes){values + from, writer.size - from}));
    }
    va_end(rest);
    struct wire_writer map = wire_write(rooms[next % 4], sizeof rooms[0]);
    next++;
    pairs_write(&pairs, &map);
    return wire_written(&map);
}

static struct event event_of(const char *type, struct bytes data)
{
    const struct event_type *row = event_type_find(bytes_of(type));
    assert_non_null(row);
    return (struct event){
        .type = row,
        .seq = seq + 1,
        .time = 1000 + seq,
        .data = data,
        .actor = {.organisation = bytes_of("twente"), .role = bytes_of("secretary")},
    };
}

// The same bytes, written again value for value: every header is the shortest.
static void expect_shortest(struct bytes record)
{
    static uint8_t room[ENTITY_BYTES_MAX];
    struct wire_reader reader = wire_read(record);
    struct wire_writer writer = wire_write(room, sizeof room);
    struct wire_value value;
    while (wire_next(&reader, &value)) {
        switch (value.type) {
        case WIRE_UINT:
            wire_put_uint(&writer, value.number);
            break;
        case WIRE_NEGATIVE:
            wire_put_int(&writer, (int64_t)value.number);
            break;
        case WIRE_FLAG:
            wire_put_flag(&writer, value.number != 0);
            break;
        case WIRE_TEXT:
            wire_put_text(&writer, value.bytes);
            break;
        case WIRE_BINARY:
            wire_put_binary(&writer, value.bytes);
            break;
        case WIRE_LIST:
            wire_put_list(&writer, value.count);
            break;
        case WIRE_MAP:
            wire_put_map(&writer, value.count);
            break;
        }
    }
    assert_true(reader.at == reader.end && bytes_equal(wire_written(&writer), record));
}

static void expect_sorted(struct bytes map)
{
    struct pairs pairs;
    pairs_read(&pairs, map);
    for (uint32_t i = 1; i < pairs.count; i++) {
        assert_true(bytes_compare(pairs.rows[i - 1].key, pairs.rows[i].key) < 0);
    }
}

static void expect_canonical(struct bytes record)
{
    static uint8_t room[ENTITY_BYTES_MAX];
    const char *reason = "";
    struct entity entity;
    struct wire_writer writer = wire_write(room, sizeof room);
    if (!wire_check_answer(record, &reason)) {
        fail_msg("a record with %s", reason);
    }
    assert_true(entity_decode(record, &entity));
    entity_encode(&entity, &writer);
    assert_true(bytes_equal(wire_written(&writer), record));
    expect_shortest(record);
    expect_sorted(entity.fields);
}

// The record after the event into other memory than before, and then the subject's.
static bool try_apply(const struct event *event)
{
    static uint8_t room[ENTITY_BYTES_MAX], kept[ENTITY_BYTES_MAX];
    const struct entity before = subject.entity;
    memcpy(kept, subject.room, before.record.size);
    struct bytes record = apply_event(&before, event, room);
    assert_memory_equal(kept, subject.room, before.record.size); // it was only lent
    if (record.size == 0) {
        return false;
    }
    if (record.size < 8192 || event->seq % 64 == 0) { // a long one takes its time
        expect_canonical(record);
    }
    memcpy(subject.room, room, record.size);
    assert_true(entity_decode((struct bytes){subject.room, record.size}, &subject.entity));
    assert_true(subject.entity.version == event->seq);
    seq = event->seq;
    return true;
}

static void apply(struct event event)
{
    assert_true(try_apply(&event));
}

static void apply_texts(const char *type, struct bytes data)
{
    apply(event_of(type, data));
}

static struct bytes field(const char *name)
{
    struct wire_value value = {0};
    (void)wire_find(subject.entity.fields, name, &value);
    return value.raw;
}

static void expect_text(const char *name, const char *text)
{
    if (!bytes_are(entity_text(&subject.entity, name), text)) {
        fail_msg("%s is not \"%s\"", name, text);
    }
}

static uint32_t count_of(struct bytes list_or_map)
{
    struct wire_value head = {0};
    struct wire_reader reader = wire_read(list_or_map);
    (void)wire_next(&reader, &head);
    return head.count;
}

// The seq of the nth item of a list, or of the nth pair of a map.
static uint64_t item_seq(struct bytes slot, uint32_t nth)
{
    struct wire_reader reader = wire_read(slot);
    struct wire_value head, item = {0};
    assert_true(wire_next(&reader, &head) && nth < head.count);
    for (uint32_t i = 0; i <= nth; i++) {
        assert_true(head.type == WIRE_LIST || wire_next(&reader, &item));
        assert_true(wire_take(&reader, &item));
    }
    return wire_find_number(item.raw, "seq");
}

static struct bytes seat(const char *member, const char *function)
{
    return texts("member", member, "function", function, NULL);
}

static struct event correcting(struct event event, uint64_t corrects)
{
    event.corrects = corrects;
    return event;
}

// An item at the end of a list.
static struct event append_of(const char *text)
{
    return event_of("werkplaats.advice-given", texts("note", text, NULL));
}

// Fields ----------------------------------------------------------------------------------------

static void an_opened_entity_has_its_fields_its_date_and_its_source(void **state)
{
    (void)state;
    struct event event = event_of("news.published", texts("title", "T", "summary", "S", NULL));
    event.on = bytes_of("2015-03");
    event.onbasis = bytes_of("inferred");
    event.ontext = bytes_of("voorjaar");
    event.citation = bytes_of("krant");
    event.reference = bytes_of("brief 7");
    event.seq = 70000;
    apply(event);
    const struct entity *entity = &subject.entity;
    assert_true(entity->opened == 70000 && entity->ended == 0 && entity_exists(entity));
    assert_true(bytes_are(entity->on, "2015-03") && bytes_are(entity->onbasis, "inferred"));
    assert_true(bytes_are(entity->ontext, "voorjaar") && bytes_are(entity->citation, "krant"));
    assert_true(bytes_are(entity->reference, "brief 7"));
    assert_true(bytes_equal(entity->fields, texts("title", "T", "summary", "S", NULL)));
    assert_true(entity->corrected.size == 0);
}

static void only_the_fields_that_are_given_are_set(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("name", "N", "kind", "project", "theme", "T", NULL));
    struct event event = event_of("werkplaats.updated", texts("theme", "U", "parent", "p", NULL));
    event.on = bytes_of("2016");
    event.citation = bytes_of("krant");
    apply(event);
    expect_text("name", "N");
    expect_text("kind", "project");
    expect_text("theme", "U");
    expect_text("parent", "p");
    assert_int_equal(count_of(subject.entity.fields), 4);
    assert_true(subject.entity.opened == 1);
    // Its row does not restate: the date is that of the change, not of the entity.
    assert_true(subject.entity.on.size == 0 && subject.entity.citation.size == 0);
}

static void an_event_that_restates_brings_a_new_date_with_its_own_words(void **state)
{
    (void)state;
    struct event event = event_of("news.published", texts("title", "T", "summary", "S", NULL));
    event.on = bytes_of("2015");
    event.onbasis = bytes_of("inferred");
    event.ontext = bytes_of("ooit");
    event.citation = bytes_of("krant");
    apply(event);
    const struct entity *entity = &subject.entity;

    apply_texts("news.corrected", texts("title", "U", NULL));
    assert_true(bytes_are(entity->on, "2015") && bytes_are(entity->ontext, "ooit"));
    assert_true(bytes_are(entity->onbasis, "inferred") && bytes_are(entity->citation, "krant"));

    event = event_of("news.corrected", texts(NULL, NULL));
    event.on = bytes_of("2016");
    apply(event);
    assert_true(bytes_are(entity->on, "2016") && entity->ontext.size == 0);
    assert_true(entity->onbasis.size == 0 && bytes_are(entity->citation, "krant"));

    event = event_of("news.corrected", texts(NULL, NULL));
    event.citation = bytes_of("archief");
    event.reference = bytes_of("r");
    apply(event);
    assert_true(bytes_are(entity->on, "2016") && bytes_are(entity->citation, "archief"));
    assert_true(bytes_are(entity->reference, "r"));
    expect_text("title", "U");
    expect_text("summary", "S");
}

static void an_ended_entity_keeps_what_it_had(void **state)
{
    (void)state;
    apply_texts("news.published", texts("title", "T", "summary", "S", NULL));
    apply_texts("news.withdrawn", texts("reason", "R", NULL));
    assert_true(subject.entity.opened == 1 && subject.entity.ended == 2);
    assert_false(entity_exists(&subject.entity));
    expect_text("title", "T");
    expect_text("reason", "R");
}

static void an_entity_that_is_opened_again_has_nothing_of_before(void **state)
{
    (void)state;
    struct event event = event_of("member.joined", texts("name", "N", "former", "F", NULL));
    event.on = bytes_of("2015");
    event.citation = bytes_of("krant");
    apply(event);
    apply_texts("member.left", texts("reason", "R", NULL));
    apply_texts("member.joined", texts("name", "M", NULL));
    const struct entity *entity = &subject.entity;
    assert_true(entity->opened == 3 && entity->ended == 0 && entity->version == 3);
    assert_true(entity->on.size == 0 && entity->citation.size == 0);
    assert_true(bytes_equal(entity->fields, texts("name", "M", NULL)));
}

static void what_was_corrected_stays_so_when_the_entity_is_opened_again(void **state)
{
    (void)state;
    apply_texts("member.joined", texts("name", "N", NULL));
    apply_texts("member.renamed", texts("name", "O", NULL));
    apply(correcting(event_of("member.renamed", texts("name", "P", NULL)), 2));
    apply_texts("member.left", texts(NULL, NULL));
    apply_texts("member.joined", texts("name", "M", NULL));
    struct wire_reader reader = wire_read(subject.entity.corrected);
    struct wire_value number;
    assert_true(wire_next(&reader, &number) && number.count == 1);
    assert_true(wire_next(&reader, &number) && number.number == 2);
}

// Slots -----------------------------------------------------------------------------------------

static void an_item_is_put_under_its_key_with_all_that_was_said(void **state)
{
    (void)state;
    apply_texts("body.established", texts("name", "N", NULL));
    struct event event = event_of("seat.assigned", seat("almelo", "voorzitter"));
    event.on = bytes_of("2015");
    event.onbasis = bytes_of("stated");
    event.reference = bytes_of("r");
    event.actor.via = bytes_of("operator");
    apply(event);

    uint8_t room[512], actor[128];
    struct wire_writer said = wire_write(actor, sizeof actor);
    event_write_actor(&event.actor, &said);
    struct wire_writer expected = wire_write(room, sizeof room);
    wire_put_map(&expected, 1);
    wire_put_text(&expected, bytes_of("almelo/voorzitter"));
    wire_put_map(&expected, 7);
    wire_pair_uint(&expected, "seq", 2);
    wire_pair_uint(&expected, "time", 1001);
    wire_pair_text(&expected, "on", bytes_of("2015"));
    wire_pair_text(&expected, "onbasis", bytes_of("stated"));
    wire_pair_text(&expected, "reference", bytes_of("r"));
    wire_put_text(&expected, bytes_of("actor"));
    wire_put_raw(&expected, wire_written(&said));
    wire_put_text(&expected, bytes_of("data"));
    wire_put_raw(&expected, event.data);
    assert_true(bytes_equal(field("seats"), wire_written(&expected)));
    assert_true(subject.entity.on.size == 0); // the item's, not the entity's
    expect_text("name", "N");
}

static void items_stand_in_the_order_of_their_keys_each_once(void **state)
{
    (void)state;
    apply_texts("body.established", texts("name", "N", NULL));
    apply_texts("seat.assigned", seat("hengelo", "lid"));   // 2
    apply_texts("seat.assigned", seat("almelo", "lid"));    // 3
    apply_texts("seat.assigned", seat("hengelo", "lid"));   // 4
    apply_texts("seat.assigned", seat("hengelo", "a"));     // 5
    apply_texts("seat.assigned", seat("hengelo-o", "lid")); // 6
    assert_int_equal(count_of(field("seats")), 4);
    expect_sorted(field("seats"));
    assert_true(item_seq(field("seats"), 0) == 3); // almelo/lid
    assert_true(item_seq(field("seats"), 1) == 6); // hengelo-o/lid: '-' is before '/'
    assert_true(item_seq(field("seats"), 2) == 5); // hengelo/a
    assert_true(item_seq(field("seats"), 3) == 4); // hengelo/lid
}

static void an_item_is_taken_out_by_its_key_and_the_others_stay(void **state)
{
    (void)state;
    apply_texts("body.established", texts("name", "N", NULL));
    apply_texts("seat.assigned", seat("almelo", "lid"));
    apply_texts("seat.assigned", seat("hengelo", "lid"));
    struct bytes data = texts("member", "almelo", "function", "lid", "reason", "weg", NULL);
    apply_texts("seat.vacated", data);
    assert_int_equal(count_of(field("seats")), 1);
    assert_true(item_seq(field("seats"), 0) == 3);
    apply_texts("seat.vacated", seat("hengelo", "voorzitter")); // not there
    assert_int_equal(count_of(field("seats")), 1);
    apply_texts("seat.vacated", seat("hengelo", "lid"));
    assert_int_equal(count_of(field("seats")), 0);
    assert_int_equal(field("seats").size, 1); // an empty map, still a map
    apply_texts("seat.assigned", seat("hengelo", "lid"));
    assert_int_equal(count_of(field("seats")), 1);
}

static void a_slot_without_a_key_is_the_newest_item(void **state)
{
    (void)state;
    apply_texts("contribution.submitted", texts("kind", "reaction", NULL));
    apply_texts("contribution.accepted", texts("text", "A", NULL));
    assert_true(wire_find_number(field("accepted"), "seq") == 2);
    apply_texts("contribution.accepted", texts("text", "B", NULL));
    assert_true(wire_find_number(field("accepted"), "seq") == 3);
    struct wire_value data;
    assert_true(wire_find(field("accepted"), "data", &data));
    assert_true(bytes_are(wire_find_text(data.raw, "text"), "B"));
    assert_true(field("rejected").size == 0);
}

static void a_list_grows_at_its_end(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    for (unsigned i = 0; i < 40; i++) { // past the short header of a list
        apply(append_of("A"));
        assert_int_equal(count_of(field("advice")), i + 1);
        assert_true(item_seq(field("advice"), i) == seq && item_seq(field("advice"), 0) == 2);
    }
}

// Corrections -----------------------------------------------------------------------------------

static void a_corrected_item_leaves_the_map_wherever_it_stood(void **state)
{
    (void)state;
    apply_texts("body.established", texts("name", "N", NULL));
    apply_texts("seat.assigned", seat("almelo", "lid"));  // 2
    apply_texts("seat.assigned", seat("hengelo", "lid")); // 3
    apply(correcting(event_of("seat.assigned", seat("borne", "lid")), 3));
    assert_int_equal(count_of(field("seats")), 2);
    assert_true(item_seq(field("seats"), 0) == 2 && item_seq(field("seats"), 1) == 4);
    apply(correcting(event_of("seat.assigned", seat("borne", "lid")), 4)); // under the same key
    assert_int_equal(count_of(field("seats")), 2);
    assert_true(item_seq(field("seats"), 1) == 5);
    struct wire_reader reader = wire_read(subject.entity.corrected);
    struct wire_value number;
    assert_true(wire_next(&reader, &number) && number.count == 2);
    assert_true(wire_next(&reader, &number) && number.number == 3);
    assert_true(wire_next(&reader, &number) && number.number == 4);
}

static void a_corrected_item_keeps_its_place_in_the_list(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    apply(append_of("A")); // 2
    apply(append_of("B")); // 3
    apply(append_of("C")); // 4
    apply(correcting(append_of("b"), 3));
    assert_int_equal(count_of(field("advice")), 3);
    assert_true(item_seq(field("advice"), 0) == 2 && item_seq(field("advice"), 1) == 5);
    assert_true(item_seq(field("advice"), 2) == 4);
    apply(correcting(append_of("D"), 1)); // what it corrects stands in no list: it is added
    assert_int_equal(count_of(field("advice")), 4);
    assert_true(item_seq(field("advice"), 3) == 6);
    assert_int_equal(count_of(subject.entity.corrected), 2);
}

static void a_correction_of_fields_is_noted(void **state)
{
    (void)state;
    apply_texts("news.published", texts("title", "T", "summary", "S", NULL));
    apply_texts("news.corrected", texts("title", "U", NULL));
    apply(correcting(event_of("news.corrected", texts("title", "V", NULL)), 2));
    expect_text("title", "V");
    assert_int_equal(count_of(subject.entity.corrected), 1);
    apply_texts("news.withdrawn", texts(NULL, NULL));
    assert_int_equal(count_of(subject.entity.corrected), 1);
}

// Limits ----------------------------------------------------------------------------------------

static void a_full_map_takes_no_other_item_but_changes_those_it_has(void **state)
{
    (void)state;
    char member[16];
    apply_texts("body.established", texts("name", "N", NULL));
    for (unsigned i = 0; i < WIRE_MAP_MAX; i++) {
        (void)snprintf(member, sizeof member, "m%u", i);
        apply_texts("seat.assigned", seat(member, "lid"));
    }
    struct event one_more = event_of("seat.assigned", seat("zwolle", "lid"));
    assert_false(try_apply(&one_more));
    assert_int_equal(count_of(field("seats")), WIRE_MAP_MAX);
    apply_texts("seat.assigned", seat("m7", "lid"));
    one_more = correcting(event_of("seat.assigned", seat("zwolle", "lid")), seq);
    apply(one_more); // in the place of what it corrects
    apply_texts("seat.vacated", seat("m8", "lid"));
    apply_texts("seat.assigned", seat("m8", "voorzitter"));
    assert_int_equal(count_of(field("seats")), WIRE_MAP_MAX);
}

static void a_full_list_takes_no_other_item_but_corrections(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    for (unsigned i = 0; i < ENTITY_ITEMS_MAX; i++) {
        apply(append_of(""));
    }
    struct event one_more = append_of("");
    assert_false(try_apply(&one_more));
    apply(correcting(append_of("b"), 3));
    assert_int_equal(count_of(field("advice")), ENTITY_ITEMS_MAX);
    assert_true(item_seq(field("advice"), 1) == seq);
}

static void a_full_list_of_corrections_takes_no_other(void **state)
{
    (void)state;
    apply_texts("news.published", texts("title", "T", "summary", "S", NULL));
    apply_texts("news.corrected", texts("title", "U", NULL));
    for (unsigned i = 0; i < ENTITY_ITEMS_MAX; i++) {
        apply(correcting(event_of("news.corrected", texts(NULL, NULL)), seq));
    }
    struct event one_more = correcting(event_of("news.corrected", texts(NULL, NULL)), seq);
    assert_false(try_apply(&one_more));
    apply_texts("news.corrected", texts("title", "V", NULL));
}

static void a_record_grows_to_its_limit_and_no_further(void **state)
{
    (void)state;
    static char function[60000];
    const size_t step = sizeof function;
    memset(function, 'x', step - 1);
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    struct event event = append_of(function);
    while (try_apply(&event)) {
        event = append_of(function);
    }
    assert_true(subject.entity.record.size > ENTITY_BYTES_MAX - step - 200);
    // What is left fits to the byte, and one more byte does not.
    for (size_t size = step - 1; size > 0; size /= 2) {
        function[size] = '\0';
        event = append_of(function);
        (void)try_apply(&event);
        function[size] = 'x';
    }
    assert_true(subject.entity.record.size > ENTITY_BYTES_MAX - 200);
    size_t left = ENTITY_BYTES_MAX - subject.entity.record.size;
    for (size_t size = 0; size < 200; size++) {
        function[size] = '\0';
        struct event set = event_of("werkplaats.updated", texts("name", function, NULL));
        function[size] = 'x';
        // The key and the text's header; then version and counts as they were.
        size_t more = 5 + (size < 32 ? 1u : 2u) + size;
        uint64_t before = seq;
        const struct subject *now = &subject;
        static struct subject kept;
        kept = *now;
        assert_true(try_apply(&set) == (more <= left));
        subject = kept;
        assert_true(
            entity_decode((struct bytes){subject.room, kept.entity.record.size}, &subject.entity));
        seq = before;
    }
}

// Every row -------------------------------------------------------------------------------------

// An event of a type as it is stored, from the rows alone. The last two stay good.
static struct event sample_of(const struct event_type *type)
{
    static uint8_t rooms[2][EVENT_BYTES_MAX];
    static unsigned next;
    struct wire_writer writer = wire_write(rooms[next++ % 2], sizeof rooms[0]);
    sample_group(&writer, type->group, true, sample_stored);
    return event_of(type->name, wire_written(&writer));
}

// What must be there before an event of that type: its entity, opened by the row that opens one
// (none, if that is the type itself), and of REMOVE the item, put by another row.
static void prepare(const struct event_type *type)
{
    const struct event_type *other = NULL;
    bool opens = type->effect == EFFECT_OPEN || (type->flags & EVENT_OPENS) != 0;
    while (!opens && (other = event_type_next(other)) != NULL) {
        if (other->kind == sample_kind(type) &&
            (other->effect == EFFECT_OPEN || (other->flags & EVENT_OPENS) != 0)) {
            apply(sample_of(other));
            break;
        }
    }
    other = NULL;
    while (type->effect == EFFECT_REMOVE && (other = event_type_next(other)) != NULL) {
        if (other->kind == sample_kind(type) && other->effect == EFFECT_PUT &&
            strcmp(other->slot, type->slot) == 0) {
            apply(sample_of(other));
            assert_true(field(type->slot).size > 0);
            return;
        }
    }
    assert_true(type->effect != EFFECT_REMOVE);
}

static bool has_key(enum group group)
{
    struct fields fields = fields_of(group);
    bool found = false;
    for (unsigned i = 0; i < fields.count; i++) {
        found = found || (fields.first[i].flags & FLAG_KEY) != 0;
    }
    return found;
}

// The slot after an event that fills or empties it.
static void expect_slot(const struct event *event)
{
    struct bytes slot = field(event->type->slot);
    struct wire_reader reader = wire_read(slot);
    struct wire_value head = {0};
    bool keyed = has_key(event->type->group);
    (void)wire_next(&reader, &head); // of a slot that is gone: nothing
    if (event->type->effect == EFFECT_REMOVE) {
        assert_true(keyed ? head.type == WIRE_MAP && head.count == 0 : slot.size == 0);
    } else if (event->type->effect == EFFECT_APPEND || keyed) {
        assert_int_equal(head.type, event->type->effect == EFFECT_APPEND ? WIRE_LIST : WIRE_MAP);
        assert_int_equal(head.count, 1);
        assert_true(item_seq(slot, 0) == seq);
    } else {
        assert_true(wire_find_number(slot, "seq") == seq);
    }
}

static void every_row_gives_a_record_with_what_it_says(void **state)
{
    (void)state;
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        (void)begin(NULL);
        prepare(type);
        bool was_there = subject.entity.version != 0;
        struct event event = sample_of(type);
        apply(event);
        assert_true((subject.entity.ended == seq) == (type->effect == EFFECT_END));
        assert_true((subject.entity.opened == seq) == !was_there);
        assert_int_equal(was_there,
                         type->effect != EFFECT_OPEN && (type->flags & EVENT_OPENS) == 0);
        struct pairs said;
        pairs_read(&said, event.data);
        bool sets = type->slot[0] == '\0';
        for (uint32_t i = 0; sets && i < said.count; i++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%.*s", BYTES_PRINT(said.rows[i].key));
            assert_true(bytes_equal(field(name), said.rows[i].value));
        }
        if (!sets) {
            expect_slot(&event);
        }
    }
}

// Opening by another effect than OPEN, and phases -----------------------------------------------

static void a_type_that_also_opens_opens_only_once(void **state)
{
    (void)state;
    apply_texts("cost-key.adopted", texts("version", "v1", NULL));
    apply_texts("cost-key.adopted", texts("version", "v2", NULL));
    assert_true(subject.entity.opened == 1 && subject.entity.version == 2);
    assert_int_equal(count_of(field("versions")), 2);
    apply(correcting(event_of("cost-key.adopted", texts("version", "v3", NULL)), 1));
    assert_true(subject.entity.opened == 1);
    assert_int_equal(count_of(field("versions")), 2);
    assert_true(item_seq(field("versions"), 0) == 2 && item_seq(field("versions"), 1) == 3);
}

static void the_phase_is_where_the_newest_step_leads(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("kind", "project", "phase", "idea", NULL));
    apply_texts("werkplaats.phase-changed", texts("from", "idea", "to", "research", NULL));
    expect_text("phase", "research");
    apply_texts("werkplaats.phase-changed", texts("from", "research", "to", "aftercare", NULL));
    expect_text("phase", "aftercare");
    apply(correcting(
        event_of("werkplaats.phase-changed", texts("from", "research", "to", "stopped", NULL)), 3));
    expect_text("phase", "stopped");
    assert_int_equal(count_of(field("phases")), 2);
    assert_true(item_seq(field("phases"), 0) == 2 && item_seq(field("phases"), 1) == 4);
}

static void a_correction_of_what_no_longer_stands_changes_nothing(void **state)
{
    (void)state;
    const char *type = "werkplaats.feasibility-concluded";
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    apply_texts(type, texts("outcome", "negative", NULL)); // 2
    apply_texts(type, texts("outcome", "positive", NULL)); // 3
    apply(correcting(event_of(type, texts("outcome", "unknown", NULL)), 2));
    assert_true(wire_find_number(field("feasibility"), "seq") == 3);
    apply(correcting(event_of(type, texts("outcome", "unknown", NULL)), 3));
    assert_true(wire_find_number(field("feasibility"), "seq") == 5);

    type = "participation.declared";
    apply_texts(type, texts("member", "almelo", NULL)); // 6
    apply_texts(type, texts("member", "almelo", NULL)); // 7
    apply(correcting(event_of(type, texts("member", "almelo", NULL)), 6));
    assert_true(item_seq(field("participants"), 0) == 7);
    apply(correcting(event_of(type, texts("member", "borne", NULL)), 7));
    assert_int_equal(count_of(field("participants")), 1);
    assert_true(item_seq(field("participants"), 0) == 9);
    assert_int_equal(count_of(subject.entity.corrected), 4);
}

// A key field that is absent counts as an empty one.
static void decisions_of_one_member_stand_by_kind_and_purpose(void **state)
{
    (void)state;
    apply_texts("werkplaats.opened", texts("kind", "project", NULL));
    apply_texts("decision.taken",
                texts("kind", "financial", "member", "almelo", "purpose", "execution", NULL)); // 2
    apply_texts("decision.taken", texts("kind", "financial", "member", "almelo", "purpose",
                                        "preparation", NULL));                             // 3
    apply_texts("decision.taken", texts("kind", "substantive", "member", "almelo", NULL)); // 4
    apply_texts("decision.taken", texts("kind", "substantive", "member", "almelo", NULL)); // 5
    struct pairs items;
    pairs_read(&items, field("decisions"));
    assert_int_equal(items.count, 3);
    assert_true(bytes_are(items.rows[0].key, "almelo/financial/execution"));
    assert_true(bytes_are(items.rows[1].key, "almelo/financial/preparation"));
    assert_true(bytes_are(items.rows[2].key, "almelo/substantive/"));
    assert_true(item_seq(field("decisions"), 2) == 5);
}

static void what_is_no_record_is_not_read_as_one(void **state)
{
    (void)state;
    struct entity entity = {.version = 7};
    apply_texts("news.published", texts("title", "T", "summary", "S", NULL));
    apply_texts("news.withdrawn", texts("reason", "R", NULL));
    struct bytes whole = subject.entity.record;
    for (size_t size = 1; size < whole.size; size++) {
        assert_false(entity_decode((struct bytes){whole.data, size}, &entity));
    }
    uint8_t room[1024];
    memcpy(room, whole.data, whole.size);
    room[whole.size] = 0;
    assert_false(entity_decode((struct bytes){room, whole.size + 1}, &entity));
    assert_true(entity.version == 7); // left as it was
    assert_true(entity_decode((struct bytes){0}, &entity) && entity.version == 0);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_opened_entity_has_its_fields_its_date_and_its_source),
        TEST(only_the_fields_that_are_given_are_set),
        TEST(an_event_that_restates_brings_a_new_date_with_its_own_words),
        TEST(an_ended_entity_keeps_what_it_had),
        TEST(an_entity_that_is_opened_again_has_nothing_of_before),
        TEST(what_was_corrected_stays_so_when_the_entity_is_opened_again),
        TEST(an_item_is_put_under_its_key_with_all_that_was_said),
        TEST(items_stand_in_the_order_of_their_keys_each_once),
        TEST(an_item_is_taken_out_by_its_key_and_the_others_stay),
        TEST(a_slot_without_a_key_is_the_newest_item),
        TEST(a_list_grows_at_its_end),
        TEST(a_corrected_item_leaves_the_map_wherever_it_stood),
        TEST(a_corrected_item_keeps_its_place_in_the_list),
        TEST(a_correction_of_fields_is_noted),
        TEST(a_full_map_takes_no_other_item_but_changes_those_it_has),
        TEST(a_full_list_takes_no_other_item_but_corrections),
        TEST(a_full_list_of_corrections_takes_no_other),
        TEST(a_record_grows_to_its_limit_and_no_further),
        TEST(every_row_gives_a_record_with_what_it_says),
        TEST(a_type_that_also_opens_opens_only_once),
        TEST(the_phase_is_where_the_newest_step_leads),
        TEST(a_correction_of_what_no_longer_stands_changes_nothing),
        TEST(decisions_of_one_member_stand_by_kind_and_purpose),
        TEST(what_is_no_record_is_not_read_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
