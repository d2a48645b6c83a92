#include "clients/cli/grants.h"

#include "clients/cli/answers.h"
#include "clients/cli/suggest.h"

#include <stdlib.h>

#define SYSTEM_REGION "system"

// Reading -----------------------------------------------------------------------------------------

// The parts of ROLE[:[REGION/]MEMBER][@WERKPLAATS], and of a role of a region ROLE[:REGION].
struct typed {
    char *text; // what the others point into
    const char *role, *region, *who, *werkplaats;
};

// Cuts the text at the character; what is behind it, NULL if it is not there.
static char *cut(char *text, char at)
{
    char *place = text == NULL ? NULL : strchr(text, at);
    if (place != NULL) {
        *place++ = '\0';
    }
    return place;
}

static struct typed read_typed(const char *text)
{
    struct typed typed = {.text = output_format("%s", text)};
    typed.role = typed.text;
    typed.werkplaats = cut(typed.text, '@');
    char *who = cut(typed.text, ':');
    char *member = cut(who, '/');
    typed.region = member == NULL ? NULL : who;
    typed.who = member == NULL ? who : member;
    return typed;
}

static int unknown_role(const char *role)
{
    struct suggest suggest = suggest_begin(bytes_of(role));
#define ROLE(number, NAME, name, ...) suggest_offer(&suggest, name);
#include "proto/roles.def"
#undef ROLE
    if (suggest.name != NULL) {
        return output_problem("no role %s; did you mean %s?", role, suggest.name);
    }
#define ROLE(number, NAME, name, ...) " " name
    static const char roles[] =
#include "proto/roles.def"
        ;
#undef ROLE
    return output_problem("no role %s; the roles are%s", role, roles);
}

// Where the role holds, and for whom, by its scope.
static int settle(const struct cli *cli, const struct role_row *row, struct typed *typed,
                  const char *home)
{
    const char *in = cli->settings.in != NULL ? cli->settings.in : typed->region;
    switch (row->scope) {
    case SCOPE_SYSTEM:
        if (typed->who != NULL && strcmp(typed->who, SYSTEM_REGION) != 0) {
            return output_problem("%s is a role of the whole system: type %s alone", row->name,
                                  row->name);
        }
        typed->who = NULL;
        typed->region = in == NULL ? SYSTEM_REGION : in;
        return 0;
    case SCOPE_REGION:
        in = in == NULL ? typed->who : in;
        typed->who = NULL;
        break;
    case SCOPE_MEMBER:
    case SCOPE_WERKPLAATS:
        if (typed->who == NULL || typed->who[0] == '\0') {
            return output_problem("which member? type %s:MEMBER, like %s:enschede", row->name,
                                  row->name);
        }
        break;
    case SCOPE_NONE:
        break;
    }
    typed->region = in == NULL ? home : in;
    if (strcmp(typed->region, SYSTEM_REGION) == 0) {
        return output_problem("%s holds in a region, and the key is of none: say which with --in",
                              row->name);
    }
    return 0;
}

static void set(json_t *data, const char *name, const char *value)
{
    if (value != NULL) {
        json_object_set_new(data, name, json_string(value));
    }
}

int grants_typed(struct cli *cli, const char *text, const char *home, json_t **ret_data)
{
    struct typed typed = read_typed(text);
    enum role role = role_find(bytes_of(typed.role));
    int code =
        role == ROLE_NONE ? unknown_role(typed.role) : settle(cli, role_row(role), &typed, home);
    if (code == 0) {
        json_t *data = json_object();
        set(data, "role", typed.role);
        set(data, "region", typed.region);
        set(data, "member", typed.who);
        set(data, "werkplaats",
            cli->settings.werkplaats != NULL ? cli->settings.werkplaats : typed.werkplaats);
        *ret_data = data;
    }
    free(typed.text);
    return code;
}

// Printing ----------------------------------------------------------------------------------------

// For whom it holds: nobody in particular for a role of the whole system. What a key has says
// `member`, what a connection proves says `organisation`.
static const char *whose(const json_t *data)
{
    enum role role = role_find(bytes_of(answers_text(data, "role")));
    enum scope scope = role == ROLE_NONE ? SCOPE_NONE : role_row(role)->scope;
    const char *member = answers_text(data, "member");
    const char *names[] = {
        [SCOPE_NONE] = member,
        [SCOPE_SYSTEM] = "",
        [SCOPE_REGION] = answers_text(data, "region"),
        [SCOPE_WERKPLAATS] = member[0] != '\0' ? member : answers_text(data, "organisation"),
        [SCOPE_MEMBER] = member[0] != '\0' ? member : answers_text(data, "organisation"),
    };
    return names[scope];
}

char *grants_text(const json_t *data, const char *home)
{
    const char *region = answers_text(data, "region");
    const char *werkplaats = answers_text(data, "werkplaats");
    const char *who = whose(data);
    bool abroad = who[0] != '\0' && region[0] != '\0' && strcmp(who, region) != 0 &&
                  strcmp(region, home) != 0;
    return output_format("%s%s%s%s%s%s%s", answers_text(data, "role"), who[0] == '\0' ? "" : ":",
                         abroad ? region : "", abroad ? "/" : "", who,
                         werkplaats[0] == '\0' ? "" : "@", werkplaats);
}

static char *longer(char *line, const json_t *data, const char *home)
{
    char *text = grants_text(data, home);
    line = output_append(line, "%s%s", line[0] == '\0' ? "" : " ", text);
    free(text);
    return line;
}

char *grants_line(const json_t *grants, const char *home)
{
    char *line = output_format("%s", "");
    size_t index = 0;
    json_t *grant = NULL;
    void *at = json_object_iter((json_t *)(uintptr_t)grants);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)grants, at)) {
        line = longer(line, json_object_get(json_object_iter_value(at), "data"), home);
    }
    json_array_foreach(grants, index, grant)
    {
        line = longer(line, grant, home);
    }
    return line;
}
