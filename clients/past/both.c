#include "clients/past/both.h"

#include "clients/past/differences.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 4000 // between two moments, that are read to see what they touched
#define TOUCHED_MAX 300 // entities that are asked for one by one

// One by one --------------------------------------------------------------------------------------

static int get(const struct both *both, const struct moment *moment, const char *path,
               json_t **ret_answer)
{
    json_t *request = past_question("get", path);
    if (request != NULL) {
        past_put_moment(moment, request);
    }
    return both->past->ask(both->past->context, request, path, true, ret_answer);
}

static int take_one(const struct both *both, const char *path, both_take *take, void *context,
                    bool *ret_more)
{
    json_t *before = NULL;
    json_t *after = NULL;
    int code = get(both, &both->from, path, &before);
    if (code == 0) {
        code = get(both, &both->to, path, &after);
    }
    if (code == 0) {
        *ret_more = take(context, path, json_object_get(before, "record"),
                         json_object_get(after, "record"));
    }
    json_decref(after);
    json_decref(before);
    return code;
}

// What was touched --------------------------------------------------------------------------------

// "/twente/werkplaats/". A kind of all regions has no level of its own.
static char *level_of(const struct both *both)
{
    bool region = both->region != NULL;
    bool kind = region && both->kind != NULL;
    return past_format("/%s%s%s%s", region ? both->region : "", region ? "/" : "",
                       kind ? both->kind : "", kind ? "/" : "");
}

static void note_subjects(const struct both *both, const json_t *events, json_t *touched)
{
    size_t index = 0;
    json_t *event = NULL;
    json_array_foreach(events, index, event)
    {
        const char *path = past_text(event, "subject");
        if (both->kind == NULL || past_is_of(path, kind_find(bytes_of(both->kind)))) {
            json_object_set_new(touched, path, json_true());
        }
    }
}

// The paths of what was recorded between the two moments. *ret_few false: that was too much.
static int find_touched(const struct both *both, json_t *touched, bool *ret_few)
{
    uint64_t after = both->from.at;
    uint64_t until = both->to.at;
    char *level = level_of(both);
    bool done = after >= until;
    int code = 0;
    *ret_few = both->from.on == NULL && until - after <= EVENTS_MAX;
    while (code == 0 && *ret_few && !done) {
        json_t *answer = NULL;
        json_t *request = json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", level,
                                    "after", (json_int_t)after, "until", (json_int_t)until);
        code = both->past->ask(both->past->context, request, NULL, false, &answer);
        note_subjects(both, json_object_get(answer, "events"), touched);
        after = (uint64_t)json_integer_value(json_object_get(answer, "after"));
        done = json_is_true(json_object_get(answer, "done"));
        *ret_few = json_object_size(touched) <= TOUCHED_MAX;
        json_decref(answer);
    }
    free(level);
    return code;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int walk_touched(const struct both *both, json_t *touched, both_take *take, void *context)
{
    const char *paths[TOUCHED_MAX];
    size_t count = 0;
    const char *path = NULL;
    json_t *value = NULL;
    json_object_foreach(touched, path, value)
    {
        paths[count++] = path;
    }
    qsort(paths, count, sizeof paths[0], compare_paths);
    bool more = true;
    int code = 0;
    for (size_t i = 0; code == 0 && more && i < count; i++) {
        code = take_one(both, paths[i], take, context, &more);
    }
    return code;
}

// Side by side ------------------------------------------------------------------------------------

// The list of one moment, part by part.
struct side {
    const struct both *both;
    const struct moment *moment;
    json_t *part;
    size_t index;
    char *from;
    bool begun;
};

static int read_part(struct side *side)
{
    const struct both *both = side->both;
    json_t *request = json_pack("{s:s, s:s*, s:s*, s:s*}", "request", "list", "region",
                                both->region, "kind", both->kind, "from", side->from);
    past_put_moment(side->moment, request);
    json_decref(side->part);
    side->part = NULL;
    side->index = 0;
    side->begun = true;
    int code = both->past->ask(both->past->context, request, NULL, false, &side->part);
    const char *next = json_string_value(json_object_get(side->part, "next"));
    free(side->from);
    side->from = next == NULL ? NULL : past_format("%s", next);
    return code;
}

// The entity that is next; *ret_entity NULL behind the last.
static int look(struct side *side, const json_t **ret_entity)
{
    int code = 0;
    const json_t *entity = NULL;
    while (code == 0 && entity == NULL) {
        entity = json_array_get(json_object_get(side->part, "entities"), side->index);
        if (entity == NULL && side->begun && side->from == NULL) {
            break;
        }
        if (entity == NULL) {
            code = read_part(side);
        }
    }
    *ret_entity = entity;
    return code;
}

static void finish_side(struct side *side)
{
    json_decref(side->part);
    free(side->from);
}

// Which of two comes first: below 0 the first, above 0 the second, 0 they are the same.
static int order(const json_t *first, const json_t *second)
{
    if (first == NULL || second == NULL) {
        return first == NULL ? 1 : -1;
    }
    return strcmp(past_text(first, "path"), past_text(second, "path"));
}

static int walk_lists(const struct both *both, both_take *take, void *context)
{
    struct side before = {.both = both, .moment = &both->from};
    struct side after = {.both = both, .moment = &both->to};
    bool more = true;
    int code = 0;
    while (code == 0 && more) {
        const json_t *was = NULL;
        const json_t *is = NULL;
        code = look(&before, &was);
        if (code == 0) {
            code = look(&after, &is);
        }
        more = code == 0 && (was != NULL || is != NULL);
        if (more) {
            int first = order(was, is);
            more = take(context, past_text(first <= 0 ? was : is, "path"),
                        first <= 0 ? json_object_get(was, "record") : NULL,
                        first >= 0 ? json_object_get(is, "record") : NULL);
            before.index += first <= 0;
            after.index += first >= 0;
        }
    }
    finish_side(&after);
    finish_side(&before);
    return code;
}

int both_walk(const struct both *both, both_take *take, void *context)
{
    bool few = false;
    if (both->path != NULL) {
        return take_one(both, both->path, take, context, &few);
    }
    json_t *touched = json_object();
    int code = find_touched(both, touched, &few);
    if (code == 0) {
        code = few ? walk_touched(both, touched, take, context) : walk_lists(both, take, context);
    }
    json_decref(touched);
    return code;
}

int both_explain(const struct both *both, json_t *difference, const json_t *after)
{
    struct strand thread;
    strand_begin(&thread, both->past, past_text(difference, "path"), both->to);
    uint64_t oldest = both->to.on == NULL && both->from.on == NULL ? both->from.at : 0;
    int code = differences_explain(difference, after, &thread, oldest);
    strand_finish(&thread);
    return code;
}
