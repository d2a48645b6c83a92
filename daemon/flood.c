#include "daemon/flood.h"

#include <stdio.h>

static struct flood_row *find_row(struct flood *flood, struct bytes user)
{
    struct flood_row *fewest = &flood->rows[0];
    for (size_t i = 0; i < FLOOD_ROWS; i++) {
        struct flood_row *row = &flood->rows[i];
        if (bytes_are(user, row->user)) {
            return row;
        }
        fewest = row->count < fewest->count ? row : fewest;
    }
    memset(fewest, 0, sizeof(*fewest));
    memcpy(fewest->user, user.data, user.size);
    return fewest;
}

// FNV-1a, which spreads texts that differ in little.
static uint32_t hash_topic(struct bytes topic)
{
    const uint8_t *at = topic.data;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < topic.size; i++) {
        hash = (hash ^ at[i]) * 16777619u;
    }
    return hash ^ hash >> 16;
}

static uint32_t weigh(struct flood_row *row, struct bytes topic)
{
    uint32_t bit = hash_topic(topic) % FLOOD_BITS, mask = UINT32_C(1) << bit % 8;
    bool is_new = (row->seen[bit / 8] & mask) == 0;
    row->seen[bit / 8] |= (uint8_t)mask;
    return is_new;
}

void flood_count(struct flood *flood, const struct subscription *subscription)
{
    struct bytes user = subscription->user;
    if (!subscription->begins || subscription->place != FEED_REMOTE || user.size != CURVE_TEXT) {
        return;
    }
    struct flood_row *row = find_row(flood, user);
    row->count += weigh(row, subscription->topic);
    if (row->count > SUBSCRIPTIONS_MAX) {
        strcpy(flood->flooder, row->user);
    }
}

void flood_forget(struct flood *flood)
{
    memset(flood, 0, sizeof(*flood));
}

bool flood_end(struct flood *flood, struct store *store, struct own_post *own)
{
    char path[PATH_MAX_BYTES + 1];
    struct txn txn = store_begin_read(store);
    struct bytes found = store_get(&txn, TABLE_KEYS, bytes_of(flood->flooder));
    (void)snprintf(path, sizeof(path), "%.*s", BYTES_PRINT(found)); // fits
    store_abort(&txn);
    flood->flooder[0] = '\0';
    char *slash = strchr(path, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    own_begin(own, 1);
    own_event(own, "key.revoked", path, slash + 1, 1);
    own_field(own, "reason", "It made far more subscriptions than any follower needs.");
    return true;
}
