/*
 * catchup - follows a level from the beginning until it is live, as any consumer of libwaternet.
 *
 *     catchup RUNTIME LEVEL SECONDS
 *
 * Results: events, bytes (of one event, on average), rate (events a second, connecting included).
 */
#include "tests/bench/common.h"

#include "clients/lib/waternet.h"

#include <stdlib.h>

static void stop_unless_ok(enum waternet_status status, const char *what)
{
    if (status != WATERNET_OK) {
        stop_with("%s: %s", what, waternet_status_sentence(status));
    }
}

int main(int count, char **arguments)
{
    if (count != 4) {
        stop_with("usage: catchup RUNTIME LEVEL SECONDS");
    }
    double seconds = number_of(arguments[3], 0.1, 600);
    struct waternet_options options = {.runtime_dir = arguments[1]};
    struct waternet *connection;
    struct waternet_follower *follower;
    struct waternet_event event;
    uint64_t events = 0, bytes = 0;

    stop_unless_ok(waternet_open(&options, &connection, NULL), "opening");
    uint64_t start = now_ns(), last = start;
    stop_unless_ok(waternet_follow(connection, arguments[2], 0, &follower), "following");
    while (waternet_follower_state(follower) == WATERNET_CATCHING_UP) {
        enum waternet_status status = waternet_next(follower, 0, &event);
        if (status == WATERNET_AGAIN) {
            status = waternet_next(follower, 10, &event);
        }
        if (status == WATERNET_OK) {
            events++;
            bytes += event.size;
            last = events % 256 == 0 ? now_ns() : last;
        } else if (status != WATERNET_AGAIN) {
            stop_unless_ok(status, "the next event");
        }
        if ((double)(last - start) / 1e9 > seconds) {
            break;
        }
    }
    double elapsed = seconds_since(start);
    if (events == 0) {
        stop_with("nothing is stored");
    }
    result("events", (double)events);
    result("bytes", (double)bytes / (double)events);
    result("rate", (double)events / elapsed);
    waternet_follower_close(&follower);
    waternet_close(&connection);
    return 0;
}
