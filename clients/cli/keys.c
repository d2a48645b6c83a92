#include "clients/cli/keys.h"
#include "clients/past/past.h"

#include "clients/cli/answers.h"
#include "clients/cli/grants.h"
#include "clients/cli/paths.h"
#include "clients/cli/post.h"

#include <stdlib.h>

int keys_typed(struct cli *cli, const char *typed, char **ret_path)
{
    char *path = NULL;
    int code = paths_typed(cli, typed, KIND_KEY, (struct number){0}, &path);
    if (code == 0 && !past_is_of(path, KIND_KEY)) {
        code =
            output_problem("%s is no key; REGION/key/NAME is needed, or NAME with --region", typed);
    }
    if (code == 0) {
        *ret_path = path;
    } else {
        free(path);
    }
    return code;
}

// Takes over data.
static int post_about(struct cli *cli, const char *type, const char *path, json_t *data)
{
    json_t *answer = NULL;
    json_t *event = post_begin(cli, type, path, data);
    int code = post_send(cli, type, event, &answer);
    if (code == 0) {
        post_print(cli, type, event, answer);
    }
    json_decref(answer);
    json_decref(event);
    return code;
}

int keys_post_end(struct cli *cli, const char *type)
{
    const char *reason = cli->settings.reason;
    char *path = NULL;
    int code = keys_typed(cli, cli->arguments[0], &path);
    if (code == 0) {
        json_t *data = reason == NULL ? json_object() : json_pack("{s:s}", "reason", reason);
        code = post_about(cli, type, path, data == NULL ? json_object() : data);
    }
    free(path);
    return code;
}

int keys_post_role(struct cli *cli, const char *type)
{
    char *path = NULL;
    char *home = NULL;
    char *entity = NULL;
    json_t *data = NULL;
    int code = keys_typed(cli, cli->arguments[0], &path);
    if (code == 0) {
        paths_split(path, &home, &entity);
        code = grants_typed(cli, cli->arguments[1], home, &data);
    }
    if (code == 0) {
        code = post_about(cli, type, path, data);
    }
    free(entity);
    free(home);
    free(path);
    return code;
}

const char *keys_state(const json_t *fields)
{
    static const char *const states[] = {"revoked", "retired"}; // the first that is there
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (json_object_get(fields, states[i]) != NULL) {
            return states[i];
        }
    }
    return "active";
}
