// waternet lag: who is behind. For a watch over followers: exit 7 over a limit.
#include "clients/cli/answers.h"
#include "clients/cli/cursors.h"

#include <time.h>

#define EXIT_BEHIND 7 // as for what is stale

// Whether a cursor is further or longer behind than is allowed.
static bool is_too_far(const struct settings *settings, const json_t *cursor, json_int_t now_ms)
{
    const json_t *since = json_object_get(cursor, "since");
    json_int_t behind = json_integer_value(json_object_get(cursor, "behind"));
    bool far = settings->most.given && (uint64_t)behind > settings->most.value;
    bool long_ago = settings->oldest_ms.given && since != NULL &&
                    now_ms - json_integer_value(since) > (json_int_t)settings->oldest_ms.value;
    return far || long_ago;
}

int cmd_lag(struct cli *cli)
{
    json_t *json = NULL;
    size_t index = 0;
    json_t *cursor = NULL;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now); // fails only for a clock that is not there
    json_int_t now_ms = (json_int_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int code = cursors_all(cli, &json);
    if (code == 0) {
        cursors_print(cli, json_object_get(json, "cursors"));
    }
    json_array_foreach(json_object_get(json, "cursors"), index, cursor)
    {
        if (code == 0 && is_too_far(&cli->settings, cursor, now_ms)) {
            code = output_failed(EXIT_BEHIND,
                                 "cursor %s is too far behind; see that its follower runs",
                                 answers_text(cursor, "name"));
        }
    }
    json_decref(json);
    return code;
}
