// Any text as a prefix, an id, a date, a decimal, a path.
#include "proto/schema.h"
#include "proto/topic.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = {data, size}, entity;
    struct prefix prefix;
    enum kind kind;
    if (prefix_read(text, &prefix)) {
        size_t parts = prefix.region.size + prefix.kind.size + prefix.entity.size;
        assert(size == parts + prefix.level + 1); // the parts and their slashes, nothing else
        assert(size <= TOPIC_MAX);
    }
    if (schema_is_path(text, &kind, &entity)) {
        assert(schema_is_id(entity) && size <= SUBJECT_MAX);
        assert(size == strlen(kind_row(kind)->name) + 1 + entity.size);
    }
    bool id = schema_is_id(text), date = schema_is_date(text), decimal = schema_is_decimal(text);
    assert(!id || size <= ID_MAX);
    assert(!date || size <= 10);
    assert(!decimal || size <= 40);
    return 0;
}
