/*
 * news - what the pages and the feed of news share.
 */
#ifndef DASHBOARD_NEWS_H
#define DASHBOARD_NEWS_H

#include "clients/dashboard/parts.h"

// The items that stand, newest first. The caller frees the list.
struct parts_row *news_sorted(const struct copy *copy, const char *region, size_t *ret_count);
// When, how sure, the event, and whether it was corrected since.
void news_put_date(struct page *page, const json_t *record);

// The Atom feed (RFC 4287) of a region's news into page->html; page->status is 404 without such a
// region, and page->waits or page->lacks as in any page.
void atom_put(struct page *page);

#endif
