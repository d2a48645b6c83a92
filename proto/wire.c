#include "proto/wire.h"

#include "proto/limits.h"

#include <msgpack.h>

// Reading ---------------------------------------------------------------------------------------

// The headers of MessagePack that are taken. width: bytes of the number behind the first byte.
struct header {
    enum wire_type type;
    unsigned width;
    bool is_signed;
    bool known;
};

static struct header header_of(uint8_t first)
{
    static const struct header headers[0x20] = {
        [0x02] = {WIRE_FLAG, 0, false, true},   [0x03] = {WIRE_FLAG, 0, false, true},
        [0x04] = {WIRE_BINARY, 1, false, true}, [0x05] = {WIRE_BINARY, 2, false, true},
        [0x06] = {WIRE_BINARY, 4, false, true}, [0x0c] = {WIRE_UINT, 1, false, true},
        [0x0d] = {WIRE_UINT, 2, false, true},   [0x0e] = {WIRE_UINT, 4, false, true},
        [0x0f] = {WIRE_UINT, 8, false, true},   [0x10] = {WIRE_UINT, 1, true, true},
        [0x11] = {WIRE_UINT, 2, true, true},    [0x12] = {WIRE_UINT, 4, true, true},
        [0x13] = {WIRE_UINT, 8, true, true},    [0x19] = {WIRE_TEXT, 1, false, true},
        [0x1a] = {WIRE_TEXT, 2, false, true},   [0x1b] = {WIRE_TEXT, 4, false, true},
        [0x1c] = {WIRE_LIST, 2, false, true},   [0x1d] = {WIRE_LIST, 4, false, true},
        [0x1e] = {WIRE_MAP, 2, false, true},    [0x1f] = {WIRE_MAP, 4, false, true},
    };
    return headers[first - 0xc0];
}

static bool is_container(enum wire_type type)
{
    return type == WIRE_LIST || type == WIRE_MAP;
}

// The one-byte headers that hold their number themselves, which are most. False if first is none.
static inline bool read_fixed(uint8_t first, enum wire_type *ret_type, uint64_t *ret_number)
{
    if (first < 0x80) {
        *ret_type = WIRE_UINT;
        *ret_number = first;
    } else if (first < 0xc0) {
        *ret_type = first >= 0xa0 ? WIRE_TEXT : first >= 0x90 ? WIRE_LIST : WIRE_MAP;
        *ret_number = first & (first >= 0xa0 ? 0x1f : 0x0f);
    } else if (first >= 0xe0) {
        *ret_type = WIRE_NEGATIVE;
        *ret_number = (uint64_t)(int64_t)(int8_t)first;
    }
    return first < 0xc0 || first >= 0xe0;
}

// The number of width bytes, big-endian, sign-extended where the header says so.
static uint64_t read_number(const uint8_t *at, unsigned width, bool is_signed)
{
    uint64_t number = is_signed && (at[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (unsigned i = 0; i < width; i++) {
        number = number << 8 | at[i];
    }
    return number;
}

struct wire_reader wire_read(struct bytes bytes)
{
    const uint8_t *at = bytes.data;
    return (struct wire_reader){.at = at, .end = at == NULL ? at : at + bytes.size};
}

// A header and what it announces. Returns the place behind the header; NULL if it is cut short, or
// of a kind that is not taken.
static inline const uint8_t *read_header(const uint8_t *at, const uint8_t *end,
                                         enum wire_type *ret_type, uint64_t *ret_number)
{
    if (at == end) {
        return NULL;
    }
    uint8_t first = *at++;
    if (read_fixed(first, ret_type, ret_number)) {
        return at;
    }
    struct header header = header_of(first);
    if (!header.known || header.width > (size_t)(end - at)) {
        return NULL;
    }
    *ret_type = header.type;
    *ret_number =
        header.width == 0 ? (first & 1u) : read_number(at, header.width, header.is_signed);
    if (header.is_signed && (int64_t)*ret_number < 0) {
        *ret_type = WIRE_NEGATIVE;
    }
    return at + header.width;
}

static inline bool has_body(enum wire_type type)
{
    return type == WIRE_TEXT || type == WIRE_BINARY;
}

static inline uint64_t children_of(enum wire_type type, uint64_t count)
{
    return type == WIRE_MAP ? 2 * count : type == WIRE_LIST ? count : 0;
}

static inline bool next_value(struct wire_reader *reader, struct wire_value *ret_value)
{
    enum wire_type type = WIRE_UINT;
    uint64_t number = 0;
    const uint8_t *at = read_header(reader->at, reader->end, &type, &number);
    if (at == NULL || (has_body(type) && number > (size_t)(reader->end - at))) {
        return false;
    }
    const uint8_t *behind = has_body(type) ? at + number : at;
    *ret_value = (struct wire_value){
        .type = type,
        .number = number,
        .count = is_container(type) ? (uint32_t)number : 0,
        .raw = {reader->at, (size_t)(behind - reader->at)},
    };
    if (has_body(type)) {
        ret_value->bytes = (struct bytes){at, (size_t)number};
    }
    reader->at = behind;
    return true;
}

bool wire_next(struct wire_reader *reader, struct wire_value *ret_value)
{
    return next_value(reader, ret_value);
}

// Passes over so many values and all that is in them. The place behind; NULL as above.
static const uint8_t *pass(const uint8_t *at, const uint8_t *end, uint64_t owed)
{
    while (owed > 0) {
        enum wire_type type;
        uint64_t number;
        at = read_header(at, end, &type, &number);
        if (at == NULL || (has_body(type) && number > (size_t)(end - at))) {
            return NULL;
        }
        at += has_body(type) ? number : 0;
        owed += children_of(type, number) - 1;
    }
    return at;
}

bool wire_take(struct wire_reader *reader, struct wire_value *ret_value)
{
    struct wire_reader ahead = *reader;
    struct wire_value value;
    if (!next_value(&ahead, &value)) {
        return false;
    }
    if (is_container(value.type)) {
        const uint8_t *behind = pass(ahead.at, ahead.end, children_of(value.type, value.count));
        if (behind == NULL) {
            return false;
        }
        ahead.at = behind;
        value.raw.size = (size_t)(behind - reader->at);
    }
    *reader = ahead;
    *ret_value = value;
    return true;
}

bool wire_find(struct bytes map, const char *key, struct wire_value *ret_value)
{
    struct wire_reader reader = wire_read(map);
    struct wire_value head, name;
    if (!next_value(&reader, &head) || head.type != WIRE_MAP) {
        return false;
    }
    size_t length = strlen(key);
    for (uint32_t i = 0; i < head.count; i++) {
        if (!next_value(&reader, &name)) {
            return false;
        }
        if (name.bytes.size == length && memcmp(name.bytes.data, key, length) == 0) {
            return wire_take(&reader, ret_value);
        }
        reader.at = pass(reader.at, reader.end, 1);
        if (reader.at == NULL) {
            return false;
        }
    }
    return false;
}

struct bytes wire_find_text(struct bytes map, const char *key)
{
    struct wire_value value;
    bool found = wire_find(map, key, &value) && value.type == WIRE_TEXT;
    return found ? value.bytes : (struct bytes){0};
}

uint64_t wire_find_number(struct bytes map, const char *key)
{
    struct wire_value value;
    return wire_find(map, key, &value) && value.type == WIRE_UINT ? value.number : 0;
}

// Checking --------------------------------------------------------------------------------------

bool wire_is_utf8(struct bytes text)
{
    const uint8_t *at = text.data, *end = at + text.size;
    while (at < end) {
        uint64_t eight;
        while (end - at >= 8 &&
               (memcpy(&eight, at, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            at += 8; // most text is ASCII
        }
        while (at < end && *at < 0x80) {
            at++;
        }
        if (at == end) {
            break;
        }
        uint8_t first = *at++;
        unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || (size_t)(end - at) < more) {
            return false;
        }
        uint32_t point = first & (0x3fu >> more);
        for (unsigned i = 0; i < more; i++) {
            if ((*at & 0xc0) != 0x80) {
                return false;
            }
            point = point << 6 | (*at++ & 0x3fu);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
            return false;
        }
    }
    return true;
}

// A list or map that is still open. Its keys are those from first_key on: the keys of a map inside
// it are dropped when that map ends, so each map's own keys stay together.
struct open_container {
    uint64_t left; // values still to come, keys included
    bool is_map;
    uint32_t first_key;
};

#define OPEN_KEYS_MAX (ANSWER_DEPTH_MAX * WIRE_MAP_MAX)

struct check {
    struct open_container open[ANSWER_DEPTH_MAX + 1];
    unsigned depth, depth_max;
    uint32_t items, items_max, keys;
    struct bytes key[OPEN_KEYS_MAX];
};

static const char *check_key(struct check *check, const struct wire_value *value)
{
    if (value->type != WIRE_TEXT) {
        return "a map with a key that is no text";
    }
    for (uint32_t i = check->open[check->depth].first_key; i < check->keys; i++) {
        if (bytes_equal(check->key[i], value->bytes)) {
            return "a map with the same key twice";
        }
    }
    check->key[check->keys++] = value->bytes;
    return NULL;
}

static const char *check_container(struct check *check, const struct wire_value *value, size_t left)
{
    uint64_t children = value->type == WIRE_MAP ? 2 * (uint64_t)value->count : value->count;
    if (children > left) {
        return "a count larger than the bytes that follow";
    }
    if (value->type == WIRE_MAP && value->count > WIRE_MAP_MAX) {
        return "a map of more than 256 keys";
    }
    if (check->depth == check->depth_max) {
        return "more levels than the limit";
    }
    if (children == 0) {
        return NULL;
    }
    check->open[++check->depth] = (struct open_container){
        .left = children, .is_map = value->type == WIRE_MAP, .first_key = check->keys};
    return NULL;
}

static const char *check_value(struct check *check, const struct wire_value *value, size_t left)
{
    if (++check->items > check->items_max) {
        return "more values than the limit";
    }
    if (value->type == WIRE_TEXT && !wire_is_utf8(value->bytes)) {
        return "text that is not UTF-8";
    }
    struct open_container *inside = &check->open[check->depth];
    if (inside->is_map && inside->left % 2 == 0) {
        const char *reason = check_key(check, value);
        if (reason != NULL) {
            return reason;
        }
    }
    inside->left--;
    return is_container(value->type) ? check_container(check, value, left) : NULL;
}

static void close_ended(struct check *check)
{
    while (check->depth > 0 && check->open[check->depth].left == 0) {
        check->keys = check->open[check->depth].first_key;
        check->depth--;
    }
}

static bool check_whole(struct bytes bytes, unsigned depth_max, uint32_t items_max,
                        const char **ret_reason)
{
    // Not cleared: of 50 KiB a small request touches little. Not on the stack, whose pages the
    // compiler would touch one by one.
    static _Thread_local struct check check;
    check.depth = 0;
    check.depth_max = depth_max;
    check.items = check.keys = 0;
    check.items_max = items_max;
    check.open[0] = (struct open_container){.left = 1};

    struct wire_reader reader = wire_read(bytes);
    const char *reason = NULL;
    while (reason == NULL && check.open[check.depth].left > 0) {
        struct wire_value value;
        if (!wire_next(&reader, &value)) {
            reason = reader.at == reader.end ? "it ends too early"
                                             : "a value that is not taken here (nil, float or "
                                               "extension), or cut short";
            break;
        }
        reason = check_value(&check, &value, (size_t)(reader.end - reader.at));
        close_ended(&check);
    }
    if (reason == NULL && reader.at != reader.end) {
        reason = "bytes behind the end";
    }
    if (reason != NULL) {
        *ret_reason = reason;
    }
    return reason == NULL;
}

bool wire_check(struct bytes bytes, const char **ret_reason)
{
    return check_whole(bytes, WIRE_DEPTH_MAX, WIRE_ITEMS_MAX, ret_reason);
}

bool wire_check_answer(struct bytes bytes, const char **ret_reason)
{
    return check_whole(bytes, ANSWER_DEPTH_MAX, ANSWER_ITEMS_MAX, ret_reason);
}

// Writing ---------------------------------------------------------------------------------------

// msgpack-c hands over the bytes of each header and each body here.
static int append(void *data, const char *bytes, size_t size)
{
    struct wire_writer *writer = data;
    if (writer->overflow || size > writer->limit - writer->size) {
        writer->overflow = true;
        return -1;
    }
    memcpy(writer->data + writer->size, bytes, size);
    writer->size += size;
    return 0;
}

static msgpack_packer packer_of(struct wire_writer *writer)
{
    return (msgpack_packer){.data = writer, .callback = append};
}

struct wire_writer wire_write(void *data, size_t limit)
{
    return (struct wire_writer){.data = data, .limit = limit};
}

void wire_put_map(struct wire_writer *writer, uint32_t pairs)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_map(&packer, pairs);
}

void wire_put_list(struct wire_writer *writer, uint32_t items)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_array(&packer, items);
}

void wire_put_text(struct wire_writer *writer, struct bytes text)
{
    if (writer->overflow) { // as where nothing is to be written
        return;
    }
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_str(&packer, text.size);
    wire_put_raw(writer, text);
}

void wire_put_binary(struct wire_writer *writer, struct bytes binary)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_bin(&packer, binary.size);
    wire_put_raw(writer, binary);
}

void wire_put_uint(struct wire_writer *writer, uint64_t number)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_uint64(&packer, number);
}

void wire_put_int(struct wire_writer *writer, int64_t number)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_int64(&packer, number);
}

void wire_put_flag(struct wire_writer *writer, bool flag)
{
    msgpack_packer packer = packer_of(writer);
    (void)(flag ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer)); // sticky in writer
}

void wire_put_raw(struct wire_writer *writer, struct bytes encoded)
{
    if (encoded.size > 0) {
        (void)append(writer, encoded.data, encoded.size); // a failure is sticky in writer
    }
}

void wire_pair_text(struct wire_writer *writer, const char *key, struct bytes text)
{
    wire_put_text(writer, bytes_of(key));
    wire_put_text(writer, text);
}

void wire_pair_uint(struct wire_writer *writer, const char *key, uint64_t number)
{
    wire_put_text(writer, bytes_of(key));
    wire_put_uint(writer, number);
}

void wire_pair_binary(struct wire_writer *writer, const char *key, struct bytes binary)
{
    wire_put_text(writer, bytes_of(key));
    wire_put_binary(writer, binary);
}

struct bytes wire_written(const struct wire_writer *writer)
{
    return (struct bytes){writer->data, writer->overflow ? 0 : writer->size};
}
