/*
 * keyfile - a CURVE key pair in a file, in CZMQ's certificate format (zcert).
 *
 * The secret key stands in it, so a file that others than its owner can read is refused.
 */
#ifndef DAEMON_SUPPORT_KEYFILE_H
#define DAEMON_SUPPORT_KEYFILE_H

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/status.h"

#define KEYFILE_PROBLEM 512

struct keyfile {
    char public_key[CURVE_TEXT + 1]; // Z85
    char secret_key[CURVE_TEXT + 1];
};

// Reads the pair. STATUS_NOT_FOUND: no such file. STATUS_POLICY: others can read it, or it is not
// ours. STATUS_CORRUPT: it holds no pair. problem: one English line for the log.
enum status keyfile_load(const char *path, struct keyfile *ret_keyfile,
                         char problem[KEYFILE_PROBLEM]) MUST_CHECK;
// Makes a pair and its file, which must not be there: mode 0600, synced, named in its directory
// only when it is whole.
enum status keyfile_create(const char *path, struct keyfile *ret_keyfile,
                           char problem[KEYFILE_PROBLEM]) MUST_CHECK;

#endif
