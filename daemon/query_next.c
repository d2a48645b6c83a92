/*
 * next: for a werkplaats each phase it may go to, and what is still missing for it, told by the
 * very functions that would refuse the step; which allocation is outdated; whose board has not
 * decided.
 */
#include "daemon/check.h"
#include "daemon/query_answers.h"
#include "daemon/werkplaats.h"

// The event that would take the step, with a reason, so that only what is really missing is told.
static struct bytes write_step(enum phase from, enum phase to, uint8_t room[256])
{
    struct wire_writer writer = wire_write(room, 256);
    wire_put_map(&writer, 3);
    wire_pair_text(&writer, "from", bytes_of(phase_row(from)->name));
    wire_pair_text(&writer, "to", bytes_of(phase_row(to)->name));
    wire_pair_text(&writer, "reason", bytes_of("-"));
    return wire_written(&writer);
}

static void find_missing(struct question *question, struct bytes path, const struct entity *entity,
                         enum phase from, enum phase to, struct faults *missing)
{
    static const char type_name[] = "werkplaats.phase-changed";
    uint8_t room[256];
    const char *slash = memrchr(path.data, '/', path.size);
    struct bytes name = {slash + 1, path.size - (size_t)(slash + 1 - (const char *)path.data)};
    struct bytes region = question->request.region;
    const struct event event = {
        .type = event_type_find(bytes_of(type_name)),
        .region = region,
        .subject = {(const char *)path.data + region.size + 1, path.size - region.size - 1},
        .kind = KIND_WERKPLAATS,
        .entity = name,
        .data = write_step(from, to, room),
    };
    struct faults warnings;
    faults_clear(&warnings);
    faults_clear(missing);
    struct check check = {
        .view = question->view,
        .event = &event,
        .subject = *entity,
        .role = ROLE_NONE, // whoever may do it: only what is missing is asked
        .faults = missing,
        .warnings = &warnings,
    };
    check_guards(&check);
}

static void write_steps(struct question *question, struct gathering *gathering, struct bytes path,
                        const struct entity *entity, enum phase from)
{
    struct wire_writer *writer = &gathering->writer;
    struct faults missing;
    uint32_t count = 0;
    for (int to = PHASE_IDEA; to <= PHASE_ONGOING; to++) {
        count += phase_step(from, (enum phase)to) != STEP_FORBIDDEN;
    }
    wire_put_text(writer, bytes_of("steps"));
    wire_put_list(writer, count);
    for (int to = PHASE_IDEA; to <= PHASE_ONGOING; to++) {
        enum phase_step step = phase_step(from, (enum phase)to);
        if (step == STEP_FORBIDDEN) {
            continue;
        }
        find_missing(question, path, entity, from, (enum phase)to, &missing);
        wire_put_map(writer, 3);
        wire_pair_text(writer, "to", bytes_of(phase_row((enum phase)to)->name));
        wire_put_text(writer, bytes_of("reason"));
        wire_put_flag(writer, step == STEP_REASON);
        wire_put_text(writer, bytes_of("missing"));
        faults_write(&missing, writer);
    }
}

// Allocations ------------------------------------------------------------------------------------

static const char *const purposes[] = {"preparation", "execution"};
#define PURPOSES (sizeof(purposes) / sizeof(purposes[0]))

// Where no step is to come an allocation stays as it was.
static void write_outdated(struct wire_writer *writer, const struct entity *entity)
{
    bool outdated[PURPOSES], open = phase_row(werkplaats_phase(entity))->open;
    uint32_t count = 0;
    for (size_t i = 0; i < PURPOSES; i++) {
        struct bytes allocation = werkplaats_allocation(entity, purposes[i]);
        outdated[i] = open && allocation.size > 0 && werkplaats_is_outdated(entity, allocation);
        count += outdated[i];
    }
    wire_put_text(writer, bytes_of("outdated"));
    wire_put_list(writer, count);
    for (size_t i = 0; i < PURPOSES; i++) {
        if (outdated[i]) {
            wire_put_text(writer, bytes_of(purposes[i]));
        }
    }
}

// A participant's share on which its board has not said yes in full.
static bool is_undecided(const struct entity *entity, struct bytes allocation, const char *purpose,
                         struct bytes member, uint64_t *ret_share)
{
    return werkplaats_share(allocation, member, ret_share) &&
           !werkplaats_has_decided(entity, member, purpose, *ret_share);
}

static void write_undecided_row(struct wire_writer *writer, const struct entity *entity,
                                struct bytes allocation, const char *purpose, struct bytes member,
                                uint64_t share)
{
    struct bytes decide_by = wire_find_text(allocation, "decide_by");
    bool decided = werkplaats_decision(entity, member, purpose).size > 0;
    wire_put_map(writer, 3u + decided + (decide_by.size > 0));
    wire_pair_text(writer, "member", member);
    wire_pair_text(writer, "purpose", bytes_of(purpose));
    wire_pair_uint(writer, "share", share);
    if (decided) {
        wire_pair_uint(writer, "decided", werkplaats_decided(entity, member, purpose));
    }
    if (decide_by.size > 0) {
        wire_pair_text(writer, "decide_by", decide_by);
    }
}

// Both passes of write_undecided: the first counts, the second writes.
static uint32_t walk_undecided(struct wire_writer *writer, const struct entity *entity,
                               struct bytes only, bool write)
{
    uint32_t count = 0;
    struct pairs participants;
    werkplaats_items(entity, "participants", &participants);
    for (size_t i = 0; i < PURPOSES; i++) {
        struct bytes allocation = werkplaats_allocation(entity, purposes[i]);
        for (uint32_t j = 0; allocation.size > 0 && j < participants.count; j++) {
            struct bytes member = participants.rows[j].key;
            uint64_t share;
            if ((only.size > 0 && !bytes_equal(only, member)) ||
                !is_undecided(entity, allocation, purposes[i], member, &share)) {
                continue;
            }
            count++;
            if (write) {
                write_undecided_row(writer, entity, allocation, purposes[i], member, share);
            }
        }
    }
    return count;
}

static void take_next(struct question *question, struct gathering *gathering, struct bytes path,
                      const struct entity *entity)
{
    struct bytes member = question->request.member;
    uint32_t undecided = walk_undecided(NULL, entity, member, false);
    if (member.size > 0 && undecided == 0) {
        return;
    }
    struct wire_writer *writer = &gathering->writer;
    enum phase phase = werkplaats_phase(entity);
    wire_put_map(writer, 5);
    wire_pair_text(writer, "path", path);
    wire_pair_text(writer, "phase", bytes_of(phase_row(phase)->name));
    write_steps(question, gathering, path, entity, phase);
    write_outdated(writer, entity);
    wire_put_text(writer, bytes_of("undecided"));
    wire_put_list(writer, undecided);
    (void)walk_undecided(writer, entity, member, true); // counted above
    gathering->count++;
}

void answer_next(struct question *question)
{
    const struct request *request = &question->request;
    if (question_knows(question, "region", KIND_REGION, request->region) &&
        question_knows(question, "entity", KIND_WERKPLAATS, request->entity) &&
        question_knows(question, "member", KIND_MEMBER, request->member)) {
        gather_answer(question, "werkplaatsen", request->region, KIND_WERKPLAATS, take_next);
    }
}
