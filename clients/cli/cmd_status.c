// waternet status: what the daemon says of itself.
#include "clients/cli/answers.h"
#include "clients/cli/table.h"

#include <stdlib.h>

static json_t *shown_time(uint64_t time_ms)
{
    char text[OUTPUT_TIME_SIZE];
    output_time(time_ms, text);
    return json_string(text);
}

static json_t *shown_duration(uint64_t ms)
{
    unsigned long long seconds = ms / 1000;
    char *text = output_format("%llu d %02llu:%02llu:%02llu", seconds / 86400, seconds / 3600 % 24,
                               seconds / 60 % 60, seconds % 60);
    json_t *value = json_string(text);
    free(text);
    return value;
}

// What people read otherwise than it is said.
static const struct {
    const char *name, *shown_as;
    json_t *(*shown)(uint64_t number);
} readable[] = {
    {"time", "time", shown_time},
    {"uptime_ms", "uptime", shown_duration},
};

static void make_readable(json_t *answer)
{
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        json_t *value = json_object_get(answer, readable[i].name);
        if (json_is_integer(value)) {
            uint64_t number = (uint64_t)json_integer_value(value);
            json_object_del(answer, readable[i].name);
            json_object_set_new(answer, readable[i].shown_as, readable[i].shown(number));
        }
    }
}

int cmd_status(struct cli *cli)
{
    static const char *const names[] = {"field", "value"};
    struct waternet_answer *answer = NULL;
    struct table table;
    json_t *json = NULL;
    enum waternet_status status = waternet_status(cli->connection, &answer);
    int code = answers_take(cli, status, &answer, "status", &json);
    if (code != 0) {
        return code;
    }
    if (cli->settings.json) {
        output_json(&cli->output, json);
    } else {
        json_object_del(json, "status"); // these two are of the answer, not of the daemon
        json_object_del(json, "number");
        if (cli->output.terminal) {
            make_readable(json);
        }
        table_begin(&table, &cli->output, TABLE_FIELDS, names, 2, NULL, true);
        table_fields(&table, json);
        table_end(&table);
    }
    json_decref(json);
    return 0;
}
