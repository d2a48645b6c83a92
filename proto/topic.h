/*
 * topic - the four levels at which one can subscribe and read.
 *
 *     /   /twente/   /twente/werkplaats/   /twente/werkplaats/rioolvervanging/
 *
 * Each ends with a slash, so that w1 never takes in w10. An event's topic is its path between
 * slashes with its type behind it; on the feed one frame is the topic, a newline, the event's
 * bytes. A heartbeat of prefix P has the topic "!" P, and a newline behind it too.
 */
#ifndef PROTO_TOPIC_H
#define PROTO_TOPIC_H

#include "proto/event.h"

enum level { LEVEL_LOG, LEVEL_REGION, LEVEL_KIND, LEVEL_ENTITY };

// A prefix and its parts; the parts below the level are empty. Lent from the text it was read from.
struct prefix {
    enum level level;
    struct bytes text;
    struct bytes region, kind, entity;
};

// False if the text is none of the four levels with well-formed names.
bool prefix_read(struct bytes text, struct prefix *ret_prefix);

bool prefix_has(const struct prefix *prefix, const struct event *event);

// The sequence number of the event before this one at the prefix's level; 0 if none.
uint64_t prefix_prev(const struct prefix *prefix, const struct event *event);

#endif
