/*
 * key - the file of a secret key, in the format of CZMQ's zcert, which pyzmq reads too.
 *
 *     metadata
 *         server = "waternet.example.org:7400"    where it is used; may be absent
 *         server-key = "..."                      the server's public key; may be absent
 *     curve
 *         public-key = "..."                      40 characters of Z85 each
 *         secret-key = "..."
 *
 * It is read here and not by zcert_load(), which prefers a file FILE_secret that nobody looked at,
 * complains on standard output, and leaves the secret in freed memory.
 */
#ifndef PROTO_KEY_H
#define PROTO_KEY_H

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/status.h"

struct key {
    char public_key[CURVE_TEXT + 1], secret_key[CURVE_TEXT + 1];
    char server[SERVER_MAX + 1];     // empty: the file does not say
    char server_key[CURVE_TEXT + 1]; // empty: the file does not say
};

// Reads a file that only its owner, who is the user, can read. On failure *ret_problem says in a
// sentence what to do: STATUS_NOT_FOUND, STATUS_NOT_ALLOWED (this user cannot open it),
// STATUS_MALFORMED, STATUS_FAILED. The caller ends *ret_key with key_wipe().
enum status key_read(const char *path, struct key *ret_key, const char **ret_problem) MUST_CHECK;

// Makes a new pair; the rest of *key stays. False if this libzmq knows no CURVE.
bool key_make(struct key *key) MUST_CHECK;

// Writes it into a new file, which only its owner can read, and syncs that: STATUS_CONFLICT if
// there is one of that name, which is never overwritten, or STATUS_FAILED; *ret_problem as above.
enum status key_write(const char *path, const struct key *key, const char **ret_problem) MUST_CHECK;

// Removes the second name that a file keeps whose making was cut off.
void key_forget(const char *path);

void key_wipe(struct key *key);

#endif
