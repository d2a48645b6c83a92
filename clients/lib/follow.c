#include "clients/lib/follow.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

// A new connection is given this long for its first heartbeat, which comes at once where all is
// well; then twice as long each time, up to HEARTBEAT_MISSED_MS.
#define FIRST_WAIT_MS 250

enum move follow_end(struct waternet_follower *follower, enum status status)
{
    follower->stage = STAGE_ENDED;
    follower->ended = status;
    return MOVE_ON;
}

// Descriptors -----------------------------------------------------------------------------------

static bool watch(struct waternet_follower *follower, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(follower->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool follow_watch(struct waternet_follower *follower, const struct link *link)
{
    return watch(follower, link->fd) &&
           (link->monitor == NULL || watch(follower, link->monitor_fd));
}

// Before the socket is closed: libzmq closes the descriptor later, in a thread of its own.
void follow_close_link(struct waternet_follower *follower, struct link *link)
{
    if (link->sock != NULL) {
        (void)epoll_ctl(follower->epoll, EPOLL_CTL_DEL, link->fd, NULL); // it was added, or not
    }
    if (link->monitor != NULL) {
        (void)epoll_ctl(follower->epoll, EPOLL_CTL_DEL, link->monitor_fd, NULL); // as above
    }
    link_close(link);
}

static void set_timer(struct waternet_follower *follower, int64_t at_ms)
{
    struct itimerspec at = {
        .it_value = {.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000},
    };
    (void)timerfd_settime(follower->timer, TFD_TIMER_ABSTIME, &at, NULL); // all of it is ours
    follower->armed_ms = at_ms;
}

// Connecting ------------------------------------------------------------------------------------

static bool subscribe(struct waternet_follower *follower)
{
    char topic[TOPIC_MAX + 3];
    struct bytes level = follower->prefix.text;
    topic[0] = '!';
    memcpy(topic + 1, level.data, level.size);
    topic[level.size + 1] = '\n';
    return link_subscribe(&follower->feed, level) &&
           link_subscribe(&follower->feed, (struct bytes){topic, level.size + 2});
}

static enum status open_links(struct waternet_follower *follower)
{
    const struct address *address = &follower->connection->address;
    enum status status = link_open(&follower->feed, address, LINK_FEED, LINK_ONE_CONNECTION);
    if (status == STATUS_OK) {
        status = link_open(&follower->query, address, LINK_QUERY, LINK_RECONNECTS);
    }
    if (status != STATUS_OK) {
        return status;
    }
    // Of the query socket only the answers: what has happened to it is looked at when one is
    // overdue.
    bool watched = follow_watch(follower, &follower->feed) && watch(follower, follower->query.fd);
    return watched && subscribe(follower) ? STATUS_OK : STATUS_FAILED;
}

// Both sockets anew. One that cannot be opened is tried again at the deadline.
static enum status connect_anew(struct waternet_follower *follower)
{
    reading_forget(follower);
    follow_close_link(follower, &follower->feed);
    follow_close_link(follower, &follower->query);
    follower->stage = STAGE_CONNECTING;
    follower->deadline_ms = clock_ms() + follower->wait_ms;
    follower->wait_ms *= 2;
    if (follower->wait_ms > HEARTBEAT_MISSED_MS) {
        follower->wait_ms = HEARTBEAT_MISSED_MS;
    }
    enum status status = open_links(follower);
    if (status != STATUS_OK) {
        follow_close_link(follower, &follower->feed);
        follow_close_link(follower, &follower->query);
    }
    return status;
}

enum move follow_give_up(struct waternet_follower *follower)
{
    reading_forget(follower);
    follower->stage = STAGE_CONNECTING;
    follow_close_link(follower, &follower->feed);
    follow_close_link(follower, &follower->query);
    follower->deadline_ms = clock_ms() + follower->wait_ms;
    follower->silent = true;
    return MOVE_ON;
}

// What came on the feed: the topic, a newline, the body.
static bool split_frame(struct bytes frame, struct bytes *ret_topic, struct bytes *ret_body)
{
    const char *newline = frame.size == 0 ? NULL : memchr(frame.data, '\n', frame.size);
    if (newline == NULL) {
        return false;
    }
    size_t size = (size_t)(newline - (const char *)frame.data);
    *ret_topic = (struct bytes){frame.data, size};
    *ret_body = (struct bytes){newline + 1, frame.size - size - 1};
    return true;
}

static bool is_heartbeat(const struct waternet_follower *follower, struct bytes topic)
{
    struct bytes level = {(const char *)topic.data + 1, topic.size - 1};
    return topic.size > 0 && bytes_begin_with(topic, bytes_of("!")) &&
           bytes_equal(level, follower->prefix.text);
}

enum move follow_start_live(struct waternet_follower *follower)
{
    follower->stage = STAGE_LIVE;
    follower->deadline_ms = clock_ms() + HEARTBEAT_MISSED_MS;
    return MOVE_ON;
}

static enum move take_heartbeat(struct waternet_follower *follower, struct bytes body)
{
    const char *reason;
    struct wire_value head, here;
    if (!wire_check(body, &reason) || !wire_find(body, "head", &head) || head.type != WIRE_UINT ||
        !wire_find(body, "here", &here) || here.type != WIRE_UINT) {
        return MOVE_ON;
    }
    if (follower->from_end && !follower->has_begun) {
        follower->position.at = head.number;
    }
    bool is_first = !follower->has_begun, is_fresh = follower->stage == STAGE_CONNECTING;
    follower->has_begun = true;
    follower->silent = false;
    follower->heard_ms = clock_ms();
    follower->head = head.number;
    follower->wait_ms = FIRST_WAIT_MS;
    switch (position_heartbeat(&follower->position, wire_find_text(body, "log"), head.number,
                               here.number)) {
    case STEP_STALE:
        return follow_end(follower, STATUS_STALE);
    case STEP_BEHIND:
        // The first of a connection cannot have waited. Of another one, the hello behind a read
        // tells.
        return is_fresh ? follow_end(follower, STATUS_STALE) : reading_start(follower, false);
    case STEP_HOLE:
        return reading_start(follower, !is_first);
    case STEP_FITS:
    case STEP_REPEAT:
        break;
    }
    return follow_start_live(follower);
}

// Events that come before the first heartbeat are passed over: its head counts them in.
static enum move step_connecting(struct waternet_follower *follower)
{
    struct bytes topic, body;
    if (!link_receive(&follower->feed, &follower->frame)) {
        return MOVE_WAIT;
    }
    if (split_frame(message_bytes(&follower->frame), &topic, &body) &&
        is_heartbeat(follower, topic)) {
        return take_heartbeat(follower, body);
    }
    return MOVE_ON;
}

// Delivering ------------------------------------------------------------------------------------

static bool keep_text(struct bytes text, char *room, size_t size)
{
    if (text.size >= size) {
        return false;
    }
    memcpy(room, text.data, text.size);
    room[text.size] = '\0';
    return true;
}

bool follow_read_event(struct waternet_follower *follower, struct bytes bytes,
                       struct event *ret_event)
{
    struct event event;
    // Not wire_check() first: event_decode() trusts no byte either, and this is the catch-up's
    // pace.
    if (!event_decode(bytes, &event) || !prefix_has(&follower->prefix, &event) ||
        !keep_text(event.id, follower->id, sizeof(follower->id)) ||
        !keep_text(event.region, follower->region, sizeof(follower->region)) ||
        !keep_text(event.subject, follower->subject, sizeof(follower->subject))) {
        return false;
    }
    *ret_event = event;
    return true;
}

enum move follow_deliver(struct waternet_follower *follower, const struct event *event,
                         struct bytes bytes, struct waternet_event *ret_event)
{
    *ret_event = (struct waternet_event){
        .seq = event->seq,
        .time = event->time,
        .id = follower->id,
        .type = event->type->name,
        .region = follower->region,
        .subject = follower->subject,
        .bytes = bytes.data,
        .size = bytes.size,
    };
    if (event->kind == KIND_REGION) {
        sources_forget(follower->connection, event->region);
    }
    return MOVE_EVENT;
}

// Live ------------------------------------------------------------------------------------------

static enum move step_live(struct waternet_follower *follower, struct waternet_event *ret_event)
{
    struct bytes topic, body;
    struct event event;
    if (!link_receive(&follower->feed, &follower->frame)) {
        return MOVE_WAIT;
    }
    if (!split_frame(message_bytes(&follower->frame), &topic, &body)) {
        return MOVE_ON;
    }
    if (is_heartbeat(follower, topic)) {
        return take_heartbeat(follower, body);
    }
    if (!follow_read_event(follower, body, &event)) {
        return MOVE_ON; // if it was an event, the next one or the next heartbeat shows that it is
                        // missing
    }
    switch (
        position_event(&follower->position, prefix_prev(&follower->prefix, &event), event.seq)) {
    case STEP_FITS:
        return follow_deliver(follower, &event, body, ret_event);
    case STEP_HOLE:
        return reading_start(follower, true); // the log has this event too
    case STEP_REPEAT:
    case STEP_BEHIND:
    case STEP_STALE:
        break;
    }
    return MOVE_ON;
}

// The caller's side -----------------------------------------------------------------------------

static enum move step(struct waternet_follower *follower, struct waternet_event *ret_event)
{
    switch (follower->stage) {
    case STAGE_CONNECTING:
        return step_connecting(follower);
    case STAGE_READING:
        return reading_step(follower, ret_event);
    case STAGE_LIVE:
        return step_live(follower, ret_event);
    case STAGE_ENDED:
        break;
    }
    return MOVE_WAIT;
}

// Trying again would not help a key that the daemon does not let in.
static bool is_refused(struct waternet_follower *follower)
{
    struct link *links[] = {&follower->feed, &follower->query};
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if ((link_look(links[i]) & LINK_REFUSED) != 0) {
            (void)connection_silent(follower->connection, links[i]); // for its problem
            return true;
        }
    }
    return false;
}

// The feed's connection is gone, as all of them go when a key is revoked: no need to wait until a
// heartbeat is missed. Where there was none yet, the deadline keeps us from trying without pause.
static bool is_cut(struct waternet_follower *follower)
{
    return (link_look(&follower->feed) & LINK_CUT) != 0 && follower->stage != STAGE_CONNECTING;
}

// Looks after the deadline. True if something has changed, so that there may be more to do.
static bool is_overdue(struct waternet_follower *follower)
{
    if (is_cut(follower)) {
        (void)connect_anew(follower); // tried again at the next deadline
        return true;
    }
    if (clock_ms() < follower->deadline_ms) {
        return false;
    }
    if (is_refused(follower)) {
        (void)follow_end(follower, STATUS_NOT_ALLOWED); // seen by the next round
        return true;
    }
    follower->silent = follower->has_begun;
    (void)connect_anew(follower); // tried again at the next deadline
    return true;
}

// What is not read now must not keep the descriptor readable.
static void rest(struct waternet_follower *follower, bool at_gate)
{
    const struct cursor *cursor = &follower->cursor;
    int64_t at_ms = cursor_next_ms(cursor);
    if (at_gate || follower->stage == STAGE_READING) {
        link_settle(&follower->feed);
    }
    if (at_gate || follower->stage != STAGE_READING) {
        link_settle(&follower->query);
    }
    if (cursor->number == 0) {
        link_settle(&follower->cursor.link);
    }
    if (!at_gate && follower->deadline_ms < at_ms) {
        at_ms = follower->deadline_ms;
    }
    if (follower->armed_ms != at_ms) {
        set_timer(follower, at_ms);
    }
}

// All that can be done without waiting. STATUS_OK: an event. STATUS_AGAIN: the descriptor is quiet.
static enum status run(struct waternet_follower *follower, struct waternet_event *ret_event,
                       bool only_connect)
{
    if (follower->stage != STAGE_ENDED) {
        follower->connection->problem = NULL;
    }
    for (;;) {
        if (follower->stage == STAGE_ENDED) {
            return follower->ended;
        }
        if (only_connect && follower->stage != STAGE_CONNECTING) {
            return STATUS_OK;
        }
        enum status gate = cursor_step(follower);
        if (gate == STATUS_AGAIN) {
            rest(follower, true);
            return STATUS_AGAIN;
        }
        if (gate != STATUS_OK) {
            (void)follow_end(follower, gate); // seen by the next round
            continue;
        }
        enum move move = step(follower, ret_event);
        if (move == MOVE_EVENT) {
            return STATUS_OK;
        }
        if (move == MOVE_WAIT && !is_overdue(follower)) {
            rest(follower, false);
            return STATUS_AGAIN;
        }
    }
}

// Runs until there is something to return or until_ms (-1: for ever) has passed.
static enum status run_until(struct waternet_follower *follower, struct waternet_event *ret_event,
                             bool only_connect, int64_t until_ms)
{
    enum status status;
    while ((status = run(follower, ret_event, only_connect)) == STATUS_AGAIN) {
        int64_t left_ms = until_ms < 0 ? -1 : until_ms - clock_ms();
        struct epoll_event event;
        if ((until_ms >= 0 && left_ms <= 0) ||
            epoll_wait(follower->epoll, &event, 1, (int)left_ms) < 0) {
            break; // the time has passed, or a signal came
        }
    }
    return status;
}

static struct waternet_follower *create(struct waternet *connection, struct bytes level,
                                        uint64_t after)
{
    struct waternet_follower *follower = calloc(1, sizeof(*follower));
    if (follower == NULL) {
        return NULL;
    }
    follower->connection = connection;
    memcpy(follower->level, level.data, level.size);
    (void)prefix_read((struct bytes){follower->level, level.size},
                      &follower->prefix); // it was read
    memcpy(follower->position.log, connection->log, sizeof(connection->log));
    follower->from_end = after == WATERNET_END;
    follower->position.at = follower->from_end ? 0 : after;
    follower->wait_ms = FIRST_WAIT_MS;
    follower->armed_ms = -1;
    (void)zmq_msg_init(&follower->answer); // these three never fail
    (void)zmq_msg_init(&follower->unproved);
    (void)zmq_msg_init(&follower->frame);
    follower->epoll = epoll_create1(EPOLL_CLOEXEC);
    follower->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (follower->epoll < 0 || follower->timer < 0 || !watch(follower, follower->timer)) {
        waternet_follower_close(&follower);
    }
    return follower;
}

enum waternet_status waternet_follow(struct waternet *connection, const char *level, uint64_t after,
                                     struct waternet_follower **ret_follower)
{
    struct prefix prefix;
    *ret_follower = NULL;
    if (strlen(level) > TOPIC_MAX || !prefix_read(bytes_of(level), &prefix)) {
        return WATERNET_MALFORMED;
    }
    struct waternet_follower *follower = create(connection, bytes_of(level), after);
    if (follower == NULL) {
        return WATERNET_FAILED;
    }
    int64_t until_ms = clock_ms() + connection->timeout_ms;
    enum status status = connect_anew(follower);
    while (status == STATUS_OK && follower->stage == STAGE_CONNECTING) {
        status = run_until(follower, NULL, true, until_ms);
        if (status == STATUS_AGAIN) {
            // A signal is no reason to give up here, for the caller could not go on later.
            status =
                clock_ms() < until_ms ? STATUS_OK : connection_silent(connection, &follower->feed);
        }
    }
    if (follower->stage == STAGE_ENDED) {
        status = follower->ended;
    }
    if (status != STATUS_OK) {
        waternet_follower_close(&follower);
        return (enum waternet_status)status;
    }
    // Frames may have come already, which the descriptor does not tell any more: make it readable.
    set_timer(follower, 1);
    *ret_follower = follower;
    return WATERNET_OK;
}

void waternet_follower_close(struct waternet_follower **follower)
{
    struct waternet_follower *closing = *follower;
    if (closing == NULL) {
        return;
    }
    (void)waternet_follower_flush(closing); // nobody is left to hear how it went
    follow_close_link(closing, &closing->cursor.link);
    follow_close_link(closing, &closing->feed);
    follow_close_link(closing, &closing->query);
    message_clear(&closing->answer);
    message_clear(&closing->unproved);
    message_clear(&closing->frame);
    if (closing->timer >= 0) {
        (void)close(closing->timer); // nothing was written
    }
    if (closing->epoll >= 0) {
        (void)close(closing->epoll); // as above
    }
    free(closing);
    *follower = NULL;
}

enum waternet_status waternet_next(struct waternet_follower *follower, int timeout_ms,
                                   struct waternet_event *ret_event)
{
    int64_t until_ms = timeout_ms < 0 ? -1 : timeout_ms == 0 ? 0 : clock_ms() + timeout_ms;
    return (enum waternet_status)run_until(follower, ret_event, false, until_ms);
}

int waternet_follower_fd(const struct waternet_follower *follower)
{
    return follower->epoll;
}

uint64_t waternet_follower_position(const struct waternet_follower *follower)
{
    return follower->position.at;
}

enum waternet_follower_state waternet_follower_state(const struct waternet_follower *follower)
{
    if (follower->silent) {
        return WATERNET_SILENT;
    }
    return follower->stage == STAGE_LIVE ? WATERNET_LIVE : WATERNET_CATCHING_UP;
}

int64_t waternet_follower_heartbeat(const struct waternet_follower *follower, uint64_t *ret_head)
{
    *ret_head = follower->head;
    return follower->has_begun ? clock_ms() - follower->heard_ms : -1;
}

void waternet_follower_repairs(const struct waternet_follower *follower, uint64_t *ret_holes,
                               uint64_t *ret_events)
{
    *ret_holes = follower->holes;
    *ret_events = follower->repaired;
}

void waternet_event_hash(const struct waternet_event *event, uint8_t ret_hash[32])
{
    struct hash leaf = tree_leaf((struct bytes){event->bytes, event->size});
    memcpy(ret_hash, leaf.bytes, sizeof(leaf.bytes));
}

char *waternet_event_json(struct waternet_follower *follower, const struct waternet_event *event)
{
    json_t *object =
        sources_cloudevent(follower->connection, (struct bytes){event->bytes, event->size});
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}
