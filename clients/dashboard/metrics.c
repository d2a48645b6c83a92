#include "clients/dashboard/metrics.h"

#include "clients/dashboard/loop.h"
#include "clients/dashboard/page.h"
#include "clients/dashboard/reply.h"

#include <stdio.h>
#include <string.h>

#define HEARD_MS 3000 // the feed speaks every second

enum own {
#define OWN(NAME, ...) OWN_##NAME,
#define DAEMON(...)
#include "clients/dashboard/metrics.def"
#undef OWN
#undef DAEMON
    OWN_COUNT
};

static void put_metric(struct html *text, const char *metric, const char *type, const char *help,
                       double value)
{
    char line[512];
    (void)snprintf(line, sizeof(line), "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", metric, help,
                   metric, type, metric, value); // it fits
    html_put_safe(text, line, strlen(line));
}

// The view is live, and the feed has said so just now.
static bool is_live(const struct copy *copy)
{
    return copy->state == COPY_LIVE && loop_now_ms() - copy->told_ms < HEARD_MS;
}

static void put_own(struct html *text, const struct site *site, bool is_up)
{
    const struct http_figures http = http_figures(site->http);
    const double values[OWN_COUNT] = {
        [OWN_UP] = is_up,
        [OWN_LIVE] = is_live(&site->copy),
        [OWN_POSITION] = (double)site->copy.position,
        [OWN_AGE] = (double)copy_age_ms(&site->copy) / 1000,
        [OWN_CONNECTIONS] = http.connections,
        [OWN_STREAMS] = http.streams,
        [OWN_REQUESTS] = (double)http.requests,
        [OWN_CUT_OFF] = (double)(http.cut_off + site->live.cut_off),
        [OWN_RENDERED] = (double)site->render.rendered,
        [OWN_REUSED] = (double)site->render.reused,
        [OWN_ASKING] = site->asks.waiting,
        [OWN_MOMENTS] = (double)site->moments.bytes,
    };
#define OWN(NAME, metric, type, help) put_metric(text, metric, type, help, values[OWN_##NAME]);
#define DAEMON(...)
#include "clients/dashboard/metrics.def"
#undef OWN
#undef DAEMON
}

static void put_daemon(struct html *text, const json_t *status)
{
#define OWN(...)
#define DAEMON(field, metric, type, divided, help)                                                 \
    put_metric(text, metric, type, help,                                                           \
               (double)json_integer_value(json_object_get(status, field)) / (divided));
#include "clients/dashboard/metrics.def"
#undef OWN
#undef DAEMON
}

enum http_reply metrics_handle(struct site *site, const struct http_request *request,
                               struct http_response *response)
{
    struct html text = {0};
    const json_t *status = NULL;
    // Once a second is often enough, however many ask.
    enum ask_state state =
        asks_find(&site->asks, json_pack("{s:s}", "request", "status"),
                  (uint64_t)(loop_now_ms() / 1000), 0, site->copy.state != COPY_STALE, &status);
    if (state == ASK_WAITS) {
        return HTTP_WAIT;
    }
    put_own(&text, site, state == ASK_HERE);
    if (state == ASK_HERE) {
        put_daemon(&text, status);
    }
    response->cache = "no-store";
    if (text.failed) {
        html_finish(&text);
    }
    return reply_body(request, response, 200, "text/plain; version=0.0.4; charset=utf-8", text.data,
                      text.size);
}

// Each thing that must hold, the first that does not; NULL: all is well. It rests on the heartbeat
// itself, not on what the feed makes of it.
static const char *why_ill(const struct copy *copy, int64_t heartbeat_ms)
{
    if (!copy->is_whole) {
        return "the daemon has not been reached yet";
    }
    if (heartbeat_ms < 0 && copy->problem != NULL && copy->problem[0] != '\0') {
        return copy->problem;
    }
    if (heartbeat_ms < 0 || heartbeat_ms >= HEARD_MS) {
        return "no heartbeat for 3 seconds";
    }
    return copy->position < copy->head ? "the view is behind the head of the log" : NULL;
}

enum http_reply metrics_health(struct site *site, const struct http_request *request,
                               struct http_response *response)
{
    const struct copy *copy = &site->copy;
    int64_t heartbeat_ms = copy_heartbeat_ms(copy);
    const char *why = why_ill(copy, heartbeat_ms);
    json_t *health = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "status", why == NULL ? "ok" : "stale", "state",
        copy_state_name(copy->state), "why", why == NULL ? "the view is as new as the log" : why,
        "head", (json_int_t)copy->head, "position", (json_int_t)copy->position, "heartbeat_ms",
        (json_int_t)heartbeat_ms, "age_ms", (json_int_t)copy_age_ms(copy));
    char *text = health == NULL ? NULL : json_dumps(health, JSON_COMPACT);
    json_decref(health);
    response->cache = "no-store";
    return reply_body(request, response, why == NULL ? 200 : 503, "application/json", text,
                      text == NULL ? 0 : strlen(text));
}
