/*
 * wire - MessagePack, bounded on the way in and canonical on the way out.
 *
 * Nothing that came from outside is read before wire_check() has passed it: one whole value, no
 * deeper and with no more items than limits.h says, counts that fit the bytes that are left, maps
 * with different string keys, text in UTF-8; no nil, no floats, no extension types. It allocates
 * nothing. (msgpack-c allocates by the counts that a header announces, so five bytes can ask for
 * gigabytes; it is used for packing here, where the counts are ours.)
 *
 * Source: the MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include "proto/bytes.h"

#include <stdint.h>

enum wire_type { WIRE_UINT, WIRE_NEGATIVE, WIRE_FLAG, WIRE_TEXT, WIRE_BINARY, WIRE_LIST, WIRE_MAP };

// One value. raw is the value with its header, children included, only after wire_take().
struct wire_value {
    enum wire_type type;
    uint64_t number;    // UINT: the value; FLAG: 0 or 1; NEGATIVE: the int64_t, cast
    uint32_t count;     // LIST: items; MAP: pairs
    struct bytes bytes; // TEXT, BINARY: what is in it
    struct bytes raw;   // the whole encoded value
};

// A place in checked bytes. Lent: good as long as the bytes.
struct wire_reader {
    const uint8_t *at, *end;
};

// True if bytes are one whole value that keeps every rule above. If not, *ret_reason is an English
// sentence part that says which rule ("text that is not UTF-8"), for ever good.
bool wire_check(struct bytes bytes, const char **ret_reason);
// The same for an answer, which may hold more: ANSWER_DEPTH_MAX, ANSWER_ITEMS_MAX.
bool wire_check_answer(struct bytes bytes, const char **ret_reason);

// Reading checked bytes. wire_next() reads a header (for LIST and MAP the children come next),
// wire_take() a whole value with all its children. Both return false at the end, and (for bytes
// that were not checked) where the bytes are not well-formed.
struct wire_reader wire_read(struct bytes bytes);
bool wire_next(struct wire_reader *reader, struct wire_value *ret_value);
bool wire_take(struct wire_reader *reader, struct wire_value *ret_value);

// Finds a key of a map, both checked; false if it is no map or has no such key.
bool wire_find(struct bytes map, const char *key, struct wire_value *ret_value);
// The same, returning the text, or empty bytes; the number, or 0.
struct bytes wire_find_text(struct bytes map, const char *key);
uint64_t wire_find_number(struct bytes map, const char *key);

// Writing into memory of the caller. What does not fit sets `overflow` and changes nothing more, so
// that only the end has to be looked at. Headers are always the shortest.
struct wire_writer {
    uint8_t *data;
    size_t size;  // written
    size_t limit; // room
    bool overflow;
};

struct wire_writer wire_write(void *data, size_t limit);
void wire_put_map(struct wire_writer *writer, uint32_t pairs);
void wire_put_list(struct wire_writer *writer, uint32_t items);
void wire_put_text(struct wire_writer *writer, struct bytes text);
void wire_put_binary(struct wire_writer *writer, struct bytes binary);
void wire_put_uint(struct wire_writer *writer, uint64_t number);
void wire_put_int(struct wire_writer *writer, int64_t number);
void wire_put_flag(struct wire_writer *writer, bool flag);
void wire_put_raw(struct wire_writer *writer, struct bytes encoded);
// A key and a value at once, for the many maps we write.
void wire_pair_text(struct wire_writer *writer, const char *key, struct bytes text);
void wire_pair_uint(struct wire_writer *writer, const char *key, uint64_t number);
void wire_pair_binary(struct wire_writer *writer, const char *key, struct bytes binary);
// What has been written; size 0 after an overflow.
struct bytes wire_written(const struct wire_writer *writer);

// UTF-8 as RFC 3629 has it: no surrogates, nothing over-long, nothing above U+10FFFF.
bool wire_is_utf8(struct bytes text);

#endif
