/*
 * feed - all that is asked of the daemon, in a thread of its own, so that no page ever waits for
 * it.
 *
 *     waternetd <-- feed (thread) -- reports --> copy (the loop that serves pages)
 *                        <-- questions --
 *
 * The thread lists every entity, then follows the log. For each event it gets the subject anew, and
 * for each region touched what is needed next and what is not known; several events of one moment
 * cost one get a subject. The two threads share nothing but messages: a report is a few frames,
 * the first of which says which (reports.def).
 *
 * While the daemon is away the thread goes on trying; the loop goes on with what it has.
 */
#ifndef DASHBOARD_FEED_H
#define DASHBOARD_FEED_H

#include "clients/lib/waternet.h"

enum report {
    REPORT_NONE = 0,
#define REPORT(number, NAME, name, frames) REPORT_##NAME = (number),
#include "clients/dashboard/reports.def"
#undef REPORT
};

struct feed;

#define FEED_FRAMES_MAX 6
struct feed_report {
    enum report report;
    const char *frames[FEED_FRAMES_MAX]; // "" where there are fewer
};

// Starts the thread. The options' texts are needed as long as it runs. NULL without memory.
struct feed *feed_start(const struct waternet_options *options);
void feed_stop(struct feed **feed);

// The socket on which reports come, for loop_watch_socket(): after a call take until there is none.
void *feed_socket(struct feed *feed);
// The next report; false if there is none now. Lent until the next call.
bool feed_take(struct feed *feed, struct feed_report *ret_report);

// Asks any question of proto/README.md; the answer comes as a report with that number.
void feed_ask(struct feed *feed, uint64_t number, const char *request);
// Posts one event, a CloudEvent, as the dashboard and nobody else; what came of it is reported with
// that number.
void feed_post(struct feed *feed, uint64_t number, const char *event);

#endif
