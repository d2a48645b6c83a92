#include "clients/dashboard/asks.h"

#include "clients/dashboard/loop.h"
#include "clients/dashboard/weight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct asks *asks, struct ask *ask)
{
    asks->waiting -= ask->is_waiting;
    asks->bytes -= ask->bytes;
    free(ask->key);
    free(ask->request);
    json_decref(ask->answer);
    *ask = (struct ask){0};
}

static struct ask *find(struct asks *asks, const char *key)
{
    for (size_t i = 0; i < ASKS_MAX; i++) {
        if (asks->rows[i].key != NULL && strcmp(asks->rows[i].key, key) == 0) {
            return &asks->rows[i];
        }
    }
    return NULL;
}

// A free row, or that of the answer that was not used for longest.
static struct ask *make_room(struct asks *asks)
{
    struct ask *oldest = NULL;
    for (size_t i = 0; i < asks->most; i++) {
        struct ask *ask = &asks->rows[i];
        if (ask->key == NULL) {
            return ask;
        }
        if (!ask->is_waiting && (oldest == NULL || ask->used < oldest->used)) {
            oldest = ask;
        }
    }
    forget(asks, oldest); // there is one: fewer wait than there are rows
    return oldest;
}

// How many of an asker are on their way, of those that came before a number.
static unsigned count_of(const struct asks *asks, uint64_t who, uint64_t before)
{
    unsigned count = 0;
    for (size_t i = 0; i < ASKS_MAX; i++) {
        const struct ask *ask = &asks->rows[i];
        count += ask->is_waiting && ask->who == who && ask->number < before;
    }
    return count;
}

// Whose turn it is: the first in line of those who have the fewest before it; who had the last
// turn has one more.
static struct ask *next_in_line(struct asks *asks)
{
    struct ask *next = NULL;
    unsigned fewest = 0;
    for (size_t i = 0; i < ASKS_MAX; i++) {
        struct ask *ask = &asks->rows[i];
        if (ask->request == NULL) {
            continue;
        }
        unsigned before = count_of(asks, ask->who, ask->number) + (ask->who == asks->last_who);
        if (next == NULL || before < fewest || (before == fewest && ask->number < next->number)) {
            next = ask;
            fewest = before;
        }
    }
    return next;
}

static void ask_next(struct asks *asks)
{
    unsigned asked = 0, in_line = 0;
    for (size_t i = 0; i < ASKS_MAX; i++) {
        asked += asks->rows[i].is_waiting && asks->rows[i].request == NULL;
        in_line += asks->rows[i].request != NULL;
    }
    for (; in_line > 0 && asked < asks->asked_most; in_line--, asked++) {
        struct ask *ask = next_in_line(asks);
        asks->last_who = ask->who;
        asks->ask(asks->context, ask->number, ask->request);
        free(ask->request);
        ask->request = NULL;
    }
}

static void begin(struct asks *asks, char *key, char *request, uint64_t who)
{
    struct ask *ask = make_room(asks);
    *ask = (struct ask){.key = key,
                        .request = request,
                        .number = ++asks->numbers,
                        .used = ++asks->clock,
                        .who = who,
                        .since_ms = loop_now_ms(),
                        .is_waiting = true};
    asks->waiting++;
    ask_next(asks);
}

enum ask_state asks_find(struct asks *asks, json_t *request, uint64_t until, uint64_t who,
                         bool is_live, const json_t **ret_answer)
{
    char *text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS), *key = NULL;
    size_t size = text == NULL ? 0 : strlen(text) + 24;
    enum ask_state state = ASK_LACKS;
    json_decref(request);
    *ret_answer = NULL;
    key = text == NULL ? NULL : malloc(size);
    if (key != NULL) {
        (void)snprintf(key, size, "%s %llu", text, (unsigned long long)until); // it fits
        struct ask *ask = find(asks, key);
        if (ask != NULL) {
            ask->used = ++asks->clock;
            ask->used_ms = loop_now_ms();
            ask->was_read |= !ask->is_waiting;
            *ret_answer = ask->answer;
            state = ask->is_waiting ? ASK_WAITS : ASK_HERE;
        } else if (is_live && asks->each_most > 0 &&
                   count_of(asks, who, UINT64_MAX) >= asks->each_most) {
            state = ASK_MANY;
        } else if (is_live && asks->waiting < asks->waiting_most) {
            begin(asks, key, text, who);
            state = ASK_WAITS;
            key = text = NULL; // the row has them
        }
    }
    free(key);
    free(text);
    return state;
}

// Whether nobody may still come for it.
static bool may_go(const struct asks *asks, const struct ask *ask)
{
    int64_t now_ms = loop_now_ms();
    return ask->was_read ? ask->used_ms < now_ms - ASKS_READING_MS
                         : ask->since_ms < now_ms - asks->patience_ms;
}

// Large answers go first come, first gone; those that somebody may still come for stay, or a page
// that needs more than fits would ask for ever.
static void bound_bytes(struct asks *asks)
{
    struct ask *oldest = NULL;
    do {
        oldest = NULL;
        for (size_t i = 0; asks->bytes > ASKS_BYTES_MAX && i < ASKS_MAX; i++) {
            struct ask *ask = &asks->rows[i];
            if (ask->bytes > 0 && may_go(asks, ask) &&
                (oldest == NULL || ask->used < oldest->used)) {
                oldest = ask;
            }
        }
        if (oldest != NULL) {
            forget(asks, oldest);
        }
    } while (oldest != NULL);
}

bool asks_take(struct asks *asks, const struct feed_report *report)
{
    uint64_t wanted = strtoull(report->frames[0], NULL, 10);
    uint64_t status = strtoull(report->frames[1], NULL, 10);
    bool taken = false;
    for (size_t i = 0; i < ASKS_MAX && !taken; i++) {
        struct ask *ask = &asks->rows[i];
        if (!ask->is_waiting || ask->number != wanted) {
            continue;
        }
        taken = true;
        ask->answer = json_loads(report->frames[2], 0, NULL);
        if (ask->answer == NULL || status == WATERNET_NO_ANSWER) {
            forget(asks, ask); // to be asked again another time
        } else {
            ask->is_waiting = false;
            asks->waiting--;
            ask->bytes = weight_of(ask->answer);
            asks->bytes += ask->bytes;
        }
    }
    bound_bytes(asks);
    ask_next(asks);
    return taken;
}

bool asks_give_up(struct asks *asks, bool all)
{
    int64_t overdue = loop_now_ms() - asks->patience_ms;
    bool any = false;
    for (size_t i = 0; i < ASKS_MAX; i++) {
        struct ask *ask = &asks->rows[i];
        if (ask->is_waiting && (all || ask->since_ms < overdue)) {
            forget(asks, ask);
            any = true;
        }
    }
    ask_next(asks);
    return any;
}

void asks_finish(struct asks *asks)
{
    for (size_t i = 0; i < ASKS_MAX; i++) {
        forget(asks, &asks->rows[i]);
    }
}
