/*
 * cursor - how far a follower has got, kept under a name: the row of the table cursors.
 *
 *     name -> {prefix, position, time, owner}
 *
 * Everything of the prefix up to the position has been dealt with. A cursor is no event: it is not
 * in the log, not on the feed, and only its newest state is kept. It is judged and committed in the
 * turn like a post, so what was answered is on disk. The organisation that set it first owns it;
 * others, but for operators, leave it alone.
 */
#ifndef DAEMON_CURSOR_H
#define DAEMON_CURSOR_H

#include "daemon/turn.h"

// Lent from the row.
struct cursor {
    struct bytes prefix, owner;
    uint64_t position, time;
};

// False if the row is none: then it was damaged.
bool cursor_decode(struct bytes row, struct cursor *ret_cursor) MUST_CHECK;

// Judges a request of the turn and writes its answer. What it changes is staged in txn.
void cursor_judge(struct turn *turn, struct txn *txn, struct turn_request *slot);

// The fields of a cursor into a map that was begun: name, prefix, position, time, owner.
#define CURSOR_FIELDS 5
void cursor_write(struct wire_writer *writer, struct bytes name, const struct cursor *cursor);

#endif
