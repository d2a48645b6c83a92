// The API's own description, OpenAPI 3.0, made from the rows that also route and check.
#include "clients/dashboard/api.h"
#include "clients/dashboard/embedded.h"

#include <stdio.h>
#include <string.h>

// What is short for want of memory is seen at the end: setting a NULL fails, and so does the whole.
static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value); // as above
}

static json_t *reference(const char *name)
{
    return json_pack("{s:s+}", "$ref", "#/components/schemas/", name);
}

static json_t *headers(void)
{
    return json_pack("{s:{s:s, s:{s:s}}}", "API-Version", "description",
                     "The full version of the API", "schema", "type", "string");
}

// Parameters ------------------------------------------------------------------------------------

static json_t *parameter_of(enum api_param param)
{
    const struct api_param_row *row = api_param_row(param);
    return json_pack("{s:s, s:s, s:b, s:s, s:{s:s, s:s}}", "name", row->name, "in",
                     row->is_path ? "path" : "query", "required", (int)row->is_path, "description",
                     row->description, "schema", "type", "string", "pattern", row->pattern);
}

static json_t *parameters_of(const struct api_row *row)
{
    json_t *list = json_array();
    char braced[40];
    for (enum api_param param = (enum api_param)0; param < PARAM_COUNT; param++) {
        (void)snprintf(braced, sizeof(braced), "{%s}", api_param_row(param)->name); // it fits
        bool is_there = api_param_row(param)->is_path ? strstr(row->pattern, braced) != NULL
                                                      : (row->query >> param & 1) != 0;
        if (is_there) {
            (void)json_array_append_new(list, parameter_of(param));
        }
    }
    return list;
}

// Responses -------------------------------------------------------------------------------------

static json_t *schema_of(const struct api_row *row, enum api_media media)
{
    switch (media) {
    case MEDIA_BATCH:
        return reference("EventBatch");
    case MEDIA_EVENT:
    case MEDIA_JSON:
    case MEDIA_SCHEMA:
        return reference(row->schema);
    case MEDIA_BYTES:
        return json_pack("{s:s, s:s}", "type", "string", "format", "binary");
    case MEDIA_CSV:
    case MEDIA_STREAM:
    case MEDIA_COUNT:
        break;
    }
    return json_pack("{s:s}", "type", "string");
}

static json_t *success_of(const struct api_row *row)
{
    json_t *content = json_object();
    for (enum api_media media = (enum api_media)0; media < MEDIA_COUNT; media++) {
        if ((row->media >> media & 1) != 0) {
            set(content, api_media_type(media),
                json_pack("{s:o}", "schema", schema_of(row, media)));
        }
    }
    return json_pack("{s:s, s:o, s:o}", "description", row->summary, "headers", headers(),
                     "content", content);
}

static json_t *problem_of(const char *title)
{
    return json_pack("{s:s, s:o, s:{s:{s:o}}}", "description", title, "headers", headers(),
                     "content", "application/problem+json", "schema", reference("Problem"));
}

static json_t *responses_of(const struct api_row *row)
{
    json_t *responses = json_object();
    set(responses, row->is_post ? "201" : "200", success_of(row));
    if (!row->is_post) {
        set(responses, "304",
            json_pack("{s:s, s:o}", "description", "What you have is still right (If-None-Match)",
                      "headers", headers()));
    }
    enum { READ = 1, POST = 2, ANY = READ | POST } here = row->is_post ? POST : READ;
#define PROBLEM(NAME, status, code, title, where)                                                  \
    if (((where)&here) != 0) {                                                                     \
        set(responses, #status, problem_of(title));                                                \
    }
#include "clients/dashboard/api_problems.def"
#undef PROBLEM
    return responses;
}

// The document ----------------------------------------------------------------------------------

static json_t *paths(void)
{
    json_t *paths = json_object();
    for (enum api_route route = (enum api_route)0; route < ROUTE_COUNT; route++) {
        const struct api_row *row = api_row(route);
        json_t *operation = json_pack("{s:s, s:s, s:o, s:o}", "operationId", row->operation,
                                      "summary", row->summary, "parameters", parameters_of(row),
                                      "responses", responses_of(row));
        if (row->is_post) {
            set(operation, "requestBody",
                json_pack("{s:b, s:{s:{s:o}}}", "required", 1, "content", "application/json",
                          "schema", reference("Contribution")));
        }
        set(paths, row->pattern, json_pack("{s:o}", row->is_post ? "post" : "get", operation));
    }
    return paths;
}

json_t *api_openapi(struct api_call *call)
{
    json_t *schemas = json_loads(embedded_SCHEMAS, 0, NULL);
    (void)call; // the same for everybody
    return json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s}}, s:[{s:s}], s:o, s:{s:o}}",
        "openapi", "3.0.3", "info", "title", "Waternet", "version", API_VERSION, "description",
        "The programme that public bodies share, as state and as events. /ontwikkelaars tells how "
        "to use it.",
        "contact", "name", "Waterketens maintainers", "email", "maintainers@waterketens.example",
        "url", "https://waterketens.example", "license", "name", "EUPL-1.2", "url",
        "https://eupl.eu/1.2/en/", "servers", "url", API_PATH, "paths", paths(), "components",
        "schemas", schemas);
}

json_t *api_index(struct api_call *call)
{
    json_t *links = json_object();
    for (enum api_route route = (enum api_route)0; route < ROUTE_COUNT; route++) {
        const struct api_row *row = api_row(route);
        if (route != ROUTE_INDEX && !row->is_post && strchr(row->pattern, '{') == NULL) {
            set(links, row->pattern + 1, json_sprintf("%s%s", API_PATH, row->pattern));
        }
    }
    json_t *answer = api_answer(call->page.copy);
    set(answer, "version", json_string(API_VERSION));
    set(answer, "documentation", json_string("/ontwikkelaars"));
    set(answer, "links", links);
    return answer;
}
