#include "clients/dashboard/texts.h"

#include <stdarg.h>
#include <string.h>

#define ARGUMENTS_MAX 6

static const char *const rows[TEXT_COUNT][LANGUAGES] = {
#define TEXT(NAME, nl, en) [TEXT_##NAME] = {nl, en},
#include "clients/dashboard/texts.def"
#undef TEXT
};

const char *texts_of(enum language language, enum text text)
{
    return rows[text][language];
}

void texts_put(struct html *html, enum language language, enum text text)
{
    html_text(html, texts_of(language, text));
}

void texts_fill(struct html *html, enum language language, enum text text, ...)
{
    const char *arguments[ARGUMENTS_MAX] = {0}, *rest = texts_of(language, text);
    va_list list;
    va_start(list, text);
    for (int i = 0; i < ARGUMENTS_MAX; i++) {
        arguments[i] = va_arg(list, const char *);
        if (arguments[i] == NULL) {
            break;
        }
    }
    va_end(list);
    while (*rest != '\0') {
        size_t plain = strcspn(rest, "{");
        html_text_size(html, rest, plain);
        rest += plain;
        if (*rest == '{' && rest[1] >= '1' && rest[1] <= '0' + ARGUMENTS_MAX && rest[2] == '}') {
            html_text(html, arguments[rest[1] - '1']);
            rest += 3;
        } else if (*rest == '{') {
            html_text_size(html, rest++, 1);
        }
    }
}
