// What the site says of itself: about, privacy, accessibility (statements.def).
#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

enum statement { STATEMENT_ABOUT, STATEMENT_PRIVACY, STATEMENT_ACCESSIBLE };
enum look { LOOK_LEAD, LOOK_HEADING, LOOK_TEXT, LOOK_ITEM, LOOK_CONTACT };

static const struct row {
    enum statement page;
    enum look look;
    const char *texts[LANGUAGES];
} rows[] = {
#define STATEMENT(page, look, nl, en) {STATEMENT_##page, LOOK_##look, {nl, en}},
#include "clients/dashboard/statements.def"
#undef STATEMENT
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

// With {1} who runs the site and {2} its version.
static void put_filled(struct page *page, const char *text)
{
    const char *organisation = page->facts.organisation != NULL
                                   ? page->facts.organisation
                                   : texts_of(page->language, TEXT_OPERATOR_UNKNOWN);
    while (*text != '\0') {
        size_t plain = strcspn(text, "{");
        html_text_size(&page->html, text, plain);
        text += plain;
        if (*text == '{') {
            html_text(&page->html, text[1] == '1' ? organisation : WATERNET_VERSION);
            text += strlen("{1}");
        }
    }
}

static void put_address(struct page *page, const char *address)
{
    struct html mail = {0};
    bool web = strncmp(address, "http://", 7) == 0 || strncmp(address, "https://", 8) == 0;
    if (!web && (strchr(address, '@') == NULL || strpbrk(address, " ?&") != NULL)) {
        html_text(&page->html, address);
        return;
    }
    html_put_safe(&mail, "mailto:", strlen(web ? "" : "mailto:"));
    html_put_safe(&mail, address, strlen(address));
    html_raw(&page->html, "<a class=\"utrecht-link\"");
    html_address(&page->html, "href", mail.data);
    html_raw(&page->html, ">");
    html_text(&page->html, address);
    html_raw(&page->html, "</a>");
    html_finish(&mail);
}

// Whom to reach about what stands in each region.
static void put_regions(struct page *page)
{
    const char *region = NULL;
    json_t *kinds = NULL;
    html_raw(&page->html, "<p>");
    page_say(page, TEXT_CONTACT_REGIONS);
    html_raw(&page->html, "</p><ul class=\"items\">");
    json_object_foreach(page->copy->content.regions, region, kinds)
    {
        const json_t *record = copy_region(page->copy, region);
        const char *contact = parts_field_text(record, "contact");
        if (record != NULL && !parts_has_ended(record)) {
            html_raw(&page->html, "<li>");
            parts_subject(page, region, KIND_REGION, region);
            html_text(&page->html, contact[0] == '\0' ? "" : ": ");
            html_text(&page->html, contact);
            html_raw(&page->html, "</li>");
        }
    }
    html_raw(&page->html, "</ul>");
}

static void put_contact(struct page *page, const char *text)
{
    html_raw(&page->html, "<p>");
    put_filled(page, text);
    html_raw(&page->html, "</p><p>");
    if (page->facts.contact != NULL) {
        page_say(page, TEXT_CONTACT);
        html_raw(&page->html, ": ");
        put_address(page, page->facts.contact);
    } else {
        page_say(page, TEXT_CONTACT_UNKNOWN);
    }
    html_raw(&page->html, "</p>");
    put_regions(page);
}

static void put_row(struct page *page, const struct row *row)
{
    const char *text = row->texts[page->language];
    switch (row->look) {
    case LOOK_LEAD:
        html_raw(&page->html, "<p class=\"lead\">");
        put_filled(page, text);
        html_raw(&page->html, "</p>");
        break;
    case LOOK_HEADING:
        html_raw(&page->html, "<h2 class=\"utrecht-heading-2\">");
        put_filled(page, text);
        html_raw(&page->html, "</h2>");
        break;
    case LOOK_TEXT:
        html_raw(&page->html, "<p>");
        put_filled(page, text);
        html_raw(&page->html, "</p>");
        break;
    case LOOK_ITEM:
        html_raw(&page->html, "<li>");
        put_filled(page, text);
        html_raw(&page->html, "</li>");
        break;
    case LOOK_CONTACT:
        put_contact(page, text);
        break;
    }
}

static void put_statement(struct page *page, enum statement statement)
{
    bool listing = false;
    html_raw(&page->html, "<div class=\"prose\"><h1 class=\"utrecht-heading-1\">");
    page_say(page, page->row->title);
    html_raw(&page->html, "</h1>");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bool item = rows[i].page == statement && rows[i].look == LOOK_ITEM;
        if (rows[i].page != statement) {
            continue;
        }
        if (item && !listing) {
            html_raw(&page->html, "<ul class=\"items\">");
        } else if (!item && listing) {
            html_raw(&page->html, "</ul>");
        }
        listing = item;
        put_row(page, &rows[i]);
    }
    html_raw(&page->html, "</div>");
}

void page_about(struct page *page)
{
    put_statement(page, STATEMENT_ABOUT);
}

void page_privacy(struct page *page)
{
    put_statement(page, STATEMENT_PRIVACY);
}

void page_accessible(struct page *page)
{
    put_statement(page, STATEMENT_ACCESSIBLE);
}
