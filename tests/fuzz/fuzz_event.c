// An event that is accepted has one form: it decodes to what was encoded, and what was said reads
// back as itself.
#include "proto/event.h"

#include <assert.h>

static struct event_scratch scratch, scratch_again;
static struct faults faults;

static bool is_sound(struct bytes bytes)
{
    const char *reason;
    return wire_check(bytes, &reason);
}

static void expect_utf8(void)
{
    for (unsigned i = 0; i < faults.count; i++) {
        const struct fault *fault = &faults.rows[i];
        assert(wire_is_utf8(fault->field) && wire_is_utf8(fault->found));
        assert(wire_is_utf8(fault->accepted) && fault->found.size > 0);
    }
}

static void expect_one_form(struct event event)
{
    static uint8_t encoded[EVENT_BYTES_MAX], said[EVENT_BYTES_MAX], again[EVENT_BYTES_MAX];
    struct event decoded, reread;
    event.seq = 9;
    event.time = 1;
    event.actor = (struct actor){.organisation = bytes_of("twente"), .role = bytes_of("lead")};
    struct bytes bytes = event_encode(&event, encoded);
    if (bytes.size == 0) {
        return; // larger than an event may be: commit.c refuses it
    }
    assert(is_sound(bytes));
    bool decodes = event_decode(bytes, &decoded);
    assert(decodes && bytes_equal(event_encode(&decoded, again), bytes));

    struct bytes told = event_encode_said(&event, said);
    assert(told.size > 0 && is_sound(told));
    assert(bytes_equal(event_encode_said(&decoded, again), told));
    faults_clear(&faults);
    if (event.private_part.size == 0) { // the private part is not among what is compared
        bool accepted = event_read(told, &scratch_again, &faults, &reread);
        assert(accepted && bytes_equal(event_encode_said(&reread, again), told));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct event event;
    if (!is_sound(bytes)) {
        return 0;
    }
    faults_clear(&faults);
    bool accepted = event_read(bytes, &scratch, &faults, &event);
    assert(accepted == (faults.count + faults.untold == 0));
    expect_utf8();
    if (accepted) {
        expect_one_form(event);
    }
    return 0;
}
