#include "daemon/accept.h"

void turn_answer(struct turn_request *request, struct bytes written)
{
    void *data = frame_create(&request->answer, written.size);
    memcpy(data, written.data, written.size);
}

static void read_request(struct turn *turn, struct turn_request *slot, struct counters *counters)
{
    faults_clear(&turn->faults);
    slot->is_judged = request_read(frame_bytes(&slot->incoming.body), SOCKET_COMMAND, &turn->faults,
                                   &slot->request);
    slot->number = slot->request.number;
    if (!slot->is_judged) {
        struct wire_writer writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
        answer_refuse(&writer, slot->number, faults_status(&turn->faults), &turn->faults, -1);
        turn_answer(slot, wire_written(&writer));
        counters->malformed++;
    }
}

void accept_turn(void *command, struct turn *turn, struct counters *counters)
{
    while (turn->count < TURN_REQUESTS_MAX && turn->bytes < TURN_BYTES_MAX) {
        struct turn_request *slot = &turn->requests[turn->count];
        if (!socket_receive(command, &slot->incoming)) {
            return;
        }
        slot->answer.open = false;
        slot->is_own = false;
        turn->bytes += frame_bytes(&slot->incoming.body).size;
        turn->count++;
        read_request(turn, slot, counters);
    }
}
