/*
 * start - how soon a daemon answers, and what memory it takes when it has nothing to do.
 *
 *     start WATERNETD DATA RUNTIME
 *
 * Starts the daemon, which ends with kill -9, so that the next start is one after that. Results:
 * ready (ms from its start to the answer to hello), memory (MiB of anonymous memory half a second
 * later).
 */
#include "tests/bench/common.h"

#include "proto/limits.h"
#include "proto/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

static pid_t start_daemon(const char *program, const char *data, const char *runtime)
{
    pid_t pid = fork();
    stop_if(pid < 0, "a process");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // a known signal
        (void)execl(program, program, "--data", data, "--runtime", runtime, "--log-level", "3",
                    (char *)NULL);
        stop_if(true, program);
    }
    return pid;
}

static void ask_hello(void *socket)
{
    uint8_t room[128];
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, 3);
    wire_pair_uint(&writer, "number", 1);
    wire_pair_text(&writer, "request", bytes_of("hello"));
    wire_pair_uint(&writer, "protocol", PROTOCOL_VERSION);
    stop_if(zmq_send(socket, room, wire_written(&writer).size, 0) < 0, "hello");
}

// A socket that tries every millisecond whether somebody is there yet.
static void *open_query(const char *runtime)
{
    char endpoint[128];
    int every_ms = 1, wait_ms = 60000;
    void *socket = socket_make(zmq_ctx_new(), ZMQ_DEALER, 0);
    stop_if(zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &every_ms, sizeof(every_ms)) != 0 ||
                zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) != 0,
            "a socket's options");
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%.100s/query", runtime); // cut: no answer
    socket_connect(socket, endpoint);
    return socket;
}

static double anonymous_mib(pid_t pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid); // fits
    FILE *file = fopen(path, "re");
    stop_if(file == NULL, path);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0) {
            kib = strtoul(line + 8, NULL, 10);
        }
    }
    (void)fclose(file); // it was only read
    return (double)kib / 1024;
}

int main(int count, char **arguments)
{
    char answer[65536];
    if (count != 4) {
        stop_with("usage: start WATERNETD DATA RUNTIME");
    }
    uint64_t start = now_ns();
    pid_t pid = start_daemon(arguments[1], arguments[2], arguments[3]);
    void *socket = open_query(arguments[3]);
    ask_hello(socket);
    bool is_ready = zmq_recv(socket, answer, sizeof(answer), 0) > 0;
    double seconds = seconds_since(start);
    (void)usleep(500000);
    double mib = is_ready ? anonymous_mib(pid) : 0;
    (void)kill(pid, SIGKILL); // ours, and not waited for yet
    (void)waitpid(pid, NULL, 0);
    stop_if(!is_ready, "no answer to hello");
    result("ready", seconds * 1000);
    result("memory", mib);
    _Exit(0);
}
