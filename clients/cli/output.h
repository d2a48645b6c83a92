/*
 * output - everything that is printed; tables are in table.h.
 *
 * Nothing that came from the daemon reaches the terminal as a control character: C0 and C1 are
 * shown as \xNN (\n and \t by name), characters that change the direction of text as U+202E.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct output {
    bool terminal; // stdout is one
    bool json;
    int error; // errno of the first write that failed; 0 if none
};

// Makes stdout ready: widths of the locale, writes to a closed pipe fail instead of killing.
void output_init(struct output *output);
// Writes out what waits. False if anything could not be written: then stop.
bool output_flush(struct output *output);
// The exit code: that of the command, or EXIT_OTHER if the output is not complete. A reader that
// has gone away is no error.
int output_finish(struct output *output, int exit_code);

// One line on stderr: "waternet: ", what is wrong, made safe. For usage errors: returns EXIT_USAGE.
int output_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));
// One line on stderr as it is, made safe.
void output_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
// The same on stdout.
void output_line(struct output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Any text on stdout, printed as it is: only for what has been made safe.
void output_text(struct output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// A new text that the caller frees; ends the program if there is no memory.
char *output_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
// The text with everything that a terminal could obey made visible. The caller frees it.
char *output_clean(const char *text);

// One line of JSON. What a terminal could obey is escaped, the value stays the same.
void output_json_text(struct output *output, const char *json);
void output_json(struct output *output, const json_t *value);

// A JSON value in a few words: text as it is, lists with commas, the size of anything else. The
// caller frees it.
char *output_value(const json_t *value);

// "2016-03-01T09:30:00+01:00" in local time, from milliseconds since 1970.
#define OUTPUT_TIME_SIZE 32
void output_time(uint64_t time_ms, char ret_text[OUTPUT_TIME_SIZE]);

#endif
