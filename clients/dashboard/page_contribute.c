// The form with which anybody hands something in, and the receipt.
#include "clients/dashboard/contributions.h"
#include "clients/dashboard/draft.h"
#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The form --------------------------------------------------------------------------------------

static void put_id(struct page *page, const char *attribute, const char *before, const char *name)
{
    char room[64];
    (void)snprintf(room, sizeof(room), "%s%s", before, name); // both are short
    html_attribute(&page->html, attribute, room);
}

static void put_hidden(struct page *page, const char *name, const char *value)
{
    html_raw(&page->html, "<input type=\"hidden\"");
    html_attribute(&page->html, "name", name);
    html_attribute(&page->html, "value", value);
    html_raw(&page->html, ">");
}

// What is wrong with one field, in people's words, and the daemon's own where they add something.
static void put_problem(struct page *page, const struct input_row *row, enum input input)
{
    const struct draft *draft = page->draft;
    if (draft->problems[input] == DRAFT_FINE) {
        return;
    }
    html_raw(&page->html, "<p class=\"problem\"");
    put_id(page, "id", "fout-", row->name);
    html_raw(&page->html, ">");
    page_say(page, draft->problems[input]);
    if (draft->found[input] != NULL) {
        html_raw(&page->html, " <span lang=\"en\">");
        html_text(&page->html, draft->found[input]);
        html_raw(&page->html, "</span>");
    }
    html_raw(&page->html, "</p>");
}

static void put_hint(struct page *page, const struct input_row *row)
{
    if (row->hint != TEXT_NO_HINT) {
        html_raw(&page->html, "<p class=\"meta\"");
        put_id(page, "id", "uitleg-", row->name);
        html_raw(&page->html, ">");
        page_say(page, row->hint);
        html_raw(&page->html, "</p>");
    }
}

// What a screen reader tells with the field.
static void put_described(struct page *page, const struct input_row *row, enum input input)
{
    char ids[128] = "";
    bool wrong = page->draft->problems[input] != DRAFT_FINE;
    if (row->hint != TEXT_NO_HINT) {
        (void)snprintf(ids, sizeof(ids), "uitleg-%s%s", row->name, wrong ? " " : ""); // short
    }
    if (wrong) {
        size_t size = strlen(ids);
        (void)snprintf(ids + size, sizeof(ids) - size, "fout-%s", row->name); // short
        html_raw(&page->html, " aria-invalid=\"true\"");
    }
    if (ids[0] != '\0') {
        html_attribute(&page->html, "aria-describedby", ids);
    }
}

static void put_label(struct page *page, const struct input_row *row)
{
    html_raw(&page->html, "<label");
    put_id(page, "for", "veld-", row->name);
    html_raw(&page->html, ">");
    page_say(page, row->label);
    html_raw(&page->html, "</label>");
}

static void put_line(struct page *page, const struct input_row *row, enum input input)
{
    put_label(page, row);
    put_hint(page, row);
    put_problem(page, row, input);
    html_raw(&page->html, "<input class=\"utrecht-textbox utrecht-textbox--html-input\"");
    html_attribute(&page->html, "type", row->look == LOOK_MAIL ? "email" : "text");
    put_id(page, "id", "veld-", row->name);
    html_attribute(&page->html, "name", row->name);
    html_attribute(&page->html, "value", page->draft->values[input]);
    html_attribute(&page->html, "autocomplete", row->autocomplete);
    html_attribute_number(&page->html, "maxlength", (int64_t)row->bytes_max);
    put_described(page, row, input);
    if (row->look == LOOK_TRAP) {
        html_raw(&page->html, " tabindex=\"-1\"");
    }
    html_raw(&page->html, ">");
}

static void put_area(struct page *page, const struct input_row *row, enum input input)
{
    put_label(page, row);
    put_hint(page, row);
    put_problem(page, row, input);
    // A newline that HTML leaves out comes first, so that one of the text's own stays.
    html_raw(&page->html, "<textarea class=\"utrecht-textarea utrecht-textarea--html-textarea\" "
                          "rows=\"8\" maxlength=\"4000\" aria-required=\"true\"");
    put_id(page, "id", "veld-", row->name);
    html_attribute(&page->html, "name", row->name);
    put_described(page, row, input);
    html_raw(&page->html, ">\n");
    html_text(&page->html, page->draft->values[input]);
    html_raw(&page->html, "</textarea>");
}

static void put_choice(struct page *page, const struct input_row *row, enum input input)
{
    const struct choice_row *choice = NULL;
    char room[WORDS_ROOM];
    html_raw(&page->html, "<fieldset");
    put_described(page, row, input);
    html_raw(&page->html, "><legend>");
    page_say(page, row->label);
    html_raw(&page->html, "</legend>");
    put_problem(page, row, input);
    while ((choice = choice_next(CHOICES_CONTRIBUTION, choice)) != NULL) {
        html_raw(&page->html, "<label class=\"choice\"><input type=\"radio\"");
        html_attribute(&page->html, "name", row->name);
        html_attribute(&page->html, "value", choice->word);
        if (strcmp(page->draft->values[input], choice->word) == 0) {
            html_raw(&page->html, " checked");
        }
        html_raw(&page->html, "> ");
        html_text(&page->html,
                  words_choice(page->language, CHOICES_CONTRIBUTION, choice->word, room));
        html_raw(&page->html, "</label>");
    }
    html_raw(&page->html, "</fieldset>");
}

// The regions to choose from, where the page before was of none.
static void put_regions(struct page *page, const struct input_row *row)
{
    const char *region = NULL;
    json_t *kinds = NULL;
    put_label(page, row);
    put_problem(page, row, INPUT_ABOUT);
    html_raw(&page->html, "<select class=\"utrecht-textbox utrecht-textbox--html-input\"");
    put_id(page, "id", "veld-", row->name);
    html_attribute(&page->html, "name", row->name);
    put_described(page, row, INPUT_ABOUT);
    html_raw(&page->html, "><option value=\"\">");
    page_say(page, TEXT_INPUT_CHOOSE);
    html_raw(&page->html, "</option>");
    json_object_foreach(page->copy->content.regions, region, kinds)
    {
        const json_t *record = copy_region(page->copy, region);
        if (record != NULL && !parts_has_ended(record)) {
            html_raw(&page->html, "<option");
            html_attribute(&page->html, "value", region);
            html_raw(&page->html, ">");
            html_text(&page->html, parts_field_text(record, "name"));
            html_raw(&page->html, "</option>");
        }
    }
    html_raw(&page->html, "</select>");
}

static void put_about(struct page *page, const struct input_row *row)
{
    char region[65], room[256];
    const char *subject = NULL, *of = NULL, *id = NULL, *about = page->draft->values[INPUT_ABOUT];
    enum kind kind = KIND_REGION;
    if (!draft_about(page->copy, about, region, &subject)) {
        put_regions(page, row);
        return;
    }
    put_hidden(page, row->name, about);
    html_raw(&page->html, "<p>");
    page_say(page, row->label);
    html_raw(&page->html, ": <strong>");
    if (subject != NULL && parts_split(about, room, &of, &kind, &id)) {
        parts_subject(page, region, kind, id);
        html_raw(&page->html, "</strong> (");
        html_text(&page->html, words_kind(page->language, kind));
        html_raw(&page->html, ")");
    } else {
        parts_subject(page, region, KIND_REGION, region);
        html_raw(&page->html, "</strong>");
    }
    html_raw(&page->html, "</p>");
}

static void put_input(struct page *page, enum input input)
{
    const struct input_row *row = draft_input(input);
    html_raw(&page->html, "<div");
    html_attribute(&page->html, "class", row->look == LOOK_TRAP ? "field trap" : "field");
    html_raw(&page->html, ">");
    switch (row->look) {
    case LOOK_ABOUT:
        put_about(page, row);
        break;
    case LOOK_CHOICE:
        put_choice(page, row, input);
        break;
    case LOOK_AREA:
        put_area(page, row, input);
        break;
    case LOOK_LINE:
    case LOOK_MAIL:
    case LOOK_TRAP:
        put_line(page, row, input);
        break;
    }
    html_raw(&page->html, "</div>");
}

// What is wrong with the whole, first of all.
static void put_summary(struct page *page)
{
    char room[WORDS_ROOM];
    const struct draft *draft = page->draft;
    if (draft->problem == DRAFT_FINE) {
        return;
    }
    html_raw(&page->html, "<div class=\"warning\" role=\"alert\"><p>");
    bool is_one = draft->problem == TEXT_PROBLEM_MANY && draft->minutes == 1;
    texts_fill(&page->html, page->language, is_one ? TEXT_PROBLEM_MANY_ONE : draft->problem,
               words_number(draft->minutes, room), NULL);
    html_raw(&page->html, "</p>");
    if (draft->receipt[0] != '\0') {
        html_raw(&page->html, "<p><a class=\"utrecht-link\"");
        page_href(page, "/aandragen/%s", draft->receipt);
        html_raw(&page->html, ">");
        page_say(page, TEXT_TITLE_RECEIPT);
        html_raw(&page->html, "</a></p>");
    }
    html_raw(&page->html, "</div>");
}

void page_contribute(struct page *page)
{
    page->once = true; // its id is its own
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_CONTRIBUTE);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_CONTRIBUTE_LEAD);
    html_raw(&page->html, "</p>");
    put_summary(page);
    html_raw(&page->html, "<form class=\"handin\" method=\"post\" novalidate");
    html_address(&page->html, "action", page->language == ENGLISH ? "/en/aandragen" : "/aandragen");
    html_raw(&page->html, ">");
    put_hidden(page, "id", page->draft->id);
    put_hidden(page, "zegel", page->draft->seal);
    for (int i = 0; i < INPUT_COUNT; i++) {
        if (i == INPUT_NAME) {
            html_raw(&page->html, "<h2 class=\"utrecht-heading-2\">");
            page_say(page, TEXT_CONTRIBUTE_SENDER);
            html_raw(&page->html, "</h2><p>");
            page_say(page, TEXT_CONTRIBUTE_PRIVATE);
            html_raw(&page->html, "</p>");
        }
        put_input(page, (enum input)i);
    }
    html_raw(&page->html, "<button class=\"utrecht-button utrecht-button--primary-action\">");
    page_say(page, TEXT_CONTRIBUTE_SEND);
    html_raw(&page->html, "</button></form>");
}

// The receipt -----------------------------------------------------------------------------------

// The record that the copy has, and its region.
static const json_t *find_record(const struct page *page, const char *id, const char **ret_region)
{
    const char *region = NULL;
    json_t *kinds = NULL;
    json_object_foreach(page->copy->content.regions, region, kinds)
    {
        const json_t *record = copy_entity(page->copy, region, KIND_CONTRIBUTION, id);
        if (record != NULL) {
            *ret_region = region;
            return record;
        }
    }
    return NULL;
}

// Of what came in so lately that the copy does not have it yet.
static uint64_t find_event(struct page *page, const char *id)
{
    const json_t *answer =
        page_ask(page, json_pack("{s:s, s:s}", "request", "find", "id", id), ASK_UNTIL_NEXT_EVENT);
    const json_t *event = json_object_get(answer, "event");
    const struct event_type *type = event == NULL ? NULL : parts_event_type(page, event);
    return type != NULL && strcmp(type->name, "contribution.submitted") == 0
               ? parts_event_seq(event)
               : 0;
}

static void put_receipt(struct page *page, const char *id, uint64_t seq)
{
    char number[WORDS_ROOM];
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_RECEIPT_THANKS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_RECEIPT_LEAD);
    html_raw(&page->html, "</p><dl class=\"facts\"><div><dt>");
    page_say(page, TEXT_RECEIPT_NUMBER);
    html_raw(&page->html, "</dt><dd><strong id=\"receipt\">");
    html_text(&page->html, words_number((int64_t)seq, number));
    html_raw(&page->html, "</strong> ");
    parts_fact(page, seq);
    html_raw(&page->html, "</dd></div><div><dt>");
    page_say(page, TEXT_RECEIPT_ID);
    html_raw(&page->html, "</dt><dd><code>");
    html_text(&page->html, id);
    html_raw(&page->html, "</code></dd></div></dl>");
}

// What has become of it.
static void put_outcome(struct page *page, const char *region, const char *id, const json_t *record)
{
    const json_t *rejected = parts_field(record, "rejected");
    bool accepted = record != NULL && contributions_is_accepted(record);
    html_raw(&page->html, "<section>");
    page_heading(page, "outcome", TEXT_RECEIPT_OUTCOME);
    html_raw(&page->html, "<p>");
    page_say(page, accepted           ? TEXT_RECEIPT_ACCEPTED
                   : rejected != NULL ? TEXT_CONTRIBUTION_REJECTED
                                      : TEXT_CONTRIBUTION_WAITS);
    if (accepted) {
        html_raw(&page->html, " ");
        html_raw(&page->html, "<a class=\"utrecht-link\"");
        parts_href(page, region, KIND_CONTRIBUTION, id);
        html_raw(&page->html, ">");
        page_say(page, TEXT_TITLE_CONTRIBUTION);
        html_raw(&page->html, "</a>");
    }
    html_raw(&page->html, "</p>");
    html_paragraphs(&page->html, parts_text(json_object_get(rejected, "data"), "reason"));
    html_raw(&page->html, "</section>");
}

void page_receipt(struct page *page)
{
    const char *id = page_param(page, "id"), *region = NULL;
    const json_t *record = find_record(page, id, &region);
    uint64_t seq = record != NULL ? parts_number(record, "opened") : find_event(page, id);
    if (page->waits) {
        return;
    }
    if (seq == 0 && page->lacks) {
        parts_empty(page, TEXT_NOT_AVAILABLE);
        return;
    }
    if (seq == 0) {
        page_not_found(page);
        return;
    }
    put_receipt(page, id, seq);
    put_outcome(page, region, id, record);
}
