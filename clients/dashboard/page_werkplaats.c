// A werkplaats: what it is for, who takes part, what it costs them, what their boards decided, and
// what came of it. The money is in page_werkplaats_money.c.
#include "clients/dashboard/page_werkplaats.h"

#include "clients/dashboard/timeline.h"

#include <stdlib.h>
#include <string.h>

// Head ------------------------------------------------------------------------------------------

static void begin_fact(struct page *page, enum text text)
{
    html_raw(&page->html, "<div><dt>");
    page_say(page, text);
    html_raw(&page->html, "</dt><dd>");
}

static void end_fact(struct page *page)
{
    html_raw(&page->html, "</dd></div>");
}

static uint64_t phase_seq(const json_t *record)
{
    const json_t *phases = parts_field(record, "phases");
    size_t count = json_array_size(phases);
    return count > 0 ? parts_number(json_array_get(phases, count - 1), "seq")
                     : parts_number(record, "opened");
}

static void put_phase(struct page *page, const json_t *record)
{
    char room[WORDS_ROOM];
    char day[WORDS_ROOM];
    const char *since = parts_phase_since(page, record, day);
    const json_t *baseline = parts_field(record, "baseline");
    begin_fact(page, TEXT_PHASE);
    parts_phase_badge(page, parts_phase(record));
    html_raw(&page->html, " ");
    if (since[0] != '\0') {
        texts_fill(&page->html, page->language, TEXT_SINCE, words_date(page->language, since, room),
                   NULL);
        html_raw(&page->html, " ");
    }
    if (baseline != NULL && json_array_size(parts_field(record, "phases")) == 0) {
        bool stated = strcmp(parts_text(baseline, "basis"), "stated") == 0;
        parts_mark(page, stated ? TEXT_TAKEN_OVER : TEXT_PHASE_UNCERTAIN);
        html_raw(&page->html, " ");
    }
    parts_fact(page, phase_seq(record));
    end_fact(page);
}

static void put_facts(struct page *page, const char *region, const json_t *record)
{
    const json_t *leads = parts_field(record, "leads");
    const char *parent = parts_field_text(record, "parent");
    html_raw(&page->html, "<dl class=\"facts wide\">");
    put_phase(page, record);
    begin_fact(page, json_array_size(leads) > 1 ? TEXT_LEAD_MANY : TEXT_LEAD_ONE);
    if (json_array_size(leads) == 0) {
        page_say(page, TEXT_LEAD_UNKNOWN);
    }
    parts_members(page, region, leads);
    end_fact(page);
    begin_fact(page, TEXT_THEME);
    html_text(&page->html, parts_field_text(record, "theme"));
    end_fact(page);
    if (parent[0] != '\0') {
        begin_fact(page, TEXT_PART_OF);
        parts_subject(page, region, KIND_WERKPLAATS, parent);
        end_fact(page);
    }
    html_raw(&page->html, "</dl>");
}

static void put_head(struct page *page, const char *region, const char *id, const json_t *record)
{
    const char *interest = parts_field_text(record, "common_interest");
    html_raw(&page->html, "<nav class=\"crumbs\"");
    html_attribute(&page->html, "aria-label", texts_of(page->language, TEXT_CRUMBS));
    html_raw(&page->html, "><a class=\"utrecht-link\"");
    page_href(page, "/%s", region);
    html_raw(&page->html, ">");
    html_text(&page->html, parts_name(page, region, KIND_REGION, region));
    html_raw(&page->html, "</a></nav><h1 class=\"utrecht-heading-1\">");
    html_text(&page->html, parts_field_text(record, "name"));
    html_raw(&page->html, "</h1><div class=\"lead\">");
    html_paragraphs(&page->html, interest);
    html_raw(&page->html, "</div><div class=\"top\">");
    put_facts(page, region, record);
    if (copy_next(page->copy, region, id) != NULL && phase_row(parts_phase(record))->open) {
        html_raw(&page->html, "<section class=\"step\">");
        page_heading(page, "next", TEXT_NEXT_STEP);
        parts_needs(page, region, id);
        html_raw(&page->html, "</section>");
    }
    html_raw(&page->html, "</div>");
}

// Plan ------------------------------------------------------------------------------------------

static void begin_pillar(struct page *page, enum text text)
{
    html_raw(&page->html, "<section class=\"pillar\"><h3>");
    page_say(page, text);
    html_raw(&page->html, "</h3>");
}

// Each of the 3 K's, also those that are not mentioned.
static void put_goals(struct page *page, const json_t *goals)
{
    char room[WORDS_ROOM];
    struct fields fields = fields_of(GROUP_CONTRIBUTES);
    html_raw(&page->html, "<dl>");
    for (unsigned i = 0; i < fields.count; i++) {
        const char *text = parts_text(goals, fields.first[i].name);
        html_raw(&page->html, "<dt>");
        html_text(&page->html, words_field(page->language, &fields.first[i], room));
        html_raw(&page->html, "</dt><dd>");
        if (text[0] == '\0') {
            html_raw(&page->html, "<span class=\"empty\">");
            page_say(page, TEXT_GOAL_NOT_NAMED);
            html_raw(&page->html, "</span>");
        }
        html_text(&page->html, text);
        html_raw(&page->html, "</dd>");
    }
    html_raw(&page->html, "</dl>");
}

static bool has_word(const json_t *words, const char *word)
{
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(words, index, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), word) == 0) {
            return true;
        }
    }
    return false;
}

static void put_sectors(struct page *page, const char *region, const json_t *plan)
{
    char room[WORDS_ROOM];
    const struct choice_row *row = NULL;
    const json_t *partners = json_object_get(plan, "partners"), *partner = NULL;
    size_t index = 0;
    html_raw(&page->html, "<ul class=\"sectors\">");
    while ((row = choice_next(CHOICES_SECTOR, row)) != NULL) {
        bool takes_part = has_word(json_object_get(plan, "sectors"), row->word);
        html_raw(&page->html, "<li");
        html_attribute(&page->html, "class", takes_part ? "yes" : "no");
        html_raw(&page->html, ">");
        html_text(&page->html, words_choice(page->language, CHOICES_SECTOR, row->word, room));
        if (!takes_part) {
            html_raw(&page->html, " <span class=\"empty\">");
            page_say(page, TEXT_SECTOR_NOT);
            html_raw(&page->html, "</span>");
        }
        html_raw(&page->html, "</li>");
    }
    html_raw(&page->html, "</ul>");
    if (json_array_size(partners) > 0) {
        html_raw(&page->html, "<h4>");
        page_say(page, TEXT_PARTNERS);
        html_raw(&page->html, "</h4><ul>");
    }
    json_array_foreach(partners, index, partner)
    {
        html_raw(&page->html, "<li>");
        parts_subject(page, region, KIND_PARTNER, json_string_value(partner));
        html_raw(&page->html, "</li>");
    }
    if (json_array_size(partners) > 0) {
        html_raw(&page->html, "</ul>");
    }
}

static void put_document(struct page *page, const json_t *data)
{
    const char *url = parts_text(data, "document");
    if (url[0] != '\0') {
        html_raw(&page->html, "<a class=\"utrecht-link\" rel=\"noopener\"");
        html_address(&page->html, "href", url);
        html_raw(&page->html, ">");
        page_say(page, TEXT_DOCUMENT);
        html_raw(&page->html, "</a> ");
    }
}

// The version, who adopted it and when, the document, the fact.
static void put_plan_foot(struct page *page, const char *region, const json_t *item)
{
    const json_t *plan = json_object_get(item, "data");
    const char *body = parts_text(plan, "adopted_by");
    html_raw(&page->html, "<p class=\"meta\">");
    texts_fill(&page->html, page->language, TEXT_PLAN_VERSION, parts_text(plan, "version"), NULL);
    html_raw(&page->html, ", ");
    if (body[0] != '\0') {
        texts_fill(&page->html, page->language, TEXT_PLAN_ADOPTED_BY,
                   parts_name(page, region, KIND_BODY, body), NULL);
        html_raw(&page->html, ", ");
    }
    parts_date(page, parts_text(item, "on"));
    html_raw(&page->html, " ");
    put_document(page, plan);
    parts_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</p>");
}

static void put_plan(struct page *page, const char *region, const json_t *record)
{
    const json_t *item = parts_field(record, "plan"), *plan = json_object_get(item, "data");
    const json_t *pillars = json_object_get(plan, "pillars");
    html_raw(&page->html, "<section>");
    page_heading(page, "plan", TEXT_PLAN);
    if (item == NULL) {
        parts_empty(page, TEXT_NO_PLAN);
    } else {
        html_raw(&page->html, "<div class=\"pillars\">");
        begin_pillar(page, TEXT_PILLAR_DOING);
        html_paragraphs(&page->html, parts_text(pillars, "doing"));
        html_raw(&page->html, "</section>");
        begin_pillar(page, TEXT_PILLAR_INTEREST);
        html_paragraphs(&page->html, parts_text(pillars, "interest"));
        html_raw(&page->html, "</section>");
        begin_pillar(page, TEXT_PILLAR_GOALS);
        put_goals(page, json_object_get(plan, "goals"));
        html_raw(&page->html, "</section>");
        begin_pillar(page, TEXT_PILLAR_SECTORS);
        put_sectors(page, region, plan);
        html_raw(&page->html, "</section></div>");
        put_plan_foot(page, region, item);
    }
    html_raw(&page->html, "</section>");
}

static void put_feasibility(struct page *page, const json_t *record)
{
    char room[WORDS_ROOM];
    const json_t *item = parts_field(record, "feasibility"), *data = json_object_get(item, "data");
    if (item == NULL) {
        return;
    }
    html_raw(&page->html, "<section>");
    page_heading(page, "feasibility", TEXT_FEASIBILITY);
    html_raw(&page->html, "<p><strong>");
    html_text(&page->html,
              words_choice(page->language, CHOICES_OUTCOME, parts_text(data, "outcome"), room));
    html_raw(&page->html, "</strong>. ");
    html_text(&page->html, parts_text(data, "note"));
    html_raw(&page->html, "</p><p class=\"meta\">");
    parts_date(page, parts_text(item, "on"));
    html_raw(&page->html, " ");
    put_document(page, data);
    parts_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</p></section>");
}

// Results ---------------------------------------------------------------------------------------

static void put_result(struct page *page, const json_t *item)
{
    const json_t *data = json_object_get(item, "data");
    const char *meaning = parts_text(data, "meaning");
    html_raw(&page->html, "<li><h3>");
    parts_outside(page, parts_text(data, "url"), parts_text(data, "title"));
    html_raw(&page->html, "</h3><p class=\"meta\">");
    parts_date(page, parts_text(item, "on"));
    html_raw(&page->html, " ");
    parts_fact(page, parts_number(item, "seq"));
    html_raw(&page->html, "</p>");
    if (meaning[0] != '\0') {
        html_raw(&page->html, "<h4>");
        page_say(page, TEXT_MEANING);
        html_raw(&page->html, "</h4>");
        html_paragraphs(&page->html, meaning);
    }
    html_raw(&page->html, "</li>");
}

static void put_results(struct page *page, const json_t *record)
{
    const json_t *results = parts_field(record, "results"), *item = NULL;
    size_t index = 0;
    html_raw(&page->html, "<section>");
    page_heading(page, "results", TEXT_RESULTS);
    if (json_array_size(results) == 0) {
        parts_empty(page, TEXT_NO_RESULTS);
        html_raw(&page->html, "</section>");
        return;
    }
    html_raw(&page->html, "<ul class=\"results\">");
    json_array_foreach(results, index, item)
    {
        put_result(page, item);
    }
    html_raw(&page->html, "</ul></section>");
}

static void put_evaluation(struct page *page, const char *region, const json_t *record)
{
    const json_t *item = parts_field(record, "evaluation"), *data = json_object_get(item, "data");
    html_raw(&page->html, "<section>");
    page_heading(page, "evaluation", TEXT_EVALUATION);
    if (item == NULL) {
        parts_empty(page, TEXT_NO_EVALUATION);
    } else {
        html_paragraphs(&page->html, parts_text(data, "summary"));
        html_raw(&page->html, "<p class=\"meta\">");
        texts_fill(&page->html, page->language, TEXT_PRESENTED_TO,
                   parts_name(page, region, KIND_BODY, parts_text(data, "presented_to")), NULL);
        html_raw(&page->html, ", ");
        parts_date(page, parts_text(item, "on"));
        html_raw(&page->html, " ");
        parts_fact(page, parts_number(item, "seq"));
        html_raw(&page->html, "</p>");
    }
    html_raw(&page->html, "</section>");
}

void page_werkplaats(struct page *page)
{
    const char *region = page_param(page, "region"), *id = page_param(page, "id");
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, id);
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    page_title(page, parts_field_text(record, "name"));
    put_head(page, region, id, record);
    put_plan(page, region, record);
    put_feasibility(page, record);
    werkplaats_put_participants(page, region, record);
    werkplaats_put_costs(page, region, id, record);
    werkplaats_put_decisions(page, region, id, record);
    put_results(page, record);
    put_evaluation(page, region, record);
    timeline_put(page, region, KIND_WERKPLAATS, id, record);
}
