#include "clients/dashboard/news.h"

#include <string.h>

struct parts_row *news_sorted(const struct copy *copy, const char *region, size_t *ret_count)
{
    size_t all = 0, count = 0;
    struct parts_row *rows = parts_sorted(copy_kind(copy, region, KIND_NEWS), parts_by_date, &all);
    for (size_t i = 0; i < all; i++) {
        if (!parts_has_ended(rows[i].value)) {
            rows[count++] = rows[i];
        }
    }
    *ret_count = count;
    return rows;
}

void news_put_date(struct page *page, const json_t *record)
{
    uint64_t version = parts_number(record, "version"), opened = parts_number(record, "opened");
    html_raw(&page->html, "<p class=\"meta\">");
    parts_dated(page, record);
    html_raw(&page->html, " ");
    parts_fact(page, opened);
    if (version != opened && !parts_has_ended(record)) {
        html_raw(&page->html, " ");
        parts_mark(page, TEXT_NEWS_CORRECTED);
        html_raw(&page->html, " ");
        parts_fact(page, version);
    }
    html_raw(&page->html, "</p>");
}
