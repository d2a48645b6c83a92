// How things stood: the entities of a region with what each needs next and what is not known, or
// those of a few kinds of all regions.
//
//     {"job": "content", "region" or "kinds": [...], "at" or "before_ms", "on"?}
//     {"at": number, "records": [{path, record}], "next": {region: [...]}, "gaps": {region: [...]}}
#include "clients/dashboard/job.h"

// What a region needs or lacks; one that was not there yet has neither.
static enum waternet_status put_question(struct job *job, const char *region, const char *name,
                                         const char *list, uint64_t at)
{
    json_t *rows = json_array();
    json_t *request = json_pack("{s:s, s:s}", "request", name, "region", region);
    enum waternet_status status =
        job_ask_all(job, job_put_moment(request, at, job_text(job, "on")), list, rows);
    json_object_set_new(job->answer, name, json_pack("{s:o}", region, rows));
    return status == WATERNET_NOT_FOUND ? WATERNET_OK : status;
}

static enum waternet_status put_records(struct job *job, const char *region, uint64_t at)
{
    json_t *rows = json_array(), *kind = NULL;
    const json_t *kinds = json_object_get(job->request, "kinds");
    const char *on = job_text(job, "on");
    size_t index = 0;
    enum waternet_status status = WATERNET_OK;
    if (region != NULL) {
        json_t *request = json_pack("{s:s, s:s}", "request", "list", "region", region);
        status = job_ask_all(job, job_put_moment(request, at, on), "entities", rows);
    }
    json_array_foreach(kinds, index, kind)
    {
        if (status == WATERNET_OK) {
            json_t *request = json_pack("{s:s, s:O}", "request", "list", "kind", kind);
            status = job_ask_all(job, job_put_moment(request, at, on), "entities", rows);
        }
    }
    json_object_set_new(job->answer, "records", rows);
    return status;
}

enum waternet_status job_content(struct job *job)
{
    const char *region = job_text(job, "region");
    uint64_t at = job_number(job, "at"), before_ms = job_number(job, "before_ms");
    enum waternet_status status = WATERNET_OK;
    if (before_ms > 0) {
        status = job_find_before(job, before_ms, &at);
    }
    json_object_set_new(job->answer, "at", json_integer((json_int_t)at));
    if (status == WATERNET_OK && at > 0) { // before the first event there was nothing
        status = put_records(job, region, at);
    }
    if (status == WATERNET_OK && at > 0 && region != NULL) {
        status = put_question(job, region, "next", "werkplaatsen", at);
    }
    if (status == WATERNET_OK && at > 0 && region != NULL) {
        status = put_question(job, region, "gaps", "gaps", at);
    }
    return status;
}
