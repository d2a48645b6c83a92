/*
 * asking - how the command line asks about the past, and tells of it.
 */
#ifndef CLI_ASKING_H
#define CLI_ASKING_H

#include "clients/cli/cli.h"
#include "clients/past/past.h"

// Asks on the command's connection; what failed has been said, the code is the exit code.
struct past asking_past(struct cli *cli);
struct moment asking_moment(struct number at, const char *on);
// For people: in their language, with what is typed in brackets. Otherwise NULL.
const struct past_people *asking_people(bool people);

#endif
