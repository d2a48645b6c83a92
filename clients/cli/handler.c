#include "clients/cli/handler.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Its words are the shell's business, as in every tool of this kind; the event is its input, and
// what it is about stands in the environment.
static void set_environment(const struct waternet_event *event)
{
    char *seq = output_format("%llu", (unsigned long long)event->seq);
    (void)setenv("WATERNET_EVENT_SEQ", seq, 1); // without memory nothing else works either
    (void)setenv("WATERNET_EVENT_ID", event->id, 1);
    (void)setenv("WATERNET_EVENT_TYPE", event->type, 1);
    (void)setenv("WATERNET_EVENT_REGION", event->region, 1);
    (void)setenv("WATERNET_EVENT_SUBJECT", event->subject, 1);
    free(seq);
}

static void write_all(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t put = write(fd, text, left);
        if (put < 0 && errno == EINTR) {
            continue; // half an event would look like a whole one that is wrong
        }
        if (put <= 0) {
            break; // a command need not read it
        }
        text += put;
        left -= (size_t)put;
    }
}

// What we ignore it would ignore too: `yes | head` in it would complain, or never end.
static bool reset_signals(posix_spawnattr_t *attributes)
{
    sigset_t pipe_signal;
    (void)sigemptyset(&pipe_signal); // these two cannot fail
    (void)sigaddset(&pipe_signal, SIGPIPE);
    return posix_spawnattr_setsigdefault(attributes, &pipe_signal) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF) == 0;
}

// Starts it with a pipe as its input. Returns 0 and the pipe's other end.
static int start(const char *command, pid_t *ret_child, int *ret_fd)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const words[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
    if (pipe(ends) != 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawnattr_init(&attributes) != 0) {
        return EXIT_OTHER;
    }
    (void)posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO); // these fit
    (void)posix_spawn_file_actions_addclose(&actions, ends[0]);
    (void)posix_spawn_file_actions_addclose(&actions, ends[1]);
    int failed = reset_signals(&attributes)
                     ? posix_spawn(ret_child, "/bin/sh", &actions, &attributes, words, environ)
                     : EXIT_OTHER;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[0]);
    if (failed != 0) {
        (void)close(ends[1]);
        return EXIT_OTHER;
    }
    *ret_fd = ends[1];
    return 0;
}

static int run(const char *command, const char *json)
{
    pid_t child;
    int fd, ended = 0;
    if (start(command, &child, &fd) != 0) {
        return output_failed(EXIT_OTHER, "/bin/sh cannot be started");
    }
    write_all(fd, json);
    write_all(fd, "\n");
    (void)close(fd); // the end of its input
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
    }
    int code = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    if (code != 0) {
        (void)output_failed(code,
                            "--exec ended with %d; with the same --cursor, or with --from seq:%s, "
                            "it goes on with this event",
                            code, getenv("WATERNET_EVENT_SEQ"));
    }
    return code;
}

int handler_run(const char *command, struct waternet_follower *follower,
                const struct waternet_event *event)
{
    char *json = waternet_event_json(follower, event);
    if (json == NULL) {
        return output_failed(EXIT_OTHER, "out of memory");
    }
    (void)signal(SIGPIPE, SIG_IGN); // a command need not read its input
    set_environment(event);
    int code = run(command, json);
    free(json);
    return code;
}
