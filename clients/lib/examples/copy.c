/*
 * copy - keeps a copy of a region in a file: every entity as it stands.
 *
 *     cc copy.c state.c $(pkg-config --cflags --libs libwaternet jansson) -o copy
 *     ./copy twente copy.jsonl
 *
 * Kill it when you like; started again it goes on. compare.c tells whether the copy is right.
 * Where the daemon is and who asks: WATERNET_RUNTIME, or over tcp WATERNET_KEY_FILE.
 */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The first time: all that there is, as it was at one event.
static enum waternet_status begin(struct waternet *connection, struct state *state)
{
    json_t *answer;
    enum waternet_status status =
        state_ask(connection, json_pack("{s:s}", "request", "status"), &answer);
    state->position = (uint64_t)json_integer_value(json_object_get(answer, "head"));
    json_decref(answer);
    snprintf(state->log, sizeof(state->log), "%s", waternet_log_id(connection));
    if (status == WATERNET_OK && state->position > 0) {
        status = state_find_hash(connection, state->position, state->hash);
    }
    return status == WATERNET_OK ? state_list(connection, state) : status;
}

// The entity that the event is about, as that event left it, takes the place of the one before.
// Nothing else changes by an event.
static enum waternet_status apply(struct waternet *connection, struct state *state,
                                  const struct waternet_event *event)
{
    char kind[65], entity[65], path[256];
    sscanf(event->subject, "%64[^/]/%64s", kind, entity);
    snprintf(path, sizeof(path), "%s/%s", event->region, event->subject);
    json_t *answer;
    enum waternet_status status =
        state_ask(connection,
                  json_pack("{s:s, s:s, s:s, s:s, s:I}", "request", "get", "region", event->region,
                            "kind", kind, "entity", entity, "at", (json_int_t)event->seq),
                  &answer);
    if (status == WATERNET_OK) {
        json_object_set(state->entities, path, json_object_get(answer, "record"));
        state->position = event->seq;
        state_write_hash(event, state->hash);
    }
    json_decref(answer);
    return status;
}

// Saves when there is nothing else to do, and after so many events.
static enum waternet_status go_on(struct waternet *connection, struct state *state,
                                  const char *file)
{
    char level[128];
    snprintf(level, sizeof(level), "/%s/", state->region);
    struct waternet_follower *follower;
    enum waternet_status status = waternet_follow(connection, level, state->position, &follower);
    int unsaved = 0;
    while (status == WATERNET_OK || status == WATERNET_AGAIN) {
        struct waternet_event event;
        status = waternet_next(follower, unsaved > 0 ? 0 : -1, &event);
        if (status == WATERNET_OK) {
            status = apply(connection, state, &event);
            unsaved++;
        }
        if (unsaved > 0 && (status == WATERNET_AGAIN || unsaved == 100)) {
            status = state_save(state, file) ? status : WATERNET_FAILED;
            unsaved = 0;
        }
    }
    waternet_follower_close(&follower);
    return status;
}

static enum waternet_status run(struct waternet *connection, struct state *state, const char *file)
{
    enum waternet_status status = state_load(state, file);
    if (status == WATERNET_NOT_FOUND) {
        status = begin(connection, state);
        status = status == WATERNET_OK && !state_save(state, file) ? WATERNET_FAILED : status;
    } else if (status == WATERNET_OK && strcmp(state->log, waternet_log_id(connection)) != 0) {
        status = WATERNET_STALE; // of another log: people have to look
    }
    return status == WATERNET_OK ? go_on(connection, state, file) : status;
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: copy REGION FILE\n");
        return 2;
    }
    struct waternet_options options = {.runtime_dir = getenv("WATERNET_RUNTIME"),
                                       .key_file = getenv("WATERNET_KEY_FILE")};
    struct waternet *connection;
    const char *problem;
    enum waternet_status status = waternet_open(&options, &connection, &problem);
    if (status == WATERNET_OK) {
        struct state state = {.region = words[1], .entities = json_object()};
        status = run(connection, &state, words[2]);
        problem = waternet_status_sentence(status);
        json_decref(state.entities);
    }
    fprintf(stderr, "copy: %s\n", problem);
    waternet_close(&connection);
    return waternet_status_exit(status);
}
