// waternet diff --from WHEN [--to WHEN] [WHAT]: what changed between two moments, field by field.
#include "clients/cli/answers.h"
#include "clients/cli/asking.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/table.h"
#include "clients/past/both.h"
#include "clients/past/differences.h"
#include "clients/past/leaves.h"
#include "clients/past/told.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <time.h>

#define TEXT_MAX 80 // characters of a value on a terminal
#define DAY_SIZE 16

static const char *const names[] = {"path", "change", "field", "before", "after", "by"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

enum change { OPENED, CHANGED, ENDED, CHANGE_COUNT };
static const char *const changes[] = {
    [OPENED] = N_("opened"), [CHANGED] = N_("changed"), [ENDED] = N_("ended")};

struct diff {
    struct cli *cli;
    struct past past;
    struct both both;
    char *region, *kind, *path; // what the both points to
    char day_before[DAY_SIZE];
    struct table table;
    size_t counts[CHANGE_COUNT];
    int code;
};

// What is asked for -------------------------------------------------------------------------------

// As `log` takes it: REGION, REGION/KIND, REGION/KIND/ENTITY; as `list`: KIND; as `show`: NAME and
// KIND/NAME.
static int read_words(struct diff *diff, const char *typed)
{
    const char *slash = strchr(typed, '/');
    const char *rest = slash == NULL ? "" : slash + 1;
    char *first = output_format("%.*s", (int)strcspn(typed, "/"), typed);
    enum kind kind = kind_find_typed(first);
    enum kind second = strchr(rest, '/') == NULL ? kind_find_typed(rest) : KIND_NONE;
    bool region = false;
    int code = 0;
    if (kind == KIND_NONE && rest[0] == '\0') {
        code = paths_has_region(diff->cli, first, &region);
    }
    if (code == 0 && (region || (kind == KIND_NONE && second != KIND_NONE))) {
        diff->region = output_format("%s", first);
        kind = second;
    } else if (code == 0 && (kind == KIND_NONE || rest[0] != '\0')) {
        code = paths_typed(diff->cli, typed, KIND_NONE, (struct number){0}, &diff->path);
        kind = KIND_NONE;
    }
    if (kind != KIND_NONE) {
        diff->kind = output_format("%s", kind_row(kind)->name);
    }
    free(first);
    return code;
}

// The shell completes a level with a slash behind it.
static int read_level(struct diff *diff, const char *typed)
{
    char *words = output_format("%s", typed + strspn(typed, "/"));
    for (size_t end = strlen(words); end > 0 && words[end - 1] == '/'; end--) {
        words[end - 1] = '\0';
    }
    int code = read_words(diff, words);
    free(words);
    return code;
}

static int read_scope(struct diff *diff)
{
    const char *said = answers_said(diff->cli->settings.region, "WATERNET_REGION");
    int code = diff->cli->argument_count == 0 ? 0 : read_level(diff, diff->cli->arguments[0]);
    if (code == 0 && diff->region == NULL && said != NULL) {
        diff->region = output_format("%s", said);
    }
    diff->both.region = diff->region;
    diff->both.kind = diff->kind;
    diff->both.path = diff->path;
    return code;
}

static void write_day_before(uint32_t day, char ret_text[DAY_SIZE])
{
    struct tm before = {.tm_year = (int)(day / 10000) - 1900,
                        .tm_mon = (int)(day / 100 % 100) - 1,
                        .tm_mday = (int)(day % 100) - 1};
    (void)timegm(&before); // the 0th becomes the last of the month before it
    if (before.tm_year < -1900) {
        before = (struct tm){.tm_year = -1900, .tm_mday = 1}; // the first day that can be said
    }
    (void)snprintf(ret_text, DAY_SIZE, "%04d-%02d-%02d", (before.tm_year + 1900) % 10000,
                   (before.tm_mon + 1) % 100, before.tm_mday % 100);
}

// From before the first day of one period until behind the last of another, of all that is recorded
// now; without a last day as it stands.
static int read_days(struct diff *diff, uint64_t head)
{
    struct settings *said = &diff->cli->settings;
    const char *days[] = {said->from, said->to};
    uint32_t ends[2] = {0, UINT32_MAX};
    for (size_t i = 0; i < 2 && days[i] != NULL; i++) {
        if (!schema_is_date(bytes_of(days[i]))) {
            return output_problem("--%s %s is no day; with --as-it-was 2016, 2016-03, 2016-Q1 or "
                                  "2016-03-01 is needed",
                                  i == 0 ? "from" : "to", days[i]);
        }
        ends[i] = i == 0 ? schema_first_day(bytes_of(days[i])) : schema_last_day(bytes_of(days[i]));
    }
    if (ends[0] > ends[1]) {
        return output_problem("--from %s comes after --to %s; the earlier one first", days[0],
                              days[1]);
    }
    struct number at = {.given = true, .value = head};
    write_day_before(ends[0], diff->day_before);
    diff->both.from = asking_moment(at, diff->day_before);
    diff->both.to = asking_moment(at, days[1]);
    return 0;
}

static int read_positions(struct diff *diff, uint64_t head)
{
    const struct settings *said = &diff->cli->settings;
    const char *to = said->to == NULL ? "end" : said->to;
    struct number first = {0}, last = {0};
    int code = levels_recorded(diff->cli, "--from", said->from, head, &first);
    if (code == 0) {
        code = levels_recorded(diff->cli, "--to", to, head, &last);
    }
    diff->both.from = asking_moment(first, NULL);
    diff->both.to = asking_moment(last, NULL);
    if (code == 0 && first.value > last.value) {
        code =
            output_problem("--from %s comes after --to %s; the earlier one first", said->from, to);
    }
    return code;
}

// Both are fixed from here on, whatever is posted meanwhile.
static int read_moments(struct diff *diff)
{
    uint64_t head = 0;
    if (diff->cli->settings.from == NULL) {
        return output_problem("since when is not said; --from seq:812, --from 1h or --from "
                              "2016-03-01");
    }
    int code = levels_head(diff->cli, &head);
    if (code != 0) {
        return code;
    }
    return diff->cli->settings.as_it_was ? read_days(diff, head) : read_positions(diff, head);
}

// Rows --------------------------------------------------------------------------------------------

// On a terminal: what came, what went, or what became another.
static void print_line(struct diff *diff, const struct told_row *row)
{
    struct output *output = &diff->cli->output;
    char *before = leaves_short(row->before == NULL ? "" : row->before, TEXT_MAX);
    char *after = leaves_short(row->after == NULL ? "" : row->after, TEXT_MAX);
    const char *sign = row->before == NULL ? "+" : row->after == NULL ? "-" : " ";
    const char *arrow = row->before == NULL || row->after == NULL ? "" : " → ";
    output_line(output, "  %s %s: %s%s%s%s%s%s", sign, row->field, before, arrow, after,
                row->by[0] == '\0' ? "" : "  (", row->by, row->by[0] == '\0' ? "" : ")");
    free(after);
    free(before);
}

static void print_row(void *context, const struct told_row *row)
{
    struct diff *diff = context;
    if (diff->cli->output.terminal) {
        print_line(diff, row);
    } else {
        table_row(&diff->table, (const char *const[]){row->path, row->change, row->field,
                                                      row->before, row->after, row->by});
    }
}

static void print_entity(struct diff *diff, const json_t *difference)
{
    bool people = diff->cli->output.terminal;
    if (people) {
        output_line(&diff->cli->output, "%s  %s", answers_text(difference, "path"),
                    _(answers_text(difference, "change")));
    }
    told_difference(difference, asking_people(people), print_row, diff);
}

// Walking -----------------------------------------------------------------------------------------

static void count(struct diff *diff, const char *change)
{
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        diff->counts[i] += strcmp(change, changes[i]) == 0;
    }
}

static bool take(void *context, const char *path, const json_t *before, const json_t *after)
{
    struct diff *diff = context;
    if (before == NULL && after == NULL) { // of one that was asked for by name
        diff->code =
            output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                          "there was no %s at either moment; waternet history %s tells whether "
                          "there is one now",
                          path, path);
        return false;
    }
    json_t *difference = differences_of(path, before, after);
    if (difference == NULL) {
        return true;
    }
    diff->code = both_explain(&diff->both, difference, after);
    if (diff->code == 0) {
        count(diff, answers_text(difference, "change"));
        if (diff->cli->settings.json) {
            output_json(&diff->cli->output, difference);
        } else {
            print_entity(diff, difference);
        }
    }
    json_decref(difference);
    return diff->code == 0 && output_flush(&diff->cli->output);
}

static void tell_same(const struct both *both)
{
    if (both->from.on == NULL) {
        output_note("nothing changed between seq:%llu and seq:%llu",
                    (unsigned long long)both->from.at, (unsigned long long)both->to.at);
    } else if (both->to.on == NULL) {
        output_note("nothing changed since the end of %s", both->from.on);
    } else {
        output_note("nothing changed between the end of %s and the end of %s", both->from.on,
                    both->to.on);
    }
}

// By which of the two clocks; the other would often tell something else.
static void tell_clock(const struct diff *diff)
{
    if (diff->cli->settings.as_it_was) {
        output_note("counted by the dates of the events; without --as-it-was by when they were "
                    "recorded");
    } else {
        output_note("counted by when it was recorded; with --as-it-was by the dates of the events");
    }
}

static void end(struct diff *diff)
{
    const size_t *counts = diff->counts;
    struct output *output = &diff->cli->output;
    if (counts[OPENED] + counts[CHANGED] + counts[ENDED] == 0) {
        tell_same(&diff->both);
    } else if (output->terminal && !diff->cli->settings.json) {
        output_line(output, "%zu opened, %zu changed, %zu ended", counts[OPENED], counts[CHANGED],
                    counts[ENDED]);
    }
    if (output->terminal && !diff->cli->settings.json) {
        tell_clock(diff);
    }
}

static int print(struct diff *diff)
{
    bool table = !diff->cli->settings.json && !diff->cli->output.terminal;
    if (table) {
        table_begin(&diff->table, &diff->cli->output, TABLE_STREAM, names, COLUMN_COUNT, NULL,
                    !diff->cli->settings.no_header);
    }
    int code = both_walk(&diff->both, take, diff);
    code = code == 0 ? diff->code : code;
    if (table) {
        table_end(&diff->table);
    }
    if (code == 0) {
        end(diff);
    }
    return code;
}

int cmd_diff(struct cli *cli)
{
    struct diff diff = {.cli = cli, .past = asking_past(cli)};
    diff.both.past = &diff.past;
    int code = read_moments(&diff);
    if (code == 0) {
        code = read_scope(&diff);
    }
    if (code == 0) {
        code = print(&diff);
    }
    free(diff.path);
    free(diff.kind);
    free(diff.region);
    return code;
}
