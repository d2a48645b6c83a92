/*
 * latest - the number of the newest event of each level, kept while a log is read: 16 to 32 bytes a
 * level, of which there are about as many as entities.
 */
#ifndef CLI_LATEST_H
#define CLI_LATEST_H

#include "proto/bytes.h"

#include <stdint.h>

// Zeroed is empty. Levels are known by 64 bits of a hash.
struct latest {
    struct latest_row {
        uint64_t level, seq; // 0: free
    } * rows;
    size_t room, count; // room is a power of two
};

// *ret_before is what it was, 0 if nothing. False without memory.
bool latest_set(struct latest *latest, struct bytes level, uint64_t seq, uint64_t *ret_before);
void latest_finish(struct latest *latest);

#endif
