/*
 * embedded - files of the sources that are part of the program, closed by a zero.
 */
#ifndef DASHBOARD_EMBEDDED_H
#define DASHBOARD_EMBEDDED_H

#define EMBED(NAME, file) extern const char embedded_##NAME[];
#include "clients/dashboard/embedded.def"
#undef EMBED

#endif
