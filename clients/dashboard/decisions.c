#include "clients/dashboard/decisions.h"

#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct open_row {
    const char *werkplaats;
    const json_t *row; // of `undecided`
};

// Returns how many there are, also if that is more than there is room for.
static size_t gather(const struct page *page, const char *region, const char *member,
                     struct open_row rows[DECISIONS_OPEN_MAX])
{
    size_t count = 0, index = 0;
    const char *werkplaats = NULL;
    json_t *next = NULL, *row = NULL;
    json_object_foreach(json_object_get(page->copy->content.next, region), werkplaats, next)
    {
        json_array_foreach(json_object_get(next, "undecided"), index, row)
        {
            bool wanted = member == NULL || strcmp(parts_text(row, "member"), member) == 0;
            if (wanted && count < DECISIONS_OPEN_MAX) {
                rows[count] = (struct open_row){werkplaats, row};
            }
            count += wanted;
        }
    }
    return count;
}

unsigned decisions_count_open(const struct page *page, const char *region, const char *member)
{
    struct open_row rows[DECISIONS_OPEN_MAX];
    return (unsigned)gather(page, region, member, rows);
}

// The first to be decided first; what has no date last.
static int by_urgency(const void *a, const void *b)
{
    const struct open_row *one = a, *two = b;
    const char *before_one = parts_text(one->row, "decide_by");
    const char *before_two = parts_text(two->row, "decide_by");
    int order = (before_one[0] == '\0') - (before_two[0] == '\0');
    order = order != 0 ? order : strcmp(before_one, before_two);
    order = order != 0 ? order : strcmp(one->werkplaats, two->werkplaats);
    order =
        order != 0 ? order : strcmp(parts_text(one->row, "member"), parts_text(two->row, "member"));
    return order != 0 ? order
                      : strcmp(parts_text(one->row, "purpose"), parts_text(two->row, "purpose"));
}

// The allocation that made the share.
static uint64_t allocation_seq(const struct page *page, const char *region, const char *werkplaats,
                               const char *purpose)
{
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, werkplaats);
    return parts_number(json_object_get(parts_field(record, "allocations"), purpose), "seq");
}

static uint64_t decision_seq(const struct page *page, const char *region,
                             const struct open_row *open)
{
    char key[160];
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, open->werkplaats);
    (void)snprintf(key, sizeof(key), "%s/financial/%s", parts_text(open->row, "member"),
                   parts_text(open->row, "purpose")); // it fits
    return parts_number(json_object_get(parts_field(record, "decisions"), key), "seq");
}

// "uitvoering van Groene schoolpleinen", as a link to where the werkplaats has its decisions.
static void put_subject(struct page *page, const char *region, const struct open_row *open)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<a class=\"utrecht-link\"");
    page_href(page, "/%s/werkplaats/%s#decisions", region, open->werkplaats);
    html_raw(&page->html, ">");
    texts_fill(
        &page->html, page->language, TEXT_OPEN_PURPOSE,
        words_choice(page->language, CHOICES_PURPOSE, parts_text(open->row, "purpose"), room),
        parts_name(page, region, KIND_WERKPLAATS, open->werkplaats), NULL);
    html_raw(&page->html, "</a>");
}

static void put_open(struct page *page, const char *region, const struct open_row *open,
                     bool with_member)
{
    char room[WORDS_ROOM];
    const json_t *row = open->row;
    const char *before = parts_text(row, "decide_by");
    html_raw(&page->html, "<li><span class=\"whose\">");
    if (with_member) {
        parts_subject(page, region, KIND_MEMBER, parts_text(row, "member"));
        html_raw(&page->html, "<br>");
    }
    put_subject(page, region, open);
    html_raw(&page->html, "</span> <span class=\"much\"><strong>");
    html_text(&page->html, words_euros(page->language, (int64_t)parts_number(row, "share"), room));
    html_raw(&page->html, "</strong> ");
    parts_fact(page, allocation_seq(page, region, open->werkplaats, parts_text(row, "purpose")));
    html_raw(&page->html, "</span> <span class=\"meta\">");
    if (before[0] != '\0') {
        texts_fill(&page->html, page->language, TEXT_OPEN_BEFORE,
                   words_date(page->language, before, room), NULL);
        if (parts_is_late(page, before)) {
            html_raw(&page->html, " ");
            parts_mark(page, TEXT_LATE);
        }
    }
    if (json_object_get(row, "decided") != NULL) {
        html_raw(&page->html, "<br>");
        texts_fill(&page->html, page->language, TEXT_OPEN_DECIDED,
                   words_euros(page->language, (int64_t)parts_number(row, "decided"), room), NULL);
        html_raw(&page->html, " ");
        parts_fact(page, decision_seq(page, region, open));
    }
    html_raw(&page->html, "</span></li>");
}

void decisions_put_open(struct page *page, const char *region, const char *member)
{
    struct open_row rows[DECISIONS_OPEN_MAX];
    size_t count = gather(page, region, member, rows);
    if (count == 0) {
        return;
    }
    count = count < DECISIONS_OPEN_MAX ? count : DECISIONS_OPEN_MAX;
    qsort(rows, count, sizeof(rows[0]), by_urgency);
    html_raw(&page->html, "<ul class=\"open-decisions\">");
    for (size_t i = 0; i < count; i++) {
        put_open(page, region, &rows[i], member == NULL);
    }
    html_raw(&page->html, "</ul>");
}
