// The way of the werkplaatsen: begun, on to another phase, planned, delivered, evaluated.
#include "clients/report/compose.h"

// An item about a werkplaats, which the text goes on about.
static json_t *tell(struct report *report, const struct entry *entry, enum text text,
                    const struct filling *fillings)
{
    return document_item(report, name_of(report, entry->subject),
                         prose_say(&report->prose, text, fillings), entry->seq);
}

static const char *on(struct report *report, const struct entry *entry)
{
    return prose_on(&report->prose, entry->event, false);
}

// Opened -----------------------------------------------------------------------------------------

static void tell_taken_over(struct report *report, const struct entry *entry,
                            const json_t *baseline)
{
    bool unsure = strcmp(text_of(baseline, "basis"), "stated") != 0;
    json_t *item = tell(report, entry, unsure ? TEXT_TAKEN_OVER_UNSURE : TEXT_TAKEN_OVER,
                        FILL({"on", on(report, entry)},
                             {"phase", prose_phase(&report->prose, text_of(baseline, "phase"))}));
    document_field(report, item, GROUP_WERKPLAATS_OPENED, entry->data, "common_interest");
    document_count(report, COUNT_TAKEN_OVER, entry->seq);
}

static void tell_begun(struct report *report, const struct entry *entry)
{
    bool ongoing = strcmp(text_of(entry->data, "kind"), "ongoing") == 0;
    json_t *item = tell(report, entry, ongoing ? TEXT_BEGAN_ONGOING : TEXT_BEGAN,
                        FILL({"on", on(report, entry)}, {"theme", text_of(entry->data, "theme")}));
    const json_t *leads = json_object_get(entry->data, "leads");
    const char *parent = text_of(entry->data, "parent");
    document_field(report, item, GROUP_WERKPLAATS_OPENED, entry->data, "common_interest");
    (void)document_detail(item, prose_field(&report->prose, GROUP_WERKPLAATS_OPENED, "leads"),
                          names_in(report, KIND_MEMBER, leads));
    if (parent[0] != '\0') {
        (void)document_detail(item, prose_field(&report->prose, GROUP_WERKPLAATS_OPENED, "parent"),
                              name_in(report, KIND_WERKPLAATS, parent));
    }
    document_count(report, COUNT_OPENED, entry->seq);
}

// What ran already is not new, whenever it was recorded.
void section_opened(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_WERKPLAATS_OPENED, entry)) != NULL) {
        if (json_object_get(entry->data, "baseline") == NULL) {
            tell_begun(report, entry);
        }
    }
    while ((entry = entry_next(report, EVENT_WERKPLAATS_OPENED, entry)) != NULL) {
        const json_t *baseline = json_object_get(entry->data, "baseline");
        if (baseline != NULL) {
            tell_taken_over(report, entry, baseline);
        }
    }
}

// Phases -----------------------------------------------------------------------------------------

static enum text step_text(const char *from, const char *to)
{
    enum phase before = phase_find(bytes_of(from)), after = phase_find(bytes_of(to));
    if (after == PHASE_STOPPED) {
        return TEXT_STEP_STOPPED;
    }
    if (after == PHASE_COMPLETED) {
        return TEXT_STEP_COMPLETED;
    }
    return after < before ? TEXT_STEP_BACK : TEXT_STEP;
}

void section_phases(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_PHASE_CHANGED, entry)) != NULL) {
        const char *from = text_of(entry->data, "from"), *to = text_of(entry->data, "to");
        json_t *item =
            tell(report, entry, step_text(from, to),
                 FILL({"on", on(report, entry)}, {"from", prose_phase(&report->prose, from)},
                      {"to", prose_phase(&report->prose, to)}));
        document_field(report, item, GROUP_PHASE_CHANGED, entry->data, "reason");
        document_count(report, COUNT_STEPS, entry->seq);
    }
}

// Plans ------------------------------------------------------------------------------------------

static void add_contributes(struct report *report, json_t *item, const json_t *goals)
{
    document_field(report, item, GROUP_CONTRIBUTES, goals, "cost");
    document_field(report, item, GROUP_CONTRIBUTES, goals, "quality");
    document_field(report, item, GROUP_CONTRIBUTES, goals, "vulnerability");
}

static void tell_plan(struct report *report, const struct entry *entry)
{
    const char *by = text_of(entry->data, "adopted_by");
    const json_t *pillars = json_object_get(entry->data, "pillars");
    json_t *item =
        tell(report, entry, by[0] == '\0' ? TEXT_PLANNED : TEXT_PLANNED_BY,
             FILL({"on", on(report, entry)}, {"version", text_of(entry->data, "version")},
                  {"body", name_in(report, KIND_BODY, by)}));
    document_field(report, item, GROUP_PILLARS, pillars, "doing");
    document_field(report, item, GROUP_PILLARS, pillars, "interest");
    add_contributes(report, item, json_object_get(entry->data, "goals"));
    (void)document_detail(item, prose_field(&report->prose, GROUP_PLAN, "partners"),
                          names_in(report, KIND_PARTNER, json_object_get(entry->data, "partners")));
    document_link(report, item, GROUP_PLAN, entry->data, "document");
    document_count(report, COUNT_PLANS, entry->seq);
}

static void tell_feasibility(struct report *report, const struct entry *entry)
{
    bool positive = strcmp(text_of(entry->data, "outcome"), "positive") == 0;
    json_t *item = tell(report, entry, positive ? TEXT_FEASIBLE : TEXT_NOT_FEASIBLE,
                        FILL({"on", on(report, entry)}));
    document_field(report, item, GROUP_FEASIBILITY, entry->data, "note");
    document_link(report, item, GROUP_FEASIBILITY, entry->data, "document");
    document_count(report, COUNT_STUDIES, entry->seq);
}

static void tell_programme(struct report *report, const struct entry *entry)
{
    const json_t *list = json_object_get(entry->data, "werkplaatsen");
    (void)tell(report, entry, TEXT_PROGRAMMED,
               FILL({"on", on(report, entry)},
                    {"body", name_in(report, KIND_BODY, text_of(entry->data, "by"))},
                    {"werkplaatsen", names_in(report, KIND_WERKPLAATS, list)}));
}

void section_plans(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_YEAR_PROGRAMME_ADOPTED, entry)) != NULL) {
        tell_programme(report, entry);
    }
    while ((entry = entry_next(report, EVENT_PLAN_ADOPTED, entry)) != NULL) {
        tell_plan(report, entry);
    }
    while ((entry = entry_next(report, EVENT_FEASIBILITY_CONCLUDED, entry)) != NULL) {
        tell_feasibility(report, entry);
    }
}

// Results ----------------------------------------------------------------------------------------

void section_results(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_RESULT_DELIVERED, entry)) != NULL) {
        const char *said = prose_say(
            &report->prose, TEXT_DELIVERED,
            FILL({"on", on(report, entry)}, {"werkplaats", name_of(report, entry->subject)}));
        json_t *item = document_item(report, text_of(entry->data, "title"), said, entry->seq);
        document_field(report, item, GROUP_RESULT, entry->data, "meaning");
        add_contributes(report, item, json_object_get(entry->data, "goals"));
        document_link(report, item, GROUP_RESULT, entry->data, "url");
        document_count(report, COUNT_RESULTS, entry->seq);
    }
}

void section_evaluations(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_EVALUATED, entry)) != NULL) {
        const char *body = name_in(report, KIND_BODY, text_of(entry->data, "presented_to"));
        json_t *item =
            tell(report, entry, TEXT_EVALUATED, FILL({"on", on(report, entry)}, {"body", body}));
        document_field(report, item, GROUP_EVALUATION, entry->data, "summary");
        document_count(report, COUNT_EVALUATIONS, entry->seq);
    }
}

void section_advice(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_ADVICE_GIVEN, entry)) != NULL) {
        const char *priority =
            prose_choice(&report->prose, CHOICES_PRIORITY, text_of(entry->data, "priority"));
        json_t *item = tell(report, entry, TEXT_ADVISED,
                            FILL({"on", on(report, entry)}, {"priority", priority}));
        document_field(report, item, GROUP_ADVICE, entry->data, "note");
        document_field(report, item, GROUP_ADVICE, entry->data, "feasibility");
    }
}
