/*
 * publish - step 4 of 4: tell the subscribers.
 *
 *     accept -> check -> commit -> [publish]
 *
 * The feed is a hint: what a slow subscriber does not take is dropped for it, and it notices by
 * `prev` or by the next heartbeat and reads the log. An event goes out as its committed bytes, read
 * back from the log, in one frame: topic, newline, bytes. A heartbeat of prefix P: "!" P, newline,
 * {log, head, here}.
 */
#ifndef DAEMON_PUBLISH_H
#define DAEMON_PUBLISH_H

#include "daemon/flood.h"
#include "daemon/turn.h"

// The prefixes that somebody wants heartbeats of.
struct feed {
    struct sockets *sockets;
    struct flood flood;
    uint32_t count;
    struct feed_prefix {
        uint8_t feeds; // bits of enum feed_place: where somebody does
        uint16_t size;
        char text[TOPIC_MAX]; // with its slashes
    } prefixes[FEED_PREFIXES_MAX];
};

// These three return how reading the log went; what could not be read was not said.
// Publishes the events after `after` up to `until`, which are committed.
enum status publish_turn(struct feed *feed, struct store *store, uint64_t after, uint64_t until);

// Takes subscriptions and their ends; each new one of a heartbeat hears it at once.
enum status publish_take_subscriptions(struct feed *feed, struct store *store, uint64_t head);

// Nobody is subscribed over tcp any more: the connections were cut.
void publish_forget_remote(struct feed *feed);

// One heartbeat for every prefix that is subscribed to.
enum status publish_heartbeats(struct feed *feed, struct store *store, uint64_t head);

#endif
