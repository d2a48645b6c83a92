/*
 * rebuild - the tables ids, entities and heads anew from the log.
 *
 * The log is the truth; the tables follow from it through apply.c. Where a store was written by a
 * program with another APPLY_VERSION they are made again, once, before anything is answered. It is
 * done in batches; a crash on the way leaves them without a version, and the next start begins
 * anew.
 */
#ifndef DAEMON_REBUILD_H
#define DAEMON_REBUILD_H

#include "daemon/support/store.h"

// Whether the tables are of another version than this program's.
bool rebuild_is_due(struct store *store);

// Rebuilds them. STATUS_CORRUPT if the log holds what is no event.
enum status rebuild_tables(struct store *store) MUST_CHECK;

#endif
