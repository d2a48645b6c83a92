/*
 * fold - finding words in text as people mean them: "pasen" finds "Pásen", "ijssel" finds "Ĳssel".
 *
 * Capitals and accents of Latin letters make no difference, nor whether an accent is a character of
 * its own. Other scripts are compared as they are.
 */
#ifndef DASHBOARD_FOLD_H
#define DASHBOARD_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#define FOLD_WORDS 8       // of a question; more are left out
#define FOLD_WORD_BYTES 64 // a longer word is cut

struct fold_words {
    char words[FOLD_WORDS][FOLD_WORD_BYTES + 4]; // folded
    size_t count;
};

// The words of a question, which white space parts.
void fold_read(struct fold_words *words, const char *question);

// Where a folded word stands in a text first, from `from` on: its bytes [*ret_begin, *ret_end).
bool fold_find(const char *text, size_t from, const char *word, size_t *ret_begin, size_t *ret_end);

#endif
