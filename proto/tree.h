/*
 * tree - the Merkle tree over the log, kept as a compact range: the roots of its perfect subtrees.
 *
 * Leaf: SHA-256 over 0x00 and the event's bytes. Node: SHA-256 over 0x01, left, right. The root of
 * no events is SHA-256 of nothing. Source: RFC 6962, section 2.1.
 */
#ifndef PROTO_TREE_H
#define PROTO_TREE_H

#include "proto/bytes.h"
#include "proto/limits.h"

#include <stdint.h>

struct hash {
    uint8_t bytes[HASH_BYTES];
};

// The subtree of bit i of size, largest first. Zeroed is the empty tree.
struct tree {
    uint64_t size;         // leaves
    struct hash nodes[64]; // as many as size has bits set
};

struct hash tree_leaf(struct bytes event);
void tree_append(struct tree *tree, const struct hash *leaf);
struct hash tree_root(const struct tree *tree);

// SHA-256 of bytes as they are.
struct hash hash_of(struct bytes bytes);
// 64 hex digits and a closing zero.
void hash_hex(const struct hash *hash, char ret_hex[2 * HASH_BYTES + 1]);
bool hash_equal(const struct hash *a, const struct hash *b);

// On disk: size as 8 bytes big-endian, then the nodes. Room: TREE_BYTES_MAX.
#define TREE_BYTES_MAX (8 + 64 * HASH_BYTES)
struct bytes tree_encode(const struct tree *tree, void *room);
bool tree_decode(struct bytes bytes, struct tree *ret_tree) MUST_CHECK;

#endif
