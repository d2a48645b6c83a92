/*
 * answers - what the daemon answered: taken as JSON, or told as what went wrong.
 *
 * Wherever an exit code is returned, 0 is good and everything else has been told on stderr.
 */
#ifndef CLI_ANSWERS_H
#define CLI_ANSWERS_H

#include "clients/cli/cli.h"

// The text of a field, "" if there is none.
const char *answers_text(const json_t *object, const char *key);

// Where the daemon is, by the options, the environment or the key file.
void answers_where(const struct cli *cli, struct waternet_options *options);
// Connects, once.
int answers_connect(struct cli *cli);

// What an option says, or else a variable of the environment; NULL if neither does.
const char *answers_said(const char *option, const char *variable);

// Prints the whole answer, as JSON or as a field and a value a line.
void answers_print(struct cli *cli, json_t *answer);

// The answer as JSON that the caller owns; NULL if it is none. answer may be NULL.
json_t *answers_parse(struct waternet_answer *answer);
// Ends the answer and, if it was good, hands it out as JSON that the caller owns. `what` was asked
// ("show twente/region/twente"). With --json a refusal is printed on stdout too.
int answers_take(struct cli *cli, enum waternet_status status, struct waternet_answer **answer,
                 const char *what, json_t **ret_json);

// Tells a status that is not WATERNET_OK: a line with what was asked and how it ended, then two for
// each fault, "refused: GUARD (G1): --theme: no theme" and what would be accepted, and its command
// if it has one (of a post from flags the flag, otherwise the field; a guard is told once); or why
// and what next from hints.def. answer may be NULL. Returns the exit code.
int answers_refused(struct cli *cli, enum waternet_status status, struct waternet_answer *answer,
                    const char *what);
// The same, only told, with `before` ("FILE:LINE: ") in front of each reason.
void answers_tell(const struct cli *cli, enum waternet_status status, const json_t *answer,
                  const char *what, const char *before);
// What a status means in a sentence: of a key that is not let in, that.
const char *answers_sentence(const struct cli *cli, enum waternet_status status);

// The region that was asked for: --region, $WATERNET_REGION, or the only one there is. The caller
// frees it.
int answers_region(struct cli *cli, char **ret_region);
// The ids of all regions, with ", " between; the caller frees them.
int answers_regions(struct cli *cli, char **ret_known, size_t *ret_count);
// Which of several such regions is meant: asked for where the rest is asked for too, otherwise a
// problem.
int answers_choose_region(struct cli *cli, const char *known, char **ret_region);

// The next part of a list, where `from` (freed and set anew; NULL before the first and after the
// last) says where to go on.
int answers_list(struct cli *cli, const char *region, const char *kind, char **from,
                 json_t **ret_json);

// Where the next part of an answer begins; *from, which it replaces, is NULL after the last.
void answers_keep_next(const json_t *json, char **from);

// Any question as a JSON object, which is ended.
int answers_ask(struct cli *cli, json_t *request, const char *what, json_t **ret_json);
// The same, but with NULL where there is no such thing.
int answers_ask_perhaps(struct cli *cli, json_t *request, const char *what, json_t **ret_json);
// The same as answers_ask(), part by part until nothing is left: *ret_json is the first part with
// all of its list `name`.
int answers_gather(struct cli *cli, json_t *request, const char *name, const char *what,
                   json_t **ret_json);

// All event types, part by part. The caller ends *ret_types with json_decref().
int answers_types(struct cli *cli, json_t **ret_types);

#endif
