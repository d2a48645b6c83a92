/*
 * compare - tells whether a copy that copy.c keeps is what the daemon had at the same event.
 *
 *     cc compare.c state.c $(pkg-config --cflags --libs libwaternet jansson) -o compare
 *     ./compare twente copy.jsonl
 *
 * Ends with 0 if it is, and with 1 after having told what differs. The hash of the event proves
 * that both speak of the same log: it covers the event's place in it. Whether the log itself still
 * has the root it had is what `waternet verify` tells.
 */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int differences; // told so far

static void differs(const char *what, const char *how)
{
    printf("%s: %s\n", what, how);
    differences++;
}

// The log that it is a copy of, and the place in it.
static enum waternet_status compare_log(struct waternet *connection, const struct state *copy)
{
    char hash[HASH_SIZE] = "";
    if (strcmp(copy->log, waternet_log_id(connection)) != 0) {
        differs("log", "the copy is of another log");
    }
    enum waternet_status status = WATERNET_OK;
    if (copy->position > 0) {
        status = state_find_hash(connection, copy->position, hash);
    }
    if (status == WATERNET_STALE || status == WATERNET_AGAIN) {
        differs("position", "the log has not come that far");
        return WATERNET_OK;
    }
    if (status == WATERNET_OK && strcmp(hash, copy->hash) != 0) {
        differs("hash", "the log has another event at the position of the copy");
    }
    return status;
}

static void compare_entities(const struct state *copy, const struct state *daemon)
{
    const char *path;
    json_t *record;
    json_object_foreach(daemon->entities, path, record)
    {
        json_t *ours = json_object_get(copy->entities, path);
        if (ours == NULL) {
            differs(path, "only the daemon has it");
        } else if (!json_equal(ours, record)) {
            differs(path, "the record differs");
        }
    }
    json_object_foreach(copy->entities, path, record)
    {
        if (json_object_get(daemon->entities, path) == NULL) {
            differs(path, "only the copy has it");
        }
    }
}

static enum waternet_status compare(struct waternet *connection, const struct state *copy)
{
    struct state daemon = {
        .region = copy->region, .position = copy->position, .entities = json_object()};
    enum waternet_status status = compare_log(connection, copy);
    status = status == WATERNET_OK ? state_list(connection, &daemon) : status;
    if (status == WATERNET_OK) {
        compare_entities(copy, &daemon);
    }
    if (status == WATERNET_OK && differences == 0) {
        printf("equal: %zu entities at %llu\n", json_object_size(copy->entities),
               (unsigned long long)copy->position);
    }
    json_decref(daemon.entities);
    return status;
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: compare REGION FILE\n");
        return 2;
    }
    struct state copy = {.region = words[1], .entities = json_object()};
    struct waternet_options options = {.runtime_dir = getenv("WATERNET_RUNTIME"),
                                       .key_file = getenv("WATERNET_KEY_FILE")};
    struct waternet *connection = NULL;
    const char *problem = NULL;
    enum waternet_status status = state_load(&copy, words[2]);
    if (status == WATERNET_CORRUPT) {
        differences++; // which line was told
        status = WATERNET_OK;
    } else if (status == WATERNET_OK) {
        status = waternet_open(&options, &connection, &problem);
        status = status == WATERNET_OK ? compare(connection, &copy) : status;
    }
    if (status != WATERNET_OK) {
        fprintf(stderr, "compare: %s\n",
                problem != NULL ? problem : waternet_status_sentence(status));
    }
    json_decref(copy.entities);
    waternet_close(&connection);
    return status != WATERNET_OK ? waternet_status_exit(status) : differences > 0;
}
