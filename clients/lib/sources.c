#include "clients/lib/client.h"

#include "proto/event.h"

static struct source *find_source(struct waternet *connection, struct bytes region)
{
    for (size_t i = 0; i < connection->source_count; i++) {
        if (bytes_are(region, connection->sources[i].region)) {
            return &connection->sources[i];
        }
    }
    return NULL;
}

// A place for one more; the oldest goes if there is none.
static struct source *take_place(struct waternet *connection)
{
    if (connection->source_count < SOURCES_MAX) {
        return &connection->sources[connection->source_count++];
    }
    struct source *source = &connection->sources[connection->source_next];
    connection->source_next = (connection->source_next + 1) % SOURCES_MAX;
    return source;
}

// False if the daemon did not say: then it is not known, rather than that the region has none.
static bool ask_source(struct waternet *connection, struct bytes region, struct bytes *ret_id)
{
    uint8_t room[512];
    uint64_t number = ++connection->number;
    struct wire_writer request = ask_begin(room, sizeof(room), &connection->as, number, "get", 3);
    wire_pair_text(&request, "region", region);
    wire_pair_text(&request, "kind", bytes_of("region"));
    wire_pair_text(&request, "entity", region);

    struct bytes answer;
    if (connection_ask(connection, &request, number, &answer) != STATUS_OK) {
        return false;
    }
    struct wire_value record, fields;
    bool found = answer_read_status(answer) == STATUS_OK && wire_find(answer, "record", &record) &&
                 wire_find(record.raw, "fields", &fields);
    *ret_id = found ? wire_find_text(fields.raw, "source_id") : (struct bytes){0};
    return found || answer_read_status(answer) == STATUS_NOT_FOUND;
}

struct cloudevent_names sources_names(struct waternet *connection, struct bytes region)
{
    struct cloudevent_names names = {.type_prefix = connection->type_prefix};
    struct source *source = find_source(connection, region);
    struct bytes id;
    if (source == NULL && region.size <= ID_MAX && ask_source(connection, region, &id)) {
        source = take_place(connection);
        *source = (struct source){0};
        memcpy(source->region, region.data, region.size);
        if (id.size > 0 && id.size <= SOURCE_ID_MAX) {
            memcpy(source->id, id.data, id.size);
        }
    }
    if (source != NULL && source->id[0] != '\0') {
        names.source_id = source->id;
    }
    return names;
}

void sources_forget(struct waternet *connection, struct bytes region)
{
    struct source *source = find_source(connection, region);
    if (source != NULL) {
        *source = connection->sources[--connection->source_count];
    }
}

json_t *sources_cloudevent(struct waternet *connection, struct bytes bytes)
{
    const char *reason;
    struct event event;
    if (!wire_check(bytes, &reason) || !event_decode(bytes, &event)) {
        return NULL;
    }
    struct hash leaf = tree_leaf(bytes);
    struct cloudevent_names names = sources_names(connection, event.region);
    return cloudevent_from_event(&event, &leaf, &names);
}
