/*
 * fault - what is wrong with a request, all of it at once.
 *
 * A fault says where (field), which guard if one refused, what was found and what would be
 * accepted. Its status decides what the whole request hears: the gravest one wins, in the order of
 * status.def's MALFORMED, NOT_FOUND, NOT_ALLOWED, CONFLICT, REFUSED.
 */
#ifndef PROTO_FAULT_H
#define PROTO_FAULT_H

#include "proto/limits.h"
#include "proto/status.h"
#include "proto/wire.h"

struct fault {
    enum status status;
    unsigned guard;               // 1 to 12; 0 if no guard of the domain
    struct bytes field;           // "data.title"; empty if it is about the whole event
    struct bytes found, accepted; // sentence parts in plain English
};

struct faults {
    unsigned count;  // told, at most FAULTS_MAX
    unsigned untold; // more than that
    bool muted;      // the fault that was begun last is not told
    struct fault rows[FAULTS_MAX];
    size_t text_size;
    char text[FAULT_TEXT_MAX]; // what the rows' bytes point into
};

// Empties it. Cheap: the text is not cleared.
void faults_clear(struct faults *faults);

// Adds a fault, in three calls: where, what was found, what would be accepted. Control characters
// in what is printed are shown as \xNN. What no longer fits is counted as untold. A guard's
// fault about a field that is malformed already is not told: it would only repeat that.
void fault_begin(struct faults *faults, enum status status, unsigned guard, const char *field);
void fault_found(struct faults *faults, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void fault_accepted(struct faults *faults, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// STATUS_OK if there is none, otherwise the gravest.
enum status faults_status(const struct faults *faults);

// As a list of maps {status, guard?, field?, found, accepted}.
void faults_write(const struct faults *faults, struct wire_writer *writer);

#endif
