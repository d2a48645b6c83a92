// What if others took part in a werkplaats, or the amount or the key were another? A dry run of the
// daemon: nothing is stored.
#include "clients/dashboard/http.h"
#include "clients/dashboard/page_werkplaats.h"
#include "clients/words/euros.h"

#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 80

struct wish {
    const char *region, *id;
    const json_t *record,
        *now; // now: the present allocation for the purpose; NULL if there is none
    const char *purpose, *amount;
    char key[NAME_ROOM], version[NAME_ROOM];
    uint64_t cents;
    bool asked; // the form was sent
};

// What is asked ---------------------------------------------------------------------------------

static bool takes_part(const struct page *page, const struct wish *wish, const char *member)
{
    char name[NAME_ROOM];
    (void)snprintf(name, sizeof(name), "lid-%s", member); // ids are short
    return wish->asked ? http_query(page->request, name) != NULL
                       : json_object_get(parts_field(wish->record, "participants"), member) != NULL;
}

// "key/version"; without one that of the present allocation, or the first there is.
static void read_key(const struct page *page, struct wish *wish)
{
    const char *given = http_query(page->request, "sleutel");
    const char *slash = given == NULL ? NULL : strchr(given, '/');
    if (slash != NULL) {
        (void)snprintf(wish->key, NAME_ROOM, "%.*s", (int)(slash - given), given); // or it is none
        (void)snprintf(wish->version, NAME_ROOM, "%s", slash + 1);
    } else {
        (void)snprintf(wish->key, NAME_ROOM, "%s", parts_text(wish->now, "key"));
        (void)snprintf(wish->version, NAME_ROOM, "%s", parts_text(wish->now, "version"));
    }
}

// "1.000,00" as people write it, or "1,000.00" in English: thousands by three.
static bool read_amount(enum language language, const char *text, uint64_t *ret_cents)
{
    const char group = language == DUTCH ? '.' : ',', point = language == DUTCH ? ',' : '.';
    char plain[32];
    size_t size = 0, digits = 0;
    bool is_grouped = false, is_whole = true;
    for (; *text != '\0' && size < sizeof(plain) - 1; text++) {
        bool is_group = is_whole && *text == group && strspn(text + 1, "0123456789") == 3;
        if (is_group && digits > 0 && digits <= 3 && (!is_grouped || digits == 3)) {
            is_grouped = true;
            digits = 0;
            continue;
        }
        is_whole = is_whole && *text != point;
        digits++;
        plain[size++] = *text;
    }
    plain[size] = '\0';
    return *text == '\0' && (!is_grouped || !is_whole || digits == 3) &&
           euros_read(plain, ret_cents);
}

static struct wish read_wish(const struct page *page, const char *region, const char *id,
                             const json_t *record)
{
    struct wish wish = {.region = region, .id = id, .record = record};
    const char *purpose = http_query(page->request, "doel");
    wish.asked = http_query(page->request, "reken") != NULL;
    wish.purpose =
        purpose != NULL && strcmp(purpose, "preparation") == 0 ? "preparation" : "execution";
    wish.now =
        json_object_get(json_object_get(parts_field(record, "allocations"), wish.purpose), "data");
    wish.amount = http_query(page->request, "bedrag");
    wish.cents = parts_number(wish.now, "amount");
    if (wish.amount != NULL && !read_amount(page->language, wish.amount, &wish.cents)) {
        wish.cents = 0;
    }
    read_key(page, &wish);
    return wish;
}

// The form --------------------------------------------------------------------------------------

static void put_members(struct page *page, const struct wish *wish)
{
    size_t count = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, wish->region, KIND_MEMBER), parts_by_name, &count);
    html_raw(&page->html, "<fieldset><legend>");
    page_say(page, TEXT_WHAT_IF_WHO);
    html_raw(&page->html, "</legend><ul class=\"choose\">");
    for (size_t i = 0; i < count; i++) {
        char name[NAME_ROOM];
        (void)snprintf(name, sizeof(name), "lid-%s", rows[i].name); // ids are short
        if (parts_has_ended(rows[i].value)) {
            continue;
        }
        html_raw(&page->html, "<li><input type=\"checkbox\" value=\"ja\"");
        html_attribute(&page->html, "id", name);
        html_attribute(&page->html, "name", name);
        if (takes_part(page, wish, rows[i].name)) {
            html_raw(&page->html, " checked");
        }
        html_raw(&page->html, "> <label");
        html_attribute(&page->html, "for", name);
        html_raw(&page->html, ">");
        html_text(&page->html, parts_field_text(rows[i].value, "name"));
        html_raw(&page->html, "</label></li>");
    }
    html_raw(&page->html, "</ul></fieldset>");
    free(rows);
}

static void begin_field(struct page *page, const char *id, enum text label)
{
    html_raw(&page->html, "<span><label");
    html_attribute(&page->html, "for", id);
    html_raw(&page->html, ">");
    page_say(page, label);
    html_raw(&page->html, "</label> ");
}

static void begin_option(struct page *page, const char *value, bool chosen)
{
    html_raw(&page->html, "<option");
    html_attribute(&page->html, "value", value);
    if (chosen) {
        html_raw(&page->html, " selected");
    }
    html_raw(&page->html, ">");
}

static void put_purpose(struct page *page, const struct wish *wish)
{
    char room[WORDS_ROOM];
    const struct choice_row *purpose = NULL;
    begin_field(page, "doel", TEXT_WHAT_IF_PURPOSE);
    html_raw(&page->html, "<select id=\"doel\" name=\"doel\">");
    while ((purpose = choice_next(CHOICES_PURPOSE, purpose)) != NULL) {
        begin_option(page, purpose->word, strcmp(purpose->word, wish->purpose) == 0);
        html_text(&page->html, words_choice(page->language, CHOICES_PURPOSE, purpose->word, room));
        html_raw(&page->html, "</option>");
    }
    html_raw(&page->html, "</select></span> ");
}

static void put_amount(struct page *page, const struct wish *wish)
{
    char *euros = euros_text((int64_t)wish->cents);
    char *point = page->language == DUTCH ? strchr(euros, '.') : NULL;
    if (point != NULL) {
        *point = ',';
    }
    begin_field(page, "bedrag", TEXT_WHAT_IF_AMOUNT);
    html_raw(&page->html, "<input id=\"bedrag\" name=\"bedrag\" inputmode=\"decimal\" required "
                          "maxlength=\"20\" size=\"14\"");
    html_attribute(&page->html, "value",
                   wish->amount != NULL ? wish->amount
                   : wish->cents == 0   ? ""
                                        : euros);
    html_raw(&page->html, "></span> ");
    free(euros);
}

static void put_versions(struct page *page, const struct wish *wish, const char *key,
                         const json_t *record)
{
    const char *version = NULL;
    json_t *item = NULL;
    json_object_foreach((json_t *)(uintptr_t)parts_field(record, "versions"), version, item)
    {
        char value[2 * NAME_ROOM];
        (void)snprintf(value, sizeof(value), "%s/%s", key, version); // both are short
        bool chosen = strcmp(key, wish->key) == 0 && strcmp(version, wish->version) == 0;
        begin_option(page, value, chosen);
        texts_fill(&page->html, page->language, TEXT_WHAT_IF_KEY_ONE,
                   parts_name(page, wish->region, KIND_COST_KEY, key), version, NULL);
        html_raw(&page->html, "</option>");
    }
}

static void put_form(struct page *page, const struct wish *wish)
{
    size_t count = 0;
    struct parts_row *rows =
        parts_sorted(copy_kind(page->copy, wish->region, KIND_COST_KEY), parts_by_name, &count);
    html_raw(&page->html, "<form class=\"period\" method=\"get\"");
    html_address(&page->html, "action", page->request->path);
    html_raw(&page->html, "><input type=\"hidden\" name=\"reken\" value=\"ja\">");
    put_members(page, wish);
    put_purpose(page, wish);
    put_amount(page, wish);
    begin_field(page, "sleutel", TEXT_WHAT_IF_KEY);
    html_raw(&page->html, "<select id=\"sleutel\" name=\"sleutel\">");
    for (size_t i = 0; i < count; i++) {
        put_versions(page, wish, rows[i].name, rows[i].value);
    }
    html_raw(&page->html, "</select></span> <button class=\"utrecht-button "
                          "utrecht-button--primary-action\" type=\"submit\">");
    page_say(page, TEXT_WHAT_IF_SHOW);
    html_raw(&page->html, "</button></form>");
    free(rows);
}

// What comes of it ------------------------------------------------------------------------------

static json_t *job_of(const struct page *page, const struct wish *wish)
{
    char path[300];
    const json_t *participants = parts_field(wish->record, "participants");
    json_t *members = json_object(), *record = NULL;
    const char *member = NULL;
    json_object_foreach((json_t *)(uintptr_t)copy_kind(page->copy, wish->region, KIND_MEMBER),
                        member, record)
    {
        bool then = !parts_has_ended(record) && takes_part(page, wish, member);
        if (then != (json_object_get(participants, member) != NULL)) {
            json_object_set_new(members, member, json_boolean(then));
        }
    }
    (void)snprintf(path, sizeof(path), "%s/werkplaats/%s", wish->region, wish->id); // it fits
    return json_pack("{s:s, s:s, s:o, s:I, s:{s:s, s:I, s:s, s:s}}", "job", "what-if", "path", path,
                     "members", members, "position",
                     (json_int_t)copy_touched(page->copy, wish->region, ~0u), "allocation",
                     "purpose", wish->purpose, "amount", (json_int_t)wish->cents, "key", wish->key,
                     "version", wish->version);
}

struct share {
    json_int_t now, then, decided;
    bool takes_part, has_decided, agreed, anew;
};

static struct share share_of(const struct wish *wish, const json_t *then, const char *member)
{
    char name[200];
    (void)snprintf(name, sizeof(name), "%s/financial/%s", member, wish->purpose); // it fits
    const json_t *decision =
        json_object_get(json_object_get(parts_field(wish->record, "decisions"), name), "data");
    struct share share = {
        .now = json_integer_value(json_object_get(json_object_get(wish->now, "shares"), member)),
        .then = json_integer_value(json_object_get(then, member)),
        .decided = json_integer_value(json_object_get(decision, "amount")),
        .takes_part = json_object_get(then, member) != NULL,
        .has_decided = decision != NULL,
        .agreed = strcmp(parts_text(decision, "outcome"), "positive") == 0,
    };
    share.anew = share.takes_part && (!share.agreed || share.then > share.decided);
    return share;
}

static void put_euros(struct page *page, json_int_t cents, bool is_signed)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<td class=\"utrecht-table__cell number\">");
    html_text(&page->html, is_signed && cents > 0 ? "+" : "");
    html_text(&page->html, words_euros(page->language, cents, room));
    html_raw(&page->html, "</td>");
}

static void put_share(struct page *page, const char *name, const struct share *share)
{
    html_raw(&page->html, "<tr><th scope=\"row\" class=\"utrecht-table__cell\">");
    html_text(&page->html, name);
    html_raw(&page->html, "</th>");
    put_euros(page, share->now, false);
    put_euros(page, share->then, false);
    put_euros(page, share->then - share->now, true);
    if (share->agreed) {
        put_euros(page, share->decided, false);
    } else {
        html_raw(&page->html, "<td class=\"utrecht-table__cell number\">");
        page_say(page, share->has_decided ? TEXT_DECIDED_NO : TEXT_UNDECIDED);
        html_raw(&page->html, "</td>");
    }
    html_raw(&page->html, "<td class=\"utrecht-table__cell\">");
    page_say(page, share->anew         ? TEXT_WHAT_IF_YES
                   : share->takes_part ? TEXT_WHAT_IF_NO
                                       : TEXT_WHAT_IF_OUT);
    html_raw(&page->html, "</td></tr>");
}

static void put_total(struct page *page, const struct share *total, unsigned anew)
{
    char room[WORDS_ROOM];
    html_raw(&page->html, "<tr class=\"total\"><th scope=\"row\" class=\"utrecht-table__cell\">");
    page_say(page, TEXT_TOTAL);
    html_raw(&page->html, "</th>");
    put_euros(page, total->now, false);
    put_euros(page, total->then, false);
    put_euros(page, total->then - total->now, true);
    html_raw(&page->html, "<td></td><td></td></tr></tbody></table></div><p>");
    if (anew == 0) {
        page_say(page, TEXT_WHAT_IF_NO_BOARDS);
    } else {
        texts_fill(&page->html, page->language, TEXT_WHAT_IF_BOARDS, words_number(anew, room),
                   NULL);
    }
    html_raw(&page->html, " ");
    page_say(page, TEXT_WHAT_IF_DRY);
    html_raw(&page->html, "</p>");
}

static void put_table(struct page *page, const struct wish *wish, const json_t *then)
{
    struct share total = {0};
    unsigned anew = 0;
    size_t count = 0;
    json_t *all = json_object(); // who pays now or then
    json_object_update(all, json_object_get(wish->now, "shares"));
    json_object_update(all, (json_t *)(uintptr_t)then);
    struct parts_row *rows = parts_sorted(all, parts_by_name, &count);
    html_raw(&page->html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\"><table "
                          "class=\"utrecht-table what-if\"><thead><tr>");
    parts_th(page, TEXT_COL_MEMBER, false);
    parts_th(page, TEXT_WHAT_IF_NOW, true);
    parts_th(page, TEXT_WHAT_IF_THEN, true);
    parts_th(page, TEXT_WHAT_IF_DIFFERENCE, true);
    parts_th(page, TEXT_COL_DECIDED, true);
    parts_th(page, TEXT_WHAT_IF_ANEW, false);
    html_raw(&page->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < count; i++) {
        struct share share = share_of(wish, then, rows[i].name);
        put_share(page, parts_name(page, wish->region, KIND_MEMBER, rows[i].name), &share);
        total.now += share.now;
        total.then += share.then;
        anew += share.anew;
    }
    put_total(page, &total, anew);
    free(rows);
    json_decref(all);
}

static const struct {
    unsigned guard;
    const char *field;
    enum text text;
} known_faults[] = {
#define WHAT_IF_FAULT(guard, field, text) {guard, field, TEXT_##text},
#include "clients/dashboard/what_if_faults.def"
#undef WHAT_IF_FAULT
};

static void put_fault(struct page *page, const json_t *fault, bool is_nobody)
{
    for (size_t i = 0; i < sizeof(known_faults) / sizeof(known_faults[0]); i++) {
        if (known_faults[i].guard == parts_number(fault, "guard") &&
            strcmp(known_faults[i].field, parts_text(fault, "field")) == 0) {
            bool nobody = is_nobody && known_faults[i].text == TEXT_WHAT_IF_SHARES;
            html_raw(&page->html, "<li>");
            page_say(page, nobody ? TEXT_WHAT_IF_NOBODY : known_faults[i].text);
            html_raw(&page->html, "</li>");
            return;
        }
    }
    html_raw(&page->html, "<li lang=\"en\">");
    html_text(&page->html, parts_text(fault, "found"));
    html_raw(&page->html, "</li>");
}

static bool is_anybody(const struct page *page, const struct wish *wish)
{
    const char *member = NULL;
    json_t *record = NULL;
    json_object_foreach((json_t *)(uintptr_t)copy_kind(page->copy, wish->region, KIND_MEMBER),
                        member, record)
    {
        if (!parts_has_ended(record) && takes_part(page, wish, member)) {
            return true;
        }
    }
    return false;
}

static void put_faults(struct page *page, const struct wish *wish, const json_t *faults)
{
    size_t index = 0;
    const json_t *fault = NULL;
    html_raw(&page->html, "<p class=\"warning\">");
    page_say(page, TEXT_WHAT_IF_REFUSED);
    html_raw(&page->html, "</p><ul class=\"items\">");
    json_array_foreach(faults, index, fault)
    {
        put_fault(page, fault, !is_anybody(page, wish));
    }
    html_raw(&page->html, "</ul>");
}

static void put_outcome(struct page *page, const struct wish *wish, const json_t *answer)
{
    char amount[WORDS_ROOM], purpose[WORDS_ROOM];
    const json_t *shares = json_object_get(answer, "shares");
    const json_t *faults = json_object_get(answer, "faults");
    html_raw(&page->html, "<section>");
    page_heading(page, "outcome", TEXT_WHAT_IF_OUTCOME);
    if (shares != NULL) {
        html_raw(&page->html, "<p>");
        texts_fill(&page->html, page->language, TEXT_WHAT_IF_SPLIT,
                   words_euros(page->language, (int64_t)wish->cents, amount),
                   words_choice(page->language, CHOICES_PURPOSE, wish->purpose, purpose),
                   parts_name(page, wish->region, KIND_COST_KEY, wish->key), wish->version, NULL);
        html_raw(&page->html, "</p>");
        put_table(page, wish, shares);
    } else if (faults != NULL) {
        put_faults(page, wish, faults);
    } else {
        page_comes_to_nothing(page);
    }
    html_raw(&page->html, "</section>");
}

void page_what_if(struct page *page)
{
    const char *region = page_param(page, "region"), *id = page_param(page, "id");
    const json_t *record = copy_entity(page->copy, region, KIND_WERKPLAATS, id);
    if (record == NULL) {
        page_not_found(page);
        return;
    }
    struct wish wish = read_wish(page, region, id, record);
    bool runs = wish.asked && wish.cents > 0;
    const json_t *answer = runs ? page_job(page, job_of(page, &wish)) : NULL;
    if (page->waits) {
        return;
    }
    page->lacks = true; // whatever the form holds: one of a kind, not worth keeping
    html_raw(&page->html, "<nav class=\"crumbs\"><a class=\"utrecht-link\"");
    page_href(page, "/%s/werkplaats/%s", region, id);
    html_raw(&page->html, ">");
    html_text(&page->html, parts_field_text(record, "name"));
    html_raw(&page->html, "</a></nav><h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_WHAT_IF);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_WHAT_IF_LEAD);
    html_raw(&page->html, "</p>");
    if (json_object_size(copy_kind(page->copy, region, KIND_COST_KEY)) == 0) {
        parts_empty(page, TEXT_WHAT_IF_NO_KEY);
        return;
    }
    put_form(page, &wish);
    if (wish.asked && wish.cents == 0) {
        parts_empty(page, TEXT_WHAT_IF_WRONG);
    } else if (wish.asked) {
        put_outcome(page, &wish, answer);
    }
}
