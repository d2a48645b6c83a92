/*
 * jobs - what takes more than one question to the daemon, in a thread of its own: the past, what
 * changed, the report, a what-if.
 *
 *     pages -- job --> jobs (thread) --> waternetd
 *           <- answer -
 *
 * One at a time, on a connection that following does not wait for: however large a job is, open
 * pages stay as new as the log. A job is a JSON object {"job": name, ...} (jobs.def); its answer is
 * an object too, bounded, with "problem" in it if it came to nothing: "not-found", "too-big",
 * "refused" or "failed".
 */
#ifndef DASHBOARD_JOBS_H
#define DASHBOARD_JOBS_H

#include "clients/dashboard/feed.h"

struct jobs;

// As with feed.h.
struct jobs *jobs_start(const struct waternet_options *options);
void jobs_stop(struct jobs **jobs);
void *jobs_socket(struct jobs *jobs);
bool jobs_take(struct jobs *jobs, struct feed_report *ret_report); // each is REPORT_ANSWER
void jobs_ask(struct jobs *jobs, uint64_t number, const char *request);

#endif
