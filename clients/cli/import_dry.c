// waternet import --dry-run. A dry run stores nothing, so that a line cannot see the lines before
// it, but for those of the same post. Hence two passes:
//
//  1. every line by itself: is it there already, is it well-formed?
//  2. the first lines that are new, as many as one post takes, together: each is judged as if those
//     before it were stored.
//
// A line that corrects one which is not stored yet has no number to name, and ends the second.
//
// How a later new line would fare depends on those before it, so it is counted as not judged,
// unless it is not even well-formed.
#include "clients/cli/answers.h"
#include "clients/cli/import.h"
#include "clients/cli/post.h"

#include <stdlib.h>
#include <string.h>

#define POST_BYTES (REQUEST_BYTES_MAX / 2) // of JSON; leaves room for the rest of a request

struct chain {
    struct import_line lines[EVENTS_PER_POST_MAX];
    unsigned count;
    size_t bytes;
    bool ended; // a line did not fit any more
};

static enum waternet_status judge(struct import *import, const char *const *events, size_t count,
                                  json_t **ret_json)
{
    struct waternet_answer *answer = NULL;
    enum waternet_status status = post_events(import->cli, events, count, true, &answer);
    *ret_json = answers_parse(answer);
    waternet_answer_free(&answer);
    return status;
}

// Takes the line over if it can be posted together with those that are there.
static bool chain_add(struct chain *chain, struct import_line *line)
{
    size_t size = strlen(line->text);
    bool fits = !chain->ended && chain->count < EVENTS_PER_POST_MAX &&
                chain->bytes + size <= POST_BYTES &&
                (chain->count == 0 || strcmp(chain->lines[0].as, line->as) == 0);
    chain->ended = !fits;
    if (fits) {
        chain->bytes += size;
        chain->lines[chain->count++] = *line;
        *line = (struct import_line){0};
    }
    return fits;
}

static int judge_line(struct import *import, struct chain *chain, struct import_line *line)
{
    json_t *json = NULL;
    bool found = false;
    int unread = import_resolve(import, line, &found);
    if (unread != 0 || !found) { // a line before it may be what it corrects, still without a number
        chain->ended = true;
        import->counts.not_judged += unread == 0;
        return unread;
    }
    const char *const events[] = {line->text};
    enum waternet_status status = judge(import, events, 1, &json);
    const json_t *receipt = json_array_get(json_object_get(json, "receipts"), 0);
    int code = 0;
    if (status == WATERNET_OK && json_is_true(json_object_get(receipt, "duplicate"))) {
        import->counts.there++;
    } else if (status == WATERNET_OK || status == WATERNET_NOT_FOUND ||
               status == WATERNET_NOT_ALLOWED || status == WATERNET_REFUSED) {
        import->counts.not_judged += !chain_add(chain, line);
    } else { // nothing that comes before could make it good
        code = import_refused(import, line->number, status, json);
    }
    json_decref(json);
    return code;
}

static int judge_chain(struct import *import, const struct chain *chain)
{
    const char *events[EVENTS_PER_POST_MAX];
    json_t *json = NULL;
    int code = 0;
    for (unsigned i = 0; i < chain->count; i++) {
        events[i] = chain->lines[i].text;
    }
    enum waternet_status status = judge(import, events, chain->count, &json);
    uint64_t good = chain->count;
    if (status != WATERNET_OK) {
        good = (uint64_t)json_integer_value(json_object_get(json, "index"));
        good = good < chain->count ? good : 0;
        code = import_refused(import, chain->lines[good].number, status, json);
        import->counts.not_judged += chain->count - good - 1;
    }
    import->counts.stored += good;
    json_decref(json);
    return code;
}

int import_dry(struct import *import)
{
    struct chain *chain = calloc(1, sizeof *chain);
    struct import_line line = {0};
    int first = chain == NULL ? EXIT_OTHER : 0; // the first exit code that is not 0
    bool found = chain != NULL;
    while (found) {
        int code = import_next(import, &line, &found);
        if (code == 0 && found) {
            code = judge_line(import, chain, &line);
        } else if (code != 0) {
            import->counts.refused++;
            found = feof(import->file) == 0 && ferror(import->file) == 0; // all faults at once
        }
        import_line_free(&line);
        first = first == 0 ? code : first;
        if (code == waternet_status_exit(WATERNET_NO_ANSWER)) {
            found = false;
        }
    }
    if (chain != NULL && chain->count > 0) {
        int code = judge_chain(import, chain);
        first = first == 0 ? code : first;
    }
    import_summary(import,
                   (const struct import_total[]){{N_("would be stored"), import->counts.stored},
                                                 {"already there", import->counts.there},
                                                 {"refused", import->counts.refused},
                                                 {N_("not judged"), import->counts.not_judged}},
                   4);
    for (unsigned i = 0; chain != NULL && i < chain->count; i++) {
        import_line_free(&chain->lines[i]);
    }
    free(chain);
    return first;
}
