// Lines of an export: what is read is an event with the line's own hash, which writes the very line
// again but for white space and the order of attributes; and the sources of all of them are
// bounded.
#include "proto/export.h"

#include <assert.h>
#include <stdlib.h>

static struct export_reader reader;
static struct export_sources sources;

static json_t *written_again(void)
{
    const struct cloudevent_names names = {
        .type_prefix = reader.type_prefix,
        .source_id = reader.source_id,
    };
    char *line = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&line, &size);
    assert(file != NULL);
    if (reader.is_end) {
        export_write_end(file, &reader.end);
    } else {
        json_t *event = cloudevent_from_event(&reader.event, &reader.leaf, &names);
        char *text = json_dumps(event, JSON_COMPACT);
        export_write_event(file, reader.event.seq, reader.event.id, &reader.leaf, text);
        free(text);
        json_decref(event);
    }
    assert(fclose(file) == 0);
    json_t *again = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    free(line);
    return again;
}

// A line that only lacks the hash of its event, which no fuzzer finds, gets it.
static bool read_with_its_hash(void)
{
    char hex[2 * HASH_BYTES + 1];
    if (reader.encoded.size == 0 || !json_is_string(json_object_get(reader.line, "hash"))) {
        return false;
    }
    hash_hex(&reader.leaf, hex);
    (void)json_object_set_new(reader.line, "hash", json_string(hex)); // short is seen
    char *text = json_dumps(reader.line, JSON_COMPACT);
    reader.encoded.size = 0;
    bool sound = text != NULL && export_read(&reader, bytes_of(text));
    free(text);
    return sound;
}

static void read_line(struct bytes line)
{
    reader.encoded.size = 0;
    if (!export_read(&reader, line) && !read_with_its_hash()) {
        assert(reader.problem[0] != '\0');
        return;
    }
    if (!reader.is_end) {
        static uint8_t room[EVENT_BYTES_MAX];
        struct hash leaf = tree_leaf(reader.encoded);
        assert(hash_equal(&leaf, &reader.leaf));
        assert(bytes_equal(event_encode(&reader.event, room), reader.encoded));
        const char *source = export_source_of(&sources, &reader.event);
        assert(source != NULL && strlen(source) <= 20);
    }
    json_t *again = written_again();
    assert(json_equal(again, reader.line) == 1);
    json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = {data, size};
    sources.count = 0;
    while (rest.size > 0) {
        const char *at = rest.data, *end = memchr(at, '\n', rest.size);
        size_t length = end == NULL ? rest.size : (size_t)(end - at);
        read_line((struct bytes){at, length});
        length += end != NULL;
        rest = (struct bytes){at + length, rest.size - length};
    }
    export_finish(&reader);
    reader.has_prefix = false;
    return 0;
}
