/*
 * state - a copy of a region's entities, and the file that copy.c keeps it in and compare.c reads.
 *
 * The first line says of which log it is, up to which event, and that event's hash; then comes a
 * line for each entity. A new file takes the place of the old one as a whole, so that entities and
 * position always belong together: for a copy that is better than a cursor.
 *
 *     {"log":"9a1c...","region":"twente","position":118,"hash":"5bde..."}
 *     {"path":"twente/body/platform","record":{...}}
 */
#include <jansson.h>
#include <waternet.h>

#define HASH_SIZE 65

struct state {
    const char *region;
    char log[33];
    uint64_t position;    // as of this event; 0: of none
    char hash[HASH_SIZE]; // of that event; empty if there is none
    json_t *entities;     // path: record
};

// False if it could not be written; the old file is then as it was.
bool state_save(const struct state *state, const char *name);
// WATERNET_NOT_FOUND: there is no such file. WATERNET_CORRUPT: a line, which is told, is none of
// its lines.
enum waternet_status state_load(struct state *state, const char *name);

// Every entity as it was at state->position.
enum waternet_status state_list(struct waternet *connection, struct state *state);
// The hash of the event with a number, which is 1 at least.
enum waternet_status state_find_hash(struct waternet *connection, uint64_t seq,
                                     char ret_hash[HASH_SIZE]);
void state_write_hash(const struct waternet_event *event, char ret_hash[HASH_SIZE]);

// A question, which is ended. *ret_answer is the caller's; NULL unless all is well.
enum waternet_status state_ask(struct waternet *connection, json_t *question, json_t **ret_answer);
