#include "clients/report/compose.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static const struct {
    const char *name;
    enum text title;
} sections[] = {
#define SECTION(NAME, name) [SECTION_##NAME] = {#name, TEXT_##NAME},
#include "clients/report/sections.def"
#undef SECTION
};

// In which section what each counts stands, and which of them are one sentence of the summary.
static const struct {
    enum section section;
    int sentence;
} places[COUNT_COUNT] = {
    [COUNT_JOINED] = {SECTION_MEMBERS, 1},
    [COUNT_LEFT] = {SECTION_MEMBERS, 1},
    [COUNT_OPENED] = {SECTION_OPENED, 2},
    [COUNT_TAKEN_OVER] = {SECTION_OPENED, 2},
    [COUNT_STEPS] = {SECTION_PHASES, 2},
    [COUNT_PLANS] = {SECTION_PLANS, 3},
    [COUNT_STUDIES] = {SECTION_PLANS, 3},
    [COUNT_RESULTS] = {SECTION_RESULTS, 4},
    [COUNT_EVALUATIONS] = {SECTION_EVALUATIONS, 4},
    [COUNT_PARTICIPATIONS] = {SECTION_PARTICIPATION, 5},
    [COUNT_ENDED] = {SECTION_PARTICIPATION, 5},
    [COUNT_DECISIONS] = {SECTION_DECISIONS, 6},
    [COUNT_ALLOCATIONS] = {SECTION_MONEY, 6},
    [COUNT_TARGETS] = {SECTION_GOALS, 7},
    [COUNT_MEASUREMENTS] = {SECTION_GOALS, 7},
    [COUNT_NEWS] = {SECTION_NEWS, 8},
    [COUNT_CONTRIBUTIONS] = {SECTION_CONTRIBUTIONS, 8},
};

// An array or object as the member of an object, made if it is not there.
static json_t *member_of(json_t *object, const char *name, json_t *(*make)(void))
{
    json_t *member = json_object_get(object, name);
    if (member == NULL) {
        member = make();
        (void)json_object_set_new(object, name, member);
    }
    assert(member != NULL); // half a report would be a wrong one
    return member;
}

static void set_text(json_t *object, const char *name, const char *text)
{
    (void)json_object_set_new(object, name, json_string(text));
}

void document_begin(struct report *report)
{
    const struct report_options *options = report->options;
    struct prose *prose = &report->prose;
    const char *name = text_of(json_object_get(report->region, "fields"), "name");
    const char *period = prose_period(prose, options->from, options->to);
    report->document =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:[], s:[], s:[]}", "region",
                  options->region, "name", name, "from", options->from, "to", options->to,
                  "language", options->language == DUTCH ? "nl" : "en", "audience",
                  options->members ? "members" : "public", "head", (json_int_t)report->head,
                  "title", prose_say(prose, TEXT_TITLE, FILL({"region", name}, {"period", period})),
                  "notes", "summary", "sections");
    assert(report->document != NULL); // as above
}

// Items ------------------------------------------------------------------------------------------

static void drop_empty_group(struct report *report)
{
    if (report->items != NULL && json_array_size(report->items) == 0) {
        (void)json_array_remove(report->groups, json_array_size(report->groups) - 1);
    }
    report->items = NULL;
}

static void drop_empty_section(struct report *report)
{
    json_t *list = json_object_get(report->document, "sections");
    drop_empty_group(report);
    if (report->groups != NULL && json_array_size(report->groups) == 0) {
        (void)json_array_remove(list, json_array_size(list) - 1);
    }
    report->groups = NULL;
}

void document_section(struct report *report, enum section section)
{
    drop_empty_section(report);
    json_t *made = json_pack("{s:s, s:s, s:[]}", "section", sections[section].name, "title",
                             prose_of(&report->prose, sections[section].title), "groups");
    report->groups = json_object_get(made, "groups");
    (void)json_array_append_new(json_object_get(report->document, "sections"), made);
}

void document_group(struct report *report, const char *title)
{
    drop_empty_group(report);
    json_t *group = json_pack("{s:s*, s:[]}", "title", title, "items");
    report->items = json_object_get(group, "items");
    (void)json_array_append_new(report->groups, group);
}

json_t *document_item(struct report *report, const char *title, const char *text, uint64_t seq)
{
    if (report->items == NULL) {
        document_group(report, NULL);
    }
    json_t *item = json_pack("{s:s*, s:s, s:[]}", "title", title, "text", text, "events");
    assert(item != NULL); // as above
    (void)json_array_append_new(report->items, item);
    document_cite(item, seq);
    return item;
}

void document_cite(json_t *item, uint64_t seq)
{
    json_t *events = member_of(item, "events", json_array);
    size_t index = 0;
    json_t *known = NULL;
    bool there = seq == 0;
    json_array_foreach(events, index, known)
    {
        there = there || (uint64_t)json_integer_value(known) == seq;
    }
    if (!there) {
        (void)json_array_append_new(events, json_integer((json_int_t)seq));
    }
}

json_t *document_detail(json_t *item, const char *label, const char *text)
{
    if (text[0] == '\0') {
        return NULL;
    }
    json_t *detail = json_pack("{s:s, s:s, s:[]}", "label", label, "text", text, "events");
    (void)json_array_append_new(member_of(item, "details", json_array), detail);
    return detail;
}

void document_field(struct report *report, json_t *item, enum group group, const json_t *data,
                    const char *name)
{
    (void)document_detail(item, prose_field(&report->prose, group, name),
                          text_of(data, name)); // it comes from the item's event
}

void document_link(struct report *report, json_t *item, enum group group, const json_t *data,
                   const char *name)
{
    json_t *detail =
        document_detail(item, prose_field(&report->prose, group, name), text_of(data, name));
    if (detail != NULL) {
        set_text(detail, "url", text_of(data, name));
    }
}

void document_table(json_t *item, const json_t *columns)
{
    (void)json_object_set_new(item, "table", json_pack("{s:O, s:[]}", "columns", columns, "rows"));
}

json_t *document_row(json_t *item, const char *a, const char *b, const char *c)
{
    json_t *row = json_pack("{s:[s, s, s*], s:[]}", "cells", a, b, c, "events");
    json_t *rows = json_object_get(json_object_get(item, "table"), "rows");
    assert(row != NULL); // as above
    (void)json_array_append_new(rows, row);
    return row;
}

// The summary ------------------------------------------------------------------------------------

void document_count(struct report *report, enum count count, uint64_t seq)
{
    if (report->counts[count] == NULL) {
        report->counts[count] = json_array();
    }
    (void)json_array_append_new(report->counts[count], json_integer((json_int_t)seq));
}

// Whether the sentence of a count has more of what was counted, from another one on.
static bool goes_on(const struct report *report, size_t count, size_t from, size_t to)
{
    bool more = false;
    for (size_t i = from; i < to; i++) {
        more = more || (places[i].sentence == places[count].sentence &&
                        json_array_size(report->counts[i]) > 0);
    }
    return more;
}

// "Eén lid trad toe en twee leden traden uit."
static void sum_up_count(struct report *report, json_t *summary, size_t count)
{
    struct prose *prose = &report->prose;
    size_t number = json_array_size(report->counts[count]);
    bool first = !goes_on(report, count, 0, count);
    bool last = !goes_on(report, count, count + 1, COUNT_COUNT);
    struct counted part = prose_count(prose, (enum count)count, number, first);
    struct counted alone = prose_count(prose, (enum count)count, number, true);
    const char *between = json_array_size(summary) == 0 ? ""
                          : first                       ? " "
                          : last                        ? prose_of(prose, TEXT_AND)
                                                        : ", ";
    (void)json_array_append_new(
        summary,
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:O}", "text",
                  prose_format(prose, "%s%s%s.", alone.before, alone.number, alone.behind),
                  "before", prose_format(prose, "%s%s", between, part.before), "number",
                  part.number, "behind", prose_format(prose, "%s%s", part.behind, last ? "." : ""),
                  "count", (json_int_t)number, "section", sections[places[count].section].name,
                  "events", report->counts[count]));
}

static void sum_up(struct report *report)
{
    json_t *summary = json_object_get(report->document, "summary");
    for (size_t i = 0; i < COUNT_COUNT; i++) {
        if (report->counts[i] != NULL) {
            sum_up_count(report, summary, i);
        }
    }
}

static bool has_section(const json_t *list, const char *name)
{
    size_t index = 0;
    json_t *section = NULL;
    bool found = false;
    json_array_foreach(list, index, section)
    {
        found = found || strcmp(text_of(section, "section"), name) == 0;
    }
    return found;
}

// Also one that was turned down, or that waits below: what is not told here was recorded.
static bool has_contributions(const struct report *report)
{
    return report->tells_waiting ||
           entry_next(report, EVENT_CONTRIBUTION_SUBMITTED, NULL) != NULL ||
           entry_next(report, EVENT_CONTRIBUTION_REJECTED, NULL) != NULL;
}

// Of which topics there is nothing. What only the members read, and what is open, say it otherwise.
static void tell_missing(struct report *report)
{
    const json_t *list = json_object_get(report->document, "sections");
    json_t *topics = json_array();
    for (size_t i = 0; i < SECTION_ADVICE; i++) {
        bool known = i == SECTION_CONTRIBUTIONS && has_contributions(report);
        if (!known && !has_section(list, sections[i].name)) {
            const char *title = prose_of(&report->prose, sections[i].title);
            (void)json_array_append_new(
                topics,
                json_string(prose_format(&report->prose, "%c%s", title[0] - 'A' + 'a', title + 1)));
        }
    }
    const char *said = json_array_size(topics) == SECTION_ADVICE
                           ? prose_of(&report->prose, TEXT_NOTHING)
                           : prose_say(&report->prose, TEXT_NOTHING_ABOUT,
                                       FILL({"topics", prose_list(&report->prose, topics)}));
    if (json_array_size(topics) > 0) {
        set_text(report->document, "nothing", said);
    }
    json_decref(topics);
}

// The sources ------------------------------------------------------------------------------------

static void add_line(struct report *report, json_t *lines, enum text text, const char *name,
                     const char *value)
{
    if (value[0] != '\0') {
        const char *said = prose_say(&report->prose, text, FILL({name, value}));
        (void)json_array_append_new(lines, json_string(said));
    }
}

// A member, the region itself, or another.
static const char *organisation_of(struct report *report, const char *id)
{
    bool region = strcmp(id, report->options->region) == 0;
    return name_in(report, region ? KIND_REGION : KIND_MEMBER, id);
}

static json_t *source_lines(struct report *report, const struct event_type *type,
                            const json_t *event, const char *path)
{
    struct prose *prose = &report->prose;
    json_t *lines = json_array();
    const char *subject = prose_format(
        prose, "%s %s (%s)",
        words_kind(prose->language, kind_find((struct bytes){path, strcspn(path, "/")})),
        name_of(report, path), path);
    const char *what = prose_say(prose, TEXT_SOURCE_WHAT,
                                 FILL({"type", prose_type(prose, type)}, {"subject", subject}));
    (void)json_array_append_new(lines, json_string(what));
    add_line(report, lines, TEXT_SOURCE_ON, "on", prose_on(prose, event, true));
    const char *recorded = prose_say(
        prose, TEXT_SOURCE_RECORDED,
        FILL({"recorded", prose_day(prose, prose_format(prose, "%.10s", text_of(event, "time")))},
             {"role", words_role(prose->language, text_of(event, "actorrole"))},
             {"organisation", organisation_of(report, text_of(event, "actororganisation"))}));
    (void)json_array_append_new(lines, json_string(recorded));
    add_line(report, lines, TEXT_SOURCE_CORRECTS, "seq", text_of(event, "corrects"));
    add_line(report, lines, TEXT_SOURCE_CITATION, "citation", text_of(event, "citation"));
    add_line(report, lines, TEXT_SOURCE_REFERENCE, "reference", text_of(event, "reference"));
    const char *id =
        prose_say(prose, TEXT_SOURCE_ID,
                  FILL({"id", text_of(event, "id")},
                       {"hash", prose_format(prose, "%.8s", text_of(event, "leafhash"))}));
    (void)json_array_append_new(lines, json_string(id));
    return lines;
}

static void add_source(struct report *report, json_t *list, const json_t *event)
{
    static const char *const copied[] = {"time",     "on",        "onbasis",  "ontext", "citation",
                                         "corrects", "reference", "leafhash", "id"};
    uint64_t seq = strtoull(text_of(event, "sequence"), NULL, 10);
    const char *type = text_of(event, "type") + strlen(waternet_type_prefix(report->connection));
    const char *path = strchr(text_of(event, "subject"), '/') + 1; // checked in gather.c
    const struct event_type *row =
        event_type_find((struct bytes){type, strlen(type) - strlen(".v1")});
    json_t *source = json_pack(
        "{s:I, s:s, s:o, s:s, s:s}", "seq", (json_int_t)seq, "title",
        prose_say(&report->prose, TEXT_SOURCE,
                  FILL({"seq", prose_format(&report->prose, "%" PRIu64, seq)})),
        "lines", source_lines(report, row, event, path), "type", row->name, "subject", path);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        json_t *value = json_object_get(event, copied[i]);
        if (value != NULL) {
            (void)json_object_set(source, copied[i], value);
        }
    }
    (void)json_array_append_new(list, source);
}

static void note_events(struct report *report, json_t *cited, const json_t *object)
{
    size_t index = 0;
    json_t *seq = NULL;
    json_array_foreach(json_object_get(object, "events"), index, seq)
    {
        const char *key =
            prose_format(&report->prose, "%" JSON_INTEGER_FORMAT, json_integer_value(seq));
        (void)json_object_set_new(cited, key, json_true());
    }
}

static void note_item(struct report *report, json_t *cited, const json_t *item)
{
    size_t index = 0;
    json_t *inner = NULL;
    note_events(report, cited, item);
    json_array_foreach(json_object_get(item, "details"), index, inner)
    {
        note_events(report, cited, inner);
    }
    json_array_foreach(json_object_get(json_object_get(item, "table"), "rows"), index, inner)
    {
        note_events(report, cited, inner);
    }
}

// The numbers of all events that the document tells of, as keys.
static json_t *find_cited(struct report *report)
{
    json_t *cited = json_object();
    size_t index = 0;
    size_t inner = 0;
    size_t at = 0;
    json_t *section = NULL;
    json_t *group = NULL;
    json_t *item = NULL;
    json_array_foreach(json_object_get(report->document, "sections"), index, section)
    {
        json_array_foreach(json_object_get(section, "groups"), inner, group)
        {
            json_array_foreach(json_object_get(group, "items"), at, item)
            {
                note_item(report, cited, item);
            }
        }
    }
    return cited;
}

// In the order of the log: events were read in it, and an object keeps that.
static void add_sources(struct report *report)
{
    json_t *cited = find_cited(report);
    json_t *list = member_of(report->document, "sources", json_array);
    const char *key = NULL;
    json_t *event = NULL;
    json_object_foreach(report->events, key, event)
    {
        if (json_object_get(cited, key) != NULL) {
            add_source(report, list, event);
        }
    }
    json_decref(cited);
    set_text(report->document, "sources_title", prose_of(&report->prose, TEXT_SOURCES));
}

static void add_notes(struct report *report)
{
    struct prose *prose = &report->prose;
    json_t *notes = json_object_get(report->document, "notes");
    json_t *last = NULL;
    const char *key = NULL;
    json_t *event = NULL;
    json_object_foreach(report->events, key, event)
    {
        last = event;
    }
    const char *day = prose_format(prose, "%.10s", text_of(last, "time"));
    const char *draft = prose_say(prose, TEXT_DRAFT,
                                  FILL({"recorded", prose_day(prose, day)},
                                       {"head", prose_format(prose, "%" PRIu64, report->head)}));
    (void)json_array_append_new(notes, json_string(draft));
    if (report->options->members) {
        (void)json_array_append_new(notes, json_string(prose_of(prose, TEXT_MEMBERS_ONLY)));
    }
}

void document_end(struct report *report)
{
    drop_empty_section(report);
    sum_up(report);
    tell_missing(report);
    add_sources(report);
    add_notes(report);
    for (size_t i = 0; i < COUNT_COUNT; i++) {
        json_decref(report->counts[i]);
    }
}
