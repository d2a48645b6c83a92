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
    struct view view;
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

// The largest answer a request wants: its `bytes`, never more than ANSWER_BYTES_MAX.
size_t question_budget(const struct question *question);

#endif
