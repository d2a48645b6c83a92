#include "clients/dashboard/timeline.h"

#include "clients/dashboard/parts.h"
#include "clients/dashboard/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMELINE_SHOWN 100

static void put_moment(struct page *page, const char *region, const struct thread *thread,
                       const json_t *event)
{
    char room[WORDS_ROOM];
    const struct event_type *type = parts_event_type(page, event);
    if (type == NULL) {
        return;
    }
    html_raw(&page->html, "<li><span class=\"when\">");
    if (parts_text(event, "on")[0] != '\0') {
        parts_date(page, parts_text(event, "on"));
    } else {
        html_text(&page->html, words_day(page->language, parts_event_time(event), room));
    }
    html_raw(&page->html, "</span> <span><span class=\"type\">");
    html_text(&page->html, words_type(page->language, type, room));
    html_raw(&page->html, "</span>");
    parts_gist(page, region, type, event);
    thread_put_corrected(page, region, thread, event);
    html_raw(&page->html, "</span> ");
    parts_fact(page, parts_event_seq(event));
    html_raw(&page->html, "</li>");
}

// Newest first, by the date in the real world where there is one.
static int by_moment(const void *a, const void *b)
{
    const json_t *one = *(const json_t *const *)a, *two = *(const json_t *const *)b;
    const char *when_one = parts_text(one, parts_text(one, "on")[0] != '\0' ? "on" : "time");
    const char *when_two = parts_text(two, parts_text(two, "on")[0] != '\0' ? "on" : "time");
    int order = strcmp(when_two, when_one);
    return order != 0 ? order : strcmp(parts_text(two, "sequence"), parts_text(one, "sequence"));
}

// The newest in the log, in the order of what they tell; what was corrected stands with its
// correction. True if there are more.
static bool put_moments(struct page *page, const char *region, const struct thread *thread)
{
    const json_t *rows[TIMELINE_SHOWN];
    size_t count = 0, left = thread->count;
    while (left > 0 && count < TIMELINE_SHOWN) {
        const json_t *event = thread->events[--left];
        if (thread_correction(thread, parts_event_seq(event)) == NULL) {
            rows[count++] = event;
        }
    }
    qsort(rows, count, sizeof(rows[0]), by_moment);
    for (size_t i = 0; i < count; i++) {
        put_moment(page, region, thread, rows[i]);
    }
    return left > 0 || thread->is_cut;
}

// Where all of it can be had.
static void put_rest(struct page *page, const char *region, enum kind kind, const char *id)
{
    char path[PAGE_ABOUT + 40];
    (void)snprintf(path, sizeof(path), "/v1/events.csv?level=/%s/%s/%s/", region, kind_name(kind),
                   id); // it fits
    html_raw(&page->html, "<p class=\"empty\">");
    page_say(page, TEXT_TIMELINE_MORE);
    html_raw(&page->html, " <a class=\"utrecht-link\"");
    html_address(&page->html, "href", path);
    html_raw(&page->html, ">");
    page_say(page, TEXT_TIMELINE_REST);
    html_raw(&page->html, "</a></p>");
}

void timeline_put(struct page *page, const char *region, enum kind kind, const char *id,
                  const json_t *record)
{
    struct thread thread;
    bool is_here = thread_read(page, region, kind, id, parts_number(record, "version"), &thread);
    html_raw(&page->html, "<section>");
    page_heading(page, "timeline", TEXT_TIMELINE);
    if (!is_here && page->lacks) {
        parts_empty(page, TEXT_NOT_AVAILABLE);
    }
    html_raw(&page->html, "<ol class=\"timeline\">");
    bool more = is_here && put_moments(page, region, &thread);
    html_raw(&page->html, "</ol>");
    if (more) {
        put_rest(page, region, kind, id);
    }
    html_raw(&page->html, "</section>");
}
