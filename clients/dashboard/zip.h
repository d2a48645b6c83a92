/*
 * zip - gzip, for responses.
 */
#ifndef DASHBOARD_ZIP_H
#define DASHBOARD_ZIP_H

#include <stddef.h>

// The bytes in gzip, which the caller frees; NULL without memory.
char *zip_bytes(const char *data, size_t size, size_t *ret_size);

#endif
