/*
 * whoami and can: what a connection proves, and in which roles an event could be posted. Both ask
 * the same code that judges a post.
 */
#include "daemon/check.h"
#include "daemon/query_answers.h"

#include <stdio.h>

static uint32_t count_texts(const struct bytes *texts, size_t count)
{
    uint32_t there = 0;
    for (size_t i = 0; i < count; i++) {
        there += texts[i].size > 0;
    }
    return there;
}

// {role, organisation, region, werkplaats?}
static void write_grant(struct wire_writer *writer, const struct grant *grant)
{
    const struct bytes texts[] = {grant->organisation, grant->region, grant->werkplaats};
    static const char *const names[] = {"organisation", "region", "werkplaats"};
    wire_put_map(writer, 1 + count_texts(texts, 3));
    wire_pair_text(writer, "role", bytes_of(role_row(grant->role)->name));
    for (size_t i = 0; i < 3; i++) {
        if (texts[i].size > 0) {
            wire_pair_text(writer, names[i], texts[i]);
        }
    }
}

void answer_whoami(struct question *question)
{
    const struct identity *identity = &question->query->identity;
    struct wire_writer *writer = &question->writer;
    const char *state = key_state_row(identity->state)->name;
    const struct bytes of_key[] = {identity->key, identity->label};
    answer_begin(writer, question->request.number, STATUS_OK, 5 + count_texts(of_key, 2));
    wire_pair_uint(writer, "head", question->head.seq);
    wire_pair_text(writer, "connection", bytes_of(identity->local ? "local" : "curve"));
    if (identity->key.size > 0) {
        wire_pair_text(writer, "key", identity->key);
    }
    wire_pair_text(writer, "state", bytes_of(state));
    wire_pair_text(writer, "organisation", identity->organisation);
    if (identity->label.size > 0) {
        wire_pair_text(writer, "label", identity->label);
    }
    wire_put_text(writer, bytes_of("roles"));
    wire_put_list(writer, identity->count);
    for (uint32_t i = 0; i < identity->count; i++) {
        write_grant(writer, &identity->grants[i]);
    }
}

// Can -------------------------------------------------------------------------------------------

// The event that would be posted, as far as who may post it depends on it.
static bool read_event(struct question *question, struct event *ret_event, char room[SUBJECT_MAX],
                       uint8_t data_room[2 * ID_MAX])
{
    const struct request *request = &question->request;
    struct event event = {
        .type = event_type_find(request->type),
        .region = request->region,
        .entity = request->entity.size > 0 ? request->entity : request->region,
    };
    if (event.type == NULL) {
        fault_begin(question->faults, STATUS_MALFORMED, 0, "type");
        fault_found(question->faults, "\"%.*s\"", BYTES_PRINT(request->type));
        fault_accepted(question->faults, "an event type, as the request types lists them");
        return false;
    }
    event.kind = request->kind.size > 0 ? kind_find(request->kind) : event.type->kind;
    if (event.kind == KIND_NONE ||
        (event.type->kind != KIND_ANY && event.type->kind != event.kind)) {
        fault_begin(question->faults, STATUS_MALFORMED, 0, "kind");
        fault_found(question->faults, "\"%.*s\"", BYTES_PRINT(request->kind));
        fault_accepted(question->faults, "%s",
                       event.type->kind == KIND_ANY
                           ? "the kind of its subject, such as contribution"
                           : kind_name(event.type->kind));
        return false;
    }
    int size = snprintf(room, SUBJECT_MAX, "%s/%.*s", kind_row(event.kind)->name,
                        BYTES_PRINT(event.entity));
    event.subject = (struct bytes){room, (size_t)size};
    struct wire_writer writer = wire_write(data_room, 2 * ID_MAX);
    wire_put_map(&writer, request->member.size > 0);
    if (request->member.size > 0) {
        wire_pair_text(&writer, "member", request->member);
    }
    event.data = wire_written(&writer);
    *ret_event = event;
    return true;
}

// Whose way it is: that of who asks, or of another key.
static bool read_who(struct question *question, struct identity *identity)
{
    struct bytes key = question->request.key, own = question->query->identity.key;
    if (key.size == 0 && (own.size == 0 || !question->request.has_at)) {
        *identity = question->query->identity;
        return true;
    }
    key = key.size == 0 ? own : key; // as it stood then
    identity_read_key(&question->view, key, identity);
    if (identity->state == KEY_UNKNOWN) {
        fault_begin(question->faults, STATUS_NOT_FOUND, 0, "key");
        fault_found(question->faults, "there is no key \"%.*s\"", BYTES_PRINT(key));
        fault_accepted(question->faults,
                       "region/key/name; waternet key list tells which there are");
    }
    return identity->state != KEY_UNKNOWN;
}

void answer_can(struct question *question)
{
    static struct identity identity; // both of this thread alone, too large for its stack
    static struct grant ways[IDENTITY_WAYS_MAX];
    struct faults *trial = &question->query->trial;
    char room[SUBJECT_MAX];
    uint8_t data_room[2 * ID_MAX];
    struct event event;
    if (!read_event(question, &event, room, data_room) || !read_who(question, &identity)) {
        return;
    }
    faults_clear(trial);
    uint32_t count = identity_ways(&identity, &question->request.as, &event, trial, ways);
    struct check check = {.view = question->view, .faults = trial};
    check.subject = view_entity(&question->view, event.region, event.kind, event.entity);
    uint32_t allowed = 0, nearest = check_nearest(ways, count, event.type);
    for (uint32_t i = 0; i < count; i++) {
        struct grant way = ways[i];
        faults_clear(trial);
        check_way(&check, trial, &identity, &way, &event);
        if (trial->count == 0) {
            ways[allowed++] = way;
        }
    }
    if (allowed == 0 && count > 0) { // as a refused post has them
        faults_clear(trial);
        check_way(&check, trial, &identity, &ways[nearest], &event);
    }
    answer_begin(&question->writer, question->request.number, STATUS_OK, 3u + (allowed == 0));
    wire_pair_uint(&question->writer, "head", question->view.position);
    wire_put_text(&question->writer, bytes_of("allowed"));
    wire_put_flag(&question->writer, allowed > 0);
    wire_put_text(&question->writer, bytes_of("ways"));
    wire_put_list(&question->writer, allowed);
    for (uint32_t i = 0; i < allowed; i++) {
        write_grant(&question->writer, &ways[i]);
    }
    if (allowed == 0) {
        wire_put_text(&question->writer, bytes_of("faults"));
        faults_write(trial, &question->writer);
    }
}
