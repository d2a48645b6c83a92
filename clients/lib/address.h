/*
 * address - where a daemon is: a directory of local sockets, or a host, a port and the keys.
 */
#ifndef CLIENTS_LIB_ADDRESS_H
#define CLIENTS_LIB_ADDRESS_H

#include "clients/lib/waternet.h"
#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/status.h"

#define HOST_MAX 253 // of a name in the DNS

#define ADDRESS_SERVER_PROBLEM                                                                     \
    "the server must be HOST:PORT, where HOST is a name, an IPv4 address or an [IPv6] address, "   \
    "and "                                                                                         \
    "PORT is what waternetd listens on, from 1 to 65533"
#define ADDRESS_SERVER_KEY_PROBLEM                                                                 \
    "the server key must be the server's public key, 40 characters that its operator can tell you"

struct address {
    char *dir;                   // of the local sockets, owned; NULL: over tcp
    char server[SERVER_MAX + 1]; // as it was said; the next three are read from it
    char host[HOST_MAX + 1];
    unsigned port; // of command; query and feed have the two after it
    bool is_ipv6;
    char server_key[CURVE_TEXT + 1], public_key[CURVE_TEXT + 1], secret_key[CURVE_TEXT + 1];
};

// Sets server, host, port and, where the host stands in brackets, is_ipv6. False if it is no
// HOST:PORT.
bool address_read_server(struct address *address, const char *text) MUST_CHECK;

// Where the local sockets are when nothing says so: $XDG_RUNTIME_DIR/waternet if that directory
// exists, otherwise /run/waternet. The caller frees it; NULL without memory.
char *address_default_dir(void);

// What the options say, with the key file they name. Whatever it returns, the caller ends *address
// with address_finish(). On failure *ret_problem says in a sentence what would be right.
enum status address_take(struct address *address, const struct waternet_options *options,
                         const char **ret_problem) MUST_CHECK;

// Is there somebody? libzmq does not tell, it tries for ever. Returns 0, or the errno of why not
// (ENOENT also for a host that has no address). Over tcp it also finds out whether to use IPv6.
int address_probe(struct address *address, int timeout_ms) MUST_CHECK;

// Frees it, and wipes the secret from memory.
void address_finish(struct address *address);

#endif
