/*
 * asks - questions that a page has, and the answers that have come: a bounded cache.
 *
 * A question is its JSON text. While it is on its way the page waits (its connection sleeps);
 * when the daemon is away or too many wait, there is no answer to be had, and the page says so.
 * Where each asker may have only so many, the first of everybody goes before the second of anyone.
 */
#ifndef DASHBOARD_ASKS_H
#define DASHBOARD_ASKS_H

#include "clients/dashboard/feed.h"

#include <jansson.h>

#define ASKS_MAX 512            // kept
#define ASKS_BYTES_MAX 16777216 // they take; what is unread or being read comes on top
#define ASKS_READING_MS 2000    // a page that waits for more reads again what it has

struct ask {
    char *key, *request; // request: until it is asked
    json_t *answer;      // NULL while it is on its way
    uint64_t number, used, who;
    int64_t since_ms, used_ms;
    size_t bytes; // the answer takes
    bool is_waiting, was_read;
};

struct asks {
    void (*ask)(void *context, uint64_t number, const char *request);
    void *context;
    unsigned most, waiting_most; // kept, at most ASKS_MAX; on their way
    unsigned each_most;          // on their way of one asker; 0: as many as there may be
    unsigned asked_most;         // that are asked at the same time; the others stand in line
    int64_t patience_ms;         // after which one is given up
    struct ask rows[ASKS_MAX];
    uint64_t numbers, clock, last_who;
    unsigned waiting;
    size_t bytes;
};

enum ask_state {
    ASK_HERE,
    ASK_WAITS,
    ASK_LACKS, // it cannot be had now
    ASK_MANY,  // who asks has to wait for answers of before
};

// request is given over. `until` parts the answers of before an event from those after it; 0 for
// what never changes; who: gate_who() of the reader. *ret_answer is lent until the next call.
enum ask_state asks_find(struct asks *asks, json_t *request, uint64_t until, uint64_t who,
                         bool is_live, const json_t **ret_answer);
// An answer came (REPORT_ANSWER). True if somebody waits for it.
bool asks_take(struct asks *asks, const struct feed_report *report);
// Gives up what waits too long, or everything that waits. True if there was any.
bool asks_give_up(struct asks *asks, bool all);
void asks_finish(struct asks *asks);

#endif
