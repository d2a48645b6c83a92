#include "clients/dashboard/parts.h"

#include <string.h>

void parts_table_begin(struct page *page)
{
    html_raw(&page->html,
             "<div class=\"scroll\" tabindex=\"0\" role=\"group\"><table class=\"utrecht-table\">");
}

void parts_table_end(struct page *page)
{
    html_raw(&page->html, "</tbody></table></div>");
}

void parts_cell_begin(struct page *page, bool is_number)
{
    html_raw(&page->html, "<td class=\"utrecht-table__cell");
    if (is_number) {
        html_raw(&page->html, " number");
    }
    html_raw(&page->html, "\">");
}

void parts_cell_end(struct page *page)
{
    html_raw(&page->html, "</td>");
}

void parts_cell_text(struct page *page, const char *text)
{
    parts_cell_begin(page, false);
    html_text(&page->html, text);
    parts_cell_end(page);
}

void parts_cell_euros(struct page *page, int64_t cents)
{
    char room[WORDS_ROOM];
    parts_cell_begin(page, true);
    html_text(&page->html, words_euros(page->language, cents, room));
    parts_cell_end(page);
}

void parts_cell_fact(struct page *page, uint64_t seq)
{
    parts_cell_begin(page, true);
    parts_fact(page, seq);
    parts_cell_end(page);
}

void parts_cell_date(struct page *page, const json_t *item)
{
    parts_cell_begin(page, false);
    parts_when(page, item);
    parts_cell_end(page);
}

void parts_cell_member(struct page *page, const char *region, const char *member)
{
    html_raw(&page->html, "<th scope=\"row\" class=\"utrecht-table__cell\">");
    parts_subject(page, region, KIND_MEMBER, member);
    html_raw(&page->html, "</th>");
}

void parts_when(struct page *page, const json_t *item)
{
    const char *words = parts_text(item, "ontext");
    if (words[0] != '\0') {
        html_text(&page->html, words);
        html_raw(&page->html, " (");
    }
    parts_date(page, parts_text(item, "on"));
    if (words[0] != '\0') {
        html_raw(&page->html, ")");
    }
    if (strcmp(parts_text(item, "onbasis"), "inferred") == 0) {
        html_raw(&page->html, " ");
        parts_mark(page, TEXT_DATE_INFERRED);
    }
}
