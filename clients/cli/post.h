/*
 * post - an event on its way to the daemon: made, asked for, posted.
 */
#ifndef CLI_POST_H
#define CLI_POST_H

#include "clients/cli/cli.h"

#define POST_TRIES 3 // a post that gets no answer is repeated: with the same id that is safe

// Posts events (see waternet_post), again if no answer came.
enum waternet_status post_events(struct cli *cli, const char *const *events, size_t count,
                                 bool dry_run, struct waternet_answer **ret_answer);

// The id that an event names as what it corrects; NULL if it has a number, or corrects nothing.
// Lent from the event.
const char *post_corrects(const json_t *event);
// Puts the number of the event of that id in its place. Returns 0, or the exit code after having
// said what is wrong.
int post_resolve(struct cli *cli, json_t *event);

// A CloudEvent of a type about an entity, with --id or a new id. Takes over data; the caller ends
// it.
json_t *post_begin(struct cli *cli, const char *type, const char *path, json_t *data);
// Posts it, or judges it only with --dry-run, and hands out the answer, which the caller ends.
// Returns 0, or the exit code after having said what is wrong.
int post_send(struct cli *cli, const char *type, const json_t *event, json_t **ret_answer);
// The receipt in such an answer; lent.
const json_t *post_receipt(const json_t *answer);
// Tells what came of it: a line, or with --json the answer.
void post_print(struct cli *cli, const char *type, const json_t *event, const json_t *answer);

// Asks on the terminal for every field of the event that its type has, and at the end whether to
// post it. Returns 0 if it is to be posted.
int ask_event(struct cli *cli, json_t *event);
// Asks for one line; false at the end of the input. The caller frees it.
bool ask_line(const char *question, char **ret_line);

#endif
