// Who takes part, what the boards decided, how the costs were split.
#include "clients/report/compose.h"

#include <inttypes.h>

// What the bureau recorded for a member, on its letter, is shown so (guard G4).
static const char *with_bureau(struct report *report, const struct entry *entry, const char *text)
{
    const char *reference = text_of(entry->event, "reference");
    bool bureau = strcmp(text_of(entry->event, "actorrole"), "secretary") == 0;
    return bureau && reference[0] != '\0'
               ? prose_say(&report->prose, TEXT_BY_BUREAU,
                           FILL({"text", text}, {"reference", reference}))
               : text;
}

// Whether an event of these types about the same subject comes before it in the period.
static bool is_first(const struct report *report, const struct entry *entry, enum event_number a,
                     enum event_number b)
{
    for (const struct entry *other = report->entries; other < entry; other++) {
        if (other->day >= report->from && strcmp(other->subject, entry->subject) == 0 &&
            (other->type->number == a || other->type->number == b)) {
            return false;
        }
    }
    return true;
}

// Calls tell() for each event of the period of one of two types, by werkplaats.
static void by_subject(struct report *report, enum event_number a, enum event_number b,
                       void (*tell)(struct report *, const struct entry *))
{
    const struct entry *end = report->entries + report->count;
    for (const struct entry *entry = report->entries; entry < end; entry++) {
        bool of = entry->type->number == a || entry->type->number == b;
        if (!of || entry->day < report->from || !is_first(report, entry, a, b)) {
            continue;
        }
        document_group(report, name_of(report, entry->subject));
        for (const struct entry *same = entry; same < end; same++) {
            if ((same->type->number == a || same->type->number == b) &&
                strcmp(same->subject, entry->subject) == 0) {
                tell(report, same);
            }
        }
    }
}

static void tell_participation(struct report *report, const struct entry *entry)
{
    bool ended = entry->type->number == EVENT_PARTICIPATION_ENDED;
    const char *said =
        prose_say(&report->prose, ended ? TEXT_TAKES_NO_PART : TEXT_TAKES_PART,
                  FILL({"member", name_in(report, KIND_MEMBER, text_of(entry->data, "member"))},
                       {"on", prose_on(&report->prose, entry->event, false)}));
    json_t *item = document_item(report, NULL, with_bureau(report, entry, said), entry->seq);
    document_field(report, item, GROUP_PARTICIPATION_ENDED, entry->data, "reason");
    document_count(report, ended ? COUNT_ENDED : COUNT_PARTICIPATIONS, entry->seq);
}

void section_participation(struct report *report)
{
    by_subject(report, EVENT_PARTICIPATION_DECLARED, EVENT_PARTICIPATION_ENDED, tell_participation);
}

// Decisions --------------------------------------------------------------------------------------

static const char *board_text(struct report *report, const json_t *data)
{
    static const struct {
        const char *board;
        enum text text;
    } boards[] = {
        {"college", TEXT_BOARD_COLLEGE},
        {"council", TEXT_BOARD_COUNCIL},
        {"executive-board", TEXT_BOARD_EXECUTIVE},
        {"general-board", TEXT_BOARD_GENERAL},
    };
    const char *board = text_of(data, "board");
    const char *member = name_in(report, KIND_MEMBER, text_of(data, "member"));
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++) {
        if (strcmp(board, boards[i].board) == 0) {
            return prose_say(&report->prose, boards[i].text, FILL({"member", member}));
        }
    }
    return prose_format(&report->prose, "%s (%s)", member,
                        prose_choice(&report->prose, CHOICES_BOARD, board));
}

static const char *purpose_of(struct report *report, const json_t *data)
{
    return prose_choice(&report->prose, CHOICES_PURPOSE, text_of(data, "purpose"));
}

static const char *euros_of(struct report *report, const json_t *data, const char *key)
{
    return prose_euros(&report->prose, json_integer_value(json_object_get(data, key)));
}

static void tell_decision(struct report *report, const struct entry *entry)
{
    bool positive = strcmp(text_of(entry->data, "outcome"), "positive") == 0;
    bool financial = strcmp(text_of(entry->data, "kind"), "financial") == 0;
    enum text text = financial ? (positive ? TEXT_SAID_YES : TEXT_SAID_NO)
                               : (positive ? TEXT_AGREED : TEXT_DISAGREED);
    const char *said = prose_say(&report->prose, text,
                                 FILL({"board", board_text(report, entry->data)},
                                      {"on", prose_on(&report->prose, entry->event, false)},
                                      {"amount", euros_of(report, entry->data, "amount")},
                                      {"purpose", purpose_of(report, entry->data)}));
    (void)document_item(report, NULL, with_bureau(report, entry, said), entry->seq);
    document_count(report, COUNT_DECISIONS, entry->seq);
}

void section_decisions(struct report *report)
{
    by_subject(report, EVENT_DECISION_TAKEN, EVENT_NONE, tell_decision);
}

// Money ------------------------------------------------------------------------------------------

// What a slot of a werkplaats held on the last day, and the event that put it there.
static const json_t *standing(const struct report *report, const char *subject, const char *slot,
                              const char *key)
{
    const json_t *fields = json_object_get(json_object_get(report->then, subject), "fields");
    return json_object_get(json_object_get(fields, slot), key);
}

static uint64_t seq_of(const json_t *item)
{
    return (uint64_t)json_integer_value(json_object_get(item, "seq"));
}

static const json_t *decision_standing(struct report *report, const char *subject,
                                       const char *member, const char *purpose)
{
    const char *key = prose_format(&report->prose, "%s/financial/%s", member, purpose);
    return standing(report, subject, "decisions", key);
}

uint64_t decision_seq(struct report *report, const char *subject, const char *member,
                      const char *purpose)
{
    return seq_of(decision_standing(report, subject, member, purpose));
}

uint64_t allocation_seq(const struct report *report, const char *subject, const char *purpose)
{
    return seq_of(standing(report, subject, "allocations", purpose));
}

static const char *decided_text(struct report *report, const json_t *decision)
{
    const json_t *data = json_object_get(decision, "data");
    if (decision == NULL) {
        return prose_of(&report->prose, TEXT_NOT_YET);
    }
    bool positive = strcmp(text_of(data, "outcome"), "positive") == 0;
    return positive ? prose_say(&report->prose, TEXT_YES_TO,
                                FILL({"amount", euros_of(report, data, "amount")}))
                    : prose_of(&report->prose, TEXT_NO);
}

// What boards decided stands beside a split that stands; one that was replaced is history.
static void add_shares(struct report *report, json_t *item, const struct entry *entry, bool stands)
{
    struct prose *prose = &report->prose;
    const char *purpose = text_of(entry->data, "purpose");
    json_t *columns =
        json_pack("[s, s, s*]", prose_of(prose, TEXT_MEMBER), prose_of(prose, TEXT_SHARE),
                  stands ? prose_of(prose, TEXT_BOARD_SAID) : NULL);
    const char *member = NULL;
    json_t *share = NULL;
    document_table(item, columns);
    json_object_foreach(json_object_get(entry->data, "shares"), member, share)
    {
        const json_t *decision =
            stands ? decision_standing(report, entry->subject, member, purpose) : NULL;
        json_t *row = document_row(item, name_in(report, KIND_MEMBER, member),
                                   prose_euros(prose, json_integer_value(share)),
                                   stands ? decided_text(report, decision) : NULL);
        document_cite(row, seq_of(decision));
    }
    (void)document_row(item, prose_of(prose, TEXT_TOTAL), euros_of(report, entry->data, "amount"),
                       stands ? "" : NULL);
    json_decref(columns);
}

static void tell_allocation(struct report *report, const struct entry *entry)
{
    struct prose *prose = &report->prose;
    uint64_t last = allocation_seq(report, entry->subject, text_of(entry->data, "purpose"));
    const char *by = text_of(entry->data, "decide_by");
    const char *said =
        prose_say(prose, TEXT_ALLOCATED,
                  FILL({"on", prose_on(prose, entry->event, false)},
                       {"amount", euros_of(report, entry->data, "amount")},
                       {"purpose", purpose_of(report, entry->data)},
                       {"key", name_in(report, KIND_COST_KEY, text_of(entry->data, "key"))},
                       {"version", text_of(entry->data, "version")}));
    if (by[0] != '\0') {
        said = prose_say(prose, TEXT_DECIDE_BY, FILL({"text", said}, {"by", prose_day(prose, by)}));
    }
    if (last != entry->seq) {
        said = prose_say(prose, TEXT_REPLACED, FILL({"text", said}));
    }
    json_t *item = document_item(report, name_of(report, entry->subject), said, entry->seq);
    document_cite(item, last);
    add_shares(report, item, entry, last == entry->seq);
    document_count(report, COUNT_ALLOCATIONS, entry->seq);
}

static void tell_key(struct report *report, const struct entry *entry)
{
    struct prose *prose = &report->prose;
    const char *title = prose_say(prose, TEXT_KEY, FILL({"key", name_of(report, entry->subject)}));
    const char *said = prose_say(
        prose, TEXT_KEY_ADOPTED,
        FILL({"on", prose_on(prose, entry->event, false)},
             {"version", text_of(entry->data, "version")},
             {"from", prose_day(prose, text_of(entry->data, "valid_from"))},
             {"method", prose_choice(prose, CHOICES_METHOD, text_of(entry->data, "method"))}));
    (void)document_item(report, title, said, entry->seq);
}

void section_money(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_COST_KEY_ADOPTED, entry)) != NULL) {
        tell_key(report, entry);
    }
    while ((entry = entry_next(report, EVENT_COSTS_ALLOCATED, entry)) != NULL) {
        tell_allocation(report, entry);
    }
}
