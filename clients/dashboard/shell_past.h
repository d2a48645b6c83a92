/*
 * shell_past - choosing another day, around every page that shows state.
 */
#ifndef DASHBOARD_SHELL_PAST_H
#define DASHBOARD_SHELL_PAST_H

#include "clients/dashboard/page.h"

// The forms to look at another day; nothing on a page that has none. path is the page's own.
void shell_put_days(struct html *html, const struct page *page, const char *path);
// In the place of the state, on a page of the past: which moment this is, and the way back to now.
void shell_put_past(struct html *html, const struct page *page, const char *path);

#endif
