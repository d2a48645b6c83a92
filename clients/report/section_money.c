// Who takes part, what the boards decided, how the costs were split.
#include "clients/report/compose.h"

#include <inttypes.h>

// What the bureau recorded for a member, on its letter, is shown so (guard G4).
static const char *with_bureau(struct report *report, const struct entry *entry, const char *text)
{
    const char *reference = text_of(entry->event, "reference");
    bool bureau = strcmp(text_of(entry->event, "actorrole"), "secretary") == 0;
    return bureau && reference[0] != '\0'
               ? speech_fill(&report->speech, TEXT_BY_BUREAU,
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
        speech_fill(&report->speech, ended ? TEXT_TAKES_NO_PART : TEXT_TAKES_PART,
                    FILL({"member", name_in(report, KIND_MEMBER, text_of(entry->data, "member"))},
                         {"on", speech_on(&report->speech, entry->event, false)}));
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
            return speech_fill(&report->speech, boards[i].text, FILL({"member", member}));
        }
    }
    return speech_format(&report->speech, "%s (%s)", member,
                         speech_choice(&report->speech, CHOICES_BOARD, board));
}

static const char *purpose_of(struct report *report, const json_t *data)
{
    return speech_choice(&report->speech, CHOICES_PURPOSE, text_of(data, "purpose"));
}

static const char *euros_of(struct report *report, const json_t *data, const char *key)
{
    return speech_euros(&report->speech, json_integer_value(json_object_get(data, key)));
}

static void tell_decision(struct report *report, const struct entry *entry)
{
    bool positive = strcmp(text_of(entry->data, "outcome"), "positive") == 0;
    bool financial = strcmp(text_of(entry->data, "kind"), "financial") == 0;
    enum text text = financial ? (positive ? TEXT_SAID_YES : TEXT_SAID_NO)
                               : (positive ? TEXT_AGREED : TEXT_DISAGREED);
    const char *said = speech_fill(&report->speech, text,
                                   FILL({"board", board_text(report, entry->data)},
                                        {"on", speech_on(&report->speech, entry->event, false)},
                                        {"amount", euros_of(report, entry->data, "amount")},
                                        {"purpose", purpose_of(report, entry->data)}));
    (void)document_item(report, NULL, with_bureau(report, entry, said), entry->seq);
    document_count(report, COUNT_DECISIONS, entry->seq);
}

void section_decisions(struct report *report)
{
    by_subject(report, EVENT_DECISION_TAKEN, EVENT_NONE, tell_decision);
}

// The newest counts; a correction stands where what it corrects stood.
const struct entry *decision_standing(const struct report *report, const char *subject,
                                      const char *member, const char *purpose)
{
    const struct entry *standing = NULL, *entry = NULL;
    while ((entry = entry_about(report, EVENT_DECISION_TAKEN, subject, entry)) != NULL) {
        if (strcmp(text_of(entry->data, "kind"), "financial") == 0 &&
            strcmp(text_of(entry->data, "member"), member) == 0 &&
            strcmp(text_of(entry->data, "purpose"), purpose) == 0 &&
            (standing == NULL || entry->stands > standing->stands)) {
            standing = entry;
        }
    }
    return standing;
}

// Money ------------------------------------------------------------------------------------------

const struct entry *allocation_standing(const struct report *report, const char *subject,
                                        const char *purpose)
{
    const struct entry *standing = NULL, *entry = NULL;
    while ((entry = entry_about(report, EVENT_COSTS_ALLOCATED, subject, entry)) != NULL) {
        if (strcmp(text_of(entry->data, "purpose"), purpose) == 0 &&
            (standing == NULL || entry->stands > standing->stands)) {
            standing = entry;
        }
    }
    return standing;
}

static const char *decided_text(struct report *report, const struct entry *decision)
{
    if (decision == NULL) {
        return speech_text(&report->speech, TEXT_NOT_YET);
    }
    bool positive = strcmp(text_of(decision->data, "outcome"), "positive") == 0;
    return positive ? speech_fill(&report->speech, TEXT_YES_TO,
                                  FILL({"amount", euros_of(report, decision->data, "amount")}))
                    : speech_text(&report->speech, TEXT_NO);
}

// What boards decided stands beside a split that stands; one that was replaced is history.
static void add_shares(struct report *report, json_t *item, const struct entry *entry,
                       bool standing)
{
    struct speech *speech = &report->speech;
    const char *purpose = text_of(entry->data, "purpose");
    json_t *columns =
        json_pack("[s, s, s*]", speech_text(speech, TEXT_MEMBER), speech_text(speech, TEXT_SHARE),
                  standing ? speech_text(speech, TEXT_BOARD_SAID) : NULL);
    const char *member = NULL;
    json_t *share = NULL;
    document_table(item, columns);
    json_object_foreach(json_object_get(entry->data, "shares"), member, share)
    {
        const struct entry *decision =
            standing ? decision_standing(report, entry->subject, member, purpose) : NULL;
        json_t *row = document_row(item, name_in(report, KIND_MEMBER, member),
                                   speech_euros(speech, json_integer_value(share)),
                                   standing ? decided_text(report, decision) : NULL);
        document_cite(row, decision == NULL ? 0 : decision->seq);
    }
    (void)document_row(item, speech_text(speech, TEXT_TOTAL),
                       euros_of(report, entry->data, "amount"), standing ? "" : NULL);
    json_decref(columns);
}

static void tell_allocation(struct report *report, const struct entry *entry)
{
    struct speech *speech = &report->speech;
    const struct entry *last =
        allocation_standing(report, entry->subject, text_of(entry->data, "purpose"));
    const char *by = text_of(entry->data, "decide_by");
    const char *said =
        speech_fill(speech, TEXT_ALLOCATED,
                    FILL({"on", speech_on(speech, entry->event, false)},
                         {"amount", euros_of(report, entry->data, "amount")},
                         {"purpose", purpose_of(report, entry->data)},
                         {"key", name_in(report, KIND_COST_KEY, text_of(entry->data, "key"))},
                         {"version", text_of(entry->data, "version")}));
    if (by[0] != '\0') {
        said = speech_fill(speech, TEXT_DECIDE_BY,
                           FILL({"text", said}, {"by", speech_day(speech, by)}));
    }
    if (last != entry) {
        said = speech_fill(speech, TEXT_REPLACED, FILL({"text", said}));
    }
    json_t *item = document_item(report, name_of(report, entry->subject), said, entry->seq);
    document_cite(item, last->seq);
    add_shares(report, item, entry, last == entry);
    document_count(report, COUNT_ALLOCATIONS, entry->seq);
}

static void tell_key(struct report *report, const struct entry *entry)
{
    struct speech *speech = &report->speech;
    const char *title =
        speech_fill(speech, TEXT_KEY, FILL({"key", name_of(report, entry->subject)}));
    const char *said = speech_fill(
        speech, TEXT_KEY_ADOPTED,
        FILL({"on", speech_on(speech, entry->event, false)},
             {"version", text_of(entry->data, "version")},
             {"from", speech_day(speech, text_of(entry->data, "valid_from"))},
             {"method", speech_choice(speech, CHOICES_METHOD, text_of(entry->data, "method"))}));
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
