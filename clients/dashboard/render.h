/*
 * render - the <main> of each page, made once for all who look at it.
 *
 * Kept by path, language and the parameters that its row names, until an event touches it (the
 * row's `touch` and `kinds`) or the day ends, since dates are compared with today. A thousand
 * readers of a page cost one rendering an event.
 */
#ifndef DASHBOARD_RENDER_H
#define DASHBOARD_RENDER_H

#include "clients/dashboard/page.h"

#define RENDER_MAX 512
#define RENDER_BYTES_MAX 33554432

struct rendered {
    char *key;
    struct html main; // what stands in <main>
    char *zipped;     // the whole element, gzip; NULL: not made yet
    size_t zipped_size;
    char title[256], about[PAGE_ABOUT];
    unsigned status;
    uint64_t touched, used;
    unsigned long history;
    long day;
};

struct render {
    struct rendered rows[RENDER_MAX];
    uint64_t clock, bytes;
    unsigned long rendered, reused; // since the start
};

void render_finish(struct render *render);

// The page's main; NULL: it waits for an answer (page->waits). Lent until the next call. page is
// as pages_route() leaves it, with copy, asks and request.
struct rendered *render_page(struct render *render, struct page *page);

#endif
