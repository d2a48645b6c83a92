#include "daemon/cursor.h"

#include "proto/topic.h"

bool cursor_decode(struct bytes row, struct cursor *ret_cursor)
{
    struct cursor cursor = {
        .prefix = wire_find_text(row, "prefix"),
        .owner = wire_find_text(row, "owner"),
        .position = wire_find_number(row, "position"),
        .time = wire_find_number(row, "time"),
    };
    bool sound = cursor.prefix.size > 0 && cursor.owner.size > 0;
    if (sound) {
        *ret_cursor = cursor;
    }
    return sound;
}

static void write_row(struct wire_writer *writer, const struct cursor *cursor)
{
    wire_pair_text(writer, "prefix", cursor->prefix);
    wire_pair_uint(writer, "position", cursor->position);
    wire_pair_uint(writer, "time", cursor->time);
    wire_pair_text(writer, "owner", cursor->owner);
}

void cursor_write(struct wire_writer *writer, struct bytes name, const struct cursor *cursor)
{
    wire_pair_text(writer, "name", name);
    write_row(writer, cursor);
}

// Judging ---------------------------------------------------------------------------------------

static bool refuse(struct turn *turn, enum status status, const char *field, const char *found,
                   const char *accepted)
{
    fault_begin(&turn->faults, status, 0, field);
    fault_found(&turn->faults, "%s", found);
    fault_accepted(&turn->faults, "%s", accepted);
    return false;
}

// A follower may still ask on a connection to this daemon while what it followed was another's log:
// the data directory was replaced.
static bool is_of_log(struct turn *turn, const struct txn *txn, const struct request *request)
{
    char own[2 * LOG_ID_BYTES + 1];
    store_log_hex(txn->store->log_id, own);
    if (request->log.size == 0 || bytes_are(request->log, own)) {
        return true;
    }
    fault_begin(&turn->faults, STATUS_STALE, 0, "log");
    fault_found(&turn->faults, "it is of log %.*s, and this is log %s", BYTES_PRINT(request->log),
                own);
    fault_accepted(&turn->faults, "begin anew, once it is known why the log was replaced");
    return false;
}

static bool may_touch(struct turn *turn, const struct request *request, const struct cursor *there)
{
    const struct identity *identity = &turn->identity;
    if (!identity_asks(identity, &request->as, &turn->faults)) {
        return false;
    }
    bool own = there->owner.size == 0 || bytes_equal(there->owner, identity->organisation) ||
               identity_is_operator(identity);
    if (!own) {
        fault_begin(&turn->faults, STATUS_NOT_ALLOWED, 0, "name");
        fault_found(&turn->faults, "cursor \"%.*s\" belongs to %.*s", BYTES_PRINT(request->name),
                    BYTES_PRINT(there->owner));
        fault_accepted(&turn->faults, "a name that is not taken, or a cursor of %.*s",
                       BYTES_PRINT(identity->organisation));
    }
    return own;
}

// A name that is new needs room: everybody who is let in may make some, and nobody all.
static bool has_room(struct turn *turn, struct txn *txn)
{
    struct walk walk = store_walk(txn, TABLE_CURSORS, (struct bytes){"", 0});
    struct bytes name, row;
    struct cursor cursor;
    uint32_t all = 0, own = 0;
    while (walk_next(&walk, &name, &row)) {
        all++;
        own +=
            cursor_decode(row, &cursor) && bytes_equal(cursor.owner, turn->identity.organisation);
    }
    return (all < CURSORS_MAX && own < CURSORS_OWNER_MAX) ||
           refuse(turn, STATUS_TOO_BIG, "name", "as many cursors as there may be",
                  "one that is there already, or remove one that nobody uses");
}

// What the cursor becomes: what is not said stays as it was.
static bool read_wanted(struct turn *turn, const struct request *request, bool is_new,
                        struct cursor *cursor)
{
    struct prefix prefix;
    if (request->prefix.size > 0) {
        cursor->prefix = request->prefix;
    }
    if (cursor->prefix.size == 0 || !prefix_read(cursor->prefix, &prefix)) {
        return refuse(turn, STATUS_MALFORMED, "prefix",
                      is_new && request->prefix.size == 0 ? "nothing, of a new cursor"
                                                          : "no prefix",
                      "one of the four levels: / or /region/ or /region/kind/ or "
                      "/region/kind/entity/");
    }
    if (request->has_position) {
        cursor->position = request->position;
    } else if (is_new) {
        return refuse(turn, STATUS_MALFORMED, "position", "nothing, of a new cursor",
                      "a sequence number; 0: nothing was dealt with yet");
    }
    return cursor->position <= turn->head.seq ||
           refuse(turn, STATUS_CONFLICT, "position", "a number that the log has not reached",
                  "a position up to the head; if you have seen later events, this is another log");
}

static bool set_cursor(struct turn *turn, struct txn *txn, const struct request *request,
                       bool is_new, struct cursor *cursor)
{
    uint8_t room[TOPIC_MAX + ID_MAX + 64];
    if (!read_wanted(turn, request, is_new, cursor) || (is_new && !has_room(turn, txn))) {
        return false;
    }
    cursor->time = turn->time;
    if (is_new) {
        cursor->owner = turn->identity.organisation;
    }
    struct wire_writer writer = wire_write(room, sizeof(room));
    wire_put_map(&writer, CURSOR_FIELDS - 1);
    write_row(&writer, cursor);
    store_put(txn, TABLE_CURSORS, request->name, wire_written(&writer));
    return true;
}

static bool judge(struct turn *turn, struct txn *txn, const struct request *request,
                  struct cursor *cursor)
{
    struct bytes row = store_get(txn, TABLE_CURSORS, request->name);
    bool is_new = row.size == 0;
    if (!is_new && !cursor_decode(row, cursor)) {
        store_fail(txn, STATUS_CORRUPT, "a cursor that we wrote does not decode");
        return false;
    }
    if (!is_of_log(turn, txn, request) || !may_touch(turn, request, cursor)) {
        return false;
    }
    if (turn->hindrance != STATUS_OK && turn->hindrance != STATUS_STORAGE_LOW) {
        return refuse(turn, turn->hindrance, "", status_sentence(turn->hindrance),
                      "the same again, when that is over");
    }
    if (!request->remove) {
        return set_cursor(turn, txn, request, is_new, cursor);
    }
    if (is_new) {
        return refuse(turn, STATUS_NOT_FOUND, "name", "no such cursor",
                      "one that cursors tells of");
    }
    store_delete(txn, TABLE_CURSORS, request->name);
    return true;
}

void cursor_judge(struct turn *turn, struct txn *txn, struct turn_request *slot)
{
    const struct request *request = &slot->request;
    struct wire_writer writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
    const struct view view = {txn, turn->head.seq, &turn->made, 0};
    struct cursor cursor = {0};
    faults_clear(&turn->faults);
    identity_read(&view, slot->incoming.user, turn->local, &turn->identity);
    bool done = judge(turn, txn, request, &cursor);
    if (done) {
        turn->cursors++;
        answer_begin(&writer, slot->number, STATUS_OK, 1);
        wire_pair_uint(&writer, "head", turn->head.seq);
    } else {
        answer_refuse(&writer, slot->number, faults_status(&turn->faults), &turn->faults, -1);
    }
    made_records_finish(&turn->made);
    turn_answer(slot, wire_written(&writer));
}
