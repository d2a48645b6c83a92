/*
 * board - the phase board of a region: a column a phase, a card a werkplaats.
 */
#ifndef DASHBOARD_BOARD_H
#define DASHBOARD_BOARD_H

#include "clients/dashboard/page.h"

void board_put(struct page *page, const char *region);

#endif
