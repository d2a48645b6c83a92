// Whatever comes in on a socket is refused with faults that can be told, or is a request within its
// row; and so is each event of a post, and who posts it.
//
// An even first byte: the rest is the request. An odd one: a good request, made from the rows that
// the next bytes choose, with some of its bytes changed; so the fuzzer begins behind the first
// checks.
#include "daemon/identity.h"
#include "daemon/request.h"
#include "tests/unit/sample.h"

#include <assert.h>

static struct faults faults;
static struct event_scratch scratch;

// Making requests -------------------------------------------------------------------------------

struct choices_made {
    uint8_t request, type, optional, events;
};

static void put_events(struct wire_writer *writer, struct choices_made chosen)
{
    static uint8_t room[EVENT_BYTES_MAX];
    unsigned count = chosen.events % 4 + 1u;
    const struct event_type *type = NULL;
    for (unsigned i = 0; i <= chosen.type % 64 || type == NULL; i++) {
        type = event_type_next(type);
    }
    wire_put_list(writer, count);
    for (unsigned i = 0; i < count; i++) {
        bool most = (chosen.events & 4) != 0;
        wire_put_raw(writer,
                     sample_event(type, most ? sample_most : sample_least, room, sizeof(room)));
    }
}

static bool is_chosen(const struct request_row *row, unsigned field, struct choices_made chosen)
{
    uint64_t bit = UINT64_C(1) << field;
    bool wanted = (chosen.optional & (1u << field % 8)) != 0;
    return field < 2 || (row->required & bit) != 0 ||
           (wanted && (field == 2 || (row->optional & bit) != 0));
}

static struct bytes make_request(struct choices_made chosen, uint8_t room[REQUEST_BYTES_MAX])
{
    struct fields fields = fields_of(GROUP_REQUEST);
    const struct request_row *row =
        request_row((enum request_number)(REQUEST_POST + chosen.request % REQUEST_STATUS));
    struct wire_writer writer = wire_write(room, REQUEST_BYTES_MAX);
    uint32_t count = 0;
    for (unsigned i = 0; i < fields.count; i++) {
        count += is_chosen(row, i, chosen);
    }
    wire_put_map(&writer, count);
    for (unsigned i = 0; i < fields.count; i++) {
        const struct field *field = &fields.first[i];
        if (!is_chosen(row, i, chosen)) {
            continue;
        }
        wire_put_text(&writer, bytes_of(field->name));
        if (strcmp(field->name, "request") == 0) {
            wire_put_text(&writer, bytes_of(row->name));
        } else if (strcmp(field->name, "events") == 0) {
            put_events(&writer, chosen);
        } else {
            sample_value(&writer, field, sample_most);
        }
    }
    return wire_written(&writer);
}

// Three bytes a change: where, and what stands there then.
static void change(uint8_t *bytes, size_t size, const uint8_t *data, size_t data_size)
{
    for (size_t i = 0; i + 3 <= data_size && size > 0; i += 3) {
        bytes[(data[i] * 256u + data[i + 1]) % size] = data[i + 2];
    }
}

// Reading them ----------------------------------------------------------------------------------

// What is wrong can be told, whole, within the room of an answer.
static void expect_tellable(uint64_t number)
{
    static uint8_t room[2 * ANSWER_BYTES_MAX];
    const char *reason;
    struct wire_writer writer = wire_write(room, sizeof(room));
    answer_refuse(&writer, number, faults_status(&faults), &faults, 7);
    bool sound = wire_check_answer(wire_written(&writer), &reason);
    assert(sound && faults_status(&faults) != STATUS_OK);
}

static void read_event(const struct request *request, struct bytes bytes)
{
    struct event event;
    faults_clear(&faults);
    bool accepted = event_read(bytes, &scratch, &faults, &event);
    assert(accepted == (faults.count + faults.untold == 0));
    if (event.type == NULL || event.region.size == 0 || event.entity.size == 0) {
        assert(!accepted);
        expect_tellable(request->number);
        return;
    }
    unsigned before = faults.count + faults.untold;
    static const char *const users[] = {"uid:1", "uid:2", "uid:3"}; // the last only reads
    static const struct local_roles local = {
        .count = 2,
        .rows = {{.uid = 1, .role = ROLE_OPERATOR},
                 {.uid = 2, .role = ROLE_MEMBER, .region = "twente", .member = "enschede"}},
    };
    static struct identity identity;
    static struct grant ways[IDENTITY_WAYS_MAX];
    identity_read(NULL, bytes_of(users[bytes.size % 3]), &local, &identity);
    uint32_t count = identity_ways(&identity, &request->as, &event, &faults, ways);
    assert((count > 0) == (faults.count + faults.untold == before));
    for (uint32_t i = 0; i < count; i++) {
        struct actor actor = identity_actor(&identity, &ways[i]);
        assert(role_find(actor.role) == ways[i].role && actor.organisation.size > 0);
    }
    if (faults.count > 0) {
        expect_tellable(request->number);
    }
}

static void read_events(const struct request *request)
{
    struct wire_reader reader = wire_read(request->events);
    struct wire_value event;
    uint32_t count = 0;
    assert(request->event_count <= EVENTS_PER_POST_MAX);
    (void)wire_next(&reader, &event); // the header; the events follow
    while (wire_take(&reader, &event)) {
        read_event(request, event.raw);
        count++;
    }
    assert(count == request->event_count);
}

static void read_request(struct bytes bytes, enum request_socket socket)
{
    struct request request;
    faults_clear(&faults);
    bool accepted = request_read(bytes, socket, &faults, &request);
    assert(accepted == (faults.count + faults.untold == 0));
    if (!accepted) {
        expect_tellable(request.number);
        return;
    }
    assert(request.row->socket == socket && bytes.size <= REQUEST_BYTES_MAX);
    if (request.row->number == REQUEST_POST) {
        read_events(&request);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[REQUEST_BYTES_MAX];
    struct bytes bytes = {data + 1, size - 1};
    if (size == 0) {
        return 0;
    }
    if (data[0] % 2 == 1 && size >= 5) {
        bytes = make_request((struct choices_made){data[1], data[2], data[3], data[4]}, room);
        change(room, bytes.size, data + 5, size - 5);
    }
    read_request(bytes, SOCKET_COMMAND);
    read_request(bytes, SOCKET_QUERY);
    return 0;
}
