/*
 * cursors: the named cursors in the order of their names, and how far and how long each is behind.
 */
#include "daemon/cursor.h"
#include "daemon/query_answers.h"

#include "daemon/support/clock.h"

#include "proto/topic.h"

// What a cursor has not dealt with yet.
struct behind {
    uint64_t events; // at most BEHIND_EVENTS_MAX, but for a cursor of the whole log
    bool more;       // there are more than were counted
    uint64_t since;  // when the oldest of those counted was recorded; 0 if there is none
};

static uint64_t time_of(const struct view *view, uint64_t seq)
{
    struct event event;
    return view_event(view, seq, &event) ? event.time : 0;
}

// Every event knows the one before it at each level: from the newest back to the position.
static struct behind count_behind(const struct view *view, const struct prefix *prefix,
                                  uint64_t position)
{
    struct behind behind = {0};
    struct event event;
    if (prefix->level == LEVEL_LOG) {
        behind.events = view->position - position;
        behind.since = behind.events > 0 ? time_of(view, position + 1) : 0;
        return behind;
    }
    uint64_t seq = view_head(view, prefix->region, prefix->kind, prefix->entity);
    while (seq > position && behind.events < BEHIND_EVENTS_MAX && view_event(view, seq, &event)) {
        behind.events++;
        behind.since = event.time;
        seq = prefix_prev(prefix, &event);
    }
    behind.more = seq > position;
    return behind;
}

static void write_cursor(struct question *question, struct bytes name, const struct cursor *cursor)
{
    struct wire_writer *writer = &question->writer;
    struct prefix prefix;
    struct behind behind = {0};
    if (prefix_read(cursor->prefix, &prefix)) { // it was, when it was set
        behind = count_behind(&question->view, &prefix, cursor->position);
    }
    wire_put_map(writer, CURSOR_FIELDS + 1u + behind.more + (behind.since > 0));
    cursor_write(writer, name, cursor);
    wire_pair_uint(writer, "behind", behind.events);
    if (behind.more) {
        wire_put_text(writer, bytes_of("more"));
        wire_put_flag(writer, true);
    }
    if (behind.since > 0) {
        wire_pair_uint(writer, "since", behind.since);
    }
}

// One by its name.
static void answer_one(struct question *question)
{
    struct bytes name = question->request.name;
    struct bytes row = store_get(question->txn, TABLE_CURSORS, name);
    struct cursor cursor;
    if (row.size == 0) {
        fault_begin(question->faults, STATUS_NOT_FOUND, 0, "name");
        fault_found(question->faults, "there is no cursor \"%.*s\"", BYTES_PRINT(name));
        fault_accepted(question->faults, "one that was set; cursors without a name tells of all");
    } else if (!cursor_decode(row, &cursor)) {
        store_fail(question->txn, STATUS_CORRUPT, "a cursor that we wrote does not decode");
    } else {
        answer_begin(&question->writer, question->request.number, STATUS_OK, 2);
        wire_pair_uint(&question->writer, "head", question->head.seq);
        wire_put_text(&question->writer, bytes_of("cursors"));
        wire_put_list(&question->writer, 1);
        write_cursor(question, name, &cursor);
    }
}

#define CURSOR_BYTES_MAX (TOPIC_MAX + 2 * ID_MAX + 128)

// The cursors that fit an answer and its time. They are counted before they are written.
void answer_cursors(struct question *question)
{
    if (question->request.name.size > 0) {
        answer_one(question);
        return;
    }
    struct bytes names[ANSWER_BYTES_MAX / CURSOR_BYTES_MAX], next = {0}, row;
    struct cursor cursors[ANSWER_BYTES_MAX / CURSOR_BYTES_MAX];
    const size_t most = question_budget(question) / CURSOR_BYTES_MAX;
    struct walk walk = store_walk(question->txn, TABLE_CURSORS, question->request.from);
    uint32_t count = 0;
    while (next.size == 0 && walk_next(&walk, &names[count], &row)) {
        if (count + 1 >= most) {
            next = names[count];
        } else if (cursor_decode(row, &cursors[count])) {
            count++;
        } else {
            store_fail(question->txn, STATUS_CORRUPT, "a cursor that we wrote does not decode");
        }
    }
    walk_close(&walk);
    answer_begin(&question->writer, question->request.number, STATUS_OK, 2u + (next.size > 0));
    wire_pair_uint(&question->writer, "head", question->head.seq);
    wire_put_text(&question->writer, bytes_of("cursors"));
    wire_put_list(&question->writer, count);
    for (uint32_t i = 0; i < count; i++) {
        write_cursor(question, names[i], &cursors[i]);
    }
    if (next.size > 0) {
        wire_pair_text(&question->writer, "next", next);
    }
}
