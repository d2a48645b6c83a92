/*
 * page_report - the report of a region as a file.
 */
#ifndef DASHBOARD_PAGE_REPORT_H
#define DASHBOARD_PAGE_REPORT_H

#include "clients/dashboard/page.h"

// The report that the page would show, as Markdown, which the caller frees. False: page->waits, or
// page->status says why there is none.
bool report_put_markdown(struct page *page, char **ret_text, size_t *ret_size);

#endif
