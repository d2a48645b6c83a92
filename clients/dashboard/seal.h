/*
 * seal - what proves that this dashboard itself handed out a form, and when.
 *
 * Every form has an id of its own, a UUIDv7, which carries its moment, and the HMAC-SHA256 of that
 * id under a secret made at start. So a form can neither be made up nor be older or younger than it
 * is, and nothing has to be kept to know it again. The id becomes that of the event: sending the
 * form twice is posting twice with one id.
 */
#ifndef DASHBOARD_SEAL_H
#define DASHBOARD_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#define SEAL_ID 37   // room of an id, closed by a zero
#define SEAL_TEXT 65 // room of a seal

struct seal {
    uint8_t secret[32];
};

// False if the machine has no randomness to give.
bool seal_init(struct seal *seal);
// A new id and its seal.
void seal_new(const struct seal *seal, char ret_id[SEAL_ID], char ret_seal[SEAL_TEXT]);
// The seal of an id again.
void seal_of(const struct seal *seal, const char *id, char ret_seal[SEAL_TEXT]);
bool seal_holds(const struct seal *seal, const char *id, const char *text);
// Whether it has the form of an id of ours; its moment, milliseconds since 1970.
bool seal_read_id(const char *id, uint64_t *ret_ms);

#endif
