#include "clients/dashboard/parts.h"

// The step that the phases' order expects: the first that needs no reason.
static const json_t *expected_step(const json_t *next)
{
    size_t index = 0;
    const json_t *step = NULL;
    json_array_foreach(json_object_get(next, "steps"), index, step)
    {
        if (!json_is_true(json_object_get(step, "reason"))) {
            return step;
        }
    }
    return NULL;
}

// "een besluit van Borne, vóór 1 mei": each board that has not decided on its share.
static bool put_undecided(struct page *page, const char *region, const json_t *next)
{
    size_t index = 0;
    const json_t *row = NULL;
    bool any = false;
    json_array_foreach(json_object_get(next, "undecided"), index, row)
    {
        char room[WORDS_ROOM];
        const char *by = parts_text(row, "decide_by");
        if (strcmp(parts_text(row, "purpose"), "execution") != 0) {
            continue;
        }
        const char *name = parts_name(page, region, KIND_MEMBER, parts_text(row, "member"));
        html_raw(&page->html, "<li>");
        texts_fill(&page->html, page->language,
                   by[0] == '\0' ? TEXT_NEED_DECISION : TEXT_NEED_DECISION_BY, name,
                   words_date(page->language, by, room), NULL);
        if (parts_is_late(page, by)) {
            html_raw(&page->html, " ");
            parts_mark(page, TEXT_LATE);
        }
        html_raw(&page->html, "</li>");
        any = true;
    }
    return any;
}

static void put_need(struct page *page, enum text text)
{
    html_raw(&page->html, "<li>");
    page_say(page, text);
    html_raw(&page->html, "</li>");
}

static void put_commitment(struct page *page, const char *region, const char *id,
                           const json_t *next)
{
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, id);
    if (json_object_size(parts_field(record, "participants")) == 0) {
        put_need(page, TEXT_NEED_PARTICIPANTS);
    } else if (!put_undecided(page, region, next)) {
        put_need(page, TEXT_NEED_ALLOCATION);
    }
}

// One guard of the daemon in people's words; several faults of one guard are one need.
static void put_guard(struct page *page, const char *region, const char *id, const json_t *next,
                      const json_t *fault)
{
    switch (json_integer_value(json_object_get(fault, "guard"))) {
    case 2:
        put_need(page, TEXT_NEED_PLAN);
        break;
    case 3:
        put_need(page, TEXT_NEED_FEASIBILITY);
        break;
    case 5:
        put_commitment(page, region, id, next);
        break;
    case 7:
        put_need(page, TEXT_NEED_RESULT);
        break;
    case 8:
        put_need(page, TEXT_NEED_EVALUATION);
        break;
    default: // a rule that this version does not know: in the daemon's own words
        html_raw(&page->html, "<li lang=\"en\">");
        html_text(&page->html, parts_text(fault, "found"));
        html_raw(&page->html, "</li>");
    }
}

void parts_needs(struct page *page, const char *region, const char *id)
{
    const json_t *next = copy_next(page->copy, region, id), *step = expected_step(next);
    const json_t *missing = json_object_get(step, "missing"), *fault = NULL;
    const char *to = words_phase(page->language, phase_find(bytes_of(parts_text(step, "to"))));
    size_t index = 0;
    json_int_t before = 0;
    if (step == NULL) {
        return;
    }
    html_raw(&page->html, "<div class=\"needs\"><p>");
    texts_fill(&page->html, page->language,
               json_array_size(missing) == 0 ? TEXT_READY_FOR : TEXT_NEEDS_FOR, to, NULL);
    html_raw(&page->html, "</p>");
    if (json_array_size(missing) > 0) {
        html_raw(&page->html, "<ul>");
    }
    json_array_foreach(missing, index, fault)
    {
        json_int_t guard = json_integer_value(json_object_get(fault, "guard"));
        if (guard == 0 || guard != before) {
            put_guard(page, region, id, next, fault);
        }
        before = guard;
    }
    if (json_array_size(missing) > 0) {
        html_raw(&page->html, "</ul>");
    }
    html_raw(&page->html, "</div>");
}
