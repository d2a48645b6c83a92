#include "clients/dashboard/options.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "WATERNET_DASHBOARD_"

static const struct {
    const char *name, *argument, *standard, *help;
    size_t place; // of its member
} rows[] = {
#define OPTION(member, name, argument, standard, help)                                             \
    {name, argument, standard, help, offsetof(struct options, member)},
#include "clients/dashboard/options.def"
#undef OPTION
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static void set(struct options *options, size_t row, const char *value)
{
    memcpy((char *)options + rows[row].place, &value, sizeof(value));
}

static const char *from_environment(const char *name)
{
    char variable[64];
    int size = snprintf(variable, sizeof(variable), VARIABLE "%s", name); // names are short
    for (int i = 0; i < size; i++) {
        variable[i] = variable[i] == '-' ? '_' : (char)toupper((unsigned char)variable[i]);
    }
    return getenv(variable);
}

// "--name VALUE" or "--name=VALUE": how many arguments it took; 0: it is none of ours.
static int take(struct options *options, int count, char **arguments)
{
    const char *argument = arguments[0];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        size_t size = strlen(rows[i].name);
        if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, rows[i].name, size) != 0) {
            continue;
        }
        if (argument[2 + size] == '=') {
            set(options, i, argument + 3 + size);
            return 1;
        }
        if (argument[2 + size] == '\0' && count > 1) {
            set(options, i, arguments[1]);
            return 2;
        }
    }
    options->help |= strcmp(argument, "--help") == 0;
    options->version |= strcmp(argument, "--version") == 0;
    return strcmp(argument, "--help") == 0 || strcmp(argument, "--version") == 0;
}

bool options_read(struct options *options, int count, char **arguments, const char **ret_problem)
{
    static char problem[160];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *value = from_environment(rows[i].name);
        set(options, i, value != NULL ? value : rows[i].standard);
    }
    for (int i = 0; i < count;) {
        int taken = take(options, count - i, arguments + i);
        if (taken == 0) {
            (void)snprintf(problem, sizeof(problem),
                           "%.80s: not an option, or it needs a value; "
                           "waternet-dashboard --help lists them",
                           arguments[i]);
            *ret_problem = problem;
            return false;
        }
        i += taken;
    }
    return true;
}

bool options_number(const char *text, unsigned least, unsigned most, unsigned *ret_number)
{
    char *end = NULL;
    unsigned long number = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || number < least || number > most) {
        return false;
    }
    *ret_number = (unsigned)number;
    return true;
}

void options_help(void)
{
    (void)printf("waternet-dashboard: the programme at a glance, live, in a browser\n\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        (void)printf("  --%s %s\n      %s", rows[i].name, rows[i].argument, rows[i].help);
        (void)printf("%s%s%s\n", rows[i].standard == NULL ? "" : " (",
                     rows[i].standard == NULL ? "" : rows[i].standard,
                     rows[i].standard == NULL ? "" : ")");
    }
    (void)printf("  --help\n  --version\n"); // nobody is left to tell where it fails
}
