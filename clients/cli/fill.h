/*
 * fill - the command that would post an event, for people to copy and fill in.
 */
#ifndef CLI_FILL_H
#define CLI_FILL_H

#include "clients/cli/cli.h"

#define FILL_SAID_MAX 3

// What fills the flags that a row of gaps.def names.
struct filling {
    const char *gap;                 // NULL: no rows
    const char *said[FILL_SAID_MAX]; // in the places of %1, %2 and %3; NULL: people know it
};

// "waternet post TYPE ENTITY --region REGION --FLAG VALUE...": every flag that the type requires,
// and those that gaps.def has for the gap; then where the daemon is, if that was typed. What people
// have to fill in is in capitals, or the words that fit with | between; amounts are in euros. The
// caller frees it; NULL if there is no
// such type.
char *fill_command(struct cli *cli, const char *type, const char *path,
                   const struct filling *filling);

// Whether who types may speak for the member: on its key, or as an operator for anybody.
bool fill_may_speak_for(struct cli *cli, const char *member);

// Below such commands on a terminal, if anything is to be filled in: how that shows, and where it
// is told what fits.
void fill_legend(struct cli *cli);
// The same of a refusal, on stderr.
void fill_note(const struct cli *cli);

// The command that was typed, as far as it may stay: for the flags that `faults` name what stands
// in capitals, or the phase that the werkplaats is in. NULL if no fault names a flag. The caller
// frees it.
char *fill_again(struct cli *cli, const char *path, const json_t *faults);

#endif
