// Any JSON: what is converted is sound for the wire but for its limits, and the event it gives
// comes back as the same JSON.
#include "proto/cloudevent.h"

#include <assert.h>

static const struct cloudevent_names names = {.type_prefix = CLOUDEVENT_TYPE_PREFIX};
static struct event_scratch scratch, scratch_again;
static struct faults faults;
static uint8_t room[4 * EVENT_BYTES_MAX];

static void expect_same_again(struct event event)
{
    static uint8_t said[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX], wire[4 * EVENT_BYTES_MAX];
    struct event back;
    struct bytes as, told = event_encode_said(&event, said);
    struct wire_writer writer = wire_write(wire, sizeof(wire));
    event.seq = 1;
    event.actor = (struct actor){.organisation = bytes_of("twente"), .role = bytes_of("lead")};
    json_t *object = cloudevent_from_event(&event, NULL, &names);
    assert(object != NULL);
    bool converted = cloudevent_to_wire(object, &names, &faults, &writer, &as);
    assert(converted);
    if (event.private_part.size == 0 && told.size > 0) {
        bool accepted = event_read(wire_written(&writer), &scratch_again, &faults, &back);
        assert(accepted && bytes_equal(event_encode_said(&back, again), told));
    }
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    struct wire_writer writer = wire_write(room, sizeof(room));
    struct bytes as;
    struct event event;
    const char *reason;
    if (object == NULL) {
        return 0;
    }
    faults_clear(&faults);
    bool converted = cloudevent_to_wire(object, &names, &faults, &writer, &as);
    if (converted && wire_check(wire_written(&writer), &reason) &&
        event_read(wire_written(&writer), &scratch, &faults, &event)) {
        expect_same_again(event);
    }
    json_decref(object);
    return 0;
}
