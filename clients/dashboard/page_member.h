/*
 * page_member - what the pages of all members and of one member share.
 */
#ifndef DASHBOARD_PAGE_MEMBER_H
#define DASHBOARD_PAGE_MEMBER_H

#include "clients/dashboard/parts.h"
#include "clients/dashboard/thread.h"

// "160.000 op 1 januari 2022 №12"; nothing if it is not known.
void member_put_inhabitants(struct page *page, const char *region, const char *id,
                            const json_t *record);
// "lid tot 3 mei 2025 №40", of a member that left.
void member_put_left(struct page *page, const json_t *record);

// Sections of a member's page. The thread is that of all werkplaatsen of the region; without it
// they show what the state has.
void member_put_work(struct page *page, const char *region, const char *id,
                     const struct thread *thread);
void member_put_decisions(struct page *page, const char *region, const char *id,
                          const struct thread *thread);
void member_put_seats(struct page *page, const char *region, const char *id);

#endif
