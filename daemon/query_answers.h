/*
 * query_answers - one function a question: what each request of the query socket is answered with.
 *
 * A function writes a whole answer into question->writer, or adds faults and leaves the rest to the
 * caller. It never logs and never waits.
 */
#ifndef DAEMON_QUERY_ANSWERS_H
#define DAEMON_QUERY_ANSWERS_H

#include "daemon/query.h"
#include "daemon/view.h"

struct question {
    struct query *query;
    struct request request;
    struct txn *txn;
    struct view view; // at the request's `at`, or now
    struct made_records made;
    struct log_head head; // at which it is answered
    uint64_t deadline_ms; // of ANSWER_MS_MAX, monotonic
    struct faults *faults;
    struct wire_writer writer;
};

void answer_hello(struct question *question);
void answer_get(struct question *question);
void answer_list(struct question *question);
void answer_read(struct question *question);
void answer_find(struct question *question);
void answer_types(struct question *question); // query_types.c
void answer_status(struct question *question);
void answer_next(struct question *question);  // query_next.c
void answer_gaps(struct question *question);  // query_gaps.c
void answer_inbox(struct question *question); // query_private.c
void answer_private(struct question *question);
void answer_whoami(struct question *question); // query_registry.c
void answer_can(struct question *question);
void answer_cursors(struct question *question); // query_cursors.c
void answer_history(struct question *question); // query_history.c

// Items of entities, gathered in the order of their paths (query_gather.c).
struct gathering {
    struct wire_writer writer; // the items, encoded one behind the other
    uint32_t count;
    char next[PATH_MAX_BYTES]; // where the next answer goes on
    size_t next_size;          // 0: the walk came to its end
};

// Answers with {head, position, name: [items], next?}: calls take for each entity of the region
// (empty: of all) and kind (KIND_NONE: of all), only the request's `entity` if it names one, from
// its `from` on, as the view sees it, until the answer is full. take writes the entity's items and
// counts them; those of one entity stay together.
void gather_answer(struct question *question, const char *name, struct bytes region, enum kind kind,
                   void (*take)(struct question *question, struct gathering *gathering,
                                struct bytes path, const struct entity *entity));

// Whether what is asked for by name is there, as the view sees it; an empty name is. Otherwise a
// fault NOT_FOUND says so.
bool question_knows(struct question *question, const char *field, enum kind kind,
                    struct bytes name);

// The path of the entity that is asked for, in the room; empty if there is no such kind, which a
// fault MALFORMED says.
struct bytes question_path(struct question *question, char room[PATH_MAX_BYTES + 1]);
// A fault NOT_FOUND: there is nothing at that path.
void question_lacks(struct question *question, struct bytes path);

// The largest answer a request wants: its `bytes`, never more than ANSWER_BYTES_MAX.
size_t question_budget(const struct question *question);

#endif
