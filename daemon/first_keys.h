/*
 * first_keys - what a daemon that listens on tcp has to have: its own key, and an operator's.
 *
 * Both are files in the data directory (key.h), made at the first start that listens. A store that
 * nobody can reach from elsewhere needs no key that might be lost.
 */
#ifndef DAEMON_FIRST_KEYS_H
#define DAEMON_FIRST_KEYS_H

#include "daemon/own.h"

#include "proto/key.h"

struct first_keys {
    struct key server;
    char operator_file[1200]; // that an own post registers; "" if the registry knows an operator
    char problem[512];        // one English line after a failure
};

// The server's key: from the file that is named, which must be there, or (named "") from
// DATA/server.key, which is made if it is not.
enum status first_keys_server(const char *data, const char *named, struct first_keys *keys)
    MUST_CHECK;

// Where the registry has no operator's key, one is made into DATA/operator.key, and the own post
// that registers it waits afterwards. The file comes first: a key that is registered and that
// nobody has would be the worse half.
enum status first_keys_operator(const char *data, struct store *store, struct own_post *own,
                                struct first_keys *keys) MUST_CHECK;

#endif
