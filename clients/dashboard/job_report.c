// {"job": "report", "region", "from", "to", "language", "members", "position"}: the document of
// clients/report/report.h; or "long": a shorter period would do.
#include "clients/dashboard/job.h"
#include "clients/report/report.h"

enum waternet_status job_report(struct job *job)
{
    struct waternet_answer *answer = NULL;
    json_t *document = NULL;
    struct report_bounds bounds = {
        .period = REPORT_PERIOD_MAX, .log = REPORT_LOG_MAX, .end_ms = job->end_ms};
    struct report_options options = {
        .region = job_text(job, "region"),
        .from = job_text(job, "from"),
        .to = job_text(job, "to"),
        .members = json_is_true(json_object_get(job->request, "members")),
        .bounds = &bounds,
    };
    (void)words_language(job_text(job, "language"), &options.language); // ours
    enum waternet_status status = report_compose(job->connection, &options, &document, &answer);
    waternet_answer_free(&answer);
    if (status == WATERNET_OK) {
        json_object_set_new(job->answer, "document", document);
    }
    if (bounds.is_long) {
        json_object_set_new(job->answer, "long", json_true());
    }
    return status;
}
