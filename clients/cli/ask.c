// Asking for the fields of an event, one by one.
#include "clients/cli/post.h"
#include "clients/cli/said.h"
#include "clients/cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ask_line(const char *question, char **ret_line)
{
    char *line = NULL;
    size_t room = 0;
    (void)printf("%s", question);
    (void)fflush(stdout); // a terminal that is gone ends the input too
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        free(line);
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    *ret_line = line;
    return true;
}

static bool ask_yes(const char *question, bool *ret_yes)
{
    char *line = NULL;
    if (!ask_line(question, &line)) {
        return false;
    }
    *ret_yes = strchr("yYjJ", line[0]) != NULL && line[0] != '\0';
    free(line);
    return true;
}

static char *question_of(const struct flag *flag)
{
    char argument[FLAG_NAME_MAX];
    char limits[PROBLEM_MAX];
    flags_argument(flag, argument);
    flags_limits(flag, limits);
    return output_format("\n%s: %s\n  %s%s%s%s> ", flag->name, _(flag->field->help), argument,
                         limits[0] == '\0' ? "" : ", ", limits,
                         flag->required ? "\n  " : _("; may be left empty\n  "));
}

// Asks until the answer fits, or is empty where that is allowed; where there can be several, until
// it is empty. False at the end of the input.
static bool ask_field(const struct flag *flag, json_t *event)
{
    char *question = question_of(flag);
    char problem[PROBLEM_MAX];
    char *line = NULL;
    bool several = flag->field->form != FORM_ONE;
    bool given = false;
    bool there = true;
    bool done = false;
    while (there && !done) {
        there = ask_line(given ? _("  and (nothing more: leave empty)> ") : question, &line);
        if (!there) {
            break;
        }
        if (line[0] == '\0') {
            done = given || !flag->required;
        } else if (flags_check(flag, line, problem)) {
            given = flags_apply(flag, line, event, problem);
            done = given && !several;
        } else {
            (void)printf("  %s\n", problem);
        }
        free(line);
    }
    free(question);
    return there;
}

// Whether a group that may be left out is to be filled in.
static bool ask_group(const struct field *group, bool *ret_wanted)
{
    char *question = output_format(_("\n%s: %s\n  add it? [y/n] "), group->name, _(group->help));
    bool there = ask_yes(question, ret_wanted);
    free(question);
    return there;
}

static bool is_required(const struct flag *flag)
{
    return flag->required && flag->within == NULL;
}

static bool ask_required(const struct flags *flags, json_t *event)
{
    bool there = true;
    for (unsigned i = 0; i < flags->count && there; i++) {
        if (is_required(&flags->rows[i])) {
            there = ask_field(&flags->rows[i], event);
        }
    }
    return there;
}

static bool ask_optional(const struct flags *flags, json_t *event)
{
    const struct field *group = NULL; // the optional group that it was asked about last
    bool wanted = false;
    for (unsigned i = 0; i < flags->count; i++) {
        const struct flag *flag = &flags->rows[i];
        if (is_required(flag)) {
            continue;
        }
        if (flag->within != NULL && flag->within != group) {
            group = flag->within;
            if (!ask_group(group, &wanted)) {
                return false;
            }
        }
        if (strcmp(flag->name, "expect") == 0 || (flag->within != NULL && !wanted)) {
            continue; // who asks for a version has a program
        }
        if (!ask_field(flag, event)) {
            return false;
        }
    }
    return true;
}

// What is required, and the rest only for who wants more. Of a type that requires nothing it is
// what it is about.
static bool ask_fields(const struct flags *flags, json_t *event)
{
    bool more = true;
    unsigned required = 0;
    for (unsigned i = 0; i < flags->count; i++) {
        required += is_required(&flags->rows[i]);
    }
    if (!ask_required(flags, event) || (required > 0 && !ask_yes(_("\nmore? [y/n] "), &more))) {
        return false;
    }
    return !more || ask_optional(flags, event);
}

int ask_event(struct cli *cli, json_t *event)
{
    static const char *const names[] = {"field", "value"};
    struct table table;
    bool yes = false;
    bool there = ask_fields(&cli->flags, event);
    if (there) {
        (void)printf("\n");
        table_begin(&table, &cli->output, TABLE_FIELDS, names, 2, NULL, false);
        table_fields(&table, event);
        table_end(&table);
        there = ask_yes(cli->settings.dry_run ? _("\nTry this? [y/n] ") : _("\nPost this? [y/n] "),
                        &yes);
    }
    if (!there || !yes) {
        return output_failed(EXIT_OTHER, "nothing is posted");
    }
    return 0;
}
