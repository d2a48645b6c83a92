// All members of a region, and those that left.
#include "clients/dashboard/decisions.h"
#include "clients/dashboard/page_member.h"

#include <stdlib.h>

static void put_kind(struct page *page, const json_t *record)
{
    char room[WORDS_ROOM];
    parts_cell_text(page, words_choice(page->language, CHOICES_MEMBER_KIND,
                                       parts_field_text(record, "kind"), room));
    parts_cell_text(page, parts_field_text(record, "code"));
}

// How many, of when, and by which source.
static void put_inhabitants(struct page *page, const char *region, const char *id,
                            const json_t *record)
{
    const json_t *inhabitants = parts_field(record, "inhabitants");
    parts_cell_begin(page, true);
    member_put_inhabitants(page, region, id, record);
    parts_cell_end(page);
    parts_cell_begin(page, false);
    html_raw(&page->html, "<span class=\"source\">");
    html_text(&page->html, parts_text(inhabitants, "citation"));
    html_raw(&page->html, "</span>");
    parts_cell_end(page);
}

static void put_undecided(struct page *page, const char *region, const char *id)
{
    unsigned open = decisions_count_open(page, region, id);
    parts_cell_begin(page, true);
    if (open > 0) {
        html_raw(&page->html, "<a class=\"utrecht-link\"");
        page_href(page, "/%s/lid/%s#open", region, id);
        html_raw(&page->html, ">");
        html_number(&page->html, open);
        html_raw(&page->html, "</a>");
    } else {
        html_raw(&page->html, "0");
    }
    parts_cell_end(page);
}

static void put_table(struct page *page, const char *region, const struct parts_row *rows,
                      size_t count)
{
    parts_table_begin(page);
    html_raw(&page->html, "<thead><tr>");
    parts_th(page, TEXT_COL_MEMBER, false);
    parts_th(page, TEXT_COL_OPEN, true);
    parts_th(page, TEXT_COL_KIND, false);
    parts_th(page, TEXT_COL_CODE, false);
    parts_th(page, TEXT_COL_INHABITANTS, true);
    parts_th(page, TEXT_COL_SOURCE, false);
    html_raw(&page->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < count; i++) {
        if (!parts_has_ended(rows[i].value)) {
            html_raw(&page->html, "<tr");
            parts_id(page, KIND_MEMBER, rows[i].name);
            html_raw(&page->html, ">");
            parts_cell_member(page, region, rows[i].name);
            put_undecided(page, region, rows[i].name);
            put_kind(page, rows[i].value);
            put_inhabitants(page, region, rows[i].name, rows[i].value);
            html_raw(&page->html, "</tr>");
        }
    }
    parts_table_end(page);
}

static void put_former(struct page *page, const char *region, const struct parts_row *rows,
                       size_t count)
{
    html_raw(&page->html, "<section>");
    page_heading(page, "former", TEXT_FORMER_MEMBERS);
    html_raw(&page->html, "<ul class=\"plain\">");
    for (size_t i = 0; i < count; i++) {
        if (parts_has_ended(rows[i].value)) {
            html_raw(&page->html, "<li>");
            parts_subject(page, region, KIND_MEMBER, rows[i].name);
            html_raw(&page->html, " ");
            member_put_left(page, rows[i].value);
            html_raw(&page->html, "</li>");
        }
    }
    html_raw(&page->html, "</ul></section>");
}

void page_members(struct page *page)
{
    const char *region = page_param(page, "region");
    const json_t *record = copy_region(page->copy, region);
    const json_t *members = copy_kind(page->copy, region, KIND_MEMBER);
    size_t count = 0;
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    unsigned present = parts_count(page->copy, region, KIND_MEMBER);
    struct parts_row *rows = parts_sorted(members, parts_by_name, &count);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_MEMBERS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    texts_fill(&page->html, page->language, TEXT_MEMBERS_LEAD, parts_field_text(record, "name"),
               NULL);
    html_raw(&page->html, "</p>");
    if (present == 0) {
        parts_empty(page, TEXT_NO_MEMBERS);
    } else {
        put_table(page, region, rows, count);
    }
    if (count > present) {
        put_former(page, region, rows, count);
    }
    free(rows);
}
