/*
 * api_stream - events as CloudEvents over Server-Sent Events, from any place in the log on, without
 * a hole.
 *
 *     log (asked part by part) -> recent events -> what happens
 *
 * A stream keeps no queue: it has a position, and takes the next events when its reader takes them.
 * So a slow reader costs nothing; one that takes nothing at all is cut off by the connection's
 * time, and goes on with Last-Event-ID where it was. Each message's id is a position; so is that of
 * the empty message that comes now and then, so that a quiet level does not fall behind.
 */
#ifndef DASHBOARD_API_STREAM_H
#define DASHBOARD_API_STREAM_H

#include "clients/dashboard/api.h"

// Opens the stream of a request; false with the problem set, or without memory.
bool api_stream_open(struct api_call *call);

#endif
