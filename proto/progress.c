#include "proto/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS 200

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now); // cannot fail with a clock that Linux has
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct progress progress_begin(const char *what, uint64_t total)
{
    // The first line comes late: what is done at once needs none.
    return (struct progress){
        .what = what,
        .total = total,
        .next_ms = now_ms() + EVERY_MS,
        .terminal = isatty(STDERR_FILENO) == 1,
    };
}

static void show(const struct progress *progress, uint64_t done)
{
    (void)fprintf(stderr, "\r%s: %llu", progress->what, (unsigned long long)done); // only for show
    if (progress->total > 0) {
        (void)fprintf(stderr, " of %llu", (unsigned long long)progress->total); // as above
    }
    (void)fputs(" events\033[K", stderr); // as above
    (void)fflush(stderr);                 // as above
}

void progress_at(struct progress *progress, uint64_t done)
{
    if (!progress->terminal) {
        return;
    }
    uint64_t now = now_ms();
    if (now >= progress->next_ms) {
        show(progress, done);
        progress->shown = true;
        progress->next_ms = now + EVERY_MS;
    }
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        (void)fputs("\r\033[K", stderr); // only for show
        (void)fflush(stderr);            // as above
        progress->shown = false;
    }
}
