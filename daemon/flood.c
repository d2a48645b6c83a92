#include "daemon/flood.h"

#include "daemon/own.h"
#include "daemon/server.h"

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

void flood_count(struct flood *flood, const struct subscription *subscription, uint64_t now_ms)
{
    struct bytes user = subscription->user;
    if (!subscription->begins || subscription->place != FEED_REMOTE || user.size != CURVE_TEXT) {
        return;
    }
    if (now_ms - flood->renewed_ms > MINUTE_MS) {
        memset(flood->rows, 0, sizeof(flood->rows));
        flood->renewed_ms = now_ms;
    }
    struct flood_row *row = find_row(flood, user);
    if (++row->count > SUBSCRIPTIONS_A_MINUTE_MAX) {
        strcpy(flood->flooder, row->user);
        row->count = 0;
    }
}

// region/key/name of a public key, cut at the first slash: region and subject. False if nobody has
// it any more.
static bool find_key(struct server *server, char path[PATH_MAX_BYTES + 1], char **ret_subject)
{
    struct txn txn = store_begin_read(&server->store);
    struct bytes found = store_get(&txn, TABLE_KEYS, bytes_of(server->feed.flood.flooder));
    (void)snprintf(path, PATH_MAX_BYTES + 1, "%.*s", BYTES_PRINT(found)); // fits
    store_abort(&txn);
    char *slash = strchr(path, '/');
    if (slash != NULL) {
        *slash = '\0';
        *ret_subject = slash + 1;
    }
    return slash != NULL;
}

enum status flood_end(struct server *server)
{
    struct own_post post;
    char path[PATH_MAX_BYTES + 1], name[ID_MAX + 1], *subject;
    bool known = find_key(server, path, &subject);
    server->feed.flood.flooder[0] = '\0';
    if (!known) {
        return STATUS_OK;
    }
    // The number keeps it apart from any id that a client may have chosen.
    (void)snprintf(name, sizeof(name), "%.30s-%llu", subject + strlen("key/"),
                   (unsigned long long)server->head.seq + 1); // fits
    own_begin(&post, 1);
    own_event(&post, "key.revoked", path, subject, name, 1);
    own_field(&post, "reason", "It made more subscriptions in a minute than any follower needs.");
    return own_send(server, &post);
}
