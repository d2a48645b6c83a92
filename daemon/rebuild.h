/*
 * rebuild - the tables ids, entities and heads anew from the log.
 *
 * The log is the truth; the tables follow from it through apply.c. Where a store was written by a
 * program with another APPLY_VERSION they are made again, once, before anything is answered: all of
 * it in one transaction, so that a crash on the way leaves the old ones.
 */
#ifndef DAEMON_REBUILD_H
#define DAEMON_REBUILD_H

#include "daemon/support/store.h"

// Whether the tables are of another version than this program's.
bool rebuild_is_due(struct store *store);

// Rebuilds them. STATUS_CORRUPT if the log holds what is no event; nothing is changed then.
enum status rebuild_tables(struct store *store) MUST_CHECK;

#endif
