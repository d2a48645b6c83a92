#include "daemon/first_keys.h"

#include "daemon/identity.h"

#include <stdio.h>

// The file that is there already, or a new one.
static enum status read_or_make(const char *path, struct key *key, struct first_keys *keys)
{
    const char *problem = "";
    enum status status = key_read(path, key, &problem);
    if (status == STATUS_OK) {
        key_forget(path);
    }
    if (status == STATUS_NOT_FOUND) {
        *key = (struct key){0};
        status = key_make(key) ? key_write(path, key, &problem) : STATUS_FAILED;
    }
    // What stands in the way of a key is a matter of the installation, not of the machine.
    status = status == STATUS_MALFORMED || status == STATUS_NOT_ALLOWED ? STATUS_POLICY : status;
    (void)snprintf(keys->problem, sizeof(keys->problem), "%.200s: %.300s", path, problem);
    return status;
}

enum status first_keys_server(const char *data, const char *named, struct first_keys *keys)
{
    char own[1200];
    const char *problem = "";
    *keys = (struct first_keys){0};
    if (named[0] == '\0') {
        (void)snprintf(own, sizeof(own), "%s/server.key", data); // fits
        return read_or_make(own, &keys->server, keys);
    }
    // Who names a file does not want another made.
    enum status status = key_read(named, &keys->server, &problem);
    (void)snprintf(keys->problem, sizeof(keys->problem), "%.200s: %.300s", named, problem);
    return status == STATUS_OK ? status : STATUS_POLICY;
}

static const char key_name[] = "operator";

// path: region-less, of the record that the next key gets: the name of the first is taken for good.
static bool has_operator(struct store *store, char path[SUBJECT_MAX + 1])
{
    static struct identity identity; // before any other thread is started
    struct txn txn = store_begin_read(store);
    struct made_records made = {0};
    const struct view view = {&txn, UINT64_MAX, &made, 0};
    struct walk walk = store_walk(&txn, TABLE_KEYS, (struct bytes){"", 0});
    struct bytes curve, key;
    bool found = false;
    unsigned keys = 0;
    while (!found && walk_next(&walk, &curve, &key)) {
        identity_read_key(&view, key, &identity);
        found = identity_is_operator(&identity);
        keys += bytes_begin_with(key, bytes_of("system/key/operator"));
    }
    walk_close(&walk);
    made_records_finish(&made);
    store_abort(&txn);
    (void)snprintf(path, SUBJECT_MAX + 1, keys == 0 ? "key/%s" : "key/%s-%u", key_name, keys + 1);
    return found;
}

static void write_post(struct own_post *own, const char *path, const char *curve)
{
    own_begin(own, 2);
    own_event(own, "key.added", "system", path, 3);
    own_field(own, "curve", curve);
    own_field(own, "organisation", "system");
    own_field(own, "label", "the operator's first key");
    own_event(own, "role.granted", "system", path, 2);
    own_field(own, "role", "operator");
    own_field(own, "region", "system");
}

enum status first_keys_operator(const char *data, struct store *store, struct own_post *own,
                                struct first_keys *keys)
{
    char file[sizeof(keys->operator_file)], path[SUBJECT_MAX + 1];
    struct key key;
    if (has_operator(store, path)) {
        return STATUS_OK;
    }
    (void)snprintf(file, sizeof(file), "%s/%s.key", data, path + strlen("key/")); // fits
    enum status status = read_or_make(file, &key, keys);
    if (status == STATUS_OK) {
        write_post(own, path, key.public_key);
        strcpy(keys->operator_file, file);
    }
    key_wipe(&key);
    return status;
}
