/*
 * page_werkplaats - the parts of the page of a werkplaats that are about members and money.
 */
#ifndef DASHBOARD_PAGE_WERKPLAATS_H
#define DASHBOARD_PAGE_WERKPLAATS_H

#include "clients/dashboard/parts.h"

#include <stdio.h>

void werkplaats_put_participants(struct page *page, const char *region, const json_t *record);
void werkplaats_put_costs(struct page *page, const char *region, const char *id,
                          const json_t *record);
void werkplaats_put_decisions(struct page *page, const char *region, const char *id,
                              const json_t *record);

#endif
