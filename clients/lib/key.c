// Making a key file, for whoever uses the library.
#include "proto/key.h"

#include "clients/lib/address.h"
#include "clients/lib/waternet.h"
#include "proto/schema.h"

#include <stdio.h>
#include <string.h>

_Static_assert(WATERNET_KEY_SIZE == CURVE_TEXT + 1, "waternet.h and limits.h differ");

static enum status make_key(struct key *key, const char *server, const char *server_key,
                            const char **ret_problem)
{
    struct address address = {0};
    if (server != NULL && !address_read_server(&address, server)) {
        *ret_problem = ADDRESS_SERVER_PROBLEM;
        return STATUS_MALFORMED;
    }
    if (server_key != NULL && !schema_is_curve(bytes_of(server_key))) {
        *ret_problem = ADDRESS_SERVER_KEY_PROBLEM;
        return STATUS_MALFORMED;
    }
    if (!key_make(key)) {
        *ret_problem = "this libzmq makes no CURVE keys";
        return STATUS_FAILED;
    }
    // Both fit: they have been read.
    (void)snprintf(key->server, sizeof(key->server), "%s", server == NULL ? "" : server);
    (void)snprintf(key->server_key, sizeof(key->server_key), "%s",
                   server_key == NULL ? "" : server_key);
    return STATUS_OK;
}

enum waternet_status waternet_key_create(const char *path, const char *server,
                                         const char *server_key, char ret_public[WATERNET_KEY_SIZE],
                                         const char **ret_problem)
{
    struct key key = {0};
    const char *sentence = NULL;
    enum status status = make_key(&key, server, server_key, &sentence);
    if (status == STATUS_OK) {
        status = key_write(path, &key, &sentence);
    }
    if (status == STATUS_OK) {
        memcpy(ret_public, key.public_key, sizeof(key.public_key));
    }
    key_wipe(&key);
    if (ret_problem != NULL) {
        *ret_problem = sentence;
    }
    return (enum waternet_status)status;
}
