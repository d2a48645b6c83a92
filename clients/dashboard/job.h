/*
 * job - what the functions of jobs.def share.
 */
#ifndef DASHBOARD_JOB_H
#define DASHBOARD_JOB_H

#include "clients/lib/waternet.h"

#include <jansson.h>

#define JOB_BYTES_MAX 8388608 // of the daemon's answers to one job
#define JOB_MS_MAX 15000
#define REPORT_PERIOD_MAX 2000 // events in the period of a report
#define REPORT_LOG_MAX 100000  // events of its region

struct job {
    struct waternet *connection;
    const json_t *request;
    json_t *answer; // what it comes to; an empty object at first
    size_t bytes;   // of the daemon's answers so far
    int64_t end_ms; // it stops there
};

#define JOB(NAME, name, function) enum waternet_status function(struct job *job);
#include "clients/dashboard/jobs.def"
#undef JOB

// The text of a key of the request; NULL if there is none.
const char *job_text(const struct job *job, const char *key);
uint64_t job_number(const struct job *job, const char *key);
// The daemon's answer to a question, which is given over; the caller ends it. WATERNET_TOO_BIG: the
// job has had enough.
enum waternet_status job_ask(struct job *job, json_t *request, json_t **ret_answer);
// The same, part by part: the items of `list` go into `rows`.
enum waternet_status job_ask_all(struct job *job, json_t *request, const char *list, json_t *rows);
// The number of the last event recorded before a time, in milliseconds since 1970.
enum waternet_status job_find_before(struct job *job, uint64_t before_ms, uint64_t *ret_at);
// Adds "at" and "on" to a question where they are given: 0, NULL.
json_t *job_put_moment(json_t *request, uint64_t at, const char *on);

#endif
