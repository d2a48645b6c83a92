#include "clients/dashboard/shell.h"

#include "clients/dashboard/live.h"
#include "clients/dashboard/moments.h"
#include "clients/dashboard/parts.h"
#include "clients/dashboard/shell_past.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
    enum text name, means;
} states[] = {
    [COPY_STALE] = {TEXT_STALE, TEXT_STALE_MEANS},
    [COPY_CATCHING_UP] = {TEXT_CATCHING_UP, TEXT_CATCHING_UP_MEANS},
    [COPY_LIVE] = {TEXT_LIVE, TEXT_LIVE_MEANS},
};

static void put_asset(struct html *html, const struct assets *assets, enum asset asset,
                      const char *attribute)
{
    html_address(html, attribute, assets->rows[asset].address);
}

// For the script: what touches this page, and the words it needs.
static void put_data(struct html *html, const struct page *page)
{
    bool is_live = page->row != NULL && page->row->touch != TOUCH_NEVER;
    bool is_region = is_live && page->row->touch != TOUCH_ALL;
    char id[LIVE_ID];
    live_id(page->copy, page->copy->position, id);
    html_attribute(html, "data-position", id);
    html_attribute(html, "data-region", is_region ? page_param(page, "region") : "");
    html_raw(html, " data-kinds=\"");
    for (int kind = 1; is_live && kind <= KIND_LAST; kind++) {
        if ((pages_kinds(page->row) >> kind & 1) != 0) {
            html_text(html, kind_name((enum kind)kind));
            html_raw(html, " ");
        }
    }
    html_raw(html, "\"");
    if (page->moment != NULL) {
        html_raw(html, " data-past");
    }
    if (is_live && page->row->touch == TOUCH_ASKED) {
        html_raw(html, " data-asked");
    }
    html_attribute(html, "data-seconds", texts_of(page->language, TEXT_AGE_SECONDS));
    html_attribute(html, "data-minutes", texts_of(page->language, TEXT_AGE_MINUTES));
    for (int state = COPY_STALE; state <= COPY_LIVE; state++) {
        char name[32] = "data-";
        strcat(name, copy_state_name((enum copy_state)state)); // the longest is short
        html_attribute(html, name, texts_of(page->language, states[state].name));
        strcat(name, "-means");
        html_attribute(html, name, texts_of(page->language, states[state].means));
    }
}

#define LINK_ROOM 300

// A path in a language; cut if it is long.
static void say_path(char room[LINK_ROOM], enum language language, const char *path)
{
    bool root = strcmp(path, "/") == 0;
    (void)snprintf(room, LINK_ROOM, "%s%s", language == ENGLISH ? "/en" : "",
                   language == ENGLISH && root ? "" : path);
}

// To what there is only of the present.
static void put_present_link(struct html *html, enum language language, const char *path)
{
    char full[LINK_ROOM];
    say_path(full, language, path);
    html_address(html, "href", full);
}

// To the same moment as that of the page.
static void put_link(struct html *html, const struct page *page, enum language language,
                     const char *path)
{
    char full[LINK_ROOM], link[MOMENTS_LINK];
    say_path(full, language, path);
    moments_link(page->moment, full, link);
    html_address(html, "href", link);
}

// The news of the region as an Atom feed.
static void put_feed(struct html *html, const struct page *page)
{
    char path[200];
    const char *region = page_param(page, "region");
    const json_t *record = page->row == NULL ? NULL : copy_region(page->copy, region);
    if (record != NULL) {
        (void)snprintf(path, sizeof(path), "/%s/nieuws.atom", region); // ids are short
        html_raw(html, "<link rel=\"alternate\" type=\"application/atom+xml\"");
        put_present_link(html, page->language, path);
        html_raw(html, " title=\"");
        texts_fill(html, page->language, TEXT_FEED_OF, parts_field_text(record, "name"), NULL);
        html_raw(html, "\">");
    }
}

static void put_head(struct html *html, const struct page *page, const struct rendered *rendered,
                     const struct assets *assets)
{
    const char *title = rendered->title[0] != '\0' ? rendered->title
                        : page->row != NULL        ? texts_of(page->language, page->row->title)
                                                   : "";
    html_raw(html, "<!DOCTYPE html>\n<html");
    html_attribute(html, "lang", words_code(page->language));
    html_raw(html, "><head><meta charset=\"utf-8\"><title>");
    html_text(html, title);
    html_raw(html, " – ");
    texts_put(html, page->language, TEXT_SITE);
    html_raw(html, "</title><meta name=\"viewport\" content=\"width=device-width, "
                   "initial-scale=1\"><link rel=\"icon\" type=\"image/svg+xml\"");
    put_asset(html, assets, ASSET_ICON, "href");
    html_raw(html, "><link rel=\"stylesheet\"");
    put_asset(html, assets, ASSET_LOOK, "href");
    html_raw(html, "><link rel=\"stylesheet\"");
    put_asset(html, assets, ASSET_THEME, "href");
    html_raw(html, "><link rel=\"preload\" as=\"font\" type=\"font/woff2\" crossorigin");
    put_asset(html, assets, ASSET_FONT, "href");
    html_raw(html, "><script defer");
    put_asset(html, assets, ASSET_SCRIPT, "src");
    html_raw(html, "></script>");
    put_feed(html, page);
    html_raw(html, "</head>");
}

// The same page in the other language.
static void put_switch(struct html *html, const struct page *page, const char *path)
{
    enum language other = page->language == DUTCH ? ENGLISH : DUTCH;
    const char *bare = page->language == DUTCH ? path : path[3] == '\0' ? "/" : path + 3;
    html_raw(html, "<a class=\"switch\"");
    put_link(html, page, other, bare);
    html_attribute(html, "hreflang", words_code(other));
    html_attribute(html, "lang", words_code(other));
    html_raw(html, ">");
    texts_put(html, page->language, TEXT_OTHER_LANGUAGE);
    html_raw(html, "</a>");
}

// Live, catching up or stale, and how old the view is. The script keeps it true.
static void put_state(struct html *html, const struct page *page, const char *path)
{
    char moment[WORDS_ROOM];
    const struct copy *copy = page->copy;
    time_t now = time(NULL);
    uint64_t view_ms = (uint64_t)now * 1000 - (uint64_t)copy_age_ms(copy);
    html_raw(html, "<div class=\"state\" id=\"state\"");
    html_attribute(html, "data-state", copy_state_name(copy->state));
    html_raw(html, "><div class=\"inner\"><strong id=\"state-name\">");
    texts_put(html, page->language, states[copy->state].name);
    html_raw(html, "</strong> <span id=\"state-means\">");
    texts_put(html, page->language,
              copy->is_whole || copy->state != COPY_STALE ? states[copy->state].means
                                                          : TEXT_STALE_EMPTY);
    html_raw(html, "</span> <span id=\"state-view\">");
    texts_fill(html, page->language, TEXT_VIEW_OF, words_moment(page->language, view_ms, moment),
               NULL);
    html_raw(html, "</span><span id=\"state-age\"></span>"
                   "<p role=\"status\" id=\"told\"></p>"
                   "<p id=\"outdated\" hidden>");
    texts_put(html, page->language, TEXT_OUTDATED);
    html_raw(html, " <a href=\"\">");
    texts_put(html, page->language, TEXT_OUTDATED_LOAD);
    html_raw(html, "</a></p>");
    shell_put_days(html, page, path);
    html_raw(html, "</div></div>");
}

static void put_menu(struct html *html, const struct page *page)
{
    const char *region = page_param(page, "region");
    const struct page_row *row = NULL;
    const json_t *record = copy_region(page->copy, region);
    html_raw(html, "<nav class=\"menu\"");
    html_attribute(html, "aria-label", texts_of(page->language, TEXT_MENU));
    html_raw(html, "><ul><li><a");
    put_link(html, page, page->language, "/");
    if (page->row != NULL && strcmp(page->row->pattern, "/") == 0) {
        html_raw(html, " aria-current=\"page\"");
    }
    html_raw(html, ">");
    texts_put(html, page->language, TEXT_TITLE_REGIONS);
    html_raw(html, "</a></li>");
    while (record != NULL && (row = pages_next(row)) != NULL) {
        char path[200];
        if (row->menu != MENU_REGION) {
            continue;
        }
        // Its pattern is /{region} and perhaps more.
        (void)snprintf(path, sizeof(path), "/%s%s", region,
                       row->pattern + strlen("/{region}")); // ids are short
        html_raw(html, "<li><a");
        put_link(html, page, page->language, path);
        if (row == page->row) {
            html_raw(html, " aria-current=\"page\"");
        }
        html_raw(html, ">");
        texts_put(html, page->language, row->title);
        html_raw(html, "</a></li>");
    }
    html_raw(html, "</ul></nav>");
}

static void put_search(struct html *html, const struct page *page)
{
    bool here = page->row != NULL && strcmp(page->row->name, "SEARCH") == 0;
    html_raw(html, "<form class=\"search\" role=\"search\" method=\"get\"");
    html_address(html, "action", page->language == ENGLISH ? "/en/zoeken" : "/zoeken");
    html_raw(html, "><input class=\"utrecht-textbox utrecht-textbox--html-input\" type=\"search\" "
                   "name=\"q\" maxlength=\"200\"");
    html_attribute(html, "aria-label", texts_of(page->language, TEXT_SEARCH_LABEL));
    if (here) {
        html_attribute(html, "value", page_query(page, "q"));
    }
    html_raw(html, "><button class=\"utrecht-button utrecht-button--secondary-action\">");
    texts_put(html, page->language, TEXT_SEARCH_BUTTON);
    html_raw(html, "</button></form>");
}

static void put_header(struct html *html, const struct page *page, const char *path)
{
    html_raw(html, "<a class=\"skip\" href=\"#main\">");
    texts_put(html, page->language, TEXT_SKIP);
    html_raw(html, "</a><header><div class=\"inner top-bar\"><a class=\"brand\"");
    put_link(html, page, page->language, "/");
    html_raw(html, "><span class=\"drop\" aria-hidden=\"true\"></span>");
    texts_put(html, page->language, TEXT_SITE);
    html_raw(html, "</a>");
    put_menu(html, page);
    put_search(html, page);
    put_switch(html, page, path);
    html_raw(html, "</div>");
    if (page->moment != NULL) {
        shell_put_past(html, page, path);
    } else {
        put_state(html, page, path);
    }
    html_raw(html, "</header>");
}

// The way to the form, with what this page is about filled in.
static void put_contribute(struct html *html, const struct page *page,
                           const struct rendered *rendered)
{
    char path[PAGE_ABOUT + 32];
    if (page->row != NULL && strcmp(page->row->name, "CONTRIBUTE") == 0) {
        return;
    }
    (void)snprintf(path, sizeof(path), "/aandragen%s%s", rendered->about[0] == '\0' ? "" : "?over=",
                   rendered->about); // it fits
    html_raw(html, "<aside class=\"contribute\"");
    html_attribute(html, "aria-label", texts_of(page->language, TEXT_TITLE_CONTRIBUTE));
    html_raw(html, "><div class=\"inner\"><p>");
    texts_put(html, page->language, TEXT_KNOW_MORE);
    html_raw(html, "</p><a class=\"utrecht-link\"");
    put_present_link(html, page->language, path);
    html_raw(html, ">");
    texts_put(html, page->language, TEXT_TITLE_CONTRIBUTE);
    html_raw(html, "</a></div></aside>");
}

static void put_footer(struct html *html, const struct page *page, const struct rendered *rendered)
{
    const struct page_row *row = NULL;
    put_contribute(html, page, rendered);
    html_raw(html, "<footer><div class=\"inner\"><p>");
    texts_put(html, page->language, TEXT_FOOT_SOURCE);
    html_raw(html, "</p><p>");
    texts_put(html, page->language, TEXT_FOOT_NO_COOKIES);
    html_raw(html, "</p><ul>");
    while ((row = pages_next(row)) != NULL) {
        if (row->menu == MENU_FOOT) {
            html_raw(html, "<li><a class=\"utrecht-link\"");
            put_link(html, page, page->language, row->pattern);
            html_raw(html, ">");
            texts_put(html, page->language, row->title);
            html_raw(html, "</a></li>");
        }
    }
    html_raw(html, "</ul></div></footer>");
}

void shell_put_main(struct html *html, const struct rendered *rendered)
{
    html_raw(html, "<main id=\"main\" class=\"inner\" tabindex=\"-1\">");
    html_html(html, &rendered->main);
    html_raw(html, "</main>");
}

void shell_put(struct html *html, const struct page *page, const struct rendered *rendered,
               const struct assets *assets, const char *path)
{
    put_head(html, page, rendered, assets);
    html_raw(html, "<body class=\"voorbeeld-theme utrecht-document\"");
    put_data(html, page);
    html_raw(html, ">");
    put_header(html, page, path);
    shell_put_main(html, rendered);
    put_footer(html, page, rendered);
    html_raw(html, "</body></html>\n");
}
