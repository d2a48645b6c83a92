/*
 * bytes - a lent view of bytes that somebody else owns.
 *
 * Never freed through the view. The function that returns one says how long it stays good; the
 * usual answers are "until the transaction ends" (bytes of the store) and "until the message is
 * closed" (bytes of a socket). Text is UTF-8 and is not closed by a zero.
 */
#ifndef PROTO_BYTES_H
#define PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct bytes {
    const void *data;
    size_t size;
};

// The view of a C string, without its closing zero.
static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){.data = text, .size = strlen(text)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool bytes_are(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

// Byte order, a prefix before what it begins: the order of LMDB's keys and of free maps on the
// wire.
static inline int bytes_compare(struct bytes a, struct bytes b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static inline bool bytes_begin_with(struct bytes a, struct bytes prefix)
{
    return a.size >= prefix.size &&
           (prefix.size == 0 || memcmp(a.data, prefix.data, prefix.size) == 0);
}

// For printf("%.*s", BYTES_PRINT(x)): text of ours is never longer than an int can say.
#define BYTES_PRINT(b) (int)(b).size, (const char *)(b).data

#endif
