/*
 * events - events that come from a follower, as one line each.
 */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include "clients/cli/cli.h"
#include "clients/cli/table.h"

// With --json there is no table, and every event is a line with its CloudEvent.
void events_begin(struct cli *cli, struct table *table);
// False if it could not be written out.
bool events_print(struct cli *cli, struct table *table, struct waternet_follower *follower,
                  const struct waternet_event *event);
void events_end(struct cli *cli, struct table *table);

#endif
