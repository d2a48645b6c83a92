/*
 * admission - who may connect at all: the query thread's answers to the handshakes (zap.h).
 *
 * A local user gets in, since the runtime directory's mode decided that already; a key gets in
 * while the registry says that it may read. What either may do beyond that is judged at every
 * message.
 */
#ifndef DAEMON_ADMISSION_H
#define DAEMON_ADMISSION_H

#include "daemon/query.h"

// Answers every handshake that waits.
void admission_answer(struct query *query);

#endif
