// waternet key new NAME: a key pair into a file, its public key registered; or one of the two.
#include "clients/cli/answers.h"
#include "clients/cli/post.h"
#include "clients/cli/table.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <unistd.h>

struct new_key {
    char *file; // NULL: none is made
    char curve[WATERNET_KEY_SIZE];
    char *path;       // of the key; NULL: it is not registered
    json_int_t seq;   // of its event
    const char *from; // the server that is recorded; NULL if not known
    const char *from_key;
};

static int check_options(const struct cli *cli)
{
    const struct settings *said = &cli->settings;
    const char *name = cli->arguments[0];
    if (!schema_is_id(bytes_of(name))) {
        return output_problem(
            "key new %s: a name of a-z, 0-9 and - is needed, like enschede-1; the "
            "region is told with --region",
            name);
    }
    if (said->curve != NULL && (said->file_only || said->file != NULL)) {
        return output_problem(
            "--curve registers a key that somebody else made, so no file is made: "
            "leave out --file and --file-only");
    }
    if (said->curve != NULL && !schema_is_curve(bytes_of(said->curve))) {
        return output_problem(
            "--curve %s: a public key of 40 characters is needed, as `waternet key "
            "new NAME --file-only` prints it",
            said->curve);
    }
    if (said->organisation == NULL && !said->file_only) {
        return output_problem(
            "whose key is it? --organisation ORGANISATION is needed: a member, the "
            "region itself, or another (or --file-only)");
    }
    return 0;
}

// What is told with options goes before what the connection knows.
static void find_server(struct cli *cli, struct new_key *key)
{
    key->from = answers_said(cli->settings.server, "WATERNET_SERVER");
    key->from_key = answers_said(cli->settings.server_key, "WATERNET_SERVER_KEY");
    if (cli->connection != NULL) {
        key->from = key->from == NULL ? waternet_server(cli->connection) : key->from;
        key->from_key =
            key->from_key == NULL ? waternet_server_key(cli->connection) : key->from_key;
    }
}

static int make_file(struct cli *cli, struct new_key *key)
{
    const char *problem = NULL;
    const char *file = cli->settings.file;
    char *name =
        file == NULL ? output_format("%s.key", cli->arguments[0]) : output_format("%s", file);
    find_server(cli, key);
    enum waternet_status status =
        waternet_key_create(name, key->from, key->from_key, key->curve, &problem);
    if (status != WATERNET_OK) {
        int code = output_failed(waternet_status_exit(status), "%s: %s", name, _(problem));
        free(name);
        return code;
    }
    key->file = name;
    return 0;
}

// Where it is not known whether the event has arrived, the file stays: the key may be let in.
static void settle_file(struct cli *cli, const struct new_key *key, int code)
{
    if (key->file == NULL || code == 0) {
        return;
    }
    if (code == waternet_status_exit(WATERNET_NO_ANSWER)) {
        output_note("%s stays; with it: waternet key new %s --curve '%s' --organisation %s",
                    key->file, cli->arguments[0], key->curve, cli->settings.organisation);
    } else if (unlink(key->file) == 0) {
        output_note("%s is removed again", key->file);
    }
}

static int register_key(struct cli *cli, const char *region, struct new_key *key)
{
    static const char type[] = "key.added";
    const struct settings *said = &cli->settings;
    json_t *answer = NULL;
    char *path = output_format("%s/key/%s", region, cli->arguments[0]);
    json_t *data =
        json_pack("{s:s, s:s, s:s}", "curve", key->curve, "organisation", said->organisation,
                  "label", said->label == NULL ? cli->arguments[0] : said->label);
    json_t *event = post_begin(cli, type, path, data == NULL ? json_object() : data);
    int code = post_send(cli, type, event, &answer);
    settle_file(cli, key, code);
    if (code == 0) {
        key->seq = json_integer_value(json_object_get(post_receipt(answer), "seq"));
        key->path = path;
    } else {
        free(path);
    }
    json_decref(answer);
    json_decref(event);
    return code;
}

// What to type next: which role it will be is most often told by whose key it is.
static char *next_step(const struct cli *cli, const struct new_key *key)
{
    const char *name = cli->arguments[0];
    const char *whose = cli->settings.organisation;
    if (key->path == NULL) {
        return output_format("waternet key new %s --organisation ORGANISATION --curve '%s'", name,
                             key->curve);
    }
    size_t region = strcspn(key->path, "/");
    if (strcmp(whose, "system") == 0) {
        return output_format("waternet key grant %s operator", key->path);
    }
    if (strlen(whose) == region && strncmp(key->path, whose, region) == 0) {
        return output_format("waternet key grant %s secretary", key->path);
    }
    return output_format("waternet key grant %s member:%s", key->path, whose);
}

static void set(json_t *object, const char *name, const char *value)
{
    if (value != NULL) {
        json_object_set_new(object, name, json_string(value));
    }
}

static void print(struct cli *cli, const struct new_key *key)
{
    char *next = next_step(cli, key);
    json_t *told = json_object();
    bool in_table = cli->settings.json || !cli->output.terminal;
    set(told, "file", key->file);
    set(told, "curve", key->curve);
    set(told, "path", key->path);
    if (key->path != NULL) {
        json_object_set_new(told, "seq", json_integer(key->seq));
    }
    set(told, "server", key->file == NULL ? NULL : key->from);
    set(told, "server_key", key->file == NULL ? NULL : key->from_key);
    set(told, "next", in_table ? next : NULL);
    answers_print(cli, told);
    if (!in_table) {
        output_line(&cli->output, "Next: %s", next); // on one line, that can be copied
    }
    if (key->file != NULL && (key->from == NULL || key->from_key == NULL)) {
        output_note("The file does not say everything about the server it is for, so its user also "
                    "has to give%s%s.",
                    key->from == NULL ? " --server HOST:PORT" : "",
                    key->from_key == NULL ? " --server-key PUBLIC-KEY" : "");
    }
    json_decref(told);
    free(next);
}

// The pair and its event. Connects first, so that no file is left over where nobody answers.
static int make_and_register(struct cli *cli, struct new_key *key)
{
    char *region = NULL;
    int code = answers_connect(cli);
    if (code == 0) {
        code = answers_region(cli, &region);
    }
    if (code == 0 && cli->settings.curve != NULL) {
        memcpy(key->curve, cli->settings.curve, sizeof key->curve); // checked
    } else if (code == 0) {
        code = make_file(cli, key);
    }
    if (code == 0) {
        code = register_key(cli, region, key);
    }
    free(region);
    return code;
}

int cmd_key_new(struct cli *cli)
{
    struct new_key key = {0};
    int code = check_options(cli);
    if (code == 0) {
        code = cli->settings.file_only ? make_file(cli, &key) : make_and_register(cli, &key);
    }
    if (code == 0) {
        print(cli, &key);
    }
    free(key.path);
    free(key.file);
    return code;
}
