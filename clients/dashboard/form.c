#include "clients/dashboard/form.h"

#include "clients/dashboard/utf8.h"

#include <string.h>

static int digit(char letter)
{
    return letter >= '0' && letter <= '9'   ? letter - '0'
           : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
           : letter >= 'A' && letter <= 'F' ? letter - 'A' + 10
                                            : -1;
}

// A name or a value, decoded into `to` and closed by a zero; NULL if it is broken, otherwise where
// the room goes on. A browser ends lines with \r\n.
static char *decode(const char *text, size_t size, char *to)
{
    for (size_t i = 0; i < size; i++) {
        char letter = text[i] == '+' ? ' ' : text[i];
        if (letter == '%') {
            int high = i + 2 < size ? digit(text[i + 1]) : -1;
            int low = high < 0 ? -1 : digit(text[i + 2]);
            if (low < 0) {
                return NULL;
            }
            letter = (char)(high * 16 + low);
            i += 2;
        }
        if (letter != '\r') {
            *to++ = letter;
        }
    }
    *to++ = '\0';
    return to;
}

// Nothing that a zero would cut, a terminal would obey, or that is not text.
static bool is_clean(const char *text, size_t size)
{
    size_t taken = 0;
    for (size_t i = 0; i < size; i += taken) {
        uint32_t number = utf8_read(text + i, size - i, &taken);
        bool control = number < 0x20 && number != '\n' && number != '\t';
        if (number == UTF8_NONE || control || (number >= 0x7f && number < 0xa0)) {
            return false;
        }
    }
    return true;
}

// "name=value" into the next row.
static bool take(struct sent_form *form, const char *pair, size_t size, char **room)
{
    const char *equals = memchr(pair, '=', size);
    size_t name_size = equals == NULL ? size : (size_t)(equals - pair);
    char *name = *room, *value = decode(pair, name_size, name);
    if (value == NULL || form->count == FORM_ROWS_MAX) {
        return false;
    }
    char *end =
        equals == NULL ? decode("", 0, value) : decode(equals + 1, size - name_size - 1, value);
    if (end == NULL || name[0] == '\0' || !is_clean(name, (size_t)(value - name) - 1) ||
        !is_clean(value, (size_t)(end - value) - 1)) {
        return false;
    }
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->rows[i].name, name) == 0) {
            return false;
        }
    }
    form->rows[form->count].name = name;
    form->rows[form->count++].value = value;
    *room = end;
    return true;
}

bool form_read(struct sent_form *form, const char *body, size_t size)
{
    char *room = form->room;
    form->count = 0;
    bool reads = size <= FORM_BYTES_MAX;
    for (size_t i = 0; reads && i < size;) {
        const char *end = memchr(body + i, '&', size - i);
        size_t pair = end == NULL ? size - i : (size_t)(end - body) - i;
        reads = pair == 0 || take(form, body + i, pair, &room);
        i += pair + 1;
    }
    form->count = reads ? form->count : 0;
    return reads;
}

bool form_put(struct sent_form *form, const char *name, const char *value)
{
    const char *last = form->count == 0 ? NULL : form->rows[form->count - 1].value;
    size_t used = last == NULL ? 0 : (size_t)(last - form->room) + strlen(last) + 1;
    if (form->count == FORM_ROWS_MAX || strlen(value) >= sizeof(form->room) - used) {
        return false;
    }
    char *to = form->room + used;
    form->rows[form->count].name = name;
    form->rows[form->count++].value = to;
    for (; *value != '\0'; value++) {
        if (*value != '\r') {
            *to++ = *value;
        }
    }
    *to = '\0';
    return is_clean(form->room + used, (size_t)(to - form->room) - used);
}

const char *form_get(const struct sent_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->rows[i].name, name) == 0) {
            return form->rows[i].value;
        }
    }
    return "";
}

char *form_trim(char *text)
{
    static const char space[] = " \t\n";
    text += strspn(text, space);
    size_t size = strlen(text);
    while (size > 0 && strchr(space, text[size - 1]) != NULL) {
        text[--size] = '\0';
    }
    return text;
}
