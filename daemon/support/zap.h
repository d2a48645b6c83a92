/*
 * zap - who may connect: the handler of ZeroMQ's authentication (RFC 27) behind every socket.
 *
 * libzmq asks it once a handshake, on a socket of its own, which is bound before any other. Without
 * an answer nobody gets in: the sockets enforce their domain. What it lets in is named by a user id
 * that libzmq puts on every message of the connection:
 *
 *     uid:1000                        a local process, by what the kernel says of it
 *     <40 characters of Z85>          the public key that a CURVE handshake proved
 */
#ifndef DAEMON_SUPPORT_ZAP_H
#define DAEMON_SUPPORT_ZAP_H

#include "proto/bytes.h"
#include "proto/limits.h"

#include <stdint.h>

#define ZAP_DOMAIN "waternet"
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_USER_MAX CURVE_TEXT
#define ZAP_LOCAL "uid:" // how the user id of a local connection begins

// One handshake that waits for its answer.
struct zap_question {
    uint8_t caller[256]; // of the socket that asks: its routing id
    size_t caller_size;
    uint8_t number[256]; // repeated in the answer
    size_t number_size;
    char user[ZAP_USER_MAX + 1]; // whom it would let in; "" for a question that nobody can answer
};

// The next question, if one waits. Without a user it can only be denied.
bool zap_next(void *zap, struct zap_question *ret_question);
void zap_answer(void *zap, const struct zap_question *question, bool admitted);

#endif
