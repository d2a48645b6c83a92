#include "clients/cli/complete_live.h"

#include "clients/cli/answers.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_MS 500

void live_offer(struct completing *completing, const char *before, const char *word,
                const char *behind)
{
    char *whole = output_format("%s%s%s", before, word, behind);
    if (strncmp(whole, completing->typed, strlen(completing->typed)) == 0) {
        output_line(&completing->cli->output, "%s", whole);
    }
    free(whole);
}

static void stop(int signal)
{
    (void)signal;
    _exit(0); // what was flushed is there
}

// From here on the program ends in time, whatever it waits for.
static bool connect_in_time(struct completing *completing)
{
    struct cli *cli = completing->cli;
    struct itimerval limit = {.it_value = {.tv_usec = PATIENCE_MS * 1000}};
    (void)output_flush(&cli->output);
    if (!completing->asked) {
        struct waternet_options where = {.timeout_ms = PATIENCE_MS};
        completing->asked = true;
        (void)signal(SIGALRM, stop);
        (void)setitimer(ITIMER_REAL, &limit, NULL);
        answers_where(cli, &where);
        (void)waternet_open(&where, &cli->connection, NULL);
    }
    return cli->connection != NULL;
}

// The paths of a list, from the `depth`-th part on, up to the part behind it.
static void offer_part(struct completing *completing, const json_t *list, unsigned depth,
                       const char *before, const char *behind)
{
    size_t index = 0;
    json_t *entity = NULL;
    json_array_foreach(json_object_get(list, "entities"), index, entity)
    {
        const char *name = answers_text(entity, "path");
        for (unsigned i = 0; i < depth && strchr(name, '/') != NULL; i++) {
            name = strchr(name, '/') + 1;
        }
        char *word = output_format("%.*s", (int)strcspn(name, "/"), name);
        live_offer(completing, before, word, behind);
        free(word);
    }
    (void)output_flush(&completing->cli->output);
}

void live_entities(struct completing *completing, const char *region, const char *kind,
                   unsigned depth, const char *before, const char *behind)
{
    char *from = NULL;
    bool more = connect_in_time(completing);
    while (more) {
        struct waternet_answer *answer = NULL;
        more =
            waternet_list(completing->cli->connection, region, kind, from, &answer) == WATERNET_OK;
        json_t *list = more ? json_loads(waternet_answer_json(answer), 0, NULL) : NULL;
        const char *next = json_string_value(json_object_get(list, "next"));
        offer_part(completing, list, depth, before, behind);
        free(from);
        from = next == NULL ? NULL : output_format("%s", next);
        more = from != NULL;
        json_decref(list);
        waternet_answer_free(&answer);
    }
    free(from);
}

void live_names(struct completing *completing, enum kind kind, const char *before)
{
    const char *region = answers_said(completing->cli->settings.region, "WATERNET_REGION");
    live_entities(completing, region, kind_row(kind)->name, 2, before, "");
}

json_t *live_ask(struct completing *completing, const char *request)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    if (connect_in_time(completing) &&
        waternet_ask(completing->cli->connection, request, &answer) == WATERNET_OK) {
        json = json_loads(waternet_answer_json(answer), 0, NULL);
    }
    waternet_answer_free(&answer);
    return json;
}

void live_cursors(struct completing *completing)
{
    json_t *json = live_ask(completing, "{\"request\":\"cursors\"}");
    size_t index = 0;
    json_t *cursor = NULL;
    json_array_foreach(json_object_get(json, "cursors"), index, cursor)
    {
        live_offer(completing, "", answers_text(cursor, "name"), "");
    }
    json_decref(json);
}
