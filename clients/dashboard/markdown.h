/*
 * markdown - what others wrote in Markdown, as HTML that is safe: no raw HTML, no images, links to
 * http and https only, headings two levels lower so that they fit below the page's own.
 */
#ifndef DASHBOARD_MARKDOWN_H
#define DASHBOARD_MARKDOWN_H

#include "clients/dashboard/html.h"

void markdown_put(struct html *html, const char *text);
// The same with headings at the level that they have: of a text that is a page by itself.
void markdown_put_page(struct html *html, const char *text);

#endif
