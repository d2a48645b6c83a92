/*
 * follow - prints every event of a level as a line of JSON, and goes on where it was.
 *
 *     cc follow.c $(pkg-config --cflags --libs libwaternet) -o follow
 *     ./follow /twente/ archief-1
 *
 * The daemon keeps how far it has got, under the name of the second word. Kill it when you like:
 * every event is printed, in order, and at most the last one twice, with the same id.
 * Where the daemon is and who asks: WATERNET_RUNTIME, or over tcp WATERNET_KEY_FILE.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <waternet.h>

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

// Your work stands here. It is finished when it returns true: only what is safe then stays so.
static bool handle(struct waternet_follower *follower, const struct waternet_event *event)
{
    char *json = waternet_event_json(follower, event);
    bool printed = json != NULL && puts(json) >= 0 && fflush(stdout) == 0;
    free(json);
    return printed;
}

static enum waternet_status follow(struct waternet_follower *follower)
{
    enum waternet_status status = WATERNET_OK;
    while (stopped == 0 && (status == WATERNET_OK || status == WATERNET_AGAIN)) {
        struct waternet_event event;
        status = waternet_next(follower, 1000, &event);
        if (status == WATERNET_OK) {
            if (!handle(follower, &event)) {
                return WATERNET_FAILED; // not finished: it comes again next time
            }
            status = waternet_done(follower, &event);
        }
    }
    return status == WATERNET_AGAIN ? WATERNET_OK : status;
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: follow LEVEL CURSOR\n");
        return 2;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    struct waternet_options options = {.runtime_dir = getenv("WATERNET_RUNTIME"),
                                       .key_file = getenv("WATERNET_KEY_FILE")};
    struct waternet *connection;
    const char *problem;
    enum waternet_status status = waternet_open(&options, &connection, &problem);
    if (status != WATERNET_OK) {
        fprintf(stderr, "follow: %s\n", problem);
        return waternet_status_exit(status);
    }
    struct waternet_follower *follower;
    status = waternet_follow_cursor(connection, words[1], words[2], 0, 0, &follower);
    if (status == WATERNET_OK) {
        status = follow(follower);
    }
    if (status != WATERNET_OK) {
        problem = waternet_problem(connection);
        fprintf(stderr, "follow: %s\n",
                problem != NULL ? problem : waternet_status_sentence(status));
    }
    waternet_follower_close(&follower);
    waternet_close(&connection);
    return waternet_status_exit(status);
}
