// Damaged bytes of an event: what decodes can be used without reading or writing out of bounds.
#include "proto/cloudevent.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[EVENT_BYTES_MAX];
    static const struct cloudevent_names names = {.type_prefix = CLOUDEVENT_TYPE_PREFIX};
    char topic[TOPIC_MAX];
    struct event event;
    if (!event_decode((struct bytes){data, size}, &event)) {
        return 0;
    }
    (void)event_encode(&event, room);
    (void)event_encode_said(&event, room);
    assert(event_topic(&event, topic).size <= TOPIC_MAX);
    json_decref(cloudevent_from_event(&event, NULL, &names));
    return 0;
}
