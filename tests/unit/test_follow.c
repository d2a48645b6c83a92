// The rule of holes, in a simulation: a log, a feed that loses and repeats, followers at every
// level.
#include "clients/lib/position.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#define EVENTS 400
#define RUNS 300
#define LOG_A "0123456789abcdef0123456789abcdef"
#define LOG_B "ffffffffffffffff0123456789abcdef"

// Paths are numbers here: region, kind and entity, each 0 or 1.
struct entry {
    unsigned path[3];
    uint64_t prev[3];
};

struct level {
    unsigned depth; // 0: the whole log, 3: one entity
    unsigned path[3];
};

struct history {
    struct entry entries[EVENTS + 1]; // by sequence number, from 1
    uint64_t head;
};

struct follower {
    struct level level;
    struct position position;
    uint64_t delivered[EVENTS];
    size_t count, holes;
    bool is_stale;
};

static unsigned chance(unsigned of)
{
    return (unsigned)random() % of;
}

static bool has(const struct level *level, const struct entry *entry)
{
    for (unsigned i = 0; i < level->depth; i++) {
        if (level->path[i] != entry->path[i]) {
            return false;
        }
    }
    return true;
}

// The newest event of a level, looked for in the events themselves.
static uint64_t newest(const struct history *history, const struct level *level)
{
    uint64_t seq = history->head;
    while (seq > 0 && !has(level, &history->entries[seq])) {
        seq--;
    }
    return seq;
}

static void append(struct history *history)
{
    struct entry entry = {.path = {chance(2), chance(2), chance(2)}};
    for (unsigned depth = 1; depth <= 3; depth++) {
        struct level level = {depth, {entry.path[0], entry.path[1], entry.path[2]}};
        entry.prev[depth - 1] = newest(history, &level);
    }
    history->entries[++history->head] = entry;
}

static void deliver(struct follower *follower, uint64_t seq)
{
    assert_true(follower->count < EVENTS);
    follower->delivered[follower->count++] = seq;
}

static enum step take_event(struct follower *follower, const struct history *history, uint64_t seq)
{
    const struct entry *entry = &history->entries[seq];
    unsigned depth = follower->level.depth;
    uint64_t prev = depth == 0 ? seq - 1 : entry->prev[depth - 1];
    enum step step = position_event(&follower->position, prev, seq);
    if (step == STEP_FITS) {
        deliver(follower, seq);
    }
    return step;
}

// Reads the level from the log in answers of a few events, as a follower does.
static void repair(struct follower *follower, const struct history *history)
{
    follower->holes++;
    uint64_t seq = follower->position.at;
    while (seq < history->head) {
        for (unsigned left = 1 + chance(5); left > 0 && seq < history->head; left--) {
            seq++;
            if (has(&follower->level, &history->entries[seq])) {
                assert_int_equal(take_event(follower, history, seq), STEP_FITS);
            }
        }
        position_read_to(&follower->position, seq);
    }
}

static void hear(struct follower *follower, const struct history *history, uint64_t seq)
{
    if (has(&follower->level, &history->entries[seq])) {
        switch (take_event(follower, history, seq)) {
        case STEP_HOLE:
            repair(follower, history);
            break;
        case STEP_FITS:
        case STEP_REPEAT:
            break;
        case STEP_BEHIND:
        case STEP_STALE:
            fail();
        }
    }
}

// A heartbeat as it was when the log had `head` events.
static void beat(struct follower *follower, const struct history *now, const char *log,
                 uint64_t head)
{
    struct history then = *now;
    then.head = head;
    switch (position_heartbeat(&follower->position, bytes_of(log), head,
                               newest(&then, &follower->level))) {
    case STEP_HOLE:
        repair(follower, now);
        break;
    case STEP_BEHIND:
        follower->is_stale = !position_holds(&follower->position, bytes_of(log), now->head);
        break;
    case STEP_STALE:
        follower->is_stale = true;
        break;
    case STEP_FITS:
    case STEP_REPEAT:
        break;
    }
}

static struct follower follower_at(unsigned depth)
{
    struct follower follower = {
        .level = {depth, {chance(2), chance(2), chance(2)}},
        .position.log = LOG_A,
    };
    return follower;
}

static void expect_all_once_in_order(const struct follower *follower, const struct history *history)
{
    size_t count = 0;
    for (uint64_t seq = 1; seq <= history->head; seq++) {
        if (has(&follower->level, &history->entries[seq])) {
            assert_true(count < follower->count);
            assert_int_equal(follower->delivered[count], seq);
            count++;
        }
    }
    assert_int_equal(follower->count, count);
}

// One history, heard over a feed that loses one frame in `loses` and repeats one in `repeats`.
static struct follower run(unsigned depth, unsigned loses, unsigned repeats)
{
    struct history history = {0};
    struct follower follower = follower_at(depth);
    while (history.head < EVENTS) {
        append(&history);
        if (chance(loses) != 0) {
            hear(&follower, &history, history.head);
        }
        if (chance(repeats) == 0) {
            hear(&follower, &history, history.head - chance((unsigned)history.head));
        }
        if (chance(20) == 0) {
            beat(&follower, &history, LOG_A, history.head);
            expect_all_once_in_order(&follower, &history);
            assert_int_equal(follower.position.at, history.head);
        }
    }
    beat(&follower, &history, LOG_A, history.head);
    expect_all_once_in_order(&follower, &history);
    assert_false(follower.is_stale);
    return follower;
}

static void a_heartbeat_after_any_loss_finds_every_event_delivered_once_in_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUNS; i++) {
        (void)run(i % 4, 1 + chance(6), 1 + chance(6));
    }
}

static void a_feed_that_loses_nothing_gives_no_false_hole(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUNS; i++) {
        assert_int_equal(run(i % 4, UINT32_MAX, 3).holes, 0);
    }
}

// The feed lags: while a hole is read, frames and heartbeats queue, and are older than the position
// when their turn comes.
static void what_queued_while_the_log_was_read_is_no_other_history(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RUNS; i++) {
        struct history history = {0};
        struct follower follower = follower_at(i % 4);
        while (history.head < EVENTS) {
            uint64_t from = history.head;
            for (unsigned more = 1 + chance(20); more > 0 && history.head < EVENTS; more--) {
                append(&history);
            }
            for (uint64_t seq = from + 1; seq <= history.head; seq++) {
                if (chance(4) != 0) {
                    hear(&follower, &history, seq);
                }
                if (chance(10) == 0) {
                    beat(&follower, &history, LOG_A, seq);
                }
            }
            assert_false(follower.is_stale);
        }
        beat(&follower, &history, LOG_A, history.head);
        expect_all_once_in_order(&follower, &history);
    }
}

static void a_loss_of_the_last_event_shows_at_the_next_heartbeat(void **state)
{
    (void)state;
    struct history history = {0};
    struct follower follower = follower_at(0);
    append(&history);
    assert_int_equal(position_heartbeat(&follower.position, bytes_of(LOG_A), 1, 1), STEP_HOLE);
    assert_int_equal(follower.position.at, 0);
    beat(&follower, &history, LOG_A, 1);
    assert_int_equal(follower.count, 1);
}

static void a_quiet_level_keeps_up_with_the_head(void **state)
{
    (void)state;
    struct position position = {.at = 3, .log = LOG_A};
    assert_int_equal(position_heartbeat(&position, bytes_of(LOG_A), 90, 3), STEP_FITS);
    assert_int_equal(position.at, 90);
    assert_int_equal(position_event(&position, 3, 91), STEP_FITS);
    assert_int_equal(position.at, 91);
}

static void an_event_that_was_delivered_is_not_delivered_again(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    assert_int_equal(position_event(&position, 2, 7), STEP_REPEAT);
    assert_int_equal(position_event(&position, 0, 3), STEP_REPEAT);
    assert_int_equal(position.at, 7);
}

static void an_event_behind_a_hole_does_not_move_the_position(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    assert_int_equal(position_event(&position, 8, 9), STEP_HOLE);
    assert_int_equal(position.at, 7);
}

static void another_log_is_another_history(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    assert_int_equal(position_heartbeat(&position, bytes_of(LOG_B), 100, 7), STEP_STALE);
    assert_int_equal(position_heartbeat(&position, (struct bytes){LOG_A, 31}, 100, 7), STEP_STALE);
    assert_false(position_holds(&position, bytes_of(LOG_B), 100));
    assert_int_equal(position.at, 7);
}

static void a_heartbeat_from_before_the_position_is_no_proof(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    assert_int_equal(position_heartbeat(&position, bytes_of(LOG_A), 6, 6), STEP_BEHIND);
    assert_int_equal(position.at, 7);
}

static void a_log_shorter_than_the_position_is_another_history(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    assert_false(position_holds(&position, bytes_of(LOG_A), 6));
    assert_true(position_holds(&position, bytes_of(LOG_A), 7));
    assert_int_equal(position_heartbeat(&position, bytes_of(LOG_A), 7, 7), STEP_FITS);
}

static void reading_the_log_never_moves_the_position_back(void **state)
{
    (void)state;
    struct position position = {.at = 7, .log = LOG_A};
    position_read_to(&position, 5);
    assert_int_equal(position.at, 7);
    position_read_to(&position, 12);
    assert_int_equal(position.at, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heartbeat_after_any_loss_finds_every_event_delivered_once_in_order),
        cmocka_unit_test(a_feed_that_loses_nothing_gives_no_false_hole),
        cmocka_unit_test(what_queued_while_the_log_was_read_is_no_other_history),
        cmocka_unit_test(a_loss_of_the_last_event_shows_at_the_next_heartbeat),
        cmocka_unit_test(a_quiet_level_keeps_up_with_the_head),
        cmocka_unit_test(an_event_that_was_delivered_is_not_delivered_again),
        cmocka_unit_test(an_event_behind_a_hole_does_not_move_the_position),
        cmocka_unit_test(another_log_is_another_history),
        cmocka_unit_test(a_heartbeat_from_before_the_position_is_no_proof),
        cmocka_unit_test(a_log_shorter_than_the_position_is_another_history),
        cmocka_unit_test(reading_the_log_never_moves_the_position_back),
    };
    srandom(20261124);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
