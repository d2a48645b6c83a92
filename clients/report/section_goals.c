// The goals: what was aimed at, and what was measured. Kinds of figures are never added up.
#include "clients/report/compose.h"

static void tell_target(struct report *report, const struct entry *entry)
{
    struct prose *prose = &report->prose;
    json_int_t year = json_integer_value(json_object_get(entry->data, "year"));
    const char *value =
        prose_amount(prose, text_of(entry->data, "target"), text_of(entry->data, "unit"));
    const char *frame = prose_choice(prose, CHOICES_FRAME, text_of(entry->data, "frame"));
    const char *said = prose_say(
        prose, TEXT_TARGET,
        FILL({"year", prose_format(prose, "%" JSON_INTEGER_FORMAT, year)},
             {"on", prose_on(prose, entry->event, false)}, {"value", value}, {"frame", frame},
             {"dimension", prose_dimension(prose, text_of(entry->data, "dimension"))}));
    (void)document_item(report, NULL, said, entry->seq);
    document_count(report, COUNT_TARGETS, entry->seq);
}

// Of which member, through which werkplaats: "Wolfsvenne, Samen riolen inspecteren".
static const char *whose(struct report *report, const json_t *data)
{
    const char *member = text_of(data, "member"), *werkplaats = text_of(data, "werkplaats");
    return prose_format(&report->prose, "%s%s%s",
                        member[0] == '\0' ? "" : name_in(report, KIND_MEMBER, member),
                        member[0] == '\0' || werkplaats[0] == '\0' ? "" : ", ",
                        werkplaats[0] == '\0' ? "" : name_in(report, KIND_WERKPLAATS, werkplaats));
}

static void tell_measurement(struct report *report, const struct entry *entry)
{
    struct prose *prose = &report->prose;
    const char *of = whose(report, entry->data);
    const char *kind = prose_choice(prose, CHOICES_MEASUREMENT, text_of(entry->data, "kind"));
    const char *value =
        prose_amount(prose, text_of(entry->data, "value"), text_of(entry->data, "unit"));
    const char *said = prose_say(prose, of[0] == '\0' ? TEXT_MEASURED : TEXT_MEASURED_BY,
                                 FILL({"kind", prose_capital(prose, kind)},
                                      {"on", prose_on(prose, entry->event, false)},
                                      {"value", value}, {"whose", of}));
    (void)document_item(report, NULL, said, entry->seq);
    document_count(report, COUNT_MEASUREMENTS, entry->seq);
}

static bool is_of_goal(const struct report *report, const struct entry *entry, const char *subject)
{
    return entry->day >= report->from && strcmp(entry->subject, subject) == 0 &&
           (entry->type->number == EVENT_GOAL_SET ||
            entry->type->number == EVENT_MEASUREMENT_RECORDED);
}

static void tell_goal(struct report *report, const char *subject, const struct entry *first)
{
    const struct entry *end = report->entries + report->count;
    const char *kind = NULL;
    bool several = false;
    document_group(report, prose_capital(&report->prose, name_of(report, subject)));
    for (const struct entry *entry = first; entry < end; entry++) {
        if (is_of_goal(report, entry, subject) && entry->type->number == EVENT_GOAL_SET) {
            tell_target(report, entry);
        }
    }
    for (const struct entry *entry = first; entry < end; entry++) {
        if (is_of_goal(report, entry, subject) && entry->type->number != EVENT_GOAL_SET) {
            const char *another = text_of(entry->data, "kind");
            tell_measurement(report, entry);
            several = several || (kind != NULL && strcmp(kind, another) != 0);
            kind = another;
        }
    }
    if (several) {
        (void)document_item(report, NULL, prose_of(&report->prose, TEXT_NOT_ADDED), 0);
    }
}

void section_goals(struct report *report)
{
    const struct entry *end = report->entries + report->count;
    json_t *told = json_object();
    for (const struct entry *entry = report->entries; entry < end; entry++) {
        if (is_of_goal(report, entry, entry->subject) &&
            json_object_get(told, entry->subject) == NULL) {
            (void)json_object_set_new(told, entry->subject, json_true());
            tell_goal(report, entry->subject, entry);
        }
    }
    json_decref(told);
}
