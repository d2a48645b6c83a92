/*
 * options - what the dashboard is told when it starts: options.def, from the environment and the
 * command line.
 */
#ifndef DASHBOARD_OPTIONS_H
#define DASHBOARD_OPTIONS_H

#include <stdbool.h>

struct options {
#define OPTION(member, name, argument, standard, help) const char *member;
#include "clients/dashboard/options.def"
#undef OPTION
    bool help, version;
};

// False if one is wrong; *ret_problem then is an English sentence, good until the next call.
bool options_read(struct options *options, int count, char **arguments, const char **ret_problem);
// Between two numbers; false if the text is none.
bool options_number(const char *text, unsigned least, unsigned most, unsigned *ret_number);
void options_help(void);

#endif
