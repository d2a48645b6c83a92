/*
 * utf8 - one character of UTF-8 (RFC 3629).
 */
#ifndef DASHBOARD_UTF8_H
#define DASHBOARD_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_NONE UINT32_MAX

// The character that the text begins with, and how many bytes it takes. UTF8_NONE, of one byte, if
// it is none: broken off, longer than needed, a surrogate, or beyond U+10FFFF. size is above 0.
uint32_t utf8_read(const char *text, size_t size, size_t *ret_taken);

#endif
