/*
 * Several events applied at once give the record that they give one by one: random events of every
 * effect about one entity, with corrections of what still stands and of what does not, and so many
 * that what is worked with has to be tidied up on the way.
 */
#include "daemon/apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define EVENTS 12000

static uint8_t arena[EVENTS * 1024]; // of the events' data, which is lent until the end
static struct event events[EVENTS];
static uint8_t rooms[2][ENTITY_BYTES_MAX];

static unsigned below(unsigned count)
{
    static uint64_t state = 88172645463325252; // xorshift
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state % count);
}

// The opening first; later it ends and opens again now and then.
static const char *const types[] = {
    "member.joined",           "member.left",
    "member.joined",           "seat.assigned",
    "seat.assigned",           "seat.vacated",
    "werkplaats.updated",      "werkplaats.advice-given",
    "werkplaats.advice-given", "werkplaats.result-delivered",
    "werkplaats.plan-adopted", "werkplaats.phase-changed",
    "participation.declared",  "participation.ended",
    "subscription.paused",     "subscription.resumed",
    "news.corrected",          "decision.taken",
};

// Data with something of each type's fields, which apply does not check.
static struct bytes make_data(uint8_t *at, const struct event_type *type)
{
    static char text[600];
    memset(text, 'x', sizeof(text));
    unsigned longest = type->effect == EFFECT_APPEND ? 50 : sizeof(text);
    struct wire_writer writer = wire_write(at, 1024);
    char member[8] = "m0", purpose[8] = "p0";
    member[1] = (char)('a' + below(16));
    purpose[1] = (char)('a' + below(3));
    wire_put_map(&writer, 6);
    wire_pair_text(&writer, "function", bytes_of("lid"));
    wire_pair_text(&writer, "kind", bytes_of("financial"));
    wire_pair_text(&writer, "member", bytes_of(member));
    wire_pair_text(&writer, "purpose", bytes_of(purpose));
    wire_pair_text(&writer, "title", (struct bytes){text, 1 + below(longest)});
    wire_pair_text(&writer, "to", bytes_of("execution"));
    return wire_written(&writer);
}

static struct event make_event(size_t place)
{
    unsigned chosen = place == 0 ? 0 : below(sizeof(types) / sizeof(types[0]));
    bool rare = chosen < 3 && place != 0 && below(50) != 0;
    const struct event_type *type = event_type_find(bytes_of(types[rare ? 6 : chosen]));
    assert_non_null(type);
    struct event event = {
        .type = type,
        .seq = place + 1,
        .time = 1000 + place,
        .on = bytes_of(below(2) == 0 ? "" : "2016-03"),
        .citation = bytes_of(below(8) == 0 ? "bron" : ""),
        .data = make_data(arena + place * 1024, type),
        .actor = {.organisation = bytes_of("twente"), .role = bytes_of("secretary")},
    };
    // As the daemon has it: of the same type. In the end there are none any more.
    for (size_t i = 0; place > 0 && place < 4000 && below(4) == 0 && i < 20 && event.corrects == 0;
         i++) {
        size_t earlier = place - 1 - below((unsigned)(place < 200 ? place : 200));
        event.corrects = events[earlier].type == event.type ? events[earlier].seq : 0;
    }
    return event;
}

static struct bytes fold(const struct entity *before, size_t from, size_t until)
{
    struct application *together = apply_begin(before);
    for (size_t i = from; i < until; i++) {
        apply_next(together, &events[i]);
    }
    return apply_end(together);
}

// A record that does not fit begins the entity anew, so that what follows is looked at too.
static size_t one_by_one(size_t from, struct entity *entity)
{
    size_t place = from;
    static uint8_t kept[ENTITY_BYTES_MAX];
    struct entity middle = {0};
    *entity = (struct entity){0};
    for (; place < EVENTS; place++) {
        struct bytes record = apply_event(entity, &events[place], rooms[place % 2]);
        if (record.size == 0) {
            break;
        }
        assert_true(entity_decode(record, entity));
        if (place % 197 == 0 || place == EVENTS - 1) {
            const struct entity none = {0};
            assert_true(bytes_equal(fold(&none, from, place + 1), record));
            if (middle.version != 0) { // and from where it stood in between
                assert_true(bytes_equal(fold(&middle, middle.version, place + 1), record));
            }
            memcpy(kept, record.data, record.size);
            assert_true(entity_decode((struct bytes){kept, record.size}, &middle));
        }
    }
    return place;
}

static void many_at_once_give_what_they_give_one_by_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENTS; i++) {
        events[i] = make_event(i);
    }
    struct entity entity;
    assert_int_equal(one_by_one(0, &entity), EVENTS); // long enough to be tidied up often
}

static void what_does_not_fit_gives_nothing_at_once_either(void **state)
{
    (void)state;
    const struct entity none = {0};
    for (size_t i = 0; i < EVENTS; i++) {
        events[i].type = event_type_find(bytes_of(i == 0 ? types[0] : types[7]));
        events[i].corrects = 0;
    }
    struct entity entity;
    size_t fit = one_by_one(0, &entity);
    assert_true(fit > 100 && fit < EVENTS);
    assert_true(fold(&none, 0, fit).size > 0);
    assert_int_equal(fold(&none, 0, fit + 1).size, 0);
    assert_int_equal(fold(&none, 0, EVENTS).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_at_once_give_what_they_give_one_by_one),
        cmocka_unit_test(what_does_not_fit_gives_nothing_at_once_either),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
