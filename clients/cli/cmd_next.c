// waternet next: where each werkplaats can go from here, what is missing for it, and whose board
// has to decide.
#include "clients/cli/answers.h"
#include "clients/cli/fill.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/remedy.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"
#include "clients/past/past.h"
#include "clients/words/euros.h"

#include <stdlib.h>

// For people; what programs read is the same in every language.
#define SAID_TO(output, text) ((output)->terminal ? _(text) : (text))

#define STEP_WIDTH 13 // the longest name of a phase, and two spaces

// The guard of a fault: "G5", or "" if it is of none. The caller frees it.
static char *guard_of(const json_t *fault)
{
    json_int_t guard = json_integer_value(json_object_get(fault, "guard"));
    return guard == 0 ? output_format("%s", "") : output_format("G%" JSON_INTEGER_FORMAT, guard);
}

static char *euros_of(const json_t *row, const char *key)
{
    const json_t *cents = json_object_get(row, key);
    return cents == NULL ? output_format("%s", "") : euros_text(json_integer_value(cents));
}

// "EUR 12.00 for execution, its board agreed to EUR 10.00, by 2027-01-31"; in a table for programs
// as it is. The caller frees it.
static char *undecided_text(const struct output *output, const json_t *row)
{
    const json_t *decided = json_object_get(row, "decided");
    const char *by = answers_text(row, "decide_by");
    char *share = euros_of(row, "share");
    char *agreed = euros_of(row, "decided");
    char *board = decided == NULL
                      ? output_format("%s", SAID_TO(output, "its board has not decided"))
                  : json_integer_value(decided) == 0
                      ? output_format("%s", SAID_TO(output, "its board said no"))
                      : output_format(SAID_TO(output, "its board agreed to EUR %s"), agreed);
    char *text =
        output_format(SAID_TO(output, "EUR %s for %s, %s%s%s"), share, answers_text(row, "purpose"),
                      board, by[0] == '\0' ? "" : SAID_TO(output, "; to be decided by "), by);
    free(board);
    free(agreed);
    free(share);
    return text;
}

// What to type ---------------------------------------------------------------------------------

static void add_command(struct cli *cli, json_t *row, const char *type, const char *path,
                        const struct filling *filling)
{
    char *command = fill_command(cli, type, path, filling);
    json_object_set_new(row, "command", json_string(command));
    free(command);
}

// Of a step: what is missing for it, or that which takes it.
static void add_step(struct cli *cli, json_t *step, const char *path, const char *phase)
{
    json_t *missing = json_object_get(step, "missing");
    bool reason = json_is_true(json_object_get(step, "reason"));
    struct filling filling = {.gap = reason ? "step-with-reason" : "step",
                              .said = {phase, answers_text(step, "to")}};
    remedy_add(cli, path, missing);
    if (json_array_size(missing) == 0) {
        add_command(cli, step, "werkplaats.phase-changed", path, &filling);
    }
}

static void add_undecided(struct cli *cli, json_t *row, const char *path)
{
    char *share =
        output_format("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "share")));
    struct filling filling = {
        .gap = "undecided",
        .said = {answers_text(row, "member"), share, answers_text(row, "purpose")}};
    add_command(cli, row, "decision.taken", path, &filling);
    free(share);
}

static void add_commands(struct cli *cli, const json_t *werkplaatsen)
{
    size_t index = 0, inner = 0;
    json_t *werkplaats = NULL, *row = NULL;
    json_array_foreach(werkplaatsen, index, werkplaats)
    {
        const char *path = answers_text(werkplaats, "path");
        json_array_foreach(json_object_get(werkplaats, "steps"), inner, row)
        {
            add_step(cli, row, path, answers_text(werkplaats, "phase"));
        }
        json_array_foreach(json_object_get(werkplaats, "undecided"), inner, row)
        {
            add_undecided(cli, row, path);
        }
    }
}

// On a terminal --------------------------------------------------------------------------------

// The words are ours, so that they may be printed as they are.
static void print_state(struct output *output, const char *to, const char *state,
                        const char *reason)
{
    char *phase = output_clean(to);
    enum tone tone = output_tone("ready", state);
    output_text(output, "  %-*s%s%s%s%s%s\n", STEP_WIDTH, phase, output_tone_begin(output, tone),
                _(state), output_tone_end(output, tone), reason[0] == '\0' ? "" : "; ", reason);
    free(phase);
}

// On a line of its own, so that it can be copied; once for each werkplaats.
static void print_command(struct output *output, const json_t *row, int indent, json_t *told)
{
    const char *command = answers_text(row, "command");
    if (command[0] != '\0' && json_object_get(told, command) == NULL) {
        output_line(output, "%*s%s", indent, "", command);
        json_object_set_new(told, command, json_true());
    }
}

static void print_missing(struct output *output, const json_t *fault, bool same_guard)
{
    char *guard = said_guard(json_integer_value(json_object_get(fault, "guard")));
    char *found = said_sentence(answers_text(fault, "found"));
    char *accepted = said_sentence(answers_text(fault, "accepted"));
    if (!same_guard && guard[0] != '\0') {
        output_line(output, "  %*s%s", STEP_WIDTH, "", guard);
    }
    output_line(output, "  %*s%s", STEP_WIDTH + 2, "", found);
    output_line(output, "  %*sneeded: %s", STEP_WIDTH + 2, "", accepted);
    free(accepted);
    free(found);
    free(guard);
}

static void print_step(struct output *output, const json_t *step, json_t *told)
{
    const json_t *missing = json_object_get(step, "missing");
    const char *to = answers_text(step, "to");
    size_t index = 0;
    json_t *fault = NULL;
    json_int_t before = 0;
    bool ready = json_array_size(missing) == 0;
    const char *reason = !json_is_true(json_object_get(step, "reason")) ? ""
                         : ready                                        ? _("needs a reason")
                                                                        : _("needs a reason too");
    print_state(output, to, ready ? N_("ready") : N_("not yet"), reason);
    print_command(output, step, STEP_WIDTH + 6, told);
    json_array_foreach(missing, index, fault)
    {
        json_int_t guard = json_integer_value(json_object_get(fault, "guard"));
        print_missing(output, fault, guard == before);
        print_command(output, fault, STEP_WIDTH + 6, told);
        before = guard;
    }
}

static void print_block(struct output *output, const json_t *werkplaats)
{
    size_t index = 0;
    json_t *item = NULL;
    json_t *told = json_object(); // commands
    output_line(output, "%s  %s", answers_text(werkplaats, "path"),
                answers_text(werkplaats, "phase"));
    json_array_foreach(json_object_get(werkplaats, "steps"), index, item)
    {
        print_step(output, item, told);
    }
    json_array_foreach(json_object_get(werkplaats, "outdated"), index, item)
    {
        output_line(output, "  outdated: others take part than when the costs of %s were split",
                    json_string_value(item));
    }
    json_array_foreach(json_object_get(werkplaats, "undecided"), index, item)
    {
        char *text = undecided_text(output, item);
        output_line(output, "  to decide: %s: %s", answers_text(item, "member"), text);
        print_command(output, item, STEP_WIDTH + 6, told);
        free(text);
    }
    output_line(output, "%s", "");
    json_decref(told);
}

// Elsewhere --------------------------------------------------------------------------------------

static void add_steps(struct table *table, const json_t *werkplaats)
{
    const char *path = answers_text(werkplaats, "path"), *phase = answers_text(werkplaats, "phase");
    size_t index = 0;
    size_t inner = 0;
    json_t *step = NULL;
    json_t *fault = NULL;
    json_array_foreach(json_object_get(werkplaats, "steps"), index, step)
    {
        const json_t *missing = json_object_get(step, "missing");
        const char *ready = json_array_size(missing) > 0                    ? "no"
                            : json_is_true(json_object_get(step, "reason")) ? "with-reason"
                                                                            : "yes";
        if (json_array_size(missing) == 0) {
            table_row(table, (const char *const[]){path, phase, answers_text(step, "to"), ready, "",
                                                   "", "", answers_text(step, "command")});
        }
        json_array_foreach(missing, inner, fault)
        {
            char *guard = guard_of(fault);
            table_row(table, (const char *const[]){path, phase, answers_text(step, "to"), ready,
                                                   guard, answers_text(fault, "found"),
                                                   answers_text(fault, "accepted"),
                                                   answers_text(fault, "command")});
            free(guard);
        }
    }
}

// What holds up no step by itself has rows without one.
static void add_others(struct table *table, const json_t *werkplaats)
{
    const char *path = answers_text(werkplaats, "path"), *phase = answers_text(werkplaats, "phase");
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(werkplaats, "outdated"), index, item)
    {
        char *found = output_format("others take part than when the costs of %s were split",
                                    json_string_value(item));
        table_row(table,
                  (const char *const[]){path, phase, "", "", "", found, "costs.allocated", ""});
        free(found);
    }
    json_array_foreach(json_object_get(werkplaats, "undecided"), index, item)
    {
        char *text = undecided_text(table->output, item);
        char *found = output_format("%s: %s", answers_text(item, "member"), text);
        table_row(table, (const char *const[]){path, phase, "", "", "", found, "decision.taken",
                                               answers_text(item, "command")});
        free(found);
        free(text);
    }
}

static void print_table(struct cli *cli, const json_t *werkplaatsen)
{
    static const char *const names[] = {"path",  "phase", "to",       "ready",
                                        "guard", "found", "accepted", "command"};
    struct table table;
    size_t index = 0;
    json_t *werkplaats = NULL;
    table_begin(&table, &cli->output, TABLE_WHOLE, names, 8, NULL, !cli->settings.no_header);
    json_array_foreach(werkplaatsen, index, werkplaats)
    {
        add_steps(&table, werkplaats);
        add_others(&table, werkplaats);
    }
    table_end(&table);
}

// What one member still has to decide.
static void print_member(struct cli *cli, const json_t *werkplaatsen)
{
    static const char *const names[] = {"path",      "phase",       "purpose",
                                        "share EUR", "decided EUR", "decide by"};
    struct table table;
    size_t index = 0;
    size_t inner = 0;
    json_t *werkplaats = NULL;
    json_t *row = NULL;
    if (cli->output.terminal && json_array_size(werkplaatsen) == 0) {
        output_line(&cli->output, "%s has nothing to decide", cli->settings.member);
        return;
    }
    table_begin(&table, &cli->output, TABLE_WHOLE, names, 6, NULL, !cli->settings.no_header);
    table_align_right(&table, 1u << 3 | 1u << 4);
    json_array_foreach(werkplaatsen, index, werkplaats)
    {
        json_array_foreach(json_object_get(werkplaats, "undecided"), inner, row)
        {
            char *share = euros_of(row, "share");
            char *decided = euros_of(row, "decided");
            table_row(&table, (const char *const[]){answers_text(werkplaats, "path"),
                                                    answers_text(werkplaats, "phase"),
                                                    answers_text(row, "purpose"), share, decided,
                                                    answers_text(row, "decide_by")});
            free(decided);
            free(share);
        }
    }
    table_end(&table);
}

static void print(struct cli *cli, const json_t *json)
{
    const json_t *werkplaatsen = json_object_get(json, "werkplaatsen");
    size_t index = 0;
    json_t *werkplaats = NULL;
    if (cli->settings.json) {
        output_json(&cli->output, json);
    } else if (cli->settings.member != NULL) {
        print_member(cli, werkplaatsen);
    } else if (!cli->output.terminal) {
        print_table(cli, werkplaatsen);
    } else {
        json_array_foreach(werkplaatsen, index, werkplaats)
        {
            print_block(&cli->output, werkplaats);
        }
        fill_legend(cli);
    }
}

// Asking -----------------------------------------------------------------------------------------

// The region, and the werkplaats if one was named (otherwise *ret_entity stays NULL).
static int find_scope(struct cli *cli, struct number at, char **ret_region, char **ret_entity)
{
    char *path = NULL;
    if (cli->argument_count == 0) {
        return answers_region(cli, ret_region);
    }
    int code = paths_typed(cli, cli->arguments[0], KIND_WERKPLAATS, at, &path);
    if (code == 0 && !past_is_of(path, KIND_WERKPLAATS)) {
        code = output_problem("%s: a werkplaats is needed", path);
    } else if (code == 0) {
        paths_split(path, ret_region, ret_entity);
    }
    free(path);
    return code;
}

int cmd_next(struct cli *cli)
{
    struct number at;
    json_t *json = NULL;
    char *region = NULL;
    char *entity = NULL;
    int code = levels_moment(cli, &at);
    if (code == 0) {
        code = find_scope(cli, at, &region, &entity);
    }
    if (code == 0) {
        json_t *request = json_pack("{s:s, s:s, s:s*, s:s*}", "request", "next", "region", region,
                                    "entity", entity, "member", cli->settings.member);
        levels_put_past(cli, at, request);
        code = answers_gather(cli, request, "werkplaatsen", "next", &json);
    }
    if (code == 0) {
        add_commands(cli, json_object_get(json, "werkplaatsen"));
        print(cli, json);
    }
    json_decref(json);
    free(entity);
    free(region);
    return code;
}
