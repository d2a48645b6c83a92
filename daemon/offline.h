/*
 * offline - work on a data directory without the daemon, or beside it: read-only, its own process.
 */
#ifndef DAEMON_OFFLINE_H
#define DAEMON_OFFLINE_H

// `waternetd verify DIR`: every leaf hash, the order, prev, ids, the tree's root against the store
// and HEAD, and all tables against those that a replay of the log from empty gives. Prints a line a
// finding, and at the end one line. Returns what to exit with: 8 if something does not verify.
int offline_verify(const char *dir);

// `waternetd dump DIR`: a line of JSON an event on stdout: {"seq", "id", "hash", "event"}, where
// event is the CloudEvent. Returns 8 if an event does not match its hash; the line says so.
int offline_dump(const char *dir);

#endif
