#include "daemon/check.h"

#include "daemon/commit.h"
#include "daemon/cursor.h"

#include <assert.h>

void check_refuse(struct check *check, unsigned guard, const char *field)
{
    fault_begin(check->faults, STATUS_REFUSED, guard, field);
}

void check_warn(struct check *check, const char *sentence)
{
    fault_begin(check->warnings, STATUS_OK, 0, "");
    fault_found(check->warnings, "%s", sentence);
}

// Guards and fills, by their rows ---------------------------------------------------------------

void check_guards(struct check *check)
{
    static const struct {
        enum event_number event;
        void (*guard)(struct check *);
    } rows[] = {
#define GUARD(number, EVENT, function) {EVENT_##EVENT, function},
#include "daemon/guards.def"
#undef GUARD
    };
    check_references(check);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].event == check->event->type->number) {
            rows[i].guard(check);
        }
    }
}

static const struct fill_row {
    enum event_number event;
    const char *field;
    void (*fill)(const struct check *, struct wire_writer *);
} fill_rows[] = {
#define FILL(EVENT, field, function) {EVENT_##EVENT, #field, function},
#include "daemon/fills.def"
#undef FILL
};

#define FILL_COUNT (sizeof(fill_rows) / sizeof(fill_rows[0]))
#define FILLED_BYTES_MAX 32768 // 256 members of 64 bytes with their cents do not pass it

static void write_filled(const struct check *check, struct event *event,
                         uint8_t room[EVENT_BYTES_MAX])
{
    struct fields fields = fields_of(event->type->group);
    struct pairs filled;
    uint8_t filled_room[FILLED_BYTES_MAX];
    struct wire_writer fill = wire_write(filled_room, sizeof(filled_room));
    filled.count = 0;
    for (size_t i = 0; i < FILL_COUNT; i++) {
        if (fill_rows[i].event == event->type->number) {
            size_t begin = fill.size;
            fill_rows[i].fill(check, &fill);
            filled.rows[filled.count].key = bytes_of(fill_rows[i].field);
            filled.rows[filled.count++].value =
                (struct bytes){filled_room + begin, fill.size - begin};
        }
    }
    assert(!fill.overflow);
    struct wire_reader reader = wire_read(event->data);
    struct wire_value head, value;
    struct wire_writer writer = wire_write(room, EVENT_BYTES_MAX);
    bool sound = wire_next(&reader, &head);
    assert(sound); // written here
    wire_put_map(&writer, head.count + filled.count);
    for (unsigned i = 0; i < fields.count; i++) {
        struct bytes name = bytes_of(fields.first[i].name);
        struct bytes own = pairs_get(&filled, name);
        if (own.size > 0) {
            wire_put_text(&writer, name);
            wire_put_raw(&writer, own);
        } else if (wire_find(event->data, fields.first[i].name, &value)) {
            wire_put_text(&writer, name);
            wire_put_raw(&writer, value.raw);
        }
    }
    assert(!writer.overflow); // what a client can send leaves room for a name
    event->data = wire_written(&writer);
}

// Writes data again with the filled columns, each where its row stands in the group.
void check_fill(const struct check *check, struct event *event, uint8_t room[EVENT_BYTES_MAX])
{
    for (size_t i = 0; i < FILL_COUNT; i++) {
        if (fill_rows[i].event == event->type->number) {
            write_filled(check, event, room);
            return;
        }
    }
}

void check_way(struct check *check, struct faults *faults, const struct identity *identity,
               const struct grant *way, struct event *event)
{
    struct faults *kept = check->faults;
    event->actor = identity_actor(identity, way);
    check->event = event;
    check->role = way->role;
    check->werkplaats = way->werkplaats;
    check->faults = faults;
    check_access(check);
    check->faults = kept;
}

// One event -------------------------------------------------------------------------------------

// What a post is being judged in.
struct judging {
    struct turn *turn;
    struct txn *txn; // the turn's, or the child of a post of several
    const struct turn_request *request;
    uint32_t index; // of the event in its post
    bool duplicate; // the events before it in the post were
};

static struct view view_of(const struct judging *judging)
{
    return (struct view){judging->txn, judging->turn->head.seq, &judging->turn->made, 0};
}

// Whether the private part that came is the one that was stored. Once it is erased the rest
// decides, whatever came: the log says whether it is, since the file is there until the commit.
static bool same_private(const struct judging *judging, const struct event *stored,
                         const struct event *event)
{
    uint8_t room[PRIVATE_BYTES_MAX + HASH_BYTES];
    struct bytes part;
    if (stored->private_hash.size == 0) {
        return event->private_part.size == 0;
    }
    struct view view = view_of(judging);
    struct entity subject = view_entity(&view, stored->region, stored->kind, stored->entity);
    if (entity_has_erased(&subject, stored->seq)) {
        return true;
    }
    enum status status = store_read_private(judging->txn->store, stored->seq, room, &part);
    if (status == STATUS_NOT_FOUND) {
        return true; // a copy of the store without its private parts: nothing to compare with
    }
    if (status != STATUS_OK) { // this post alone cannot be judged
        fault_begin(&judging->turn->faults, STATUS_FAILED, 0, "id");
        fault_found(&judging->turn->faults, "the private part of event %llu cannot be read",
                    (unsigned long long)stored->seq);
        fault_accepted(&judging->turn->faults, "the same post again, when its file is mended");
        return true;
    }
    return part.size > HASH_BYTES &&
           bytes_equal((struct bytes){room + HASH_BYTES, part.size - HASH_BYTES},
                       event->private_part);
}

// Whether the sender may act for the organisation that posted what is stored. Where that has a
// private part, only in a role that could have posted it: others would learn by guessing what
// stands there.
static bool same_organisation(const struct judging *judging, const struct event *stored)
{
    const struct turn *turn = judging->turn;
    bool anyone = stored->type->roles == ROLES_ANYONE, same = false;
    for (uint32_t i = 0; i < turn->way_count; i++) {
        const struct grant *way = &turn->ways[i];
        bool could = anyone ? role_find(stored->actor.role) == way->role
                            : (stored->type->roles & ROLE_BIT(way->role)) != 0;
        same |= (could || stored->private_hash.size == 0) &&
                bytes_equal(stored->actor.organisation, way->organisation);
    }
    return same;
}

static bool same_content(const struct judging *judging, const struct event *stored,
                         const struct event *event)
{
    uint8_t stored_room[EVENT_BYTES_MAX], said_room[EVENT_BYTES_MAX];
    return stored->type == event->type && same_organisation(judging, stored) &&
           bytes_equal(event_encode_said(stored, stored_room),
                       event_encode_said(event, said_room)) &&
           same_private(judging, stored, event);
}

static void say_conflict(const struct judging *judging, const struct event *event, uint64_t seq,
                         const char *why)
{
    fault_begin(&judging->turn->faults, STATUS_CONFLICT, 0, "id");
    fault_found(&judging->turn->faults, "\"%.*s\" is event %llu already, %s",
                BYTES_PRINT(event->id), (unsigned long long)seq, why);
    fault_accepted(&judging->turn->faults, "the very same post again, or a new id");
}

// An id that is known: a duplicate, whose receipt is given again, or a conflict.
static void check_known(struct judging *judging, const struct event *event, uint64_t seq)
{
    struct event stored;
    struct view view = view_of(judging);
    struct receipt *receipts = judging->turn->receipts;
    uint32_t index = judging->index;
    if (!view_event(&view, seq, &stored)) {
        store_fail(judging->txn, STATUS_CORRUPT, "an id without its event");
        return;
    }
    bool consecutive = index == 0 || (judging->duplicate && receipts[index - 1].seq + 1 == seq);
    if (!same_content(judging, &stored, event)) {
        say_conflict(judging, event, seq, "with other content or of another organisation");
    } else if (!consecutive) {
        say_conflict(judging, event, seq, "but not together with the events before it");
    } else {
        receipts[index] = (struct receipt){.seq = seq, .time = stored.time, .duplicate = true};
    }
}

static void check_expect(struct check *check)
{
    const struct event *event = check->event;
    if (event->has_expect && event->expect != check->subject.version) {
        fault_begin(check->faults, STATUS_CONFLICT, 0, "expect");
        fault_found(check->faults, "%.*s has version %llu", BYTES_PRINT(event->subject),
                    (unsigned long long)check->subject.version);
        fault_accepted(check->faults, "the version it has now, after a look at what changed");
    }
}

uint32_t check_nearest(const struct grant *ways, uint32_t count, const struct event_type *type)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((type->roles & ROLE_BIT(ways[i].role)) != 0) {
            return i;
        }
    }
    return 0;
}

// The first of the sender's ways that the event's row and its scope allow; where none does, the
// faults are those of the nearest.
static void choose_way(struct turn *turn, struct check *check, struct event *event)
{
    uint32_t chosen = check_nearest(turn->ways, turn->way_count, event->type);
    bool passes = turn->way_count == 1;
    for (uint32_t i = chosen; i < turn->way_count && !passes; i++) {
        faults_clear(&turn->trial);
        check_way(check, &turn->trial, &turn->identity, &turn->ways[i], event);
        passes = turn->trial.count == 0;
        chosen = passes ? i : chosen;
    }
    check_way(check, &turn->faults, &turn->identity, &turn->ways[chosen], event);
    // What is lent from the registry does not last until the event is encoded for the answer.
    struct bytes organisation = event->actor.organisation;
    memcpy(turn->organisation, organisation.data, organisation.size);
    event->actor.organisation.data = turn->organisation;
}

// What lies below the watermark is kept for what must not wait, such as a revocation.
static bool is_hindered(const struct turn *turn, const struct event *event)
{
    bool passes =
        turn->hindrance == STATUS_STORAGE_LOW && (event->type->flags & EVENT_LOW_TOO) != 0;
    return turn->hindrance != STATUS_OK && !passes;
}

static void check_new(struct judging *judging, struct event *event)
{
    struct turn *turn = judging->turn;
    struct check check = {
        .view = view_of(judging),
        .event = event,
        .dry = judging->request->request.dry,
        .faults = &turn->faults,
        .warnings = &turn->warnings,
    };
    unsigned warnings_from = turn->warnings.count;
    check.subject = view_entity(&check.view, event->region, event->kind, event->entity);
    check_expect(&check);
    if (turn->way_count > 0) { // otherwise the claim was told already
        choose_way(turn, &check, event);
    }
    check_guards(&check);
    if (turn->faults.count > 0 || judging->txn->status != STATUS_OK) {
        return;
    }
    if (turn->staged > turn->room && turn->hindrance == STATUS_OK) {
        turn->hindrance = STATUS_STORAGE_FULL; // the rest of the turn does not fit the disk
    }
    if (is_hindered(turn, event) && !check.dry) {
        fault_begin(&turn->faults, turn->hindrance, 0, "");
        fault_found(&turn->faults, "%s", status_sentence(turn->hindrance));
        fault_accepted(&turn->faults, "the same post again, when that is over");
        return;
    }
    if ((event->type->flags & EVENT_ERASES) != 0 && turn->erased_count == TURN_ERASURES_MAX) {
        fault_begin(&turn->faults, STATUS_BUSY, 0, "");
        fault_found(&turn->faults, "%d private parts are being erased", TURN_ERASURES_MAX);
        fault_accepted(&turn->faults, "the same post again, a moment later");
        return;
    }
    check_fill(&check, event, turn->data_room);
    if (!commit_stage(turn, judging->txn, &check.subject, event, judging->request->request.dry)) {
        fault_begin(&turn->faults, STATUS_TOO_BIG, 0, "data");
        fault_found(&turn->faults, "the event or what %.*s would become is too large",
                    BYTES_PRINT(event->subject));
        fault_accepted(&turn->faults, "an event of %d bytes, an entity of %d bytes, %d items",
                       EVENT_BYTES_MAX, ENTITY_BYTES_MAX, WIRE_MAP_MAX);
        return;
    }
    turn->receipts[judging->index] = (struct receipt){
        .seq = event->seq,
        .time = event->time,
        .warnings = turn->warnings.count - warnings_from,
        .warnings_from = warnings_from,
    };
}

static void check_event(struct judging *judging, struct bytes bytes)
{
    struct turn *turn = judging->turn;
    const struct request *request = &judging->request->request;
    struct event event;
    bool well_formed = event_read(bytes, &turn->scratch, &turn->faults, &event);
    if (event.type == NULL || event.region.size == 0 || event.entity.size == 0) {
        return; // nothing more can be looked up
    }
    struct view view = view_of(judging);
    if (judging->request->is_own) {
        identity_own(&turn->identity);
    } else {
        identity_read(&view, judging->request->incoming.user, turn->local, &turn->identity);
    }
    turn->way_count =
        identity_ways(&turn->identity, &request->as, &event, &turn->faults, turn->ways);
    if (!identity_is_let_in(&turn->identity)) {
        return; // who may not read hears nothing of what stands there
    }
    uint64_t known = well_formed && turn->way_count > 0 ? view_find(&view, event.id) : 0;
    if (known != 0) {
        check_known(judging, &event, known);
    } else if (judging->duplicate) {
        fault_begin(&turn->faults, STATUS_CONFLICT, 0, "id");
        fault_found(&turn->faults, "the events before it in this post are stored, without it");
        fault_accepted(&turn->faults, "the very same post again, or all of it with new ids");
    } else {
        // Also where it is malformed, as far as it was understood: all its faults are told at once.
        check_new(judging, &event);
    }
}

// A post ----------------------------------------------------------------------------------------

static void answer_post(struct turn *turn, struct turn_request *slot, uint32_t count)
{
    struct wire_writer writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
    bool dry = slot->request.dry;
    answer_begin(&writer, slot->number, STATUS_OK, 1u + dry);
    wire_put_text(&writer, bytes_of("receipts"));
    wire_put_list(&writer, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct receipt *receipt = &turn->receipts[i];
        wire_put_map(&writer, 4);
        wire_pair_uint(&writer, "seq", receipt->seq);
        wire_pair_uint(&writer, "time", receipt->time);
        wire_put_text(&writer, bytes_of("duplicate"));
        wire_put_flag(&writer, receipt->duplicate);
        wire_put_text(&writer, bytes_of("warnings"));
        wire_put_list(&writer, receipt->warnings);
        for (unsigned j = 0; j < receipt->warnings; j++) {
            wire_put_text(&writer, turn->warnings.rows[receipt->warnings_from + j].found);
        }
    }
    if (dry) {
        wire_put_text(&writer, bytes_of("events"));
        wire_put_list(&writer, turn->dry_count);
        wire_put_raw(&writer, (struct bytes){turn->dry_room, turn->dry_size});
    }
    if (writer.overflow || turn->dry_overflow) {
        writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
        answer_refuse(&writer, slot->number, STATUS_TOO_BIG, NULL, -1);
    }
    turn_answer(slot, wire_written(&writer));
}

static void answer_faults(struct turn *turn, struct turn_request *slot, uint32_t index)
{
    struct wire_writer writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
    answer_refuse(&writer, slot->number, faults_status(&turn->faults), &turn->faults, index);
    turn_answer(slot, wire_written(&writer));
}

// Judges the events of a post one by one, up to the first that is refused. Returns how many passed.
static uint32_t check_events(struct judging *judging)
{
    const struct request *request = &judging->request->request;
    struct wire_reader reader = wire_read(request->events);
    struct wire_value event;
    (void)wire_next(&reader, &event); // the header; the events follow
    for (judging->index = 0; judging->index < request->event_count; judging->index++) {
        if (!wire_take(&reader, &event)) {
            break;
        }
        check_event(judging, event.raw);
        if (judging->turn->faults.count > 0 || judging->txn->status != STATUS_OK) {
            break;
        }
        judging->duplicate = judging->turn->receipts[judging->index].duplicate;
    }
    return judging->index;
}

// Several events stand or fall together and a dry run always falls: both are judged in a child
// transaction. A single event has changed nothing until it has passed, and needs none.
static void check_post(struct turn *turn, struct txn *txn, struct turn_request *slot)
{
    struct txn child = {0};
    struct log_head head_before = turn->head;
    uint64_t private_before = turn->private_seq;
    uint32_t count = slot->request.event_count;
    bool dry = slot->request.dry, nested = dry || count > 1;
    if (nested) {
        child = store_begin_child(txn);
    }
    struct judging judging = {.turn = turn, .txn = nested ? &child : txn, .request = slot};
    faults_clear(&turn->faults);
    faults_clear(&turn->warnings);
    turn->dry_count = 0;
    turn->dry_size = 0;
    turn->dry_overflow = false;
    uint32_t passed = check_events(&judging);
    bool whole = passed == count && judging.txn->status == STATUS_OK;
    if (nested && whole && !dry) {
        whole = store_commit(&child) == STATUS_OK;
    } else if (nested) {
        store_abort(&child);
        commit_unstage(turn, txn->store, &head_before, private_before);
    }
    made_records_finish(&turn->made);
    if (slot->is_own) {
        turn->own_status = faults_status(&turn->faults);
    }
    if (txn->status != STATUS_OK) {
        return; // the whole turn fails; its requests are answered together
    }
    if (whole) {
        answer_post(turn, slot, count);
    } else {
        answer_faults(turn, slot, passed);
    }
}

// Of a dry run nothing is counted: who asks what would be refused was refused nothing.
static void count_outcome(const struct turn *turn, const struct turn_request *slot,
                          struct counters *counters)
{
    if (slot->request.dry) {
        return;
    }
    counters->posts++;
    if (turn->faults.count > 0) {
        enum status status = faults_status(&turn->faults);
        bool malformed = status == STATUS_MALFORMED || status == STATUS_TOO_BIG;
        *(malformed ? &counters->malformed : &counters->refused) += 1;
    } else if (turn->receipts[0].duplicate) {
        counters->duplicates++;
    }
}

void check_turn(struct turn *turn, struct txn *txn, struct counters *counters)
{
    while (turn->judged < turn->count && txn->status == STATUS_OK) {
        struct turn_request *slot = &turn->requests[turn->judged++];
        if (slot->is_judged && slot->request.row->number == REQUEST_CURSOR) {
            cursor_judge(turn, txn, slot);
        } else if (slot->is_judged) {
            check_post(turn, txn, slot);
            count_outcome(turn, slot, counters);
        }
    }
}
