/*
 * thread - the events of a prefix, in the order of the log, and which of them were corrected.
 *
 * Asked of the daemon: what stands on a page beyond the state itself.
 */
#ifndef DASHBOARD_THREAD_H
#define DASHBOARD_THREAD_H

#include "clients/dashboard/page.h"

#define THREAD_MAX 4096 // events that are read; of a longer thread the newest, maybe fewer

struct thread {
    const json_t *events[THREAD_MAX]; // CloudEvents, lent until the page's function returns
    size_t count;
    bool is_cut; // there are more
};

// Everything up to a number of /region/kind/ or, with an id, of one entity. False: the answer is on
// its way or cannot be had, and the thread is empty.
bool thread_read(struct page *page, const char *region, enum kind kind, const char *id,
                 uint64_t until, struct thread *ret_thread);

// NULL if there is none.
const json_t *thread_event(const struct thread *thread, uint64_t seq);
// The event that took the place of a wrong one.
const json_t *thread_correction(const struct thread *thread, uint64_t seq);
// What an event corrects; 0 if nothing.
uint64_t thread_corrects(const json_t *event);

// "was: 3 mei 2025, nee №12" struck through: what stood there before an event corrected it, and
// before that. Nothing if it corrects nothing.
void thread_put_corrected(struct page *page, const char *region, const struct thread *thread,
                          const json_t *event);

#endif
