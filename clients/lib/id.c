#include "clients/lib/waternet.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

// Source: RFC 9562, sections 5.7 and 6.2 method 1: 48 bits of milliseconds, then 12 bits that count
// within one millisecond, so that the ids of one process are in the order in which they were made.
static uint64_t next_moment(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t last; // milliseconds << 12 | count

    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now); // fails only for a clock that is not there
    uint64_t moment = ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) << 12;

    (void)pthread_mutex_lock(&mutex); // fails only for a mutex that is none
    last = moment > last ? moment : last + 1;
    moment = last;
    (void)pthread_mutex_unlock(&mutex);
    return moment;
}

void waternet_new_id(char ret_id[WATERNET_ID_SIZE])
{
    uint64_t moment = next_moment(), random = 0;
    while (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
        // Interrupted: so few bytes come whole or not at all.
    }
    (void)snprintf(ret_id, WATERNET_ID_SIZE, "%08x-%04x-7%03x-%04x-%012llx",
                   (unsigned)(moment >> 28), (unsigned)(moment >> 12) & 0xffffu,
                   (unsigned)moment & 0xfffu, (unsigned)(random >> 48 & 0x3fff) | 0x8000u,
                   (unsigned long long)(random & 0xffffffffffffULL));
}
