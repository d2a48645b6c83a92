#include "daemon/own.h"

#include <assert.h>
#include <stdio.h>
#include <sys/random.h>

void own_begin(struct own_post *own, uint32_t events)
{
    own->waits = true;
    own->writer = wire_write(own->room, sizeof(own->room));
    wire_put_map(&own->writer, 4);
    wire_pair_uint(&own->writer, "number", 1);
    wire_pair_text(&own->writer, "request", bytes_of("post"));
    wire_put_text(&own->writer, bytes_of("as"));
    wire_put_map(&own->writer, 1);
    wire_pair_text(&own->writer, "role", bytes_of("operator"));
    wire_put_text(&own->writer, bytes_of("events"));
    wire_put_list(&own->writer, events);
}

static void write_id(struct wire_writer *writer)
{
    uint8_t random[16];
    char id[ID_MAX + 1] = "own-";
    ssize_t got = getrandom(random, sizeof(random), 0);
    assert(got == sizeof(random)); // never short for so few bytes
    for (size_t i = 0; i < sizeof(random); i++) {
        (void)snprintf(id + 4 + 2 * i, 3, "%02x", random[i]); // fits
    }
    wire_pair_text(writer, "id", bytes_of(id));
}

void own_event(struct own_post *own, const char *type, const char *region, const char *subject,
               uint32_t fields)
{
    wire_put_map(&own->writer, 5);
    write_id(&own->writer);
    wire_pair_text(&own->writer, "type", bytes_of(type));
    wire_pair_text(&own->writer, "region", bytes_of(region));
    wire_pair_text(&own->writer, "subject", bytes_of(subject));
    wire_put_text(&own->writer, bytes_of("data"));
    wire_put_map(&own->writer, fields);
}

void own_field(struct own_post *own, const char *field, const char *value)
{
    wire_pair_text(&own->writer, field, bytes_of(value));
}

void own_take(struct own_post *own, struct turn *turn)
{
    struct turn_request *slot = &turn->requests[turn->count++];
    own->waits = false;
    *slot = (struct turn_request){.number = 1, .is_judged = true, .is_own = true};
    faults_clear(&turn->faults);
    bool sound =
        request_read(wire_written(&own->writer), SOCKET_COMMAND, &turn->faults, &slot->request);
    assert(sound); // written here
}
