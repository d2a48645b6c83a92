/*
 * export - the whole log as lines of JSON, which `waternet export` and `waternetd dump` write and
 * `waternetd restore` reads.
 *
 *     {"seq":1,"id":"...","hash":"<64 hex>","event":{a CloudEvent}}        a line an event, in
 * order
 *     {"log":"<32 hex>","head":n,"root":"<64 hex>","check":"<64 hex>"}     the last line
 *
 * hash is the event's leaf in the tree, root that of the tree over all of them: whatever was
 * changed, left out or cut off shows. check is SHA-256 over what HEAD says of the same, newline
 * included, so that the log's id has a witness too. Private parts are not in it.
 */
#ifndef PROTO_EXPORT_H
#define PROTO_EXPORT_H

#include "proto/cloudevent.h"

#include <stdio.h>

// What the last line says.
struct export_end {
    char log[2 * LOG_ID_BYTES + 1];
    uint64_t head;
    struct hash root;
};

// The lines as they are written, newline included; whether it could be is for the stream to tell.
// event is the CloudEvent's JSON in one line.
void export_write_event(FILE *file, uint64_t seq, struct bytes id, const struct hash *leaf,
                        const char *event);
void export_write_end(FILE *file, const struct export_end *end);

// The OIN in the source of each event: that of its region's record as that very event left it. So
// an export of the same log says the same at every time. Zeroed is the beginning of a log.
#define EXPORT_REGIONS_MAX 1024
struct export_sources {
    struct export_source {
        char region[ID_MAX + 1];
        char id[21]; // 20 digits by its row
    } regions[EXPORT_REGIONS_MAX];
    unsigned count;
};

// That of the next event of the log; the test OIN if its region has none, NULL if there are too
// many regions. Lent until the next call.
const char *export_source_of(struct export_sources *sources, const struct event *event) MUST_CHECK;

// The longest line: an event of EVENT_BYTES_MAX of which every byte is escaped.
#define EXPORT_LINE_MAX (6 * EVENT_BYTES_MAX + 8192)
#define EXPORT_PREFIX_MAX 128

// Reads lines. Zeroed is new; finished with export_finish().
struct export_reader {
    char type_prefix[EXPORT_PREFIX_MAX]; // of the first event, and so of all
    bool has_prefix;
    json_t *line; // the newest; owned

    // What it said.
    bool is_end;
    struct export_end end; // if it is the last line
    struct event event;    // otherwise: lent until the next line, as its bytes
    struct bytes encoded;
    struct hash leaf;
    char source_id[21]; // of its source

    char problem[256];
    uint8_t data_room[EVENT_BYTES_MAX];
    uint8_t event_room[EVENT_BYTES_MAX];
};

// One line, without its newline. False: it is not what an export holds, and problem says why: every
// attribute must say what the event says that it makes, and the event must have the line's hash.
bool export_read(struct export_reader *reader, struct bytes text) MUST_CHECK;
void export_finish(struct export_reader *reader);

#endif
