#include "clients/cli/suggest.h"

struct suggest suggest_begin(struct bytes typed)
{
    // Two letters that changed places are two slips.
    unsigned near = typed.size < 4 ? 1 : typed.size < 12 ? 2 : 3;
    return (struct suggest){.typed = typed, .distance = near + 1};
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

// How many letters must be put in, left out or changed (Levenshtein).
static unsigned distance(struct bytes a, struct bytes b)
{
    unsigned row[SUGGEST_LENGTH_MAX + 1];
    const char *left = a.data;
    const char *right = b.data;

    for (unsigned i = 0; i <= b.size; i++) {
        row[i] = i;
    }
    for (unsigned i = 0; i < a.size; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (unsigned j = 0; j < b.size; j++) {
            unsigned changed = diagonal + (left[i] != right[j]);
            diagonal = row[j + 1];
            row[j + 1] = smallest(row[j] + 1, row[j + 1] + 1, changed);
        }
    }
    return row[b.size];
}

void suggest_offer(struct suggest *suggest, const char *name)
{
    struct bytes known = bytes_of(name);
    if (known.size > SUGGEST_LENGTH_MAX || suggest->typed.size > SUGGEST_LENGTH_MAX) {
        return;
    }
    unsigned apart = distance(suggest->typed, known);
    if (apart < suggest->distance && apart < known.size) {
        suggest->distance = apart;
        suggest->name = name;
    }
}
