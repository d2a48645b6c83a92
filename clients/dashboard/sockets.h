/*
 * sockets - the descriptor that the dashboard listens on.
 */
#ifndef DASHBOARD_SOCKETS_H
#define DASHBOARD_SOCKETS_H

// "ADDRESS:PORT", "[ADDRESS]:PORT" or the path of a unix socket (with a slash in it), where a
// socket that nobody listens on any more is replaced. -1 if that cannot be; *ret_problem says why,
// good until the next call.
int sockets_listen(const char *where, const char **ret_problem);

// 0 of a unix socket.
unsigned sockets_port(int fd);

#endif
