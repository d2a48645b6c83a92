/*
 * complete_live - names that a running daemon knows, for who types them; see complete.h.
 */
#ifndef CLI_COMPLETE_LIVE_H
#define CLI_COMPLETE_LIVE_H

#include "clients/cli/flags.h"
#include "clients/cli/options.h"

struct completing {
    struct cli *cli;
    const char *typed;           // the word at the end, so far
    const struct option *option; // whose value that is; NULL if it is none
    const struct flag *flag;
    bool asked; // the daemon, or tried to
};

// Prints before, word and behind as one, if it begins with what was typed.
void live_offer(struct completing *completing, const char *before, const char *word,
                const char *behind);
// The entities of a region (NULL: all) and kind, by their path from its depth-th part on.
void live_entities(struct completing *completing, const char *region, const char *kind,
                   unsigned depth, const char *before, const char *behind);
// The names of a kind's entities in the region that was said, or in all; before stands before the
// name in the same word.
void live_names(struct completing *completing, enum kind kind, const char *before);
void live_cursors(struct completing *completing);
// The answer to a question; NULL if none comes in time. The caller ends it.
json_t *live_ask(struct completing *completing, const char *request);

#endif
