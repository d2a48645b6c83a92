#include "clients/words/euros.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 15 // of whole euros; with cents that fits

char *euros_text(int64_t cents)
{
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    char *text = NULL;
    bool made = asprintf(&text, "%s%llu.%02llu", cents < 0 ? "-" : "",
                         (unsigned long long)(size / 100), (unsigned long long)(size % 100)) >= 0;
    assert(made); // half an amount would be another
    return text;
}

bool euros_read(const char *text, uint64_t *ret_cents)
{
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    uint64_t cents = 0;
    if (whole == 0 || whole > DIGITS_MAX) {
        return false;
    }
    if (*rest == '.' || *rest == ',') {
        rest++;
        size_t digits = strspn(rest, "0123456789");
        if (digits == 0 || digits > 2 || rest[digits] != '\0') {
            return false;
        }
        cents = (uint64_t)(rest[0] - '0') * 10 + (digits == 2 ? (uint64_t)(rest[1] - '0') : 0);
    } else if (*rest != '\0') {
        return false;
    }
    uint64_t euros = 0;
    for (size_t i = 0; i < whole; i++) {
        euros = euros * 10 + (uint64_t)(text[i] - '0');
    }
    *ret_cents = euros * 100 + cents;
    return true;
}
