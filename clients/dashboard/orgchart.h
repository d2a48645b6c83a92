/*
 * orgchart - the bodies of a region and its werkplaatsen as a drawing, SVG. The page that shows it
 * lists the same facts below it.
 */
#ifndef DASHBOARD_ORGCHART_H
#define DASHBOARD_ORGCHART_H

#include "clients/dashboard/page.h"

// A row of bodies for each level, what is the core of another beside it; below them the
// werkplaatsen that are open.
void orgchart_put(struct page *page, const char *region);

#endif
