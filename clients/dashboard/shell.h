/*
 * shell - what stands around every page's main: head, header with the state, menu, footer.
 */
#ifndef DASHBOARD_SHELL_H
#define DASHBOARD_SHELL_H

#include "clients/dashboard/assets.h"
#include "clients/dashboard/render.h"

// The whole document.
void shell_put(struct html *html, const struct page *page, const struct rendered *rendered,
               const struct assets *assets, const char *path);
// The <main> alone, as the script fetches it.
void shell_put_main(struct html *html, const struct rendered *rendered);

#endif
