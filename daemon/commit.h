/*
 * commit - step 3 of 4: make what was judged durable.
 *
 *     accept -> check -> [commit] -> publish
 *
 * The only appender of the log. An event, its id, its entity and the heads of its levels are
 * written in one LMDB transaction, so a reader sees all or nothing. Nobody hears "done", and no
 * subscriber hears anything, before store_commit() has returned STATUS_OK.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include "daemon/turn.h"

// Gives the event its number, time and prev, encodes it (the only time), and stages it in txn with
// the entity it leads to. turn->head follows. dry: the private part is not written, and the event's
// bytes are kept for the answer. False if the event or its entity is too large: nothing was staged.
bool commit_stage(struct turn *turn, struct txn *txn, const struct entity *before,
                  struct event *event, bool dry) MUST_CHECK;

// Takes back what a child transaction that was aborted had staged.
void commit_unstage(struct turn *turn, struct store *store, const struct log_head *head,
                    uint64_t private_seq);

// Writes what follows from an event: its id, its entity and the heads of its levels, which stood as
// before and heads say. Also how the tables are rebuilt from a log: they then come out to the byte
// as they were. False as in commit_stage().
bool commit_tables(struct txn *txn, const struct heads *heads, const struct entity *before,
                   const struct event *event, uint8_t entity_room[ENTITY_BYTES_MAX]) MUST_CHECK;

// The same, and the encoded event itself as the next row of the log.
bool commit_event(struct txn *txn, struct log_head *head, const struct heads *heads,
                  const struct entity *before, const struct event *event, struct bytes encoded,
                  uint8_t entity_room[ENTITY_BYTES_MAX]) MUST_CHECK;

// Ends the turn's transaction: the tree, the private parts' directory, one sync. On STATUS_OK *head
// is where the log now stands. STATUS_STORAGE_FULL: nothing of the turn is stored. Anything else:
// the outcome is unknown and the process must end.
enum status commit_turn(struct turn *turn, struct txn *txn, struct log_head *head) MUST_CHECK;

#endif
