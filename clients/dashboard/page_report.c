// The report of a region on a period, from the document that clients/report composes.
#include "clients/dashboard/page_report.h"

#include "clients/dashboard/job.h"
#include "clients/dashboard/page_period.h"
#include "clients/dashboard/parts.h"
#include "clients/report/report.h"

#include <stdio.h>
#include <string.h>

// Text ------------------------------------------------------------------------------------------

// " [118] [119]", each a link to the event's page.
static void put_events(struct page *page, const json_t *object)
{
    size_t index = 0;
    const json_t *seq = NULL;
    json_array_foreach(json_object_get(object, "events"), index, seq)
    {
        html_raw(&page->html, " ");
        parts_fact(page, (uint64_t)json_integer_value(seq));
    }
}

static void put_table(struct page *page, const json_t *table)
{
    const json_t *columns = json_object_get(table, "columns"), *row = NULL, *cell = NULL;
    size_t index = 0, at = 0;
    if (columns == NULL) {
        return;
    }
    html_raw(&page->html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\"><table "
                          "class=\"utrecht-table\"><thead><tr>");
    json_array_foreach(columns, at, cell)
    {
        html_raw(&page->html, "<th scope=\"col\"");
        html_attribute(&page->html, "class", at == 1 ? "number" : "");
        html_raw(&page->html, ">");
        html_text(&page->html, json_string_value(cell));
        html_raw(&page->html, "</th>");
    }
    html_raw(&page->html, "</tr></thead><tbody>");
    json_array_foreach(json_object_get(table, "rows"), index, row)
    {
        const json_t *cells = json_object_get(row, "cells");
        html_raw(&page->html, "<tr>");
        json_array_foreach(cells, at, cell)
        {
            html_raw(&page->html, "<td"); // amounts stand in the second column
            html_attribute(&page->html, "class", at == 1 ? "number" : "");
            html_raw(&page->html, ">");
            html_text(&page->html, json_string_value(cell));
            if (at + 1 == json_array_size(cells)) {
                put_events(page, row);
            }
            html_raw(&page->html, "</td>");
        }
        html_raw(&page->html, "</tr>");
    }
    html_raw(&page->html, "</tbody></table></div>");
}

static void put_detail(struct page *page, const json_t *detail)
{
    const char *label = parts_text(detail, "label"), *url = parts_text(detail, "url");
    html_raw(&page->html, "<li>");
    if (label[0] != '\0') {
        html_raw(&page->html, "<em>");
        html_text(&page->html, label);
        html_text(&page->html, label[strlen(label) - 1] == '?' ? "" : ":");
        html_raw(&page->html, "</em> ");
    }
    if (url[0] != '\0') {
        html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"noopener\"");
        html_address(&page->html, "href", url);
        html_raw(&page->html, ">");
    }
    html_text(&page->html, parts_text(detail, "text"));
    if (url[0] != '\0') {
        html_raw(&page->html, "</a>");
    }
    put_events(page, detail);
    html_raw(&page->html, "</li>");
}

static void put_item(struct page *page, const json_t *item)
{
    const json_t *details = json_object_get(item, "details"), *detail = NULL;
    size_t index = 0;
    html_raw(&page->html, "<li>");
    if (parts_text(item, "title")[0] != '\0') {
        html_raw(&page->html, "<strong>");
        html_text(&page->html, parts_text(item, "title"));
        html_raw(&page->html, "</strong> ");
    }
    html_text(&page->html, parts_text(item, "text"));
    put_events(page, item);
    put_table(page, json_object_get(item, "table"));
    if (json_array_size(details) > 0) {
        html_raw(&page->html, "<ul>");
    }
    json_array_foreach(details, index, detail)
    {
        put_detail(page, detail);
    }
    if (json_array_size(details) > 0) {
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</li>");
}

static void put_section(struct page *page, const json_t *section)
{
    const json_t *group = NULL, *item = NULL;
    size_t index = 0, inner = 0;
    html_raw(&page->html, "<section><h2 class=\"utrecht-heading-2\"");
    html_attribute(&page->html, "id", parts_text(section, "section"));
    html_raw(&page->html, ">");
    html_text(&page->html, parts_text(section, "title"));
    html_raw(&page->html, "</h2>");
    json_array_foreach(json_object_get(section, "groups"), index, group)
    {
        if (parts_text(group, "title")[0] != '\0') {
            html_raw(&page->html, "<h3>");
            html_text(&page->html, parts_text(group, "title"));
            html_raw(&page->html, "</h3>");
        }
        html_raw(&page->html, "<ul class=\"items\">");
        json_array_foreach(json_object_get(group, "items"), inner, item)
        {
            put_item(page, item);
        }
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</section>");
}

// Each number leads to the section that tells what it counts.
static void put_summary(struct page *page, const json_t *document)
{
    size_t index = 0;
    const json_t *said = NULL;
    html_raw(&page->html, "<p class=\"lead\">");
    json_array_foreach(json_object_get(document, "summary"), index, said)
    {
        char address[64];
        (void)snprintf(address, sizeof(address), "#%s", parts_text(said, "section")); // short
        html_text(&page->html, parts_text(said, "before"));
        html_raw(&page->html, "<a class=\"utrecht-link\"");
        html_address(&page->html, "href", address);
        html_raw(&page->html, ">");
        html_text(&page->html, parts_text(said, "number"));
        html_raw(&page->html, "</a>");
        html_text(&page->html, parts_text(said, "behind"));
        html_raw(&page->html, " ");
    }
    html_text(&page->html, parts_text(document, "nothing"));
    html_raw(&page->html, "</p>");
}

static void put_source(struct page *page, const json_t *source)
{
    size_t index = 0;
    const json_t *line = NULL;
    html_raw(&page->html, "<li>");
    parts_fact(page, parts_number(source, "seq"));
    json_array_foreach(json_object_get(source, "lines"), index, line)
    {
        html_raw(&page->html, " ");
        html_text(&page->html, json_string_value(line));
    }
    html_raw(&page->html, "</li>");
}

static void put_document(struct page *page, const json_t *document)
{
    const json_t *part = NULL;
    size_t index = 0;
    json_array_foreach(json_object_get(document, "notes"), index, part)
    {
        html_raw(&page->html, "<p class=\"note\">");
        html_text(&page->html, json_string_value(part));
        html_raw(&page->html, "</p>");
    }
    put_summary(page, document);
    json_array_foreach(json_object_get(document, "sections"), index, part)
    {
        put_section(page, part);
    }
    html_raw(&page->html, "<section><h2 class=\"utrecht-heading-2\" id=\"sources\">");
    html_text(&page->html, parts_text(document, "sources_title"));
    html_raw(&page->html, "</h2><ol class=\"sources\">");
    json_array_foreach(json_object_get(document, "sources"), index, part)
    {
        put_source(page, part);
    }
    html_raw(&page->html, "</ol></section>");
}

// Page ------------------------------------------------------------------------------------------

static void put_download(struct page *page, const char *region, const struct period *period)
{
    html_raw(&page->html, "<p class=\"download\"><a class=\"utrecht-link\" download");
    page_href(page, "/%s/verslag.md?van=%s&tot=%s", region, period->from, period->to);
    html_raw(&page->html, ">");
    page_say(page, TEXT_REPORT_DOWNLOAD);
    html_raw(&page->html, "</a></p>");
}

// The same tomorrow: not that it cannot be had now.
static void put_too_much(struct page *page, const json_t *answer)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<p class=\"warning\">");
    if (json_is_true(json_object_get(answer, "long"))) {
        texts_fill(&page->html, page->language, TEXT_REPORT_LONG,
                   words_count(page->language, REPORT_PERIOD_MAX, room), NULL);
    } else {
        page_say(page, TEXT_REPORT_LARGE);
    }
    html_raw(&page->html, "</p>");
}

void page_report(struct page *page)
{
    const char *region = page_param(page, "region");
    struct period period;
    if (copy_region(page->copy, region) == NULL) {
        page_not_found(page);
        return;
    }
    bool sound = period_read(page, period_this_year, &period);
    const json_t *answer = sound ? page_job(page, report_job(page, region, &period)) : NULL;
    const json_t *document = json_object_get(answer, "document");
    if (page->waits) {
        return;
    }
    const char *title = parts_text(document, "title");
    page_title(page, title);
    html_raw(&page->html, "<article class=\"report\"><h1 class=\"utrecht-heading-1\">");
    html_text(&page->html, title[0] != '\0' ? title : texts_of(page->language, TEXT_TITLE_REPORT));
    html_raw(&page->html, "</h1>");
    period_put_form(page, &period, TEXT_REPORT_SHOW, NULL);
    if (!sound) {
        parts_empty(page, TEXT_PERIOD_WRONG);
    } else if (period_is_large(answer)) {
        put_too_much(page, answer);
    } else if (document == NULL) {
        page_comes_to_nothing(page);
    } else {
        put_download(page, region, &period);
        put_document(page, document);
    }
    html_raw(&page->html, "</article>");
}

bool report_put_markdown(struct page *page, char **ret_text, size_t *ret_size)
{
    const char *region = page_param(page, "region");
    struct period period;
    if (copy_region(page->copy, region) == NULL || !period_read(page, period_this_year, &period)) {
        page_not_found(page);
        return false;
    }
    const json_t *answer = page_job(page, report_job(page, region, &period));
    const json_t *document = json_object_get(answer, "document");
    FILE *stream = document == NULL ? NULL : open_memstream(ret_text, ret_size);
    if (stream == NULL) {
        page->status = period_is_large(answer) ? 422 : page->status == 429 ? 429 : 503;
        return false;
    }
    report_markdown(document, stream);
    return fclose(stream) == 0;
}
