#include "clients/dashboard/utf8.h"

static size_t length_of(unsigned char first)
{
    return first < 0x80             ? 1
           : (first & 0xe0) == 0xc0 ? 2
           : (first & 0xf0) == 0xe0 ? 3
           : (first & 0xf8) == 0xf0 ? 4
                                    : 0;
}

uint32_t utf8_read(const char *text, size_t size, size_t *ret_taken)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; // by length
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = length_of(bytes[0]);
    *ret_taken = 1;
    if (length == 0 || length > size) {
        return UTF8_NONE;
    }
    uint32_t number = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return UTF8_NONE;
        }
        number = number << 6 | (bytes[i] & 0x3f);
    }
    if (number < least[length] || (number >= 0xd800 && number < 0xe000) || number > 0x10ffff) {
        return UTF8_NONE;
    }
    *ret_taken = length;
    return number;
}
