// Who is in the cooperation, and who sits in its bodies.
#include "clients/report/compose.h"

#include <stdlib.h>

// What happened on the same day, in the same prose, to the same subject, is one sentence.
static bool is_together(const struct entry *a, const struct entry *b)
{
    return a->day == b->day && strcmp(text_of(a->event, "on"), text_of(b->event, "on")) == 0 &&
           strcmp(text_of(a->event, "ontext"), text_of(b->event, "ontext")) == 0 &&
           strcmp(text_of(a->event, "onbasis"), text_of(b->event, "onbasis")) == 0;
}

// The first of the period that stands together with it is the one that tells of all.
static bool tells_of_all(const struct report *report, const struct entry *entry, bool by_subject)
{
    const struct entry *other = NULL;
    while ((other = entry_next(report, entry->type->number, other)) != NULL) {
        if (is_together(entry, other) &&
            (!by_subject || strcmp(entry->subject, other->subject) == 0)) {
            return other == entry;
        }
    }
    return false;
}

// "A, B en C zijn op 13 januari 2022 toegetreden."
static void tell_names(struct report *report, enum event_number type, enum text one, enum text more)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, type, entry)) != NULL) {
        if (!tells_of_all(report, entry, false)) {
            continue;
        }
        json_t *paths = json_array();
        json_t *seqs = json_array();
        const struct entry *other = NULL;
        while ((other = entry_next(report, type, other)) != NULL) {
            if (is_together(entry, other)) {
                (void)json_array_append_new(paths, json_string(other->subject));
                (void)json_array_append_new(seqs, json_integer((json_int_t)other->seq));
            }
        }
        enum text text = json_array_size(paths) == 1 ? one : more;
        const char *said = prose_say(&report->prose, text,
                                     FILL({"names", names_in(report, KIND_NONE, paths)},
                                          {"on", prose_on(&report->prose, entry->event, false)}));
        json_t *item = document_item(report, NULL, said, 0);
        for (size_t i = 0; i < json_array_size(seqs); i++) {
            document_cite(item, (uint64_t)json_integer_value(json_array_get(seqs, i)));
        }
        json_decref(seqs);
        json_decref(paths);
    }
}

// "Elzenwaarde als wethouder, ook namens Wolfsvenne".
static const char *seat_text(struct report *report, const json_t *data)
{
    const json_t *others = json_object_get(data, "on_behalf_of");
    const char *member = name_in(report, KIND_MEMBER, text_of(data, "member"));
    return prose_say(&report->prose, others == NULL ? TEXT_SEAT : TEXT_SEAT_BEHALF,
                     FILL({"member", member}, {"function", text_of(data, "function")},
                          {"others", names_in(report, KIND_MEMBER, others)}));
}

static void tell_seats_of(struct report *report, const struct entry *first, enum text one,
                          enum text more)
{
    const struct entry *entry = NULL;
    const char *seats = "";
    size_t count = 0;
    json_t *item = document_item(report, name_of(report, first->subject), "", 0);
    while ((entry = entry_next(report, first->type->number, entry)) != NULL) {
        if (is_together(first, entry) && strcmp(first->subject, entry->subject) == 0) {
            seats = prose_format(&report->prose, "%s%s%s", seats, count++ == 0 ? "" : "; ",
                                 seat_text(report, entry->data));
            document_cite(item, entry->seq);
            document_field(report, item, GROUP_SEAT_VACATED, entry->data, "reason");
        }
    }
    const char *said =
        prose_say(&report->prose, count == 1 ? one : more,
                  FILL({"seats", seats}, {"on", prose_on(&report->prose, first->event, false)}));
    (void)json_object_set_new(item, "text", json_string(said));
}

static void tell_seats(struct report *report, enum event_number type, enum text one, enum text more)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, type, entry)) != NULL) {
        if (tells_of_all(report, entry, true)) {
            tell_seats_of(report, entry, one, more);
        }
    }
}

static void tell_renamed(struct report *report, const struct entry *entry)
{
    const char *name = text_of(entry->data, "name");
    const char *former = text_of(entry->data, "former");
    if (name[0] != '\0') { // otherwise only a code or a size
        const char *said =
            prose_say(&report->prose, former[0] == '\0' ? TEXT_RENAMED_TO : TEXT_RENAMED,
                      FILL({"name", name}, {"former", former},
                           {"on", prose_on(&report->prose, entry->event, false)}));
        (void)document_item(report, NULL, said, entry->seq);
    }
}

static void tell_left(struct report *report, const struct entry *entry)
{
    const char *said = prose_say(&report->prose, TEXT_LEFT,
                                 FILL({"name", name_of(report, entry->subject)},
                                      {"on", prose_on(&report->prose, entry->event, false)}));
    json_t *item = document_item(report, NULL, said, entry->seq);
    document_field(report, item, GROUP_REASON, entry->data, "reason");
}

static void count_all(struct report *report, enum event_number type, enum count count)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, type, entry)) != NULL) {
        document_count(report, count, entry->seq);
    }
}

void section_members(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_REGION_REGISTERED, entry)) != NULL) {
        const char *said = prose_say(&report->prose, TEXT_REGION_BEGAN,
                                     FILL({"name", name_of(report, entry->subject)},
                                          {"on", prose_on(&report->prose, entry->event, false)}));
        (void)document_item(report, NULL, said, entry->seq);
    }
    tell_names(report, EVENT_MEMBER_JOINED, TEXT_JOINED_ONE, TEXT_JOINED);
    while ((entry = entry_next(report, EVENT_MEMBER_RENAMED, entry)) != NULL) {
        tell_renamed(report, entry);
    }
    while ((entry = entry_next(report, EVENT_MEMBER_LEFT, entry)) != NULL) {
        tell_left(report, entry);
    }
    tell_names(report, EVENT_PARTNER_REGISTERED, TEXT_PARTNER_ONE, TEXT_PARTNER);
    tell_names(report, EVENT_BODY_ESTABLISHED, TEXT_BODY_ONE, TEXT_BODY);
    tell_seats(report, EVENT_SEAT_ASSIGNED, TEXT_SEATED_ONE, TEXT_SEATED);
    tell_seats(report, EVENT_SEAT_VACATED, TEXT_VACATED, TEXT_VACATED);
    count_all(report, EVENT_MEMBER_JOINED, COUNT_JOINED);
    count_all(report, EVENT_MEMBER_LEFT, COUNT_LEFT);
}
