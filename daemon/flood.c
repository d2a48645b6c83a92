#include "daemon/flood.h"

#include <stdio.h>

#define MINUTE_MS 60000

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
    *fewest = (struct flood_row){.count = 0};
    memcpy(fewest->user, user.data, user.size);
    return fewest;
}

static void forget_a_little(struct flood *flood, uint64_t now_ms)
{
    if (now_ms - flood->forgot_ms < MINUTE_MS) {
        return;
    }
    flood->forgot_ms = now_ms;
    for (size_t i = 0; i < FLOOD_ROWS; i++) {
        uint32_t *count = &flood->rows[i].count;
        *count -= *count < SUBSCRIPTIONS_FORGOTTEN ? *count : SUBSCRIPTIONS_FORGOTTEN;
    }
}

void flood_count(struct flood *flood, const struct subscription *subscription, uint64_t now_ms)
{
    struct bytes user = subscription->user;
    if (!subscription->begins || subscription->place != FEED_REMOTE || user.size != CURVE_TEXT) {
        return;
    }
    forget_a_little(flood, now_ms);
    struct flood_row *row = find_row(flood, user);
    if (++row->count > SUBSCRIPTIONS_MAX) {
        strcpy(flood->flooder, row->user);
    }
}

void flood_forget(struct flood *flood)
{
    *flood = (struct flood){.forgot_ms = flood->forgot_ms};
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
