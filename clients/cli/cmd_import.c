// waternet import FILE: the events of a file, in their order, up to the first that is refused.
#include "clients/cli/answers.h"
#include "clients/cli/import.h"
#include "clients/cli/post.h"

#include <errno.h>
#include <stdlib.h>

#define WINDOW_MAX 1024 // the library's own limit
#define ANSWER_MS 10000 // how long the next answer may take

// Ends the answer to one line.
static int take(struct import *import, uint64_t number, enum waternet_status status,
                struct waternet_answer **answer)
{
    json_t *json = answers_parse(*answer);
    int code = 0;
    if (status == WATERNET_OK) {
        import_count(import, number, json_array_get(json_object_get(json, "receipts"), 0));
    } else {
        code = import_refused(import, number, status, json);
    }
    json_decref(json);
    waternet_answer_free(answer);
    return code;
}

// What a line corrects has to be stored by now.
static int resolve(struct import *import, struct import_line *line)
{
    bool found = false;
    int code = import_resolve(import, line, &found);
    return code == 0 && !found ? import_unresolved(import, line) : code;
}

// One line at a time: nothing behind a refused line is even sent.
static int post_each(struct import *import)
{
    struct import_line line = {0};
    bool found = true;
    int code = 0;
    while (code == 0 && found) {
        code = import_next(import, &line, &found);
        if (code == 0 && found) {
            code = resolve(import, &line);
        }
        if (code == 0 && found) {
            struct waternet_answer *answer = NULL;
            const char *const events[] = {line.text};
            enum waternet_status status = post_events(import->cli, events, 1, false, &answer);
            code = take(import, line.number, status, &answer);
        }
        import_line_free(&line);
    }
    return code;
}

// Posts whose answers are still to come, oldest first. Answers come in the order of the posts.
struct window {
    uint64_t lines[WINDOW_MAX]; // their numbers in the file; a ring
    uint64_t begun, answered;
    uint64_t size;
};

static int receive(struct import *import, struct window *window)
{
    struct waternet_answer *answer = NULL;
    uint64_t post = 0;
    uint64_t number = window->lines[window->answered % WINDOW_MAX];
    enum waternet_status status =
        waternet_receive(import->cli->connection, ANSWER_MS, &post, &answer);
    if (status == WATERNET_AGAIN) {
        status = WATERNET_NO_ANSWER;
    }
    window->answered++;
    return take(import, number, status, &answer);
}

static int receive_all(struct import *import, struct window *window)
{
    int code = 0;
    while (code == 0 && window->answered < window->begun) {
        code = receive(import, window);
    }
    return code;
}

static int send_line(struct import *import, struct window *window, bool *ret_found)
{
    struct import_line line = {0};
    uint64_t post = 0;
    int code = import_next(import, &line, ret_found);
    if (code == 0 && *ret_found && line.corrects) {
        code = receive_all(import, window); // what it corrects may be on its way
        code = code == 0 ? resolve(import, &line) : code;
    }
    if (code == 0 && *ret_found) {
        const char *const events[] = {line.text};
        enum waternet_status status =
            waternet_post_begin(import->cli->connection, events, 1, 0, &post);
        if (status == WATERNET_OK) {
            window->lines[window->begun++ % WINDOW_MAX] = line.number;
        } else {
            code = import_refused(import, line.number, status, NULL);
        }
    }
    import_line_free(&line);
    return code;
}

static int post_window(struct import *import, uint64_t size)
{
    struct window window = {.size = size};
    int no_answer = waternet_status_exit(WATERNET_NO_ANSWER);
    bool found = true;
    int code = 0;
    while ((found && code == 0) || window.answered < window.begun) {
        bool full = window.begun - window.answered >= window.size;
        int now = 0;
        if (found && code == 0 && !full) {
            now = send_line(import, &window, &found);
        } else {
            now = receive(import, &window);
        }
        code = code == 0 ? now : code;
        if (now == no_answer) {
            break;
        }
    }
    return code;
}

static int run(struct import *import)
{
    const struct settings *settings = &import->cli->settings;
    uint64_t window = settings->window.given ? settings->window.value : 1;
    if (window < 1 || window > WINDOW_MAX) {
        return output_problem("--window: 1 to %d", WINDOW_MAX);
    }
    if (settings->dry_run) {
        return import_dry(import);
    }
    int code = window == 1 ? post_each(import) : post_window(import, window);
    import_summary(import,
                   (const struct import_total[]){{N_("stored"), import->counts.stored},
                                                 {N_("already there"), import->counts.there},
                                                 {N_("refused"), import->counts.refused}},
                   import->counts.refused > 0 ? 3 : 2);
    return code;
}

int cmd_import(struct cli *cli)
{
    const char *name = cli->arguments[0];
    bool is_stdin = strcmp(name, "-") == 0;
    struct import import = {.cli = cli, .name = is_stdin ? "stdin" : name};
    import.file = is_stdin ? stdin : fopen(name, "re");
    if (import.file == NULL) {
        return output_failed(EXIT_OTHER, "%s: %s", name, strerror(errno));
    }
    int code = run(&import);
    if (!is_stdin) {
        (void)fclose(import.file); // it was only read
    }
    return code;
}
