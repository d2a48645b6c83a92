/*
 * form - what a browser sends when somebody sends a form: application/x-www-form-urlencoded, read
 * by ourselves (https://url.spec.whatwg.org/#application/x-www-form-urlencoded), bounded and
 * strict: what a browser would never send is no form.
 */
#ifndef DASHBOARD_FORM_H
#define DASHBOARD_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define FORM_ROWS_MAX 24
#define FORM_BYTES_MAX 32768 // of the body: a text of 8000 bytes, each escaped, and the rest

struct sent_form {
    struct {
        const char *name, *value; // in the room; UTF-8 without zeros, lines ended by \n
    } rows[FORM_ROWS_MAX];
    size_t count;
    char room[FORM_BYTES_MAX + 2 * FORM_ROWS_MAX + 1];
};

// False if it is none: too long or with too many fields, a name twice or empty, a broken escape, or
// what is not UTF-8 or holds a control character.
bool form_read(struct sent_form *form, const char *body, size_t size);
// A field that did not come as a form; its name is lent. False if there is no room, or the value
// would be in no form.
bool form_put(struct sent_form *form, const char *name, const char *value);
// "" if there is no such field. Lent as long as the form.
const char *form_get(const struct sent_form *form, const char *name);
// One line's worth: white space at both ends gone, in place; returns where it begins.
char *form_trim(char *text);

#endif
