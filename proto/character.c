#include "proto/character.h"

int32_t character_next(const unsigned char **at)
{
    const unsigned char *byte = *at;
    unsigned more = byte[0] < 0x80 ? 0 : byte[0] < 0xe0 ? 1 : byte[0] < 0xf0 ? 2 : 3;
    *at = byte + 1;
    if (more == 0) {
        return byte[0];
    }
    if (byte[0] < 0xc2 || byte[0] > 0xf4) {
        return -1;
    }
    int32_t character = byte[0] & (0x3f >> more);
    for (unsigned i = 1; i <= more; i++) {
        if ((byte[i] & 0xc0) != 0x80) {
            return -1;
        }
        character = (character << 6) | (byte[i] & 0x3f);
    }
    static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
    bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < least[more] || character > 0x10ffff || surrogate) {
        return -1;
    }
    *at = byte + more + 1;
    return character;
}

bool character_is_control(int32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool character_is_layout(int32_t character)
{
    return character == 0x061c || character == 0x200e || character == 0x200f ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}
