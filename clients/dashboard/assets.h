/*
 * assets - style, script and font, built into the program, so that it is one file to install.
 *
 * Their addresses hold a part of the hash of them all: what a browser has once, it may keep for
 * ever.
 */
#ifndef DASHBOARD_ASSETS_H
#define DASHBOARD_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

enum asset {
#define ASSET(NAME, name, type) ASSET_##NAME,
#include "clients/dashboard/assets.def"
#undef ASSET
    ASSET_COUNT
};

struct assets {
    struct {
        char address[96]; // "/assets/0123456789abcdef/site.css"
        char *zipped;     // NULL where that is not smaller
        size_t zipped_size;
    } rows[ASSET_COUNT];
};

struct asset_row {
    const char *name, *type;
    const char *begin, *end; // of its bytes
};

// False without memory.
bool assets_init(struct assets *assets);
void assets_finish(struct assets *assets);

const struct asset_row *assets_row(enum asset asset);
// The asset of an address; ASSET_COUNT if there is none.
enum asset assets_find(const struct assets *assets, const char *path);

#endif
