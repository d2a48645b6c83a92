#include "proto/topic.h"

#include "proto/schema.h"

// Cuts the next part off, up to a slash. False if there is no slash.
static bool take_part(struct bytes *rest, struct bytes *ret_part)
{
    const char *slash = rest->size == 0 ? NULL : memchr(rest->data, '/', rest->size);
    if (slash == NULL) {
        return false;
    }
    *ret_part = (struct bytes){rest->data, (size_t)(slash - (const char *)rest->data)};
    *rest = (struct bytes){slash + 1, rest->size - ret_part->size - 1};
    return true;
}

bool prefix_read(struct bytes text, struct prefix *ret_prefix)
{
    struct prefix prefix = {.level = LEVEL_LOG, .text = text};
    struct bytes rest = text, root;
    if (!take_part(&rest, &root) || root.size != 0) {
        return false;
    }
    struct bytes *const parts[] = {&prefix.region, &prefix.kind, &prefix.entity};
    for (unsigned i = 0; i < 3 && rest.size > 0; i++) {
        if (!take_part(&rest, parts[i])) {
            return false;
        }
        bool fits = i == 1 ? kind_find(*parts[i]) != KIND_NONE : schema_is_id(*parts[i]);
        if (!fits) {
            return false;
        }
        prefix.level = (enum level)(i + 1);
    }
    if (rest.size > 0) {
        return false;
    }
    *ret_prefix = prefix;
    return true;
}

bool prefix_has(const struct prefix *prefix, const struct event *event)
{
    struct bytes kind = bytes_of(kind_row(event->kind)->name);
    return (prefix->level < LEVEL_REGION || bytes_equal(prefix->region, event->region)) &&
           (prefix->level < LEVEL_KIND || bytes_equal(prefix->kind, kind)) &&
           (prefix->level < LEVEL_ENTITY || bytes_equal(prefix->entity, event->entity));
}

uint64_t prefix_prev(const struct prefix *prefix, const struct event *event)
{
    return prefix->level == LEVEL_LOG ? event->seq - 1 : event->prev[prefix->level - 1];
}
