#include "daemon/werkplaats.h"

#include <stdio.h>

enum phase werkplaats_phase(const struct entity *werkplaats)
{
    return phase_find(entity_text(werkplaats, "phase"));
}

static struct bytes data_of(struct bytes item)
{
    struct wire_value data;
    return item.size > 0 && wire_find(item, "data", &data) ? data.raw : (struct bytes){0};
}

struct bytes werkplaats_item(const struct entity *werkplaats, const char *slot)
{
    struct wire_value item;
    bool found = wire_find(werkplaats->fields, slot, &item);
    return found ? data_of(item.raw) : (struct bytes){0};
}

void werkplaats_items(const struct entity *werkplaats, const char *slot, struct pairs *ret_items)
{
    struct wire_value items = {0};
    (void)wire_find(werkplaats->fields, slot, &items); // none: no items
    pairs_read(ret_items, items.raw);
}

uint32_t werkplaats_count(const struct entity *werkplaats, const char *slot)
{
    struct wire_value items;
    return wire_find(werkplaats->fields, slot, &items) ? items.count : 0;
}

struct bytes werkplaats_allocation(const struct entity *werkplaats, const char *purpose)
{
    struct pairs items;
    werkplaats_items(werkplaats, "allocations", &items);
    return data_of(pairs_get(&items, bytes_of(purpose)));
}

bool werkplaats_is_outdated(const struct entity *werkplaats, struct bytes allocation)
{
    struct wire_value value = {0};
    struct pairs participants, shares;
    werkplaats_items(werkplaats, "participants", &participants);
    (void)wire_find(allocation, "shares", &value); // none: nobody has a share
    pairs_read(&shares, value.raw);
    bool same = participants.count == shares.count;
    // Both are in byte order of the members.
    for (uint32_t i = 0; same && i < shares.count; i++) {
        same = bytes_equal(participants.rows[i].key, shares.rows[i].key);
    }
    return !same;
}

bool werkplaats_share(struct bytes allocation, struct bytes member, uint64_t *ret_cents)
{
    struct wire_value shares;
    struct pairs pairs;
    if (allocation.size == 0 || !wire_find(allocation, "shares", &shares)) {
        return false;
    }
    pairs_read(&pairs, shares.raw);
    struct bytes share = pairs_get(&pairs, member);
    struct wire_reader reader = wire_read(share);
    struct wire_value cents;
    bool found = wire_next(&reader, &cents);
    if (found) {
        *ret_cents = cents.number;
    }
    return found;
}

struct bytes werkplaats_decision(const struct entity *werkplaats, struct bytes member,
                                 const char *purpose)
{
    struct pairs items;
    char key[ID_MAX + 32];
    int size = snprintf(key, sizeof(key), "%.*s/financial/%s", BYTES_PRINT(member), purpose);
    werkplaats_items(werkplaats, "decisions", &items);
    return data_of(pairs_get(&items, (struct bytes){key, (size_t)size}));
}

bool werkplaats_has_decided(const struct entity *werkplaats, struct bytes member,
                            const char *purpose, uint64_t share)
{
    // A yes is to more than nothing, so 0 is none, also where the share is 0.
    uint64_t decided = werkplaats_decided(werkplaats, member, purpose);
    return decided > 0 && decided >= share;
}

uint64_t werkplaats_decided(const struct entity *werkplaats, struct bytes member,
                            const char *purpose)
{
    struct bytes decision = werkplaats_decision(werkplaats, member, purpose);
    bool positive = decision.size > 0 && bytes_are(wire_find_text(decision, "outcome"), "positive");
    return positive ? wire_find_number(decision, "amount") : 0;
}
