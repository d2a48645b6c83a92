#include "clients/lib/client.h"

#include <stdlib.h>

#define CLIENT_DRY_RUN ((unsigned)WATERNET_DRY_RUN)

// The ring of posts -----------------------------------------------------------------------------

static struct post *post_at(struct waternet *connection, size_t place)
{
    return &connection->posts[(connection->first_post + place) % IN_FLIGHT_MAX];
}

// Puts a post at the end of the ring, which has room. Takes over ids.
static struct post *append_post(struct waternet *connection, uint64_t number, char *ids,
                                size_t id_count)
{
    struct post *post = post_at(connection, connection->post_count++);
    *post = (struct post){
        .number = number,
        .deadline_ms = clock_ms() + connection->timeout_ms,
        .ids = ids,
        .count = id_count,
    };
    (void)zmq_msg_init(&post->answer); // never fails
    return post;
}

static void forget_post(struct post *post)
{
    (void)zmq_msg_close(&post->answer); // fails only where it is no message
    free(post->ids);
    *post = (struct post){0};
}

static void drop_first(struct waternet *connection)
{
    forget_post(post_at(connection, 0));
    connection->first_post = (connection->first_post + 1) % IN_FLIGHT_MAX;
    connection->post_count--;
    connection->settled_posts -= connection->settled_posts > 0;
}

static void drop_last(struct waternet *connection)
{
    forget_post(post_at(connection, --connection->post_count));
    if (connection->settled_posts > connection->post_count) {
        connection->settled_posts = connection->post_count;
    }
}

// Moves past what is answered or lost, so that the first WAITING is found at once.
static void settle(struct waternet *connection)
{
    while (connection->settled_posts < connection->post_count &&
           post_at(connection, connection->settled_posts)->state != POST_WAITING) {
        connection->settled_posts++;
    }
}

static void lose_posts(struct waternet *connection, size_t end, enum post_state state)
{
    for (size_t i = connection->settled_posts; i < end; i++) {
        struct post *post = post_at(connection, i);
        post->state = post->state == POST_WAITING ? state : post->state;
    }
    settle(connection);
}

void posts_finish(struct waternet *connection)
{
    while (connection->post_count > 0) {
        drop_first(connection);
    }
}

// Answers come in the order of the posts: those before the one that is answered went down with a
// daemon that was killed. An answer to none of ours is dropped.
static void take_answer(struct waternet *connection)
{
    uint64_t number = answer_read_number(message_bytes(&connection->received));
    for (size_t i = connection->settled_posts; i < connection->post_count; i++) {
        struct post *post = post_at(connection, i);
        if (post->number == number && post->state == POST_WAITING) {
            (void)zmq_msg_move(&post->answer, &connection->received); // both are messages
            post->state = POST_ANSWERED;
            lose_posts(connection, i, POST_LOST);
            return;
        }
    }
}

// Nothing will come any more over this socket. What was sent over it may have got there, unless it
// never let us in.
static void give_up(struct waternet *connection)
{
    unsigned seen = link_look(&connection->command);
    bool never_in = (seen & LINK_REFUSED) != 0 && (seen & LINK_ADMITTED) == 0;
    (void)connection_silent(connection, &connection->command); // for its problem
    // A new socket, so that no late answer is taken for one to a later post.
    link_close(&connection->command);
    lose_posts(connection, connection->post_count, never_in ? POST_REFUSED : POST_LOST);
}

// Waits until the post in a place is no longer WAITING or until_ms has passed. A signal ends it
// too.
static void wait_for(struct waternet *connection, const struct post *post, int64_t until_ms)
{
    while (link_receive(&connection->command, &connection->received)) {
        take_answer(connection);
    }
    if (post->state != POST_WAITING) {
        return;
    }
    struct post *oldest = post_at(connection, connection->settled_posts);
    if (clock_ms() >= oldest->deadline_ms ||
        (link_look(&connection->command) & LINK_REFUSED) != 0) {
        give_up(connection);
        return;
    }
    link_wait(&connection->command,
              until_ms < oldest->deadline_ms ? until_ms : oldest->deadline_ms);
    while (link_receive(&connection->command, &connection->received)) {
        take_answer(connection);
    }
}

// Sending ---------------------------------------------------------------------------------------

// A post as it is put together from JSON.
struct draft {
    struct client_as as;
    struct wire_writer events;
    size_t id_count, id_size; // in connection->ids
    int index;                // of the event that is being read, -1 if none
};

static enum status send_post(struct waternet *connection, const struct client_as *as,
                             struct bytes events, size_t count, unsigned flags, uint64_t number)
{
    bool dry = (flags & CLIENT_DRY_RUN) != 0;
    struct wire_writer request = ask_begin(connection->request, sizeof(connection->request), as,
                                           number, "post", 1 + (uint32_t)dry);
    wire_put_text(&request, bytes_of("events"));
    wire_put_list(&request, (uint32_t)count);
    wire_put_raw(&request, events);
    if (dry) {
        wire_put_text(&request, bytes_of("dry"));
        wire_put_flag(&request, true);
    }
    struct bytes written = wire_written(&request);
    if (written.size == 0 || written.size > REQUEST_BYTES_MAX) {
        return STATUS_TOO_BIG;
    }
    if (connection->command.sock == NULL) {
        enum status status =
            link_open(&connection->command, &connection->address, LINK_COMMAND, LINK_RECONNECTS);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return link_send(&connection->command, written) ? STATUS_OK : STATUS_FAILED;
}

enum status client_post_begin(struct waternet *connection, const struct client_as *as,
                              struct bytes events, size_t count, unsigned flags,
                              uint64_t *ret_number)
{
    if (connection->post_count == IN_FLIGHT_MAX) {
        return STATUS_BUSY;
    }
    uint64_t number = ++connection->number;
    enum status status =
        send_post(connection, as == NULL ? &connection->as : as, events, count, flags, number);
    if (status == STATUS_OK) {
        (void)append_post(connection, number, NULL, 0);
        *ret_number = number;
    }
    return status;
}

static void misfit(struct waternet *connection, enum status status, const char *field,
                   const char *found, const char *accepted)
{
    fault_begin(&connection->faults, status, 0, field);
    fault_found(&connection->faults, "%s", found);
    fault_accepted(&connection->faults, "%s", accepted);
}

static bool take_as(struct waternet *connection, struct draft *draft, struct bytes text)
{
    struct client_as as = connection->as;
    if (text.size > 0 && !as_read(text, &as)) {
        misfit(connection, STATUS_MALFORMED, "as", "neither",
               "a role, or a role, a colon and an organisation");
        return false;
    }
    if (draft->index > 0 && (strcmp(as.role, draft->as.role) != 0 ||
                             strcmp(as.organisation, draft->as.organisation) != 0)) {
        misfit(connection, STATUS_MALFORMED, "as", "another than in the events before it",
               "the same in all events of one post");
        return false;
    }
    draft->as = as;
    return true;
}

// Keeps the event's id, or gives it one.
static bool take_id(struct waternet *connection, struct draft *draft, json_t *object)
{
    char made[WATERNET_ID_SIZE];
    json_t *given = json_object_get(object, "id");
    if (json_is_object(object) && given == NULL) {
        waternet_new_id(made);
        if (json_object_set_new(object, "id", json_string(made)) != 0) {
            return false;
        }
        given = json_object_get(object, "id");
    }
    const char *id = given == NULL || !json_is_string(given) ? "" : json_string_value(given);
    size_t size = strlen(id) > ID_MAX ? 0 : strlen(id); // too long for an id: it will be refused
    memcpy(connection->ids + draft->id_size, id, size);
    connection->ids[draft->id_size + size] = '\0';
    draft->id_size += size + 1;
    draft->id_count++;
    return true;
}

// Every fault of the event is added to the connection's.
static enum status take_event(struct waternet *connection, struct draft *draft, const char *text)
{
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) {
        misfit(connection, STATUS_MALFORMED, "", error.text, "a CloudEvent, as a JSON object");
        return STATUS_MALFORMED;
    }
    enum status status = STATUS_FAILED;
    if (take_id(connection, draft, object)) {
        struct cloudevent_names names = {.type_prefix = connection->type_prefix};
        struct bytes as = {0};
        bool is_event =
            cloudevent_to_wire(object, &names, &connection->faults, &draft->events, &as);
        bool sound = take_as(connection, draft, as) && is_event; // both: all faults at once
        status = sound ? STATUS_OK : faults_status(&connection->faults);
        if (draft->events.overflow) {
            status = STATUS_TOO_BIG;
        }
    }
    json_decref(object);
    return status;
}

static enum status write_draft(struct waternet *connection, struct draft *draft,
                               const char *const *events, size_t count)
{
    if (count > EVENTS_PER_POST_MAX) {
        return STATUS_TOO_BIG;
    }
    for (size_t i = 0; i < count; i++) {
        draft->index = (int)i;
        enum status status = take_event(connection, draft, events[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    draft->index = -1;
    return STATUS_OK;
}

// What is wrong here is answered here, in the daemon's words and in the post's turn.
static enum status answer_here(struct waternet *connection, struct post *post, enum status status,
                               int index)
{
    struct faults *faults = &connection->faults;
    if (status == STATUS_TOO_BIG && faults->count == 0) {
        fault_begin(faults, STATUS_TOO_BIG, 0, "");
        fault_found(faults, "a larger post");
        fault_accepted(faults, "at most %d events and %d bytes", EVENTS_PER_POST_MAX,
                       REQUEST_BYTES_MAX);
    }
    if (!answer_write(&post->answer, post->number, status, faults, index)) {
        return STATUS_FAILED;
    }
    post->state = POST_ANSWERED;
    settle(connection);
    return STATUS_OK;
}

enum waternet_status waternet_post_begin(struct waternet *connection, const char *const *events,
                                         size_t count, unsigned flags, uint64_t *ret_number)
{
    if (connection->post_count == IN_FLIGHT_MAX) {
        return WATERNET_BUSY;
    }
    struct draft draft = {
        .as = connection->as,
        .events = wire_write(connection->events, sizeof(connection->events)),
        .index = -1,
    };
    faults_clear(&connection->faults);
    connection->problem = NULL;
    uint64_t number = ++connection->number;
    enum status status = write_draft(connection, &draft, events, count);
    if (status == STATUS_OK) {
        status =
            send_post(connection, &draft.as, wire_written(&draft.events), count, flags, number);
    }
    bool is_answer = status == STATUS_TOO_BIG || connection->faults.count > 0;
    if (status != STATUS_OK && !is_answer) {
        return (enum waternet_status)status;
    }
    char *ids = draft.id_count == 0 ? NULL : malloc(draft.id_size);
    if (ids != NULL) {
        memcpy(ids, connection->ids, draft.id_size);
    }
    struct post *post = append_post(connection, number, ids, ids == NULL ? 0 : draft.id_count);
    if (is_answer && (status = answer_here(connection, post, status, draft.index)) != STATUS_OK) {
        drop_last(connection);
        return (enum waternet_status)status;
    }
    *ret_number = number;
    return WATERNET_OK;
}

// Receiving -------------------------------------------------------------------------------------

static enum status status_without_answer(const struct post *post)
{
    return post->state == POST_REFUSED ? STATUS_NOT_ALLOWED : STATUS_NO_ANSWER;
}

// Turns a post that is no longer WAITING into its answer.
static enum waternet_status answer_of(struct waternet *connection, struct post *post,
                                      struct waternet_answer **ret_answer)
{
    if (post->state != POST_ANSWERED) {
        faults_clear(&connection->faults);
        if (!answer_write(&post->answer, post->number, status_without_answer(post), NULL, -1)) {
            return WATERNET_FAILED;
        }
    }
    char *ids = post->ids;
    post->ids = NULL;
    *ret_answer = answer_create(connection, &post->answer, ids, post->count);
    return *ret_answer == NULL ? WATERNET_FAILED : waternet_answer_status(*ret_answer);
}

enum waternet_status waternet_post(struct waternet *connection, const char *const *events,
                                   size_t count, unsigned flags,
                                   struct waternet_answer **ret_answer)
{
    uint64_t number;
    *ret_answer = NULL;
    enum waternet_status status = waternet_post_begin(connection, events, count, flags, &number);
    if (status != WATERNET_OK) {
        return status;
    }
    struct post *post = post_at(connection, connection->post_count - 1);
    while (post->state == POST_WAITING) {
        wait_for(connection, post, post->deadline_ms);
    }
    status = answer_of(connection, post, ret_answer);
    drop_last(connection);
    return status;
}

// The oldest post once it is no longer WAITING, at most timeout_ms from now; NULL if there is none.
static struct post *next_answered(struct waternet *connection, int timeout_ms)
{
    if (connection->post_count == 0) {
        return NULL;
    }
    struct post *post = post_at(connection, 0);
    if (post->state == POST_WAITING) {
        wait_for(connection, post, timeout_ms <= 0 ? 0 : clock_ms() + timeout_ms);
    }
    return post->state == POST_WAITING ? NULL : post;
}

enum waternet_status waternet_receive(struct waternet *connection, int timeout_ms,
                                      uint64_t *ret_number, struct waternet_answer **ret_answer)
{
    *ret_answer = NULL;
    struct post *post = next_answered(connection, timeout_ms);
    if (post == NULL) {
        return WATERNET_AGAIN;
    }
    *ret_number = post->number;
    enum waternet_status status = answer_of(connection, post, ret_answer);
    drop_first(connection);
    return status;
}

enum status client_receive(struct waternet *connection, int timeout_ms, uint64_t *ret_number,
                           struct bytes *ret_answer)
{
    struct post *post = next_answered(connection, timeout_ms);
    if (post == NULL) {
        return STATUS_AGAIN;
    }
    enum status status = status_without_answer(post);
    *ret_number = post->number;
    *ret_answer = (struct bytes){0};
    if (post->state == POST_ANSWERED) {
        (void)zmq_msg_move(&connection->received, &post->answer); // both are messages
        *ret_answer = message_bytes(&connection->received);
        status = answer_read_status(*ret_answer);
    }
    drop_first(connection);
    return status;
}
