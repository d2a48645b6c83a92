// A follower's cursor in the daemon: found or made at the beginning, and moved along.
#include "clients/lib/follow.h"

#include "proto/schema.h"

// An answer is given this long, then twice as long each time, up to the connection's timeout: the
// daemon may have been killed with our request, and asking for the same again is harmless.
#define FIRST_ANSWER_MS 1000

// Moving ----------------------------------------------------------------------------------------

static bool is_behind(const struct cursor *cursor)
{
    return cursor->is_new || cursor->done > cursor->kept;
}

// The next try is on a new socket, so that no late answer is taken for one to it.
static void give_up(struct waternet_follower *follower)
{
    struct cursor *cursor = &follower->cursor;
    follow_close_link(follower, &cursor->link);
    cursor->number = 0;
    cursor->wait_ms *= 2;
    if (cursor->wait_ms > follower->connection->timeout_ms) {
        cursor->wait_ms = follower->connection->timeout_ms;
    }
}

static bool send_position(struct waternet_follower *follower, uint64_t number)
{
    uint8_t room[512 + TOPIC_MAX];
    struct cursor *cursor = &follower->cursor;
    struct waternet *connection = follower->connection;
    if (cursor->link.sock == NULL) {
        if (link_open(&cursor->link, &connection->address, LINK_COMMAND, LINK_RECONNECTS) !=
                STATUS_OK ||
            !follow_watch(follower, &cursor->link)) {
            return false;
        }
    }
    struct wire_writer request =
        ask_begin(room, sizeof(room), &connection->as, number, "cursor", 3 + cursor->is_new);
    wire_pair_text(&request, "name", bytes_of(cursor->name));
    if (cursor->is_new) { // later moves do not say it, so that one that was removed stays so
        wire_pair_text(&request, "prefix", follower->prefix.text);
    }
    wire_pair_uint(&request, "position", cursor->done);
    wire_pair_text(&request, "log", bytes_of(follower->position.log));
    return link_send(&cursor->link, wire_written(&request));
}

static void ask_move(struct waternet_follower *follower)
{
    struct cursor *cursor = &follower->cursor;
    uint64_t number = ++follower->connection->number;
    cursor->deadline_ms = clock_ms() + cursor->wait_ms;
    if (send_position(follower, number)) {
        cursor->number = number;
        cursor->asked = cursor->done;
    } else {
        give_up(follower);
    }
}

// What the daemon's answer means to the follower; STATUS_AGAIN: it passes.
static enum status judge(enum status status)
{
    switch (status) {
    case STATUS_FAILED:
    case STATUS_BUSY:
        return STATUS_AGAIN;
    case STATUS_CONFLICT: // the log has not come as far as what was finished
        return STATUS_STALE;
    case STATUS_MALFORMED: // no prefix: so there is no cursor of this name any more
        return STATUS_NOT_FOUND;
    case STATUS_OK:
    case STATUS_AGAIN:
    case STATUS_TOO_BIG:
    case STATUS_PROTOCOL:
    case STATUS_NOT_FOUND:
    case STATUS_NOT_ALLOWED:
    case STATUS_REFUSED:
    case STATUS_STALE:
    case STATUS_CORRUPT:
    case STATUS_NO_ANSWER:
    case STATUS_CLOCK:
    case STATUS_STORAGE_LOW:
    case STATUS_STORAGE_FULL:
    case STATUS_STORAGE_LOCKED:
    case STATUS_POLICY:
        break;
    }
    return status;
}

static enum status take_answer(struct waternet_follower *follower, struct bytes answer)
{
    struct cursor *cursor = &follower->cursor;
    if (answer_read_number(answer) != cursor->number) {
        return STATUS_OK;
    }
    cursor->number = 0;
    enum status status = answer_read_status(answer);
    if (status == STATUS_OK) {
        cursor->kept = cursor->asked;
        cursor->is_new = false;
        cursor->wait_ms = FIRST_ANSWER_MS;
        cursor->deadline_ms = 0;
        return STATUS_OK;
    }
    status = cursor->is_new && status == STATUS_MALFORMED ? status : judge(status);
    if (status == STATUS_AGAIN) {
        cursor->deadline_ms = clock_ms() + cursor->wait_ms;
        return STATUS_OK;
    }
    return status;
}

static enum status take_answers(struct waternet_follower *follower)
{
    struct cursor *cursor = &follower->cursor;
    zmq_msg_t *message = &follower->connection->received;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && link_receive(&cursor->link, message)) {
        if (cursor->number != 0) {
            status = take_answer(follower, message_bytes(message));
        }
    }
    return status;
}

enum status cursor_step(struct waternet_follower *follower)
{
    struct cursor *cursor = &follower->cursor;
    if (cursor->name[0] == '\0') {
        return STATUS_OK;
    }
    bool refused = (link_look(&cursor->link) & LINK_REFUSED) != 0;
    enum status status = cursor->number == 0 ? STATUS_OK : take_answers(follower);
    if (status != STATUS_OK || !is_behind(cursor)) {
        return status;
    }
    if (refused) {
        return connection_silent(follower->connection, &cursor->link);
    }
    int64_t now_ms = clock_ms();
    if (cursor->number != 0 && now_ms >= cursor->deadline_ms) {
        give_up(follower);
    }
    if (cursor->number == 0 && now_ms >= cursor->due_ms && now_ms >= cursor->deadline_ms) {
        ask_move(follower);
    }
    return cursor->lag_ms == 0 ? STATUS_AGAIN : STATUS_OK;
}

int64_t cursor_next_ms(const struct cursor *cursor)
{
    if (cursor->name[0] == '\0' || !is_behind(cursor)) {
        return INT64_MAX;
    }
    bool waits = cursor->number != 0 || cursor->deadline_ms > cursor->due_ms;
    return waits ? cursor->deadline_ms : cursor->due_ms;
}

// Beginning -------------------------------------------------------------------------------------

// *ret_found false: there is none of that name yet. STATUS_CONFLICT: it is one of another level.
static enum status find(struct waternet *connection, const char *level, const char *name,
                        uint64_t *ret_position, bool *ret_found)
{
    uint8_t room[512];
    uint64_t number = ++connection->number;
    struct wire_writer request =
        ask_begin(room, sizeof(room), &connection->as, number, "cursors", 1);
    wire_pair_text(&request, "name", bytes_of(name));
    struct bytes answer;
    enum status status = connection_ask(connection, &request, number, &answer);
    status = status == STATUS_OK ? answer_read_status(answer) : status;
    struct wire_value list, cursor;
    *ret_found = false;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (!wire_find(answer, "cursors", &list) || list.type != WIRE_LIST) {
        return STATUS_PROTOCOL;
    }
    struct wire_reader reader = wire_read(list.raw);
    (void)wire_next(&reader, &cursor); // checked: the list's header
    if (!wire_take(&reader, &cursor)) {
        return STATUS_PROTOCOL;
    }
    *ret_found = true;
    *ret_position = wire_find_number(cursor.raw, "position");
    return bytes_are(wire_find_text(cursor.raw, "prefix"), level) ? STATUS_OK : STATUS_CONFLICT;
}

enum waternet_status waternet_follow_cursor(struct waternet *connection, const char *level,
                                            const char *name, uint64_t after, int lag_ms,
                                            struct waternet_follower **ret_follower)
{
    bool found;
    *ret_follower = NULL;
    if (!schema_is_id(bytes_of(name))) {
        return WATERNET_MALFORMED;
    }
    enum status status = find(connection, level, name, &after, &found);
    if (status != STATUS_OK) {
        return (enum waternet_status)status;
    }
    enum waternet_status followed = waternet_follow(connection, level, after, ret_follower);
    if (followed != WATERNET_OK) {
        return followed;
    }
    struct waternet_follower *follower = *ret_follower;
    follower->cursor = (struct cursor){
        .is_new = !found,
        .lag_ms = lag_ms < 0 ? 0 : lag_ms,
        .done = follower->position.at,
        .kept = follower->position.at,
        .wait_ms = FIRST_ANSWER_MS,
    };
    memcpy(follower->cursor.name, name, strlen(name)); // it is an id, so it fits
    followed = waternet_follower_flush(follower);
    if (followed != WATERNET_OK) {
        follower->cursor.name[0] = '\0'; // closing would try once more
        waternet_follower_close(ret_follower);
    }
    return followed;
}

// The caller's side -----------------------------------------------------------------------------

enum waternet_status waternet_done(struct waternet_follower *follower,
                                   const struct waternet_event *event)
{
    struct cursor *cursor = &follower->cursor;
    if (cursor->name[0] == '\0' || event->seq > follower->position.at) {
        return WATERNET_MALFORMED;
    }
    if (follower->stage == STAGE_ENDED) {
        return (enum waternet_status)follower->ended;
    }
    if (event->seq <= cursor->done) {
        return WATERNET_OK;
    }
    int64_t now_ms = clock_ms();
    if (!is_behind(cursor)) {
        cursor->due_ms = now_ms + cursor->lag_ms;
    }
    cursor->done = event->seq;
    if (cursor->number == 0 && now_ms >= cursor->due_ms && now_ms >= cursor->deadline_ms) {
        ask_move(follower);
    }
    return WATERNET_OK;
}

enum waternet_status waternet_follower_flush(struct waternet_follower *follower)
{
    struct cursor *cursor = &follower->cursor;
    int64_t until_ms = clock_ms() + follower->connection->timeout_ms;
    cursor->due_ms = 0;
    while (follower->stage != STAGE_ENDED && cursor->name[0] != '\0' && is_behind(cursor)) {
        enum status status = cursor_step(follower);
        if (status != STATUS_OK && status != STATUS_AGAIN) {
            (void)follow_end(follower, status);
        } else if (clock_ms() >= until_ms || (cursor->link.sock == NULL && is_behind(cursor))) {
            return (enum waternet_status)connection_silent(follower->connection, &cursor->link);
        } else if (is_behind(cursor)) {
            int64_t next_ms = cursor_next_ms(cursor);
            link_wait(&cursor->link, next_ms < until_ms ? next_ms : until_ms);
        }
    }
    return follower->stage == STAGE_ENDED ? (enum waternet_status)follower->ended : WATERNET_OK;
}
