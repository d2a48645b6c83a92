#include "proto/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PARTICIPANTS_MAX 256

__extension__ typedef unsigned __int128 wide;

static uint64_t random_state = 20261124;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static uint64_t random_below(uint64_t limit)
{
    return random_bits() % limit;
}

// Small numbers as often as large ones.
static uint64_t random_size(unsigned bits_max)
{
    return random_bits() >> (64 - 1 - random_below(bits_max));
}

// The names of participants, in byte order of their numbers: the shorter one of two that begin
// alike comes first.
static struct bytes name_of(unsigned number)
{
    static char names[PARTICIPANTS_MAX][8];
    char *name = names[number];
    int size = snprintf(name, sizeof(names[0]), "%c%c%s", (int)('a' + number / 20),
                        (int)('a' + number / 2 % 10), number % 2 == 0 ? "" : "-");
    return (struct bytes){name, (size_t)size};
}

// A second way to the same cents ------------------------------------------------------------------
// Whole cents and what is left are kept apart from the start, in two steps of division; the cents
// that are left over are handed out one by one to whoever has the most left.

struct exact {
    uint64_t cents;
    uint64_t left; // of one cent, in parts per million of all weights
};

static struct exact exact_share(uint64_t amount, uint64_t fixed, uint64_t weights,
                                const struct share *share)
{
    uint64_t unit = weights == 0 ? 1 : weights;
    if (share->fixed > 0) {
        wide parts = (wide)amount * share->fixed;
        return (struct exact){(uint64_t)(parts / MONEY_PPM), (uint64_t)(parts % MONEY_PPM) * unit};
    }
    wide rest = (wide)amount * (MONEY_PPM - fixed);
    wide whole = (wide)(uint64_t)(rest / MONEY_PPM) * share->weight;
    uint64_t millionths = (uint64_t)(rest % MONEY_PPM);
    uint64_t left = (uint64_t)(whole % unit) * MONEY_PPM + millionths * share->weight;
    return (struct exact){(uint64_t)(whole / unit) + left / (MONEY_PPM * unit),
                          left % (MONEY_PPM * unit)};
}

static void expect_exact(uint64_t amount, const struct share *shares, uint32_t count)
{
    struct exact exact[PARTICIPANTS_MAX];
    uint64_t weights = 0, fixed = 0, sum = 0, given = 0;
    for (uint32_t i = 0; i < count; i++) {
        weights += shares[i].weight;
        fixed += shares[i].fixed;
        sum += shares[i].cents;
    }
    assert_true(sum == amount);
    for (uint32_t i = 0; i < count; i++) {
        exact[i] = exact_share(amount, fixed, weights, &shares[i]);
        given += exact[i].cents;
    }
    for (; given < amount; given++) {
        uint32_t most = 0;
        for (uint32_t i = 1; i < count; i++) {
            bool sooner = bytes_compare(shares[i].member, shares[most].member) < 0;
            if (exact[i].left > exact[most].left || (exact[i].left == exact[most].left && sooner)) {
                most = i;
            }
        }
        assert_true(exact[most].left > 0); // who owes whole cents gets no other
        exact[most].left = 0;
        exact[most].cents++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (shares[i].cents != exact[i].cents) {
            fail_msg("%.*s of %u: %llu cents, not %llu", BYTES_PRINT(shares[i].member), count,
                     (unsigned long long)shares[i].cents, (unsigned long long)exact[i].cents);
        }
    }
}

// Cases -------------------------------------------------------------------------------------------

// Inhabitants of the 14 municipalities, and their shares of 10 000.00 euro, worked out apart from
// this program. The numbers of the real key are not public.
static void the_worked_case_is_right_to_the_cent(void **state)
{
    static const struct {
        const char *member;
        uint64_t inhabitants, cents;
    } rows[] = {
        {"almelo", 73175, 116002},        {"borne", 23489, 37236},
        {"dinkelland", 26545, 42081},     {"enschede", 158918, 251927},
        {"haaksbergen", 24275, 38482},    {"hellendoorn", 35959, 57004},
        {"hengelo", 81047, 128481},       {"hof-van-twente", 35129, 55689},
        {"losser", 22780, 36112},         {"oldenzaal", 31792, 50399},
        {"rijssen-holten", 38227, 60600}, {"tubbergen", 21271, 33720},
        {"twenterand", 33729, 53469},     {"wierden", 24474, 38798},
    };
    struct share shares[14];
    (void)state;
    for (unsigned i = 0; i < 14; i++) {
        shares[i] =
            (struct share){.member = bytes_of(rows[i].member), .weight = rows[i].inhabitants};
    }
    assert_true(money_split(1000000, shares, 14));
    for (unsigned i = 0; i < 14; i++) {
        if (shares[i].cents != rows[i].cents) {
            fail_msg("%s: %llu cents", rows[i].member, (unsigned long long)shares[i].cents);
        }
    }
    expect_exact(1000000, shares, 14);
}

static uint32_t random_shares(struct share shares[PARTICIPANTS_MAX], uint32_t count)
{
    unsigned how = (unsigned)random_below(4);
    uint64_t fixed_left = how == 0 ? 0 : MONEY_PPM;
    unsigned bits = how == 3 ? 3 : 32; // few different weights: many ties
    uint64_t weights = 0;
    for (uint32_t i = 0; i < count; i++) {
        shares[i] = (struct share){.member = name_of(i)};
        if (how != 0 && random_below(3) == 0) {
            shares[i].fixed = (uint32_t)random_below(1 + fixed_left / 2);
            fixed_left -= shares[i].fixed;
        } else {
            shares[i].weight = random_size(bits);
        }
        weights += shares[i].weight;
    }
    if (weights == 0) { // then fixed parts carry the whole
        uint64_t fixed = 0;
        for (uint32_t i = 0; i < count; i++) {
            fixed += shares[i].fixed;
        }
        shares[0].fixed += (uint32_t)(MONEY_PPM - fixed);
    }
    return count;
}

static void shuffle(struct share *shares, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)random_below(i);
        struct share share = shares[i - 1];
        shares[i - 1] = shares[other];
        shares[other] = share;
    }
}

static void any_split_is_exact_and_the_order_does_not_matter(void **state)
{
    struct share shares[PARTICIPANTS_MAX], again[PARTICIPANTS_MAX];
    (void)state;
    for (unsigned round = 0; round < 10000; round++) {
        uint64_t most = round % 50 == 0 ? PARTICIPANTS_MAX : 20;
        uint32_t count = random_shares(shares, 1 + (uint32_t)random_below(most));
        uint64_t amount = 1 + random_size(47) % UINT64_C(100000000000000);
        assert_true(money_split(amount, shares, count));
        expect_exact(amount, shares, count);

        memcpy(again, shares, sizeof(shares[0]) * count);
        shuffle(again, count);
        assert_true(money_split(amount, again, count));
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < count; j++) {
                if (bytes_equal(again[i].member, shares[j].member)) {
                    assert_true(again[i].cents == shares[j].cents);
                }
            }
        }
    }
}

static void equal_remainders_go_by_member_id(void **state)
{
    struct share shares[] = {{.member = bytes_of("c"), .weight = 5},
                             {.member = bytes_of("b-a"), .weight = 5},
                             {.member = bytes_of("a"), .weight = 5},
                             {.member = bytes_of("b"), .weight = 5}};
    static const uint64_t expected[][4] = {
        {0, 0, 1, 0}, {0, 0, 1, 1}, {0, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 2, 1}};
    (void)state;
    for (uint64_t amount = 1; amount <= 5; amount++) {
        assert_true(money_split(amount, shares, 4));
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(shares[i].cents, expected[amount - 1][i]);
        }
    }
}

static void a_larger_remainder_goes_before_an_id(void **state)
{
    struct share shares[] = {{.member = bytes_of("a"), .weight = 1},
                             {.member = bytes_of("b"), .weight = 2}};
    (void)state;
    assert_true(money_split(1, shares, 2));
    assert_true(shares[0].cents == 0 && shares[1].cents == 1);
    assert_true(money_split(2, shares, 2)); // 0.67 and 1.33
    assert_true(shares[0].cents == 1 && shares[1].cents == 1);
}

// One rounding over all: a fixed part is not rounded before the rest is split.
static void fixed_parts_come_off_the_whole_and_weights_share_the_rest(void **state)
{
    struct share shares[] = {{.member = bytes_of("a"), .weight = 1},
                             {.member = bytes_of("b"), .weight = 1},
                             {.member = bytes_of("c"), .fixed = 500000}};
    struct share halves[] = {{.member = bytes_of("a"), .fixed = 250000},
                             {.member = bytes_of("b"), .weight = 1},
                             {.member = bytes_of("c"), .fixed = 250000}};
    (void)state;
    assert_true(money_split(1000, shares, 3));
    assert_true(shares[0].cents == 250 && shares[1].cents == 250 && shares[2].cents == 500);
    assert_true(money_split(3, shares, 3)); // 0.75, 0.75 and 1.50
    assert_true(shares[0].cents == 1 && shares[1].cents == 1 && shares[2].cents == 1);
    assert_true(money_split(1, halves, 3)); // 0.25, 0.50 and 0.25
    assert_true(halves[0].cents == 0 && halves[1].cents == 1 && halves[2].cents == 0);
}

static void a_weight_of_nothing_carries_nothing(void **state)
{
    struct share shares[] = {{.member = bytes_of("a"), .weight = 0},
                             {.member = bytes_of("b"), .weight = 3},
                             {.member = bytes_of("c"), .weight = 4},
                             {.member = bytes_of("d"), .fixed = MONEY_PPM}};
    (void)state;
    assert_true(money_split(100, shares, 3));
    assert_true(shares[0].cents == 0 && shares[1].cents == 43 && shares[2].cents == 57);
    assert_true(money_split(100, shares, 4)); // nothing is left for the weights
    assert_true(shares[0].cents + shares[1].cents + shares[2].cents == 0);
    assert_true(shares[3].cents == 100);
}

static void parts_that_cannot_carry_the_whole_are_refused(void **state)
{
    struct share shares[3] = {{.member = bytes_of("a"), .cents = 7},
                              {.member = bytes_of("b"), .cents = 7},
                              {.member = bytes_of("c"), .cents = 7}};
    static const struct {
        uint32_t fixed[3];
        uint64_t weight;
        bool carries;
    } rows[] = {
        {{0, 0, 0}, 0, false},
        {{0, 0, 0}, 1, true},
        {{999999, 0, 0}, 0, false},
        {{999999, 0, 0}, 1, true},
        {{1000000, 0, 0}, 0, true},
        {{1000000, 0, 0}, 1, true},
        {{1000001, 0, 0}, 0, false},
        {{1000001, 0, 0}, 1, false},
        {{500000, 500000, 0}, 0, true},
        {{500000, 500001, 0}, 1, false},
        {{UINT32_MAX, 1000001, 0}, 1, false}, // 2^32 + 10^6: no less for wrapping around
        {{UINT32_MAX, UINT32_MAX, UINT32_MAX}, 0, false},
    };
    (void)state;
    assert_false(money_split(100, shares, 0));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned j = 0; j < 3; j++) {
            shares[j].fixed = rows[i].fixed[j];
            shares[j].cents = 7;
        }
        shares[2].weight = rows[i].weight;
        assert_int_equal(money_split(100, shares, 3), rows[i].carries);
        if (!rows[i].carries) { // nothing was given
            assert_true(shares[0].cents == 7 && shares[1].cents == 7 && shares[2].cents == 7);
        }
    }
}

static void extremes_are_exact_too(void **state)
{
    static const uint64_t amounts[] = {
        1, 255, 256, 257, 1000003, UINT64_C(99999999999999), UINT64_C(100000000000000)};
    static const uint64_t weights[] = {1, UINT64_C(4294967295), UINT64_C(4294967296)};
    struct share shares[PARTICIPANTS_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        for (unsigned how = 0; how < 9; how++) {
            for (unsigned j = 0; j < PARTICIPANTS_MAX; j++) {
                shares[j] = (struct share){.member = name_of(j), .weight = weights[how % 3]};
                if (how / 3 == 1) { // remainders that differ by the least there is
                    shares[j].weight -= j % 7 == 0 && shares[j].weight > 1;
                } else if (how / 3 == 2 && j % 2 == 0) {
                    shares[j].weight = 0;
                    shares[j].fixed = 7812 - j % 3; // almost all of it
                }
            }
            shuffle(shares, PARTICIPANTS_MAX);
            assert_true(money_split(amounts[i], shares, PARTICIPANTS_MAX));
            expect_exact(amounts[i], shares, PARTICIPANTS_MAX);
        }
    }
    struct share alone = {.member = bytes_of("a"), .weight = UINT64_C(1) << 40};
    assert_true(money_split(UINT64_C(100000000000000), &alone, 1));
    assert_true(alone.cents == UINT64_C(100000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_case_is_right_to_the_cent),
        cmocka_unit_test(any_split_is_exact_and_the_order_does_not_matter),
        cmocka_unit_test(equal_remainders_go_by_member_id),
        cmocka_unit_test(a_larger_remainder_goes_before_an_id),
        cmocka_unit_test(fixed_parts_come_off_the_whole_and_weights_share_the_rest),
        cmocka_unit_test(a_weight_of_nothing_carries_nothing),
        cmocka_unit_test(parts_that_cannot_carry_the_whole_are_refused),
        cmocka_unit_test(extremes_are_exact_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
