#include "clients/dashboard/contribute.h"

#include "clients/dashboard/loop.h"
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define YOUNGEST_MS 3000   // nobody reads, types and sends faster
#define OLDEST_MS 86400000 // of a form
#define TYPE "application/x-www-form-urlencoded"

bool contribute_init(struct contribute *contribute, struct feed *feed, unsigned hour)
{
    contribute->outbox.feed = feed;
    return seal_init(&contribute->seal) && gate_init(&contribute->gate, hour);
}

void contribute_begin(const struct contribute *contribute, const char *about,
                      struct draft *ret_draft)
{
    *ret_draft = (struct draft){0};
    for (int i = 0; i < INPUT_COUNT; i++) {
        ret_draft->values[i] = "";
    }
    ret_draft->values[INPUT_ABOUT] = about;
    seal_new(&contribute->seal, ret_draft->id, ret_draft->seal);
}

// Where it comes from ---------------------------------------------------------------------------

// "host:port" of Host and of Origin: the same host, and the same port where both name one, since
// not every proxy passes it on.
static bool is_same_host(const char *origin, const char *host)
{
    size_t size = strcspn(host, ":");
    if (host[0] == '[') { // [::1]:8080
        size = strcspn(host, "]") + 1;
    }
    if (size > strlen(host) || strncasecmp(origin, host, size) != 0) {
        return false;
    }
    const char *port_origin = origin + size, *port_host = host + size;
    return (*port_origin == '\0' || *port_origin == ':') &&
           (*port_host == '\0' || *port_origin == '\0' || strcmp(port_origin, port_host) == 0);
}

// Every browser says from which site a form is sent.
bool contribute_is_from_here(const struct http_request *request)
{
    const char *origin = http_header(request, "Origin"), *host = http_header(request, "Host");
    const char *site = http_header(request, "Sec-Fetch-Site");
    if (origin == NULL || host == NULL || (site != NULL && strcmp(site, "same-origin") != 0)) {
        return false;
    }
    const char *scheme = strstr(origin, "://");
    return scheme != NULL && is_same_host(scheme + 3, host);
}

static bool is_form(const struct http_request *request)
{
    const char *type = http_header(request, "Content-Type");
    size_t size = sizeof(TYPE) - 1;
    return type != NULL && strncasecmp(type, TYPE, size) == 0 &&
           (type[size] == '\0' || type[size] == ';' || type[size] == ' ');
}

// Answers ---------------------------------------------------------------------------------------

static enum contributed again(struct draft *draft, enum text problem, unsigned status,
                              unsigned *ret_status)
{
    draft->problem = problem;
    *ret_status = status;
    return CONTRIBUTED_AGAIN;
}

// The same text in a form of its own.
static enum contributed anew(const struct contribute *contribute, struct draft *draft,
                             enum text problem, unsigned status, unsigned *ret_status)
{
    seal_new(&contribute->seal, draft->id, draft->seal);
    return again(draft, problem, status, ret_status);
}

// The daemon's word.
static enum contributed conclude(struct contribute *contribute, const struct post *post,
                                 struct draft *draft, unsigned *ret_status)
{
    enum waternet_status status = post->status;
    if (status == WATERNET_OK) {
        const json_t *receipt = json_array_get(json_object_get(post->answer, "receipts"), 0);
        draft->seq = parts_number(receipt, "seq");
        draft->is_duplicate = post->was_told || json_is_true(json_object_get(receipt, "duplicate"));
        outbox_tell(&contribute->outbox, post);
        return CONTRIBUTED_DONE;
    }
    if (status == WATERNET_CONFLICT) {
        (void)snprintf(draft->receipt, sizeof(draft->receipt), "%s", draft->id); // as long
        return anew(contribute, draft, TEXT_PROBLEM_SENT, 409, ret_status);
    }
    if (status == WATERNET_MALFORMED || status == WATERNET_REFUSED || status == WATERNET_TOO_BIG) {
        draft_take_faults(draft, post->answer);
        return again(draft, draft->problem, 422, ret_status);
    }
    outbox_forget(&contribute->outbox, post); // the next time it is posted again
    if (status == WATERNET_NO_ANSWER) {
        return again(draft, TEXT_PROBLEM_UNKNOWN, 503, ret_status);
    }
    (void)fprintf(stderr, "<4>waternet-dashboard: contribution: %s\n",
                  waternet_status_name(status)); // nobody else to tell
    return again(draft, TEXT_PROBLEM_AWAY, 503, ret_status);
}

// Taking ----------------------------------------------------------------------------------------

// What the copy has: a form that was sent before, maybe to a dashboard that was started anew since.
static bool was_taken(const struct copy *copy, const struct draft *draft)
{
    char region[65];
    const char *subject = NULL;
    uint64_t ms = 0;
    return seal_read_id(draft->id, &ms) &&
           draft_about(copy, draft->values[INPUT_ABOUT], region, &subject) &&
           copy_entity(copy, region, KIND_CONTRIBUTION, draft->id) != NULL;
}

static int64_t age_of(const char *id)
{
    uint64_t ms = 0;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now); // cannot fail for this clock
    return seal_read_id(id, &ms) ? (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (int64_t)ms
                                 : -1;
}

static enum contributed begin(struct contribute *contribute, const struct copy *copy,
                              const struct http_request *request, struct draft *draft,
                              unsigned *ret_status)
{
    char address[64];
    unsigned seconds = 0;
    http_address(request, address);
    if (!gate_pass(&contribute->gate, address, loop_now_ms(), &seconds)) {
        draft->minutes = (seconds + 59) / 60;
        return again(draft, TEXT_PROBLEM_MANY, 429, ret_status);
    }
    char *event = draft_event(draft, copy);
    bool begun = event != NULL &&
                 outbox_begin(&contribute->outbox, request->body, request->body_size, event);
    free(event);
    return begun ? CONTRIBUTED_WAIT : again(draft, TEXT_PROBLEM_AWAY, 503, ret_status);
}

static enum contributed take(struct contribute *contribute, const struct copy *copy,
                             const struct http_request *request, struct draft *draft,
                             unsigned *ret_status)
{
    if (!seal_holds(&contribute->seal, draft->id, draft->seal)) {
        return was_taken(copy, draft) ? CONTRIBUTED_DONE
                                      : anew(contribute, draft, TEXT_PROBLEM_OLD, 422, ret_status);
    }
    const struct post *post = outbox_find(&contribute->outbox, request->body, request->body_size);
    if (post != NULL) {
        return post->is_waiting ? CONTRIBUTED_WAIT : conclude(contribute, post, draft, ret_status);
    }
    if (age_of(draft->id) > OLDEST_MS) {
        return anew(contribute, draft, TEXT_PROBLEM_OLD, 422, ret_status);
    }
    if (!draft_judge(draft, copy)) {
        return again(draft, TEXT_PROBLEM_FIELDS, 422, ret_status);
    }
    if (age_of(draft->id) < YOUNGEST_MS) {
        return again(draft, TEXT_PROBLEM_FAST, 422, ret_status);
    }
    if (copy->state == COPY_STALE) {
        return was_taken(copy, draft) ? CONTRIBUTED_DONE
                                      : again(draft, TEXT_PROBLEM_AWAY, 503, ret_status);
    }
    return begin(contribute, copy, request, draft, ret_status);
}

enum contributed contribute_take_draft(struct contribute *contribute, const struct copy *copy,
                                       const struct http_request *request, struct draft *draft,
                                       unsigned *ret_status)
{
    const struct post *post = outbox_find(&contribute->outbox, request->body, request->body_size);
    if (post != NULL) {
        return post->is_waiting ? CONTRIBUTED_WAIT : conclude(contribute, post, draft, ret_status);
    }
    if (!draft_judge(draft, copy)) {
        return again(draft, TEXT_PROBLEM_FIELDS, 422, ret_status);
    }
    return copy->state == COPY_STALE ? again(draft, TEXT_PROBLEM_AWAY, 503, ret_status)
                                     : begin(contribute, copy, request, draft, ret_status);
}

enum contributed contribute_take(struct contribute *contribute, const struct copy *copy,
                                 const struct http_request *request, struct sent_form *form,
                                 struct draft *ret_draft, unsigned *ret_status)
{
    *ret_draft = (struct draft){0};
    *ret_status = !contribute_is_from_here(request)                     ? 403
                  : !is_form(request)                                   ? 415
                  : !form_read(form, request->body, request->body_size) ? 400
                                                                        : 0;
    if (*ret_status != 0) {
        return CONTRIBUTED_ALIEN;
    }
    draft_read(ret_draft, form);
    return take(contribute, copy, request, ret_draft, ret_status);
}
