#include "clients/dashboard/api.h"

#include "clients/dashboard/api_accept.h"
#include "clients/dashboard/api_csv.h"
#include "clients/dashboard/api_events.h"
#include "clients/dashboard/api_stream.h"
#include "clients/dashboard/reply.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_TYPE "application/problem+json"
#define VALUE_MAX 224
#define NAME_MAX 64

#define Q(NAME) (1u << PARAM_##NAME)
#define M(NAME) (1u << MEDIA_##NAME)

const struct api_row *api_row(enum api_route route)
{
    enum { GET, POST };
    static const struct api_row rows[] = {
#define ROUTE(NAME, pattern, method, function, query, media, schema, operation, summary)           \
    {ROUTE_##NAME, pattern, (method) == POST, function, query, media, schema, operation, summary},
#include "clients/dashboard/api.def"
#undef ROUTE
    };
    return &rows[route];
}

const struct api_param_row *api_param_row(enum api_param param)
{
    enum { QUERY, PATH };
    static const struct api_param_row rows[] = {
#define PARAM(NAME, name, in, pattern, accepted, description)                                      \
    {name, (in) == PATH, pattern, accepted, description},
#include "clients/dashboard/api_params.def"
#undef PARAM
    };
    return &rows[param];
}

const char *api_media_type(enum api_media media)
{
    static const char *const types[] = {
#define MEDIA(NAME, type) type,
#include "clients/dashboard/api_media.def"
#undef MEDIA
    };
    return types[media];
}

static const struct {
    unsigned status;
    const char *code, *title;
} problems[] = {
    [PROBLEM_NONE] = {200, "ok", "Fine"},
#define PROBLEM(NAME, status, code, title, where) [PROBLEM_##NAME] = {status, code, title},
#include "clients/dashboard/api_problems.def"
#undef PROBLEM
};

unsigned api_problem_status(enum api_problem problem)
{
    return problems[problem].status;
}

// Problems --------------------------------------------------------------------------------------

json_t *api_refuse(struct api_call *call, enum api_problem problem, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(call->detail, sizeof(call->detail), format, list); // cut if it is long
    va_end(list);
    call->problem = problem;
    return NULL;
}

json_t *api_problem_json(enum api_problem problem, const char *detail)
{
    return json_pack("{s:s+, s:s, s:i, s:s, s:s}", "type",
                     "urn:waternet:problem:", problems[problem].code, "title",
                     problems[problem].title, "status", (int)problems[problem].status, "detail",
                     detail, "code", problems[problem].code);
}

void api_fault(struct api_call *call, const char *field, const char *found, const char *accepted)
{
    if (call->faults == NULL) {
        call->faults = json_array();
        (void)api_refuse(call, PROBLEM_MALFORMED, "%s: %s", field, accepted);
    }
    (void)json_array_append_new(call->faults,
                                json_pack("{s:s, s:s, s:s, s:s}", "status", "malformed", "field",
                                          field, "found", found, "accepted", accepted));
}

static enum http_reply reply_problem(struct api_call *call)
{
    json_t *json = api_problem_json(call->problem, call->detail);
    if (call->faults != NULL) {
        (void)json_object_set(json, "faults", call->faults); // without memory it is told without
    }
    if (call->problem == PROBLEM_NO_ANSWER) {
        http_more(call->response, "Retry-After", "1");
    }
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return reply_body(call->page.request, call->response, problems[call->problem].status,
                      PROBLEM_TYPE, text, text == NULL ? 0 : strlen(text));
}

// Headers that every answer has. Who may read it from a page of another site: everybody, where
// everybody may see it.
static void add_headers(const struct copy *copy, struct http_response *response)
{
    http_more(response, "API-Version", API_VERSION);
    if (copy->audience == AUDIENCE_PUBLIC) {
        http_more(response, "Access-Control-Allow-Origin", "*");
        http_more(response, "Access-Control-Expose-Headers",
                  "API-Version, ETag, Link, Retry-After, Waternet-Position");
    }
}

// Parameters ------------------------------------------------------------------------------------

static bool fits(const char *value, enum api_param param)
{
    regex_t regex;
    bool matches = false;
    if (strlen(value) <= VALUE_MAX &&
        regcomp(&regex, api_param_row(param)->pattern, REG_EXTENDED | REG_NOSUB) == 0) {
        matches = regexec(&regex, value, 0, NULL, 0) == 0;
        regfree(&regex);
    }
    return matches;
}

static enum api_param find_param(const char *name, size_t size, bool is_path)
{
    enum api_param param = (enum api_param)0;
    for (; param < PARAM_COUNT; param++) {
        const struct api_param_row *row = api_param_row(param);
        if (row->is_path == is_path && strlen(row->name) == size &&
            strncmp(row->name, name, size) == 0) {
            break;
        }
    }
    return param;
}

static void take_query(void *context, const char *name, const char *value)
{
    struct api_call *call = context;
    enum api_param param = find_param(name, strlen(name), false);
    json_t *text = json_string(name);
    name = text == NULL || strlen(name) > NAME_MAX ? "query" : name; // what can be told of it
    json_decref(text);
    if (param == PARAM_COUNT || (call->row->query >> param & 1) == 0) {
        char known[160] = "none of that name; there are:";
        for (enum api_param each = (enum api_param)0; each < PARAM_COUNT; each++) {
            if ((call->row->query >> each & 1) != 0) {
                strcat(strcat(known, " "), api_param_row(each)->name); // they are few and short
            }
        }
        api_fault(call, name, value, known);
    } else if (call->values[param] != NULL) {
        api_fault(call, name, "it is given twice", "once");
    } else if (!fits(value, param)) {
        api_fault(call, name, value, api_param_row(param)->accepted);
    } else {
        call->values[param] = value;
    }
}

uint64_t api_number(const struct api_call *call, enum api_param param, uint64_t absent)
{
    const char *value = call->values[param];
    const char *point = value == NULL ? NULL : strchr(value, '.');
    return value == NULL ? absent : strtoull(point == NULL ? value : point + 1, NULL, 10);
}

// Routing ---------------------------------------------------------------------------------------

static bool take_part(struct api_call *call, const char *pattern, size_t pattern_size,
                      const char *part, size_t size)
{
    if (pattern[0] != '{') {
        return pattern_size == size && strncmp(pattern, part, size) == 0;
    }
    enum api_param param = find_param(pattern + 1, pattern_size - 2, true);
    char *room = call->path_room[call->path_values];
    if (size >= sizeof(call->path_room[0])) {
        return false;
    }
    memcpy(room, part, size);
    room[size] = '\0';
    call->values[param] = room;
    call->path_values++;
    return fits(room, param);
}

static bool match(struct api_call *call, const char *pattern, const char *path)
{
    memset(call->values, 0, sizeof(call->values));
    call->path_values = 0;
    while (*pattern == '/' && *path == '/') {
        size_t pattern_size = strcspn(++pattern, "/"), size = strcspn(++path, "/");
        if ((pattern_size > 0 || size > 0) && !take_part(call, pattern, pattern_size, path, size)) {
            return false;
        }
        pattern += pattern_size;
        path += size;
    }
    return *pattern == '\0' && *path == '\0';
}

static const char *allowed(const struct api_row *row)
{
    return row != NULL && row->is_post ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

static const struct api_row *find_row(struct api_call *call, const char *path)
{
    for (enum api_route route = (enum api_route)0; route < ROUTE_COUNT; route++) {
        if (match(call, api_row(route)->pattern, path)) {
            return api_row(route);
        }
    }
    return NULL;
}

// Cuts ".csv" off, which goes before what the client accepts.
static bool cut_csv(char *path)
{
    size_t size = strlen(path);
    bool is_csv = size > 4 && strcmp(path + size - 4, ".csv") == 0;
    if (is_csv) {
        path[size - 4] = '\0';
    }
    return is_csv;
}

static void route(struct api_call *call, const char *path)
{
    char room[400] = "";
    size_t size = strlen(path);
    if (size < sizeof(room)) {
        memcpy(room, path[0] == '\0' ? "/" : path, size + 1 + (path[0] == '\0'));
    }
    bool is_csv = cut_csv(room);
    call->row = strcmp(path, "/") == 0 ? NULL : find_row(call, room);
    if (call->row == NULL) {
        (void)api_refuse(call, PROBLEM_NOT_FOUND, "%s",
                         "no such path; " API_PATH "/openapi.json lists them, and none ends with a "
                         "slash");
        return;
    }
    const char *method = call->page.request->method;
    bool is_get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (call->row->is_post ? strcmp(method, "POST") != 0 : !is_get) {
        http_more(call->response, "Allow", "%s", allowed(call->row));
        (void)api_refuse(call, PROBLEM_METHOD, "%s is understood", allowed(call->row));
        return;
    }
    http_each_query(call->page.request, take_query, call);
    if (call->problem != PROBLEM_NONE) {
        return;
    }
    call->media = is_csv ? MEDIA_CSV
                         : api_accept(call->row->media, http_header(call->page.request, "Accept"));
    if (call->media == MEDIA_COUNT || (call->row->media >> call->media & 1) == 0) {
        char known[256] = "it can be had as:";
        for (enum api_media media = (enum api_media)0; media < MEDIA_COUNT; media++) {
            if ((call->row->media >> media & 1) != 0) {
                strcat(strcat(known, " "), api_media_type(media)); // they are few and short
            }
        }
        (void)api_refuse(call, PROBLEM_NOT_ACCEPTABLE, "%s", known);
    }
}

// Answers ---------------------------------------------------------------------------------------

json_t *api_answer(const struct copy *copy)
{
    return json_pack("{s:s, s:I}", "log", copy->log == NULL ? "" : copy->log, "head",
                     (json_int_t)copy->position);
}

const json_t *api_ask(struct api_call *call, json_t *request, enum ask_lasting lasting)
{
    const json_t *answer = page_ask(&call->page, request, lasting);
    const char *status = json_string_value(json_object_get(answer, "status"));
    if (answer == NULL || (status != NULL && strcmp(status, "ok") == 0)) {
        return answer;
    }
    const char *message = json_string_value(json_object_get(answer, "message"));
    call->problem = PROBLEM_NO_ANSWER;
    for (enum api_problem each = PROBLEM_MALFORMED; each <= PROBLEM_NO_ANSWER; each++) {
        if (status != NULL && strcmp(problems[each].code, status) == 0) {
            call->problem = each;
        }
    }
    json_decref(call->faults);
    call->faults = json_deep_copy(json_object_get(answer, "faults"));
    return api_refuse(call, call->problem, "%s", message == NULL ? "no answer" : message);
}

// Answers of which only a list is sent.
static const json_t *part_of(const struct api_call *call, const json_t *made)
{
    return call->media == MEDIA_BATCH ? json_object_get(made, "events") : made;
}

static enum http_reply reply_made(struct api_call *call, json_t *made)
{
    const char *type = call->media == MEDIA_CSV ? "text/csv; charset=utf-8; header=present"
                                                : api_media_type(call->media);
    char *text = NULL;
    size_t size = 0;
    if (call->media == MEDIA_CSV) {
        struct html csv = {0};
        csv_put(&csv, call, made);
        text = csv.data;
        size = csv.size;
    } else if (call->media == MEDIA_BYTES) {
        text = api_event_bytes(made, &size);
    } else {
        text = json_dumps(part_of(call, made), JSON_COMPACT);
        size = text == NULL ? 0 : strlen(text);
    }
    json_decref(made);
    return reply_body(call->page.request, call->response, call->status == 0 ? 200 : call->status,
                      type, text, size);
}

static enum http_reply make(struct api_call *call)
{
    bool is_head = strcmp(call->page.request->method, "HEAD") == 0;
    if (call->problem == PROBLEM_NONE && call->media == MEDIA_STREAM) {
        if (!is_head && api_stream_open(call)) {
            return HTTP_STREAM;
        }
        call->media = MEDIA_BATCH; // of a stream there is no head but that of a range
    }
    if (call->problem == PROBLEM_NONE && !call->page.copy->is_whole &&
        call->row->route != ROUTE_OPENAPI) {
        (void)api_refuse(call, PROBLEM_NO_ANSWER, "%s", "the daemon has not been reached yet");
    }
    if (call->problem == PROBLEM_NONE && call->page.request->is_too_big) {
        (void)api_refuse(call, PROBLEM_TOO_LARGE, "%s", "a body of at most 64 KiB");
    }
    json_t *made = call->problem == PROBLEM_NONE ? call->row->make(call) : NULL;
    if (call->page.waits) {
        json_decref(made);
        return HTTP_WAIT;
    }
    if (made == NULL && call->problem == PROBLEM_NONE) {
        (void)(call->page.lacks
                   ? api_refuse(call, PROBLEM_NO_ANSWER, "%s", "the daemon does not answer now")
                   : api_refuse(call, PROBLEM_FAILED, "%s", "no memory"));
    }
    return made == NULL ? reply_problem(call) : reply_made(call, made);
}

static enum http_reply reply_options(struct api_call *call, const char *path)
{
    const struct api_row *row = find_row(call, path);
    http_more(call->response, "Allow", "%s", allowed(row));
    // A page of another site may read, and hand nothing in.
    if (call->page.copy->audience == AUDIENCE_PUBLIC && (row == NULL || !row->is_post)) {
        http_more(call->response, "Access-Control-Allow-Methods", "%s", allowed(row));
        http_more(call->response, "Access-Control-Allow-Headers",
                  "Accept, If-None-Match, Last-Event-ID");
        http_more(call->response, "Access-Control-Max-Age", "86400");
    }
    static char nothing[] = "";
    (void)reply_text(call->response, 204, nothing);
    call->response->type = NULL;
    return HTTP_REPLY;
}

bool api_has(const char *path)
{
    size_t size = strlen(API_PATH);
    return strncmp(path, API_PATH, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

enum http_reply api_handle(struct site *site, const struct http_request *request,
                           struct http_response *response)
{
    struct api_call call = {.page = {.copy = &site->copy, .asks = &site->asks, .request = request},
                            .site = site,
                            .response = response};
    add_headers(&site->copy, response);
    if (strcmp(request->method, "OPTIONS") == 0) {
        return reply_options(&call, request->path + strlen(API_PATH));
    }
    route(&call, request->path + strlen(API_PATH));
    enum http_reply reply = make(&call);
    json_decref(call.faults);
    return reply;
}
