// What others handed in and was accepted, all of a region; and one of them.
#include "clients/dashboard/contributions.h"
#include "clients/dashboard/parts.h"

#include <stdlib.h>

static void put_list(struct page *page, const char *region)
{
    size_t count = 0;
    unsigned accepted = 0, waiting = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_CONTRIBUTION), parts_by_version, &count);
    html_raw(&page->html, "<ul class=\"contributions\">");
    for (size_t i = 0; i < count; i++) {
        if (contributions_is_accepted(rows[i].value)) {
            contributions_put(page, region, rows[i].name, rows[i].value);
            accepted++;
        } else if (!parts_has_ended(rows[i].value)) {
            waiting += parts_field(rows[i].value, "rejected") == NULL;
        }
    }
    html_raw(&page->html, "</ul>");
    if (accepted == 0) {
        parts_empty(page, TEXT_NO_CONTRIBUTIONS);
    }
    if (waiting > 0) {
        char room[WORDS_ROOM];
        html_raw(&page->html, "<p class=\"meta\">");
        texts_fill(&page->html, page->language, TEXT_CONTRIBUTIONS_WAIT,
                   words_number(waiting, room), NULL);
        html_raw(&page->html, "</p>");
    }
    free(rows);
}

void page_contributions(struct page *page)
{
    const char *region = page_param(page, "region");
    if (copy_region(page->copy, region) == NULL) {
        page_not_found(page);
        return;
    }
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_CONTRIBUTIONS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_CONTRIBUTIONS_LEAD);
    html_raw(&page->html, "</p><section>");
    put_list(page, region);
    html_raw(&page->html, "</section>");
}

void page_contribution(struct page *page)
{
    const char *region = page_param(page, "region"), *id = page_param(page, "id");
    const json_t *record = copy_entity(page->copy, region, KIND_CONTRIBUTION, id);
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    const json_t *rejected = parts_field(record, "rejected");
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_CONTRIBUTION);
    html_raw(&page->html, "</h1>");
    if (contributions_is_accepted(record)) {
        html_raw(&page->html, "<ul class=\"contributions\">");
        contributions_put(page, region, id, record);
        html_raw(&page->html, "</ul>");
        return;
    }
    html_raw(&page->html, "<p class=\"lead\">");
    page_say(page, rejected == NULL ? TEXT_CONTRIBUTION_WAITS : TEXT_CONTRIBUTION_REJECTED);
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(record, "version"));
    html_raw(&page->html, "</p>");
    html_paragraphs(&page->html, parts_text(json_object_get(rejected, "data"), "reason"));
}
