/*
 * gate - how many contributions come in: of one address, and in all.
 *
 * Buckets that fill again with time. Addresses are kept for as long as their bucket is not full,
 * as a keyed hash, and never leave memory; when too many are kept the table is as good as one
 * bucket that they share, so that a flood of addresses opens nothing.
 */
#ifndef DASHBOARD_GATE_H
#define DASHBOARD_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define GATE_SLOTS 1024      // addresses, by their hash; two may share one
#define GATE_ADDRESS_HOUR 10 // contributions of one address in an hour

struct gate {
    unsigned all_hour; // of everybody together
    uint8_t key[32];
    int64_t all_ms;               // when the common bucket was, or will be, empty of use
    int64_t slots_ms[GATE_SLOTS]; // the same of each address
};

// One number for who has an address, as text: of an IPv6 address the first half, since who has one
// has the 2^64 beside it; 0 where the address is not known.
uint64_t gate_who(const char *address);
// False if the machine has no randomness to give.
bool gate_init(struct gate *gate, unsigned all_hour);
// One more of this address, as text: false if it must wait, and after how many seconds.
bool gate_pass(struct gate *gate, const char *address, int64_t now_ms, unsigned *ret_seconds);

#endif
