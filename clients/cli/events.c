#include "clients/cli/events.h"

#include "clients/cli/answers.h"
#include "clients/cli/asking.h"
#include "clients/cli/levels.h"
#include "clients/past/leaves.h"

#include <stdlib.h>
#include <time.h>

#define TEXT_MAX 40 // characters of the text on a terminal
#define TOLD_MAX 80 // the same, of what is told of several fields

static const char *const names[] = {"seq", "time", "type", "path", "text", "who"};
static const int widths[] = {6, 32, 25, 44, 40, 0};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

// The field of an event's data that says most in one line: the first of these that is there.
static const char *const telling[] = {"title",   "name",    "label",  "role", "member",
                                      "outcome", "phase",   "credit", "text", "reason",
                                      "theme",   "summary", "kind"};

// Types that no single field tells: what stands before each value, and its field.
static const struct {
    const char *type;
    struct {
        const char *before, *field;
    } parts[4];
} told[] = {
    {"werkplaats.phase-changed", {{"", "from"}, {" -> ", "to"}, {", ", "reason"}}},
    {"werkplaats.advice-given", {{"", "priority"}, {": ", "note"}}},
    {"participation.ended", {{"", "member"}, {": ", "reason"}}},
    {"costs.allocated", {{"", "amount"}, {", ", "purpose"}, {", ", "key"}, {" ", "version"}}},
    {"decision.taken", {{"", "member"}, {": ", "outcome"}, {", ", "amount"}, {", ", "purpose"}}},
};
#define PART_COUNT (sizeof told[0].parts / sizeof told[0].parts[0])

void events_begin(struct cli *cli, struct table *table)
{
    if (!cli->settings.json) {
        table_begin(table, &cli->output, TABLE_STREAM, names, COLUMN_COUNT, widths,
                    !cli->settings.no_header);
    }
}

void events_end(struct cli *cli, struct table *table)
{
    if (!cli->settings.json) {
        table_end(table);
    }
}

static const char *leaf_text(const json_t *leaves, const char *name)
{
    size_t index = 0;
    json_t *leaf = NULL;
    json_array_foreach(leaves, index, leaf)
    {
        if (strcmp(answers_text(leaf, "name"), name) == 0) {
            return answers_text(leaf, "text");
        }
    }
    return "";
}

// "zilverlo: positive, EUR 46551.72, execution"; NULL if the type is not told so.
static char *told_text(const struct event_type *type, const json_t *data, bool people)
{
    for (size_t i = 0; type != NULL && i < sizeof told / sizeof told[0]; i++) {
        if (strcmp(told[i].type, type->name) != 0) {
            continue;
        }
        json_t *leaves = leaves_of_group(type->group, data, asking_people(people));
        char *text = output_format("%s", "");
        for (size_t part = 0; part < PART_COUNT && told[i].parts[part].field != NULL; part++) {
            const char *value = leaf_text(leaves, told[i].parts[part].field);
            if (value[0] != '\0') {
                text = output_append(text, "%s%s", told[i].parts[part].before, value);
            }
        }
        json_decref(leaves);
        return text;
    }
    return NULL;
}

static char *short_text(const struct event_type *type, const json_t *data, bool whole)
{
    char *several = told_text(type, data, !whole);
    if (several != NULL) {
        char *shown = whole ? output_format("%s", several) : leaves_short(several, TOLD_MAX);
        free(several);
        return shown;
    }
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        const char *text = answers_text(data, telling[i]);
        if (text[0] != '\0') {
            return whole ? output_format("%s", text) : leaves_short(text, TEXT_MAX);
        }
    }
    return output_format("%s", "");
}

char *events_seq(const json_t *event)
{
    return output_format("%llu", (unsigned long long)past_event_seq(event));
}

uint64_t events_time(const json_t *event)
{
    struct tm utc = {0};
    const char *fraction = strptime(answers_text(event, "time"), "%Y-%m-%dT%H:%M:%S", &utc);
    uint64_t ms = fraction != NULL && *fraction == '.' ? strtoull(fraction + 1, NULL, 10) : 0;
    return fraction == NULL ? 0 : (uint64_t)timegm(&utc) * 1000 + ms;
}

const struct event_type *events_type(const struct cli *cli, const json_t *event)
{
    return past_event_type(waternet_type_prefix(cli->connection), event);
}

char *events_who(const json_t *event)
{
    const char *via = answers_text(event, "actorvia");
    return output_format("%s:%s%s%s", answers_text(event, "actorrole"),
                         answers_text(event, "actororganisation"), via[0] == '\0' ? "" : " via ",
                         via);
}

bool events_print(struct cli *cli, struct table *table, struct waternet_follower *follower,
                  const struct waternet_event *event)
{
    char *line = waternet_event_json(follower, event);
    if (cli->settings.json && line != NULL) {
        output_json_text(&cli->output, line);
        free(line);
        return output_flush(&cli->output);
    }
    json_t *json = line == NULL ? NULL : json_loads(line, 0, NULL);
    char when[OUTPUT_WHEN_SIZE];
    output_when(&cli->output, event->time, when);
    char *seq = output_format("%llu", (unsigned long long)event->seq);
    char *path = output_format("%s/%s", event->region, event->subject);
    char *text =
        short_text(events_type(cli, json), json_object_get(json, "data"), !cli->output.terminal);
    char *actor = events_who(json);
    table_row(table, (const char *const[]){seq, when, event->type, path, text, actor});
    free(actor);
    free(text);
    free(path);
    free(seq);
    free(line);
    json_decref(json);
    return output_flush(&cli->output);
}
