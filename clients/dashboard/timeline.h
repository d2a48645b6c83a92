/*
 * timeline - what happened to one entity, newest first; what was corrected stands struck through
 * beside what took its place.
 */
#ifndef DASHBOARD_TIMELINE_H
#define DASHBOARD_TIMELINE_H

#include "clients/dashboard/page.h"

// A section with a heading, #timeline.
void timeline_put(struct page *page, const char *region, enum kind kind, const char *id,
                  const json_t *record);

#endif
