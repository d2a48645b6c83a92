#include "clients/dashboard/zip.h"

#include <stdlib.h>
#include <zlib.h>

#define LEVEL 5
#define GZIP_WINDOW (15 + 16) // 16: with the head of gzip
#define MEMORY 8              // zlib's default

// zlib takes what it reads as not const, and changes nothing.
static unsigned char *unconst(const char *data)
{
    union {
        const char *lent;
        unsigned char *taken;
    } both = {.lent = data};
    return both.taken;
}

char *zip_bytes(const char *data, size_t size, size_t *ret_size)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        return NULL;
    }
    size_t room = deflateBound(&stream, size);
    char *made = malloc(room);
    stream.next_in = unconst(data);
    stream.avail_in = (uInt)size;
    stream.next_out = (unsigned char *)made;
    stream.avail_out = (uInt)room;
    if (made != NULL && deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        free(made);
        made = NULL;
    }
    *ret_size = stream.total_out;
    (void)deflateEnd(&stream); // everything has been written, or nothing is used
    return made;
}
