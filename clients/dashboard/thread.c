#include "clients/dashboard/thread.h"

#include "clients/dashboard/moments.h"
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 16 // answers that one thread may take

bool thread_read(struct page *page, const char *region, enum kind kind, const char *id,
                 uint64_t until, struct thread *ret_thread)
{
    char prefix[256];
    json_int_t after = 0;
    bool done = false;
    (void)snprintf(prefix, sizeof(prefix), "/%s/%s/%s%s", region, kind_name(kind),
                   id == NULL ? "" : id, id == NULL ? "" : "/"); // ids are short
    ret_thread->count = 0;
    for (int round = 0; round < ROUNDS_MAX && !done; round++) {
        const json_t *answer =
            page_ask(page,
                     json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", prefix, "after",
                               after, "until", (json_int_t)until),
                     ASK_FOR_GOOD);
        const json_t *event = NULL;
        size_t index = 0;
        if (answer == NULL) {
            ret_thread->count = 0;
            return false;
        }
        json_array_foreach(json_object_get(answer, "events"), index, event)
        {
            if (ret_thread->count < THREAD_MAX && moments_counts(page->moment, event)) {
                ret_thread->events[ret_thread->count++] = event;
            }
        }
        after = json_integer_value(json_object_get(answer, "after"));
        done = json_is_true(json_object_get(answer, "done")) || ret_thread->count == THREAD_MAX;
    }
    ret_thread->is_cut = !done || ret_thread->count == THREAD_MAX;
    return true;
}

const json_t *thread_event(const struct thread *thread, uint64_t seq)
{
    for (size_t i = 0; i < thread->count; i++) {
        if (parts_event_seq(thread->events[i]) == seq) {
            return thread->events[i];
        }
    }
    return NULL;
}

uint64_t thread_corrects(const json_t *event)
{
    return strtoull(parts_text(event, "corrects"), NULL, 10);
}

const json_t *thread_correction(const struct thread *thread, uint64_t seq)
{
    for (size_t i = 0; i < thread->count; i++) {
        if (thread_corrects(thread->events[i]) == seq) {
            return thread->events[i];
        }
    }
    return NULL;
}

void thread_put_corrected(struct page *page, const char *region, const struct thread *thread,
                          const json_t *event)
{
    const json_t *wrong = event;
    // Each corrects an earlier one, so this ends.
    while ((wrong = thread_event(thread, thread_corrects(wrong))) != NULL) {
        const struct event_type *type = parts_event_type(page, wrong);
        if (type == NULL) {
            break;
        }
        html_raw(&page->html, "<span class=\"corrected\">");
        page_say(page, TEXT_WAS);
        html_raw(&page->html, ": <del>");
        parts_when(page, wrong);
        parts_gist(page, region, type, wrong);
        html_raw(&page->html, "</del> ");
        parts_fact(page, parts_event_seq(wrong));
        html_raw(&page->html, "</span>");
    }
}
