#include "daemon/query_answers.h"

#include "daemon/support/clock.h"

#include "proto/schema.h"
#include "proto/topic.h"

#include <assert.h>
#include <stdio.h>

size_t question_budget(const struct question *question)
{
    uint64_t wanted = question->request.bytes;
    return wanted == 0 || wanted > ANSWER_BYTES_MAX ? ANSWER_BYTES_MAX : (size_t)wanted;
}

bool question_knows(struct question *question, const char *field, enum kind kind, struct bytes name)
{
    struct bytes region = question->request.region;
    if (name.size == 0) {
        return true;
    }
    struct entity entity = view_entity(&question->view, region, kind, name);
    if (entity.version == 0) {
        fault_begin(question->faults, STATUS_NOT_FOUND, 0, field);
        fault_found(question->faults, "there is no %s \"%.*s\"%s%.*s", kind_row(kind)->name,
                    BYTES_PRINT(name), kind == KIND_REGION ? "" : " in region ",
                    kind == KIND_REGION ? 0 : (int)region.size, (const char *)region.data);
        fault_accepted(question->faults, "one that list tells");
    }
    return entity.version != 0;
}

static void begin(struct question *question, uint32_t pairs)
{
    answer_begin(&question->writer, question->request.number, STATUS_OK, pairs);
}

static void pair_log_id(struct question *question)
{
    char hex[2 * LOG_ID_BYTES + 1];
    store_log_hex(question->txn->store->log_id, hex);
    wire_pair_text(&question->writer, "log", bytes_of(hex));
}

// Who are you -----------------------------------------------------------------------------------

void answer_hello(struct question *question)
{
    static const struct {
        const char *name;
        uint64_t value;
    } limits[] = {
        {"request_bytes", REQUEST_BYTES_MAX},
        {"answer_bytes", ANSWER_BYTES_MAX},
        {"event_bytes", EVENT_BYTES_MAX},
        {"events_per_post", EVENTS_PER_POST_MAX},
        {"in_flight", IN_FLIGHT_MAX},
        {"heartbeat_ms", HEARTBEAT_MS},
        {"questions_in_flight", QUESTIONS_IN_FLIGHT_MAX},
    };
    const uint32_t count = sizeof(limits) / sizeof(limits[0]);
    struct wire_writer *writer = &question->writer;
    if (question->request.protocol != PROTOCOL_VERSION) {
        fault_begin(question->faults, STATUS_PROTOCOL, 0, "protocol");
        fault_found(question->faults, "%llu", (unsigned long long)question->request.protocol);
        fault_accepted(question->faults, "%d", PROTOCOL_VERSION);
        return;
    }
    const struct query *query = question->query;
    bool listens = query->listen[0] != '\0';
    begin(question, 6u + 2u * listens);
    wire_pair_uint(writer, "protocol", PROTOCOL_VERSION);
    wire_pair_text(writer, "version", bytes_of(WATERNET_VERSION));
    pair_log_id(question);
    wire_pair_uint(writer, "head", question->head.seq);
    wire_pair_text(writer, "prefix", bytes_of(query->type_prefix));
    if (listens) {
        wire_pair_text(writer, "listen", bytes_of(query->listen));
        wire_pair_text(writer, "server_key", bytes_of(query->server_key));
    }
    wire_put_text(writer, bytes_of("limits"));
    wire_put_map(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        wire_pair_uint(writer, limits[i].name, limits[i].value);
    }
}

void answer_status(struct question *question)
{
    const struct counters *counters = question->query->counters;
    struct store_figures figures;
    struct event newest;
    char root_hex[2 * HASH_BYTES + 1];
    struct hash root = tree_root(&question->head.tree);
    hash_hex(&root, root_hex);
    store_figures(question->txn->store, &figures);
    bool any = view_event(&question->view, question->head.seq, &newest);
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"head", question->head.seq},
        {"time", any ? newest.time : 0},
        {"uptime_ms", clock_monotonic_ms() - question->query->started_ms},
        {"turns", counters->turns},
        {"posts", counters->posts},
        {"events", counters->events},
        {"duplicates", counters->duplicates},
        {"refused", counters->refused},
        {"malformed", counters->malformed},
        {"failed", counters->failed},
        {"questions", counters->questions},
        {"unread", counters->unread},
        {"unroutable", counters->unroutable},
        {"denied", counters->denied},
        {"subscriptions", counters->subscriptions},
        {"readers", figures.readers},
        {"bytes_used", figures.bytes_used},
        {"bytes_file", figures.bytes_file},
        {"bytes_free_disk", figures.bytes_free_disk},
    };
    const uint32_t count = sizeof(numbers) / sizeof(numbers[0]);
    begin(question, count + 3);
    wire_pair_text(&question->writer, "version", bytes_of(WATERNET_VERSION));
    pair_log_id(question);
    wire_pair_text(&question->writer, "root", bytes_of(root_hex));
    for (uint32_t i = 0; i < count; i++) {
        wire_pair_uint(&question->writer, numbers[i].name, numbers[i].value);
    }
}

// Entities --------------------------------------------------------------------------------------

static enum kind read_kind(struct question *question)
{
    enum kind kind = kind_find(question->request.kind);
    if (question->request.kind.size > 0 && kind == KIND_NONE) {
        fault_begin(question->faults, STATUS_MALFORMED, 0, "kind");
        fault_found(question->faults, "\"%.*s\"", BYTES_PRINT(question->request.kind));
        fault_accepted(question->faults, "a kind, such as werkplaats, member or news");
    }
    return kind;
}

static void write_entity(struct wire_writer *writer, struct bytes path, struct bytes record)
{
    wire_pair_text(writer, "path", path);
    wire_put_text(writer, bytes_of("record"));
    wire_put_raw(writer, record);
}

struct bytes question_path(struct question *question, char room[PATH_MAX_BYTES + 1])
{
    const struct request *request = &question->request;
    if (read_kind(question) == KIND_NONE) {
        return (struct bytes){0};
    }
    int size = snprintf(room, PATH_MAX_BYTES + 1, "%.*s/%.*s/%.*s", BYTES_PRINT(request->region),
                        BYTES_PRINT(request->kind), BYTES_PRINT(request->entity));
    return (struct bytes){room, (size_t)size};
}

void question_lacks(struct question *question, struct bytes path)
{
    fault_begin(question->faults, STATUS_NOT_FOUND, 0, "entity");
    fault_found(question->faults, "there is no %.*s", BYTES_PRINT(path));
    fault_accepted(question->faults, "an entity that was opened; list tells which there are");
}

void answer_get(struct question *question)
{
    char room[PATH_MAX_BYTES + 1];
    struct bytes path = question_path(question, room);
    if (path.size == 0) {
        return;
    }
    struct entity entity = view_path(&question->view, path);
    if (entity.version == 0) {
        question_lacks(question, path);
        return;
    }
    begin(question, 3);
    wire_pair_uint(&question->writer, "head", question->head.seq);
    write_entity(&question->writer, path, entity.record);
}

static void take_listed(struct question *question, struct gathering *gathering, struct bytes path,
                        const struct entity *entity)
{
    (void)question; // every entity of the kind is listed
    wire_put_map(&gathering->writer, 2);
    write_entity(&gathering->writer, path, entity->record);
    gathering->count++;
}

void answer_list(struct question *question)
{
    const struct request *request = &question->request;
    enum kind kind = read_kind(question);
    if (question->faults->count == 0) {
        gather_answer(question, "entities", request->region, kind, take_listed);
    }
}

// Events ----------------------------------------------------------------------------------------

struct reading {
    struct wire_writer writer;
    uint32_t count;
    uint64_t scanned; // everything of the prefix up to here is in the answer
};

// Subjects stand near the front of an event, so that passing one over costs little.
static bool is_wanted(const struct prefix *prefix, struct bytes bytes)
{
    struct event event;
    return prefix->level == LEVEL_LOG ||
           (event_decode(bytes, &event) && prefix_has(prefix, &event));
}

static void read_events(struct question *question, const struct prefix *prefix, uint64_t until,
                        struct reading *reading)
{
    struct walk walk = store_walk_log(question->txn, reading->scanned + 1);
    size_t budget = question_budget(question);
    uint64_t seq;
    struct hash leaf;
    struct bytes bytes;
    while (reading->scanned < until && walk_next_log(&walk, &seq, &leaf, &bytes)) {
        bool wanted = is_wanted(prefix, bytes);
        bool full = reading->count == READ_EVENTS_MAX ||
                    (reading->count > 0 && reading->writer.size + bytes.size + 5 > budget) ||
                    (seq % 256 == 0 && clock_monotonic_ms() > question->deadline_ms);
        if (full && (wanted || seq % 256 == 0)) {
            break;
        }
        if (wanted) {
            wire_put_binary(&reading->writer, bytes);
            reading->count++;
        }
        reading->scanned = seq;
    }
    walk_close(&walk);
}

void answer_read(struct question *question)
{
    const struct request *request = &question->request;
    struct prefix prefix;
    uint8_t room[ANSWER_BYTES_MAX + EVENT_BYTES_MAX];
    struct reading reading = {.writer = wire_write(room, sizeof(room)), .scanned = request->after};
    if (!prefix_read(request->prefix, &prefix)) {
        fault_begin(question->faults, STATUS_MALFORMED, 0, "prefix");
        fault_found(question->faults, "\"%.*s\"", BYTES_PRINT(request->prefix));
        fault_accepted(question->faults, "/ or /region/ or /region/kind/ or /region/kind/entity/");
        return;
    }
    uint64_t until = request->has_until && request->until < question->head.seq ? request->until
                                                                               : question->head.seq;
    uint64_t here = view_head(&question->view, prefix.region, prefix.kind, prefix.entity);
    uint64_t newest = until < here ? until : here; // nothing of the prefix stands behind it
    if (request->after < newest) {
        read_events(question, &prefix, newest, &reading);
    }
    if (reading.scanned >= newest && until > reading.scanned) {
        reading.scanned = until;
    }
    begin(question, 4);
    wire_pair_uint(&question->writer, "head", question->head.seq);
    wire_put_text(&question->writer, bytes_of("events"));
    wire_put_list(&question->writer, reading.count);
    wire_put_raw(&question->writer, wire_written(&reading.writer));
    wire_pair_uint(&question->writer, "after", reading.scanned);
    wire_put_text(&question->writer, bytes_of("done"));
    wire_put_flag(&question->writer, reading.scanned >= until);
}

void answer_find(struct question *question)
{
    uint64_t seq = view_find(&question->view, question->request.id);
    struct hash leaf;
    struct bytes bytes;
    if (seq == 0 || !store_get_log(question->txn, seq, &leaf, &bytes)) {
        fault_begin(question->faults, STATUS_NOT_FOUND, 0, "id");
        fault_found(question->faults, "no event has the id \"%.*s\"",
                    BYTES_PRINT(question->request.id));
        fault_accepted(question->faults, "the id of an event that was posted");
        return;
    }
    begin(question, 2);
    wire_pair_uint(&question->writer, "head", question->head.seq);
    wire_pair_binary(&question->writer, "event", bytes);
}
