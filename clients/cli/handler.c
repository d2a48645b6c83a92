#include "clients/cli/handler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
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
static void heed_closed_pipes(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    (void)sigaction(SIGPIPE, &action, NULL); // cannot fail
}

// In the child, between fork and exec: only what a signal handler may do too. It ends with who
// started it, however that ends: nothing of it may still be busy when the next one gets the event.
static _Noreturn void become(const char *command, int input, pid_t parent)
{
    char *const words[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
    heed_closed_pipes();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && // it may be gone already
        dup2(input, STDIN_FILENO) >= 0) {
        (void)execve("/bin/sh", words, environ);
    }
    _exit(127); // as a shell does
}

// Starts it with a pipe as its input. Returns 0 and the pipe's other end.
static int start(const char *command, pid_t *ret_child, int *ret_fd)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return EXIT_OTHER;
    }
    pid_t child = fork();
    if (child == 0) {
        become(command, ends[0], parent);
    }
    (void)close(ends[0]);
    if (child < 0) {
        (void)close(ends[1]);
        return EXIT_OTHER;
    }
    *ret_child = child;
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
