#include "daemon/admission.h"

#include "daemon/own.h"
#include "daemon/server.h"
#include "daemon/support/zap.h"

#include <stdio.h>

// Handshakes ------------------------------------------------------------------------------------

static bool is_admitted(struct query *query, struct bytes user)
{
    static struct identity identity; // of this thread alone; too large for the stack of a loop
    struct txn txn = store_begin_read(query->store);
    struct past past = {0};
    const struct view view = {&txn, UINT64_MAX, &past, 0};
    identity_read(&view, user, query->local, &identity);
    // What cannot be read lets nobody in.
    bool admitted = txn.status == STATUS_OK && identity_is_let_in(&identity);
    past_finish(&past);
    store_abort(&txn);
    return admitted;
}

void admission_answer(struct query *query)
{
    struct zap_question question;
    while (query->zap != NULL && zap_next(query->zap, &question)) {
        bool admitted = question.user[0] != '\0' && is_admitted(query, bytes_of(question.user));
        query->counters->denied += !admitted;
        zap_answer(query->zap, &question, admitted);
    }
}

// The first keys --------------------------------------------------------------------------------

static const char key_name[] = "operator";

static bool has_operator(struct server *server, char path[PATH_MAX_BYTES])
{
    struct txn txn = store_begin_read(&server->store);
    struct past past = {0};
    const struct view view = {&txn, UINT64_MAX, &past, 0};
    struct walk walk = store_walk(&txn, TABLE_KEYS, (struct bytes){"", 0});
    struct bytes curve, key;
    bool found = false;
    while (!found && walk_next(&walk, &curve, &key)) {
        identity_read_key(&view, key, &server->turn.identity);
        for (uint32_t i = 0; i < server->turn.identity.count; i++) {
            found |= server->turn.identity.grants[i].role == ROLE_OPERATOR;
        }
    }
    walk_close(&walk);
    bool taken =
        view_standing(&view, bytes_of("system"), KIND_KEY, bytes_of(key_name)).version != 0;
    past_finish(&past);
    // The name of the first is taken where it was revoked; the next has the log's head in it.
    (void)snprintf(path, PATH_MAX_BYTES, taken ? "key/%s-%llu" : "key/%s", key_name,
                   (unsigned long long)server->head.seq); // fits
    store_abort(&txn);
    return found;
}

// The two events, as a post of the daemon's own.
static enum status post_first_key(struct server *server, const char *path, const char *curve)
{
    struct own_post post;
    const char *name = path + strlen("key/");
    own_begin(&post, 2);
    own_event(&post, "key.added", "system", path, name, 3);
    own_field(&post, "curve", curve);
    own_field(&post, "organisation", "system");
    own_field(&post, "label", "the operator's first key");
    own_event(&post, "role.granted", "system", path, name, 2);
    own_field(&post, "role", "operator");
    own_field(&post, "region", "system");
    return own_send(server, &post);
}

// The file that is there already, or a new one.
static enum status load_or_create(const char *path, struct keyfile *keyfile,
                                  char problem[KEYFILE_PROBLEM])
{
    enum status status = keyfile_load(path, keyfile, problem);
    return status == STATUS_NOT_FOUND ? keyfile_create(path, keyfile, problem) : status;
}

// The file first: a key that is registered and that nobody has would be the worse half.
static enum status register_operator(struct server *server, const char *data,
                                     struct first_keys *keys)
{
    char file[sizeof(keys->operator_file)], path[PATH_MAX_BYTES];
    struct keyfile keyfile;
    if (has_operator(server, path)) {
        return STATUS_OK;
    }
    (void)snprintf(file, sizeof(file), "%s/%s.key", data, path + strlen("key/")); // fits
    enum status status = load_or_create(file, &keyfile, keys->problem);
    if (status != STATUS_OK) {
        return status;
    }
    status = post_first_key(server, path, keyfile.public_key);
    explicit_bzero(&keyfile, sizeof(keyfile));
    if (status == STATUS_OK) {
        strcpy(keys->operator_file, file);
    } else {
        const char *why = server->store.problem;
        (void)snprintf(keys->problem, sizeof(keys->problem), "the operator's first key: %.400s",
                       why[0] != '\0' ? why : status_sentence(status)); // may be cut
    }
    return status;
}

enum status admission_prepare(struct server *server, struct first_keys *ret_keys)
{
    const char *data = config_text(&server->config, OPTION_DATA);
    const char *named = config_text(&server->config, OPTION_SERVER_KEY);
    char own[1200];
    *ret_keys = (struct first_keys){0};
    (void)snprintf(own, sizeof(own), "%s/server.key", data); // fits
    // One that is configured must be there: who names a file does not want another made.
    enum status status = named[0] != '\0'
                             ? keyfile_load(named, &ret_keys->server, ret_keys->problem)
                             : load_or_create(own, &ret_keys->server, ret_keys->problem);
    return status == STATUS_OK ? register_operator(server, data, ret_keys) : status;
}
