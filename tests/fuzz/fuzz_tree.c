// Any bytes as a stored tree: what decodes encodes to itself and can be used.
#include "proto/tree.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tree tree;
    uint8_t room[TREE_BYTES_MAX];
    if (tree_decode((struct bytes){data, size}, &tree)) {
        assert(bytes_equal(tree_encode(&tree, room), (struct bytes){data, size}));
        struct hash leaf = tree_root(&tree);
        if (tree.size < UINT64_MAX) {
            tree_append(&tree, &leaf);
            (void)tree_root(&tree);
        }
    }
    return 0;
}
