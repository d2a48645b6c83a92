/*
 * api_accept - which form of an answer a client likes best, by its header Accept (RFC
 * 9110, 12.5.1).
 */
#ifndef DASHBOARD_API_ACCEPT_H
#define DASHBOARD_API_ACCEPT_H

#include "clients/dashboard/api.h"

// Of the media (bits); without a header, or where it likes several as much, the first of
// api_media.def. MEDIA_COUNT: none of them.
enum api_media api_accept(unsigned media, const char *accept);

#endif
