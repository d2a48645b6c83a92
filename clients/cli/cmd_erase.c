// waternet erase SEQ: the private part of an event is destroyed for good.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/post.h"

// Why its private part cannot be erased; NULL if it can.
static const char *obstacle(const json_t *event)
{
    if (event == NULL) {
        return N_("there is no such event");
    }
    return json_object_get(event, "privatehash") == NULL ? N_("that event has no private part")
                                                         : NULL;
}

// The event itself. The caller ends it.
static int find_event(struct cli *cli, uint64_t seq, json_t **ret_event)
{
    json_t *json = NULL;
    json_t *request = json_pack("{s:s, s:s, s:I, s:I}", "request", "read", "prefix", "/", "after",
                                (json_int_t)(seq == 0 ? 0 : seq - 1), "until", (json_int_t)seq);
    int code = answers_ask(cli, request, "erase", &json);
    json_t *event = json_array_get(json_object_get(json, "events"), 0);
    const char *problem = code == 0 ? obstacle(event) : NULL;
    if (problem != NULL) {
        code = output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                             "event %llu: %s; `waternet log` shows what there is",
                             (unsigned long long)seq, _(problem));
    }
    if (code == 0) {
        *ret_event = json_incref(event);
    }
    json_decref(json);
    return code;
}

static void tell(struct cli *cli, uint64_t seq, const json_t *erased)
{
    if (!cli->settings.json && !cli->settings.dry_run) {
        output_line(
            &cli->output,
            "The private part of event %llu (%s) is destroyed. The event stays, and the log "
            "still verifies.",
            (unsigned long long)seq, answers_text(erased, "subject"));
        output_line(&cli->output,
                    "Backups that were made before still hold it: erase them too, or let them "
                    "expire.");
    }
}

int cmd_erase(struct cli *cli)
{
    static const char type[] = "private.erased";
    json_t *erased = NULL;
    json_t *answer = NULL;
    uint64_t seq = 0;
    if (cli->settings.reason == NULL) {
        return output_problem("erase needs --reason TEXT: why, without personal data");
    }
    int code = levels_event(cli, cli->arguments[0], &seq);
    if (code == 0) {
        code = find_event(cli, seq, &erased);
    }
    if (code != 0) {
        return code;
    }
    json_t *data = json_pack("{s:I, s:s}", "of", (json_int_t)seq, "reason", cli->settings.reason);
    json_t *event =
        post_begin(cli, type, answers_text(erased, "subject"), data == NULL ? json_object() : data);
    code = post_send(cli, type, event, &answer);
    if (code == 0) {
        post_print(cli, type, event, answer);
        tell(cli, seq, erased);
    }
    json_decref(answer);
    json_decref(event);
    json_decref(erased);
    return code;
}
