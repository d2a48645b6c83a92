/*
 * metrics - figures for who keeps watch: /metrics in Prometheus' text exposition, the daemon's and
 * its own, and /healthz, which says whether the view can be relied upon.
 */
#ifndef DASHBOARD_METRICS_H
#define DASHBOARD_METRICS_H

#include "clients/dashboard/site.h"

// Each as site_handle().
enum http_reply metrics_handle(struct site *site, const struct http_request *request,
                               struct http_response *response);
enum http_reply metrics_health(struct site *site, const struct http_request *request,
                               struct http_response *response);

#endif
