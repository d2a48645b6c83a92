#include "clients/cli/man.h"

#include "clients/cli/help.h"
#include "clients/cli/options.h"

#include "proto/status.h"

#include <stdlib.h>

#define EXIT_MAX 9 // of proto/status.def

// Text for scdoc: nothing in it is taken for markup.
static void text(struct output *output, const char *words)
{
    bool begins = true;
    for (; *words != '\0'; words++) {
        bool special = strchr("\\_*+<>", *words) != NULL || (begins && strchr("#-.;|[]`", *words));
        output_text(output, "%s%c", special ? "\\" : "", *words);
        begins = *words == '\n';
    }
}

// A name, and indented what it is.
static void entry(struct output *output, const char *name, const char *argument, const char *help)
{
    output_text(output, "*");
    text(output, name);
    output_text(output, "*");
    if (argument[0] != '\0') {
        output_text(output, " ");
        text(output, argument);
    }
    output_text(output, "\n\t");
    text(output, help);
    output_text(output, "\n\n");
}

// scdoc takes a heading as it is.
static void heading(struct output *output, const char *marks, const char *name, const char *more)
{
    output_text(output, "\n%s %s%s%s\n\n", marks, name, more[0] == '\0' ? "" : " ", more);
}

struct entry {
    const char *name, *argument, *help;
};

static void section(struct output *output, const char *name, const struct entry *rows, size_t count)
{
    heading(output, "#", name, "");
    for (size_t i = 0; i < count; i++) {
        entry(output, rows[i].name, rows[i].argument, rows[i].help);
    }
}
#define SECTION(output, name, rows) section(output, name, rows, sizeof(rows) / sizeof((rows)[0]))

static void option(struct output *output, const char *name, const char *argument, const char *help)
{
    char *dashed = output_format("--%s", name);
    entry(output, dashed, argument, help);
    free(dashed);
}

// waternet(1) -----------------------------------------------------------------------------------

static void commands(struct output *output)
{
    const struct command *command = NULL;
    while ((command = options_next_command(command)) != NULL) {
        heading(output, "##", command->name, command->arguments);
        text(output, command->help);
        output_text(output, ".\n\n");
        help_options(output, command->number, false, option);
        text(output, help_json(command->number));
        output_text(output, "\n");
        text(output, help_note(command->number));
        text(output, help_more(command->number));
        output_text(output, "\n");
    }
}

static void types(struct output *output)
{
    const struct event_type *type = NULL;
    struct flags flags;
    while ((type = event_type_next(type)) != NULL) {
        heading(output, "##", type->name, "NAME");
        text(output, type->help);
        output_text(output, ".\n\n");
        flags_init(&flags, type);
        help_flags(output, &flags, false, option);
    }
    heading(output, "##", "Of every event", "");
    help_flags(output, &flags, true, option);
}

// Each code once, with all that it may mean.
static void exit_code(struct output *output, int code)
{
    static const struct {
        int code;
        const char *name, *sentence;
    } rows[] = {
#define STATUS(number, NAME, name, exit_code, sentence) {exit_code, name, sentence},
#include "proto/status.def"
#undef STATUS
        {7, "behind", "a cursor is further behind than waternet lag was told"}};
    char *number = output_format("%d", code);
    char *names = output_format("%s", ""), *sentences = output_format("%s", "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            bool first = names[0] == '\0';
            names = output_append(names, "%s%s", first ? "" : ", ", rows[i].name);
            sentences = output_append(sentences, "%s%s", first ? "" : "; ", rows[i].sentence);
        }
    }
    entry(output, number, names, sentences);
    free(sentences);
    free(names);
    free(number);
}

static void exit_codes(struct output *output)
{
    for (int code = 0; code <= EXIT_MAX; code++) {
        exit_code(output, code);
    }
    entry(output, "any", "of --exec", "what the command of waternet watch --exec ended with");
}

// Lines that are shown letter by letter: scdoc fills nothing there, and takes nothing for markup.
static void code(struct output *output, const char *lines)
{
    output_text(output, "```\n%s\n```\n\n", lines);
}

static void reliably(struct output *output)
{
#define TELL(words)                                                                                \
    text(output, words);                                                                           \
    output_text(output, "\n\n");
#define CODE(lines) code(output, lines);
#include "clients/cli/reliably.def"
#undef CODE
#undef TELL
}

static void examples(struct output *output)
{
#define EXAMPLE(what, command, exit_code)                                                          \
    text(output, what ":");                                                                        \
    output_text(output, "\n\n");                                                                   \
    code(output, command);
#include "clients/cli/examples.def"
#undef EXAMPLE
}

static const struct entry environment[] = {
    {"LANGUAGE", "",
     "nl for Dutch, also by the locale; what programs read stays as it is. It counts in any "
     "locale but C and POSIX: with LC_ALL=C.UTF-8 too"},
    {"WATERNET_REGION", "", "what --region says where it is not given"},
    {"WATERNET_RUNTIME", "", "the same of --runtime"},
    {"WATERNET_KEY_FILE", "", "the same of --key-file"},
    {"WATERNET_SERVER", "", "the same of --server"},
    {"WATERNET_SERVER_KEY", "", "the same of --server-key"},
};

static const struct entry files[] = {
    {"$XDG_RUNTIME_DIR/waternet, /run/waternet", "",
     "where the daemon's sockets are, without --runtime or --server: the first that exists"},
};

static void program(struct output *output)
{
    output_text(output, "waternet(1)\n\n# NAME\n\nwaternet - post and follow the events of a "
                        "region's shared programme\n\n# SYNOPSIS\n\n*waternet* [OPTION...] COMMAND "
                        "[ARGUMENT...]\n");
    heading(output, "#", "DESCRIPTION", "");
    text(output, "On a terminal a table, in a pipe tab-separated values with a line of names, with "
                 "--csv a file for a spreadsheet (RFC 4180, lines ended by CRLF), with --json "
                 "every field. NO_COLOR and TERM=dumb are respected. An error is three lines on "
                 "stderr: what was tried and what happened, why, and what to type next.");
    output_text(output, "\n");
    heading(output, "#", "COMMANDS", "");
    commands(output);
    heading(output, "#", "OPTIONS", "");
    help_options(output, COMMAND_NONE, true, option);
    heading(output, "#", "EVENT TYPES", "");
    text(output, "The flags of waternet post TYPE NAME, by TYPE.");
    output_text(output, "\n");
    types(output);
    heading(output, "#", "FOLLOWING RELIABLY", "");
    reliably(output);
    heading(output, "#", "EXIT STATUS", "");
    exit_codes(output);
    heading(output, "#", "EXAMPLES", "");
    examples(output);
    SECTION(output, "ENVIRONMENT", environment);
    SECTION(output, "FILES", files);
    output_text(output, "# SEE ALSO\n\n*waternetd*(8), *waternet-protocol*(7)\n");
}

// waternetd(8) and waternet-protocol(7) -----------------------------------------------------------

static void daemon_options(struct output *output)
{
#define OPTION(NAME, name, type, standard, least, most, help)                                      \
    option(output, name, standard[0] == '\0' ? #type : #type " (" standard ")", help);
#include "proto/config.def"
#undef OPTION
}

static const struct entry daemon_commands[] = {
    {"verify", "DIR [--guards]",
     "check every event, hash and table of a data directory, also while the daemon runs; with "
     "--guards it also lists what today's rules would refuse of it"},
    {"dump", "DIR", "the whole log as JSON lines, as `waternet export` writes it"},
    {"restore", "FROM TO [--keep-log-id]",
     "a new data directory from such lines (- for stdin), under a new log id or the old one; "
     "TO is made, or is an empty directory. Private parts are not in them: copy DIR/private"},
};

static const struct entry daemon_exits[] = {
    {"2", "", "the options are wrong"},
    {"70", "", "the disk failed; a restart is safe"},
    {"71", "", "what is stored does not verify"},
    {"72", "", "it may not run there"},
};

static const struct entry daemon_files[] = {
    {"DIR/store, DIR/HEAD", "", "the log and its tables; how far it is, and its root"},
    {"DIR/private", "", "the private parts of events; erased ones are gone from it"},
    {"DIR/server.key, DIR/operator.key", "",
     "made by the first start with --listen; move the second to where the operator works"},
};

static void daemon_page(struct output *output)
{
    output_text(output, "waternetd(8)\n\n# NAME\n\nwaternetd - event daemon for the shared "
                        "programme of a cooperation of public bodies\n\n# SYNOPSIS\n\n"
                        "*waternetd* *--data* DIR *--runtime* DIR [OPTION...]\n\n"
                        "*waternetd* *verify* DIR [*--guards*]\n\n*waternetd* *dump* DIR\n\n"
                        "*waternetd* *restore* FROM TO [*--keep-log-id*]\n");
    heading(output, "#", "DESCRIPTION", "");
    text(output, "Keeps the programme as a log of events, durable before they are acknowledged, "
                 "and publishes every change. Each option is a flag and a key of the configuration "
                 "file. --print-config writes such a file, --check-config reads it and ends.");
    output_text(output, "\n");
    SECTION(output, "COMMANDS", daemon_commands);
    heading(output, "#", "OPTIONS", "");
    daemon_options(output);
    SECTION(output, "EXIT STATUS", daemon_exits);
    SECTION(output, "FILES", daemon_files);
    heading(output, "#", "EXAMPLES", "");
    text(output, "Try it, without installing anything:");
    output_text(output, "\n\n");
    code(output, "waternetd --data /tmp/wn/data --runtime /tmp/wn/run");
    text(output, "Take the log along, and check what was made of it:");
    output_text(output, "\n\n");
    code(output, "waternet export log.jsonl\n"
                 "waternetd restore log.jsonl /srv/waternet\n"
                 "waternetd verify /srv/waternet");
    output_text(output, "# SEE ALSO\n\n*waternet*(1), *waternet-protocol*(7)\n");
}

static void protocol_page(struct output *output)
{
    output_text(output, "waternet-protocol(7)\n\n# NAME\n\nwaternet-protocol - what waternetd and "
                        "its clients say to each other\n");
    heading(output, "#", "DESCRIPTION", "");
    text(output, "ZeroMQ carries msgpack maps on three sockets: command, query and feed. The "
                 "specification, enough to write a client in any language, is the file protocol.md "
                 "in the documentation directory of the package. The requests are:");
    output_text(output, "\n\n");
#define REQUEST(number, NAME, name, socket, required, optional, help)                              \
    entry(output, name, #socket, help);
#include "proto/requests.def"
#undef REQUEST
    output_text(output, "# SEE ALSO\n\n*waternet*(1), *waternetd*(8)\n");
}

int man_print(struct cli *cli, const char *page)
{
    static const struct {
        const char *name;
        void (*print)(struct output *output);
    } pages[] = {{"waternet.1", program},
                 {"waternetd.8", daemon_page},
                 {"waternet-protocol.7", protocol_page}};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(pages[i].name, page) == 0) {
            pages[i].print(&cli->output);
            return 0;
        }
    }
    return output_problem("no page %s; waternet.1, waternetd.8 or waternet-protocol.7", page);
}
