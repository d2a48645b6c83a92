#include "clients/dashboard/seal.h"

#include "clients/lib/waternet.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool seal_init(struct seal *seal)
{
    return RAND_bytes(seal->secret, sizeof(seal->secret)) == 1;
}

void seal_of(const struct seal *seal, const char *id, char ret_seal[SEAL_TEXT])
{
    uint8_t bytes[EVP_MAX_MD_SIZE] = {0};
    unsigned size = 0;
    ret_seal[0] = '\0'; // without memory: a seal that never holds
    if (HMAC(EVP_sha256(), seal->secret, sizeof(seal->secret), (const uint8_t *)id, strlen(id),
             bytes, &size) == NULL) {
        return;
    }
    for (unsigned i = 0; i < 32; i++) {
        (void)snprintf(ret_seal + (size_t)2 * i, 3, "%02x", bytes[i]); // two digits
    }
}

void seal_new(const struct seal *seal, char ret_id[SEAL_ID], char ret_seal[SEAL_TEXT])
{
    waternet_new_id(ret_id);
    seal_of(seal, ret_id, ret_seal);
}

bool seal_holds(const struct seal *seal, const char *id, const char *text)
{
    char wanted[SEAL_TEXT];
    uint64_t ms = 0;
    seal_of(seal, id, wanted);
    return seal_read_id(id, &ms) && wanted[0] != '\0' && strlen(text) == SEAL_TEXT - 1 &&
           CRYPTO_memcmp(wanted, text, SEAL_TEXT - 1) == 0;
}

bool seal_read_id(const char *id, uint64_t *ret_ms)
{
    static const char pattern[] = "hhhhhhhh-hhhh-7hhh-vhhh-hhhhhhhhhhhh";
    char digits[13] = "";
    if (strlen(id) != SEAL_ID - 1) {
        return false;
    }
    for (size_t i = 0; i < SEAL_ID - 1; i++) {
        const char *allowed = pattern[i] == 'h'   ? "0123456789abcdef"
                              : pattern[i] == 'v' ? "89ab"
                                                  : (const char[]){pattern[i], '\0'};
        if (strchr(allowed, id[i]) == NULL) {
            return false;
        }
    }
    memcpy(digits, id, 8);
    memcpy(digits + 8, id + 9, 4);
    *ret_ms = strtoull(digits, NULL, 16);
    return true;
}
