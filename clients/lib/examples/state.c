#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum waternet_status state_ask(struct waternet *connection, json_t *question, json_t **ret_answer)
{
    struct waternet_answer *answer = NULL;
    char *text = json_dumps(question, JSON_COMPACT);
    enum waternet_status status = WATERNET_NO_ANSWER;
    for (int tries = 0; tries < 10 && status == WATERNET_NO_ANSWER; tries++) {
        waternet_answer_free(&answer);
        status = waternet_ask(connection, text, &answer);
    }
    *ret_answer = status == WATERNET_OK ? json_loads(waternet_answer_json(answer), 0, NULL) : NULL;
    waternet_answer_free(&answer);
    json_decref(question);
    free(text);
    return status;
}

void state_write_hash(const struct waternet_event *event, char ret_hash[HASH_SIZE])
{
    uint8_t hash[32];
    waternet_event_hash(event, hash);
    for (int i = 0; i < 32; i++) {
        snprintf(ret_hash + 2 * i, 3, "%02x", hash[i]);
    }
}

enum waternet_status state_find_hash(struct waternet *connection, uint64_t seq,
                                     char ret_hash[HASH_SIZE])
{
    struct waternet_follower *follower;
    struct waternet_event event;
    enum waternet_status status = waternet_follow(connection, "/", seq - 1, &follower);
    status = status == WATERNET_OK ? waternet_next(follower, 10000, &event) : status;
    if (status == WATERNET_OK) {
        state_write_hash(&event, ret_hash);
    }
    waternet_follower_close(&follower);
    return status;
}

enum waternet_status state_list(struct waternet *connection, struct state *state)
{
    char from[256] = "";
    enum waternet_status status;
    do { // an answer's worth at a time
        size_t index;
        json_t *answer, *entity;
        status = state_ask(connection,
                           json_pack("{s:s, s:s, s:s*, s:I}", "request", "list", "region",
                                     state->region, "from", from[0] == '\0' ? NULL : from, "at",
                                     (json_int_t)state->position),
                           &answer);
        json_array_foreach(json_object_get(answer, "entities"), index, entity)
        {
            json_object_set(state->entities, json_string_value(json_object_get(entity, "path")),
                            json_object_get(entity, "record"));
        }
        const char *next = json_string_value(json_object_get(answer, "next"));
        snprintf(from, sizeof(from), "%s", next == NULL ? "" : next);
        json_decref(answer);
    } while (status == WATERNET_OK && from[0] != '\0');
    return status;
}

// The file
// -----------------------------------------------------------------------------------------

// Written beside it, on disk, and then put in its place.
bool state_save(const struct state *state, const char *name)
{
    char beside[4096];
    snprintf(beside, sizeof(beside), "%s.new", name);
    FILE *file = fopen(beside, "w");
    if (file == NULL) {
        return false;
    }
    fprintf(file, "{\"log\":\"%s\",\"region\":\"%s\",\"position\":%llu,\"hash\":\"%s\"}\n",
            state->log, state->region, (unsigned long long)state->position, state->hash);
    const char *path;
    json_t *record;
    json_object_foreach(state->entities, path, record)
    {
        char *text = json_dumps(record, JSON_COMPACT);
        fprintf(file, "{\"path\":\"%s\",\"record\":%s}\n", path, text);
        free(text);
    }
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && written && rename(beside, name) == 0;
}

static bool load_head(struct state *state, json_t *line)
{
    json_int_t position;
    const char *log, *region, *hash;
    if (json_unpack(line, "{s:s, s:s, s:I, s:s !}", "log", &log, "region", &region, "position",
                    &position, "hash", &hash) != 0 ||
        strcmp(region, state->region) != 0) {
        return false;
    }
    snprintf(state->log, sizeof(state->log), "%s", log);
    snprintf(state->hash, sizeof(state->hash), "%s", hash);
    state->position = (uint64_t)position;
    return true;
}

static bool load_entity(struct state *state, json_t *line)
{
    const char *path;
    json_t *record;
    return json_unpack(line, "{s:s, s:o !}", "path", &path, "record", &record) == 0 &&
           json_object_get(state->entities, path) == NULL &&
           json_object_set(state->entities, path, record) == 0;
}

enum waternet_status state_load(struct state *state, const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = NULL;
    size_t room = 0;
    unsigned number = 0;
    bool is_sound = true;
    if (file == NULL) {
        return WATERNET_NOT_FOUND;
    }
    while (is_sound && getline(&text, &room, file) > 0) {
        json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        is_sound = number++ == 0 ? load_head(state, line) : load_entity(state, line);
        json_decref(line);
    }
    if (!is_sound || number == 0) {
        fprintf(stderr, "%s:%u: not a line of a copy of %s\n", name, number, state->region);
    }
    free(text);
    fclose(file);
    return is_sound && number > 0 ? WATERNET_OK : WATERNET_CORRUPT;
}
