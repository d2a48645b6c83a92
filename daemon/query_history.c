/*
 * history: the events of one entity, the newest first. Each event knows the one before it, so that
 * an answer costs what it holds, however long the thread and the log are.
 */
#include "daemon/query_answers.h"

#include "daemon/support/clock.h"

#include <stdio.h>

struct thread {
    struct wire_writer writer; // the events, encoded one behind the other
    uint32_t count;
    uint64_t next; // the event where it goes on, 0 at the end
};

static bool is_of(const struct event *event, struct bytes path)
{
    char room[PATH_MAX_BYTES + 1];
    int size = snprintf(room, sizeof(room), "%.*s/%.*s", BYTES_PRINT(event->region),
                        BYTES_PRINT(event->subject));
    return size >= 0 && bytes_equal((struct bytes){room, (size_t)size}, path);
}

// Where to begin: at `until`, which the answer before gave, or with any other number at the newest.
static uint64_t begin_at(const struct question *question, const struct view *whole,
                         struct bytes path, uint64_t newest)
{
    uint64_t until = question->request.until;
    struct event event;
    bool goes_on = question->request.has_until && until < newest &&
                   view_event(whole, until, &event) && is_of(&event, path);
    return goes_on ? until : newest;
}

static bool is_full(const struct question *question, const struct thread *thread, size_t size)
{
    uint64_t wanted = question->request.count;
    uint64_t most = wanted == 0 || wanted > READ_EVENTS_MAX ? READ_EVENTS_MAX : wanted;
    return thread->count == most ||
           (thread->count > 0 && thread->writer.size + size + 5 > question_budget(question));
}

// The bytes of the events that the view sees, as many as fit an answer and its time.
static void read_thread(struct question *question, const struct view *whole, struct thread *thread)
{
    uint64_t until = question->request.has_until ? question->request.until : UINT64_MAX;
    struct event event;
    struct hash leaf;
    struct bytes bytes;
    for (uint64_t looked = 0; view_event(whole, thread->next, &event); looked++) {
        if (looked > 0 && clock_monotonic_ms() > question->deadline_ms) {
            return;
        }
        if (event.seq <= until && view_sees(&question->view, &event)) {
            bool there = store_get_log(question->txn, event.seq, &leaf, &bytes);
            if (!there || is_full(question, thread, bytes.size)) {
                return;
            }
            wire_put_binary(&thread->writer, bytes);
            thread->count++;
        }
        thread->next = event.prev[2];
    }
}

void answer_history(struct question *question)
{
    static uint8_t room[ANSWER_BYTES_MAX + EVENT_BYTES_MAX]; // the query thread's own
    struct thread thread = {.writer = wire_write(room, sizeof(room))};
    const struct view whole = {question->txn, UINT64_MAX, &question->made, 0};
    const struct request *request = &question->request;
    char path_room[PATH_MAX_BYTES + 1];
    struct bytes path = question_path(question, path_room);
    if (path.size == 0) {
        return;
    }
    uint64_t newest =
        view_standing(&whole, request->region, kind_find(request->kind), request->entity).version;
    if (newest == 0) {
        question_lacks(question, path);
        return;
    }
    thread.next = begin_at(question, &whole, path, newest);
    read_thread(question, &whole, &thread);
    answer_begin(&question->writer, request->number, STATUS_OK, 4u + (thread.next > 0));
    wire_pair_uint(&question->writer, "head", question->head.seq);
    wire_pair_uint(&question->writer, "position", question->view.position);
    wire_put_text(&question->writer, bytes_of("events"));
    wire_put_list(&question->writer, thread.count);
    wire_put_raw(&question->writer, wire_written(&thread.writer));
    wire_put_text(&question->writer, bytes_of("done"));
    wire_put_flag(&question->writer, thread.next == 0);
    if (thread.next > 0) {
        wire_pair_uint(&question->writer, "until", thread.next);
    }
}
