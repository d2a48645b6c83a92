#include "clients/cli/fill.h"

#include "clients/cli/answers.h"
#include "clients/cli/options.h"
#include "clients/cli/paths.h"
#include "clients/past/past.h"
#include "clients/words/euros.h"

#include <stdlib.h>

#define PLAIN                                                                                      \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+" // to any shell

static const struct {
    const char *gap, *flag, *value;
} rows[] = {
#define GAP(gap, flag, value) {gap, flag, value},
#include "clients/cli/gaps.def"
#undef GAP
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

// Adds a word as a shell reads it back.
static char *append_word(char *command, const char *word)
{
    if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
        return output_append(command, " %s", word);
    }
    command = output_append(command, " '");
    for (const char *rest = word; *rest != '\0';) {
        size_t length = strcspn(rest, "'");
        command = output_append(command, "%.*s%s", (int)length, rest,
                                rest[length] == '\'' ? "'\\''" : "");
        rest += length + (rest[length] == '\'');
    }
    return output_append(command, "'");
}

static char *append_option(char *command, const char *name, const char *value)
{
    return value == NULL ? command : append_word(output_append(command, " --%s", name), value);
}

static char *append_where(char *command, const struct settings *said)
{
    command = append_option(command, "runtime", said->runtime);
    command = append_option(command, "server", said->server);
    command = append_option(command, "server-key", said->server_key);
    return append_option(command, "key-file", said->key_file);
}

static char *begin(const struct event_type *type, const char *path)
{
    char *region = NULL;
    char *entity = NULL;
    paths_split(path, &region, &entity);
    bool any = type->kind == KIND_ANY;
    char *command = output_format("waternet post %s %s --region %s", type->name,
                                  any ? path + strlen(region) + 1 : entity, region);
    free(entity);
    free(region);
    return command;
}

// Of a gap --------------------------------------------------------------------------------------

// The value of a flag for a gap; NULL if the gap does not ask for it, "" if people know it.
static const char *value_of(const struct filling *filling, const char *flag)
{
    for (size_t i = 0; filling->gap != NULL && i < ROW_COUNT; i++) {
        if (strcmp(rows[i].gap, filling->gap) == 0 && strcmp(rows[i].flag, flag) == 0) {
            const char *value = rows[i].value;
            const char *said = value[0] == '%' ? filling->said[value[1] - '1'] : value;
            return said == NULL ? "" : said;
        }
    }
    return NULL;
}

// Whether the flag stands in a group that is required although none of its fields is: then any of
// them will do, and all are shown.
static bool is_in_open_group(const struct flags *flags, const struct flag *flag)
{
    size_t length = strcspn(flag->path, ".");
    struct bytes outer = {flag->path, length};
    const struct field *group = field_find(flags->type->group, outer);
    if (flag->envelope || flag->path[length] == '\0' || group == NULL ||
        (group->flags & FLAG_REQUIRED) == 0 || (flags->type->flags & EVENT_FIRST) == 0) {
        return false;
    }
    struct fields fields = fields_of((enum group)group->of);
    for (unsigned i = 0; i < fields.count; i++) {
        if ((fields.first[i].flags & FLAG_REQUIRED) != 0) {
            return false;
        }
    }
    return true;
}

static char *append_hole(struct cli *cli, char *command, const char *name)
{
    cli->left_capitals = true;
    return output_append(command, " %s", name);
}

static char *append_flag(struct cli *cli, char *command, const struct flag *flag, const char *value)
{
    char argument[FLAG_NAME_MAX];
    uint64_t cents = 0;
    flags_argument(flag, argument);
    command = output_append(command, " --%s", flag->name);
    if (value == NULL || value[0] == '\0') {
        return append_hole(cli, command, argument);
    }
    if (flag->field->type == FIELD_CENTS && options_number(value, &cents)) {
        char *euros = euros_text((int64_t)cents);
        command = append_word(command, euros);
        free(euros);
        return command;
    }
    return append_word(command, value);
}

bool fill_may_speak_for(struct cli *cli, const char *member)
{
    size_t index = 0;
    json_t *role = NULL;
    bool may = false;
    if (cli->roles == NULL) {
        (void)answers_ask_perhaps(cli, json_pack("{s:s}", "request", "whoami"), "whoami",
                                  &cli->roles);
    }
    json_array_foreach(json_object_get(cli->roles, "roles"), index, role)
    {
        const char *name = answers_text(role, "role");
        const char *organisation = answers_text(role, "organisation");
        may = may || strcmp(name, "operator") == 0 ||
              (strcmp(name, "member") == 0 && strcmp(organisation, member) == 0);
    }
    return may;
}

// In whose name: a member's own, or that of the secretary, who has its letter.
static char *append_speaker(struct cli *cli, char *command, const struct filling *filling)
{
    const char *member = value_of(filling, "as");
    if (member == NULL) {
        return append_option(command, "as", cli->settings.as);
    }
    if (!fill_may_speak_for(cli, member)) {
        return append_hole(cli, output_append(command, " --reference"), "LINE");
    }
    cli->left_capitals = cli->left_capitals || member[0] == '\0';
    return output_append(command, " --as member:%s", member[0] == '\0' ? "MEMBER" : member);
}

// The boards of a member, by its kind; NULL of any other kind.
static const char *boards_of(struct cli *cli, const char *path, const char *member)
{
    static const struct {
        const char *kind, *boards;
    } boards[] = {{"municipality", "college|council"},
                  {"water-board", "executive-board|general-board"}};
    json_t *answer = NULL;
    const char *found = NULL;
    char *about = output_format("%.*s/member/%s", (int)strcspn(path, "/"), path, member);
    int code = answers_ask_perhaps(cli, past_question("get", about), about, &answer);
    const json_t *fields = json_object_get(json_object_get(answer, "record"), "fields");
    for (size_t i = 0; code == 0 && i < sizeof boards / sizeof boards[0]; i++) {
        found =
            strcmp(answers_text(fields, "kind"), boards[i].kind) == 0 ? boards[i].boards : found;
    }
    json_decref(answer);
    free(about);
    return found;
}

// Between quotes, or the shell would take what stands behind the | for a command.
static char *append_board(struct cli *cli, char *command, const struct flag *flag, const char *path,
                          const char *member)
{
    bool known = member != NULL && member[0] != '\0';
    const char *boards = !known ? NULL : boards_of(cli, path, member);
    if (boards == NULL) {
        return append_flag(cli, command, flag, NULL);
    }
    cli->left_choice = true;
    return append_option(command, flag->name, boards);
}

static char *append_dry_run(const struct cli *cli, char *command)
{
    return cli->settings.dry_run ? output_append(command, " --dry-run") : command;
}

char *fill_command(struct cli *cli, const char *type_name, const char *path,
                   const struct filling *filling)
{
    const struct event_type *type = event_type_find(bytes_of(type_name));
    struct flags flags;
    if (type == NULL) {
        return NULL;
    }
    flags_init(&flags, type);
    char *command = begin(type, path);
    for (unsigned i = 0; i < flags.count; i++) {
        const struct flag *flag = &flags.rows[i];
        const char *value = value_of(filling, flag->name);
        bool required = flag->required && flag->within == NULL;
        bool board = flag->field->type == FIELD_CHOICE && flag->field->of == CHOICES_BOARD;
        if (required && board) {
            command = append_board(cli, command, flag, path, value_of(filling, "member"));
        } else if (required || value != NULL || is_in_open_group(&flags, flag)) {
            command = append_flag(cli, command, flag, value);
        }
    }
    command = append_dry_run(cli, append_speaker(cli, command, filling));
    return append_where(command, &cli->settings);
}

void fill_legend(struct cli *cli)
{
    if (cli->left_capitals) {
        output_line(&cli->output, "What stands in capitals is for you to fill in; see: waternet "
                                  "post TYPE --help");
    }
    if (cli->left_choice) {
        output_line(&cli->output, "Of the words with | between them one is to stay.");
    }
}

void fill_note(const struct cli *cli)
{
    if (cli->left_capitals) {
        output_note("what stands in capitals is for you to fill in");
    }
    if (cli->left_choice) {
        output_note("of the words with | between them one is to stay");
    }
}

// Of what was typed -----------------------------------------------------------------------------

// Whether a fault is about the flag's value, or about the group that it stands in. What has a
// command of its own is not mended here.
static bool is_wrong(const struct flag *flag, const json_t *faults)
{
    bool wrong = false;
    for (size_t i = 0; i < json_array_size(faults) && !wrong; i++) {
        const json_t *fault = json_array_get(faults, i);
        const char *field = answers_text(fault, "field");
        bool in_data = strncmp(field, "data.", 5) == 0;
        field += in_data ? 5 : 0;
        size_t length = strlen(field);
        wrong = in_data != flag->envelope && length > 0 &&
                strncmp(flag->path, field, length) == 0 &&
                strchr(".", flag->path[length]) != NULL && // the end counts too
                json_object_get(fault, "command") == NULL;
    }
    return wrong;
}

static char *append_phase(struct cli *cli, char *command, const struct flag *flag, const char *path)
{
    json_t *answer = NULL;
    int code = answers_ask_perhaps(cli, past_question("get", path), path, &answer);
    const json_t *fields = json_object_get(json_object_get(answer, "record"), "fields");
    command = append_flag(cli, command, flag, code == 0 ? answers_text(fields, "phase") : NULL);
    json_decref(answer);
    return command;
}

static bool is_from(const struct cli *cli, const struct flag *flag)
{
    return strcmp(cli->flags.type->name, "werkplaats.phase-changed") == 0 &&
           strcmp(flag->name, "from") == 0;
}

static char *append_given(const struct cli *cli, char *command, const struct flag *flag)
{
    for (unsigned i = 0; i < cli->given_count; i++) {
        if (cli->given[i].flag == flag) {
            command = append_option(command, flag->name, cli->given[i].value);
        }
    }
    return command;
}

char *fill_again(struct cli *cli, const char *path, const json_t *faults)
{
    bool mended = false;
    char *command = begin(cli->flags.type, path);
    for (unsigned i = 0; i < cli->flags.count; i++) {
        const struct flag *flag = &cli->flags.rows[i];
        bool wrong = is_wrong(flag, faults);
        mended = mended || wrong;
        if (wrong && is_from(cli, flag)) {
            command = append_phase(cli, command, flag, path);
        } else if (wrong) {
            command = append_flag(cli, command, flag, NULL);
        } else {
            command = append_given(cli, command, flag);
        }
    }
    command = append_option(command, "data", cli->settings.data);
    command = append_dry_run(cli, append_option(command, "as", cli->settings.as));
    command = append_where(command, &cli->settings);
    if (!mended) {
        free(command);
        command = NULL;
    }
    return command;
}
