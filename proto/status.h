/*
 * status - how a request, and every function of ours that can fail, ends.
 *
 * Refusal, malformed, failure and bug are four things: a bug is an assert and has no row here.
 */
#ifndef PROTO_STATUS_H
#define PROTO_STATUS_H

#include "proto/bytes.h"

enum status {
#define STATUS(number, NAME, name, exit_code, sentence) STATUS_##NAME = (number),
#include "proto/status.def"
#undef STATUS
};

// The name on the wire, for ever good.
const char *status_name(enum status status);

// One English sentence without a full stop, for ever good.
const char *status_sentence(enum status status);

// What a command of ours that ends so exits with.
int status_exit(enum status status);

// The row of a name; false if no row has it.
bool status_find(struct bytes name, enum status *ret_status);

#endif
