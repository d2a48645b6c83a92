/*
 * levels - what people type for a level of the log and for a place in it.
 */
#ifndef CLI_LEVELS_H
#define CLI_LEVELS_H

#include "clients/cli/cli.h"

// "/twente/werkplaats/" from "twente/werkplaatsen", with or without slashes around it; "/" from
// NULL. The caller frees it.
char *levels_typed(const char *text);

// The sequence number after which to follow `level`, from begin, end, seq:812, -20, 1h, 2016-03-01,
// 2016-Q1 or id:x. `option` is what it was typed behind: a day or longer period counts from where
// it begins, behind "--to" up to where it ends, in UTC. head is that of the log. Returns 0, or the
// exit code after having said what is wrong.
int levels_position(struct cli *cli, const char *option, const char *level, const char *text,
                    uint64_t head, uint64_t *ret_after);

// Of an --on that says how long ago, like 3d: the problem, which names the day. Otherwise 0.
int levels_day(const char *on);

// The last sequence number of what had been recorded at --at; not `given` without it.
int levels_moment(struct cli *cli, struct number *ret_at);

// The same of what was typed behind any option. head is that of the log.
int levels_recorded(struct cli *cli, const char *option, const char *text, uint64_t head,
                    struct number *ret_at);

// Puts a moment into a question: as it was recorded at a number, as it was on a day; on may be
// NULL.
void levels_put_moment(struct number at, const char *on, json_t *request);
// Puts what --at and --on say into a question: as it was recorded, as it was on a day.
void levels_put_past(const struct cli *cli, struct number at, json_t *request);

// The sequence number of the event with an id.
int levels_seq(struct cli *cli, const char *id, uint64_t *ret_seq);
// That of what was typed for one event: 812, seq:812 or id:x.
int levels_event(struct cli *cli, const char *typed, uint64_t *ret_seq);
// When an event was recorded, milliseconds since 1970.
int levels_time(struct cli *cli, uint64_t seq, uint64_t *ret_time_ms);

// Follows the level. Returns 0, or the exit code after having said what is wrong.
int levels_follow(struct cli *cli, const char *level, uint64_t after,
                  struct waternet_follower **ret_follower);
// The same of a level that the library was asked to follow.
int levels_followed(struct cli *cli, const char *level, enum waternet_status status);

// The head of the log now.
int levels_head(struct cli *cli, uint64_t *ret_head);

#endif
