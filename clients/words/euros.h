/*
 * euros - amounts of money as people read and type them. Inside they are cents, always.
 */
#ifndef WORDS_EUROS_H
#define WORDS_EUROS_H

#include <stdbool.h>
#include <stdint.h>

// "1234.56", with a minus before less than nothing. The caller frees it.
char *euros_text(int64_t cents);
// Cents from "1234", "1234.5" or "1234,56". Three digits behind the point are none: whether they
// are thousands nobody can tell. False if it is no amount.
bool euros_read(const char *text, uint64_t *ret_cents);

#endif
