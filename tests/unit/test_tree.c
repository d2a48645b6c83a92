#include "proto/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LEAVES_MAX 300

static struct hash leaves[LEAVES_MAX];

static int make_leaves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LEAVES_MAX; i++) {
        uint8_t event[] = {(uint8_t)(i >> 8), (uint8_t)i, 'x'};
        leaves[i] = tree_leaf((struct bytes){event, sizeof(event)});
    }
    return 0;
}

// The definition of RFC 6962, section 2.1, word for word.
static struct hash root_by_definition(const struct hash *from, size_t count)
{
    uint8_t node[1 + 2 * HASH_BYTES] = {1};
    size_t split = 1;
    if (count == 0) {
        return hash_of(bytes_of(""));
    }
    if (count == 1) {
        return from[0];
    }
    while (split * 2 < count) {
        split *= 2;
    }
    struct hash left = root_by_definition(from, split);
    struct hash right = root_by_definition(from + split, count - split);
    memcpy(node + 1, left.bytes, HASH_BYTES);
    memcpy(node + 1 + HASH_BYTES, right.bytes, HASH_BYTES);
    return hash_of((struct bytes){node, sizeof(node)});
}

static void expect_hex(struct hash hash, const char *expected)
{
    char hex[2 * HASH_BYTES + 1];
    hash_hex(&hash, hex);
    assert_string_equal(hex, expected);
}

// The test tree of the certificate-transparency project.
static void the_roots_are_those_of_certificate_transparency(void **state)
{
    static const struct {
        struct bytes event;
        const char *root; // with this event as the last
    } rows[] = {
        {{"", 0}, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {{"\x00", 1}, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {{"\x10", 1}, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {{"\x20\x21", 2}, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {{"\x30\x31", 2}, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {{"\x40\x41\x42\x43", 4},
         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {{"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    struct tree tree = {0};
    (void)state;
    expect_hex(tree_root(&tree),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hash leaf = tree_leaf(rows[i].event);
        tree_append(&tree, &leaf);
        assert_int_equal(tree.size, i + 1);
        expect_hex(tree_root(&tree), rows[i].root);
    }
}

static void the_compact_range_gives_the_root_of_the_definition(void **state)
{
    struct tree tree = {0};
    (void)state;
    for (size_t count = 0; count <= LEAVES_MAX; count++) {
        struct hash found = tree_root(&tree), expected = root_by_definition(leaves, count);
        assert_true(hash_equal(&found, &expected));
        if (count < LEAVES_MAX) {
            tree_append(&tree, &leaves[count]);
        }
    }
}

static void a_tree_that_was_stored_goes_on_as_if_it_had_not_been(void **state)
{
    struct tree tree = {0};
    uint8_t room[TREE_BYTES_MAX];
    (void)state;
    for (size_t count = 0; count < LEAVES_MAX; count++) {
        struct bytes bytes = tree_encode(&tree, room);
        struct tree back;
        memset(&back, 0xee, sizeof(back));
        assert_true(bytes.size == 8 + HASH_BYTES * (size_t)__builtin_popcountll(count));
        assert_true(tree_decode(bytes, &back));
        assert_int_equal(back.size, count);
        tree = back;
        tree_append(&tree, &leaves[count]);
    }
    struct hash found = tree_root(&tree), expected = root_by_definition(leaves, LEAVES_MAX);
    assert_true(hash_equal(&found, &expected));
}

static void a_damaged_tree_is_refused_and_leaves_the_old_one(void **state)
{
    struct tree tree = {0}, back = {.size = 77};
    uint8_t room[TREE_BYTES_MAX + 1] = {0};
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        tree_append(&tree, &leaves[i]);
    }
    struct bytes whole = tree_encode(&tree, room);
    assert_int_equal(whole.size, 8 + 3 * HASH_BYTES);
    for (size_t size = 0; size <= whole.size + 1; size++) {
        uint8_t *copy = malloc(size == 0 ? 1 : size); // the sanitizer watches its end
        assert_non_null(copy);
        memcpy(copy, room, size);
        assert_int_equal(tree_decode((struct bytes){copy, size}, &back), size == whole.size);
        assert_int_equal(back.size, size >= whole.size ? 7 : 77);
        free(copy);
    }
    room[7] = 6; // a size with another number of nodes
    assert_false(tree_decode(whole, &back));
    room[0] = 0xff;
    assert_false(tree_decode(whole, &back));
    assert_int_equal(back.size, 7);
}

static void the_largest_tree_fits_its_room(void **state)
{
    static struct tree tree, back;
    uint8_t room[TREE_BYTES_MAX];
    (void)state;
    tree.size = UINT64_MAX;
    memset(tree.nodes, 0x5a, sizeof(tree.nodes));
    struct bytes bytes = tree_encode(&tree, room);
    assert_int_equal(bytes.size, TREE_BYTES_MAX);
    assert_true(tree_decode(bytes, &back));
    assert_memory_equal(&tree, &back, sizeof(tree));
}

static void a_leaf_is_never_a_node(void **state)
{
    uint8_t children[2 * HASH_BYTES];
    struct tree tree = {0};
    (void)state;
    tree_append(&tree, &leaves[0]);
    tree_append(&tree, &leaves[1]);
    memcpy(children, leaves[0].bytes, HASH_BYTES);
    memcpy(children + HASH_BYTES, leaves[1].bytes, HASH_BYTES);
    struct hash root = tree_root(&tree);
    struct hash leaf = tree_leaf((struct bytes){children, sizeof(children)});
    assert_false(hash_equal(&root, &leaf));
    leaves[1].bytes[31] ^= 1; // one bit changes the root
    struct tree other = {0};
    tree_append(&other, &leaves[0]);
    tree_append(&other, &leaves[1]);
    leaves[1].bytes[31] ^= 1;
    struct hash changed = tree_root(&other);
    assert_false(hash_equal(&root, &changed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roots_are_those_of_certificate_transparency),
        cmocka_unit_test(the_compact_range_gives_the_root_of_the_definition),
        cmocka_unit_test(a_tree_that_was_stored_goes_on_as_if_it_had_not_been),
        cmocka_unit_test(a_damaged_tree_is_refused_and_leaves_the_old_one),
        cmocka_unit_test(the_largest_tree_fits_its_room),
        cmocka_unit_test(a_leaf_is_never_a_node),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
