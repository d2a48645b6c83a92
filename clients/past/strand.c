#include "clients/past/strand.h"

#include "proto/limits.h"

void strand_begin(struct strand *thread, const struct past *past, const char *path,
                  struct moment moment)
{
    *thread = (struct strand){.past = past, .path = path, .moment = moment};
    thread->events = json_array();
}

void strand_finish(struct strand *thread)
{
    json_decref(thread->events);
    *thread = (struct strand){0};
}

static json_t *question(const struct strand *thread, size_t count)
{
    json_t *request = past_question("history", thread->path);
    if (request == NULL) {
        return NULL;
    }
    if (count < READ_EVENTS_MAX) { // more than that never come at once
        json_object_set_new(request, "count", json_integer((json_int_t)count));
    }
    if (thread->until > 0) {
        json_object_set_new(request, "until", json_integer(thread->until));
    }
    past_put_moment(&thread->moment, request);
    return request;
}

static int read_part(struct strand *thread, size_t count)
{
    json_t *answer = NULL;
    int code = thread->past->ask(thread->past->context, question(thread, count), thread->path,
                                 false, &answer);
    if (code == 0) { // short without memory
        (void)json_array_extend(thread->events, json_object_get(answer, "events"));
        thread->until = json_integer_value(json_object_get(answer, "until"));
        thread->done = thread->until == 0;
    }
    json_decref(answer);
    return code;
}

int strand_read(struct strand *thread, size_t count)
{
    int code = 0;
    while (code == 0 && !thread->done && json_array_size(thread->events) < count) {
        code = read_part(thread, count - json_array_size(thread->events));
    }
    return code;
}
