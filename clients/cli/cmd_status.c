// waternet status: what the daemon says of itself.
#include "clients/cli/answers.h"

#include <stdlib.h>

static json_t *shown_duration(uint64_t ms)
{
    unsigned long long seconds = ms / 1000;
    char *text = output_format("%llu d %02llu:%02llu:%02llu", seconds / 86400, seconds / 3600 % 24,
                               seconds / 60 % 60, seconds % 60);
    json_t *value = json_string(text);
    free(text);
    return value;
}

// On a terminal people read how long it has been up, not how many milliseconds.
static void make_readable(json_t *answer)
{
    const json_t *uptime = json_object_get(answer, "uptime_ms");
    if (json_is_integer(uptime)) {
        uint64_t ms = (uint64_t)json_integer_value(uptime);
        json_object_del(answer, "uptime_ms");
        json_object_set_new(answer, "uptime", shown_duration(ms));
    }
}

int cmd_status(struct cli *cli)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_status(cli->connection, &answer);
    int code = answers_take(cli, status, &answer, "status", &json);
    if (code != 0) {
        return code;
    }
    if (cli->output.terminal && !cli->settings.json) {
        make_readable(json);
    }
    answers_print(cli, json);
    json_decref(json);
    return 0;
}
