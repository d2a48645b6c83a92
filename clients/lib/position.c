#include "clients/lib/position.h"

enum step position_event(struct position *position, uint64_t prev, uint64_t seq)
{
    if (seq <= position->at) {
        return STEP_REPEAT;
    }
    if (prev > position->at) {
        return STEP_HOLE;
    }
    position->at = seq;
    return STEP_FITS;
}

enum step position_heartbeat(struct position *position, struct bytes log, uint64_t head,
                             uint64_t here)
{
    if (!bytes_are(log, position->log)) {
        return STEP_STALE;
    }
    if (head < position->at) {
        return STEP_BEHIND;
    }
    if (here > position->at) {
        return STEP_HOLE;
    }
    // A quiet prefix keeps up with the log, so that it never seems to be behind.
    position->at = head;
    return STEP_FITS;
}

bool position_holds(const struct position *position, struct bytes log, uint64_t head)
{
    return bytes_are(log, position->log) && head >= position->at;
}

void position_read_to(struct position *position, uint64_t place)
{
    if (place > position->at) {
        position->at = place;
    }
}
