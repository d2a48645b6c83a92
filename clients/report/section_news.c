// News, what people handed in, and for the members what keeps the register running.
#include "clients/report/compose.h"

#include "proto/schema.h"

#include <assert.h>
#include <stdlib.h>

// News -------------------------------------------------------------------------------------------

struct item {
    const char *path;
    const json_t *record;
    uint32_t day;
};

static int compare_items(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    return left->day != right->day ? (left->day > right->day) - (left->day < right->day)
                                   : strcmp(left->path, right->path);
}

// The items that appeared in the period by the date that they have now, and were not withdrawn.
static size_t find_news(struct report *report, struct item *items)
{
    size_t count = 0;
    const char *path = NULL;
    json_t *record = NULL;
    json_object_foreach(report->now, path, record)
    {
        const char *on = text_of(record, "on");
        uint32_t day =
            strncmp(path, "news/", 5) == 0 && on[0] != '\0' ? schema_last_day(bytes_of(on)) : 0;
        if (day >= report->from && day <= report->to && json_object_get(record, "ended") == NULL) {
            items[count++] = (struct item){path, record, day};
        }
    }
    qsort(items, count, sizeof items[0], compare_items);
    return count;
}

static void tell_news(struct report *report, const struct item *news)
{
    const json_t *data = json_object_get(news->record, "fields");
    const char *werkplaats = text_of(data, "werkplaats");
    uint64_t opened = (uint64_t)json_integer_value(json_object_get(news->record, "opened"));
    uint64_t version = (uint64_t)json_integer_value(json_object_get(news->record, "version"));
    const char *said = prose_say(&report->prose, TEXT_PUBLISHED,
                                 FILL({"on", prose_on(&report->prose, news->record, true)},
                                      {"summary", text_of(data, "summary")}));
    json_t *item = document_item(report, text_of(data, "title"), said, opened);
    document_cite(item, version); // with what put it right
    document_field(report, item, GROUP_NEWS, data, "meaning");
    if (werkplaats[0] != '\0') {
        (void)document_detail(item, prose_field(&report->prose, GROUP_NEWS, "werkplaats"),
                              name_in(report, KIND_WERKPLAATS, werkplaats));
    }
    document_link(report, item, GROUP_NEWS, data, "url");
    document_count(report, COUNT_NEWS, opened);
}

void section_news(struct report *report)
{
    struct item *items = calloc(json_object_size(report->now) + 1, sizeof *items);
    assert(items != NULL); // half a report would be a wrong one
    size_t count = find_news(report, items);
    for (size_t i = 0; i < count; i++) {
        tell_news(report, &items[i]);
    }
    free(items);
}

// Contributions ----------------------------------------------------------------------------------

void section_contributions(struct report *report)
{
    const struct entry *entry = NULL;
    while ((entry = entry_next(report, EVENT_CONTRIBUTION_ACCEPTED, entry)) != NULL) {
        const json_t *record = json_object_get(report->now, entry->subject);
        const char *about = text_of(json_object_get(record, "fields"), "about");
        const char *said =
            prose_say(&report->prose, about[0] == '\0' ? TEXT_ACCEPTED : TEXT_ACCEPTED_ABOUT,
                      FILL({"on", prose_on(&report->prose, entry->event, false)},
                           {"about", about[0] == '\0' ? "" : name_of(report, about)}));
        json_t *item = document_item(report, NULL, said, entry->seq);
        document_field(report, item, GROUP_ACCEPTED, entry->data, "text");
        document_field(report, item, GROUP_ACCEPTED, entry->data, "credit");
        (void)document_detail(item, prose_field(&report->prose, GROUP_ACCEPTED, "changed"),
                              names_in(report, KIND_NONE, json_object_get(entry->data, "changed")));
        document_count(report, COUNT_CONTRIBUTIONS, entry->seq);
    }
}

// Upkeep -----------------------------------------------------------------------------------------

// How often each thing happened that only members see and that no section tells.
void section_upkeep(struct report *report)
{
    const struct event_type *type = NULL;
    while ((type = event_type_next(type)) != NULL) {
        const struct entry *entry = NULL;
        json_t *item = NULL;
        size_t count = 0;
        if (type->visibility == VISIBLE_PUBLIC || type->number == EVENT_ADVICE_GIVEN) {
            continue;
        }
        while ((entry = entry_next(report, type->number, entry)) != NULL) {
            item = item == NULL ? document_item(report, NULL, "", 0) : item;
            document_cite(item, entry->seq);
            count++;
        }
        if (count > 0) {
            const char *said = prose_say(&report->prose, TEXT_KEPT_UP,
                                         FILL({"what", prose_type(&report->prose, type)},
                                              {"n", prose_format(&report->prose, "%zu", count)}));
            (void)json_object_set_new(item, "text", json_string(said));
        }
    }
}
