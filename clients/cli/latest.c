#include "clients/cli/latest.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

// FNV-1a, then stirred: its low bits choose the row. Two levels with one hash would give a finding
// that is none, and with 64 bits there are none before there are thousands of millions.
static uint64_t hash_level(struct bytes level)
{
    const uint8_t *at = level.data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < level.size; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ (hash >> 29);
}

static struct latest_row *find_row(const struct latest *latest, uint64_t level)
{
    size_t at = (size_t)level & (latest->room - 1);
    while (latest->rows[at].seq != 0 && latest->rows[at].level != level) {
        at = (at + 1) & (latest->room - 1);
    }
    return &latest->rows[at];
}

static bool grow(struct latest *latest)
{
    struct latest larger = {.room = latest->room == 0 ? ROOM_FIRST : 2 * latest->room,
                            .count = latest->count};
    larger.rows = calloc(larger.room, sizeof larger.rows[0]);
    if (larger.rows == NULL) {
        return false;
    }
    for (size_t i = 0; i < latest->room; i++) {
        if (latest->rows[i].seq != 0) {
            *find_row(&larger, latest->rows[i].level) = latest->rows[i];
        }
    }
    free(latest->rows);
    *latest = larger;
    return true;
}

bool latest_set(struct latest *latest, struct bytes level, uint64_t seq, uint64_t *ret_before)
{
    if (2 * latest->count >= latest->room && !grow(latest)) {
        return false;
    }
    uint64_t hash = hash_level(level);
    struct latest_row *row = find_row(latest, hash);
    latest->count += row->seq == 0;
    *ret_before = row->seq;
    *row = (struct latest_row){.level = hash, .seq = seq};
    return true;
}

void latest_finish(struct latest *latest)
{
    free(latest->rows);
    *latest = (struct latest){0};
}
