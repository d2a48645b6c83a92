// What all werkplaatsen of a region have brought about, newest first: what people notice of it.
#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

struct result {
    const char *werkplaats;
    const json_t *item;
};

static int by_day(const void *a, const void *b)
{
    const struct result *one = a, *two = b;
    int order = parts_compare_days(parts_text(one->item, "on"), parts_text(two->item, "on"));
    uint64_t seq_one = parts_number(one->item, "seq"), seq_two = parts_number(two->item, "seq");
    return order != 0 ? order : (seq_one < seq_two) - (seq_one > seq_two);
}

// Of every werkplaats, in the order of their days. The caller frees the list; NULL: none, or no
// memory.
static struct result *gather(const struct page *page, const char *region, size_t *ret_count)
{
    json_t *werkplaatsen =
        (json_t *)(uintptr_t)copy_kind(page->copy, region, KIND_WERKPLAATS); // not changed
    const char *name = NULL;
    json_t *record = NULL;
    size_t count = 0, at = 0;
    json_object_foreach(werkplaatsen, name, record)
    {
        count += json_array_size(parts_field(record, "results"));
    }
    struct result *results = calloc(count + 1, sizeof(*results));
    json_object_foreach(werkplaatsen, name, record)
    {
        const json_t *list = parts_field(record, "results"), *item = NULL;
        size_t index = 0;
        json_array_foreach(list, index, item)
        {
            if (results != NULL) {
                results[at++] = (struct result){name, item};
            }
        }
    }
    if (at > 0) {
        qsort(results, at, sizeof(*results), by_day);
    }
    *ret_count = at;
    return results;
}

static void put_title(struct page *page, const json_t *data)
{
    html_raw(&page->html, "<h2 class=\"utrecht-heading-3\">");
    parts_outside(page, parts_text(data, "url"), parts_text(data, "title"));
    html_raw(&page->html, "</h2>");
}

// To which of the 3 K's it contributes, and how.
static void put_goals(struct page *page, const json_t *goals)
{
    struct fields fields = fields_of(GROUP_CONTRIBUTES);
    char room[WORDS_ROOM];
    if (json_object_size(goals) == 0) {
        return;
    }
    html_raw(&page->html, "<dl class=\"facts\">");
    for (unsigned i = 0; i < fields.count; i++) {
        const char *text = parts_text(goals, fields.first[i].name);
        if (text[0] != '\0') {
            html_raw(&page->html, "<div><dt>");
            html_text(&page->html, words_field(page->language, &fields.first[i], room));
            html_raw(&page->html, "</dt><dd>");
            html_text(&page->html, text);
            html_raw(&page->html, "</dd></div>");
        }
    }
    html_raw(&page->html, "</dl>");
}

static void put_result(struct page *page, const char *region, const struct result *result)
{
    const json_t *data = json_object_get(result->item, "data");
    const char *meaning = parts_text(data, "meaning");
    html_raw(&page->html, "<li>");
    put_title(page, data);
    html_raw(&page->html, "<p class=\"meta\">");
    parts_subject(page, region, KIND_WERKPLAATS, result->werkplaats);
    html_raw(&page->html, ", ");
    parts_date(page, parts_text(result->item, "on"));
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(result->item, "seq"));
    html_raw(&page->html, "</p>");
    if (meaning[0] != '\0') {
        html_raw(&page->html, "<h3>");
        page_say(page, TEXT_MEANING);
        html_raw(&page->html, "</h3>");
        html_paragraphs(&page->html, meaning);
    }
    put_goals(page, json_object_get(data, "goals"));
    html_raw(&page->html, "</li>");
}

void page_results(struct page *page)
{
    const char *region = page_param(page, "region");
    size_t count = 0;
    if (copy_region(page->copy, region) == NULL) {
        page_not_found(page);
        return;
    }
    struct result *results = gather(page, region, &count);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_RESULTS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_RESULTS_LEAD);
    html_raw(&page->html, "</p><ul class=\"results articles\">");
    for (size_t i = 0; i < count; i++) {
        put_result(page, region, &results[i]);
    }
    html_raw(&page->html, "</ul>");
    if (count == 0) {
        parts_empty(page, TEXT_NO_RESULTS);
    }
    free(results);
}
