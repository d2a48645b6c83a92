#include "clients/cli/table.h"
#include "clients/past/past.h"

#include "clients/cli/said.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_WIDTH 22 // what the names of fields and the space behind them take
#define DEPTH_MAX 8    // of groups within groups; what is deeper is only counted

static void aligned_begin(struct table *table, bool header)
{
    table->aligned = scols_new_table();
    if (table->aligned == NULL) {
        return; // then tab-separated, better than nothing
    }
    (void)scols_table_set_stream(table->aligned, stdout);
    (void)scols_table_enable_colors(table->aligned, table->output->colour);
    (void)scols_table_enable_noencoding(table->aligned, 1); // output_clean() has seen to it
    (void)scols_table_enable_noheadings(table->aligned, !header);
    (void)scols_table_set_column_separator(table->aligned, "  ");
    for (unsigned i = 0; i < table->columns; i++) {
        bool last = i + 1 == table->columns;
        int flags = table->shape == TABLE_FIELDS && last ? SCOLS_FL_WRAP : 0;
        char *name = said_field(table->names[i]);
        (void)scols_table_new_column(table->aligned, name, 0, flags);
        free(name);
    }
}

static bool is_padded(const struct table *table, unsigned column)
{
    return table->output->terminal && table->shape == TABLE_STREAM && column + 1 < table->columns;
}

// printf's own counts bytes.
static int padding(const char *text, int width)
{
    int count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count < width ? width - count : 0;
}

// Whether a spreadsheet would take the text for a formula. A number with its sign is none.
static bool is_formula(const char *text)
{
    size_t sign = strspn(text, "+-");
    size_t whole = strspn(text + sign, "0123456789");
    size_t point = text[sign + whole] == '.';
    size_t rest = point + strspn(text + sign + whole + point, "0123456789");
    bool number = sign <= 1 && whole > 0 && text[sign + whole + rest] == '\0';
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL && !number;
}

// RFC 4180. The text has been made safe, so that a newline is shown as \n and a row is a line.
static void print_csv_cell(struct output *output, const char *text)
{
    bool quoted = strpbrk(text, "\",") != NULL;
    output_text(output, "%s%s", quoted ? "\"" : "", is_formula(text) ? "'" : "");
    for (; *text != '\0'; text++) {
        output_text(output, "%s%c", *text == '"' ? "\"" : "", *text);
    }
    output_text(output, "%s", quoted ? "\"" : "");
}

static void print_csv(struct table *table, const char *const *cells)
{
    for (unsigned i = 0; i < table->columns; i++) {
        char *clean = output_clean(cells[i] == NULL ? "" : cells[i]);
        print_csv_cell(table->output, clean);
        output_text(table->output, "%s", i + 1 < table->columns ? "," : "\r\n");
        free(clean);
    }
}

static void print_cells(struct table *table, const char *const *cells)
{
    if (table->output->csv) {
        print_csv(table, cells);
        return;
    }
    for (unsigned i = 0; i < table->columns; i++) {
        char *clean = output_clean(cells[i] == NULL ? "" : cells[i]);
        if (is_padded(table, i)) {
            output_text(table->output, "%s%*s  ", clean, padding(clean, table->widths[i]), "");
        } else {
            output_text(table->output, "%s%s", clean, i + 1 < table->columns ? "\t" : "");
        }
        free(clean);
    }
    output_text(table->output, "\n");
}

// What programs read is the same in every language.
static void print_names(struct table *table)
{
    char *labels[COLUMNS_MAX];
    bool for_people = table->output->terminal && table->columns <= COLUMNS_MAX;
    for (unsigned i = 0; for_people && i < table->columns; i++) {
        labels[i] = said_field(table->names[i]);
    }
    print_cells(table, for_people ? (const char *const *)labels : table->names);
    for (unsigned i = 0; for_people && i < table->columns; i++) {
        free(labels[i]);
    }
}

void table_begin(struct table *table, struct output *output, enum table_shape shape,
                 const char *const *names, unsigned columns, const int *widths, bool with_names)
{
    bool header = with_names && !output->no_header;
    *table = (struct table){
        .output = output, .shape = shape, .names = names, .widths = widths, .columns = columns};
    if (output->terminal && shape != TABLE_STREAM) {
        aligned_begin(table, header && shape != TABLE_FIELDS);
    }
    if (table->aligned == NULL && header) {
        print_names(table);
    }
}

void table_align_right(struct table *table, unsigned columns)
{
    for (unsigned i = 0; table->aligned != NULL && i < table->columns; i++) {
        if ((columns >> i & 1) != 0) {
            struct libscols_column *column = scols_table_get_column(table->aligned, i);
            (void)scols_column_set_flags(column, SCOLS_FL_RIGHT); // otherwise to the left
        }
    }
}

static void set_tone(const struct table *table, struct libscols_line *line, unsigned column,
                     const char *cell, bool struck)
{
    enum tone tone =
        struck ? TONE_GONE : output_tone(table->names[column], cell == NULL ? "" : cell);
    if (table->output->colour && tone != TONE_PLAIN) {
        (void)scols_cell_set_color(scols_line_get_cell(line, column),
                                   output_tone_begin(table->output, tone)); // plain is good enough
    }
}

void table_row(struct table *table, const char *const *cells)
{
    table_row_struck(table, cells, 0);
}

void table_row_struck(struct table *table, const char *const *cells, unsigned columns)
{
    if (table->aligned == NULL) {
        print_cells(table, cells);
        return;
    }
    struct libscols_line *line = scols_table_new_line(table->aligned, NULL);
    for (unsigned i = 0; i < table->columns && line != NULL; i++) {
        char *value = said_value(table->names[i], cells[i] == NULL ? "" : cells[i]);
        char *clean = output_clean(value);
        free(value);
        if (scols_line_refer_data(line, i, clean) != 0) { // the table frees it
            free(clean);
        }
        set_tone(table, line, i, cells[i], (columns >> i & 1) != 0);
    }
}

void table_end(struct table *table)
{
    if (table->aligned != NULL) {
        if (scols_table_get_nlines(table->aligned) > 0) {
            (void)scols_print_table(table->aligned); // a failed write is seen by output_finish()
        }
        scols_unref_table(table->aligned);
        table->aligned = NULL;
    }
}

void table_one(struct output *output, const char *const *names, const char *const *cells,
               unsigned columns)
{
    struct table table;
    table_begin(&table, output, TABLE_WHOLE, names, columns, NULL, true);
    table_row(&table, cells);
    table_end(&table);
}

// Fields ------------------------------------------------------------------------------------------

// How much of the text the next line takes: up to a newline, or to the last space that fits.
static size_t line_length(const char *text, size_t width)
{
    size_t count = 0;
    size_t space = 0;
    size_t at = 0;
    for (; text[at] != '\0' && text[at] != '\n'; at++) {
        space = text[at] == ' ' ? at : space;
        count += ((unsigned char)text[at] & 0xc0) != 0x80;
        if (count > width && space > 0) {
            return space;
        }
    }
    return at;
}

// On a terminal every line of a longer text has a row of its own. (The table itself would break
// lines in the middle of a word.)
static void field_row(struct table *table, const char *name, const char *value)
{
    const char *rest = value;
    const char *shown = name;
    size_t terminal = table->aligned == NULL ? 0 : scols_table_get_termwidth(table->aligned);
    size_t width = terminal > NAMES_WIDTH + 20 ? terminal - NAMES_WIDTH : 60;
    while (table->aligned != NULL && rest[line_length(rest, width)] != '\0') {
        size_t length = line_length(rest, width);
        char *line = output_format("%.*s", (int)length, rest);
        table_row(table, (const char *const[]){shown, line});
        free(line);
        rest += length + 1;
        shown = "";
    }
    table_row(table, (const char *const[]){shown, rest});
}

static bool has_inner(const json_t *value)
{
    size_t index = 0;
    json_t *item = NULL;
    if (json_is_object(value)) {
        return true;
    }
    json_array_foreach(value, index, item)
    {
        if (json_is_object(item)) {
            return true;
        }
    }
    return false;
}

// Moments are said in milliseconds since 1970.
static char *field_text(const struct output *output, const char *name, const json_t *value)
{
    char when[OUTPUT_WHEN_SIZE];
    if (strcmp(name, "time") == 0 && json_integer_value(value) > 0) {
        output_when(output, (uint64_t)json_integer_value(value), when);
        return output_format("%s", when);
    }
    return past_value(value);
}

static void value_rows(struct table *table, const char *prefix, unsigned depth, const char *name,
                       const json_t *value);

static void inner_rows(struct table *table, const char *prefix, unsigned depth, const json_t *value)
{
    const char *key = NULL;
    size_t index = 0;
    json_t *item = NULL;
    void *at = json_object_iter((json_t *)(uintptr_t)value);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        key = json_object_iter_key(at);
        value_rows(table, prefix, depth, key, json_object_iter_value(at));
    }
    json_array_foreach(value, index, item)
    {
        char *number = output_format("%zu", index + 1);
        value_rows(table, prefix, depth, number, item);
        free(number);
    }
}

static void value_rows(struct table *table, const char *prefix, unsigned depth, const char *name,
                       const json_t *value)
{
    bool indented = table->aligned != NULL;
    char *label = indented ? said_field(name) : output_format("%s", name);
    char *shown = indented ? output_format("%*s%s", (int)(2 * depth), "", label)
                           : output_format("%s%s", prefix, name);
    free(label);
    if (has_inner(value) && depth < DEPTH_MAX) {
        char *inner = output_format("%s%s.", prefix, name);
        if (indented) {
            field_row(table, shown, "");
        }
        inner_rows(table, inner, depth + 1, value);
        free(inner);
    } else {
        char *plain = field_text(table->output, name, value);
        char *text = indented ? said_value(name, plain) : output_format("%s", plain);
        free(plain);
        field_row(table, shown, text);
        free(text);
    }
    free(shown);
}

void table_fields(struct table *table, const json_t *object)
{
    inner_rows(table, "", 0, object);
}
