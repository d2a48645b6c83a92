#include "clients/dashboard/contributions.h"

#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool contributions_is_accepted(const json_t *record)
{
    return !parts_has_ended(record) && parts_field(record, "accepted") != NULL;
}

// "werkplaats/riool" of this region, as a link.
static void put_path(struct page *page, const char *region, const char *path)
{
    char full[PAGE_ABOUT], room[256];
    const char *of = NULL, *id = NULL;
    enum kind kind;
    (void)snprintf(full, sizeof(full), "%s/%s", region, path); // paths are short
    if (parts_split(full, room, &of, &kind, &id) && copy_shows_kind(page->copy, kind)) {
        parts_subject(page, region, kind, id);
    }
}

static void put_changed(struct page *page, const char *region, const json_t *changed)
{
    size_t index = 0;
    const json_t *path = NULL;
    html_raw(&page->html, "<p class=\"meta\">");
    page_say(page, json_array_size(changed) == 0 ? TEXT_CHANGED_NOTHING : TEXT_CHANGED);
    json_array_foreach(changed, index, path)
    {
        html_text(&page->html, index == 0 ? " " : ", ");
        put_path(page, region, json_string_value(path));
    }
    html_raw(&page->html, "</p>");
}

void contributions_put(struct page *page, const char *region, const char *id, const json_t *record)
{
    const json_t *item = parts_field(record, "accepted"), *data = json_object_get(item, "data");
    const char *credit = parts_text(data, "credit"), *about = parts_field_text(record, "about");
    char room[WORDS_ROOM];
    html_raw(&page->html, "<li");
    parts_id(page, KIND_CONTRIBUTION, id);
    html_raw(&page->html, "><p class=\"meta\">");
    html_text(&page->html, words_choice(page->language, CHOICES_CONTRIBUTION,
                                        parts_field_text(record, "kind"), room));
    if (about[0] != '\0') {
        html_raw(&page->html, " ");
        page_say(page, TEXT_ON_SUBJECT);
        html_raw(&page->html, " ");
        put_path(page, region, about);
    }
    html_raw(&page->html, "</p><div class=\"quote\">");
    html_paragraphs(&page->html, parts_text(data, "text"));
    html_raw(&page->html, "</div>");
    if (credit[0] != '\0') {
        html_raw(&page->html, "<p>");
        texts_fill(&page->html, page->language, TEXT_CREDIT, credit, NULL);
        html_raw(&page->html, "</p>");
    }
    put_changed(page, region, json_object_get(data, "changed"));
    html_raw(&page->html, "<p class=\"meta\">");
    page_say(page, TEXT_ACCEPTED);
    html_raw(&page->html, " ");
    parts_date(page, parts_text(item, "on"));
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</p></li>");
}

// Whether it is about this "kind/id", or changed it.
static bool concerns(const json_t *record, const char *subject)
{
    const json_t *changed =
        json_object_get(json_object_get(parts_field(record, "accepted"), "data"), "changed");
    size_t index = 0;
    const json_t *path = NULL;
    bool found = strcmp(parts_field_text(record, "about"), subject) == 0;
    json_array_foreach(changed, index, path)
    {
        found |= strcmp(json_string_value(path), subject) == 0;
    }
    return found;
}

void contributions_put_about(struct page *page, const char *about)
{
    const char *region = page_param(page, "region"), *subject = strchr(about, '/');
    size_t count = 0;
    bool any = false;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, region, KIND_CONTRIBUTION), parts_by_version, &count);
    for (size_t i = 0; i < count && subject != NULL; i++) {
        if (!contributions_is_accepted(rows[i].value) || !concerns(rows[i].value, subject + 1)) {
            continue;
        }
        if (!any) {
            html_raw(&page->html, "<section>");
            page_heading(page, "contributions", TEXT_CONTRIBUTIONS_HERE);
            html_raw(&page->html, "<ul class=\"contributions\">");
        }
        contributions_put(page, region, rows[i].name, rows[i].value);
        any = true;
    }
    if (any) {
        html_raw(&page->html, "</ul></section>");
    }
    free(rows);
}
