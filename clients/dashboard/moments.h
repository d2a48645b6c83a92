/*
 * moments - copies of the state at other moments, made by a job when a page first asks for one.
 *
 *     ?on=2016-03-01              as it was on that day, by what is recorded now
 *     ?at=812                     as it was recorded when that was the newest number
 *     ?at=2026-03-01T12:00Z       as it was recorded at that time; of a day at its end
 *     ?on=2016-03-01&at=812       that day, by what was recorded then
 *
 * A page of the past is made by the same function as that of now, from such a copy. Few are kept.
 */
#ifndef DASHBOARD_MOMENTS_H
#define DASHBOARD_MOMENTS_H

#include "clients/dashboard/page.h"

#define MOMENTS_MAX 12
#define MOMENTS_BYTES_MAX 33554432 // they take; the one that is shown comes on top
#define MOMENTS_LINK 600

struct moment {
    char on[16], at_text[32]; // as given; "" if not
    uint64_t at, before_ms;   // of at: a number, or a time
    char query[80];           // "on=2016-03-01&at=812"
    char *key;                // of the copy; NULL: none
    struct copy copy;
    bool is_ahead; // what is asked for as recorded has not been recorded yet
    uint64_t used;
    size_t bytes; // the copy takes
};

struct moments {
    struct moment rows[MOMENTS_MAX];
    uint64_t clock;
    size_t bytes;
};

enum moments_found {
    MOMENTS_NOW,   // none was asked for, or the page has none
    MOMENTS_HERE,  // *ret_moment is lent until the next call
    MOMENTS_WAITS, // its copy is on its way
    MOMENTS_LACKS, // it cannot be had now
    MOMENTS_MANY,  // who asks has to wait for answers of before
    MOMENTS_LARGE, // it is more than is made at once
    MOMENTS_WRONG, // no day, time or number
};

// The moment that the query of a page asks for; page->copy is the copy of now.
enum moments_found moments_find(struct moments *moments, const struct page *page,
                                const struct moment **ret_moment);
void moments_finish(struct moments *moments);

// Adds "at" and "on" to a question.
void moments_put(const struct moment *moment, json_t *request);
// Whether the moment, or a part of its period, has not come yet.
bool moments_is_ahead(const struct moment *moment);
// Whether an event counts on the day of a moment; without one, always.
bool moments_counts(const struct moment *moment, const json_t *event);
// The path of this site with the moment added, if it is one of a page that shows state. moment may
// be NULL.
void moments_link(const struct moment *moment, const char *path, char ret_link[MOMENTS_LINK]);

#endif
