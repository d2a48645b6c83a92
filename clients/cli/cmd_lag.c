// waternet lag [CURSOR...]: who is behind. For a watch over followers: exit 7 over a limit.
#include "clients/cli/answers.h"
#include "clients/cli/cursors.h"

#include <stdlib.h>
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

// Those that were named, all without names.
static int choose(const struct cli *cli, const json_t *all, json_t *chosen)
{
    if (cli->argument_count == 0) {
        return json_array_extend(chosen, (json_t *)(uintptr_t)all) == 0 ? 0 : EXIT_OTHER;
    }
    for (unsigned i = 0; i < cli->argument_count; i++) {
        size_t before = json_array_size(chosen);
        size_t index = 0;
        json_t *cursor = NULL;
        json_array_foreach(all, index, cursor)
        {
            if (strcmp(answers_text(cursor, "name"), cli->arguments[i]) == 0) {
                (void)json_array_append(chosen, cursor); // short without memory
            }
        }
        if (json_array_size(chosen) == before) {
            return cursors_absent(cli->arguments[i]);
        }
    }
    return 0;
}

// Notes of each whether it is late; the names of those that are, "" if none is. The caller frees
// them.
static char *mark_late(const struct settings *settings, json_t *cursors)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now); // fails only for a clock that is not there
    json_int_t now_ms = (json_int_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    char *names = output_format("%s", "");
    size_t index = 0;
    json_t *cursor = NULL;
    json_array_foreach(cursors, index, cursor)
    {
        bool late = is_too_far(settings, cursor, now_ms);
        json_object_set_new(cursor, "late", json_boolean(late));
        if (late) {
            names = output_append(names, "%s%s", names[0] == '\0' ? "" : ", ",
                                  answers_text(cursor, "name"));
        }
    }
    return names;
}

int cmd_lag(struct cli *cli)
{
    json_t *json = NULL;
    json_t *cursors = json_array();
    int code = cursors_all(cli, &json);
    if (code == 0) {
        code = choose(cli, json_object_get(json, "cursors"), cursors);
    }
    if (code == 0) {
        char *late = mark_late(&cli->settings, cursors);
        cursors_print(cli, cursors, true);
        if (late[0] != '\0') {
            char *why = output_format(_("more than --most or --oldest allows: %s"), late);
            output_error(output_tried(), _("too far behind"), why, _("see that its follower runs"));
            free(why);
            code = EXIT_BEHIND;
        }
        free(late);
    }
    json_decref(cursors);
    json_decref(json);
    return code;
}
