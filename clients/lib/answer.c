#include "clients/lib/client.h"

#include <stdlib.h>

#define STATUS(number, NAME, name, exit_code, sentence)                                            \
    _Static_assert((int)WATERNET_##NAME == (number), "waternet.h and status.def differ");
#include "proto/status.def"
#undef STATUS

const char *waternet_status_name(enum waternet_status status)
{
    return status_name((enum status)status);
}

const char *waternet_status_sentence(enum waternet_status status)
{
    return status_sentence((enum status)status);
}

int waternet_status_exit(enum waternet_status status)
{
    return status_exit((enum status)status);
}

uint64_t answer_read_number(struct bytes answer)
{
    const char *reason;
    return wire_check_answer(answer, &reason) ? wire_find_number(answer, "number") : 0;
}

enum status answer_read_status(struct bytes answer)
{
    enum status status;
    return status_find(wire_find_text(answer, "status"), &status) ? status : STATUS_PROTOCOL;
}

bool answer_write(zmq_msg_t *message, uint64_t number, enum status status,
                  const struct faults *faults, int index)
{
    bool has_faults = faults != NULL && faults->count > 0;
    bool has_untold = has_faults && faults->untold > 0;
    uint8_t room[2 * FAULT_TEXT_MAX];
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, 3 + (uint32_t)has_faults + (uint32_t)has_untold + (index >= 0));
    wire_pair_uint(&writer, "number", number);
    wire_pair_text(&writer, "status", bytes_of(status_name(status)));
    wire_pair_text(&writer, "message", bytes_of(status_sentence(status)));
    if (has_faults) {
        wire_put_text(&writer, bytes_of("faults"));
        faults_write(faults, &writer);
    }
    if (index >= 0) {
        wire_pair_uint(&writer, "index", (uint64_t)index);
    }
    if (has_untold) {
        wire_pair_uint(&writer, "untold", faults->untold);
    }
    struct bytes written = wire_written(&writer);
    zmq_msg_t made;
    if (written.size == 0 || zmq_msg_init_size(&made, written.size) != 0) {
        return false;
    }
    memcpy(zmq_msg_data(&made), written.data, written.size);
    (void)zmq_msg_move(message, &made); // fails only where one of them is no message
    (void)zmq_msg_close(&made);
    return true;
}

// JSON ------------------------------------------------------------------------------------------

// Each of a list's values made into JSON. The index-th id stands in each object, if there are ids.
static json_t *json_of_list(struct wire_value list, const char *ids, size_t id_count)
{
    struct wire_reader reader = wire_read(list.raw);
    struct wire_value value;
    json_t *array = json_array();
    (void)wire_next(&reader, &value); // checked: the list's header
    for (uint32_t i = 0; i < list.count && wire_take(&reader, &value); i++) {
        json_t *item = json_from_wire(value.raw);
        if (i < id_count) {
            (void)json_object_set_new(item, "id", json_string(ids)); // no object: it stays as it is
            ids += strlen(ids) + 1;
        }
        (void)json_array_append_new(array, item); // without memory the end is NULL or too short
    }
    return array;
}

static json_t *json_of_ids(const char *ids, size_t id_count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < id_count; i++) {
        json_t *id =
            ids[0] == '\0' ? json_null() : json_string(ids); // null: what was given is no id
        (void)json_array_append_new(array, id);              // as above
        ids += strlen(ids) + 1;
    }
    return array;
}

static json_t *json_of_events(struct waternet *connection, struct wire_value list)
{
    struct wire_reader reader = wire_read(list.raw);
    struct wire_value value;
    json_t *array = json_array();
    (void)wire_next(&reader, &value); // checked: the list's header
    for (uint32_t i = 0; i < list.count && wire_take(&reader, &value); i++) {
        json_t *event = sources_cloudevent(connection, value.bytes);
        (void)json_array_append_new(array, event == NULL ? json_null() : event); // as above
    }
    return array;
}

// connection may be NULL: then there are no events in the answer.
static json_t *json_of_field(const struct waternet_answer *answer, struct waternet *connection,
                             struct bytes name, struct wire_value value)
{
    if (connection != NULL && bytes_are(name, "event") && value.type == WIRE_BINARY) {
        json_t *event = sources_cloudevent(connection, value.bytes);
        return event == NULL ? json_null() : event;
    }
    if (connection != NULL && bytes_are(name, "events") && value.type == WIRE_LIST) {
        return json_of_events(connection, value);
    }
    if (bytes_are(name, "receipts") && value.type == WIRE_LIST) {
        return json_of_list(value, answer->ids, answer->id_count);
    }
    return json_from_wire(value.raw);
}

static char *make_json(struct waternet_answer *answer, struct waternet *connection)
{
    struct wire_reader reader = wire_read(message_bytes(&answer->message));
    struct wire_value head, name, value;
    json_t *object = json_object();
    if (!wire_next(&reader, &head) || head.type != WIRE_MAP) {
        head.count = 0;
    }
    for (uint32_t i = 0; i < head.count; i++) {
        if (!wire_next(&reader, &name) || !wire_take(&reader, &value)) {
            break;
        }
        if (!bytes_are(name.bytes, "number")) { // between the library and the daemon only
            (void)json_object_setn_new_nocheck(
                object, name.bytes.data, name.bytes.size,
                json_of_field(answer, connection, name.bytes, value));
        }
    }
    if (answer->ids != NULL && json_object_get(object, "receipts") == NULL) {
        // No receipts, and the caller may not know the ids that it must repeat with.
        (void)json_object_set_new(object, "ids", json_of_ids(answer->ids, answer->id_count));
    }
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

struct waternet_answer *answer_create(struct waternet *connection, zmq_msg_t *message, char *ids,
                                      size_t id_count)
{
    struct waternet_answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        free(ids);
        message_clear(message);
        return NULL;
    }
    (void)zmq_msg_init(&answer->message);          // never fails
    (void)zmq_msg_move(&answer->message, message); // fails only where one of them is no message
    answer->ids = ids;
    answer->id_count = id_count;

    struct bytes bytes = message_bytes(&answer->message);
    struct wire_value value;
    answer->status = answer_read_status(bytes);
    if (wire_find(bytes, "event", &value) || wire_find(bytes, "events", &value)) {
        // Whose OIN the source is has to be asked, and an answer may outlive the connection.
        answer->json = make_json(answer, connection);
    }
    return answer;
}

enum waternet_status waternet_answer_status(const struct waternet_answer *answer)
{
    return (enum waternet_status)answer->status;
}

const char *waternet_answer_json(struct waternet_answer *answer)
{
    if (answer->json == NULL) {
        answer->json = make_json(answer, NULL);
    }
    return answer->json;
}

void waternet_answer_free(struct waternet_answer **answer)
{
    struct waternet_answer *freeing = *answer;
    if (freeing != NULL) {
        message_clear(&freeing->message);
        free(freeing->ids);
        free(freeing->json);
        free(freeing);
        *answer = NULL;
    }
}
