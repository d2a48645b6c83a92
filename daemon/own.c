#include "daemon/own.h"

#include "daemon/server.h"
#include "daemon/support/clock.h"
#include "daemon/support/zap.h"

#include <stdio.h>

void own_begin(struct own_post *post, uint32_t events)
{
    post->writer = wire_write(post->room, sizeof(post->room));
    wire_put_map(&post->writer, 4);
    wire_pair_uint(&post->writer, "number", 1);
    wire_pair_text(&post->writer, "request", bytes_of("post"));
    wire_put_text(&post->writer, bytes_of("as"));
    wire_put_map(&post->writer, 1);
    wire_pair_text(&post->writer, "role", bytes_of("operator"));
    wire_put_text(&post->writer, bytes_of("events"));
    wire_put_list(&post->writer, events);
}

// "key.added" of "operator" has the id key-added-operator.
static void write_id(struct wire_writer *writer, const char *type, const char *name)
{
    char id[ID_MAX + 1];
    (void)snprintf(id, sizeof(id), "%s-%s", type, name); // a longer name is cut
    for (char *at = id; *at != '\0'; at++) {
        *at = *at == '.' ? '-' : *at;
    }
    wire_pair_text(writer, "id", bytes_of(id));
}

void own_event(struct own_post *post, const char *type, const char *region, const char *subject,
               const char *name, uint32_t fields)
{
    wire_put_map(&post->writer, 5);
    write_id(&post->writer, type, name);
    wire_pair_text(&post->writer, "type", bytes_of(type));
    wire_pair_text(&post->writer, "region", bytes_of(region));
    wire_pair_text(&post->writer, "subject", bytes_of(subject));
    wire_put_text(&post->writer, bytes_of("data"));
    wire_put_map(&post->writer, fields);
}

void own_field(struct own_post *post, const char *field, const char *value)
{
    wire_pair_text(&post->writer, field, bytes_of(value));
}

// A user that no machine has, and that is the operator for this one post.
#define OWN_UID UINT32_MAX

static bool make_turn(struct server *server, struct bytes post, const char *user)
{
    struct turn *turn = &server->turn;
    struct turn_request *slot = &turn->requests[0];
    *slot = (struct turn_request){.number = 1, .is_judged = true};
    slot->incoming.user = bytes_of(user);
    faults_clear(&turn->faults);
    turn->count = 1;
    turn->judged = 0;
    turn->time = clock_wall_ms();
    turn->hindrance = store_grow(&server->store);
    return request_read(post, SOCKET_COMMAND, &turn->faults, &slot->request);
}

enum status own_send(struct server *server, struct own_post *post)
{
    const struct local_roles roles = {.count = 1,
                                      .rows = {{.uid = OWN_UID, .role = ROLE_OPERATOR}}};
    struct turn *turn = &server->turn;
    char user[ZAP_USER_MAX + 1];
    (void)snprintf(user, sizeof(user), ZAP_LOCAL "%u", OWN_UID); // fits
    if (!make_turn(server, wire_written(&post->writer), user)) {
        return STATUS_FAILED;
    }
    turn->local = &roles;
    enum status status = turn->hindrance;
    if (status == STATUS_OK || status == STATUS_STORAGE_LOW) {
        status = server_judge(server, false); // the roles are those of this post alone
    }
    frame_close(&turn->requests[0].answer);
    turn->local = &server->local;
    turn->count = 0;
    return status == STATUS_OK ? faults_status(&turn->faults) : status;
}
