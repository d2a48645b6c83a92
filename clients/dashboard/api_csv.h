/*
 * api_csv - an answer as a table for a spreadsheet: RFC 4180, and no cell that it would take for a
 * formula.
 *
 * Of entities the columns are what every one of the kind can have as a single value, by the rows of
 * proto; of other answers those of api_columns.def. Lists stand in one cell.
 */
#ifndef DASHBOARD_API_CSV_H
#define DASHBOARD_API_CSV_H

#include "clients/dashboard/api.h"

void csv_put(struct html *csv, const struct api_call *call, const json_t *made);

#endif
