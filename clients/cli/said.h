/*
 * said - what the daemon said in English, in the language of the locale.
 *
 * On the wire there is one language, so that programs and logs can compare. What people read is
 * translated here: words of the rows by their Dutch labels, sentences by said.def.
 */
#ifndef CLI_SAID_H
#define CLI_SAID_H

#include "proto/bytes.h"

#include <stdbool.h>

// Whether people read Dutch here.
bool said_in_dutch(void);

#define SAID_HOLES_MAX 6 // %s in one sentence

// What a sentence has in the places of a pattern's %s; it points into the sentence.
struct said_holes {
    unsigned count;
    struct bytes texts[SAID_HOLES_MAX];
};

// Whether it is a sentence of that pattern.
bool said_fits(const char *pattern, const char *sentence, struct said_holes *ret_holes);
// What a guard asks for, with its code: "every board agrees to its share (G5)"; of one that is not
// known here the code alone, "" of none. The caller frees it.
char *said_guard(long long guard);
// The sentence in the language of the locale. The caller frees it.
char *said_sentence(const char *sentence);
// A value of a field for people: of a field that takes one of a few words "uitvoering (execution)",
// what is typed in brackets; otherwise the value itself. The caller frees it.
char *said_value(const char *field, const char *value);
// The same where it is known which field it is.
struct field;
char *said_choice(const struct field *field, const char *word);
// The name of a field or column for people: "naam (name)". The caller frees it.
char *said_field(const char *field);
// One of a few words: "uitvoering (execution)". The caller frees it.
char *said_word(const char *label_nl, const char *word);

#endif
