// waternet watch: follows a level live.
#include "clients/cli/answers.h"
#include "clients/cli/cursors.h"
#include "clients/cli/events.h"
#include "clients/cli/handler.h"
#include "clients/cli/levels.h"
#include "clients/cli/present.h"
#include "proto/schema.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 250 // how long it takes at most to notice a signal, a change of state or the end
#define LAG_MS 500  // how long a cursor may lag behind what is only printed

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

struct watch {
    struct cli *cli;
    const char *level;
    struct waternet_follower *follower;
    struct table table;
    uint64_t left;     // events until the end
    uint64_t until_ms; // on the monotonic clock
    uint64_t holes;    // told so far
    bool was_live, is_silent;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail with this clock
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void tell_repairs(struct watch *watch)
{
    uint64_t holes = 0;
    uint64_t events = 0;
    waternet_follower_repairs(watch->follower, &holes, &events);
    if (holes > watch->holes) {
        output_note("waternet: %llu gap(s) in the feed repaired from the log so far, %llu event(s)",
                    (unsigned long long)holes, (unsigned long long)events);
        watch->holes = holes;
    }
}

// position: everything up to it has been printed.
static void tell_state(struct watch *watch, uint64_t position)
{
    switch (waternet_follower_state(watch->follower)) {
    case WATERNET_CATCHING_UP:
        break;
    case WATERNET_LIVE:
        if (!watch->was_live || watch->is_silent) {
            output_note("watching %s from %llu (%s)", watch->level, (unsigned long long)position,
                        watch->is_silent ? _("live again") : _("live"));
        }
        watch->was_live = true;
        watch->is_silent = false;
        break;
    case WATERNET_SILENT:
        if (!watch->is_silent) {
            output_note("waternet: the daemon is silent; trying again until it is back");
        }
        watch->is_silent = true;
        break;
    }
    tell_repairs(watch);
}

static bool is_over(const struct watch *watch, bool waiting)
{
    bool caught_up = waiting && watch->was_live && !watch->is_silent;
    return stopped != 0 || watch->left == 0 || now_ms() >= watch->until_ms ||
           (caught_up && watch->cli->settings.until_caught_up);
}

static int wait_ms(const struct watch *watch)
{
    uint64_t now = now_ms();
    uint64_t left = watch->until_ms > now ? watch->until_ms - now : 0;
    return left < LOOK_MS ? (int)left : LOOK_MS;
}

// Prints it, runs the command for it, and has the cursor moved behind it.
static int take(struct watch *watch, const struct waternet_event *event)
{
    const struct settings *settings = &watch->cli->settings;
    uint64_t seq = event->seq;
    tell_state(watch, seq - 1);
    if (!events_print(watch->cli, &watch->table, watch->follower, event)) {
        watch->left = 0; // nobody reads it
        return 0;
    }
    watch->left--;
    int code = settings->exec == NULL ? 0 : handler_run(settings->exec, watch->follower, event);
    if (code == 0 && settings->cursor != NULL) {
        (void)waternet_done(watch->follower, event); // waternet_next() tells what went wrong
    }
    return code;
}

static int refused(const struct watch *watch, enum waternet_status status)
{
    if (status == WATERNET_NOT_FOUND) {
        return output_failed(waternet_status_exit(status),
                             "cursor %s is gone; waternet cursor list shows which there are",
                             watch->cli->settings.cursor);
    }
    return answers_refused(watch->cli, status, NULL, "watch");
}

// At the end: the cursor is on disk where it should be.
static int finish(const struct watch *watch, int code)
{
    enum waternet_status status = waternet_follower_flush(watch->follower);
    return code != 0 || status == WATERNET_OK ? code : refused(watch, status);
}

static int follow(struct watch *watch)
{
    bool waiting = false;
    int code = 0;
    while (code == 0 && !is_over(watch, waiting)) {
        struct waternet_event event;
        enum waternet_status status = waternet_next(watch->follower, wait_ms(watch), &event);
        waiting = status == WATERNET_AGAIN;
        if (status == WATERNET_OK) {
            code = take(watch, &event);
        } else if (waiting) {
            tell_state(watch, waternet_follower_position(watch->follower));
        } else {
            return refused(watch, status);
        }
    }
    return finish(watch, code);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};
    (void)sigaction(SIGINT, &action, NULL); // these two cannot fail
    (void)sigaction(SIGTERM, &action, NULL);
}

// Of a cursor that follows another level.
static int tell_level(struct cli *cli, const char *level)
{
    json_t *cursor = NULL;
    int code = cursors_find(cli, cli->settings.cursor, &cursor);
    if (code == 0) {
        code = output_problem("cursor %s follows %s, not %s; another name, or waternet cursor set",
                              cli->settings.cursor, answers_text(cursor, "prefix"), level);
    }
    json_decref(cursor);
    return code;
}

static int follow_cursor(struct cli *cli, const char *level, uint64_t after,
                         struct waternet_follower **ret_follower)
{
    const char *name = cli->settings.cursor;
    int lag_ms = cli->settings.exec == NULL ? LAG_MS : 0;
    if (!schema_is_id(bytes_of(name))) {
        return output_problem("--cursor %s is no name; letters a-z, digits and hyphens are needed",
                              name);
    }
    enum waternet_status status =
        waternet_follow_cursor(cli->connection, level, name, after, lag_ms, ret_follower);
    if (status == WATERNET_CONFLICT) {
        return tell_level(cli, level);
    }
    return levels_followed(cli, level, status);
}

static int begin(struct cli *cli, const char *level, struct waternet_follower **ret_follower)
{
    const char *from = cli->settings.from == NULL ? "end" : cli->settings.from;
    uint64_t after = WATERNET_END;
    uint64_t head = 0;
    int code = levels_head(cli, &head);
    if (code == 0) {
        code = levels_position(cli, "--from", level, from, head, &after);
    }
    if (code != 0) {
        return code;
    }
    return cli->settings.cursor == NULL ? levels_follow(cli, level, after, ret_follower)
                                        : follow_cursor(cli, level, after, ret_follower);
}

int cmd_watch(struct cli *cli)
{
    const struct settings *settings = &cli->settings;
    char *level = NULL;
    struct watch watch = {.cli = cli};
    watch.left = settings->count.given ? settings->count.value : UINT64_MAX;
    watch.until_ms =
        settings->duration_ms.given ? now_ms() + settings->duration_ms.value : UINT64_MAX;
    catch_signals();
    int code = present_level(cli, cli->argument_count > 0 ? cli->arguments[0] : NULL, &level);
    if (code == 0) {
        watch.level = level;
        code = begin(cli, level, &watch.follower);
    }
    if (code == 0) {
        events_begin(cli, &watch.table);
        (void)output_flush(&cli->output); // a header that cannot be written ends the first event
        code = follow(&watch);
        events_end(cli, &watch.table);
    }
    waternet_follower_close(&watch.follower);
    free(level);
    return code;
}
