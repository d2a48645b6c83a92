#include "clients/dashboard/gate.h"

#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#define HOUR_MS 3600000

bool gate_init(struct gate *gate, unsigned all_hour)
{
    *gate = (struct gate){.all_hour = all_hour};
    return RAND_bytes(gate->key, sizeof(gate->key)) == 1;
}

uint64_t gate_who(const char *address)
{
    struct in6_addr six;
    struct in_addr four;
    uint64_t who = 0;
    if (inet_pton(AF_INET, address, &four) == 1) {
        return ntohl(four.s_addr);
    }
    if (inet_pton(AF_INET6, address, &six) != 1) {
        return 0;
    }
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(&six); // of a socket that takes both
    for (int i = is_mapped ? 12 : 0; i < (is_mapped ? 16 : 8); i++) {
        who = who << 8 | six.s6_addr[i];
    }
    return who;
}

static unsigned slot_of(const struct gate *gate, const char *address)
{
    uint64_t who = gate_who(address);
    uint8_t hash[EVP_MAX_MD_SIZE] = {0};
    // Without memory all share one slot.
    (void)HMAC(EVP_sha256(), gate->key, sizeof(gate->key), (const uint8_t *)&who, sizeof(who), hash,
               NULL);
    return (hash[0] | (unsigned)hash[1] << 8) % GATE_SLOTS;
}

// A bucket that holds an hour's worth is a moment: each use moves it on by its part of an hour, and
// it may not lie more than an hour ahead.
static int64_t next_of(int64_t used_ms, unsigned hour, int64_t now_ms)
{
    return (used_ms > now_ms ? used_ms : now_ms) + HOUR_MS / hour;
}

bool gate_pass(struct gate *gate, const char *address, int64_t now_ms, unsigned *ret_seconds)
{
    int64_t *slot = &gate->slots_ms[slot_of(gate, address)];
    int64_t one = next_of(*slot, GATE_ADDRESS_HOUR, now_ms);
    int64_t all = gate->all_hour == 0 ? now_ms + 2 * (int64_t)HOUR_MS
                                      : next_of(gate->all_ms, gate->all_hour, now_ms);
    int64_t later = one > all ? one : all, limit = now_ms + HOUR_MS;
    *ret_seconds = later <= limit ? 0 : (unsigned)((later - limit + 999) / 1000);
    if (*ret_seconds == 0) {
        *slot = one;
        gate->all_ms = all;
    }
    return *ret_seconds == 0;
}
