/*
 * search - which entities of the copy have all words of a question.
 *
 * Straight through the texts: the copy is in memory, and a whole country's is read in some
 * milliseconds. What is for members is not in the copy of the public.
 */
#ifndef DASHBOARD_SEARCH_H
#define DASHBOARD_SEARCH_H

#include "clients/dashboard/copy.h"
#include "clients/dashboard/fold.h"

#define SEARCH_SHOWN 20 // of a kind

struct search_hit {
    const char *region, *id; // lent from the copy
    const json_t *record;
    const char *where; // the text to show around a word; NULL: only the name has them
    bool in_name;      // all words stand in its name
    uint64_t version;
};

struct search_kind {
    struct search_hit hits[SEARCH_SHOWN]; // the best first
    unsigned shown, found;
};

// The entities of one kind. No words: none.
void search_kind(const struct copy *copy, enum kind kind, const struct fold_words *words,
                 struct search_kind *ret_found);

#endif
