#include "clients/dashboard/api_state.h"

#include "clients/dashboard/parts.h"

#include <stdlib.h>
#include <string.h>

enum kind api_kind(const struct api_call *call)
{
    const char *plural = call->values[PARAM_PKIND];
    for (int kind = 1; plural != NULL && kind <= KIND_LAST; kind++) {
        if (strcmp(kind_row((enum kind)kind)->plural, plural) == 0 &&
            copy_shows_kind(call->page.copy, (enum kind)kind)) {
            return (enum kind)kind;
        }
    }
    return KIND_NONE;
}

static bool has_region(const struct api_call *call, const char *region)
{
    return json_object_get(call->page.copy->content.regions, region) != NULL;
}

static json_t *no_region(struct api_call *call)
{
    return api_refuse(call, PROBLEM_NOT_FOUND, "there is no region %s; %s/regions lists them",
                      call->values[PARAM_PREGION], API_PATH);
}

// The past --------------------------------------------------------------------------------------

static bool is_past(const struct api_call *call)
{
    return call->values[PARAM_AT] != NULL || call->values[PARAM_ON] != NULL;
}

// A recorded moment never changes; a day does, by what is told of it later.
static enum ask_lasting lasting(const struct api_call *call)
{
    uint64_t at = api_number(call, PARAM_AT, UINT64_MAX);
    return at <= call->page.copy->position ? ASK_FOR_GOOD : ASK_UNTIL_NEXT_EVENT;
}

static json_t *past_request(const struct api_call *call, const char *name)
{
    json_t *request = json_pack("{s:s, s:s*, s:s*}", "request", name, "on", call->values[PARAM_ON],
                                "region", call->values[PARAM_PREGION]);
    if (call->values[PARAM_AT] != NULL) {
        (void)json_object_set_new(request, "at", // without memory there is no request either
                                  json_integer((json_int_t)api_number(call, PARAM_AT, 0)));
    }
    return request;
}

static enum kind kind_of_path(const char *path)
{
    const char *slash = path == NULL ? NULL : strchr(path, '/');
    const char *end = slash == NULL ? NULL : strchr(slash + 1, '/');
    return end == NULL ? KIND_NONE
                       : kind_find((struct bytes){slash + 1, (size_t)(end - slash - 1)});
}

static bool shows_path(const struct api_call *call, const json_t *row)
{
    const char *path = json_string_value(json_object_get(row, "path"));
    return copy_shows_kind(call->page.copy, kind_of_path(path));
}

// Of a {path, record} that the daemon gave, as far as it may be seen. Owned by the caller.
static json_t *shown(const struct api_call *call, const json_t *entity)
{
    json_t *copied = json_deep_copy(entity);
    const char *path = json_string_value(json_object_get(entity, "path"));
    copy_hide(call->page.copy->audience, kind_of_path(path), json_object_get(copied, "record"));
    return copied;
}

// Lists -----------------------------------------------------------------------------------------

static int by_path(const void *a, const void *b)
{
    const struct parts_row *one = a, *other = b;
    return strcmp(one->name, other->name);
}

// Adds an entity, or says where to go on if there are enough.
static bool add(struct api_call *call, json_t *answer, const char *path, json_t *entity)
{
    json_t *entities = json_object_get(answer, "entities");
    uint64_t limit =
        api_number(call, PARAM_LIMIT, call->media == MEDIA_CSV ? UINT64_MAX : API_LIMIT);
    const char *from = call->values[PARAM_FROM];
    if (from != NULL && strcmp(path, from) < 0) {
        json_decref(entity);
        return true;
    }
    if (json_array_size(entities) >= limit) {
        (void)json_object_set_new(answer, "next", json_string(path)); // without memory: cut short
        json_decref(entity);
        return false;
    }
    (void)json_array_append_new(entities, entity);
    return true;
}

static void add_present(struct api_call *call, json_t *answer, enum kind kind, const char *region)
{
    size_t count = 0;
    bool more = true;
    struct parts_row *rows =
        parts_sorted(copy_kind(call->page.copy, region, kind), by_path, &count);
    for (size_t i = 0; i < count && more; i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s/%s", region, kind_name(kind),
                       rows[i].name); // it fits
        json_t *entity = json_pack("{s:s, s:O}", "path", path, "record", rows[i].value);
        more = add(call, answer, path, entity);
    }
    free(rows);
}

// Part by part, as far as the limit needs; each part was or is asked for by itself.
static void add_past(struct api_call *call, json_t *answer, enum kind kind)
{
    const char *from = call->values[PARAM_FROM];
    bool more = true;
    while (more) {
        json_t *request = past_request(call, "list");
        size_t index = 0;
        const json_t *entity = NULL;
        (void)json_object_set_new(request, "kind", json_string(kind_name(kind)));
        if (from != NULL) {
            (void)json_object_set_new(request, "from", json_string(from));
        }
        const json_t *part = api_ask(call, request, lasting(call));
        from = json_string_value(json_object_get(part, "next"));
        more = part != NULL && from != NULL;
        json_array_foreach(json_object_get(part, "entities"), index, entity)
        {
            if (!add(call, answer, parts_text(entity, "path"), shown(call, entity))) {
                return;
            }
        }
    }
}

static json_t *list(struct api_call *call, enum kind kind)
{
    json_t *answer = api_answer(call->page.copy);
    const char *region = call->values[PARAM_PREGION], *next = NULL;
    (void)json_object_set_new(answer, "entities", json_array());
    if (is_past(call)) {
        add_past(call, answer, kind);
    } else if (region != NULL) {
        add_present(call, answer, kind, region);
    } else {
        size_t count = 0;
        struct parts_row *rows = parts_sorted(call->page.copy->content.regions, by_path, &count);
        for (size_t i = 0; i < count && next == NULL; i++) {
            add_present(call, answer, kind, rows[i].name);
            next = json_string_value(json_object_get(answer, "next"));
        }
        free(rows);
    }
    if (call->page.waits || call->page.lacks || call->problem != PROBLEM_NONE) {
        json_decref(answer);
        return NULL;
    }
    next = json_string_value(json_object_get(answer, "next"));
    if (next != NULL) {
        http_more(call->response, "Link", "<%s?from=%s%s%s%s%s%s%s>; rel=\"next\"",
                  call->page.request->path, next,
                  call->values[PARAM_LIMIT] == NULL ? "" : "&limit=",
                  call->values[PARAM_LIMIT] == NULL ? "" : call->values[PARAM_LIMIT],
                  call->values[PARAM_AT] == NULL ? "" : "&at=",
                  call->values[PARAM_AT] == NULL ? "" : call->values[PARAM_AT],
                  call->values[PARAM_ON] == NULL ? "" : "&on=",
                  call->values[PARAM_ON] == NULL ? "" : call->values[PARAM_ON]);
    }
    return answer;
}

json_t *api_regions(struct api_call *call)
{
    return list(call, KIND_REGION);
}

json_t *api_entities(struct api_call *call)
{
    enum kind kind = api_kind(call);
    if (!has_region(call, call->values[PARAM_PREGION])) {
        return no_region(call);
    }
    if (kind == KIND_NONE) {
        return api_refuse(call, PROBLEM_NOT_FOUND, "there is no kind %s",
                          call->values[PARAM_PKIND]);
    }
    return list(call, kind);
}

// One -------------------------------------------------------------------------------------------

static json_t *one(struct api_call *call, enum kind kind, const char *id)
{
    const char *region = call->values[PARAM_PREGION];
    const json_t *record = copy_entity(call->page.copy, region, kind, id);
    json_t *answer = NULL;
    if (is_past(call)) {
        json_t *request = past_request(call, "get");
        (void)json_object_set_new(request, "kind", json_string(kind_name(kind)));
        (void)json_object_set_new(request, "entity", json_string(id));
        const json_t *asked = api_ask(call, request, lasting(call));
        if (asked != NULL) {
            json_t *entity = shown(call, asked);
            answer =
                json_pack("{s:s, s:O, s:O, s:O*}", "log",
                          call->page.copy->log == NULL ? "" : call->page.copy->log, "head",
                          json_object_get(entity, "head"), "path", json_object_get(entity, "path"),
                          "record", json_object_get(entity, "record"));
            json_decref(entity);
        }
        return answer;
    }
    if (record == NULL) {
        return api_refuse(call, PROBLEM_NOT_FOUND, "there is no %s/%s/%s", region, kind_name(kind),
                          id);
    }
    answer = api_answer(call->page.copy);
    (void)json_object_set_new(answer, "path",
                              json_sprintf("%s/%s/%s", region, kind_name(kind), id));
    (void)json_object_set(answer, "record", (json_t *)(uintptr_t)record); // only counted
    return answer;
}

json_t *api_region(struct api_call *call)
{
    return one(call, KIND_REGION, call->values[PARAM_PREGION]);
}

json_t *api_entity(struct api_call *call)
{
    enum kind kind = api_kind(call);
    return kind == KIND_NONE ? api_refuse(call, PROBLEM_NOT_FOUND, "there is no kind %s",
                                          call->values[PARAM_PKIND])
                             : one(call, kind, call->values[PARAM_PID]);
}

// Next and gaps ---------------------------------------------------------------------------------

static void add_rows(const struct api_call *call, json_t *into, const json_t *rows)
{
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(rows, index, row)
    {
        if (shows_path(call, row)) {
            (void)json_array_append(into, row); // without memory it is short
        }
    }
}

// All parts of the answer to a question about a region.
static json_t *ask_whole(struct api_call *call, const char *name, const char *rows)
{
    json_t *whole = json_array(), *from = NULL;
    do {
        json_t *request = past_request(call, name);
        const char *const values[][2] = {{"entity", call->values[PARAM_ENTITY]},
                                         {"member", call->values[PARAM_MEMBER]}};
        for (int i = 0; i < 2; i++) {
            if (values[i][1] != NULL) {
                (void)json_object_set_new(request, values[i][0], json_string(values[i][1]));
            }
        }
        if (from != NULL) {
            (void)json_object_set(request, "from", from);
        }
        const json_t *part = api_ask(call, request, lasting(call));
        json_decref(from);
        from = json_incref(json_object_get(part, "next"));
        add_rows(call, whole, json_object_get(part, rows));
    } while (from != NULL);
    return whole;
}

static json_t *answer_rows(struct api_call *call, const char *name, json_t *whole)
{
    if (call->page.waits || call->page.lacks || call->problem != PROBLEM_NONE) {
        json_decref(whole);
        return NULL;
    }
    json_t *answer = api_answer(call->page.copy);
    (void)json_object_set_new(
        answer, "position",
        json_integer((json_int_t)api_number(call, PARAM_AT, call->page.copy->position)));
    (void)json_object_set_new(answer, name, whole);
    return answer;
}

json_t *api_next(struct api_call *call)
{
    const char *region = call->values[PARAM_PREGION];
    if (!has_region(call, region)) {
        return no_region(call);
    }
    if (is_past(call) || call->values[PARAM_ENTITY] != NULL || call->values[PARAM_MEMBER] != NULL) {
        return answer_rows(call, "werkplaatsen", ask_whole(call, "next", "werkplaatsen"));
    }
    size_t count = 0;
    json_t *whole = json_array();
    struct parts_row *rows =
        parts_sorted(json_object_get(call->page.copy->content.next, region), by_path, &count);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append(whole, (json_t *)(uintptr_t)rows[i].value); // only counted
    }
    free(rows);
    return answer_rows(call, "werkplaatsen", whole);
}

json_t *api_gaps(struct api_call *call)
{
    const char *region = call->values[PARAM_PREGION];
    if (!has_region(call, region)) {
        return no_region(call);
    }
    if (is_past(call)) {
        return answer_rows(call, "gaps", ask_whole(call, "gaps", "gaps"));
    }
    json_t *whole = json_array();
    add_rows(call, whole, copy_gaps(call->page.copy, region));
    return answer_rows(call, "gaps", whole);
}
