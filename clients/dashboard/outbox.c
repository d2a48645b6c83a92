#include "clients/dashboard/outbox.h"

#include "clients/dashboard/loop.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define OVERDUE_MS 8000 // the feed's thread may wait for the daemon twice before it begins

static struct post *find(struct outbox *outbox, const uint8_t digest[OUTBOX_DIGEST])
{
    for (size_t i = 0; i < OUTBOX_MAX; i++) {
        struct post *post = &outbox->rows[i];
        if (post->is_taken && memcmp(post->digest, digest, OUTBOX_DIGEST) == 0) {
            return post;
        }
    }
    return NULL;
}

const struct post *outbox_find(struct outbox *outbox, const char *sent, size_t size)
{
    uint8_t digest[OUTBOX_DIGEST];
    (void)SHA256((const uint8_t *)sent, size, digest); // gives back what it was given
    struct post *post = find(outbox, digest);
    if (post != NULL) {
        post->used = ++outbox->clock;
    }
    return post;
}

// A free row, or that of the answer that was not used for longest; NULL if all of them wait.
static struct post *make_room(struct outbox *outbox)
{
    struct post *oldest = NULL;
    for (size_t i = 0; i < OUTBOX_MAX; i++) {
        struct post *post = &outbox->rows[i];
        if (!post->is_taken) {
            return post;
        }
        if (!post->is_waiting && (oldest == NULL || post->used < oldest->used)) {
            oldest = post;
        }
    }
    if (oldest != NULL) {
        outbox_forget(outbox, oldest);
    }
    return oldest;
}

bool outbox_begin(struct outbox *outbox, const char *sent, size_t size, const char *event)
{
    struct post *post = make_room(outbox);
    if (post == NULL) {
        return false;
    }
    *post = (struct post){.number = ++outbox->numbers,
                          .used = ++outbox->clock,
                          .since_ms = loop_now_ms(),
                          .is_taken = true,
                          .is_waiting = true};
    (void)SHA256((const uint8_t *)sent, size, post->digest); // gives back what it was given
    feed_post(outbox->feed, post->number, event);
    return true;
}

bool outbox_take(struct outbox *outbox, const struct feed_report *report)
{
    uint64_t wanted = strtoull(report->frames[0], NULL, 10);
    for (size_t i = 0; i < OUTBOX_MAX; i++) {
        struct post *post = &outbox->rows[i];
        if (post->is_waiting && post->number == wanted) {
            post->status = (enum waternet_status)strtoul(report->frames[1], NULL, 10);
            post->answer = json_loads(report->frames[2], 0, NULL);
            post->is_waiting = false;
            return true;
        }
    }
    return false;
}

bool outbox_give_up(struct outbox *outbox)
{
    int64_t overdue = loop_now_ms() - OVERDUE_MS;
    bool any = false;
    for (size_t i = 0; i < OUTBOX_MAX; i++) {
        struct post *post = &outbox->rows[i];
        if (post->is_waiting && post->since_ms < overdue) {
            post->status = WATERNET_NO_ANSWER; // which it may have taken all the same
            post->is_waiting = false;
            any = true;
        }
    }
    return any;
}

void outbox_tell(struct outbox *outbox, const struct post *post)
{
    outbox->rows[post - outbox->rows].was_told = true;
}

void outbox_forget(struct outbox *outbox, const struct post *post)
{
    struct post *row = &outbox->rows[post - outbox->rows];
    json_decref(row->answer);
    *row = (struct post){0};
}

void outbox_finish(struct outbox *outbox)
{
    for (size_t i = 0; i < OUTBOX_MAX; i++) {
        outbox_forget(outbox, &outbox->rows[i]);
    }
}
