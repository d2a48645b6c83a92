#include "proto/money.h"

#include <assert.h>
#include <stdlib.h>

// The exact share of one participant is numerator / denominator cents. With at most 10^14 cents,
// 10^6 parts and weights of 2^40 in all, it stays below 2^107.
__extension__ typedef unsigned __int128 wide;

struct ranked {
    struct share *share;
    wide remainder;
};

static int larger_remainder_first(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->remainder != right->remainder) {
        return left->remainder > right->remainder ? -1 : 1;
    }
    return bytes_compare(left->share->member, right->share->member);
}

bool money_split(uint64_t amount, struct share *shares, uint32_t count)
{
    struct ranked ranked[256];
    uint64_t weights = 0, fixed = 0, given = 0;
    assert(count <= sizeof(ranked) / sizeof(ranked[0]));
    for (uint32_t i = 0; i < count; i++) {
        weights += shares[i].weight;
        fixed += shares[i].fixed;
    }
    if (fixed > MONEY_PPM || (weights == 0 && fixed != MONEY_PPM)) {
        return false;
    }
    uint64_t unit = weights == 0 ? 1 : weights;
    wide denominator = (wide)MONEY_PPM * unit;
    for (uint32_t i = 0; i < count; i++) {
        wide numerator = (wide)amount * shares[i].fixed * unit +
                         (wide)amount * (MONEY_PPM - fixed) * shares[i].weight;
        shares[i].cents = (uint64_t)(numerator / denominator);
        ranked[i] = (struct ranked){&shares[i], numerator % denominator};
        given += shares[i].cents;
    }
    qsort(ranked, count, sizeof(ranked[0]), larger_remainder_first);
    assert(amount - given <= count); // each remainder is less than a cent
    for (uint32_t i = 0; i < amount - given; i++) {
        ranked[i].share->cents++;
    }
    return true;
}
