/*
 * site - which request gets which answer.
 *
 *     http -> site_handle(): a page (pages.def), an asset, the live stream, a feed of
 *                          news, a contribution (POST), or there is no such thing
 */
#ifndef DASHBOARD_SITE_H
#define DASHBOARD_SITE_H

#include "clients/dashboard/asks.h"
#include "clients/dashboard/assets.h"
#include "clients/dashboard/contribute.h"
#include "clients/dashboard/http.h"
#include "clients/dashboard/live.h"
#include "clients/dashboard/moments.h"
#include "clients/dashboard/render.h"

struct site {
    struct copy copy;
    struct asks asks, jobs; // of the feed, and of jobs.def
    struct moments moments;
    struct live live;
    struct render render;
    struct assets assets;
    struct http *http; // for its figures
    struct contribute contribute;
    struct operator_facts facts;
};

// The largest body for a path.
size_t site_body_max(const char *path);
// An http_handle; the context is a struct site.
enum http_reply site_handle(void *context, const struct http_request *request,
                            struct http_response *response);

#endif
