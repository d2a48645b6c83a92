#include "daemon/admission.h"

#include "daemon/support/zap.h"

static bool is_admitted(struct query *query, struct bytes user)
{
    static struct identity identity; // of this thread alone; too large for the stack of a loop
    struct txn txn = store_begin_read(query->store);
    struct made_records made = {0};
    const struct view view = {&txn, UINT64_MAX, &made, 0};
    identity_read(&view, user, query->local, &identity);
    // What cannot be read lets nobody in.
    bool admitted = txn.status == STATUS_OK && identity_is_let_in(&identity);
    made_records_finish(&made);
    store_abort(&txn);
    return admitted;
}

void admission_answer(struct query *query)
{
    struct zap_question question;
    while (query->zap != NULL && zap_next(query->zap, &question)) {
        bool admitted = question.user[0] != '\0' && is_admitted(query, bytes_of(question.user));
        query->counters->denied += !admitted;
        zap_answer(query->zap, &question, admitted);
    }
}
