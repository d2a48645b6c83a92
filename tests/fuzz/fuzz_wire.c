// Whatever wire_check() passes can be read to its end, in headers and as a whole; the rest is never
// read out of bounds.
#include "proto/limits.h"
#include "proto/wire.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct wire_reader reader = wire_read(bytes), whole = wire_read(bytes);
    struct wire_value value, taken;
    const char *reason = NULL;
    unsigned values = 0;

    bool sound = wire_check(bytes, &reason);
    assert(sound || reason != NULL);
    assert(!sound || wire_check_answer(bytes, &reason)); // an answer may hold more, never less
    while (wire_next(&reader, &value)) {
        assert(!sound || value.type != WIRE_TEXT || wire_is_utf8(value.bytes));
        values++;
    }
    bool took = wire_take(&whole, &taken);
    (void)wire_find(bytes, "id", &value);
    (void)wire_find_text(bytes, "type");
    (void)wire_find_number(bytes, "seq");
    if (sound) {
        assert(reader.at == reader.end && values <= WIRE_ITEMS_MAX);
        assert(took && whole.at == whole.end && bytes_equal(taken.raw, bytes));
    }
    return 0;
}
