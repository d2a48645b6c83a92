#include "proto/fault.h"

#include <stdarg.h>
#include <stdio.h>

void faults_clear(struct faults *faults)
{
    faults->count = 0;
    faults->untold = 0;
    faults->muted = false;
    faults->text_size = 0;
}

// The size of the character at text; 0 if it is a control character, or cut off in its middle.
static size_t printable_size(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && left > 1 && at[1] < 0xa0)) {
        return 0;
    }
    size_t size = 1;
    while (size <= 4 && size <= left && !wire_is_utf8((struct bytes){text, size})) {
        size++;
    }
    return size <= 4 && size <= left ? size : 0;
}

// What cannot be printed is shown as \xNN, so that no terminal or log obeys it and it stays UTF-8.
static struct bytes keep_text(struct faults *faults, const char *text, size_t size)
{
    char *to = faults->text + faults->text_size;
    size_t room = sizeof(faults->text) - faults->text_size, used = 0;
    for (size_t i = 0; i < size && used + 4 <= room;) {
        size_t printable = printable_size(text + i, size - i);
        if (printable > 0) {
            memcpy(to + used, text + i, printable);
            used += printable;
            i += printable;
        } else {
            unsigned char byte = (unsigned char)text[i++];
            const char shown[] = {'\\', 'x', "0123456789abcdef"[byte >> 4],
                                  "0123456789abcdef"[byte & 15]};
            memcpy(to + used, shown, sizeof(shown));
            used += sizeof(shown);
        }
    }
    faults->text_size += used;
    return (struct bytes){to, used};
}

static bool is_malformed(const struct faults *faults, const char *field)
{
    bool told = false;
    for (unsigned i = 0; !told && i < faults->count; i++) {
        told = faults->rows[i].guard == 0 && bytes_are(faults->rows[i].field, field);
    }
    return told;
}

void fault_begin(struct faults *faults, enum status status, unsigned guard, const char *field)
{
    faults->muted = guard != 0 && field[0] != '\0' && is_malformed(faults, field);
    if (faults->muted) {
        return;
    }
    // The text of the longest fault must still fit, or the rest is only counted.
    if (faults->count == FAULTS_MAX || sizeof(faults->text) - faults->text_size < 2048) {
        faults->untold++;
        faults->muted = true;
        return;
    }
    faults->rows[faults->count++] = (struct fault){
        .status = status,
        .guard = guard,
        .field = keep_text(faults, field, strlen(field)),
    };
}

static __attribute__((format(printf, 2, 0))) struct bytes
keep_formatted(struct faults *faults, const char *format, va_list arguments)
{
    char text[512];
    int size = vsnprintf(text, sizeof(text), format, arguments);
    size_t kept = size < 0 ? 0 : (size_t)size;
    if (kept >= sizeof(text)) {
        kept = sizeof(text) - 1;
    }
    return keep_text(faults, text, kept);
}

void fault_found(struct faults *faults, const char *format, ...)
{
    if (!faults->muted) {
        va_list arguments;
        va_start(arguments, format);
        faults->rows[faults->count - 1].found = keep_formatted(faults, format, arguments);
        va_end(arguments);
    }
}

void fault_accepted(struct faults *faults, const char *format, ...)
{
    if (!faults->muted) {
        va_list arguments;
        va_start(arguments, format);
        faults->rows[faults->count - 1].accepted = keep_formatted(faults, format, arguments);
        va_end(arguments);
    }
}

enum status faults_status(const struct faults *faults)
{
    static const enum status gravest_first[] = {
        STATUS_MALFORMED,   STATUS_TOO_BIG,  STATUS_PROTOCOL, STATUS_NOT_FOUND,
        STATUS_NOT_ALLOWED, STATUS_CONFLICT, STATUS_REFUSED,
    };
    for (size_t i = 0; i < sizeof(gravest_first) / sizeof(gravest_first[0]); i++) {
        for (unsigned j = 0; j < faults->count; j++) {
            if (faults->rows[j].status == gravest_first[i]) {
                return gravest_first[i];
            }
        }
    }
    return faults->count == 0 ? STATUS_OK : faults->rows[0].status;
}

void faults_write(const struct faults *faults, struct wire_writer *writer)
{
    wire_put_list(writer, faults->count);
    for (unsigned i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->rows[i];
        wire_put_map(writer, 3u + (fault->guard != 0) + (fault->field.size > 0));
        wire_pair_text(writer, "status", bytes_of(status_name(fault->status)));
        if (fault->guard != 0) {
            wire_pair_uint(writer, "guard", fault->guard);
        }
        if (fault->field.size > 0) {
            wire_pair_text(writer, "field", fault->field);
        }
        wire_pair_text(writer, "found", fault->found);
        wire_pair_text(writer, "accepted", fault->accepted);
    }
}
