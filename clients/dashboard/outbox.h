/*
 * outbox - contributions on their way to the daemon, and what it said of each.
 *
 * A post is known by the hash of what was sent: the same form again finds its answer, and its text
 * is not kept. The feed's thread posts; the loop waits for nobody.
 */
#ifndef DASHBOARD_OUTBOX_H
#define DASHBOARD_OUTBOX_H

#include "clients/dashboard/feed.h"

#include <jansson.h>

#define OUTBOX_MAX 64
#define OUTBOX_DIGEST 32

struct post {
    uint8_t digest[OUTBOX_DIGEST];
    uint64_t number, used;
    int64_t since_ms;
    enum waternet_status status;
    json_t *answer; // NULL while it waits
    bool is_taken, is_waiting, was_told;
};

struct outbox {
    struct feed *feed;
    struct post rows[OUTBOX_MAX];
    uint64_t numbers, clock;
};

// The post of these bytes: NULL if there is none, and it is to be begun.
const struct post *outbox_find(struct outbox *outbox, const char *sent, size_t size);
// Begins one; event is a CloudEvent. False if too many are on their way.
bool outbox_begin(struct outbox *outbox, const char *sent, size_t size, const char *event);
// An answer came (REPORT_POSTED). True if a post waited for it.
bool outbox_take(struct outbox *outbox, const struct feed_report *report);
// What waits too long has no answer. True if there was any.
bool outbox_give_up(struct outbox *outbox);
// Somebody was told its answer; whoever asks from now on sent it again.
void outbox_tell(struct outbox *outbox, const struct post *post);
// Whoever asked has its answer of no use for another time: the next one posts again.
void outbox_forget(struct outbox *outbox, const struct post *post);
void outbox_finish(struct outbox *outbox);

#endif
