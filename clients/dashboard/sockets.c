#include "clients/dashboard/sockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static const char *problem(const char *what)
{
    static char text[256];
    (void)snprintf(text, sizeof(text), "%s: %s", what, strerror(errno)); // cut if it is long
    return text;
}

// Whether a socket lies there on which nobody listens.
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 &&
                   connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0) {
        (void)close(fd); // it was only for the question
    }
    return refused;
}

static int listen_unix(const char *path, const char **ret_problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        *ret_problem = "the path of a unix socket may be 107 bytes long";
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (is_left_over(&address)) {
        (void)unlink(path); // otherwise bind says it
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, BACKLOG) != 0) {
        *ret_problem = problem(path);
        if (fd >= 0) {
            (void)close(fd); // nothing came in
        }
        return -1;
    }
    return fd;
}

static int listen_at(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
         bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)) {
        int code = errno;
        (void)close(fd); // nothing came in
        errno = code;
        fd = -1;
    }
    return fd;
}

static int listen_tcp(const char *where, const char **ret_problem)
{
    char host[256];
    const char *colon = strrchr(where, ':');
    size_t size = colon == NULL ? 0 : (size_t)(colon - where);
    if (size == 0 || size >= sizeof(host) || colon[1] == '\0') {
        *ret_problem = "it takes ADDRESS:PORT, or the path of a unix socket";
        return -1;
    }
    bool brackets = where[0] == '[' && where[size - 1] == ']';
    memcpy(host, where + brackets, size - 2 * brackets);
    host[size - 2 * brackets] = '\0';
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &wanted, &found) != 0) {
        *ret_problem = "that is no address and port";
        return -1;
    }
    int fd = listen_at(found);
    if (fd < 0) {
        *ret_problem = problem(where);
    }
    freeaddrinfo(found);
    return fd;
}

int sockets_listen(const char *where, const char **ret_problem)
{
    return strchr(where, '/') != NULL ? listen_unix(where, ret_problem)
                                      : listen_tcp(where, ret_problem);
}

unsigned sockets_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        return 0;
    }
    if (address.ss_family == AF_INET) {
        return ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
    }
    return address.ss_family == AF_INET6
               ? ntohs(((const struct sockaddr_in6 *)(const void *)&address)->sin6_port)
               : 0;
}
