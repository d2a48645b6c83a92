/*
 * output - everything that is printed; tables are in table.h.
 *
 * Nothing that came from the daemon reaches the terminal as a control character: C0 and C1 are
 * shown as \xNN (\n and \t by name), characters that change the direction of text as U+202E.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>
#include <libintl.h>
#include <stdbool.h>
#include <stdint.h>

// A text in the language of the locale. Where a function takes a format, it looks that up itself.
#define _(text) gettext(text)
#define N_(text) text // only marked: looked up later

struct output {
    bool terminal; // stdout is one, and people read it: never with --csv
    bool csv;
    bool no_header; // tables without the names of their columns
    bool colour;    // stdout shows colours: a terminal that can, and $NO_COLOR says nothing else
    int error;      // errno of the first write that failed; 0 if none
};

// Makes stdout ready: widths of the locale, writes to a closed pipe fail instead of killing.
void output_init(struct output *output);
// Afterwards tables are for a spreadsheet, and nothing is laid out for a terminal.
void output_for_spreadsheet(struct output *output);
// Writes out what waits. False if anything could not be written: then stop.
bool output_flush(struct output *output);
// The exit code: that of the command, or EXIT_OTHER if the output is not complete. A reader that
// has gone away is no error.
int output_finish(struct output *output, int exit_code);

// Every error is three lines on stderr: what was tried and what happened, why, and what to type or
// post next. What comes from outside is made safe. `why` and `next` may be NULL: not known.
void output_error(const char *what, const char *happened, const char *why, const char *next);
// One more word of what is being tried ("key new enschede-1"); the command whose help tells more
// where an error does not know better.
void output_try(const char *word);
void output_see(const char *command);
// "see: waternet post --help". The caller frees it.
char *output_seen(void);
const char *output_tried(void);
// Such an error, of what is being tried, from "WHY; NEXT" or "WHY" alone. output_problem() is for
// what was typed, and returns EXIT_USAGE; output_failed() for the rest, and returns exit_code.
int output_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));
int output_failed(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));
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
// The text with more behind it, which takes its place: text is freed.
char *output_append(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The text with everything that a terminal could obey made visible. The caller frees it.
char *output_clean(const char *text);

// One line of JSON. What a terminal could obey is escaped, the value stays the same.
void output_json_text(struct output *output, const char *json);
void output_json(struct output *output, const json_t *value);

// "2016-03-01T09:30:00+01:00" in local time, from milliseconds since 1970.
#define OUTPUT_TIME_SIZE 32
void output_time(uint64_t time_ms, char ret_text[OUTPUT_TIME_SIZE]);
// The same for people: on a terminal "2016-03-01 09:30  3 min ago", elsewhere as above.
#define OUTPUT_WHEN_SIZE 64
void output_when(const struct output *output, uint64_t time_ms, char ret_text[OUTPUT_WHEN_SIZE]);

// What a word says at a glance. Never by colour alone: the word is there.
enum tone { TONE_PLAIN, TONE_GOOD, TONE_WAITS, TONE_BAD, TONE_GONE };
// The tone of a word in a column of a table (tones.def).
enum tone output_tone(const char *column, const char *word);
// What stands before and behind a text of that tone; "" where there is no colour.
const char *output_tone_begin(const struct output *output, enum tone tone);
const char *output_tone_end(const struct output *output, enum tone tone);

#endif
