// The news of a region, newest first, a page at a time; and one item.
#include "clients/dashboard/news.h"
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWS_A_PAGE 20

// List ------------------------------------------------------------------------------------------

static void put_item(struct page *page, const char *region, const char *id, const json_t *record)
{
    html_raw(&page->html, "<li");
    parts_id(page, KIND_NEWS, id);
    html_raw(&page->html, "><h2 class=\"utrecht-heading-3\"><a class=\"utrecht-link\"");
    parts_href(page, region, KIND_NEWS, id);
    html_raw(&page->html, ">");
    html_text(&page->html, parts_field_text(record, "title"));
    html_raw(&page->html, "</a></h2>");
    news_put_date(page, record);
    html_raw(&page->html, "<p>");
    html_text(&page->html, parts_field_text(record, "summary"));
    html_raw(&page->html, "</p></li>");
}

static void put_step(struct page *page, const char *region, size_t number, enum text text,
                     const char *rel)
{
    html_raw(&page->html, "<a class=\"utrecht-link\"");
    html_attribute(&page->html, "rel", rel);
    if (number == 1) {
        page_href(page, "/%s/nieuws", region);
    } else {
        page_href(page, "/%s/nieuws?pagina=%zu", region, number);
    }
    html_raw(&page->html, ">");
    page_say(page, text);
    html_raw(&page->html, "</a>");
}

static void put_steps(struct page *page, const char *region, size_t here, size_t pages)
{
    char one[WORDS_ROOM], all[WORDS_ROOM];
    if (pages < 2) {
        return;
    }
    html_raw(&page->html, "<nav class=\"neighbours\"");
    html_attribute(&page->html, "aria-label", texts_of(page->language, TEXT_PAGES));
    html_raw(&page->html, "><span>");
    if (here > 1) {
        put_step(page, region, here - 1, TEXT_NEWER, "prev");
    }
    html_raw(&page->html, "</span><span>");
    texts_fill(&page->html, page->language, TEXT_PAGE_OF, words_number((int64_t)here, one),
               words_number((int64_t)pages, all), NULL);
    html_raw(&page->html, "</span><span>");
    if (here < pages) {
        put_step(page, region, here + 1, TEXT_OLDER, "next");
    }
    html_raw(&page->html, "</span></nav>");
}

// Which page is asked for: 1 without, 0 if it is no number.
static size_t page_number(const struct page *page)
{
    const char *text = page_query(page, "pagina");
    if (text == NULL) {
        return 1;
    }
    bool number = text[0] != '\0' && text[0] != '0' && strlen(text) <= 6 &&
                  strspn(text, "0123456789") == strlen(text);
    return number ? strtoul(text, NULL, 10) : 0;
}

void page_news(struct page *page)
{
    const char *region = page_param(page, "region");
    size_t count = 0, here = page_number(page);
    const json_t *record = copy_region(page->copy, region);
    struct parts_row *rows = news_sorted(page->copy, region, &count);
    size_t pages = count == 0 ? 1 : (count + NEWS_A_PAGE - 1) / NEWS_A_PAGE;
    if (record == NULL || here == 0 || here > pages) {
        page_not_found(page);
        free(rows);
        return;
    }
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    texts_fill(&page->html, page->language, TEXT_NEWS_OF, parts_field_text(record, "name"), NULL);
    html_raw(&page->html, "</h1><p class=\"meta\"><a class=\"utrecht-link\"");
    page_href(page, "/%s/nieuws.atom", region);
    html_raw(&page->html, ">");
    page_say(page, TEXT_FEED);
    html_raw(&page->html, "</a></p><ul class=\"news articles\">");
    for (size_t i = (here - 1) * NEWS_A_PAGE; i < count && i < here * NEWS_A_PAGE; i++) {
        put_item(page, region, rows[i].name, rows[i].value);
    }
    html_raw(&page->html, "</ul>");
    if (count == 0) {
        parts_empty(page, TEXT_NO_NEWS);
    }
    put_steps(page, region, here, pages);
    free(rows);
}

// One item --------------------------------------------------------------------------------------

static void put_links(struct page *page, const char *region, const json_t *record)
{
    const char *url = parts_field_text(record, "url");
    const char *werkplaats = parts_field_text(record, "werkplaats");
    html_raw(&page->html, "<dl class=\"facts\">");
    if (werkplaats[0] != '\0') {
        html_raw(&page->html, "<div><dt>");
        html_text(&page->html, words_kind(page->language, KIND_WERKPLAATS));
        html_raw(&page->html, "</dt><dd>");
        parts_subject(page, region, KIND_WERKPLAATS, werkplaats);
        html_raw(&page->html, "</dd></div>");
    }
    if (url[0] != '\0') {
        html_raw(&page->html, "<div><dt>");
        page_say(page, TEXT_ELSEWHERE);
        html_raw(&page->html, "</dt><dd><a class=\"utrecht-link\" rel=\"noopener\"");
        html_address(&page->html, "href", url);
        html_raw(&page->html, ">");
        html_text(&page->html, url);
        html_raw(&page->html, "</a></dd></div>");
    }
    html_raw(&page->html, "</dl>");
}

static void put_text(struct page *page, const char *region, const json_t *record)
{
    const char *meaning = parts_field_text(record, "meaning");
    html_raw(&page->html, "<div class=\"lead\">");
    html_paragraphs(&page->html, parts_field_text(record, "summary"));
    html_raw(&page->html, "</div><div class=\"prose\">");
    parts_markdown(page, parts_field_text(record, "body"));
    html_raw(&page->html, "</div>");
    if (meaning[0] != '\0') {
        html_raw(&page->html, "<section>");
        page_heading(page, "meaning", TEXT_MEANING);
        html_paragraphs(&page->html, meaning);
        html_raw(&page->html, "</section>");
    }
    put_links(page, region, record);
}

// What was withdrawn is told and no longer repeated; the log keeps it.
static void put_withdrawn(struct page *page, const json_t *record)
{
    const json_t *event = parts_event(page, parts_number(record, "version"));
    html_raw(&page->html, "<div class=\"warning\"><p>");
    page_say(page, TEXT_NEWS_WITHDRAWN);
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(record, "version"));
    html_raw(&page->html, "</p>");
    html_paragraphs(&page->html, parts_text(json_object_get(event, "data"), "reason"));
    html_raw(&page->html, "</div>");
}

void page_news_item(struct page *page)
{
    const char *region = page_param(page, "region"), *id = page_param(page, "id");
    const json_t *record = copy_entity(page->copy, region, KIND_NEWS, id);
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    page_title(page, parts_field_text(record, "title"));
    html_raw(&page->html, "<p class=\"crumbs\"><a class=\"utrecht-link\"");
    page_href(page, "/%s/nieuws", region);
    html_raw(&page->html, ">");
    page_say(page, TEXT_NEWS);
    html_raw(&page->html, "</a></p><article><h1 class=\"utrecht-heading-1\">");
    html_text(&page->html, parts_field_text(record, "title"));
    html_raw(&page->html, "</h1>");
    news_put_date(page, record);
    if (parts_has_ended(record)) {
        put_withdrawn(page, record);
    } else {
        put_text(page, region, record);
    }
    html_raw(&page->html, "</article>");
}
