#include "clients/dashboard/thread.h"

#include "clients/dashboard/moments.h"
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 16 // answers that one thread may take

// What comes after a number; false: the answer is on its way or cannot be had.
static bool read_after(struct page *page, const char *prefix, uint64_t from, uint64_t until,
                       struct thread *thread)
{
    json_int_t after = (json_int_t)from;
    bool done = false;
    thread->count = 0;
    thread->is_cut = false;
    for (int round = 0; round < ROUNDS_MAX && !done; round++) {
        const json_t *answer =
            page_ask(page,
                     json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", prefix, "after",
                               after, "until", (json_int_t)until),
                     ASK_FOR_GOOD);
        const json_t *event = NULL;
        size_t index = 0;
        if (answer == NULL) {
            thread->count = 0;
            return false;
        }
        json_array_foreach(json_object_get(answer, "events"), index, event)
        {
            if (thread->count < THREAD_MAX && moments_counts(page->moment, event)) {
                thread->events[thread->count++] = event;
            }
        }
        after = json_integer_value(json_object_get(answer, "after"));
        done = json_is_true(json_object_get(answer, "done")) || thread->count == THREAD_MAX;
    }
    thread->is_cut = !done || thread->count == THREAD_MAX;
    return true;
}

bool thread_read(struct page *page, const char *region, enum kind kind, const char *id,
                 uint64_t until, struct thread *ret_thread)
{
    char prefix[256];
    (void)snprintf(prefix, sizeof(prefix), "/%s/%s/%s%s", region, kind_name(kind),
                   id == NULL ? "" : id, id == NULL ? "" : "/"); // ids are short
    bool is_here = read_after(page, prefix, 0, until, ret_thread), is_cut = false;
    // Too long: the newest then matter more than the oldest. Less than so many numbers hold no more
    // events than fit.
    for (uint64_t most = THREAD_MAX - 1; is_here && ret_thread->is_cut && most > 64; most /= 8) {
        is_here = read_after(page, prefix, until > most ? until - most : 0, until, ret_thread);
        is_cut = true;
    }
    ret_thread->is_cut |= is_cut;
    return is_here;
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
