/*
 * contributions - what others handed in and was accepted, where it belongs.
 */
#ifndef DASHBOARD_CONTRIBUTIONS_H
#define DASHBOARD_CONTRIBUTIONS_H

#include "clients/dashboard/page.h"

// What was accepted about an entity, "region/kind/id", or changed it: a section; nothing if there
// is none.
void contributions_put_about(struct page *page, const char *about);

// One of them as an item of a list: the moderated text, whom to thank, what it changed.
void contributions_put(struct page *page, const char *region, const char *id, const json_t *record);

// Whether it was accepted and not erased from view.
bool contributions_is_accepted(const json_t *record);

#endif
