#include "clients/cli/events.h"

#include "clients/cli/answers.h"

#include <stdlib.h>

#define TEXT_MAX 40 // characters of the text on a terminal

static const char *const names[] = {"seq", "time", "type", "path", "text", "who"};
static const int widths[] = {6, 32, 25, 44, 40, 0};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

// The field of an event's data that says most in one line: the first of these that is there.
static const char *const telling[] = {"title",   "name",    "label",  "role", "member",
                                      "outcome", "phase",   "credit", "text", "reason",
                                      "theme",   "summary", "kind"};

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

static char *shortened(const char *text)
{
    size_t count = 0;
    size_t end = 0;
    while (text[end] != '\0' && (count < TEXT_MAX || ((unsigned char)text[end] & 0xc0) == 0x80)) {
        count += ((unsigned char)text[end] & 0xc0) != 0x80;
        end++;
    }
    return output_format("%.*s%s", (int)end, text, text[end] == '\0' ? "" : "…");
}

static char *short_text(const json_t *data, bool whole)
{
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        const char *text = answers_text(data, telling[i]);
        if (text[0] != '\0') {
            return whole ? output_format("%s", text) : shortened(text);
        }
    }
    return output_format("%s", "");
}

// As it is typed behind --as, and the proved role where it is another.
static char *who(const json_t *event)
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
    char *text = short_text(json_object_get(json, "data"), !cli->output.terminal);
    char *actor = who(json);
    table_row(table, (const char *const[]){seq, when, event->type, path, text, actor});
    free(actor);
    free(text);
    free(path);
    free(seq);
    free(line);
    json_decref(json);
    return output_flush(&cli->output);
}
