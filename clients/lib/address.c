#include "clients/lib/address.h"

#include "clients/lib/link.h"
#include "proto/key.h"
#include "proto/schema.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PORT_MAX 65533 // two more are needed

// Reading ---------------------------------------------------------------------------------------

static bool read_port(const char *text, unsigned *ret_port)
{
    char *end = NULL;
    unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || port < 1 || port > PORT_MAX) {
        return false;
    }
    *ret_port = (unsigned)port;
    return true;
}

// The characters of a name or an address, so that nothing else reaches what parses endpoints.
static bool is_host(struct bytes host, bool is_ipv6)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    static const char ipv6[] = "abcdefABCDEF0123456789:.";
    const char *at = host.data;
    for (size_t i = 0; i < host.size; i++) {
        if (at[i] == '\0' || strchr(is_ipv6 ? ipv6 : name, at[i]) == NULL) {
            return false;
        }
    }
    return host.size > 0 && host.size <= HOST_MAX;
}

bool address_read_server(struct address *address, const char *text)
{
    const char *colon = strrchr(text, ':');
    struct bytes host = {text, colon == NULL ? 0 : (size_t)(colon - text)};
    bool is_ipv6 = host.size > 2 && text[0] == '[' && text[host.size - 1] == ']';
    if (is_ipv6) {
        host = (struct bytes){text + 1, host.size - 2};
    }
    unsigned port = 0;
    if (strlen(text) > SERVER_MAX || !is_host(host, is_ipv6) || !read_port(colon + 1, &port)) {
        return false;
    }
    memcpy(address->server, text, strlen(text) + 1);
    memcpy(address->host, host.data, host.size);
    address->host[host.size] = '\0';
    address->port = port;
    address->is_ipv6 = is_ipv6;
    return true;
}

char *address_default_dir(void)
{
    char *dir = NULL;
    struct stat status;
    const char *base = getenv("XDG_RUNTIME_DIR");
    if (base != NULL && base[0] == '/' && asprintf(&dir, "%s/waternet", base) < 0) {
        return NULL;
    }
    if (dir != NULL && stat(dir, &status) == 0 && S_ISDIR(status.st_mode)) {
        return dir;
    }
    free(dir);
    return strdup("/run/waternet");
}

static enum status take_local(struct address *address, const char *dir, const char **ret_problem)
{
    address->dir = dir != NULL ? strdup(dir) : address_default_dir();
    if (address->dir == NULL) {
        *ret_problem = "no memory";
        return STATUS_FAILED;
    }
    return STATUS_OK;
}

// What the options say goes before what the key file says.
static enum status take_key(struct address *address, const struct waternet_options *options,
                            const struct key *key, const char **ret_problem)
{
    const char *server = options->server != NULL ? options->server : key->server;
    const char *server_key = options->server_key != NULL ? options->server_key : key->server_key;
    if (options->server == NULL && server[0] == '\0') {
        *ret_problem = "the key file does not say which server it is for; give it as HOST:PORT";
        return STATUS_MALFORMED;
    }
    if (options->server_key == NULL && server_key[0] == '\0') {
        *ret_problem = "the key file does not hold the server's public key; give it, 40 characters "
                       "that the server's operator can tell you";
        return STATUS_MALFORMED;
    }
    if (!address_read_server(address, server)) {
        *ret_problem = ADDRESS_SERVER_PROBLEM;
        return STATUS_MALFORMED;
    }
    if (!schema_is_curve(bytes_of(server_key))) {
        *ret_problem = ADDRESS_SERVER_KEY_PROBLEM;
        return STATUS_MALFORMED;
    }
    memcpy(address->server_key, server_key, sizeof(address->server_key));
    memcpy(address->public_key, key->public_key, sizeof(address->public_key));
    memcpy(address->secret_key, key->secret_key, sizeof(address->secret_key));
    return STATUS_OK;
}

enum status address_take(struct address *address, const struct waternet_options *options,
                         const char **ret_problem)
{
    if (options->server == NULL && options->key_file == NULL) {
        return take_local(address, options->runtime_dir, ret_problem);
    }
    if (options->runtime_dir != NULL) {
        *ret_problem =
            "a runtime directory is for a daemon on this machine, a server and a key file "
            "are for one over tcp; give only one of the two";
        return STATUS_MALFORMED;
    }
    if (options->key_file == NULL) {
        *ret_problem = "a server over tcp asks for a key: give a key file; `waternet key new NAME "
                       "--file-only` makes one, which the server's operator has to let in";
        return STATUS_MALFORMED;
    }
    struct key key;
    enum status status = key_read(options->key_file, &key, ret_problem);
    if (status == STATUS_OK) {
        status = take_key(address, options, &key, ret_problem);
        key_wipe(&key);
    }
    return status;
}

void address_finish(struct address *address)
{
    free(address->dir);
    explicit_bzero(address, sizeof(*address));
}

// Probing ---------------------------------------------------------------------------------------

static int probe_local(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof(address.sun_path), "%s/query", dir);
    if (size < 0 || (size_t)size >= sizeof(address.sun_path)) {
        return ENAMETOOLONG;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return errno;
    }
    int error = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
    (void)close(fd); // nothing was written
    return error == EAGAIN ? 0 : error;
}

// How a connection that was begun comes out. A signal does not end the waiting.
static int wait_connected(int fd, int64_t until_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int ready = -1, error = EINTR;
    while (ready < 0 && error == EINTR) {
        int64_t left_ms = until_ms - clock_ms();
        ready = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
        error = ready < 0 ? errno : ETIMEDOUT;
    }
    socklen_t size = sizeof(error);
    if (ready > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
    }
    return error;
}

static int probe_one(const struct addrinfo *info, int64_t until_ms)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return errno;
    }
    int error = connect(fd, info->ai_addr, info->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        error = wait_connected(fd, until_ms);
    }
    (void)close(fd); // nothing was written
    return error;
}

// libzmq takes only the first address of a name, and of one kind: with IPv6 "localhost" is ::1,
// where a daemon on 127.0.0.1 is not heard. So the kind is that of an address where somebody is.
static int probe_tcp(struct address *address, int timeout_ms)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    (void)snprintf(port, sizeof(port), "%u", address->port + 1); // that of query
    if (getaddrinfo(address->host, port, &hints, &found) != 0) {
        return ENOENT;
    }
    int64_t until_ms = clock_ms() + timeout_ms;
    int error = ENOENT;
    for (const struct addrinfo *info = found; info != NULL && error != 0; info = info->ai_next) {
        int outcome = probe_one(info, until_ms);
        if (outcome == 0 || info == found) {
            address->is_ipv6 = info->ai_family == AF_INET6;
            error = outcome;
        }
    }
    freeaddrinfo(found);
    return error;
}

int address_probe(struct address *address, int timeout_ms)
{
    return address->dir != NULL ? probe_local(address->dir) : probe_tcp(address, timeout_ms);
}
