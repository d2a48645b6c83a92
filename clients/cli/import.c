#include "clients/cli/import.h"
#include "clients/past/past.h"

#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/post.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int bad_line(const struct import *import, const char *problem)
{
    char *why =
        output_format("%s:%llu: %s", import->name, (unsigned long long)import->number, _(problem));
    output_error(output_tried(), _("not understood"), why,
                 _("put that line right and import again; what is stored already stays"));
    free(why);
    return EXIT_USAGE;
}

static int read_line(struct import *import, char *text, struct import_line *ret_line)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    int code = 0;
    if (!json_is_object(json)) {
        char *problem = json != NULL
                            ? output_format("no JSON object")
                            : output_format("no JSON: %s (column %d)", error.text, error.column);
        code = bad_line(import, problem);
        free(problem);
    } else if (!json_is_string(json_object_get(json, "id"))) {
        code =
            bad_line(import, N_("no id; with one of its own a line can be imported again safely"));
    } else {
        const char *as = json_string_value(json_object_get(json, "as"));
        *ret_line = (struct import_line){.number = import->number,
                                         .text = output_format("%s", text),
                                         .as = output_format("%s", as == NULL ? "" : as),
                                         .corrects = post_corrects(json) != NULL};
    }
    json_decref(json);
    return code;
}

int import_next(struct import *import, struct import_line *ret_line, bool *ret_found)
{
    char *text = NULL;
    size_t room = 0;
    int code = 0;
    *ret_found = false;
    ssize_t read = 0;
    while (code == 0 && !*ret_found && (read = getline(&text, &room, import->file)) >= 0) {
        import->number++;
        size_t length = strcspn(text, "\n");
        bool whole = length + (text[length] == '\n') == (size_t)read; // otherwise a zero stopped it
        text[length] = '\0';
        if (whole && text[strspn(text, " \t\r")] == '\0') {
            continue;
        }
        code = whole ? read_line(import, text, ret_line) : bad_line(import, N_("a zero byte"));
        *ret_found = code == 0;
    }
    if (code == 0 && !*ret_found && !feof(import->file)) { // unreadable, or no memory for a line
        code = output_failed(EXIT_OTHER, "%s: %s", import->name, strerror(errno));
    }
    free(text);
    return code;
}

int import_resolve(struct import *import, struct import_line *line, bool *ret_found)
{
    struct waternet_answer *answer = NULL;
    *ret_found = true;
    if (!line->corrects) {
        return 0;
    }
    json_t *json = json_loads(line->text, 0, NULL); // it was read before
    const char *id = post_corrects(json);
    enum waternet_status status = waternet_find(import->cli->connection, id, &answer);
    int code = 0;
    if (status == WATERNET_NOT_FOUND) {
        *ret_found = false;
    } else {
        char *what = output_format("%s:%llu", import->name, (unsigned long long)line->number);
        json_t *found = NULL;
        code = answers_take(import->cli, status, &answer, what, &found);
        uint64_t seq = past_event_seq(json_object_get(found, "event"));
        json_object_set_new(json, "corrects", json_integer((json_int_t)seq));
        free(line->text);
        line->text = json_dumps(json, JSON_COMPACT);
        code = line->text == NULL ? EXIT_OTHER : code;
        json_decref(found);
        free(what);
    }
    waternet_answer_free(&answer);
    json_decref(json);
    return code;
}

int import_unresolved(struct import *import, const struct import_line *line)
{
    json_t *json = json_loads(line->text, 0, NULL);
    int code = output_failed(waternet_status_exit(WATERNET_NOT_FOUND),
                             "%s:%llu: corrects: there is no event with the id %s; "
                             "import what it corrects first",
                             import->name, (unsigned long long)line->number, post_corrects(json));
    json_decref(json);
    import->counts.refused++;
    return code;
}

void import_line_free(struct import_line *line)
{
    free(line->text);
    free(line->as);
    *line = (struct import_line){0};
}

void import_count(struct import *import, uint64_t number, const json_t *receipt)
{
    size_t index = 0;
    json_t *warning = NULL;
    if (json_is_true(json_object_get(receipt, "duplicate"))) {
        import->counts.there++;
    } else {
        import->counts.stored++;
    }
    json_array_foreach(json_object_get(receipt, "warnings"), index, warning)
    {
        char *sentence = said_sentence(json_string_value(warning));
        output_note("%s:%llu: warning: %s", import->name, (unsigned long long)number, sentence);
        free(sentence);
    }
}

int import_refused(struct import *import, uint64_t number, enum waternet_status status,
                   const json_t *answer)
{
    char *place = output_format("%s:%llu: ", import->name, (unsigned long long)number);
    answers_tell(import->cli, status, answer, output_tried(), place);
    import->counts.refused += status != WATERNET_NO_ANSWER;
    free(place);
    return waternet_status_exit(status);
}

// "already there" as a key: "already_there".
static void set_total(json_t *json, const struct import_total *total)
{
    char *key = output_format("%s", total->name);
    for (char *at = strchr(key, ' '); at != NULL; at = strchr(at, ' ')) {
        *at = '_';
    }
    json_object_set_new(json, key, json_integer((json_int_t)total->count));
    free(key);
}

#define TOTALS_MAX (COLUMNS_MAX - 1)

// "twente.jsonl: 117 stored, 0 already there".
static void print_totals(struct import *import, const struct import_total *totals, unsigned count)
{
    char *text = output_format("%s:", import->name);
    for (unsigned i = 0; i < count; i++) {
        text = output_append(text, "%s %llu %s", i == 0 ? "" : ",",
                             (unsigned long long)totals[i].count, _(totals[i].name));
    }
    output_line(&import->cli->output, "%s", text);
    free(text);
}

static void print_table(struct import *import, const struct import_total *totals, unsigned count)
{
    const char *names[COLUMNS_MAX] = {"file"};
    char *numbers[TOTALS_MAX] = {0};
    const char *cells[COLUMNS_MAX] = {import->name};
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = output_format("%llu", (unsigned long long)totals[i].count);
        names[i + 1] = totals[i].name;
        cells[i + 1] = numbers[i];
    }
    table_one(&import->cli->output, names, cells, count + 1);
    for (unsigned i = 0; i < count; i++) {
        free(numbers[i]);
    }
}

void import_summary(struct import *import, const struct import_total *totals, unsigned count)
{
    json_t *json = json_object();
    for (unsigned i = 0; i < count; i++) {
        set_total(json, &totals[i]);
    }
    if (import->cli->settings.json) {
        output_json(&import->cli->output, json);
    } else if (import->cli->output.terminal) {
        print_totals(import, totals, count);
    } else {
        print_table(import, totals, count);
    }
    json_decref(json);
}
