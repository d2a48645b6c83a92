#include "daemon/query_answers.h"

#include "daemon/support/clock.h"

#include <assert.h>
#include <stdio.h>

static struct bytes prefix_of(char room[PATH_MAX_BYTES], struct bytes region, enum kind kind)
{
    int size = region.size == 0    ? 0
               : kind == KIND_NONE ? snprintf(room, PATH_MAX_BYTES, "%.*s/", BYTES_PRINT(region))
                                   : snprintf(room, PATH_MAX_BYTES, "%.*s/%s/", BYTES_PRINT(region),
                                              kind_row(kind)->name);
    return (struct bytes){room, (size_t)size};
}

static bool is_too_large(const struct question *question, const struct gathering *gathering)
{
    return gathering->writer.overflow || gathering->writer.size > question_budget(question);
}

// Where the walk of a kind over all regions goes on from a path of another kind: at that kind in
// the same region, or behind the region. Empty if the path is of that kind.
static struct bytes skip_from(struct bytes path, enum kind kind, char room[PATH_MAX_BYTES])
{
    const char *slash = memchr(path.data, '/', path.size);
    struct bytes region = {path.data, (size_t)(slash - (const char *)path.data)};
    struct bytes prefix = prefix_of(room, region, kind);
    if (kind == KIND_NONE || bytes_begin_with(path, prefix)) {
        return (struct bytes){0};
    }
    if (bytes_compare(path, prefix) > 0) {
        room[region.size] = '/' + 1;
        prefix.size = region.size + 1;
    }
    return prefix;
}

// Whether it is the entity that was asked for, if one was.
static bool is_wanted(const struct question *question, struct bytes path)
{
    struct bytes wanted = question->request.entity;
    const char *slash = memrchr(path.data, '/', path.size);
    struct bytes name = {slash + 1, path.size - (size_t)(slash + 1 - (const char *)path.data)};
    return wanted.size == 0 || bytes_equal(wanted, name);
}

static void go_on_from(struct gathering *gathering, struct bytes path)
{
    memcpy(gathering->next, path.data, path.size);
    gathering->next_size = path.size;
}

void gather_answer(struct question *question, const char *name, struct bytes region, enum kind kind,
                   void (*take)(struct question *question, struct gathering *gathering,
                                struct bytes path, const struct entity *entity))
{
    // What one entity gives may be larger than the budget; there is room for the largest beside it.
    static uint8_t room[ANSWER_BYTES_MAX + 2 * ENTITY_BYTES_MAX]; // the query thread's own
    struct gathering gathering = {.writer = wire_write(room, sizeof(room))};
    char prefix_room[PATH_MAX_BYTES], skip_room[PATH_MAX_BYTES];
    struct bytes prefix = prefix_of(prefix_room, region, kind);
    struct bytes from = question->request.from;
    struct walk walk =
        store_walk(question->txn, TABLE_ENTITIES, bytes_compare(from, prefix) > 0 ? from : prefix);
    struct bytes path, record;
    // Each answer looks at one entity at least, also where none gives an item.
    for (uint64_t looked = 0; walk_next(&walk, &path, &record) && bytes_begin_with(path, prefix);
         looked++) {
        if (looked > 0 && clock_monotonic_ms() > question->deadline_ms) {
            go_on_from(&gathering, path);
            break;
        }
        struct bytes skip = region.size == 0 ? skip_from(path, kind, skip_room) : (struct bytes){0};
        if (skip.size > 0) {
            walk_close(&walk);
            walk = store_walk(question->txn, TABLE_ENTITIES, skip);
            continue;
        }
        if (!is_wanted(question, path)) {
            continue; // its record need not be made
        }
        struct entity entity = view_path(&question->view, path);
        struct gathering before = gathering;
        if (entity.version == 0) {
            continue; // not there yet, at that position
        }
        take(question, &gathering, path, &entity);
        if (before.count > 0 && is_too_large(question, &gathering)) {
            gathering = before;
            go_on_from(&gathering, path);
            break;
        }
    }
    walk_close(&walk);
    answer_begin(&question->writer, question->request.number, STATUS_OK,
                 3u + (gathering.next_size > 0));
    wire_pair_uint(&question->writer, "head", question->head.seq);
    wire_pair_uint(&question->writer, "position", question->view.position);
    wire_put_text(&question->writer, bytes_of(name));
    wire_put_list(&question->writer, gathering.count);
    wire_put_raw(&question->writer, wire_written(&gathering.writer));
    if (gathering.next_size > 0) {
        wire_pair_text(&question->writer, "next",
                       (struct bytes){gathering.next, gathering.next_size});
    }
    question->writer.overflow |= gathering.writer.overflow;
}
