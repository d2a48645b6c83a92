// The Atom feed of a region's news (RFC 4287). Written with html.c: its escapes are XML's too, and
// it leaves no character that XML forbids.
#include "clients/dashboard/markdown.h"
#include "clients/dashboard/news.h"
#include "proto/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENTRIES_MAX 20

static void put_element(struct html *html, const char *name, const char *text)
{
    html_raw(html, "<");
    html_put_safe(html, name, strlen(name));
    html_raw(html, ">");
    html_text(html, text);
    html_raw(html, "</");
    html_put_safe(html, name, strlen(name));
    html_raw(html, ">\n");
}

// The same for ever, whoever serves it where: out of the log and the path (RFC 9562, version 8).
static void put_id(struct page *page, const char *path)
{
    char text[320], uuid[64];
    int size = snprintf(text, sizeof(text), "%s/%s", page->copy->log, path); // both are short
    struct hash hash = tree_leaf((struct bytes){text, (size_t)size});
    const uint8_t *b = hash.bytes;
    (void)snprintf(uuid, sizeof(uuid),
                   "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], (b[6] & 0x0f) | 0x80, b[7],
                   (b[8] & 0x3f) | 0x80, b[9], b[10], b[11], b[12], b[13], b[14], b[15]); // it fits
    put_element(&page->html, "id", uuid);
}

static void put_time(struct page *page, const char *name, uint64_t time_ms)
{
    char text[32] = "";
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts); // it fits
    }
    put_element(&page->html, name, text);
}

static void put_link(struct page *page, const char *rel, const char *type, const char *path)
{
    html_raw(&page->html, "<link");
    html_attribute(&page->html, "rel", rel);
    html_attribute(&page->html, "type", type);
    page_href(page, "%s", path);
    html_raw(&page->html, "/>\n");
}

// What people read, as HTML in text.
static void put_content(struct page *page, const json_t *record)
{
    struct html content = {0};
    const char *meaning = parts_field_text(record, "meaning");
    html_paragraphs(&content, parts_field_text(record, "summary"));
    markdown_put(&content, parts_field_text(record, "body"));
    if (meaning[0] != '\0') {
        html_raw(&content, "<h2>");
        texts_put(&content, page->language, TEXT_MEANING);
        html_raw(&content, "</h2>");
        html_paragraphs(&content, meaning);
    }
    page->html.failed |= content.failed;
    html_raw(&page->html, "<content type=\"html\">");
    html_text(&page->html, content.data);
    html_raw(&page->html, "</content>\n");
    html_finish(&content);
}

static uint64_t time_of(struct page *page, const json_t *record, const char *which)
{
    const json_t *event = parts_event(page, parts_number(record, which));
    return event == NULL ? 0 : parts_event_time(event);
}

// Returns when it was changed last.
static uint64_t put_entry(struct page *page, const char *region, const char *id,
                          const json_t *record)
{
    char path[200];
    uint64_t published = time_of(page, record, "opened");
    uint64_t updated = time_of(page, record, "version");
    html_raw(&page->html, "<entry>\n");
    put_element(&page->html, "title", parts_field_text(record, "title"));
    (void)snprintf(path, sizeof(path), "%s/news/%s", region, id); // ids are short
    put_id(page, path);
    put_time(page, "published", published);
    put_time(page, "updated", updated);
    (void)snprintf(path, sizeof(path), "/%s/nieuws/%s", region, id); // ids are short
    put_link(page, "alternate", "text/html", path);
    put_element(&page->html, "summary", parts_field_text(record, "summary"));
    put_content(page, record);
    html_raw(&page->html, "</entry>\n");
    return updated;
}

static void put_head(struct page *page, const char *region, const json_t *record, uint64_t updated)
{
    char path[200];
    const char *name = parts_field_text(record, "name");
    html_raw(&page->html, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                          "<feed xmlns=\"http://www.w3.org/2005/Atom\"");
    html_attribute(&page->html, "xml:lang", words_code(page->language));
    html_raw(&page->html, ">\n<title>");
    texts_fill(&page->html, page->language, TEXT_NEWS_OF, name, NULL);
    html_raw(&page->html, "</title>\n");
    (void)snprintf(path, sizeof(path), "%s/news/", region); // ids are short
    put_id(page, path);
    put_time(page, "updated", updated);
    html_raw(&page->html, "<author>\n");
    put_element(&page->html, "name", name);
    html_raw(&page->html, "</author>\n");
    (void)snprintf(path, sizeof(path), "/%s/nieuws.atom", region); // ids are short
    put_link(page, "self", "application/atom+xml", path);
    (void)snprintf(path, sizeof(path), "/%s/nieuws", region); // ids are short
    put_link(page, "alternate", "text/html", path);
}

void atom_put(struct page *page)
{
    const char *region = page_param(page, "region");
    const json_t *record = copy_region(page->copy, region);
    size_t count = 0;
    struct html entries = {0};
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    // Without news the feed is as new as the region.
    uint64_t newest = 0;
    struct parts_row *rows = news_sorted(page->copy, region, &count);
    for (size_t i = 0; i < count && i < ENTRIES_MAX; i++) {
        uint64_t updated = put_entry(page, region, rows[i].name, rows[i].value);
        newest = updated > newest ? updated : newest;
    }
    newest = count == 0 ? time_of(page, record, "opened") : newest;
    entries = page->html;
    page->html = (struct html){0};
    put_head(page, region, record, newest);
    html_html(&page->html, &entries);
    html_raw(&page->html, "</feed>\n");
    html_finish(&entries);
    free(rows);
}
