// The forms that a text can be asked to have, each on its own.
#include "proto/schema.h"

static bool is_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return count > 0;
}

bool schema_is_id(struct bytes text)
{
    // A bit for each character of ASCII: the digits and -, and the small letters.
    static const uint64_t taken[] = {UINT64_C(0x3ff) << '0' | UINT64_C(1) << '-',
                                     UINT64_C(0x3ffffff) << ('a' - 64), 0, 0};
    const unsigned char *at = text.data;
    if (text.size == 0 || text.size > ID_MAX || at[0] == '-') {
        return false;
    }
    uint64_t all = 1;
    for (size_t i = 0; i < text.size; i++) {
        all &= taken[at[i] >> 6] >> (at[i] & 63);
    }
    return all != 0;
}

static unsigned two_digits(const char *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool schema_is_date(struct bytes text)
{
    const char *at = text.data;
    if (text.size < 4 || !is_digits(at, 4)) {
        return false;
    }
    if (text.size == 4) {
        return true;
    }
    if (text.size == 7 && at[4] == '-' && at[5] == 'Q') {
        return at[6] >= '1' && at[6] <= '4';
    }
    if ((text.size != 7 && text.size != 10) || at[4] != '-' || !is_digits(at + 5, 2)) {
        return false;
    }
    unsigned month = two_digits(at + 5);
    if (month < 1 || month > 12 || text.size == 7) {
        return text.size == 7 && month >= 1 && month <= 12;
    }
    unsigned year = two_digits(at) * 100 + two_digits(at + 2);
    return at[7] == '-' && is_digits(at + 8, 2) && two_digits(at + 8) >= 1 &&
           two_digits(at + 8) <= days_in(year, month);
}

uint32_t schema_last_day(struct bytes date)
{
    const char *at = date.data;
    unsigned year = two_digits(at) * 100 + two_digits(at + 2), month = 12;
    if (date.size > 4) {
        month = at[5] == 'Q' ? 3 * (unsigned)(at[6] - '0') : two_digits(at + 5);
    }
    unsigned day = date.size == 10 ? two_digits(at + 8) : days_in(year, month);
    return year * 10000 + month * 100 + day;
}

uint32_t schema_first_day(struct bytes date)
{
    uint32_t last = schema_last_day(date);
    uint32_t year = last / 10000 * 10000, month = last / 100 * 100;
    const char *at = date.data;
    if (date.size == 10) {
        return last;
    }
    return date.size == 4 ? year + 101 : month + 1 - (at[5] == 'Q' ? 200 : 0);
}

bool schema_is_decimal(struct bytes text)
{
    const char *at = text.data, *end = at + text.size;
    at += at < end && *at == '-';
    const char *whole = at;
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    if (at == whole || (*whole == '0' && at - whole > 1) || text.size > 40) {
        return false;
    }
    if (at == end) {
        return !(text.size == 2 && *whole == '0'); // "-0" is 0 already
    }
    return *at == '.' && is_digits(at + 1, (size_t)(end - at - 1)) && end[-1] != '0';
}

bool schema_is_oin(struct bytes text)
{
    return text.size == 20 && is_digits(text.data, text.size);
}

// Five characters are a number of 32 bits, the largest of which is "%nSc0".
bool schema_is_curve(struct bytes text)
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   ".-:+=^!/*?&<>()[]{}@%$#";
    const char *at = text.data;
    uint64_t number = 0;
    bool fits = text.size == CURVE_TEXT;
    for (size_t i = 0; fits && i < text.size; i++) {
        const char *place = at[i] == '\0' ? NULL : strchr(alphabet, at[i]);
        number = i % 5 == 0 ? 0 : number * 85;
        number += place == NULL ? 0 : (uint64_t)(place - alphabet);
        fits = place != NULL && number <= UINT32_MAX;
    }
    return fits;
}

bool schema_is_path(struct bytes text, enum kind *ret_kind, struct bytes *ret_entity)
{
    const char *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    if (slash == NULL) {
        return false;
    }
    struct bytes first = {text.data, (size_t)(slash - (const char *)text.data)};
    struct bytes second = {slash + 1, text.size - first.size - 1};
    enum kind kind = kind_find(first);
    if (kind == KIND_NONE || !schema_is_id(second)) {
        return false;
    }
    *ret_kind = kind;
    *ret_entity = second;
    return true;
}

// Eight characters at once of which none is a control character or more than one byte: most text.
static bool are_plain(const unsigned char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t eight;
    memcpy(&eight, at, sizeof(eight));
    uint64_t from_delete = eight ^ (ones * 0x7f);
    return ((eight | (eight - ones * 0x20) | (from_delete - ones)) & high) == 0;
}

bool schema_is_plain(struct bytes text)
{
    const unsigned char *at = text.data, *end = at + text.size;
    while (end - at >= 8 && are_plain(at)) {
        at += 8;
    }
    while (at < end && *at >= 0x20 && *at < 0x7f) {
        at++;
    }
    return at == end;
}

bool schema_has_control(struct bytes text, bool newlines)
{
    const unsigned char *at = text.data;
    for (size_t i = 0; i < text.size; i++) {
        if (text.size - i >= 8 && are_plain(at + i)) {
            i += 7;
            continue;
        }
        bool c1 = at[i] == 0xc2 && i + 1 < text.size && at[i + 1] < 0xa0;
        if ((at[i] < 0x20 && !(newlines && at[i] == '\n')) || at[i] == 0x7f || c1) {
            return true;
        }
    }
    return false;
}

bool schema_is_blank(struct bytes text)
{
    const char *at = text.data;
    size_t blanks = 0;
    while (blanks < text.size && (at[blanks] == ' ' || at[blanks] == '\n')) {
        blanks++;
    }
    return blanks == text.size;
}

size_t schema_characters(struct bytes text)
{
    const unsigned char *at = text.data;
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.size - i >= 8 && are_plain(at + i)) {
            count += 8;
            i += 7;
            continue;
        }
        count += (at[i] & 0xc0) != 0x80;
    }
    return count;
}

bool schema_is_url(struct bytes text)
{
    bool known =
        bytes_begin_with(text, bytes_of("https://")) || bytes_begin_with(text, bytes_of("http://"));
    const unsigned char *at = text.data;
    for (size_t i = 0; known && i < text.size; i++) {
        known = at[i] > ' ' && at[i] < 0x7f && at[i] != '"' && at[i] != '<' && at[i] != '>';
    }
    return known && text.size > strlen("https://") && text.size <= 1000;
}
