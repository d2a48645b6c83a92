#include "clients/cli/whole.h"

#include "clients/cli/answers.h"
#include "clients/cli/levels.h"

#include "proto/progress.h"

int whole_begin(struct cli *cli, struct whole *whole)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_status(cli->connection, &answer);
    int code = answers_take(cli, status, &answer, "status", &json);
    if (code == 0) {
        *whole = (struct whole){
            .head = (uint64_t)json_integer_value(json_object_get(json, "head")),
        };
        (void)snprintf(whole->log, sizeof whole->log, "%s", answers_text(json, "log"));
        (void)snprintf(whole->root, sizeof whole->root, "%s", answers_text(json, "root"));
        json_decref(json);
    }
    return code;
}

// WATERNET_AGAIN is no end as long as the daemon is there.
static int unread(struct cli *cli, struct waternet_follower *follower, enum waternet_status status,
                  const char *what)
{
    if (status != WATERNET_AGAIN) {
        return answers_refused(cli, status, NULL, what);
    }
    return waternet_follower_state(follower) == WATERNET_SILENT
               ? answers_refused(cli, WATERNET_NO_ANSWER, NULL, what)
               : 0;
}

static int read_up(struct cli *cli, struct whole *whole, const char *what, whole_take *take,
                   void *context, struct waternet_follower *follower)
{
    struct progress progress = progress_begin(what, whole->head);
    bool goes_on = true;
    int code = 0;
    while (goes_on && code == 0 && whole->tree.size < whole->head) {
        struct waternet_event event;
        enum waternet_status status = waternet_next(follower, 1000, &event);
        if (status != WATERNET_OK) {
            progress_end(&progress);
            code = unread(cli, follower, status, what);
            continue;
        }
        struct hash leaf = tree_leaf((struct bytes){event.bytes, event.size});
        tree_append(&whole->tree, &leaf);
        goes_on = take(context, follower, &event);
        progress_at(&progress, event.seq);
    }
    progress_end(&progress);
    return code;
}

int whole_read(struct cli *cli, struct whole *whole, const char *what, whole_take *take,
               void *context)
{
    struct waternet_follower *follower = NULL;
    if (whole->head == 0) {
        return 0; // nothing there, and nothing to wait for
    }
    int code = levels_follow(cli, "/", 0, &follower);
    if (code == 0) {
        code = read_up(cli, whole, what, take, context, follower);
    }
    waternet_follower_close(&follower);
    return code;
}

bool whole_fits(const struct whole *whole)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash root = tree_root(&whole->tree);
    hash_hex(&root, hex);
    return whole->tree.size == whole->head && strcmp(hex, whole->root) == 0;
}
