// waternet private SEQ: the private part of an event.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"

int cmd_private(struct cli *cli)
{
    json_t *json = NULL;
    uint64_t seq = 0;
    int code = levels_event(cli, cli->arguments[0], &seq);
    if (code == 0) {
        json_t *request = json_pack("{s:s, s:I}", "request", "private", "seq", (json_int_t)seq);
        code = answers_ask(cli, request, "private", &json);
    }
    if (code == 0) {
        answers_print(cli, json);
    }
    json_decref(json);
    return code;
}
