#include "clients/cli/help.h"

#include "clients/cli/options.h"
#include "clients/cli/said.h"

#include <stdlib.h>

#define HELP_COLUMN 32 // where the explanations begin

static const char *const positions =
    "\nA LEVEL is twente, twente/werkplaats or twente/werkplaats/rioolvervanging; without one, "
    "all.\n"
    "A name or KIND/NAME alone is looked up in --region, $WATERNET_REGION or the only region that "
    "has it.\n"
    "A POSITION is begin, end, seq:812, -20 (the last 20), 1h or 7d (so long ago), 2016, 2016-03,\n"
    "2016-Q1 or 2016-03-01 (of recording, in UTC), 2016-03-01T14:30 (the same in local time), or "
    "id:ID\n"
    "(from the event with that id).\n"
    "In a level is what is about it. Events of other kinds that only mention it are not: news "
    "about "
    "a\n"
    "werkplaats is in twente/news, and names it in its data.\n";

static const char *const reliably =
    "\n--exec hands every event to COMMAND at least once, in order: with --cursor, after a crash "
    "the "
    "last\n"
    "one may come again. COMMAND has the event as a line of JSON on its input, and in its "
    "environment\n"
    "WATERNET_EVENT_SEQ, WATERNET_EVENT_ID, WATERNET_EVENT_TYPE, WATERNET_EVENT_REGION and\n"
    "WATERNET_EVENT_SUBJECT. More: FOLLOWING RELIABLY in waternet(1).\n";

static const char *const differing =
    "\nFor example: `diff --from 2026-11 --as-it-was` (what happened in November and since, by the "
    "dates\n"
    "of the events), `diff --from 2026-11` (what was recorded since), `diff twente/werkplaats "
    "--from "
    "7d`.\n";

static const char *const grants =
    "\nNAME is REGION/key/NAME, or NAME alone with --region.\n"
    "ROLE is what `waternet key list` shows: operator, secretary, moderator, member:enschede,\n"
    "lead:enschede, lead:enschede@rioolvervanging (only in that werkplaats), secretary:twente (in "
    "that\n"
    "region), member:twente/enschede. The roles of the whole system hold everywhere.\n";

static const char *const moments =
    "\nA POSITION is end, seq:812 (when that event was the last), -20 (before the last 20), 1h or "
    "7d\n"
    "(so long ago), 2016, 2016-03, 2016-Q1 or 2016-03-01 (what was recorded before that began, in "
    "UTC),\n"
    "2016-03-01T14:30 (before that moment, in local time), or id:ID (when the event with that id "
    "was "
    "the\n"
    "last).\n";

// What a command does that its rows cannot tell.
static const struct {
    enum command_number command;
    const char *text;
    const char *more; // NULL if that is all
} notes[] = {
    {COMMAND_POST,
     "\nNAME is the entity that the event is about: `post news.published 2015-03-taak`.\n"
     "On a terminal, without flags, what is required is asked for, and then whether you want "
     "more.\n"
     "If no answer comes, posting again with the same --id is always safe. --corrects also takes "
     "id:ID\n"
     "of the event that was wrong.\n",
     NULL},
    {COMMAND_IMPORT,
     "\nEvery line is a CloudEvent with an id of its own. Lines are posted in order; the first one "
     "that\n"
     "is refused ends it. With --window up to N lines are on their way at once: faster from afar, "
     "but\n"
     "lines behind the refused one may then be stored too (the summary counts them).\n"
     "With --dry-run every line is checked by itself, and then the first new lines are judged "
     "together,\n"
     "each as if those before it were stored: as many as one post takes (64) and as are said in "
     "one\n"
     "role. How the new lines after these would fare cannot be known before those are stored; "
     "unless\n"
     "they are malformed they are counted as not judged.\n"
     "A line may have \"corrects\":\"id:ID\" instead of the sequence number of the event with that "
     "id.\n",
     NULL},
    {COMMAND_SHOW,
     "\nPATH may also be KIND/ENTITY, or ENTITY alone if only one kind has an entity of that "
     "name.\n",
     moments},
    {COMMAND_NEXT,
     "\nWERKPLAATS is its name alone, or REGION/werkplaats/NAME; without one, all of the region.\n",
     moments},
    {COMMAND_GAPS, "\nWhat stands in capitals in a command is for you to fill in.\n", moments},
    {COMMAND_WHAT_IF,
     "\nIt asks the daemon for a dry run of the costs with those participants: `--with borne "
     "--without\n"
     "losser`. A board has to decide anew if its member's share would be more than it agreed to. "
     "What\n"
     "is left out is as in the present allocation.\n",
     NULL},
    {COMMAND_INBOX, "\nFor operator, secretary and moderator: the texts are not public.\n", NULL},
    {COMMAND_CAN,
     "\nPATH is REGION/KIND/NAME, or REGION alone. Only roles are looked at, not what the guards "
     "say.\n"
     "It ends with 0 if it may, with 4 if not.\n",
     moments},
    {COMMAND_PRIVATE, "\nSEQ is the number of an event, or id:ID.\n", NULL},
    {COMMAND_ERASE,
     "\nSEQ is the number of an event, or id:ID. The event itself stays, and its hash. Backups "
     "that "
     "were\n"
     "made before still hold the private part.\n",
     NULL},
    {COMMAND_KEY_NEW,
     "\nThree ways. One person does all: `key new enschede-1 --organisation enschede`, and hands "
     "the "
     "file\n"
     "over. Or its user makes it with --file-only, so that the secret never travels, and sends the "
     "public\n"
     "key to who registers it with --curve. With --server and --server-key (or when you use a "
     "server\n"
     "yourself) the file says which server it is for, and --key-file is all that its user has to "
     "give;\n"
     "without a --key-file of your own, these two say nothing about the daemon that you use.\n",
     NULL},
    {COMMAND_KEY_GRANT, grants, NULL},
    {COMMAND_KEY_WITHDRAW, grants, NULL},
    {COMMAND_KEY_RETIRE, "\nNAME is REGION/key/NAME, or NAME alone with --region.\n", NULL},
    {COMMAND_KEY_REVOKE, "\nNAME is REGION/key/NAME, or NAME alone with --region.\n", NULL},
    {COMMAND_LOG, positions, NULL},
    {COMMAND_WATCH, positions, reliably},
    {COMMAND_CURSOR_SET, positions, NULL},
    {COMMAND_DIFF, positions, differing},
    {COMMAND_HISTORY,
     "\nWhat is told is about PATH itself. Events of other kinds that only mention it are not: "
     "news "
     "about a\n"
     "werkplaats has a history of its own.\n",
     NULL},
    {COMMAND_LAG,
     "\nFor example: `lag --most 100 --oldest 1h || ALARM`; it ends with 7 if any cursor is late, "
     "and "
     "the\n"
     "table marks those.\n",
     NULL},
};

const char *help_note(enum command_number command)
{
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (notes[i].command == command) {
            return notes[i].text;
        }
    }
    return "";
}

const char *help_more(enum command_number command)
{
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (notes[i].command == command && notes[i].more != NULL) {
            return notes[i].more;
        }
    }
    return "";
}

const char *help_json(enum command_number number)
{
    static const char *const texts[] = {
        [JSON_ONE] = N_("(with --json: one object)"),
        [JSON_LINES] = N_("(with --json: an object a line; `jq -s` makes one list of them)"),
        [JSON_NONE] = N_("(with --json: nothing, there is nothing to show)")};
    const struct command *command = NULL;
    while ((command = options_next_command(command)) != NULL) {
        if (command->number == number) {
            return texts[command->json];
        }
    }
    return "";
}

static void row(struct output *output, const char *name, const char *help)
{
    bool fits = strlen(name) + 4 <= HELP_COLUMN;
    if (fits) {
        output_text(output, "  %-*s%s\n", HELP_COLUMN - 2, name, help);
    } else {
        output_text(output, "  %s\n%*s%s\n", name, HELP_COLUMN, "", help);
    }
}

static void entry(struct output *output, const char *name, const char *argument, const char *help)
{
    char *whole = output_format("--%s%s%s", name, argument[0] == '\0' ? "" : " ", argument);
    row(output, whole, help);
    free(whole);
}

void help_options(struct output *output, enum command_number command, bool common,
                  help_entry *print)
{
    const struct option *option = NULL;
    while ((option = options_next(command, option)) != NULL) {
        bool counts = options_find(command, bytes_of(option->name)) == option;
        if (counts && common == (option->commands == OPTIONS_ALL)) {
            print(output, option->name, option->argument, _(option->help));
        }
    }
}

static void print_flag(struct output *output, const struct flag *flag, help_entry *print)
{
    char argument[FLAG_NAME_MAX];
    char limits[PROBLEM_MAX];
    flags_argument(flag, argument);
    flags_limits(flag, limits);
    char *help = output_format("%s%s%s%s", _(flag->field->help), limits[0] == '\0' ? "" : " (",
                               limits, limits[0] == '\0' ? "" : ")");
    print(output, flag->name, argument, help);
    free(help);
}

void help_flags(struct output *output, const struct flags *flags, bool envelope, help_entry *print)
{
    for (unsigned i = 0; i < flags->count; i++) {
        if (flags->rows[i].envelope == envelope) {
            print_flag(output, &flags->rows[i], print);
        }
    }
}

static void command_row(struct output *output, const struct command *command)
{
    char *name = output_format("%s %s", command->name, command->arguments);
    row(output, name, _(command->help));
    free(name);
}

static void group(struct output *output, const char *word)
{
    const struct command *command = NULL;
    output_text(output, _("usage: waternet %s COMMAND ...\n\n"), word);
    while ((command = options_next_command(command)) != NULL) {
        if (options_in_group(command, word)) {
            command_row(output, command);
        }
    }
    output_text(output, _("\n`waternet %s COMMAND --help` tells more.\n"), word);
}

static void program(struct output *output)
{
    const struct command *command = NULL;
    output_text(output, _("usage: waternet [OPTION...] COMMAND ...\n\n"
                          "Posts and follows the events of a region's shared programme.\n\n"));
    while ((command = options_next_command(command)) != NULL) {
        command_row(output, command);
    }
    output_text(output, "\n");
    help_options(output, COMMAND_NONE, true, entry);
    output_text(
        output,
        _("\nOptions may also stand behind the command. `waternet COMMAND --help` tells more.\n"
          "\nExit codes: 0 done, or there already; 1 other; 2 usage; 3 not found; 4 not allowed;\n"
          "5 conflict; 6 refused by a guard; 7 another history, or behind (lag); 8 does not "
          "verify;\n"
          "9 no answer, outcome unknown: repeat with the same id.\n"));
}

static void types(struct output *output)
{
    const struct event_type *type = NULL;
    output_text(output, _("\nEvery TYPE has flags of its own, see `waternet post TYPE --help`:\n"));
    while ((type = event_type_next(type)) != NULL) {
        row(output, type->name, _(type->help));
    }
}

// What one member says of a werkplaats the secretary may post too, who then needs its letter.
static bool is_for_a_member(const struct event_type *type)
{
    uint32_t both = ROLE_BIT(ROLE_MEMBER) | ROLE_BIT(ROLE_SECRETARY);
    return type->kind == KIND_WERKPLAATS && (type->roles & both) == both;
}

static void print_roles(struct output *output, const struct event_type *type)
{
    char roles[ROLES_TEXT];
    roles_text(type->roles, roles);
    output_text(output, _("Who may post it: %s.\n\n"), roles);
}

static void command(struct output *output, const struct cli *cli)
{
    const struct command *about = cli->command;
    const struct event_type *type = cli->flags.type;
    if (type != NULL) {
        output_text(output, _("usage: waternet post %s NAME [--FLAG VALUE...]\n\n%s\n"), type->name,
                    _(type->help));
        if (type->kind == KIND_ANY) {
            output_text(output, _("\nNAME is KIND/NAME: what it is about, of any kind.\n\n"));
        } else {
            output_text(output, _("\nNAME is the %s that it is about.\n\n"), kind_name(type->kind));
        }
        if (is_for_a_member(type)) {
            output_text(output, _("For a member: --as member:MEMBER, or as the secretary with "
                                  "--reference, of its letter.\n\n"));
        }
        print_roles(output, type);
        help_flags(output, &cli->flags, false, entry);
        output_text(output, _("\nOf every event:\n"));
        help_flags(output, &cli->flags, true, entry);
        output_text(output, _("\nHow it is posted:\n"));
    } else {
        output_text(output, _("usage: waternet %s%s%s [OPTION...]\n\n%s\n\n"), about->name,
                    about->arguments[0] == '\0' ? "" : " ", about->arguments, _(about->help));
    }
    help_options(output, about->number, false, entry);
    output_text(output, "  %s\n", _(help_json(about->number)));
    output_text(output, _("  (general options, like --json, --csv and --as: `waternet --help`)\n"));
    if (type == NULL && about->number == COMMAND_POST) {
        types(output);
    }
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (notes[i].command == about->number) {
            output_text(output, "%s%s", _(notes[i].text),
                        notes[i].more == NULL ? "" : _(notes[i].more));
        }
    }
}

void help_print(struct cli *cli)
{
    if (cli->command == NULL && cli->group != NULL) {
        group(&cli->output, cli->group);
    } else if (cli->command == NULL) {
        program(&cli->output);
    } else {
        command(&cli->output, cli);
    }
}
