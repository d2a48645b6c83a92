/*
 * cli - what the parts of the program `waternet` share.
 *
 *     options_parse -> cmd_<name> -> answers, output
 *
 * One struct holds all of it and is a local of main. A command returns the exit code.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "clients/cli/flags.h"
#include "clients/cli/output.h"
#include "clients/lib/waternet.h"

enum exit_code {
    EXIT_OTHER = 1,
    EXIT_USAGE = 2, // the others come from waternet_status_exit()
};

enum command_number {
    COMMAND_NONE = 0,
#define COMMAND(number, NAME, ...) COMMAND_##NAME = (number),
#include "clients/cli/commands.def"
#undef COMMAND
};

enum command_start { START_CONNECTS, START_ALONE };
enum command_json { JSON_ONE, JSON_LINES, JSON_NONE }; // objects that --json prints

struct cli;

struct command {
    enum command_number number;
    const char *name;
    int (*run)(struct cli *cli);
    const char *arguments;
    unsigned least, most; // arguments
    enum command_start start;
    enum command_json json;
    const char *help;
};

#define COMMAND(number, NAME, name, ...) int cmd_##name(struct cli *cli);
#include "clients/cli/commands.def"
#undef COMMAND

struct number {
    bool given;
    uint64_t value;
};

#define TEXTS_MAX 32

// The values of an option that may be given several times.
struct texts {
    unsigned count;
    const char *values[TEXTS_MAX];
};

// Where the values of options.def go. What was not given is NULL, false or not `given`.
struct settings {
    const char *runtime, *server, *server_key, *key_file;
    const char *as, *region, *id, *data, *from, *at, *on, *member;
    const char *amount, *purpose, *key, *key_version;
    const char *organisation, *label, *file, *curve, *in, *werkplaats, *reason, *for_key;
    const char *cursor, *exec, *level, *root, *to, *language, *audience;
    bool json, csv, help, version, dry_run, all, no_header, until_caught_up, file_only, schema,
        as_it_was, even_if_absent;
    struct number window, count, duration_ms, amount_cents, most, oldest_ms, seq;
    struct texts with, without;
};

// A flag of an event's field as it was typed.
struct given {
    const struct flag *flag;
    const char *value;
};

#define ARGUMENTS_MAX 32

struct cli {
    struct settings settings;
    const char *group;             // the first word of a command of two; NULL if none was typed
    const struct command *command; // NULL if none was named
    const char *arguments[ARGUMENTS_MAX];
    unsigned argument_count;
    struct flags flags;  // those of the event type; only for `post TYPE`
    struct given *given; // room for all of argv
    unsigned given_count;
    struct output output;
    bool asking; // on a terminal, for what was not said
    struct waternet *connection;
    json_t *roles; // what `whoami` answered, asked for once; NULL: not yet
    // What is left for people to fill in, in the commands that were printed (fill.h).
    bool left_capitals, left_choice;
};

#endif
