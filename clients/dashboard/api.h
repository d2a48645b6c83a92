/*
 * api - the programme for machines: JSON under /v1, by the NL API Design Rules.
 *
 *     site -> api_handle(): api.def's row -> its parameters checked -> its function -> JSON, CSV,
 * ...
 *
 * One vocabulary with the wire: an answer has the fields that proto/README.md gives the question.
 * Errors are problem+json (RFC 9457) with the wire's status as `code`. For the public nothing is
 * answered that only members may see, just as on the pages.
 *
 * doc/api.md tells its users how; openapi.json is made from the rows.
 */
#ifndef DASHBOARD_API_H
#define DASHBOARD_API_H

#include "clients/dashboard/page.h"
#include "clients/dashboard/site.h"

#define API_VERSION "1.0.0"
#define API_PATH "/v1"
#define API_HAND_IN API_PATH "/contributions"
#define API_BODY_MAX 65536 // there: a text of 8000 bytes, each escaped as \uXXXX, and the rest
#define API_LIMIT 100
#define API_LIMIT_MAX 1000

enum api_route {
#define ROUTE(NAME, ...) ROUTE_##NAME,
#include "clients/dashboard/api.def"
#undef ROUTE
    ROUTE_COUNT
};

enum api_media {
#define MEDIA(NAME, ...) MEDIA_##NAME,
#include "clients/dashboard/api_media.def"
#undef MEDIA
    MEDIA_COUNT
};

enum api_param {
#define PARAM(NAME, ...) PARAM_##NAME,
#include "clients/dashboard/api_params.def"
#undef PARAM
    PARAM_COUNT
};

enum api_problem {
    PROBLEM_NONE,
#define PROBLEM(NAME, ...) PROBLEM_##NAME,
#include "clients/dashboard/api_problems.def"
#undef PROBLEM
};

struct api_call {
    struct page page; // for page_ask(): copy, asks, request
    struct site *site;
    struct http_response *response;
    const struct api_row *row;
    const char *values[PARAM_COUNT]; // NULL: not given
    char path_room[4][80];           // where those of the path stand
    unsigned path_values;
    enum api_media media;
    enum api_problem problem;
    unsigned status; // of the answer; 0: 200
    char detail[512];
    json_t *faults; // what is wrong, all of it, as on the wire; NULL: nothing more to tell
};

// What a route's function makes: the answer, or NULL if it waits, lacks an answer of the daemon, or
// has set a problem.
#define ROUTE(NAME, pattern, method, function, ...) json_t *function(struct api_call *call);
#include "clients/dashboard/api.def"
#undef ROUTE

struct api_row {
    enum api_route route;
    const char *pattern;
    bool is_post;
    json_t *(*make)(struct api_call *call);
    unsigned query, media; // bits 1 << PARAM_..., 1 << MEDIA_...
    const char *schema, *operation, *summary;
};

struct api_param_row {
    const char *name;
    bool is_path;
    const char *pattern, *accepted, *description;
};

const struct api_row *api_row(enum api_route route);
const struct api_param_row *api_param_row(enum api_param param);
const char *api_media_type(enum api_media media);
unsigned api_problem_status(enum api_problem problem);

// Whether a path is one of the API's.
bool api_has(const char *path);
// As site_handle().
enum http_reply api_handle(struct site *site, const struct http_request *request,
                           struct http_response *response);

// For the routes' functions ---------------------------------------------------------------------

// Sets the problem; NULL, to be returned.
__attribute__((format(printf, 3, 4))) json_t *
api_refuse(struct api_call *call, enum api_problem problem, const char *format, ...);
// One more thing that is wrong with the request, which is then malformed.
void api_fault(struct api_call *call, const char *field, const char *found, const char *accepted);
// The answer to a question (given over), or NULL: it waits, lacks, or the daemon refused it.
const json_t *api_ask(struct api_call *call, json_t *request, enum ask_lasting lasting);
// A number that was checked; `absent` if it was not given.
uint64_t api_number(const struct api_call *call, enum api_param param, uint64_t absent);
// The problem as JSON, which the caller owns.
json_t *api_problem_json(enum api_problem problem, const char *detail);
// `log` and `head`, with which every answer about the log begins. The caller owns it.
json_t *api_answer(const struct copy *copy);

#endif
