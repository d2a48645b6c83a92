#include "clients/cli/post.h"

#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/remedy.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"

#include <stdlib.h>

enum waternet_status post_events(struct cli *cli, const char *const *events, size_t count,
                                 bool dry_run, struct waternet_answer **ret_answer)
{
    unsigned flags = dry_run ? WATERNET_DRY_RUN : 0;
    enum waternet_status status = WATERNET_NO_ANSWER;
    for (unsigned i = 0; i < POST_TRIES && status == WATERNET_NO_ANSWER; i++) {
        waternet_answer_free(ret_answer);
        status = waternet_post(cli->connection, events, count, flags, ret_answer);
    }
    return status;
}

const char *post_corrects(const json_t *event)
{
    const char *text = json_string_value(json_object_get(event, "corrects"));
    return text != NULL && strncmp(text, "id:", 3) == 0 ? text + 3 : NULL;
}

int post_resolve(struct cli *cli, json_t *event)
{
    const char *id = post_corrects(event);
    uint64_t seq = 0;
    int code = id == NULL ? 0 : levels_seq(cli, id, &seq);
    if (id != NULL && code == 0) {
        char *number = output_format("%llu", (unsigned long long)seq);
        json_object_set_new(event, "corrects", json_string(number));
        free(number);
    }
    return code;
}

json_t *post_begin(struct cli *cli, const char *type, const char *path, json_t *data)
{
    char made[WATERNET_ID_SIZE];
    waternet_new_id(made);
    const char *id = cli->settings.id != NULL ? cli->settings.id : made;
    char *full_type = output_format("%s%s.v1", waternet_type_prefix(cli->connection), type);
    json_t *event = json_pack("{s:s, s:s, s:s, s:o}", "specversion", "1.0", "type", full_type,
                              "subject", path, "data", data);
    json_object_set_new(event, "id", json_string(id)); // of no UTF-8: none, and a new one is made
    free(full_type);
    return event;
}

// With each reason what to type.
static int tell_refusal(struct cli *cli, enum waternet_status status,
                        struct waternet_answer *answer, const char *what, const char *path)
{
    json_t *json = answers_parse(answer);
    json_t *faults = json_object_get(json, "faults");
    // Who has no role for it is not helped by another command.
    bool helps = json_array_size(faults) > 0 && status != WATERNET_NOT_ALLOWED;
    if (helps) {
        remedy_add(cli, path, faults);
    }
    answers_tell(cli, status, json, what, "");
    if (helps) {
        remedy_tell(cli, path, faults);
    }
    if (json != NULL && cli->settings.json) {
        output_json(&cli->output, json);
    }
    json_decref(json);
    return waternet_status_exit(status);
}

int post_send(struct cli *cli, const char *type, const json_t *event, json_t **ret_answer)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    const char *id = answers_text(event, "id");
    char *text = json_dumps(event, JSON_COMPACT);
    char *what = output_format("post %s %s", type, answers_text(event, "subject"));
    enum waternet_status status = text == NULL ? WATERNET_FAILED
                                               : post_events(cli, (const char *const[]){text}, 1,
                                                             cli->settings.dry_run, &answer);
    int code = 0;
    if (status == WATERNET_OK) {
        code = answers_take(cli, status, &answer, what, &json);
    } else {
        code = tell_refusal(cli, status, answer, what, answers_text(event, "subject"));
        waternet_answer_free(&answer);
    }
    if (status == WATERNET_NO_ANSWER) {
        output_note("  the same again, with --id %s", id);
    }
    if (code == 0) {
        json_t *receipt = json_array_get(json_object_get(json, "receipts"), 0);
        json_object_set_new(receipt, "id", json_string(id)); // it may be one that was made here
        *ret_answer = json;
    }
    free(what);
    free(text);
    return code;
}

const json_t *post_receipt(const json_t *answer)
{
    return json_array_get(json_object_get(answer, "receipts"), 0);
}

static void tell_warnings(const struct cli *cli, const json_t *receipt)
{
    size_t index = 0;
    json_t *warning = NULL;
    json_array_foreach(cli->settings.json ? NULL : json_object_get(receipt, "warnings"), index,
                       warning)
    {
        char *sentence = said_sentence(json_string_value(warning));
        output_note("warning: %s", sentence);
        free(sentence);
    }
}

static const char *outcome_of(const struct cli *cli, const json_t *receipt)
{
    return json_is_true(json_object_get(receipt, "duplicate")) ? N_("already there")
           : cli->settings.dry_run                             ? N_("dry run: nothing is stored")
                                                               : N_("stored");
}

void post_print(struct cli *cli, const char *type, const json_t *event, const json_t *answer)
{
    static const char *const names[] = {"seq", "type", "path", "id", "outcome"};
    const json_t *receipt = post_receipt(answer);
    const char *outcome = outcome_of(cli, receipt);
    bool usual = strcmp(outcome, "stored") == 0;
    char *seq =
        output_format("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(receipt, "seq")));
    const char *const cells[] = {seq, type, answers_text(event, "subject"),
                                 answers_text(event, "id"), outcome};
    if (cli->settings.json) {
        output_json(&cli->output, answer);
    } else if (cli->output.terminal) {
        output_line(&cli->output, "%s  %s  %s  id %s%s%s%s", cells[0], cells[1], cells[2], cells[3],
                    usual ? "" : "  (", usual ? "" : _(outcome), usual ? "" : ")");
    } else {
        table_one(&cli->output, names, cells, sizeof names / sizeof names[0]);
    }
    free(seq);
    tell_warnings(cli, receipt);
}
