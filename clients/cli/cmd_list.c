// waternet list KIND: the entities of a kind, with the columns of columns.def.
#include "clients/cli/answers.h"
#include "clients/cli/levels.h"
#include "clients/cli/present.h"
#include "clients/cli/suggest.h"
#include "clients/cli/table.h"
#include "clients/past/past.h"

#include <stdlib.h>

static const struct {
    enum kind kind;
    const char *field;
} columns[] = {
#define COLUMN(NAME, field) {KIND_##NAME, field},
#include "clients/cli/columns.def"
#undef COLUMN
};

struct list {
    struct cli *cli;
    enum kind kind;
    const char *region; // NULL: every one, shown in a column
    struct table table;
    const char *names[COLUMNS_MAX];
    unsigned count;
};

static void add_column(struct list *list, const char *name)
{
    if (list->count < COLUMNS_MAX) {
        list->names[list->count++] = name;
    }
}

// Of regions that is their own name.
static bool shows_region(const struct list *list)
{
    return list->region == NULL && list->kind != KIND_REGION;
}

static void set_columns(struct list *list)
{
    if (shows_region(list)) {
        add_column(list, "region");
    }
    add_column(list, kind_row(list->kind)->name);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (columns[i].kind == list->kind) {
            add_column(list, columns[i].field);
        }
    }
    if (list->cli->settings.all) {
        add_column(list, "ended");
    }
}

// The value of a dotted name; of a list the newest item.
static const json_t *find_field(const json_t *fields, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL) {
        return json_object_get(fields, name);
    }
    char *outer = output_format("%.*s", (int)(dot - name), name);
    const json_t *group = json_object_get(fields, outer);
    free(outer);
    if (json_is_array(group)) {
        group = json_array_get(group, json_array_size(group) - 1);
    }
    return find_field(group, dot + 1);
}

// How sure a phase is that was taken over. With the first step of its own it is what was posted.
static const json_t *find_basis(const json_t *fields)
{
    return json_object_get(fields, "phases") != NULL ? NULL : find_field(fields, "baseline.basis");
}

static const json_t *find_cell(const json_t *record, const char *name)
{
    const json_t *fields = json_object_get(record, "fields");
    const json_t *value =
        strcmp(name, "basis") == 0 ? find_basis(fields) : find_field(fields, name);
    return value != NULL ? value : json_object_get(record, name);
}

static void print_row(struct list *list, const json_t *entity)
{
    const json_t *record = json_object_get(entity, "record");
    const char *path = json_string_value(json_object_get(entity, "path"));
    char *cells[COLUMNS_MAX] = {0};
    unsigned at = 0;
    path = path == NULL ? "" : path;
    if (shows_region(list)) {
        cells[at++] = output_format("%.*s", (int)strcspn(path, "/"), path);
    }
    const char *slash = strrchr(path, '/');
    cells[at++] = output_format("%s", slash == NULL ? path : slash + 1);
    for (; at < list->count; at++) {
        const json_t *value = find_cell(record, list->names[at]);
        cells[at] = value == NULL ? NULL : past_value(value);
    }
    table_row(&list->table, (const char *const *)cells);
    for (unsigned i = 0; i < list->count; i++) {
        free(cells[i]);
    }
}

static void print_part(struct list *list, const json_t *entities)
{
    size_t index = 0;
    json_t *entity = NULL;
    json_array_foreach(entities, index, entity)
    {
        const json_t *record = json_object_get(entity, "record");
        bool ended = json_object_get(record, "ended") != NULL;
        if (ended && !list->cli->settings.all) {
            continue;
        }
        if (list->cli->settings.json) {
            output_json(&list->cli->output, entity);
        } else {
            print_row(list, entity);
        }
    }
}

static int list_part(struct list *list, struct number at, char **from, json_t **ret_json)
{
    json_t *request = json_pack("{s:s, s:s, s:s*, s:s*}", "request", "list", "kind",
                                kind_row(list->kind)->name, "region", list->region, "from", *from);
    levels_put_past(list->cli, at, request);
    int code = answers_ask(list->cli, request, "list", ret_json);
    if (code == 0) {
        answers_keep_next(*ret_json, from);
    }
    return code;
}

static int print(struct list *list, struct number at)
{
    struct output *output = &list->cli->output;
    bool table = !list->cli->settings.json;
    char *from = NULL;
    int code = 0;
    set_columns(list);
    if (table) {
        table_begin(&list->table, output, TABLE_WHOLE, list->names, list->count, NULL,
                    !list->cli->settings.no_header);
    }
    do {
        json_t *json = NULL;
        code = list_part(list, at, &from, &json);
        if (code == 0) {
            print_part(list, json_object_get(json, "entities"));
        }
        json_decref(json);
    } while (code == 0 && from != NULL && output_flush(output));
    free(from);
    if (table) {
        table_end(&list->table);
    }
    return code;
}

static int unknown_kind(const char *word)
{
    struct suggest suggest = suggest_begin(bytes_of(word));
#define KIND(number, NAME, name, plural, label_nl, plural_nl)                                      \
    suggest_offer(&suggest, name);                                                                 \
    suggest_offer(&suggest, plural);                                                               \
    suggest_offer(&suggest, label_nl);                                                             \
    suggest_offer(&suggest, plural_nl);
#include "proto/kinds.def"
#undef KIND
    if (suggest.name != NULL) {
        return output_problem("no kind %s; did you mean %s?", word, suggest.name);
    }
#define KIND(number, NAME, name, ...) " " name
    static const char kinds[] =
#include "proto/kinds.def"
        ;
#undef KIND
    return output_problem("no kind %s; the kinds are%s", word, kinds);
}

// It connects by itself, so that a slip is told of where no daemon is, too.
int cmd_list(struct cli *cli)
{
    struct list list = {.cli = cli, .kind = kind_find_typed(cli->arguments[0])};
    if (list.kind == KIND_NONE) {
        return unknown_kind(cli->arguments[0]);
    }
    list.region = answers_said(cli->settings.region, "WATERNET_REGION");
    struct number at;
    int code = answers_connect(cli);
    if (code == 0) {
        code = levels_moment(cli, &at);
    }
    if (code == 0 && list.region != NULL) {
        code = present_region(cli, list.region);
    }
    return code == 0 ? print(&list, at) : code;
}
