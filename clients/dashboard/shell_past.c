#include "clients/dashboard/shell_past.h"

#include "clients/dashboard/moments.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct day_form {
    const char *name;
    enum text label, means;
    const char *value;
};

static void put_form(struct html *html, const struct page *page, const char *path,
                     const struct day_form *form)
{
    char id[32];
    (void)snprintf(id, sizeof(id), "day-%s", form->name); // it fits
    html_raw(html, "<form method=\"get\"");
    html_address(html, "action", path);
    html_raw(html, "><label");
    html_attribute(html, "for", id);
    html_raw(html, ">");
    texts_put(html, page->language, form->label);
    html_raw(html, "</label> <span class=\"pick\"><input type=\"date\" required "
                   "class=\"utrecht-textbox\"");
    html_attribute(html, "id", id);
    html_attribute(html, "name", form->name);
    html_attribute(html, "value", form->value);
    html_raw(html, "> <button class=\"utrecht-button utrecht-button--secondary-action\" "
                   "type=\"submit\">");
    texts_put(html, page->language, TEXT_PAST_SHOW);
    html_raw(html, "</button></span><p>");
    texts_put(html, page->language, form->means);
    html_raw(html, "</p></form>");
}

// Where what changed is told, and the report: of the region of this page.
static void put_ways(struct html *html, const struct page *page)
{
    static const struct {
        const char *word;
        enum text text;
    } ways[] = {{"verschil", TEXT_PAST_DIFFERENCES}, {"verslag", TEXT_PAST_REPORT}};
    const char *region = page_param(page, "region");
    if (region[0] == '\0' || copy_region(page->copy, region) == NULL) {
        return;
    }
    html_raw(html, "<p class=\"ways\">");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        char path[200];
        (void)snprintf(path, sizeof(path), "%s/%s/%s", page->language == ENGLISH ? "/en" : "",
                       region, ways[i].word); // ids are short
        html_raw(html, "<a class=\"utrecht-link\"");
        html_address(html, "href", path);
        html_raw(html, ">");
        texts_put(html, page->language, ways[i].text);
        html_raw(html, "</a> ");
    }
    html_raw(html, "</p>");
}

void shell_put_days(struct html *html, const struct page *page, const char *path)
{
    bool shows = page->row != NULL && (page->status < 400 || page->moment != NULL) &&
                 (page->row->touch == TOUCH_ALL || page->row->touch == TOUCH_REGION);
    const char *at = page->moment == NULL ? "" : page->moment->at_text;
    const struct day_form forms[] = {
        {"on", TEXT_PAST_ON, TEXT_PAST_ON_MEANS, page->moment == NULL ? "" : page->moment->on},
        {"at", TEXT_PAST_AT, TEXT_PAST_AT_MEANS, strchr(at, 'T') == NULL ? at : ""},
    };
    if (!shows) {
        return;
    }
    html_raw(html, "<details class=\"days\" id=\"days\"><summary>");
    texts_put(html, page->language, TEXT_PAST_OTHER_DAY);
    html_raw(html, "</summary><div class=\"day-forms\">");
    put_form(html, page, path, &forms[0]);
    put_form(html, page, path, &forms[1]);
    put_ways(html, page);
    html_raw(html, "</div></details>");
}

// "as it was on 1 March 2016", "as recorded up to number 812", or both.
static void put_moment(struct html *html, const struct page *page)
{
    const struct moment *moment = page->moment;
    char day[WORDS_ROOM], number[WORDS_ROOM];
    if (moment->on[0] != '\0') {
        texts_fill(html, page->language, TEXT_PAST_AS_IT_WAS,
                   words_date(page->language, moment->on, day), NULL);
        html_raw(html, " ");
    }
    if (moment->before_ms > 0) {
        // The end of a day is the last minute that people would call by its name.
        texts_fill(html, page->language, TEXT_PAST_AS_RECORDED_AT,
                   words_moment(page->language, moment->before_ms - 1, day),
                   words_number((int64_t)moment->at, number), NULL);
    } else if (moment->at_text[0] != '\0') {
        texts_fill(html, page->language, TEXT_PAST_AS_RECORDED,
                   words_number((int64_t)moment->at, number), NULL);
    }
}

static void put_ahead(struct html *html, const struct page *page)
{
    if (moments_is_ahead(page->moment)) {
        html_raw(html, " ");
        texts_put(html, page->language, TEXT_PAST_AHEAD);
    }
}

void shell_put_past(struct html *html, const struct page *page, const char *path)
{
    html_raw(html, "<div class=\"state past\" id=\"state\" data-state=\"past\"><div "
                   "class=\"inner\"><strong>");
    texts_put(html, page->language, TEXT_PAST);
    html_raw(html, "</strong> <span>");
    put_moment(html, page);
    put_ahead(html, page);
    html_raw(html, "</span> <a class=\"utrecht-link back\"");
    html_address(html, "href", path);
    html_raw(html, ">");
    texts_put(html, page->language, TEXT_PAST_BACK);
    html_raw(html, "</a>");
    shell_put_days(html, page, path);
    html_raw(html, "</div></div>");
}
