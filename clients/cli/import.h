/*
 * import - lines of a file as events: read, checked for being one, posted by cmd_import.c or only
 * judged by import_dry.c.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "clients/cli/cli.h"

#include <stdio.h>

struct import_line {
    uint64_t number; // in the file, from 1
    char *text;      // the event
    char *as;        // in which role it is said; "" for the default
    bool corrects;   // it names what it corrects by id: import_resolve() before it is posted
};

struct import {
    struct cli *cli;
    FILE *file;
    const char *name; // "stdin", or as it was typed
    uint64_t number;  // of the line that was read last
    struct {
        uint64_t stored, there, refused, not_judged;
    } counts;
};

// The next line that is not empty; the caller ends it with import_line_free(). *ret_found false at
// the end of the file. Returns 0, or the exit code after having said what is wrong with it.
int import_next(struct import *import, struct import_line *ret_line, bool *ret_found);
void import_line_free(struct import_line *line);

// Puts the number of the event that the line corrects in the place of its id; a line that names
// none stays as it is. *ret_found false if no event with that id is stored (yet), and nothing is
// said. Returns 0, or the exit code after having said what is wrong.
int import_resolve(struct import *import, struct import_line *line, bool *ret_found);
// Says that there is no such event, and counts it. Returns the exit code.
int import_unresolved(struct import *import, const struct import_line *line);

// Counts a good answer for one line and tells its warnings.
void import_count(struct import *import, uint64_t number, const json_t *receipt);

// Tells what was refused, each reason behind "FILE:LINE: ". Returns the exit code.
int import_refused(struct import *import, uint64_t number, enum waternet_status status,
                   const json_t *answer);

// A number of the summary and its name.
struct import_total {
    const char *name;
    uint64_t count;
};
void import_summary(struct import *import, const struct import_total *totals, unsigned count);

// Judges the whole file and stores nothing; prints the summary.
int import_dry(struct import *import);

#endif
