/*
 * server - the daemon: everything that lives long, and the loop that turns.
 *
 *     accept -> check -> commit -> publish        the writing thread, server_turn()
 *     question -> answer                          the query thread, query.c
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/own.h"
#include "daemon/publish.h"
#include "daemon/query.h"
#include "daemon/support/config.h"
#include "daemon/turn.h"

// Exit codes that systemd knows (waternetd.service): only the first is worth another start.
enum server_exit {
    EXIT_CLEAN = 0,
    EXIT_USAGE = 2,
    EXIT_FAILED = 70,  // the disk or the machine; the outcome of the last turn may be unknown
    EXIT_CORRUPT = 71, // what is stored does not verify
    EXIT_POLICY = 72,  // it may not run here: locked, or a file system that loses writes
};

struct server {
    struct config config;
    struct store store;
    struct local_roles local;
    struct sockets sockets;
    struct counters counters;
    struct log_head head; // what is committed and published
    struct query query;
    struct feed feed;
    struct turn turn;
    struct own_post own;     // that waits for its turn
    enum status publication; // how the feed went last
    enum status hindrance;   // why posts are refused at the moment; STATUS_OK if they are taken
    int signal_fd;           // SIGTERM and SIGINT, read in the loop; plus one, 0 if closed
    uint64_t heartbeat_ms, head_file_ms, readers_ms, watchdog_ms; // when each is due
    uint64_t feed_due_ms; // when a feed over tcp that is not bound is told of
    bool feed_missed;     // it was told
    uint64_t query_seen;  // the query thread's count at the last watchdog
    uint64_t unread_told; // questions that the store failed, as far as they were told
};

// Opens all in order; on failure it has logged why, closed what was open, and returns what to exit
// with. EXIT_CLEAN: it is ready, and has told systemd.
int server_open(struct server *server);
// Turns until SIGTERM or SIGINT, or a failure. Returns what to exit with.
int server_run(struct server *server);
// Closes all in reverse order. A zeroed server is closed.
void server_close(struct server *server);

#endif
