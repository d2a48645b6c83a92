/*
 * clock - the two clocks. The wall clock is only data; whatever waits or counts uses the other.
 */
#ifndef DAEMON_SUPPORT_CLOCK_H
#define DAEMON_SUPPORT_CLOCK_H

#include <stdint.h>

// Milliseconds since 1970 UTC, by the machine's clock.
uint64_t clock_wall_ms(void);
// Milliseconds of a clock that never goes back.
uint64_t clock_monotonic_ms(void);

#endif
