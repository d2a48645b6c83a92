#include "daemon/publish.h"

#include "daemon/view.h"

#include "proto/topic.h"

#include <assert.h>

#define SUBSCRIPTIONS_TAKEN 256 // taken at once; the rest waits until the requests had their turn

// Events ----------------------------------------------------------------------------------------

static void publish_event(struct feed *feed, struct bytes bytes)
{
    char topic_room[TOPIC_MAX];
    struct bytes topic = event_encoded_topic(bytes, topic_room);
    assert(topic.size > 0); // it was committed a moment ago
    struct frame frame;
    char *at = frame_create(&frame, topic.size + 1 + bytes.size);
    memcpy(at, topic.data, topic.size);
    at[topic.size] = '\n';
    memcpy(at + topic.size + 1, bytes.data, bytes.size);
    sockets_publish(feed->sockets, &frame);
}

enum status publish_turn(struct feed *feed, struct store *store, uint64_t after, uint64_t until)
{
    if (after == until) {
        return STATUS_OK;
    }
    struct txn txn = store_begin_read(store);
    struct walk walk = store_walk_log(&txn, after + 1);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    while (walk_next_log(&walk, &seq, &leaf, &bytes) && seq <= until) {
        publish_event(feed, bytes);
    }
    walk_close(&walk);
    enum status status = txn.status;
    store_abort(&txn);
    return status;
}

// Heartbeats ------------------------------------------------------------------------------------

static uint64_t head_of(struct txn *txn, const struct feed_prefix *row, uint64_t head)
{
    struct prefix prefix;
    const struct view view = {txn, head, NULL, 0};
    bool sound = prefix_read((struct bytes){row->text, row->size}, &prefix);
    assert(sound); // only such are kept
    return view_head(&view, prefix.region, prefix.kind, prefix.entity);
}

// Nothing is said where the log could not be read: a head of 0 would hide a hole.
static void publish_heartbeat(struct feed *feed, struct txn *txn, const struct feed_prefix *row,
                              uint64_t head)
{
    uint64_t here = head_of(txn, row, head);
    if (txn->status != STATUS_OK) {
        return;
    }
    uint8_t body[128];
    char log_id[2 * LOG_ID_BYTES + 1];
    store_log_hex(txn->store->log_id, log_id);
    struct wire_writer writer = wire_write(body, sizeof(body));
    wire_put_map(&writer, 3);
    wire_pair_text(&writer, "log", bytes_of(log_id));
    wire_pair_uint(&writer, "head", head);
    wire_pair_uint(&writer, "here", here);
    struct frame frame;
    char *at = frame_create(&frame, 2u + row->size + writer.size);
    at[0] = '!';
    memcpy(at + 1, row->text, row->size);
    at[1 + row->size] = '\n';
    memcpy(at + 2 + row->size, body, writer.size);
    sockets_publish(feed->sockets, &frame);
}

enum status publish_heartbeats(struct feed *feed, struct store *store, uint64_t head)
{
    if (feed->count == 0) {
        return STATUS_OK;
    }
    struct txn txn = store_begin_read(store);
    for (uint32_t i = 0; i < feed->count; i++) {
        publish_heartbeat(feed, &txn, &feed->prefixes[i], head);
    }
    enum status status = txn.status;
    store_abort(&txn);
    return status;
}

// Subscriptions ---------------------------------------------------------------------------------

// The prefix of a heartbeat's topic; false for what is none, which gets nothing.
static bool heartbeat_prefix(struct bytes topic, struct bytes *ret_text)
{
    const char *at = topic.data;
    struct prefix prefix;
    if (topic.size < 3 || topic.size - 2 > TOPIC_MAX || at[0] != '!' ||
        at[topic.size - 1] != '\n') {
        return false;
    }
    *ret_text = (struct bytes){at + 1, topic.size - 2};
    return prefix_read(*ret_text, &prefix);
}

static struct feed_prefix *find_prefix(struct feed *feed, struct bytes text)
{
    for (uint32_t i = 0; i < feed->count; i++) {
        struct feed_prefix *row = &feed->prefixes[i];
        if (bytes_equal((struct bytes){row->text, row->size}, text)) {
            return row;
        }
    }
    return NULL;
}

// Where the table is full, it is not kept: whoever subscribes hears the heartbeat that every new
// subscription gets, and again whenever it reconnects because no other came.
static void add_prefix(struct feed *feed, const struct feed_prefix *prefix)
{
    struct feed_prefix *row = find_prefix(feed, (struct bytes){prefix->text, prefix->size});
    if (row != NULL) {
        row->feeds |= prefix->feeds;
    } else if (feed->count < FEED_PREFIXES_MAX) {
        feed->prefixes[feed->count++] = *prefix;
    }
}

static void remove_place(struct feed *feed, struct feed_prefix *row, enum feed_place place)
{
    row->feeds &= (uint8_t)~place;
    if (row->feeds == 0) {
        *row = feed->prefixes[--feed->count];
    }
}

void publish_forget_remote(struct feed *feed)
{
    for (uint32_t i = feed->count; i > 0;
         i--) { // backwards: a row that goes is replaced by the last
        remove_place(feed, &feed->prefixes[i - 1], FEED_REMOTE);
    }
    flood_forget(&feed->flood);
}

static void take_subscription(struct feed *feed, struct txn *txn,
                              const struct subscription *subscription, uint64_t head)
{
    struct bytes text;
    if (!heartbeat_prefix(subscription->topic, &text)) {
        return;
    }
    if (subscription->begins) {
        struct feed_prefix row = {.feeds = (uint8_t)subscription->place,
                                  .size = (uint16_t)text.size};
        memcpy(row.text, text.data, text.size);
        add_prefix(feed, &row);
        publish_heartbeat(feed, txn, &row, head);
        return;
    }
    struct feed_prefix *row = find_prefix(feed, text);
    if (row != NULL) {
        remove_place(feed, row, subscription->place);
    }
}

enum status publish_take_subscriptions(struct feed *feed, struct store *store, uint64_t head)
{
    struct subscription subscription;
    uint32_t left = SUBSCRIPTIONS_TAKEN;
    struct txn txn = store_begin_read(store);
    while (left-- > 0 && sockets_next_subscription(feed->sockets, &subscription)) {
        take_subscription(feed, &txn, &subscription, head);
        flood_count(&feed->flood, &subscription);
        frame_close(&subscription.frame);
    }
    enum status status = txn.status;
    store_abort(&txn);
    return status;
}
