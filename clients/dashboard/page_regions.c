// The first page: every region, how much there is, and when it last changed.
#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

static void put_count(struct page *page, unsigned count, enum text text)
{
    html_raw(&page->html, "<div><dt>");
    page_say(page, text);
    html_raw(&page->html, "</dt><dd>");
    html_number(&page->html, count);
    html_raw(&page->html, "</dd></div>");
}

// How many werkplaatsen are in each phase, in the order of the phases.
static void put_phases(struct page *page, const char *region)
{
    unsigned counts[PHASE_ONGOING + 1] = {0};
    const char *name = NULL;
    json_t *record = NULL;
    json_object_foreach((json_t *)(uintptr_t)copy_kind(page->copy, region, KIND_WERKPLAATS), name,
                        record)
    {
        counts[parts_phase(record)] += !parts_has_ended(record);
    }
    html_raw(&page->html, "<ul class=\"phases\">");
    for (int phase = PHASE_IDEA; phase <= PHASE_ONGOING; phase++) {
        if (counts[phase] > 0) {
            html_raw(&page->html, "<li>");
            parts_phase_badge(page, (enum phase)phase);
            html_raw(&page->html, " ");
            html_number(&page->html, counts[phase]);
            html_raw(&page->html, "</li>");
        }
    }
    html_raw(&page->html, "</ul>");
}

// The first paragraph of its description.
static void put_summary(struct page *page, const json_t *record)
{
    const char *text = parts_field_text(record, "description");
    const char *end = strstr(text, "\n\n");
    html_raw(&page->html, "<p>");
    html_text_size(&page->html, text, end == NULL ? strlen(text) : (size_t)(end - text));
    html_raw(&page->html, "</p>");
}

static void put_region(struct page *page, const char *region, const json_t *record)
{
    html_raw(&page->html, "<li class=\"card region\"");
    parts_id(page, KIND_REGION, region);
    html_raw(&page->html, "><h2 class=\"utrecht-heading-3\"><a class=\"utrecht-link cover\"");
    page_href(page, "/%s", region);
    html_raw(&page->html, ">");
    html_text(&page->html, parts_field_text(record, "name"));
    html_raw(&page->html, "</a></h2>");
    put_summary(page, record);
    put_phases(page, region);
    html_raw(&page->html, "<dl class=\"counts\">");
    put_count(page, parts_count(page->copy, region, KIND_MEMBER), TEXT_COUNT_MEMBERS);
    put_count(page, parts_count(page->copy, region, KIND_WERKPLAATS), TEXT_COUNT_WERKPLAATSEN);
    html_raw(&page->html, "</dl></li>");
}

void page_regions(struct page *page)
{
    const char *region = NULL;
    json_t *kinds = NULL;
    unsigned count = 0;
    json_t *found = json_object();
    json_object_foreach(page->copy->content.regions, region, kinds)
    {
        const json_t *record = copy_region(page->copy, region);
        if (record != NULL && !parts_has_ended(record)) {
            json_object_set(found, region, (json_t *)(uintptr_t)record);
        }
    }
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_REGIONS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_REGIONS_LEAD);
    html_raw(&page->html, "</p>");
    size_t rows_count = 0;
    struct parts_row *rows = parts_sorted(found, parts_by_name, &rows_count);
    html_raw(&page->html, "<ul class=\"cards\">");
    for (size_t i = 0; i < rows_count; i++, count++) {
        put_region(page, rows[i].name, rows[i].value);
    }
    html_raw(&page->html, "</ul>");
    if (count == 0) {
        parts_empty(page, TEXT_NO_REGIONS);
    }
    free(rows);
    json_decref(found);
}
