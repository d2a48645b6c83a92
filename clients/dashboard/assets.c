#include "clients/dashboard/assets.h"

#include "clients/dashboard/zip.h"
#include "proto/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The file's bytes, put into the program by the assembler; C17 has no way of its own.
#define ASSET(NAME, name, type)                                                                    \
    __asm__(".section .rodata\n"                                                                   \
            ".global asset_" #NAME "\n"                                                            \
            ".hidden asset_" #NAME "\n"                                                            \
            "asset_" #NAME ":\n"                                                                   \
            ".incbin \"" ASSETS_DIR "/" name "\"\n"                                                \
            ".global asset_end_" #NAME "\n"                                                        \
            ".hidden asset_end_" #NAME "\n"                                                        \
            "asset_end_" #NAME ":\n"                                                               \
            ".byte 0\n"                                                                            \
            ".text\n");                                                                            \
    extern const char asset_##NAME[], asset_end_##NAME[];
#include "clients/dashboard/assets.def"
#undef ASSET

const struct asset_row *assets_row(enum asset asset)
{
    static const struct asset_row rows[] = {
#define ASSET(NAME, name, type) {name, type, asset_##NAME, asset_end_##NAME},
#include "clients/dashboard/assets.def"
#undef ASSET
    };
    return &rows[asset];
}

// One hash for all of them, since the style names the font beside it.
static struct hash hash_all(void)
{
    struct hash leaves[ASSET_COUNT];
    for (int i = 0; i < ASSET_COUNT; i++) {
        const struct asset_row *row = assets_row((enum asset)i);
        leaves[i] = tree_leaf((struct bytes){row->begin, (size_t)(row->end - row->begin)});
    }
    return tree_leaf((struct bytes){leaves, sizeof(leaves)});
}

bool assets_init(struct assets *assets)
{
    const struct hash hash = hash_all();
    char digits[17];
    for (int i = 0; i < 8; i++) {
        (void)snprintf(digits + (ptrdiff_t)2 * i, 3, "%02x", hash.bytes[i]); // two digits
    }
    for (int i = 0; i < ASSET_COUNT; i++) {
        const struct asset_row *row = assets_row((enum asset)i);
        size_t size = (size_t)(row->end - row->begin);
        (void)snprintf(assets->rows[i].address, sizeof(assets->rows[i].address), "/assets/%s/%s",
                       digits, row->name); // it fits
        assets->rows[i].zipped = zip_bytes(row->begin, size, &assets->rows[i].zipped_size);
        if (assets->rows[i].zipped == NULL) {
            return false;
        }
    }
    return true;
}

void assets_finish(struct assets *assets)
{
    for (int i = 0; i < ASSET_COUNT; i++) {
        free(assets->rows[i].zipped);
        assets->rows[i].zipped = NULL;
    }
}

enum asset assets_find(const struct assets *assets, const char *path)
{
    for (int i = 0; i < ASSET_COUNT; i++) {
        if (strcmp(assets->rows[i].address, path) == 0) {
            return (enum asset)i;
        }
    }
    return ASSET_COUNT;
}
