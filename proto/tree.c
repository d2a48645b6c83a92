#include "proto/tree.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>

static pthread_key_t context_key;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256; // for the life of the process: finding it costs as much as a short hash

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void make_key(void)
{
    int failed = pthread_key_create(&context_key, free_context);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    assert(failed == 0 && sha256 != NULL);
}

// One context a thread for its life: making one costs more than hashing an event.
static EVP_MD_CTX *hash_context(void)
{
    static _Thread_local EVP_MD_CTX *context;
    if (context == NULL) {
        (void)pthread_once(&context_once, make_key); // fails only for what is no key
        context = EVP_MD_CTX_new();
        assert(context != NULL);
        (void)pthread_setspecific(context_key, context); // so that it goes with its thread
    }
    return context;
}

// SHA-256 over up to three parts. EVP fails only without memory or without the algorithm, both of
// which end the process: nothing can be promised without a hash.
static struct hash hash_parts(const struct bytes *parts, size_t count)
{
    EVP_MD_CTX *context = hash_context();
    struct hash hash;
    int ok = EVP_DigestInit_ex(context, sha256, NULL);
    for (size_t i = 0; i < count; i++) {
        ok &= EVP_DigestUpdate(context, parts[i].data, parts[i].size);
    }
    ok &= EVP_DigestFinal_ex(context, hash.bytes, NULL);
    assert(ok == 1);
    return hash;
}

struct hash hash_of(struct bytes bytes)
{
    return hash_parts(&bytes, 1);
}

struct hash tree_leaf(struct bytes event)
{
    const struct bytes parts[] = {{"\x00", 1}, event};
    return hash_parts(parts, 2);
}

static struct hash tree_node(const struct hash *left, const struct hash *right)
{
    const struct bytes parts[] = {
        {"\x01", 1}, {left->bytes, HASH_BYTES}, {right->bytes, HASH_BYTES}};
    return hash_parts(parts, 3);
}

void tree_append(struct tree *tree, const struct hash *leaf)
{
    struct hash node = *leaf;
    unsigned count = (unsigned)__builtin_popcountll(tree->size);
    // Each set bit at the low end is a full subtree as large as the node: together they are one.
    for (uint64_t size = tree->size; (size & 1) != 0; size >>= 1) {
        node = tree_node(&tree->nodes[--count], &node);
    }
    tree->nodes[count] = node;
    tree->size++;
}

struct hash tree_root(const struct tree *tree)
{
    unsigned count = (unsigned)__builtin_popcountll(tree->size);
    if (count == 0) {
        return hash_of((struct bytes){"", 0});
    }
    struct hash root = tree->nodes[count - 1];
    for (unsigned i = count - 1; i > 0; i--) {
        root = tree_node(&tree->nodes[i - 1], &root);
    }
    return root;
}

void hash_hex(const struct hash *hash, char ret_hex[2 * HASH_BYTES + 1])
{
    for (size_t i = 0; i < HASH_BYTES; i++) {
        ret_hex[2 * i] = "0123456789abcdef"[hash->bytes[i] >> 4];
        ret_hex[2 * i + 1] = "0123456789abcdef"[hash->bytes[i] & 15];
    }
    ret_hex[2 * HASH_BYTES] = '\0';
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

struct bytes tree_encode(const struct tree *tree, void *room)
{
    uint8_t *at = room;
    size_t nodes = (size_t)__builtin_popcountll(tree->size) * HASH_BYTES;
    for (unsigned i = 0; i < 8; i++) {
        at[i] = (uint8_t)(tree->size >> (56 - 8 * i));
    }
    memcpy(at + 8, tree->nodes, nodes);
    return (struct bytes){room, 8 + nodes};
}

bool tree_decode(struct bytes bytes, struct tree *ret_tree)
{
    const uint8_t *at = bytes.data;
    struct tree tree = {0};
    if (bytes.size < 8) {
        return false;
    }
    for (unsigned i = 0; i < 8; i++) {
        tree.size = tree.size << 8 | at[i];
    }
    size_t nodes = (size_t)__builtin_popcountll(tree.size) * HASH_BYTES;
    if (bytes.size != 8 + nodes) {
        return false;
    }
    memcpy(tree.nodes, at + 8, nodes);
    *ret_tree = tree;
    return true;
}
