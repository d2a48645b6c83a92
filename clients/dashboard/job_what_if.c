// {"job": "what-if", "path", "members": {member: takes part}, "allocation": {...}, "position"}: a
// dry run of participations and costs.allocated, in the role that may ask but post nothing of it.
//
//     {"shares": {member: cents}} or {"problem": "refused", "faults": [...]}
#include "clients/dashboard/job.h"

#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>

static char *make_event(const struct job *job, const char *type, json_t *data)
{
    char id[WATERNET_ID_SIZE], full[128];
    waternet_new_id(id);
    (void)snprintf(full, sizeof(full), "%s%s.v1", waternet_type_prefix(job->connection),
                   type); // it fits
    json_t *event =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "specversion", "1.0", "id", id, "type", full,
                  "subject", job_text(job, "path"), "as", "dashboard", "data", data);
    char *text = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    return text;
}

static unsigned make_events(const struct job *job, char **events)
{
    unsigned count = 0;
    const char *member = NULL;
    json_t *takes_part = NULL;
    json_object_foreach(json_object_get(job->request, "members"), member, takes_part)
    {
        if (count + 1 < EVENTS_PER_POST_MAX) {
            events[count++] = make_event(
                job, json_is_true(takes_part) ? "participation.declared" : "participation.ended",
                json_pack("{s:s}", "member", member));
        }
    }
    events[count++] = make_event(job, "costs.allocated",
                                 json_incref(json_object_get(job->request, "allocation")));
    return count;
}

enum waternet_status job_what_if(struct job *job)
{
    char *events[EVENTS_PER_POST_MAX] = {0};
    struct waternet_answer *answer = NULL;
    unsigned count = make_events(job, events);
    enum waternet_status status = waternet_post(job->connection, (const char *const *)events, count,
                                                WATERNET_DRY_RUN, &answer);
    const char *text = answer == NULL ? NULL : waternet_answer_json(answer);
    json_t *told = text == NULL ? NULL : json_loads(text, 0, NULL);
    const json_t *made = json_object_get(told, "events");
    json_t *shares = json_object_get(
        json_object_get(json_array_get(made, json_array_size(made) - 1), "data"), "shares");
    if (shares != NULL) {
        json_object_set(job->answer, "shares", shares);
    }
    if (json_object_get(told, "faults") != NULL) {
        json_object_set(job->answer, "faults", json_object_get(told, "faults"));
    }
    json_decref(told);
    waternet_answer_free(&answer);
    for (unsigned i = 0; i < count; i++) {
        free(events[i]);
    }
    return status;
}
