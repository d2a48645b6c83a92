/*
 * offline - work on a data directory without the daemon, or beside it, in a process of its own.
 * What reads is read-only.
 *
 *     offline.c   what they share     dump.c      the log as an export
 *     verify.c    whether it holds    restore.c   a new directory from an export
 *     replay.c    an event laid upon the tables of those before it
 */
#ifndef DAEMON_OFFLINE_H
#define DAEMON_OFFLINE_H

#include "daemon/support/store.h"

// What was typed behind the command: as many words as its row says, and whether its flag was among
// them.
struct offline_arguments {
    const char *words[2];
    bool flagged;
    const char *scratch; // of verify: a directory that is thrown away
};

// `waternetd verify DIR [--guards]`: every leaf hash, the order, prev, ids, the tree's root against
// the store and HEAD, and all tables against those that a replay of the log from empty gives.
// Prints a line a finding, and at the end one line. With --guards also a line for each thing that
// today's rules would refuse of an event at its place, which is no finding. Returns what to exit
// with: 8 if something does not verify.
int offline_verify(const struct offline_arguments *arguments);

// `waternetd dump DIR`: the log on stdout, as proto/export.h has it. Of an event that does not
// match its hash the line says so; then, or where the log is not the stored tree's, there is no
// last line, and it returns 8.
int offline_dump(const struct offline_arguments *arguments);

// `waternetd restore FROM TO [--keep-log-id]`: a new data directory from an export, "-" for stdin.
// All of it is made in TO.new, which takes its name TO only when everything holds. Returns 8 if it
// does not, after one line that says where; TO is then as it was.
int offline_restore(const struct offline_arguments *arguments);

// Opens for reading, and says what is wrong. Returns 0 or what to exit with.
int offline_open(struct store *store, const char *dir);

// Runs work in a child. LMDB trusts the pages of a file; damaged ones can end the process that
// reads them, and a child that was ended is an answer too.
int offline_in_child(int (*work)(const struct offline_arguments *arguments),
                     const struct offline_arguments *arguments);

// Removes a directory with all that is in it, what is named `last` there after all else; "" if the
// order does not matter. False if something stays.
bool offline_remove(const char *dir, const char *last);

#endif
