#include "clients/cli/asking.h"

#include "clients/cli/answers.h"
#include "clients/cli/said.h"
#include "clients/words/euros.h"

#include <stdlib.h>

static int ask(void *context, json_t *request, const char *about, bool perhaps, json_t **ret_answer)
{
    struct cli *cli = context;
    const char *name = cli->command->name;
    char *what = about == NULL ? output_format("%s", name) : output_format("%s %s", name, about);
    int code = perhaps ? answers_ask_perhaps(cli, request, what, ret_answer)
                       : answers_ask(cli, request, what, ret_answer);
    free(what);
    return code;
}

struct past asking_past(struct cli *cli)
{
    return (struct past){
        .ask = ask, .context = cli, .type_prefix = waternet_type_prefix(cli->connection)};
}

struct moment asking_moment(struct number at, const char *on)
{
    return (struct moment){.fixed = at.given, .at = at.value, .on = on};
}

static char *text_of(void *context, const struct field *field, const char *text)
{
    (void)context; // the locale
    return said_choice(field, text);
}

static const char *label_of(void *context, const struct field *field)
{
    (void)context; // the same
    return said_in_dutch() ? field->label_nl : NULL;
}

static char *euros_of(void *context, int64_t cents)
{
    (void)context; // the same
    char *euros = euros_text(cents);
    char *text = output_format("EUR %s", euros);
    free(euros);
    return text;
}

const struct past_people *asking_people(bool people)
{
    static struct past_people said = {.text = text_of, .label = label_of, .euros = euros_of};
    said.yes = _("yes"); // the locale is known by now
    return people ? &said : NULL;
}
