/*
 * texts - what people read, in Dutch and in English: texts.def, one row a text.
 */
#ifndef DASHBOARD_TEXTS_H
#define DASHBOARD_TEXTS_H

#include "clients/dashboard/html.h"
#include "clients/words/words.h"

enum text {
#define TEXT(NAME, nl, en) TEXT_##NAME,
#include "clients/dashboard/texts.def"
#undef TEXT
    TEXT_COUNT
};

const char *texts_of(enum language language, enum text text);

// The text, escaped.
void texts_put(struct html *html, enum language language, enum text text);
// The same with {1}, {2} ... replaced by the arguments, escaped too; NULL after the last.
__attribute__((sentinel)) void texts_fill(struct html *html, enum language language, enum text text,
                                          ...);

#endif
