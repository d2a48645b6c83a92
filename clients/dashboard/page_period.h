/*
 * page_period - pages about a period: reading ?van= and ?tot=, and the form for them.
 */
#ifndef DASHBOARD_PAGE_PERIOD_H
#define DASHBOARD_PAGE_PERIOD_H

#include "clients/dashboard/page.h"

#define PERIOD_DAY 16

struct period {
    char from[PERIOD_DAY], to[PERIOD_DAY]; // days: 2025-01-01
};

// What a period is if nothing was given.
typedef void period_default(struct period *ret_period);
period_default period_this_year, period_last_month;

// Reads van and tot, each a day, a month, a quarter or a year; from the first day of the one to the
// last of the other. False if that is none, or it ends before it begins; it is then as it was
// given.
bool period_read(const struct page *page, period_default *fill, struct period *ret_period);

// The form of two days. more: writes further fields; NULL if there are none.
void period_put_form(struct page *page, const struct period *period, enum text button,
                     void (*more)(struct page *page));

// Whether a job ended because it was too much, as it will again.
bool period_is_large(const json_t *answer);
// The job of a report.
json_t *report_job(const struct page *page, const char *region, const struct period *period);

#endif
