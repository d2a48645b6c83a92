// What was still open on the last day: what each werkplaats needs, who has to decide, what is not
// known.
#include "clients/report/compose.h"

// Gaps of a werkplaats that its own lines of `next` tell better have no row.
static const struct {
    const char *gap;
    enum text text;
} gaps[] = {
    {"no-common-interest", TEXT_GAP_INTEREST},
    {"no-lead", TEXT_GAP_LEAD},
    {"phase-uncertain", TEXT_GAP_PHASE},
    {"no-plan", TEXT_GAP_PLAN},
    {"no-feasibility", TEXT_GAP_FEASIBILITY},
    {"no-participants", TEXT_GAP_PARTICIPANTS},
    {"no-allocation", TEXT_GAP_ALLOCATION},
    {"no-result", TEXT_GAP_RESULT},
    {"date-uncertain", TEXT_GAP_DATE},
    {"no-inhabitants", TEXT_GAP_INHABITANTS},
    {"no-seats", TEXT_GAP_SEATS},
    {"no-measurement", TEXT_GAP_MEASUREMENT},
};
#define GAP_COUNT (sizeof gaps / sizeof gaps[0])

static bool is_told_by_next(const char *gap)
{
    return strcmp(gap, "no-decision") == 0 || strcmp(gap, "allocation-outdated") == 0;
}

static const char *path_in_region(const struct report *report, const json_t *item)
{
    return text_of(item, "path") + strlen(report->options->region) + 1;
}

// The event that opened an entity, which what is missing of it goes back to.
static uint64_t opened_seq(const struct report *report, const char *path)
{
    const json_t *record = json_object_get(report->then, path);
    return (uint64_t)json_integer_value(json_object_get(record, "opened"));
}

// The event that put a werkplaats in its phase.
static uint64_t phase_seq(const struct report *report, const char *path)
{
    const json_t *record = json_object_get(report->then, path);
    const json_t *phases = json_object_get(json_object_get(record, "fields"), "phases");
    size_t count = json_array_size(phases);
    return count == 0 ? opened_seq(report, path)
                      : (uint64_t)json_integer_value(
                            json_object_get(json_array_get(phases, count - 1), "seq"));
}

static bool has_gap(const struct report *report, const char *path, const char *gap)
{
    size_t index = 0;
    json_t *item = NULL;
    bool found = false;
    json_array_foreach(report->gaps, index, item)
    {
        found = found || (strcmp(path_in_region(report, item), path) == 0 &&
                          strcmp(text_of(item, "gap"), gap) == 0);
    }
    return found;
}

// What goes back to the event of the whole item does not name it again.
static void cite(const json_t *item, json_t *detail, uint64_t seq)
{
    const json_t *first = json_array_get(json_object_get(item, "events"), 0);
    if ((uint64_t)json_integer_value(first) != seq) {
        document_cite(detail, seq);
    }
}

// A werkplaats --------------------------------------------------------------------------------

static void add_gaps(struct report *report, json_t *item, const char *path)
{
    size_t index = 0;
    json_t *gap = NULL;
    json_array_foreach(report->gaps, index, gap)
    {
        const char *name = text_of(gap, "gap");
        const char *said = text_of(gap, "found");
        if (strcmp(path_in_region(report, gap), path) != 0 || is_told_by_next(name)) {
            continue;
        }
        for (size_t i = 0; i < GAP_COUNT; i++) {
            said = strcmp(gaps[i].gap, name) == 0 ? prose_of(&report->prose, gaps[i].text) : said;
        }
        json_t *detail = document_detail(item, "", said);
        cite(item, detail, opened_seq(report, path));
    }
}

static void add_outdated(struct report *report, json_t *item, const char *path,
                         const json_t *purposes)
{
    size_t index = 0;
    json_t *purpose = NULL;
    json_array_foreach(purposes, index, purpose)
    {
        const char *word = json_string_value(purpose);
        const char *said =
            prose_say(&report->prose, TEXT_OUTDATED,
                      FILL({"purpose", prose_choice(&report->prose, CHOICES_PURPOSE, word)}));
        json_t *detail = document_detail(item, "", said);
        cite(item, detail, allocation_seq(report, path, word));
    }
}

static enum text undecided_text(const json_t *row)
{
    const json_t *decided = json_object_get(row, "decided");
    if (decided != NULL) {
        return json_integer_value(decided) == 0 ? TEXT_UNDECIDED_NO : TEXT_UNDECIDED_LESS;
    }
    return json_object_get(row, "decide_by") == NULL ? TEXT_UNDECIDED : TEXT_UNDECIDED_BY;
}

static void add_undecided(struct report *report, json_t *item, const char *path, const json_t *row)
{
    struct prose *prose = &report->prose;
    const char *member = text_of(row, "member"), *purpose = text_of(row, "purpose");
    const char *by = text_of(row, "decide_by");
    const char *said = prose_say(
        prose, undecided_text(row),
        FILL({"member", name_in(report, KIND_MEMBER, member)},
             {"amount", prose_euros(prose, json_integer_value(json_object_get(row, "share")))},
             {"decided", prose_euros(prose, json_integer_value(json_object_get(row, "decided")))},
             {"purpose", prose_choice(prose, CHOICES_PURPOSE, purpose)},
             {"by", by[0] == '\0' ? "" : prose_day(prose, by)}));
    json_t *detail = document_detail(item, "", said);
    cite(item, detail, allocation_seq(report, path, purpose));
    cite(item, detail, decision_seq(report, path, member, purpose));
}

// The guards of the steps in words. Where a gap or an undecided share tells it, it is not told
// twice.
static const struct {
    int guard;
    enum text text;
    const char *told_by; // the gap
} needs[] = {
    {2, TEXT_NEED_PLAN, "no-plan"},      {3, TEXT_NEED_FEASIBLE, "no-feasibility"},
    {5, TEXT_NEED_MONEY, "no-decision"}, {7, TEXT_NEED_RESULT, "no-result"},
    {8, TEXT_NEED_EVALUATION, ""},
};

static bool misses(const json_t *missing, int guard)
{
    size_t index = 0;
    json_t *fault = NULL;
    bool found = false;
    json_array_foreach(missing, index, fault)
    {
        found = found || json_integer_value(json_object_get(fault, "guard")) == guard;
    }
    return found;
}

static const char *need_text(struct report *report, size_t row, const char *to)
{
    bool members = needs[row].guard == 5 && strcmp(to, "preparation") == 0;
    return prose_of(&report->prose, members ? TEXT_NEED_MEMBERS : needs[row].text);
}

static void add_step(struct report *report, json_t *item, const char *path, const json_t *step)
{
    struct prose *prose = &report->prose;
    const json_t *missing = json_object_get(step, "missing");
    const char *to = text_of(step, "to");
    const char *shown = prose_phase(prose, to);
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (misses(missing, needs[i].guard) && !has_gap(report, path, needs[i].told_by)) {
            const char *said = prose_say(prose, TEXT_NEEDED,
                                         FILL({"to", shown}, {"what", need_text(report, i, to)}));
            json_t *detail = document_detail(item, "", said);
            cite(item, detail, phase_seq(report, path));
        }
    }
    if (json_array_size(missing) == 0) {
        const char *said = prose_say(prose, TEXT_READY, FILL({"to", shown}));
        cite(item, document_detail(item, "", said), phase_seq(report, path));
    }
}

// The step that comes next in the usual order is the one that needs no reason.
static void tell_werkplaats(struct report *report, const json_t *werkplaats)
{
    const char *path = path_in_region(report, werkplaats);
    const char *phase = prose_phase(&report->prose, text_of(werkplaats, "phase"));
    size_t index = 0;
    json_t *row = NULL;
    json_t *item = document_item(report, name_of(report, path),
                                 prose_say(&report->prose, TEXT_OPEN_PHASE, FILL({"phase", phase})),
                                 phase_seq(report, path));
    json_array_foreach(json_object_get(werkplaats, "steps"), index, row)
    {
        if (!json_is_true(json_object_get(row, "reason"))) {
            add_step(report, item, path, row);
        }
    }
    add_outdated(report, item, path, json_object_get(werkplaats, "outdated"));
    json_array_foreach(json_object_get(werkplaats, "undecided"), index, row)
    {
        add_undecided(report, item, path, row);
    }
    add_gaps(report, item, path);
    if (json_object_get(item, "details") == NULL) {
        (void)json_array_remove(report->items, json_array_size(report->items) - 1);
    }
}

// The rest ---------------------------------------------------------------------------------------

static bool is_of_werkplaats(const struct report *report, const json_t *gap)
{
    return strncmp(path_in_region(report, gap), "werkplaats/", strlen("werkplaats/")) == 0;
}

// One line for each gap of what is no werkplaats, with all that have it.
static void tell_gap(struct report *report, const char *name, enum text text)
{
    json_t *paths = json_array();
    size_t index = 0;
    json_t *gap = NULL;
    json_t *item = NULL;
    json_array_foreach(report->gaps, index, gap)
    {
        if (strcmp(text_of(gap, "gap"), name) == 0 && !is_of_werkplaats(report, gap)) {
            const char *path = path_in_region(report, gap);
            item = item == NULL ? document_item(report, NULL, "", 0) : item;
            document_cite(item, opened_seq(report, path));
            (void)json_array_append_new(paths, json_string(path));
        }
    }
    if (item != NULL) {
        const char *names = names_in(report, KIND_NONE, paths);
        const char *said = prose_say(&report->prose, text, FILL({"names", names}));
        (void)json_object_set_new(item, "text", json_string(said));
    }
    json_decref(paths);
}

static bool is_known(const char *gap)
{
    bool known = false;
    for (size_t i = 0; i < GAP_COUNT; i++) {
        known = known || strcmp(gaps[i].gap, gap) == 0;
    }
    return known;
}

// A newer daemon may know more gaps: as it says it.
static void tell_unknown_gaps(struct report *report)
{
    size_t index = 0;
    json_t *gap = NULL;
    json_array_foreach(report->gaps, index, gap)
    {
        const char *path = path_in_region(report, gap);
        if (!is_known(text_of(gap, "gap")) && !is_of_werkplaats(report, gap)) {
            const char *said =
                prose_say(&report->prose, TEXT_GAP_OTHER,
                          FILL({"found", text_of(gap, "found")}, {"names", name_of(report, path)}));
            (void)document_item(report, NULL, said, opened_seq(report, path));
        }
    }
}

static void tell_waiting(struct report *report)
{
    const char *path = NULL;
    json_t *record = NULL;
    json_object_foreach(report->then, path, record)
    {
        const json_t *fields = json_object_get(record, "fields");
        if (strncmp(path, "contribution/", strlen("contribution/")) != 0 ||
            json_object_get(fields, "accepted") != NULL ||
            json_object_get(fields, "rejected") != NULL) {
            continue;
        }
        uint64_t seq = opened_seq(report, path);
        const json_t *event = json_object_get(
            report->events, prose_format(&report->prose, "%llu", (unsigned long long)seq));
        const char *about = text_of(fields, "about");
        const char *said =
            prose_say(&report->prose, about[0] == '\0' ? TEXT_WAITING : TEXT_WAITING_ABOUT,
                      FILL({"on", prose_on(&report->prose, event, true)},
                           {"about", about[0] == '\0' ? "" : name_of(report, about)}));
        (void)document_item(report, NULL, said, seq);
        report->tells_waiting = true;
    }
}

void section_open(struct report *report)
{
    struct prose *prose = &report->prose;
    const char *to = prose_day(prose, report->options->to);
    size_t index = 0;
    json_t *werkplaats = NULL;
    document_group(report, prose_say(prose, TEXT_OPEN_ON, FILL({"to", to})));
    json_array_foreach(report->next, index, werkplaats)
    {
        tell_werkplaats(report, werkplaats);
    }
    document_group(report, prose_of(prose, TEXT_OPEN_OTHER));
    for (size_t i = 0; i < GAP_COUNT; i++) {
        tell_gap(report, gaps[i].gap, gaps[i].text);
    }
    tell_unknown_gaps(report);
    tell_waiting(report);
    if (json_array_size(report->groups) == 1 && json_array_size(report->items) == 0) {
        document_group(report, NULL); // instead of the empty one
        (void)document_item(report, NULL, prose_say(prose, TEXT_OPEN_NOTHING, FILL({"to", to})), 0);
    }
}
