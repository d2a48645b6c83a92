/*
 * gaps: what do we not know yet? The rows of gaps.def over every entity of a region.
 */
#include "daemon/query_answers.h"
#include "daemon/werkplaats.h"

// Phases in which something should be known.
#define AFTER_STUDY                                                                                \
    (1u << PHASE_PREPARATION | 1u << PHASE_EXECUTION | 1u << PHASE_AFTERCARE |                     \
     1u << PHASE_COMPLETED)
#define WORKING                                                                                    \
    (1u << PHASE_RESEARCH | 1u << PHASE_PREPARATION | 1u << PHASE_EXECUTION | 1u << PHASE_AFTERCARE)
#define DELIVERED (1u << PHASE_AFTERCARE | 1u << PHASE_COMPLETED)

static bool is_in(const struct entity *entity, unsigned phases)
{
    return (phases >> werkplaats_phase(entity) & 1) != 0;
}

static bool has_field(const struct entity *entity, const char *name)
{
    struct wire_value value;
    return wire_find(entity->fields, name, &value);
}

static bool gap_interest(const struct entity *entity)
{
    return !has_field(entity, "common_interest");
}

static bool gap_lead(const struct entity *entity)
{
    return !has_field(entity, "leads") && !is_in(entity, 1u << PHASE_STOPPED | 1u << PHASE_ONGOING);
}

static bool gap_phase(const struct entity *entity)
{
    struct wire_value baseline;
    return wire_find(entity->fields, "baseline", &baseline) &&
           bytes_are(wire_find_text(baseline.raw, "basis"), "inferred") &&
           werkplaats_count(entity, "phases") == 0;
}

static bool gap_plan(const struct entity *entity)
{
    return is_in(entity, WORKING) && !has_field(entity, "plan");
}

static bool gap_feasibility(const struct entity *entity)
{
    return is_in(entity, AFTER_STUDY) && !has_field(entity, "feasibility");
}

static bool gap_participants(const struct entity *entity)
{
    struct pairs participants;
    werkplaats_items(entity, "participants", &participants);
    return is_in(entity, 1u << PHASE_PREPARATION | 1u << PHASE_EXECUTION) &&
           participants.count == 0;
}

static bool gap_allocation(const struct entity *entity)
{
    return is_in(entity, 1u << PHASE_EXECUTION) &&
           werkplaats_allocation(entity, "execution").size == 0;
}

static bool gap_outdated(const struct entity *entity)
{
    struct bytes allocation = werkplaats_allocation(entity, "execution");
    return allocation.size > 0 && is_in(entity, WORKING) &&
           werkplaats_is_outdated(entity, allocation);
}

static bool gap_decision(const struct entity *entity)
{
    struct bytes allocation = werkplaats_allocation(entity, "execution");
    struct pairs participants;
    bool missing = false;
    werkplaats_items(entity, "participants", &participants);
    for (uint32_t i = 0; !missing && allocation.size > 0 && i < participants.count; i++) {
        struct bytes member = participants.rows[i].key;
        uint64_t share;
        missing = werkplaats_share(allocation, member, &share) &&
                  !werkplaats_has_decided(entity, member, "execution", share);
    }
    return missing && is_in(entity, 1u << PHASE_PREPARATION | 1u << PHASE_EXECUTION);
}

static bool gap_result(const struct entity *entity)
{
    return is_in(entity, DELIVERED) && werkplaats_count(entity, "results") == 0;
}

static bool gap_date(const struct entity *entity)
{
    return bytes_are(entity->onbasis, "inferred");
}

static bool gap_inhabitants(const struct entity *entity)
{
    return !has_field(entity, "inhabitants") &&
           bytes_are(entity_text(entity, "kind"), "municipality");
}

static bool gap_seats(const struct entity *entity)
{
    struct pairs seats;
    werkplaats_items(entity, "seats", &seats);
    return seats.count == 0;
}

static bool gap_measurement(const struct entity *entity)
{
    return werkplaats_count(entity, "measurements") == 0;
}

static void take_gaps(struct question *question, struct gathering *gathering, struct bytes path,
                      const struct entity *entity)
{
    static const struct {
        const char *name;
        enum kind kind;
        bool (*is_there)(const struct entity *);
        const char *event, *sentence;
    } rows[] = {
#define GAP(name, kind, function, event, sentence) {name, KIND_##kind, function, event, sentence},
#include "daemon/gaps.def"
#undef GAP
    };
    size_t region = question->request.region.size + 1;
    struct bytes rest = {(const char *)path.data + region, path.size - region};
    const char *slash = memchr(rest.data, '/', rest.size);
    enum kind kind =
        kind_find((struct bytes){rest.data, (size_t)(slash - (const char *)rest.data)});
    for (size_t i = 0; entity->ended == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].kind != kind || !rows[i].is_there(entity)) {
            continue;
        }
        wire_put_map(&gathering->writer, 4);
        wire_pair_text(&gathering->writer, "path", path);
        wire_pair_text(&gathering->writer, "gap", bytes_of(rows[i].name));
        wire_pair_text(&gathering->writer, "found", bytes_of(rows[i].sentence));
        wire_pair_text(&gathering->writer, "event", bytes_of(rows[i].event));
        gathering->count++;
    }
}

void answer_gaps(struct question *question)
{
    struct bytes region = question->request.region;
    if (question_knows(question, "region", KIND_REGION, region)) {
        gather_answer(question, "gaps", region, KIND_NONE, take_gaps);
    }
}
