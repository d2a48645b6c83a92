/*
 * waternet-dashboard - the programme at a glance, live, for everybody.
 *
 *     waternetd -> feed -> copy -> pages -> http -> browsers
 *
 * One loop that never waits: signals, the feed's reports, the HTTP library's descriptor, a timer.
 */
#include "clients/dashboard/jobs.h"
#include "clients/dashboard/loop.h"
#include "clients/dashboard/options.h"
#include "clients/dashboard/site.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define REPORTS_A_TURN 512
#define BEAT_SECONDS 5 // a comment to every stream, so that who has gone is noticed
#define TICK_MS 1000
#define DESCRIPTORS 65536
#define ASKS_WAITING 64
#define ASK_MS 10000 // that a daemon is away is known sooner, by its heartbeats
#define JOBS_KEPT 24 // an answer may be large
#define JOBS_WAITING 8
#define JOBS_EACH 2 // of one address
#define JOB_MS 30000
#define CONTRIBUTIONS_MAX 100000

struct dashboard {
    struct options options;
    struct waternet_options daemon;
    struct site site;
    struct http *http;
    struct feed *feed;
    struct jobs *jobs;
    struct loop *loop;
    int signal_fd;
    unsigned ticks;
};

static int complain(const char *what, const char *problem)
{
    (void)fprintf(stderr, "<3>waternet-dashboard: %s: %s\n", what, problem); // nobody else to tell
    return EXIT_FAILURE;
}

// Turns -----------------------------------------------------------------------------------------

// Events that belong to a whole go out together.
static void publish(struct dashboard *dashboard)
{
    struct copy *copy = &dashboard->site.copy;
    if (copy->events_end - copy->events_published > COPY_EVENTS) {
        copy->events_published = copy->events_end - COPY_EVENTS;
    }
    for (; copy->events_published < copy->events_end; copy->events_published++) {
        const struct copy_event *event = &copy->events[copy->events_published % COPY_EVENTS];
        if (event->seq > 0) {
            live_publish(&dashboard->site.live, copy, event);
        }
    }
}

// Whether somebody who waits for an answer is to be told that there is none.
static bool give_up(struct site *site, bool all)
{
    bool asks = asks_give_up(&site->asks, all);
    bool jobs = asks_give_up(&site->jobs, all);
    return asks || jobs;
}

static void take_change(struct dashboard *dashboard, enum copy_change change)
{
    struct site *site = &dashboard->site;
    switch (change) {
    case COPY_NOTHING:
        return;
    case COPY_HISTORY:
        live_history(&site->live, &site->copy);
        publish(dashboard);
        break;
    case COPY_CONTENT:
        publish(dashboard);
        break;
    case COPY_STATE:
        live_state(&site->live, &site->copy);
        if (site->copy.state == COPY_STALE && give_up(site, true)) {
            http_wake_waiting(dashboard->http);
        }
        break;
    }
    http_wake_streams(dashboard->http);
}

static bool on_reports(void *context)
{
    struct dashboard *dashboard = context;
    struct feed_report report;
    for (int i = 0; i < REPORTS_A_TURN && feed_take(dashboard->feed, &report); i++) {
        if (report.report == REPORT_ANSWER) {
            (void)asks_take(&dashboard->site.asks, &report); // or nobody waits any more
            http_wake_waiting(dashboard->http);
            http_wake_streams(dashboard->http); // those that are still in the log
        } else if (report.report == REPORT_POSTED) {
            (void)outbox_take(&dashboard->site.contribute.outbox, &report); // the same
            http_wake_waiting(dashboard->http);
        } else {
            take_change(dashboard, copy_report(&dashboard->site.copy, &report));
        }
    }
    http_turn(dashboard->http);
    return true;
}

static bool on_jobs(void *context)
{
    struct dashboard *dashboard = context;
    struct feed_report report;
    while (jobs_take(dashboard->jobs, &report)) {
        (void)asks_take(&dashboard->site.jobs, &report); // or nobody waits any more
        http_wake_waiting(dashboard->http);
    }
    http_turn(dashboard->http);
    return true;
}

static bool on_http(void *context)
{
    struct dashboard *dashboard = context;
    http_turn(dashboard->http);
    return true;
}

static bool on_tick(void *context)
{
    struct dashboard *dashboard = context;
    struct site *site = &dashboard->site;
    take_change(dashboard, copy_tick(&site->copy));
    bool given_up = outbox_give_up(&site->contribute.outbox);
    given_up = give_up(site, false) || given_up;
    if (given_up) {
        http_wake_waiting(dashboard->http);
    }
    if (++dashboard->ticks % BEAT_SECONDS == 0) {
        live_state(&site->live, &site->copy);
        http_wake_streams(dashboard->http);
        (void)sd_notify(0, "WATCHDOG=1"); // without systemd there is nobody to tell
    }
    http_turn(dashboard->http);
    return true;
}

static bool on_signal(void *context)
{
    (void)context; // whatever stands there, it ends
    return false;
}

// From start to stop ----------------------------------------------------------------------------

static int open_signals(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);        // cannot fail
    (void)sigaddset(&signals, SIGTERM); // a known signal
    (void)sigaddset(&signals, SIGINT);  // the same
    (void)signal(SIGPIPE, SIG_IGN);     // a known signal
    return sigprocmask(SIG_BLOCK, &signals, NULL) == 0
               ? signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)
               : -1;
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // otherwise it stays as it was
    }
}

static bool read_audience(const char *text, enum audience *ret_audience)
{
    *ret_audience = strcmp(text, "members") == 0 ? AUDIENCE_MEMBERS : AUDIENCE_PUBLIC;
    return *ret_audience == AUDIENCE_MEMBERS || strcmp(text, "public") == 0;
}

static void ask_feed(void *feed, uint64_t number, const char *request)
{
    feed_ask(feed, number, request);
}

static void ask_jobs(void *jobs, uint64_t number, const char *job)
{
    jobs_ask(jobs, number, job);
}

// Returns 0, or what to exit with after having said why.
static int open_all(struct dashboard *dashboard)
{
    const struct options *options = &dashboard->options;
    struct site *site = &dashboard->site;
    struct http_limits limits;
    enum audience audience;
    unsigned contributions = 0;
    const char *problem = NULL;
    if (!read_audience(options->audience, &audience)) {
        (void)complain("--audience", "it takes public or members");
        return EXIT_USAGE;
    }
    if (!options_number(options->connections, 1, DESCRIPTORS, &limits.connections) ||
        !options_number(options->per_address, 0, DESCRIPTORS, &limits.per_address) ||
        !options_number(options->contributions, 0, CONTRIBUTIONS_MAX, &contributions)) {
        (void)complain("--connections, --per-address, --contributions", "each takes a number");
        return EXIT_USAGE;
    }
    limits.body_max = site_body_max;
    copy_init(&site->copy, audience);
    dashboard->signal_fd = open_signals();
    if (dashboard->signal_fd < 0 || !assets_init(&site->assets)) {
        return complain("start", "no memory");
    }
    dashboard->http = http_open(options->listen, limits, site_handle, site, &problem);
    if (dashboard->http == NULL) {
        return complain(options->listen, problem);
    }
    site->http = dashboard->http;
    dashboard->daemon = (struct waternet_options){.runtime_dir = options->runtime,
                                                  .server = options->server,
                                                  .server_key = options->server_key,
                                                  .key_file = options->key_file};
    dashboard->feed = feed_start(&dashboard->daemon);
    dashboard->jobs = jobs_start(&dashboard->daemon);
    site->asks = (struct asks){.ask = ask_feed,
                               .context = dashboard->feed,
                               .most = ASKS_MAX,
                               .waiting_most = ASKS_WAITING,
                               .asked_most = ASKS_WAITING,
                               .patience_ms = ASK_MS};
    site->jobs = (struct asks){.ask = ask_jobs,
                               .context = dashboard->jobs,
                               .most = JOBS_KEPT,
                               .waiting_most = JOBS_WAITING,
                               .each_most = JOBS_EACH,
                               .asked_most = 1,
                               .patience_ms = JOB_MS};
    site->facts = (struct operator_facts){options->organisation, options->contact};
    if (!contribute_init(&site->contribute, dashboard->feed, contributions)) {
        return complain("start", "no randomness");
    }
    return dashboard->feed == NULL || dashboard->jobs == NULL ? complain("start", "no thread") : 0;
}

static int run(struct dashboard *dashboard)
{
    struct loop *loop = loop_open();
    dashboard->loop = loop;
    if (loop == NULL || !loop_watch_fd(loop, dashboard->signal_fd, on_signal, dashboard) ||
        !loop_watch_fd(loop, http_fd(dashboard->http), on_http, dashboard) ||
        !loop_watch_socket(loop, feed_socket(dashboard->feed), on_reports, dashboard) ||
        !loop_watch_socket(loop, jobs_socket(dashboard->jobs), on_jobs, dashboard) ||
        !loop_every(loop, TICK_MS, on_tick, dashboard)) {
        return complain("start", "no memory");
    }
    (void)fprintf(stderr, "<6>waternet-dashboard: listens on %s port=%u\n",
                  dashboard->options.listen, http_port(dashboard->http)); // nobody else to tell
    (void)sd_notify(0, "READY=1"); // without systemd there is nobody to tell
    loop_run(loop);                // until a signal
    (void)sd_notify(0, "STOPPING=1");
    return 0;
}

static void close_all(struct dashboard *dashboard)
{
    feed_stop(&dashboard->feed);
    jobs_stop(&dashboard->jobs);
    http_close(&dashboard->http); // ends the streams, which read the ring
    loop_close(&dashboard->loop);
    if (dashboard->signal_fd > 0) {
        (void)close(dashboard->signal_fd); // nothing was written to it
    }
    asks_finish(&dashboard->site.asks);
    asks_finish(&dashboard->site.jobs);
    moments_finish(&dashboard->site.moments);
    outbox_finish(&dashboard->site.contribute.outbox);
    live_finish(&dashboard->site.live);
    render_finish(&dashboard->site.render);
    assets_finish(&dashboard->site.assets);
    copy_finish(&dashboard->site.copy);
}

// A stream that is closed would lend its number to a socket, and the log lines go there.
static void hold_streams(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd > STDERR_FILENO) {
        (void)close(fd); // the one too many
    }
}

int main(int count, char **arguments)
{
    static struct dashboard dashboard; // everything that lives long; too large for the stack
    const char *problem = NULL;
    hold_streams();
    raise_descriptors();
    // CZMQ must not take the signals; people read the time of this part of Europe.
    (void)setenv("ZSYS_SIGHANDLER", "false", 1);
    (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 0);
    if (!options_read(&dashboard.options, count - 1, arguments + 1, &problem)) {
        (void)fprintf(stderr, "waternet-dashboard: %s\n", problem); // nobody else to tell
        return EXIT_USAGE;
    }
    if (dashboard.options.help) {
        options_help();
        return 0;
    }
    if (dashboard.options.version) {
        (void)printf("waternet-dashboard %s\n", WATERNET_VERSION); // the same
        return 0;
    }
    int code = open_all(&dashboard);
    if (code == 0) {
        code = run(&dashboard);
    }
    close_all(&dashboard);
    return code;
}
