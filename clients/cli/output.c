#include "clients/cli/output.h"

#include "clients/cli/cli.h"
#include "proto/character.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// no-color.org: any value but none switches colours off.
static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return (no_colour == NULL || no_colour[0] == '\0') && terminal != NULL && terminal[0] != '\0' &&
           strcmp(terminal, "dumb") != 0;
}

// Of a program that is not installed the catalogue may lie beside it. The caller frees it.
static char *locale_dir(void)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(program, '/');
    char *dir = output_format("%.*s/locale", slash == NULL ? 0 : (int)(slash - program), program);
    if (slash == NULL || access(dir, X_OK) != 0) {
        free(dir);
        dir = output_format("%s", WATERNET_LOCALE_DIR);
    }
    return dir;
}

void output_init(struct output *output)
{
    (void)setlocale(LC_CTYPE, ""); // an unknown locale leaves "C", which is good enough
    (void)setlocale(LC_MESSAGES, "");
    char *dir = locale_dir();
    (void)bindtextdomain("waternet", dir); // without it everything stays English
    free(dir);
    (void)bind_textdomain_codeset("waternet", "UTF-8");
    (void)textdomain("waternet");
    (void)signal(SIGPIPE, SIG_IGN);
    output->terminal = isatty(STDOUT_FILENO) == 1;
    output->colour = output->terminal && wants_colour();
}

void output_for_spreadsheet(struct output *output)
{
    output->csv = true;
    output->terminal = false;
    output->colour = false;
}

// Keeps the first error: stdio tells it only once.
static void note_error(struct output *output)
{
    if (output->error == 0 && ferror(stdout) != 0) {
        output->error = errno != 0 ? errno : EIO;
    }
}

bool output_flush(struct output *output)
{
    if (fflush(stdout) != 0) {
        note_error(output);
    }
    return output->error == 0;
}

int output_finish(struct output *output, int exit_code)
{
    if (output_flush(output) || output->error == EPIPE) {
        return exit_code;
    }
    char *why = output_format(_("the output is not complete: %s"), strerror(output->error));
    output_error(output_tried(), _("not done"), why, _("the same again, to where there is room"));
    free(why);
    return exit_code == 0 ? EXIT_OTHER : exit_code;
}

// Text --------------------------------------------------------------------------------------------

static void need(bool there)
{
    if (!there) {
        fputs("waternet: out of memory\n", stderr);
        exit(EXIT_OTHER);
    }
}

char *output_format(const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    need(vasprintf(&text, format, values) >= 0);
    va_end(values);
    return text;
}

char *output_append(char *text, const char *format, ...)
{
    char *more = NULL;
    va_list values;
    va_start(values, format);
    need(vasprintf(&more, format, values) >= 0);
    va_end(values);
    char *whole = output_format("%s%s", text, more);
    free(more);
    free(text);
    return whole;
}

static void write_clean(FILE *stream, int32_t character, const unsigned char *from,
                        const unsigned char *to)
{
    if (character == '\n' || character == '\t') {
        fputs(character == '\n' ? "\\n" : "\\t", stream);
    } else if (character < 0) {
        fprintf(stream, "\\x%02X", (unsigned)*from);
    } else if (character_is_control(character)) {
        fprintf(stream, "\\x%02X", (unsigned)character);
    } else if (character_is_layout(character)) {
        fprintf(stream, "U+%04X", (unsigned)character);
    } else {
        (void)fwrite(from, 1, (size_t)(to - from), stream);
    }
}

char *output_clean(const char *text)
{
    char *clean = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&clean, &size);
    need(stream != NULL);
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        const unsigned char *from = at;
        int32_t character = character_next(&at);
        write_clean(stream, character, from, at);
    }
    need(fclose(stream) == 0);
    return clean;
}

static void print_clean(FILE *stream, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));
static void print_clean(FILE *stream, const char *format, va_list values)
{
    char *text = NULL;
    need(vasprintf(&text, format, values) >= 0);
    char *clean = output_clean(text);
    fprintf(stream, "%s\n", clean);
    free(clean);
    free(text);
}

// stderr is one for the whole program, and so is what is being tried.
static char tried[160];
static char command_to_see[80];

void output_try(const char *word)
{
    size_t length = strlen(tried);
    (void)snprintf(tried + length, sizeof tried - length, "%s%s", length == 0 ? "" : " ", word);
}

void output_see(const char *command)
{
    (void)snprintf(command_to_see, sizeof command_to_see, " %s", command);
}

char *output_seen(void)
{
    return output_format(_("see: waternet%s --help"), command_to_see);
}

const char *output_tried(void)
{
    return tried;
}

static bool has_colour(void)
{
    static int known = -1;
    if (known < 0) {
        known = isatty(STDERR_FILENO) == 1 && wants_colour();
    }
    return known == 1;
}

void output_error(const char *what, const char *happened, const char *why, const char *next)
{
    bool colour = has_colour();
    char *clean_what = output_clean(what);
    char *clean_happened = output_clean(happened);
    fprintf(stderr, "waternet: %s%s%s%s%s\n", clean_what, clean_what[0] == '\0' ? "" : ": ",
            colour ? "\033[31m" : "", clean_happened, colour ? "\033[0m" : "");
    free(clean_happened);
    free(clean_what);
    if (why != NULL && why[0] != '\0') {
        output_note("%s", why);
    }
    if (next != NULL && next[0] != '\0') {
        output_note("  %s", next);
    }
}

// What stands behind the last semicolon is what to type next.
static void print_problem(const char *happened, char *text)
{
    char *next = NULL;
    for (char *at = strstr(text, "; "); at != NULL; at = strstr(at + 2, "; ")) {
        next = at;
    }
    if (next != NULL) {
        *next = '\0';
        next += 2;
    }
    char *see = output_seen();
    output_error(tried, happened, text, next == NULL ? see : next);
    free(see);
}

static void print_failure(const char *happened, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));
static void print_failure(const char *happened, const char *format, va_list values)
{
    char *text = NULL;
    need(vasprintf(&text, _(format), values) >= 0);
    print_problem(happened, text);
    free(text);
}

int output_problem(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_failure(_("not understood"), format, values);
    va_end(values);
    return EXIT_USAGE;
}

int output_failed(int exit_code, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_failure(_("not done"), format, values);
    va_end(values);
    return exit_code;
}

void output_note(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_clean(stderr, _(format), values);
    va_end(values);
}

void output_line(struct output *output, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_clean(stdout, _(format), values);
    va_end(values);
    note_error(output);
}

void output_text(struct output *output, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vprintf(format, values);
    va_end(values);
    note_error(output);
}

// JSON --------------------------------------------------------------------------------------------

void output_json_text(struct output *output, const char *json)
{
    const unsigned char *at = (const unsigned char *)json;
    while (*at != '\0') {
        const unsigned char *from = at;
        int32_t character = character_next(&at);
        // Raw ones stand only inside strings, where the escape means the same.
        if (character >= 0 && (character_is_control(character) || character_is_layout(character))) {
            fprintf(stdout, "\\u%04X", (unsigned)character);
        } else {
            (void)fwrite(from, 1, (size_t)(at - from), stdout);
        }
    }
    fputc('\n', stdout);
    note_error(output);
}

void output_json(struct output *output, const json_t *value)
{
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    need(json != NULL);
    output_json_text(output, json);
    free(json);
}

void output_time(uint64_t time_ms, char ret_text[OUTPUT_TIME_SIZE])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm local;
    char zone[8];
    if (localtime_r(&seconds, &local) == NULL ||
        strftime(ret_text, OUTPUT_TIME_SIZE - 8, "%Y-%m-%dT%H:%M:%S", &local) == 0 ||
        strftime(zone, sizeof zone, "%z", &local) != 5) {
        (void)snprintf(ret_text, OUTPUT_TIME_SIZE, "%ju", (uintmax_t)time_ms);
        return;
    }
    size_t length = strlen(ret_text);
    (void)snprintf(ret_text + length, OUTPUT_TIME_SIZE - length, "%.3s:%.2s", zone, zone + 3);
}

// In the largest unit that fits; what is longer ago than the last is told by its date alone.
static void tell_ago(uint64_t seconds, char *text, size_t size)
{
    static const struct {
        uint64_t below, seconds; // of one unit
        const char *name;
    } units[] = {{60, 1, N_("s ago")},
                 {3600, 60, N_("min ago")},
                 {86400, 3600, N_("h ago")},
                 {31 * 86400, 86400, N_("d ago")}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (seconds < units[i].below) {
            (void)snprintf(text, size, "  %llu %s",
                           (unsigned long long)(seconds / units[i].seconds), _(units[i].name));
            return;
        }
    }
}

void output_when(const struct output *output, uint64_t time_ms, char ret_text[OUTPUT_WHEN_SIZE])
{
    time_t seconds = (time_t)(time_ms / 1000);
    time_t now = time(NULL);
    char day[24];
    char since[32] = "";
    struct tm local;
    output_time(time_ms, ret_text);
    if (output->terminal && localtime_r(&seconds, &local) != NULL &&
        strftime(day, sizeof day, "%Y-%m-%d %H:%M", &local) > 0) {
        if (seconds <= now) {
            tell_ago((uint64_t)(now - seconds), since, sizeof since);
        }
        (void)snprintf(ret_text, OUTPUT_WHEN_SIZE, "%s%s", day, since);
    }
}

// Tones -------------------------------------------------------------------------------------------

enum tone output_tone(const char *column, const char *word)
{
    static const struct {
        const char *column, *word;
        enum tone tone;
    } tones[] = {
#define TONE_OF(column, word, tone) {column, word, TONE_##tone},
#include "clients/cli/tones.def"
#undef TONE_OF
    };
    for (size_t i = 0; i < sizeof tones / sizeof tones[0]; i++) {
        if (strcmp(tones[i].column, column) == 0 && strcmp(tones[i].word, word) == 0) {
            return tones[i].tone;
        }
    }
    return TONE_PLAIN;
}

const char *output_tone_begin(const struct output *output, enum tone tone)
{
    static const char *const codes[] = {[TONE_PLAIN] = "",
                                        [TONE_GOOD] = "\033[32m",
                                        [TONE_WAITS] = "\033[33m",
                                        [TONE_BAD] = "\033[31m",
                                        [TONE_GONE] = "\033[9m"};
    return output->colour ? codes[tone] : "";
}

const char *output_tone_end(const struct output *output, enum tone tone)
{
    return output->colour && tone != TONE_PLAIN ? "\033[0m" : "";
}
