// waternet history PATH: the events of an entity as people read them. What was corrected is struck
// through, and what replaced it stands below it.
#include "clients/cli/answers.h"
#include "clients/cli/asking.h"
#include "clients/cli/events.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"
#include "clients/past/leaves.h"
#include "clients/past/strand.h"

#include <stdlib.h>

#define TEXT_MAX 100 // characters on a terminal of what an event says
#define CITATION_MAX 40

static const char *const names[] = {"seq", "time", "on", "event", "note", "text", "who", "source"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])
#define NOTE 4 // its column, which is never struck through

struct history {
    struct cli *cli;
    struct strand thread;
    json_t *by_seq; // the event of a number, of those that are told
    struct table table;
};

static json_t *event_of(const struct history *history, const char *seq)
{
    return json_object_get(history->by_seq, seq);
}

// What later events say of earlier ones -----------------------------------------------------------

// Which event an event's private part was erased by.
static char *erases(const struct cli *cli, const json_t *event)
{
    const struct event_type *type = events_type(cli, event);
    const json_t *of = json_object_get(json_object_get(event, "data"), "of");
    bool erases = type != NULL && (type->flags & EVENT_ERASES) != 0;
    return erases ? past_value(of) : output_format("%s", "");
}

static void mark(struct history *history, const char *seq, const char *name, const char *by)
{
    json_t *event = event_of(history, seq);
    if (event != NULL && json_object_get(event, name) == NULL) { // the newest comes first
        json_object_set_new(event, name, json_string(by));
    }
}

static void mark_all(struct history *history)
{
    size_t index = 0;
    json_t *event = NULL;
    json_array_foreach(history->thread.events, index, event)
    {
        char *seq = events_seq(event);
        json_object_set(history->by_seq, seq, event);
        free(seq);
    }
    json_array_foreach(history->thread.events, index, event)
    {
        char *seq = events_seq(event);
        char *of = erases(history->cli, event);
        mark(history, answers_text(event, "corrects"), "correctedby", seq);
        mark(history, of, "erasedby", seq);
        free(of);
        free(seq);
    }
}

// Rows --------------------------------------------------------------------------------------------

static char *label_of(const struct cli *cli, const json_t *event)
{
    const struct event_type *type = events_type(cli, event);
    if (type == NULL) {
        return output_format("%s", answers_text(event, "type"));
    }
    return cli->output.terminal ? said_word(type->label_nl, type->name)
                                : output_format("%s", type->name);
}

// "2015 (voorjaar 2015)": the source's own words, where they are less exact.
static char *day_of(const json_t *event)
{
    const char *words = answers_text(event, "ontext");
    return output_format("%s%s%s%s", answers_text(event, "on"), words[0] == '\0' ? "" : " (", words,
                         words[0] == '\0' ? "" : ")");
}

static char *text_of(const struct cli *cli, const json_t *event)
{
    const struct event_type *type = events_type(cli, event);
    const json_t *data = json_object_get(event, "data");
    bool people = cli->output.terminal;
    json_t *leaves = type == NULL ? leaves_of_value(NULL, "data", data, asking_people(people))
                                  : leaves_of_group(type->group, data, asking_people(people));
    const json_t *reference = json_object_get(event, "reference");
    if (reference != NULL) {
        json_t *leaf = leaves_of_value(field_find(GROUP_ENVELOPE, bytes_of("reference")),
                                       "reference", reference, asking_people(people));
        (void)json_array_extend(leaves, leaf); // short without memory
        json_decref(leaf);
    }
    char *text = leaves_line(leaves);
    char *shown = people ? leaves_short(text, TEXT_MAX) : output_format("%s", text);
    free(text);
    return shown;
}

// One more remark. The first text is ended.
static char *with(char *note, const struct output *output, const char *words, const char *seq)
{
    if (seq[0] == '\0') {
        return note;
    }
    const char *said = output->terminal ? _(words) : words;
    return output_append(note, "%s%s %s", note[0] == '\0' ? "" : ", ", said, seq);
}

static char *note_of(const struct output *output, const json_t *event)
{
    char *note = output_format("%s", "");
    note = with(note, output, N_("corrected by"), answers_text(event, "correctedby"));
    note = with(note, output, N_("corrects"), answers_text(event, "corrects"));
    return with(note, output, N_("private part erased by"), answers_text(event, "erasedby"));
}

static void print_row(struct history *history, const json_t *event)
{
    const struct cli *cli = history->cli;
    const struct output *output = &cli->output;
    bool struck = json_object_get(event, "correctedby") != NULL;
    char when[OUTPUT_WHEN_SIZE];
    output_when(output, events_time(event), when);
    const char *citation = answers_text(event, "citation");
    char *cells[COLUMN_COUNT] = {events_seq(event),
                                 output_format("%s", when),
                                 day_of(event),
                                 label_of(cli, event),
                                 note_of(output, event),
                                 text_of(cli, event),
                                 events_who(event),
                                 output->terminal ? leaves_short(citation, CITATION_MAX)
                                                  : output_format("%s", citation)};
    table_row_struck(&history->table, (const char *const *)cells, struck ? ~(1u << NOTE) : 0);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        free(cells[i]);
    }
}

static void print(struct history *history, const json_t *event)
{
    if (history->cli->settings.json) {
        output_json(&history->cli->output, event);
    } else {
        print_row(history, event);
    }
}

// An event, then what corrects it, then what corrects that.
static void print_chain(struct history *history, const json_t *event)
{
    for (; event != NULL; event = event_of(history, answers_text(event, "correctedby"))) {
        print(history, event);
    }
}

static void print_all(struct history *history)
{
    bool table = !history->cli->settings.json;
    if (table) {
        table_begin(&history->table, &history->cli->output, TABLE_WHOLE, names, COLUMN_COUNT, NULL,
                    !history->cli->settings.no_header);
    }
    for (size_t i = json_array_size(history->thread.events); i > 0; i--) { // the oldest first
        const json_t *event = json_array_get(history->thread.events, i - 1);
        if (event_of(history, answers_text(event, "corrects")) == NULL) {
            print_chain(history, event);
        }
    }
    if (table) {
        table_end(&history->table);
    }
}

static int tell(struct history *history)
{
    const struct number count = history->cli->settings.count;
    int code = strand_read(&history->thread, count.given ? (size_t)count.value : SIZE_MAX);
    if (code == 0 && json_array_size(history->thread.events) == 0 &&
        !(count.given && count.value == 0)) {
        code = output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                             "there was no %s yet; a later --at or --on, or none",
                             history->thread.path);
    }
    if (code == 0) {
        mark_all(history);
        print_all(history);
    }
    return code;
}

int cmd_history(struct cli *cli)
{
    struct history history = {.cli = cli, .by_seq = json_object()};
    struct number at;
    char *path = NULL;
    int code = levels_moment(cli, &at);
    if (code == 0) {
        code = paths_typed(cli, cli->arguments[0], KIND_NONE, at, &path);
    }
    if (code == 0) {
        struct past past = asking_past(cli);
        strand_begin(&history.thread, &past, path, asking_moment(at, cli->settings.on));
        code = tell(&history);
        strand_finish(&history.thread);
    }
    json_decref(history.by_seq);
    free(path);
    return code;
}
