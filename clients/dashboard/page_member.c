// A member: what its board still has to decide, what it takes part in, what it decided, and where
// it has a seat. What it does is in page_member_work.c.
#include "clients/dashboard/page_member.h"
#include "clients/dashboard/decisions.h"

#include <stdlib.h>
#include <string.h>

// Of the newest event that told how many they are.
static uint64_t inhabitants_seq(struct page *page, const char *region, const char *id,
                                const json_t *record)
{
    struct thread thread;
    uint64_t seq = parts_number(record, "opened"), version = parts_number(record, "version");
    if (seq != version && thread_read(page, region, KIND_MEMBER, id, version, &thread)) {
        for (size_t i = 0; i < thread.count; i++) {
            const json_t *data = json_object_get(thread.events[i], "data");
            if (json_object_get(data, "inhabitants") != NULL) {
                seq = parts_event_seq(thread.events[i]);
            }
        }
    }
    return seq;
}

void member_put_inhabitants(struct page *page, const char *region, const char *id,
                            const json_t *record)
{
    char room[WORDS_ROOM];
    const json_t *inhabitants = parts_field(record, "inhabitants");
    if (inhabitants == NULL) {
        return;
    }
    html_text(&page->html, words_count(page->language, parts_number(inhabitants, "count"), room));
    html_raw(&page->html, " <span class=\"meta\">");
    texts_fill(&page->html, page->language, TEXT_INHABITANTS_ON,
               words_date(page->language, parts_text(inhabitants, "on"), room), NULL);
    html_raw(&page->html, "</span> ");
    parts_fact(page, inhabitants_seq(page, region, id, record));
}

void member_put_left(struct page *page, const json_t *record)
{
    char room[WORDS_ROOM];
    uint64_t seq = parts_number(record, "ended");
    const json_t *event = parts_event(page, seq);
    const char *on = parts_text(event, "on"), *reason;
    if (event != NULL) {
        const char *day = on[0] != '\0' ? words_date(page->language, on, room)
                                        : words_day(page->language, parts_event_time(event), room);
        texts_fill(&page->html, page->language, TEXT_LEFT_ON, day, NULL);
        html_raw(&page->html, " ");
    }
    parts_fact(page, seq);
    reason = parts_text(json_object_get(event, "data"), "reason");
    if (reason[0] != '\0') {
        html_raw(&page->html, " <span class=\"meta\">");
        html_text(&page->html, reason);
        html_raw(&page->html, "</span>");
    }
}

static void put_row(struct page *page, enum text name, const char *text)
{
    if (text[0] != '\0') {
        html_raw(&page->html, "<div><dt>");
        page_say(page, name);
        html_raw(&page->html, "</dt><dd>");
        html_text(&page->html, text);
        html_raw(&page->html, "</dd></div>");
    }
}

static void put_head(struct page *page, const char *region, const char *id, const json_t *record)
{
    char room[WORDS_ROOM];
    const char *former = parts_field_text(record, "former");
    html_raw(&page->html, "<p class=\"crumbs\"><a class=\"utrecht-link\"");
    page_href(page, "/%s/leden", region);
    html_raw(&page->html, ">");
    page_say(page, TEXT_TITLE_MEMBERS);
    html_raw(&page->html, "</a></p><h1 class=\"utrecht-heading-1\">");
    html_text(&page->html, parts_name(page, region, KIND_MEMBER, id));
    html_raw(&page->html, "</h1><p class=\"meta\">");
    html_text(&page->html, words_choice(page->language, CHOICES_MEMBER_KIND,
                                        parts_field_text(record, "kind"), room));
    if (former[0] != '\0') {
        html_raw(&page->html, ", ");
        texts_fill(&page->html, page->language, TEXT_FORMERLY, former, NULL);
    }
    html_raw(&page->html, "</p>");
    if (parts_has_ended(record)) {
        html_raw(&page->html, "<p class=\"warning\">");
        page_say(page, TEXT_LEFT_MEANS);
        html_raw(&page->html, " ");
        member_put_left(page, record);
        html_raw(&page->html, "</p>");
    }
}

static void put_facts(struct page *page, const char *region, const char *id, const json_t *record)
{
    const json_t *inhabitants = parts_field(record, "inhabitants");
    html_raw(&page->html, "<section>");
    page_heading(page, "facts", TEXT_MEMBER_FACTS);
    html_raw(&page->html, "<dl class=\"facts wide\">");
    put_row(page, TEXT_COL_CODE, parts_field_text(record, "code"));
    if (inhabitants != NULL) {
        html_raw(&page->html, "<div><dt>");
        page_say(page, TEXT_COL_INHABITANTS);
        html_raw(&page->html, "</dt><dd>");
        member_put_inhabitants(page, region, id, record);
        html_raw(&page->html, "</dd></div>");
        put_row(page, TEXT_COL_SOURCE, parts_text(inhabitants, "citation"));
    }
    html_raw(&page->html, "<div><dt>");
    page_say(page, TEXT_MEMBER_SINCE);
    html_raw(&page->html, "</dt><dd>");
    parts_when(page, record);
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(record, "opened"));
    html_raw(&page->html, "</dd></div></dl></section>");
}

static void put_open(struct page *page, const char *region, const char *id)
{
    html_raw(&page->html, "<section>");
    page_heading(page, "open", TEXT_MEMBER_OPEN);
    if (decisions_count_open(page, region, id) == 0) {
        parts_empty(page, TEXT_MEMBER_OPEN_NONE);
    }
    decisions_put_open(page, region, id);
    html_raw(&page->html, "</section>");
}

// What ended and what was decided before comes from the log, of which a page reads so much.
static void put_cut(struct page *page, const char *region)
{
    char address[160];
    (void)snprintf(address, sizeof(address), "/v1/events.csv?level=/%s/werkplaats/&limit=1000",
                   region); // ids are short
    html_raw(&page->html, "<p class=\"warning\">");
    page_say(page, TEXT_MEMBER_CUT);
    html_raw(&page->html, " ");
    parts_file(page, address, TEXT_ALL_AS_CSV);
    html_raw(&page->html, "</p>");
}

void page_member(struct page *page)
{
    const char *region = page_param(page, "region"), *id = page_param(page, "id");
    const json_t *record = copy_entity(page->copy, region, KIND_MEMBER, id);
    struct thread thread = {.count = 0};
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    page_title(page, parts_name(page, region, KIND_MEMBER, id));
    (void)thread_read(page, region, KIND_WERKPLAATS, NULL,
                      copy_touched(page->copy, region, 1u << KIND_WERKPLAATS), &thread);
    put_head(page, region, id, record);
    if (thread.is_cut) {
        put_cut(page, region);
    }
    put_open(page, region, id);
    member_put_work(page, region, id, &thread);
    member_put_decisions(page, region, id, &thread);
    member_put_seats(page, region, id);
    put_facts(page, region, id, record);
}
