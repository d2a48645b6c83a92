#include "daemon/support/zap.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

// Frames of a question: the caller's id, an empty one, then these.
enum {
    FRAME_CALLER,
    FRAME_EMPTY,
    FRAME_VERSION,
    FRAME_NUMBER,
    FRAME_DOMAIN,
    FRAME_ADDRESS,
    FRAME_IDENTITY,
    FRAME_MECHANISM,
    FRAME_KEY, // of CURVE
    FRAME_COUNT
};

struct frames {
    struct {
        uint8_t data[256];
        size_t size;
    } rows[FRAME_COUNT];
    size_t count; // also of those beyond, which are dropped
};

static bool receive(void *zap, struct frames *frames)
{
    int more = 1;
    size_t size = sizeof(more);
    *frames = (struct frames){0};
    while (more != 0) {
        uint8_t beyond[256];
        bool kept = frames->count < FRAME_COUNT;
        uint8_t *room = kept ? frames->rows[frames->count].data : beyond;
        int got = zmq_recv(zap, room, sizeof(beyond), ZMQ_DONTWAIT);
        if (got < 0) {
            return false;
        }
        if (kept) { // a longer frame is cut, and then is none that we know
            frames->rows[frames->count].size = (size_t)got;
        }
        frames->count++;
        (void)zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &size); // cannot fail on a socket
    }
    return true;
}

static struct bytes frame_at(const struct frames *frames, size_t place)
{
    size_t size = frames->rows[place].size;
    return (struct bytes){frames->rows[place].data, size <= 255 ? size : 0};
}

// libzmq tells of a local peer "localhost:<uid>:<gid>:<pid>", as the kernel gave it. No address of
// a network has that form.
static void name_local(struct bytes address, char user[ZAP_USER_MAX + 1])
{
    char text[256];
    unsigned uid, gid, pid;
    int end = 0;
    memcpy(text, address.data, address.size);
    text[address.size] = '\0';
    if (sscanf(text, "localhost:%10u:%10u:%10u%n", &uid, &gid, &pid, &end) == 3 &&
        (size_t)end == address.size) {
        (void)snprintf(user, ZAP_USER_MAX + 1, ZAP_LOCAL "%u", uid); // fits
    }
}

static void name_curve(struct bytes key, char user[ZAP_USER_MAX + 1])
{
    if (key.size == 32) {
        (void)zmq_z85_encode(user, key.data, key.size); // cannot fail for 32 bytes
    }
}

static void name_user(const struct frames *frames, char user[ZAP_USER_MAX + 1])
{
    struct bytes mechanism = frame_at(frames, FRAME_MECHANISM);
    user[0] = '\0';
    if (!bytes_are(frame_at(frames, FRAME_VERSION), "1.0") ||
        !bytes_are(frame_at(frames, FRAME_DOMAIN), ZAP_DOMAIN)) {
        return;
    }
    if (bytes_are(mechanism, "NULL") && frames->count == FRAME_KEY) {
        name_local(frame_at(frames, FRAME_ADDRESS), user);
    } else if (bytes_are(mechanism, "CURVE") && frames->count == FRAME_COUNT) {
        name_curve(frame_at(frames, FRAME_KEY), user);
    }
}

bool zap_next(void *zap, struct zap_question *ret_question)
{
    struct frames frames;
    if (!receive(zap, &frames)) {
        return false;
    }
    struct bytes caller = frame_at(&frames, FRAME_CALLER), number = frame_at(&frames, FRAME_NUMBER);
    ret_question->caller_size = caller.size;
    memcpy(ret_question->caller, caller.data, caller.size);
    ret_question->number_size = number.size;
    memcpy(ret_question->number, number.data, number.size);
    name_user(&frames, ret_question->user);
    return true;
}

void zap_answer(void *zap, const struct zap_question *question, bool admitted)
{
    const struct bytes frames[] = {
        {question->caller, question->caller_size},
        {"", 0},
        bytes_of("1.0"),
        {question->number, question->number_size},
        bytes_of(admitted ? "200" : "400"),
        bytes_of(admitted ? "OK" : "no key or user that is let in"),
        bytes_of(admitted ? question->user : ""),
        {"", 0},
    };
    const size_t count = sizeof(frames) / sizeof(frames[0]);
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        // A socket that has gone meanwhile needs no answer; one without is not let in.
        (void)zmq_send(zap, frames[i].data, frames[i].size, flags);
    }
}
