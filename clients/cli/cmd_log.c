// waternet log: what happened so far, from the log.
#include "clients/cli/answers.h"
#include "clients/cli/events.h"
#include "clients/cli/levels.h"
#include "clients/cli/present.h"

#include <stdlib.h>

// Prints up to head. The follower would go on live; what comes after head is for the next time.
static int print(struct cli *cli, struct waternet_follower *follower, uint64_t head)
{
    struct table table;
    uint64_t left = cli->settings.count.given ? cli->settings.count.value : UINT64_MAX;
    int code = 0;
    events_begin(cli, &table);
    while (left > 0 && code == 0 && waternet_follower_position(follower) < head) {
        struct waternet_event event;
        enum waternet_status status = waternet_next(follower, 1000, &event);
        if (status == WATERNET_OK && event.seq > head) {
            break;
        }
        if (status == WATERNET_OK) {
            left = events_print(cli, &table, follower, &event) ? left - 1 : 0;
        } else if (status != WATERNET_AGAIN) {
            code = answers_refused(cli, status, NULL, "log");
        } else if (waternet_follower_state(follower) == WATERNET_SILENT) {
            code = answers_refused(cli, WATERNET_NO_ANSWER, NULL, "log");
        }
    }
    events_end(cli, &table);
    return code;
}

int cmd_log(struct cli *cli)
{
    const char *from = cli->settings.from == NULL ? "begin" : cli->settings.from;
    char *level = NULL;
    struct waternet_follower *follower = NULL;
    uint64_t head = 0;
    uint64_t after = 0;
    int code = present_level(cli, cli->argument_count > 0 ? cli->arguments[0] : NULL, &level);
    if (code == 0) {
        code = levels_head(cli, &head);
    }
    if (code == 0) {
        code = levels_position(cli, "--from", level, from, head, &after);
    }
    if (code == 0 && cli->settings.to != NULL) {
        struct number to;
        code = levels_recorded(cli, "--to", cli->settings.to, head, &to);
        head = code == 0 ? to.value : head;
    }
    if (code == 0 && after != WATERNET_END && after > head) {
        after = WATERNET_END; // nothing there yet; following would call it another history
    }
    if (code == 0) {
        code = levels_follow(cli, level, after, &follower);
    }
    if (code == 0) {
        code = print(cli, follower, head);
    }
    waternet_follower_close(&follower);
    free(level);
    return code;
}
