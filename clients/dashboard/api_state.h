/*
 * api_state - entities, what is needed next and what is not known: as it stands from the copy, as
 * it stood from the daemon.
 */
#ifndef DASHBOARD_API_STATE_H
#define DASHBOARD_API_STATE_H

#include "clients/dashboard/api.h"

// The kind that the path names in the plural; KIND_NONE if there is none, or it may not be shown.
enum kind api_kind(const struct api_call *call);

#endif
