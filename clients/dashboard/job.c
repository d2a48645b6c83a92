#include "clients/dashboard/job.h"

#include "clients/dashboard/loop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *job_text(const struct job *job, const char *key)
{
    return json_string_value(json_object_get(job->request, key));
}

uint64_t job_number(const struct job *job, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(job->request, key));
}

enum waternet_status job_ask(struct job *job, json_t *request, json_t **ret_answer)
{
    struct waternet_answer *answer = NULL;
    char *text = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);
    enum waternet_status status = WATERNET_FAILED;
    *ret_answer = NULL;
    if (text != NULL) {
        status = loop_now_ms() > job->end_ms || job->bytes > JOB_BYTES_MAX
                     ? WATERNET_TOO_BIG
                     : waternet_ask(job->connection, text, &answer);
    }
    const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
    if (status == WATERNET_OK) {
        *ret_answer = json == NULL ? NULL : json_loads(json, 0, NULL);
        status = *ret_answer == NULL ? WATERNET_FAILED : WATERNET_OK;
        job->bytes += json == NULL ? 0 : strlen(json);
    }
    waternet_answer_free(&answer);
    free(text);
    json_decref(request);
    return status;
}

enum waternet_status job_ask_all(struct job *job, json_t *request, const char *list, json_t *rows)
{
    enum waternet_status status = WATERNET_OK;
    bool more = true;
    while (more && status == WATERNET_OK) {
        json_t *part = NULL;
        status = job_ask(job, json_incref(request), &part);
        json_array_extend(rows, json_object_get(part, list)); // nothing if there is none
        json_t *next = json_object_get(part, "next");
        more = json_is_string(next);
        if (more) {
            json_object_set(request, "from", next);
        }
        json_decref(part);
    }
    json_decref(request);
    return status;
}

json_t *job_put_moment(json_t *request, uint64_t at, const char *on)
{
    if (at > 0) {
        json_object_set_new(request, "at", json_integer((json_int_t)at));
    }
    if (on != NULL) {
        json_object_set_new(request, "on", json_string(on));
    }
    return request;
}

// The time of an event in milliseconds; 0 without one.
static uint64_t time_of(const json_t *answer)
{
    struct tm parts = {0};
    unsigned thousandths = 0;
    const json_t *event = json_array_get(json_object_get(answer, "events"), 0);
    const char *text = json_string_value(json_object_get(event, "time"));
    const char *rest = text == NULL ? NULL : strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == NULL) {
        return 0;
    }
    (void)sscanf(rest, ".%3u", &thousandths); // otherwise it stays 0
    return (uint64_t)timegm(&parts) * 1000 + thousandths;
}

// Times never go back in the log, so halving finds it.
enum waternet_status job_find_before(struct job *job, uint64_t before_ms, uint64_t *ret_at)
{
    json_t *answer = NULL;
    enum waternet_status status = job_ask(job, json_pack("{s:s}", "request", "status"), &answer);
    uint64_t low = 0, high = (uint64_t)json_integer_value(json_object_get(answer, "head"));
    json_decref(answer);
    while (status == WATERNET_OK && low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        status = job_ask(job,
                         json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", "/",
                                   "after", (json_int_t)middle - 1, "until", (json_int_t)middle),
                         &answer);
        if (time_of(answer) < before_ms) {
            low = middle;
        } else {
            high = middle - 1;
        }
        json_decref(answer);
    }
    *ret_at = low;
    return status;
}
