#include "daemon/query.h"

#include "daemon/admission.h"
#include "daemon/query_answers.h"
#include "daemon/support/clock.h"
#include "daemon/support/fail.h"

#include "proto/schema.h"

#include <assert.h>

// By the rows of requests.def: a row of the query socket that is not here does not compile.
static void (*answer_of(enum request_number number))(struct question *)
{
    switch (number) {
    case REQUEST_HELLO:
        return answer_hello;
    case REQUEST_GET:
        return answer_get;
    case REQUEST_LIST:
        return answer_list;
    case REQUEST_READ:
        return answer_read;
    case REQUEST_FIND:
        return answer_find;
    case REQUEST_TYPES:
        return answer_types;
    case REQUEST_STATUS:
        return answer_status;
    case REQUEST_NEXT:
        return answer_next;
    case REQUEST_GAPS:
        return answer_gaps;
    case REQUEST_INBOX:
        return answer_inbox;
    case REQUEST_WHOAMI:
        return answer_whoami;
    case REQUEST_CAN:
        return answer_can;
    case REQUEST_PRIVATE:
        return answer_private;
    case REQUEST_CURSORS:
        return answer_cursors;
    case REQUEST_HISTORY:
        return answer_history;
    case REQUEST_NONE:
    case REQUEST_CURSOR:
    case REQUEST_POST:
        break;
    }
    assert(false); // request_read() lets none of the other socket through
    return NULL;
}

static void refuse(struct query *query, struct question *question, enum status status)
{
    const struct faults *faults = query->faults.count > 0 ? &query->faults : NULL;
    question->writer = wire_write(query->answer_room, sizeof(query->answer_room));
    answer_refuse(&question->writer, question->request.number, status, faults, -1);
}

// Of one entity as it was on that day more stands together than a record may hold.
static void tell_too_large(struct query *query)
{
    faults_clear(&query->faults); // what was said of it does not hold
    fault_begin(&query->faults, STATUS_TOO_BIG, 0, "on");
    fault_found(&query->faults, "more stands together on that day than a record holds");
    fault_accepted(&query->faults, "another day; or read, which gives the events themselves");
}

static void answer_question(struct query *query, struct question *question, struct bytes user)
{
    struct txn txn = store_begin_read(query->store);
    question->txn = &txn;
    store_get_head(&txn, &question->head);
    const struct request *request = &question->request;
    question->view = (struct view){&txn, question->head.seq, &question->made, 0};
    if (request->has_at && request->at < question->head.seq) {
        question->view.position = request->at;
    }
    question->view.day = request->on.size > 0 ? schema_last_day(request->on) : 0;
    question->deadline_ms = clock_monotonic_ms() + ANSWER_MS_MAX;
    // Who asks is judged by today's registry, whatever day is asked for.
    const struct view today = {&txn, question->head.seq, &question->made, 0};
    identity_read(&today, user, query->local, &query->identity);
    if (txn.status == STATUS_OK && identity_asks(&query->identity, &request->as, &query->faults)) {
        answer_of(question->request.row->number)(question);
    }
    if (question->made.too_large) {
        tell_too_large(query);
    }
    enum status status = txn.status != STATUS_OK ? txn.status : faults_status(&query->faults);
    if (txn.status != STATUS_OK) {
        query->counters->unread_status = txn.status;
        query->counters->unread++;
    }
    made_records_finish(&question->made);
    store_abort(&txn);
    if (status == STATUS_OK && question->writer.overflow) {
        status = STATUS_TOO_BIG;
    }
    if (status != STATUS_OK) {
        refuse(query, question, status);
    }
}

static void take_question(struct query *query, struct incoming *incoming)
{
    struct question question = {.query = query, .faults = &query->faults};
    struct frame answer;
    faults_clear(&query->faults);
    question.writer = wire_write(query->answer_room, sizeof(query->answer_room));
    if (request_read(frame_bytes(&incoming->body), SOCKET_QUERY, &query->faults,
                     &question.request)) {
        answer_question(query, &question, incoming->user);
    } else {
        refuse(query, &question, faults_status(&query->faults));
    }
    struct bytes written = wire_written(&question.writer);
    memcpy(frame_create(&answer, written.size), written.data, written.size);
    frame_close(&incoming->body);
    if (!socket_answer(query->socket, &incoming->from, &answer)) {
        query->counters->unroutable++;
    }
    query->counters->questions++;
}

// What a test needs to see that nobody gets in where no handler answers.
static void lose_zap(struct query *query)
{
    if (FAIL_POINT(zap) != 0) {
        socket_close(&query->zap);
    }
}

static void *run(void *data)
{
    struct query *query = data;
    struct readiness ready = {0};
    while (!ready.interrupted) {
        struct incoming incoming;
        void *const waited[WAIT_SOCKETS_MAX] = {query->socket, query->zap};
        ready = sockets_wait(waited, -1, 1000);
        query->counters->query_alive++;
        admission_answer(query);
        while (ready.sockets[0] && socket_receive(query->socket, &incoming)) {
            take_question(query, &incoming);
            query->counters->query_alive++;
            admission_answer(query); // nobody waits for more than one answer to be let in
        }
        lose_zap(query);
    }
    socket_close(&query->socket);
    socket_close(&query->zap);
    return NULL;
}

enum status query_start(struct query *query)
{
    query->started_ms = clock_monotonic_ms();
    query->running = pthread_create(&query->thread, NULL, run, query) == 0;
    return query->running ? STATUS_OK : STATUS_FAILED;
}

void query_join(struct query *query)
{
    if (query->running) {
        (void)pthread_join(query->thread, NULL); // fails only for what is no thread
        query->running = false;
    }
    socket_close(&query->zap);
    socket_close(&query->socket); // where the thread never ran; otherwise it has done so
}
