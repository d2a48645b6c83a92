/*
 * decisions - what boards still have to decide, as the daemon's `next` tells it.
 */
#ifndef DASHBOARD_DECISIONS_H
#define DASHBOARD_DECISIONS_H

#include "clients/dashboard/page.h"

#define DECISIONS_OPEN_MAX 256 // that one list shows

// How many are open, of one member or, with NULL, of all.
unsigned decisions_count_open(const struct page *page, const char *region, const char *member);
// A list of them, the most urgent first: which share, how much, before when; nothing if there are
// none. Each leads to its werkplaats, and to the member if the list is of all.
void decisions_put_open(struct page *page, const char *region, const char *member);

#endif
