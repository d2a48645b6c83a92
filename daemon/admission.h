/*
 * admission - who may connect over tcp at all, and the first keys.
 *
 * The query thread answers the handshakes (zap.h): a local user always gets in, since the runtime
 * directory's mode decided that already; a key gets in while the registry says that it may read.
 * What it may do beyond that is judged at every message.
 */
#ifndef DAEMON_ADMISSION_H
#define DAEMON_ADMISSION_H

#include "daemon/query.h"
#include "daemon/support/keyfile.h"

struct server;

// Answers every handshake that waits.
void admission_answer(struct query *query);

// What a daemon that listens has before its first tcp socket is bound.
struct first_keys {
    struct keyfile server;
    char operator_file[1200]; // that was made just now; "" if the registry knew an operator's key
    char problem[KEYFILE_PROBLEM]; // one English line after a failure
};

// Reads the server's key or makes it. Where the registry has no operator's key yet, one is made
// into DATA/operator.key and registered by a post of the daemon's own, on the way that every post
// takes.
enum status admission_prepare(struct server *server, struct first_keys *ret_keys) MUST_CHECK;

#endif
