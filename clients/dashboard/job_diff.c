// What changed, and by which event: clients/past, as `waternet diff` has it.
//
//     {"job": "diff", "region", "path"?, "on": [day, day] or "before_ms": [ms, ms], "at",
//     "members"}
//     {"differences": [...], "more"?: true}
#include "clients/dashboard/copy.h"
#include "clients/dashboard/job.h"
#include "clients/past/both.h"
#include "clients/past/differences.h"

#include <string.h>

#define DIFFERENCES_MAX 200

struct diff {
    struct job *job;
    struct past past;
    struct both both;
    json_t *differences;
    enum audience audience;
    int status;
};

static int ask(void *context, json_t *request, const char *about, bool perhaps, json_t **ret_answer)
{
    (void)about; // nobody is told what was asked
    enum waternet_status status = job_ask(context, request, ret_answer);
    return perhaps && status == WATERNET_NOT_FOUND ? 0 : (int)status;
}

// Only its number: what made it newer is not to be seen.
static bool is_hidden(const struct diff *diff, const json_t *difference)
{
    const json_t *fields = json_object_get(difference, "fields");
    return diff->audience == AUDIENCE_PUBLIC && json_array_size(fields) == 1 &&
           strcmp(past_text(json_array_get(fields, 0), "field"), "version") == 0;
}

static json_t *visible(const struct diff *diff, enum kind kind, const json_t *record)
{
    json_t *copied = record == NULL ? NULL : json_deep_copy(record);
    copy_hide(diff->audience, kind, copied);
    return copied;
}

static bool take(void *context, const char *path, const json_t *before, const json_t *after)
{
    struct diff *diff = context;
    const char *kind_begin = strchr(path, '/') + 1; // a path has three parts
    enum kind kind = kind_find((struct bytes){kind_begin, strcspn(kind_begin, "/")});
    json_t *was = visible(diff, kind, before), *is = visible(diff, kind, after);
    json_t *difference = differences_of(path, was, is);
    if (difference != NULL && !is_hidden(diff, difference)) {
        diff->status = both_explain(&diff->both, difference, is);
        json_array_append(diff->differences, difference);
    }
    json_decref(difference);
    json_decref(is);
    json_decref(was);
    bool more = json_array_size(diff->differences) < DIFFERENCES_MAX;
    if (!more) {
        json_object_set_new(diff->job->answer, "more", json_true());
    }
    return more && diff->status == 0;
}

static enum waternet_status read_moment(struct job *job, size_t index, struct moment *ret_moment)
{
    const json_t *on = json_array_get(json_object_get(job->request, "on"), index);
    const json_t *before_ms = json_array_get(json_object_get(job->request, "before_ms"), index);
    *ret_moment =
        (struct moment){.fixed = true, .at = job_number(job, "at"), .on = json_string_value(on)};
    return json_integer_value(before_ms) == 0
               ? WATERNET_OK
               : job_find_before(job, (uint64_t)json_integer_value(before_ms), &ret_moment->at);
}

enum waternet_status job_diff(struct job *job)
{
    bool members = json_is_true(json_object_get(job->request, "members"));
    struct diff diff = {
        .job = job,
        .past = {ask, job, waternet_type_prefix(job->connection)},
        .both = {.region = job_text(job, "region"), .path = job_text(job, "path")},
        .differences = json_array(),
        .audience = members ? AUDIENCE_MEMBERS : AUDIENCE_PUBLIC,
    };
    diff.both.past = &diff.past;
    enum waternet_status status = read_moment(job, 0, &diff.both.from);
    status = status == WATERNET_OK ? read_moment(job, 1, &diff.both.to) : status;
    if (status == WATERNET_OK) {
        status = (enum waternet_status)both_walk(&diff.both, take, &diff);
    }
    json_object_set_new(job->answer, "differences", diff.differences);
    return status == WATERNET_OK ? (enum waternet_status)diff.status : status;
}
