/*
 * table - rows with columns: aligned on a terminal, tab-separated with a header line elsewhere, and
 * with --csv as RFC 4180 says, lines ended by CRLF included: it is for spreadsheets, which expect
 * it.
 *
 * Every row is one line, in every shape: a newline within a cell is shown as \n.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "clients/cli/output.h"

#define COLUMNS_MAX 8

enum table_shape {
    TABLE_WHOLE,  // aligned on a terminal when it is complete
    TABLE_STREAM, // every row at once, in columns of a fixed width
    TABLE_FIELDS, // field and value; no header on a terminal
};

struct libscols_table;

struct table {
    struct output *output;
    enum table_shape shape;
    const char *const *names;
    const int *widths; // of a STREAM on a terminal
    unsigned columns;
    struct libscols_table *aligned; // NULL: rows are printed at once
};

// names (and widths) are lent until table_end(). With --no-header there is none.
void table_begin(struct table *table, struct output *output, enum table_shape shape,
                 const char *const *names, unsigned columns, const int *widths, bool header);
// On a terminal the numbers of these columns stand under each other: bit i is the i-th column.
void table_align_right(struct table *table, unsigned columns);
// A row; NULL is an empty cell. Nothing is kept of cells.
void table_row(struct table *table, const char *const *cells);
// A row that no longer counts: the text of these columns is struck through where that shows.
void table_row_struck(struct table *table, const char *const *cells, unsigned columns);
void table_end(struct table *table);

// A table of one row.
void table_one(struct output *output, const char *const *names, const char *const *cells,
               unsigned columns);

// Every field of an object as rows of a TABLE_FIELDS: on a terminal what is in a group stands
// indented below it, elsewhere it has a dotted name.
void table_fields(struct table *table, const json_t *object);

#endif
