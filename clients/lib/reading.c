#include "clients/lib/follow.h"

void reading_forget(struct waternet_follower *follower)
{
    message_clear(&follower->unproved);
    follower->has_unproved = follower->has_answer = false;
    follower->events_left = 0;
    follower->number = 0;
}

// Asks for the events after a place, and behind it who answers: both are answered in their order,
// so what was read before this hello came from this log. The socket may have been connected anew,
// to a daemon with another one, without anybody noticing.
static bool ask_read(struct waternet_follower *follower, uint64_t after)
{
    uint8_t room[512 + TOPIC_MAX];
    const struct client_as *as = &follower->connection->as;
    uint64_t number = follower->connection->number + 1;
    follower->connection->number += 2;
    follower->number = number;
    follower->deadline_ms = clock_ms() + follower->connection->timeout_ms;

    struct wire_writer writer = ask_begin(room, sizeof(room), as, number, "read", 2);
    wire_pair_text(&writer, "prefix", follower->prefix.text);
    wire_pair_uint(&writer, "after", after);
    bool sent = link_send(&follower->query, wire_written(&writer));

    writer = ask_begin(room, sizeof(room), as, number + 1, "hello", 1);
    wire_pair_uint(&writer, "protocol", PROTOCOL_VERSION);
    return sent && link_send(&follower->query, wire_written(&writer));
}

enum move reading_start(struct waternet_follower *follower, bool is_repair)
{
    follower->stage = STAGE_READING;
    follower->is_repair = is_repair;
    follower->holes += is_repair;
    return ask_read(follower, follower->position.at) ? MOVE_ON : follow_give_up(follower);
}

// The daemon refuses to let the log be read: some of it passes, the rest is told to the caller.
static enum move refused(struct waternet_follower *follower, enum status status)
{
    switch (status) {
    case STATUS_FAILED:
    case STATUS_BUSY:
    case STATUS_AGAIN:
    case STATUS_NO_ANSWER:
    case STATUS_CLOCK:
    case STATUS_STORAGE_LOW:
    case STATUS_STORAGE_FULL:
    case STATUS_STORAGE_LOCKED:
        return follow_give_up(follower);
    case STATUS_OK:
    case STATUS_MALFORMED:
    case STATUS_TOO_BIG:
    case STATUS_PROTOCOL:
    case STATUS_NOT_FOUND:
    case STATUS_NOT_ALLOWED:
    case STATUS_CONFLICT:
    case STATUS_REFUSED:
    case STATUS_STALE:
    case STATUS_CORRUPT:
    case STATUS_POLICY:
        break;
    }
    return follow_end(follower, status);
}

// The answer that came with its proof becomes the one that is delivered, and the next is asked for,
// to be made while the caller works.
static enum move take_answer(struct waternet_follower *follower)
{
    (void)zmq_msg_move(&follower->answer, &follower->unproved); // both are messages
    follower->has_unproved = false;
    struct bytes answer = message_bytes(&follower->answer);
    struct wire_value events, after, done, list;
    enum status status = answer_read_status(answer);
    if (status != STATUS_OK) {
        return refused(follower, status);
    }
    bool is_sound = wire_find(answer, "events", &events) && events.type == WIRE_LIST &&
                    wire_find(answer, "after", &after) && after.type == WIRE_UINT &&
                    wire_find(answer, "done", &done) && done.type == WIRE_FLAG;
    if (!is_sound) {
        return follow_end(follower, STATUS_PROTOCOL);
    }
    follower->events = wire_read(events.raw);
    (void)wire_next(&follower->events, &list); // checked: the list's header
    follower->events_left = events.count;
    follower->read_to = after.number;
    follower->is_last = done.number != 0;
    follower->has_answer = true;
    if (follower->is_last) {
        follower->number = 0;
        return MOVE_ON;
    }
    if (after.number <= follower->position.at) {
        return follow_give_up(follower); // it gets nowhere: not asking again at once
    }
    return ask_read(follower, after.number) ? MOVE_ON : follow_give_up(follower);
}

static enum move take_hello(struct waternet_follower *follower, struct bytes answer)
{
    enum status status = answer_read_status(answer);
    if (status != STATUS_OK) {
        return refused(follower, status);
    }
    if (!position_holds(&follower->position, wire_find_text(answer, "log"),
                        wire_find_number(answer, "head"))) {
        return follow_end(follower, STATUS_STALE);
    }
    return follower->has_unproved ? take_answer(follower) : follow_give_up(follower);
}

static enum move next_of_log(struct waternet_follower *follower, struct waternet_event *ret_event)
{
    struct wire_value value;
    struct event event;
    follower->events_left--;
    if (!wire_take(&follower->events, &value) || value.type != WIRE_BINARY ||
        !follow_read_event(follower, value.bytes, &event)) {
        return follow_end(follower, STATUS_CORRUPT);
    }
    switch (
        position_event(&follower->position, prefix_prev(&follower->prefix, &event), event.seq)) {
    case STEP_FITS:
        follower->repaired += follower->is_repair;
        return follow_deliver(follower, &event, value.bytes, ret_event);
    case STEP_HOLE:
        return follow_end(follower, STATUS_CORRUPT); // the log is the truth, and it lacks an event
    case STEP_REPEAT:
    case STEP_BEHIND:
    case STEP_STALE:
        break;
    }
    return MOVE_ON;
}

enum move reading_step(struct waternet_follower *follower, struct waternet_event *ret_event)
{
    if (follower->events_left > 0) {
        return next_of_log(follower, ret_event);
    }
    if (follower->has_answer) {
        follower->has_answer = false;
        position_read_to(&follower->position, follower->read_to);
        if (follower->is_last) {
            return follow_start_live(follower);
        }
    }
    zmq_msg_t *message = &follower->unproved;
    if (follower->has_unproved) {
        message = &follower->frame;
    }
    if (!link_receive(&follower->query, message)) {
        return MOVE_WAIT;
    }
    struct bytes answer = message_bytes(message);
    uint64_t number = answer_read_number(answer);
    if (number != 0 && number == follower->number && !follower->has_unproved) {
        follower->has_unproved = true;
        return MOVE_ON;
    }
    if (number != 0 && number == follower->number + 1) {
        return take_hello(follower, answer);
    }
    return MOVE_ON; // to an older question
}
