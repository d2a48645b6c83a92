// waternet whoami: what the connection proves, and the roles that come with it.
#include "clients/cli/answers.h"
#include "clients/cli/grants.h"
#include "clients/cli/paths.h"

#include <stdlib.h>

// Outside of JSON the roles are one line, as `key list` has them.
static void shorten(json_t *answer)
{
    char *home = NULL;
    char *key = NULL;
    paths_split(answers_text(answer, "key"), &home, &key);
    char *roles = grants_line(json_object_get(answer, "roles"), home);
    json_object_set_new(answer, "roles", json_string(roles));
    free(roles);
    free(key);
    free(home);
}

int cmd_whoami(struct cli *cli)
{
    json_t *json = NULL;
    int code = answers_ask(cli, json_pack("{s:s}", "request", "whoami"), "whoami", &json);
    if (code == 0 && !cli->settings.json) {
        shorten(json);
    }
    if (code == 0) {
        answers_print(cli, json);
    }
    json_decref(json);
    return code;
}
