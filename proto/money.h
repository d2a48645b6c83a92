/*
 * money - splits an amount exactly to the cent: largest remainder over exact shares.
 *
 * A fixed part is parts per million of the amount; what the fixed parts leave is split by weights.
 * Every share is a fraction over one common denominator; each gets its whole cents, and the cents
 * that are left go to the largest remainders, ties by member id. So every replay gives the same
 * cents, and the order of the participants does not matter. Source: Hamilton's method, as in I.
 * Young and M. Balinski, Fair Representation (1982), chapter 3.
 */
#ifndef PROTO_MONEY_H
#define PROTO_MONEY_H

#include "proto/bytes.h"

#include <stdint.h>

#define MONEY_PPM 1000000u

struct share {
    struct bytes member;
    uint64_t weight; // 0 if it has a fixed part
    uint32_t fixed;  // parts per million of the amount
    uint64_t cents;  // by money_split()
};

// Splits amount (cents, at most 10^14) over count shares, whose sum of weights is at most 2^40.
// False if they cannot carry it: fixed parts of more than the whole, or of less and nobody has a
// weight.
bool money_split(uint64_t amount, struct share *shares, uint32_t count) MUST_CHECK;

#endif
