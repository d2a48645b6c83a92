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

// Who acted, as it is typed behind --as, and the proved role where it is another: of a CloudEvent.
// The caller frees it.
char *events_who(const json_t *event);

// Of a CloudEvent: its number, which the caller frees; when it was recorded, milliseconds since
// 1970; and its type, NULL if this version does not know it.
char *events_seq(const json_t *event);
uint64_t events_time(const json_t *event);
const struct event_type *events_type(const struct cli *cli, const json_t *event);

#endif
