#include "proto/fault.h"

#include <stdarg.h>
#include <stdio.h>

void faults_clear(struct faults *faults)
{
    faults->count = 0;
    faults->untold = 0;
    faults->text_size = 0;
}

// A control character shown as \xNN, so that no terminal or log obeys it.
static size_t show_byte(unsigned char byte, char *room)
{
    if (byte >= 0x20 && byte != 0x7f) {
        room[0] = (char)byte;
        return 1;
    }
    memcpy(room, "\\x", 2);
    room[2] = "0123456789abcdef"[byte >> 4];
    room[3] = "0123456789abcdef"[byte & 15];
    return 4;
}

// Cuts where a character begins, so that a long text stays UTF-8.
static size_t cut_utf8(const char *text, size_t size)
{
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
        size--;
    }
    return size;
}

static struct bytes keep_text(struct faults *faults, const char *text, size_t size)
{
    char *to = faults->text + faults->text_size;
    size_t room = sizeof(faults->text) - faults->text_size, used = 0;
    for (size_t i = 0; i < size && used + 4 <= room; i++) {
        used += show_byte((unsigned char)text[i], to + used);
    }
    faults->text_size += used;
    return (struct bytes){to, used};
}

void fault_begin(struct faults *faults, enum status status, unsigned guard, const char *field)
{
    // The text of the longest fault must still fit, or the rest is only counted.
    if (faults->count == FAULTS_MAX || sizeof(faults->text) - faults->text_size < 2048) {
        faults->untold++;
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
        kept = cut_utf8(text, sizeof(text) - 1);
    }
    return keep_text(faults, text, kept);
}

void fault_found(struct faults *faults, const char *format, ...)
{
    if (faults->untold == 0) {
        va_list arguments;
        va_start(arguments, format);
        faults->rows[faults->count - 1].found = keep_formatted(faults, format, arguments);
        va_end(arguments);
    }
}

void fault_accepted(struct faults *faults, const char *format, ...)
{
    if (faults->untold == 0) {
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
