#include "clients/dashboard/jobs.h"

#include "clients/dashboard/job.h"

#include <czmq.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 2000 // of a question
#define FRAMES 3        // of an answer: number, status, json

static const struct {
    const char *name;
    enum waternet_status (*run)(struct job *job);
} rows[] = {
#define JOB(NAME, name, function) {name, function},
#include "clients/dashboard/jobs.def"
#undef JOB
};

// The thread's side -----------------------------------------------------------------------------

struct worker {
    zsock_t *pipe;
    struct waternet_options options;
    struct waternet *connection;
};

static const char *problem_of(enum waternet_status status)
{
    switch ((int)status) { // the others are failures, whatever they are called
    case WATERNET_NOT_FOUND:
        return "not-found";
    case WATERNET_TOO_BIG:
        return "too-big";
    case WATERNET_REFUSED:
    case WATERNET_MALFORMED:
    case WATERNET_NOT_ALLOWED:
    case WATERNET_CONFLICT:
        return "refused";
    default:
        return "failed";
    }
}

static enum waternet_status run_one(struct job *job)
{
    const char *name = job_text(job, "job");
    for (size_t i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].run(job);
        }
    }
    return WATERNET_FAILED;
}

static enum waternet_status do_job(struct worker *worker, const char *text, char **ret_json)
{
    const char *problem = NULL; // the feed tells why there is no daemon
    json_t *request = json_loads(text, 0, NULL);
    struct job job = {
        .request = request, .answer = json_object(), .end_ms = zclock_mono() + JOB_MS_MAX};
    enum waternet_status status = WATERNET_OK;
    if (worker->connection == NULL) {
        status = waternet_open(&worker->options, &worker->connection, &problem);
        status = status == WATERNET_OK ? status : WATERNET_NO_ANSWER;
    }
    job.connection = worker->connection;
    status = status == WATERNET_OK ? run_one(&job) : status;
    if (status != WATERNET_OK) {
        json_object_set_new(job.answer, "problem", json_string(problem_of(status)));
    }
    if (status == WATERNET_NO_ANSWER) {
        waternet_close(&worker->connection);
    }
    *ret_json = json_dumps(job.answer, JSON_COMPACT);
    json_decref(job.answer);
    json_decref(request);
    return status;
}

static void answer(struct worker *worker, zmsg_t *message)
{
    char *number = zmsg_popstr(message), *text = zmsg_popstr(message), *json = NULL;
    char status[16];
    (void)snprintf(status, sizeof(status), "%d",
                   (int)do_job(worker, text == NULL ? "" : text, &json)); // it fits
    zmsg_t *told = zmsg_new();
    zmsg_addstr(told, number == NULL ? "" : number);
    zmsg_addstr(told, status);
    zmsg_addstr(told, json == NULL ? "{}" : json);
    zmsg_send(&told, worker->pipe);
    free(json);
    zstr_free(&text);
    zstr_free(&number);
}

static void run(zsock_t *pipe, void *options)
{
    struct worker worker = {.pipe = pipe};
    bool ended = false;
    worker.options = *(const struct waternet_options *)options;
    worker.options.timeout_ms = TIMEOUT_MS;
    (void)zsock_signal(pipe, 0); // the actor has started; its maker waits for that
    while (!ended) {
        zmsg_t *message = zmsg_recv(pipe);
        char *word = message == NULL ? NULL : zmsg_popstr(message);
        ended = word == NULL || strcmp(word, "$TERM") == 0;
        if (!ended) {
            answer(&worker, message);
        }
        zstr_free(&word);
        zmsg_destroy(&message);
    }
    waternet_close(&worker.connection);
}

// The loop's side -------------------------------------------------------------------------------

struct jobs {
    struct waternet_options options; // for the thread
    zactor_t *actor;
    char *frames[FRAMES]; // of the answer that is lent out
};

struct jobs *jobs_start(const struct waternet_options *options)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));
    if (jobs != NULL) {
        jobs->options = *options;
        jobs->actor = zactor_new(run, &jobs->options);
    }
    return jobs;
}

static void forget(struct jobs *jobs)
{
    for (int i = 0; i < FRAMES; i++) {
        zstr_free(&jobs->frames[i]);
    }
}

void jobs_stop(struct jobs **jobs)
{
    if (*jobs != NULL) {
        zactor_destroy(&(*jobs)->actor);
        forget(*jobs);
    }
    free(*jobs);
    *jobs = NULL;
}

void *jobs_socket(struct jobs *jobs)
{
    return zactor_sock(jobs->actor);
}

bool jobs_take(struct jobs *jobs, struct feed_report *ret_report)
{
    *ret_report = (struct feed_report){.report = REPORT_ANSWER};
    forget(jobs);
    if ((zsock_events(zactor_sock(jobs->actor)) & ZMQ_POLLIN) == 0) {
        return false;
    }
    zmsg_t *message = zmsg_recv(jobs->actor);
    for (int i = 0; i < FRAMES; i++) {
        jobs->frames[i] = message == NULL ? NULL : zmsg_popstr(message);
        ret_report->frames[i] = jobs->frames[i] == NULL ? "" : jobs->frames[i];
    }
    zmsg_destroy(&message);
    return true;
}

void jobs_ask(struct jobs *jobs, uint64_t number, const char *request)
{
    char digits[24];
    (void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number); // it fits
    zmsg_t *message = zmsg_new();
    zmsg_addstr(message, "job");
    zmsg_addstr(message, digits);
    zmsg_addstr(message, request);
    zmsg_send(&message, jobs->actor);
}
