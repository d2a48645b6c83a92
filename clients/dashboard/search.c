#include "clients/dashboard/search.h"

#include "clients/dashboard/parts.h"

#include <string.h>

#define DEPTH_MAX 8 // records are not deeper (WIRE_DEPTH_MAX)

static const char *const names[] = {
#define WORDS_IN(name) #name,
#include "clients/dashboard/search.def"
#undef WORDS_IN
};
#define NAMES 2 // of them are what it is called

// What was found of one entity so far.
struct finding {
    const struct fold_words *words;
    unsigned found, in_name; // bits of words
    const char *where;
};

static int place_of(const char *name)
{
    for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static void look_in(struct finding *finding, int place, const char *text, unsigned depth)
{
    size_t begin = 0, end = 0;
    for (size_t i = 0; i < finding->words->count; i++) {
        unsigned bit = 1u << i;
        bool in_name = place < NAMES && depth == 0;
        if ((finding->found & bit) != 0 && (finding->in_name & bit) != 0) {
            continue;
        }
        if (fold_find(text, 0, finding->words->words[i], &begin, &end)) {
            finding->found |= bit;
            finding->in_name |= in_name ? bit : 0;
            finding->where = finding->where == NULL && !in_name ? text : finding->where;
        }
    }
}

static void look_through(struct finding *finding, const json_t *object, unsigned depth)
{
    const char *name = NULL;
    json_t *value = NULL;
    size_t index = 0;
    const json_t *item = NULL;
    if (depth > DEPTH_MAX) {
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value) // not changed
    {
        int place = json_is_string(value) ? place_of(name) : -1;
        if (place >= 0) {
            look_in(finding, place, json_string_value(value), depth);
        } else if (json_is_object(value)) {
            look_through(finding, value, depth + 1);
        }
        json_array_foreach(value, index, item)
        {
            look_through(finding, item, depth + 1);
        }
    }
}

static bool is_better(const struct search_hit *one, const struct search_hit *two)
{
    return one->in_name != two->in_name ? one->in_name : one->version > two->version;
}

// In its place among the best.
static void add(struct search_kind *found, const struct search_hit *hit)
{
    unsigned place = found->shown;
    while (place > 0 && is_better(hit, &found->hits[place - 1])) {
        place--;
    }
    found->found++;
    if (place == SEARCH_SHOWN) {
        return;
    }
    found->shown += found->shown < SEARCH_SHOWN;
    memmove(&found->hits[place + 1], &found->hits[place],
            (found->shown - 1 - place) * sizeof(found->hits[0]));
    found->hits[place] = *hit;
}

static void look_at(const char *region, const char *id, const json_t *record,
                    const struct fold_words *words, struct search_kind *found)
{
    const unsigned all = (1u << words->count) - 1;
    struct finding finding = {.words = words};
    look_through(&finding, json_object_get(record, "fields"), 0);
    if (finding.found == all) {
        add(found, &(struct search_hit){.region = region,
                                        .id = id,
                                        .record = record,
                                        .where = finding.where,
                                        .in_name = finding.in_name == all,
                                        .version = parts_number(record, "version")});
    }
}

void search_kind(const struct copy *copy, enum kind kind, const struct fold_words *words,
                 struct search_kind *ret_found)
{
    const char *region = NULL, *id = NULL;
    json_t *kinds = NULL, *record = NULL;
    *ret_found = (struct search_kind){0};
    if (words->count == 0 || !copy_shows_kind(copy, kind)) {
        return;
    }
    json_object_foreach(copy->content.regions, region, kinds)
    {
        json_object_foreach(json_object_get(kinds, kind_name(kind)), id, record)
        {
            if (!parts_has_ended(record)) {
                look_at(region, id, record, words, ret_found);
            }
        }
    }
}
