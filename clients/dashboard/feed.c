#include "clients/dashboard/feed.h"

#include <czmq.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define RECENT 1000   // events before the start that are reported too
#define BATCH_MAX 256 // events between two answers to the loop
#define RETRY_MS 1000
#define TELL_MS 1000    // how often the state is told
#define TIMEOUT_MS 2000 // of a question

struct worker {
    zsock_t *pipe;
    struct waternet_options options;
    struct waternet *connection;
    struct waternet_follower *follower;
    json_t *paths, *regions;   // touched, and not yet asked about; used as sets
    uint64_t listed, position; // records are as new as `listed`; told as whole up to `position`
    int64_t told_ms, retry_ms; // when the state was told; not before then is anything tried again
    const char *problem;
    bool ended;
};

static int64_t now_ms(void)
{
    return zclock_mono();
}

// Reports ---------------------------------------------------------------------------------------

static const char *const names[] = {
#define REPORT(number, NAME, name, frames) [number] = (name),
#include "clients/dashboard/reports.def"
#undef REPORT
};

static void tell(struct worker *worker, enum report report, const char *const *frames, size_t count)
{
    zmsg_t *message = zmsg_new();
    zmsg_addstr(message, names[report]);
    for (size_t i = 0; i < count; i++) {
        zmsg_addstr(message, frames[i]);
    }
    zmsg_send(&message, worker->pipe);
}
#define TELL(worker, report, ...)                                                                  \
    tell((worker), (report), (const char *const[]){__VA_ARGS__},                                   \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

struct digits {
    char text[24];
};

static struct digits digits_of(uint64_t number)
{
    struct digits digits;
    (void)snprintf(digits.text, sizeof(digits.text), "%llu", (unsigned long long)number); // it fits
    return digits;
}

static const char *state_of(const struct worker *worker)
{
    if (worker->follower == NULL) {
        return "stale";
    }
    switch (waternet_follower_state(worker->follower)) {
    case WATERNET_CATCHING_UP:
        return "catching-up";
    case WATERNET_LIVE:
        return json_object_size(worker->paths) > 0 ? "catching-up" : "live";
    case WATERNET_SILENT:
        break;
    }
    return "stale";
}

static void tell_state(struct worker *worker)
{
    uint64_t head = 0;
    int64_t heard_ms =
        worker->follower == NULL ? -1 : waternet_follower_heartbeat(worker->follower, &head);
    char heard[24];
    (void)snprintf(heard, sizeof(heard), "%lld", (long long)heard_ms); // it fits
    worker->told_ms = now_ms();
    TELL(worker, REPORT_STATE, state_of(worker), digits_of(worker->position).text,
         worker->problem == NULL ? "" : worker->problem, digits_of(head).text, heard);
}

static void answer_question(struct worker *worker, zmsg_t *message)
{
    char *number = zmsg_popstr(message), *request = zmsg_popstr(message);
    struct waternet_answer *answer = NULL;
    enum waternet_status status = WATERNET_NO_ANSWER;
    if (worker->connection != NULL && number != NULL && request != NULL) {
        status = waternet_ask(worker->connection, request, &answer);
    }
    const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
    TELL(worker, REPORT_ANSWER, number == NULL ? "" : number, digits_of(status).text,
         json == NULL ? "{}" : json);
    waternet_answer_free(&answer);
    zstr_free(&number);
    zstr_free(&request);
}

// A key of a dashboard acts as that. A local user who has not been given that role hands in as who
// it is, a reader; never as the operator that this process may be.
static enum waternet_status post_as(struct worker *worker, const char *role, const char *text,
                                    struct waternet_answer **ret_answer)
{
    json_t *event = json_loads(text, 0, NULL);
    (void)json_object_set_new(event, "as", json_string(role)); // without memory it is no event
    char *made = event == NULL ? NULL : json_dumps(event, JSON_COMPACT);
    enum waternet_status status = WATERNET_FAILED;
    if (made != NULL) {
        status = waternet_post(worker->connection, (const char *const[]){made}, 1, 0, ret_answer);
    }
    free(made);
    json_decref(event);
    return status;
}

static void post(struct worker *worker, zmsg_t *message)
{
    char *number = zmsg_popstr(message), *event = zmsg_popstr(message);
    struct waternet_answer *answer = NULL;
    enum waternet_status status = WATERNET_NO_ANSWER;
    if (worker->connection != NULL && number != NULL && event != NULL) {
        status = post_as(worker, "dashboard", event, &answer);
        if (status == WATERNET_NOT_ALLOWED) {
            waternet_answer_free(&answer);
            status = post_as(worker, "reader", event, &answer);
        }
    }
    const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
    TELL(worker, REPORT_POSTED, number == NULL ? "" : number, digits_of(status).text,
         json == NULL ? "{}" : json);
    waternet_answer_free(&answer);
    zstr_free(&number);
    zstr_free(&event);
}

static void take_questions(struct worker *worker)
{
    while (!worker->ended && (zsock_events(worker->pipe) & ZMQ_POLLIN) != 0) {
        zmsg_t *message = zmsg_recv(worker->pipe);
        char *word = message == NULL ? NULL : zmsg_popstr(message);
        if (word == NULL || strcmp(word, "$TERM") == 0) {
            worker->ended = true;
        } else if (strcmp(word, "post") == 0) {
            post(worker, message);
        } else {
            answer_question(worker, message);
        }
        zstr_free(&word);
        zmsg_destroy(&message);
    }
}

// Asking ----------------------------------------------------------------------------------------

static void give_up(struct worker *worker, const char *problem)
{
    waternet_follower_close(&worker->follower);
    waternet_close(&worker->connection);
    json_object_clear(worker->paths);
    json_object_clear(worker->regions);
    worker->problem = problem;
    worker->retry_ms = now_ms() + RETRY_MS;
}

static json_t *ask(struct worker *worker, json_t *request, enum waternet_status *ret_status)
{
    struct waternet_answer *answer = NULL;
    char *text = json_dumps(request, JSON_COMPACT);
    *ret_status = text == NULL ? WATERNET_FAILED : waternet_ask(worker->connection, text, &answer);
    const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
    json_t *made = json == NULL ? NULL : json_loads(json, 0, NULL);
    waternet_answer_free(&answer);
    free(text);
    return made;
}

// Part by part: `take` gets each, the request goes on with `from`.
static enum waternet_status ask_all(struct worker *worker, json_t *request,
                                    void (*take)(struct worker *, json_t *part, void *),
                                    void *context)
{
    enum waternet_status status = WATERNET_OK;
    bool more = true;
    while (more && status == WATERNET_OK) {
        json_t *part = ask(worker, request, &status);
        json_t *next = json_object_get(part, "next");
        more = json_is_string(next);
        if (status == WATERNET_OK && part != NULL) {
            take(worker, part, context);
        }
        if (more) {
            json_object_set(request, "from", next);
        }
        json_decref(part);
    }
    json_decref(request);
    return status;
}

static void tell_json(struct worker *worker, enum report report, const char *region,
                      const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    if (text != NULL && region == NULL) {
        TELL(worker, report, text);
    } else if (text != NULL) {
        TELL(worker, report, region, text);
    }
    free(text);
}

// What each region needs next and what is not known ----------------------------------------------

static void gather(struct worker *worker, json_t *part, void *context)
{
    struct {
        const char *name;
        json_t *rows;
    } *gathered = context;
    (void)worker;
    json_array_extend(gathered->rows, json_object_get(part, gathered->name));
}

static enum waternet_status tell_question(struct worker *worker, enum report report,
                                          const char *name, const char *rows, const char *region)
{
    struct {
        const char *name;
        json_t *rows;
    } gathered = {rows, json_array()};
    enum waternet_status status = ask_all(
        worker, json_pack("{s:s, s:s}", "request", name, "region", region), gather, &gathered);
    if (status == WATERNET_OK) {
        tell_json(worker, report, region, gathered.rows);
    }
    json_decref(gathered.rows);
    return status;
}

static enum waternet_status tell_region(struct worker *worker, const char *region)
{
    enum waternet_status status =
        tell_question(worker, REPORT_NEXT, "next", "werkplaatsen", region);
    if (status == WATERNET_OK) {
        status = tell_question(worker, REPORT_GAPS, "gaps", "gaps", region);
    }
    return status == WATERNET_NOT_FOUND ? WATERNET_OK : status; // system is no region of its own
}

// Everything at the start ------------------------------------------------------------------------

static void take_list(struct worker *worker, json_t *part, void *context)
{
    bool *is_first = context;
    const json_t *entities = json_object_get(part, "entities");
    size_t index = 0;
    const json_t *entity = NULL;
    if (*is_first) {
        // Later parts may be newer: then their events are got again, which does no harm.
        worker->listed = (uint64_t)json_integer_value(json_object_get(part, "head"));
        *is_first = false;
    }
    json_array_foreach(entities, index, entity)
    {
        const char *path = json_string_value(json_object_get(entity, "path"));
        const char *slash = path == NULL ? NULL : strchr(path, '/');
        if (slash != NULL) {
            (void)json_object_setn_new(worker->regions, path, (size_t)(slash - path), json_true());
        }
    }
    tell_json(worker, REPORT_RECORDS, NULL, entities);
}

static enum waternet_status tell_regions(struct worker *worker)
{
    const char *region = NULL;
    json_t *value = NULL;
    void *next = NULL;
    enum waternet_status status = WATERNET_OK;
    json_object_foreach_safe(worker->regions, next, region, value)
    {
        status = tell_region(worker, region);
        if (status != WATERNET_OK) {
            break;
        }
        (void)json_object_del(worker->regions, region); // it was there
    }
    return status;
}

static void connect_anew(struct worker *worker)
{
    const char *problem = NULL;
    bool is_first = true;
    if (waternet_open(&worker->options, &worker->connection, &problem) != WATERNET_OK) {
        give_up(worker, problem);
        return;
    }
    TELL(worker, REPORT_BEGIN, waternet_log_id(worker->connection),
         waternet_type_prefix(worker->connection));
    enum waternet_status status =
        ask_all(worker, json_pack("{s:s}", "request", "list"), take_list, &is_first);
    if (status == WATERNET_OK) {
        status = tell_regions(worker);
    }
    if (status == WATERNET_OK) {
        uint64_t after = worker->listed > RECENT ? worker->listed - RECENT : 0;
        worker->position = 0; // until the recent events have been told
        status = waternet_follow(worker->connection, "/", after, &worker->follower);
    }
    if (status != WATERNET_OK) {
        give_up(worker, waternet_status_sentence(status));
    }
    worker->problem = status == WATERNET_OK ? NULL : worker->problem;
}

// Following -------------------------------------------------------------------------------------

static void tell_event(struct worker *worker, const struct waternet_event *event)
{
    char *json = waternet_event_json(worker->follower, event);
    if (json != NULL) {
        TELL(worker, REPORT_EVENT, digits_of(event->seq).text, digits_of(event->time).text,
             event->type, event->region, event->subject, json);
    }
    free(json);
    if (event->seq > worker->listed) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s", event->region, event->subject); // it fits
        json_object_set_new(worker->paths, path, json_true());
        json_object_set_new(worker->regions, event->region, json_true());
    }
}

// The subjects of the events, as they stand.
static enum waternet_status tell_paths(struct worker *worker)
{
    const char *path = NULL;
    json_t *value = NULL;
    void *next = NULL;
    enum waternet_status status = WATERNET_OK;
    json_object_foreach_safe(worker->paths, next, path, value)
    {
        struct waternet_answer *answer = NULL;
        status = waternet_get(worker->connection, path, &answer);
        const char *json = answer == NULL ? NULL : waternet_answer_json(answer);
        if (status == WATERNET_OK && json != NULL) {
            TELL(worker, REPORT_RECORDS, json);
        }
        waternet_answer_free(&answer);
        if (status != WATERNET_OK && status != WATERNET_NOT_FOUND) {
            return status;
        }
        (void)json_object_del(worker->paths, path); // it was there
    }
    return tell_regions(worker);
}

static void tell_whole(struct worker *worker)
{
    uint64_t position = waternet_follower_position(worker->follower);
    if (position < worker->listed) {
        return; // still among the events from before the start
    }
    enum waternet_status status = tell_paths(worker);
    if (status != WATERNET_OK) {
        worker->retry_ms = now_ms() + RETRY_MS; // the daemon went away: what was touched is kept
        return;
    }
    if (position != worker->position) {
        worker->position = position;
        TELL(worker, REPORT_WHOLE, digits_of(position).text);
        tell_state(worker);
    }
}

static void take_events(struct worker *worker)
{
    struct waternet_event event;
    enum waternet_status status = WATERNET_OK;
    for (int i = 0; i < BATCH_MAX && status == WATERNET_OK; i++) {
        status = waternet_next(worker->follower, 0, &event);
        if (status == WATERNET_OK) {
            tell_event(worker, &event);
        }
    }
    if (status == WATERNET_OK || status == WATERNET_AGAIN) {
        tell_whole(worker);
    } else {
        give_up(worker, waternet_status_sentence(status)); // also another history: all anew
    }
}

static void step(struct worker *worker)
{
    if (now_ms() >= worker->retry_ms && worker->connection == NULL) {
        connect_anew(worker);
    }
    if (now_ms() >= worker->retry_ms && worker->follower != NULL) {
        take_events(worker);
    }
}

static void wait_for_something(struct worker *worker)
{
    int64_t until = worker->told_ms + TELL_MS, now = now_ms();
    bool resting = now < worker->retry_ms;
    zmq_pollitem_t items[] = {
        {.socket = zsock_resolve(worker->pipe), .events = ZMQ_POLLIN},
        {.fd = worker->follower == NULL ? -1 : waternet_follower_fd(worker->follower),
         .events = ZMQ_POLLIN},
    };
    if (resting && worker->retry_ms < until) {
        until = worker->retry_ms;
    }
    int count = worker->follower == NULL || resting ? 1 : 2;
    // Interrupted or not: the next turn looks for itself.
    (void)zmq_poll(items, count, until > now ? (long)(until - now) : 0);
}

static void run(zsock_t *pipe, void *options)
{
    struct worker worker = {.pipe = pipe, .paths = json_object(), .regions = json_object()};
    worker.options = *(const struct waternet_options *)options;
    worker.options.timeout_ms = TIMEOUT_MS;
    (void)zsock_signal(pipe, 0); // the actor has started; its maker waits for that
    while (!worker.ended) {
        step(&worker);
        if (now_ms() - worker.told_ms >= TELL_MS) {
            tell_state(&worker);
        }
        wait_for_something(&worker);
        take_questions(&worker);
    }
    waternet_follower_close(&worker.follower);
    waternet_close(&worker.connection);
    json_decref(worker.paths);
    json_decref(worker.regions);
}

// The loop's side -------------------------------------------------------------------------------

struct feed {
    struct waternet_options options; // for the thread
    zactor_t *actor;
    // Of the report that is lent out.
    char *frames[FEED_FRAMES_MAX];
};

struct feed *feed_start(const struct waternet_options *options)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed != NULL) {
        feed->options = *options;
        feed->actor = zactor_new(run, &feed->options);
    }
    return feed;
}

static void forget(struct feed *feed)
{
    for (int i = 0; i < FEED_FRAMES_MAX; i++) {
        zstr_free(&feed->frames[i]);
    }
}

void feed_stop(struct feed **feed)
{
    if (*feed != NULL) {
        zactor_destroy(&(*feed)->actor);
        forget(*feed);
    }
    free(*feed);
    *feed = NULL;
}

void *feed_socket(struct feed *feed)
{
    return zactor_sock(feed->actor);
}

bool feed_take(struct feed *feed, struct feed_report *ret_report)
{
    *ret_report = (struct feed_report){0};
    forget(feed);
    if ((zsock_events(zactor_sock(feed->actor)) & ZMQ_POLLIN) == 0) {
        return false;
    }
    zmsg_t *message = zmsg_recv(feed->actor);
    char *name = message == NULL ? NULL : zmsg_popstr(message);
    for (size_t i = 1; name != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            ret_report->report = (enum report)i;
        }
    }
    for (int i = 0; i < FEED_FRAMES_MAX; i++) {
        feed->frames[i] = message == NULL ? NULL : zmsg_popstr(message);
        ret_report->frames[i] = feed->frames[i] == NULL ? "" : feed->frames[i];
    }
    zstr_free(&name);
    zmsg_destroy(&message);
    return true;
}

static void say(struct feed *feed, const char *word, uint64_t number, const char *text)
{
    zmsg_t *message = zmsg_new();
    zmsg_addstr(message, word);
    zmsg_addstr(message, digits_of(number).text);
    zmsg_addstr(message, text);
    zmsg_send(&message, feed->actor);
}

void feed_ask(struct feed *feed, uint64_t number, const char *request)
{
    say(feed, "ask", number, request);
}

void feed_post(struct feed *feed, uint64_t number, const char *event)
{
    say(feed, "post", number, event);
}
