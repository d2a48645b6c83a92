// waternet diff --from WHEN [--to WHEN] [WHAT]: what changed between two moments, field by field.
#include "clients/cli/answers.h"
#include "clients/cli/both.h"
#include "clients/cli/differences.h"
#include "clients/cli/levels.h"
#include "clients/cli/paths.h"
#include "clients/cli/table.h"
#include "clients/cli/words.h"

#include "proto/schema.h"

#include <stdlib.h>

#define TEXT_MAX 80 // characters of a value on a terminal

static const char *const names[] = {"path", "change", "field", "before", "after", "by"};
#define COLUMN_COUNT (sizeof names / sizeof names[0])

enum change { OPENED, CHANGED, ENDED, CHANGE_COUNT };
static const char *const changes[] = {
    [OPENED] = N_("opened"), [CHANGED] = N_("changed"), [ENDED] = N_("ended")};

struct diff {
    struct cli *cli;
    struct both both;
    char *region, *kind, *path; // what the both points to
    struct table table;
    size_t counts[CHANGE_COUNT];
    size_t rows; // of the present entity
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

// Between two days, of all that is recorded now; without a last day as it stands.
static int read_days(struct diff *diff, uint64_t head)
{
    struct settings *said = &diff->cli->settings;
    const char *days[] = {said->from, said->to};
    uint32_t last[2] = {0, UINT32_MAX};
    for (size_t i = 0; i < 2 && days[i] != NULL; i++) {
        if (!schema_is_date(bytes_of(days[i]))) {
            return output_problem("--%s %s is no day; with --as-it-was 2016, 2016-03, 2016-Q1 or "
                                  "2016-03-01 is needed",
                                  i == 0 ? "from" : "to", days[i]);
        }
        last[i] = schema_last_day(bytes_of(days[i]));
    }
    if (last[0] > last[1]) {
        return output_problem("--from %s comes after --to %s; the earlier one first", days[0],
                              days[1]);
    }
    struct number at = {.given = true, .value = head};
    diff->both.from = (struct moment){.at = at, .on = days[0]};
    diff->both.to = (struct moment){.at = at, .on = days[1]};
    return 0;
}

static int read_positions(struct diff *diff, uint64_t head)
{
    const struct settings *said = &diff->cli->settings;
    const char *to = said->to == NULL ? "end" : said->to;
    int code = levels_recorded(diff->cli, "from", said->from, head, &diff->both.from.at);
    if (code == 0) {
        code = levels_recorded(diff->cli, "to", to, head, &diff->both.to.at);
    }
    if (code == 0 && diff->both.from.at.value > diff->both.to.at.value) {
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

// One difference, as people read it.
struct row {
    const char *path, *change;
    const char *field;
    const char *before, *after; // NULL: not there
    const char *by;
};

// On a terminal: what came, what went, or what became another.
static void print_line(struct diff *diff, const struct row *row)
{
    struct output *output = &diff->cli->output;
    char *before = words_short(row->before == NULL ? "" : row->before, TEXT_MAX);
    char *after = words_short(row->after == NULL ? "" : row->after, TEXT_MAX);
    const char *sign = row->before == NULL ? "+" : row->after == NULL ? "-" : " ";
    const char *arrow = row->before == NULL || row->after == NULL ? "" : " → ";
    if (diff->rows == 0) {
        output_line(output, "%s  %s", row->path, _(row->change));
    }
    output_line(output, "  %s %s: %s%s%s%s%s%s", sign, row->field, before, arrow, after,
                row->by[0] == '\0' ? "" : "  (", row->by, row->by[0] == '\0' ? "" : ")");
    free(after);
    free(before);
}

static void print_row(struct diff *diff, const struct row *row)
{
    if (diff->cli->output.terminal) {
        print_line(diff, row);
    } else {
        table_row(&diff->table, (const char *const[]){row->path, row->change, row->field,
                                                      row->before, row->after, row->by});
    }
    diff->rows++;
}

// What a field's name says of its type: the slot's items have the fields of `group`, the field
// itself is `field`, NULL if no row has it.
struct rows_of {
    enum group group;
    const struct field *field;
};

static struct rows_of find_rows(enum kind kind, const char *name)
{
    struct rows_of found = {.group = GROUP_NOTHING};
    for (const struct event_type *type = event_type_next(NULL); type != NULL;
         type = event_type_next(type)) {
        bool of_kind = type->kind == kind || type->kind == KIND_ANY;
        bool puts = type->effect == EFFECT_PUT || type->effect == EFFECT_APPEND;
        if (of_kind && puts && strcmp(type->slot, name) == 0) {
            found.group = type->group;
        } else if (of_kind && type->slot[0] == '\0' && found.field == NULL) {
            found.field = field_find(type->group, bytes_of(name));
        }
    }
    if (found.field == NULL) {
        found.field = field_find(GROUP_ENVELOPE, bytes_of(name)); // the record's own
    }
    return found;
}

// Leaves of one name, in the order of a list, that are not in another.
static json_t *texts_of(const json_t *leaves, const char *name, const json_t *others)
{
    json_t *texts = json_array();
    size_t index = 0;
    size_t inner = 0;
    json_t *leaf = NULL;
    json_t *other = NULL;
    json_array_foreach(leaves, index, leaf)
    {
        bool wanted = strcmp(answers_text(leaf, "name"), name) == 0;
        json_array_foreach(others, inner, other)
        {
            wanted = wanted && !json_equal(leaf, other);
        }
        if (wanted) { // short without memory
            (void)json_array_append(texts, json_object_get(leaf, "text"));
        }
    }
    return texts;
}

static const char *text_at(const json_t *texts, size_t index)
{
    return json_string_value(json_array_get(texts, index));
}

// The values of one name: one became another, or items of a set came and went.
static void print_leaf(struct diff *diff, struct row row, const json_t *leaf, const json_t *before,
                       const json_t *after)
{
    const char *name = answers_text(leaf, "name");
    bool item = json_is_true(json_object_get(leaf, "item"));
    json_t *was = texts_of(before, name, after);
    json_t *is = texts_of(after, name, before);
    char *field = output_format("%s%s", row.field, answers_text(leaf, "label"));
    row.field = field;
    for (size_t i = 0; i < json_array_size(was); i++) {
        row.before = text_at(was, i);
        row.after = item ? NULL : text_at(is, i);
        print_row(diff, &row);
    }
    for (size_t i = item ? 0 : json_array_size(was); i < json_array_size(is); i++) {
        row.before = NULL;
        row.after = text_at(is, i);
        print_row(diff, &row);
    }
    free(field);
    json_decref(is);
    json_decref(was);
}

static bool is_among(const json_t *leaves, size_t most, const json_t *leaf)
{
    const char *name = answers_text(leaf, "name");
    for (size_t i = 0; i < most && i < json_array_size(leaves); i++) {
        if (strcmp(answers_text(json_array_get(leaves, i), "name"), name) == 0) {
            return true;
        }
    }
    return false;
}

// Ends both.
static void print_leaves(struct diff *diff, struct row row, json_t *before, json_t *after)
{
    size_t index = 0;
    json_t *leaf = NULL;
    json_array_foreach(before, index, leaf)
    {
        if (!is_among(before, index, leaf)) {
            print_leaf(diff, row, leaf, before, after);
        }
    }
    json_array_foreach(after, index, leaf)
    {
        if (!is_among(before, SIZE_MAX, leaf) && !is_among(after, index, leaf)) {
            print_leaf(diff, row, leaf, before, after);
        }
    }
    json_decref(after);
    json_decref(before);
}

// What an item says besides its key; if that is nothing, its key; if it has none, that it is there.
static char *item_text(const struct diff *diff, const json_t *item, enum group group)
{
    bool people = diff->cli->output.terminal;
    char *line = words_line(words_leaves_of_item(group, item, people));
    if (line[0] == '\0') {
        free(line);
        line = words_line(words_leaves(group, json_object_get(item, "data"), people));
    }
    if (line[0] == '\0') {
        free(line);
        line = output_format("%s", people ? _("yes") : "yes");
    }
    return line;
}

// An item that came or went is one row.
static void print_item(struct diff *diff, struct row row, const json_t *item, enum group group,
                       bool came)
{
    char *line = item_text(diff, item, group);
    row.before = came ? NULL : line;
    row.after = came ? line : NULL;
    print_row(diff, &row);
    free(line);
}

static json_t *leaves_of(const struct diff *diff, struct rows_of rows, const char *name,
                         const json_t *value)
{
    return value == NULL ? json_array()
                         : words_leaves_of(rows.field, name, value, diff->cli->output.terminal);
}

static void print_items(struct diff *diff, struct row row, struct rows_of rows,
                        const json_t *before, const json_t *after)
{
    bool people = diff->cli->output.terminal;
    if (before == NULL || after == NULL) {
        print_item(diff, row, before == NULL ? after : before, rows.group, before == NULL);
        return;
    }
    char *field = output_format("%s.", row.field);
    row.field = field;
    print_leaves(diff, row, words_leaves_of_item(rows.group, before, people),
                 words_leaves_of_item(rows.group, after, people));
    free(field);
}

// A group's field is told by its own row.
static struct rows_of within(struct rows_of rows, const char *key)
{
    bool group = rows.field != NULL && rows.field->type == FIELD_GROUP && key != NULL;
    return (struct rows_of){.group = rows.group,
                            .field = group ? field_find((enum group)rows.field->of, bytes_of(key))
                                           : rows.field};
}

static void print_field(struct diff *diff, struct row row, const json_t *field)
{
    const json_t *before = json_object_get(field, "before");
    const json_t *after = json_object_get(field, "after");
    const char *whole = answers_text(field, "field");
    const char *key = NULL;
    char *name = NULL;
    differences_split(whole, &name, &key);
    const json_t *by = json_object_get(field, "by");
    char *number = by == NULL ? output_format("%s", "") : output_value(by);
    char *path = output_format("%s", strchr(row.path, '/') + 1);
    path[strcspn(path, "/")] = '\0';
    struct rows_of rows = find_rows(kind_find(bytes_of(path)), name);
    row.by = number;
    if (differences_is_item(before) || differences_is_item(after)) {
        row.field = whole;
        print_items(diff, row, rows, before, after);
    } else {
        char *outer = key == NULL ? output_format("%s", "") : output_format("%s.", name);
        const char *inner = key == NULL ? name : key;
        row.field = outer;
        rows = within(rows, key);
        print_leaves(diff, row, leaves_of(diff, rows, inner, before),
                     leaves_of(diff, rows, inner, after));
        free(outer);
    }
    free(path);
    free(number);
    free(name);
}

// The number of its newest event says nothing that "by" does not say, unless nothing else changed.
static bool is_told_otherwise(const char *field)
{
    return strcmp(field, "version") == 0 || strcmp(field, "opened") == 0;
}

static void print_entity(struct diff *diff, const json_t *difference)
{
    struct row row = {.path = answers_text(difference, "path"),
                      .change = answers_text(difference, "change")};
    const json_t *fields = json_object_get(difference, "fields");
    size_t index = 0;
    json_t *field = NULL;
    diff->rows = 0;
    json_array_foreach(fields, index, field)
    {
        if (!is_told_otherwise(answers_text(field, "field"))) {
            print_field(diff, row, field);
        }
    }
    if (diff->rows == 0) {
        print_field(diff, row, json_array_get(fields, 0)); // always its version
    }
}

// Walking -----------------------------------------------------------------------------------------

static int explain(struct diff *diff, json_t *difference, const json_t *after)
{
    const struct both *both = &diff->both;
    struct thread thread;
    thread_begin(&thread, diff->cli, answers_text(difference, "path"), both->to.at, both->to.on);
    uint64_t oldest = both->to.on == NULL && both->from.on == NULL ? both->from.at.value : 0;
    int code = differences_explain(difference, after, &thread, oldest);
    thread_finish(&thread);
    return code;
}

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
    diff->code = explain(diff, difference, after);
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

static void end(struct diff *diff)
{
    const size_t *counts = diff->counts;
    struct output *output = &diff->cli->output;
    if (counts[OPENED] + counts[CHANGED] + counts[ENDED] == 0) {
        output_note("nothing changed");
    } else if (output->terminal && !diff->cli->settings.json) {
        output_line(output, "%zu opened, %zu changed, %zu ended", counts[OPENED], counts[CHANGED],
                    counts[ENDED]);
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
    struct diff diff = {.cli = cli, .both = {.cli = cli}};
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
