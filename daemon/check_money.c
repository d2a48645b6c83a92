/*
 * Who takes part (G4), how costs are split (G5) and what a member's own board decides (G6).
 */
#include "daemon/check.h"
#include "daemon/werkplaats.h"

#include "proto/money.h"

#include <assert.h>

static void say(struct check *check, const char *field, const char *found, const char *accepted)
{
    fault_begin(check->faults, STATUS_MALFORMED, 0, field);
    fault_found(check->faults, "%s", found);
    fault_accepted(check->faults, "%s", accepted);
}

// What the bureau records for a member needs the member's letter.
static void check_letter(struct check *check, unsigned guard)
{
    if (check->role == ROLE_SECRETARY && check->event->reference.size == 0) {
        check_refuse(check, guard, "reference");
        fault_found(check->faults, "the secretary speaks for a member without its letter");
        fault_accepted(check->faults, "the member itself, or the reference of its letter");
    }
}

// G4: participation is never filled in for a member, but where one only asks what would be.
void check_participation(struct check *check)
{
    if (!check->dry) {
        check_letter(check, 4);
    }
}

void check_participant(struct check *check, const char *field, struct bytes member)
{
    struct entity entity = view_entity(&check->view, check->event->region, KIND_MEMBER, member);
    if (!entity_exists(&entity)) {
        check_refuse(check, 5, field);
        fault_found(check->faults, "participant %.*s has left the cooperation",
                    BYTES_PRINT(member));
        fault_accepted(check->faults, "participation.ended of %.*s first", BYTES_PRINT(member));
    }
}

// Cost keys --------------------------------------------------------------------------------------

static bool map_has(struct bytes data, const char *name, struct bytes key)
{
    struct wire_value map;
    struct pairs pairs;
    if (!wire_find(data, name, &map)) {
        return false;
    }
    pairs_read(&pairs, map.raw);
    return pairs_get(&pairs, key).size > 0;
}

static uint64_t map_number(struct bytes data, const char *name, struct bytes key)
{
    struct wire_value map, number;
    struct pairs pairs;
    if (!wire_find(data, name, &map)) {
        return 0;
    }
    pairs_read(&pairs, map.raw);
    struct wire_reader reader = wire_read(pairs_get(&pairs, key));
    return wire_next(&reader, &number) ? number.number : 0;
}

static void check_fixed(struct check *check)
{
    struct bytes data = check->event->data;
    struct wire_value fixed;
    struct pairs parts;
    uint64_t sum = 0;
    bool has = wire_find(data, "fixed", &fixed);
    struct bytes method = wire_find_text(data, "method");
    if (method.size > 0 && has != bytes_are(method, "fixed+weights")) {
        say(check, "data.fixed", has ? "fixed parts" : "nothing",
            "fixed parts with the method fixed+weights, and only with it");
    }
    pairs_read(&parts, has ? fixed.raw : (struct bytes){0});
    for (uint32_t i = 0; i < parts.count; i++) {
        sum += map_number(data, "fixed", parts.rows[i].key);
        if (map_has(data, "weights", parts.rows[i].key)) {
            say(check, "data.fixed", "a member with a fixed part and a weight",
                "one or the other for each member");
            return;
        }
    }
    if (sum > MONEY_PPM) {
        say(check, "data.fixed", "fixed parts of more than the whole",
            "at most 1000000 parts per million together");
    }
}

void check_cost_key(struct check *check)
{
    struct bytes version = wire_find_text(check->event->data, "version");
    struct pairs versions;
    check_fixed(check);
    werkplaats_items(&check->subject, "versions", &versions);
    struct bytes item = version.size > 0 ? pairs_get(&versions, version) : (struct bytes){0};
    if (item.size > 0 && wire_find_number(item, "seq") != check->event->corrects) {
        check_refuse(check, 11, "data.version");
        fault_found(check->faults, "version \"%.*s\" was adopted already (event %llu)",
                    BYTES_PRINT(version), (unsigned long long)wire_find_number(item, "seq"));
        fault_accepted(check->faults, "a new version; what was adopted stays as it was");
    }
}

// Allocations ------------------------------------------------------------------------------------

// The data of the version that the event names; empty if there is none.
static struct bytes find_version(const struct check *check)
{
    struct bytes name = wire_find_text(check->event->data, "key");
    struct bytes version = wire_find_text(check->event->data, "version");
    struct wire_value data;
    struct pairs versions;
    if (name.size == 0 || version.size == 0) {
        return (struct bytes){0};
    }
    struct entity key = view_entity(&check->view, check->event->region, KIND_COST_KEY, name);
    werkplaats_items(&key, "versions", &versions);
    struct bytes item = pairs_get(&versions, version);
    return item.size > 0 && wire_find(item, "data", &data) ? data.raw : (struct bytes){0};
}

// Each participant with its part of the key; *ret_missing is the first that has none.
static uint32_t read_shares(const struct check *check, struct bytes version,
                            struct share shares[WIRE_MAP_MAX], struct bytes *ret_missing)
{
    struct pairs participants, weights, fixed;
    struct wire_value value, number;
    werkplaats_items(&check->subject, "participants", &participants);
    pairs_read(&weights, wire_find(version, "weights", &value) ? value.raw : (struct bytes){0});
    pairs_read(&fixed, wire_find(version, "fixed", &value) ? value.raw : (struct bytes){0});
    for (uint32_t i = 0; i < participants.count; i++) {
        struct bytes member = participants.rows[i].key;
        struct bytes weight = pairs_get(&weights, member), part = pairs_get(&fixed, member);
        struct wire_reader reader = wire_read(weight.size > 0 ? weight : part);
        shares[i] = (struct share){.member = member};
        if (!wire_next(&reader, &number)) {
            *ret_missing = ret_missing->size == 0 ? member : *ret_missing;
        } else if (weight.size > 0) {
            shares[i].weight = number.number;
        } else {
            shares[i].fixed = (uint32_t)number.number;
        }
    }
    return participants.count;
}

void check_allocation(struct check *check)
{
    struct wire_value amount;
    struct share shares[WIRE_MAP_MAX];
    struct bytes missing = {0}, data = check->event->data;
    if (wire_find(data, "amount", &amount) && (amount.type != WIRE_UINT || amount.number == 0)) {
        say(check, "data.amount", "no amount above zero", "cents, more than 0");
    }
    struct bytes version = find_version(check);
    struct bytes name = wire_find_text(data, "version"), key = wire_find_text(data, "key");
    struct entity cost_key = {0};
    if (key.size > 0) {
        cost_key = view_entity(&check->view, check->event->region, KIND_COST_KEY, key);
    }
    if (version.size == 0 && name.size > 0 && entity_exists(&cost_key)) {
        check_refuse(check, 11, "data.version");
        fault_found(check->faults, "cost key \"%.*s\" has no version \"%.*s\"", BYTES_PRINT(key),
                    BYTES_PRINT(name));
        fault_accepted(check->faults, "a version that was adopted: cost-key.adopted");
    }
    if (!entity_exists(&check->subject)) {
        return; // G11 has said so
    }
    uint32_t count = read_shares(check, version, shares, &missing);
    for (uint32_t i = 0; i < count; i++) {
        check_participant(check, "data.shares", shares[i].member);
    }
    if (count == 0) {
        check_refuse(check, 5, "data.shares");
        fault_found(check->faults, "nobody takes part in werkplaats \"%.*s\"",
                    BYTES_PRINT(check->event->entity));
        fault_accepted(check->faults, "participation.declared first");
    } else if (version.size > 0 && missing.size > 0) {
        check_refuse(check, 5, "data.shares");
        fault_found(check->faults, "participant %.*s has neither a weight nor a fixed part in it",
                    BYTES_PRINT(missing));
        fault_accepted(check->faults, "a version of the key with all participants");
    } else if (version.size > 0 && !money_split(1, shares, count)) {
        check_refuse(check, 5, "data.shares");
        fault_found(check->faults, "the participants' parts do not make up the whole");
        fault_accepted(check->faults, "fixed parts of 1000000 per million, or a weight above 0");
    }
}

void fill_shares(const struct check *check, struct wire_writer *writer)
{
    struct share shares[WIRE_MAP_MAX];
    struct bytes missing = {0};
    uint32_t count = read_shares(check, find_version(check), shares, &missing);
    bool whole = money_split(wire_find_number(check->event->data, "amount"), shares, count);
    assert(whole && missing.size == 0); // check_allocation() has passed it
    wire_put_map(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_put_text(writer, shares[i].member);
        wire_put_uint(writer, shares[i].cents);
    }
}

// Decisions --------------------------------------------------------------------------------------

// G6: a decision names a member and a board of it. A body of the cooperation has no legal status.
static void check_board(struct check *check)
{
    struct bytes name = wire_find_text(check->event->data, "member");
    struct bytes board = wire_find_text(check->event->data, "board");
    if (name.size == 0) {
        return; // malformed, which has been said
    }
    struct entity member = view_entity(&check->view, check->event->region, KIND_MEMBER, name);
    if (!entity_exists(&member)) {
        struct entity body = view_entity(&check->view, check->event->region, KIND_BODY, name);
        check_refuse(check, 6, "data.member");
        fault_found(check->faults, "%.*s is %s", BYTES_PRINT(name),
                    entity_exists(&body) ? "a body of the cooperation, which has no legal status"
                                         : "no member of the region");
        fault_accepted(check->faults, "a member, whose own board decides");
        return;
    }
    bool municipality = bytes_are(entity_text(&member, "kind"), "municipality");
    bool of_municipality = bytes_are(board, "college") || bytes_are(board, "council");
    if (board.size > 0 && municipality != of_municipality) {
        check_refuse(check, 6, "data.board");
        fault_found(check->faults, "%.*s has no %.*s", BYTES_PRINT(name), BYTES_PRINT(board));
        fault_accepted(check->faults, "%s",
                       municipality ? "college or council" : "executive-board or general-board");
    }
}

void check_decision(struct check *check)
{
    struct bytes data = check->event->data;
    struct wire_value amount = {0}, purpose;
    bool financial = bytes_are(wire_find_text(data, "kind"), "financial");
    bool has_amount = wire_find(data, "amount", &amount);
    bool has_purpose = wire_find(data, "purpose", &purpose);
    check_letter(check, 6);
    check_board(check);
    if (wire_find_text(data, "kind").size == 0) {
        return; // malformed, which has been said
    }
    if (has_purpose != financial) {
        say(check, "data.purpose", financial ? "nothing" : "a purpose",
            "a purpose for a financial decision, and only for one");
    }
    if (has_amount != financial) {
        say(check, "data.amount", financial ? "nothing" : "an amount",
            "an amount for a financial decision, and only for one");
    } else if (financial && (amount.type != WIRE_UINT || amount.number == 0)) {
        say(check, "data.amount", "no amount above zero", "cents, more than 0");
    }
}
