#include "clients/dashboard/page_period.h"

#include "clients/dashboard/http.h"
#include "proto/schema.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void write_day(uint32_t day, char ret_text[PERIOD_DAY])
{
    (void)snprintf(ret_text, PERIOD_DAY, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100,
                   day % 100); // it fits
}

// Today, or so many days before it.
static uint32_t day_before(int days)
{
    time_t now = time(NULL) - days * 86400L;
    struct tm day = {0};
    (void)localtime_r(&now, &day); // people choose their own days
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

void period_this_year(struct period *ret_period)
{
    uint32_t today = day_before(0);
    write_day(today / 10000 * 10000 + 101, ret_period->from);
    write_day(today, ret_period->to);
}

void period_last_month(struct period *ret_period)
{
    write_day(day_before(30), ret_period->from);
    write_day(day_before(0), ret_period->to);
}

// A day that was given, in full; false if it is none.
static bool read_day(const struct page *page, const char *name, bool first,
                     char ret_text[PERIOD_DAY])
{
    const char *given = page_query(page, name);
    if (given == NULL || given[0] == '\0') {
        return true;
    }
    if (!schema_is_date(bytes_of(given))) {
        return false;
    }
    write_day(first ? schema_first_day(bytes_of(given)) : schema_last_day(bytes_of(given)),
              ret_text);
    return true;
}

bool period_read(const struct page *page, period_default *fill, struct period *ret_period)
{
    fill(ret_period);
    bool sound = read_day(page, "van", true, ret_period->from);
    sound = read_day(page, "tot", false, ret_period->to) && sound;
    return sound && strcmp(ret_period->from, ret_period->to) <= 0;
}

static void put_ahead(struct page *page, const struct period *period)
{
    char today[PERIOD_DAY];
    write_day(day_before(0), today);
    if (strcmp(period->to, today) > 0) {
        html_raw(&page->html, "<p class=\"warning\">");
        page_say(page, TEXT_PERIOD_AHEAD);
        html_raw(&page->html, "</p>");
    }
}

static void put_day(struct page *page, const char *name, enum text label, const char *value)
{
    html_raw(&page->html, "<span><label");
    html_attribute(&page->html, "for", name);
    html_raw(&page->html, ">");
    page_say(page, label);
    html_raw(&page->html, "</label> <input type=\"date\" required class=\"utrecht-textbox\"");
    html_attribute(&page->html, "id", name);
    html_attribute(&page->html, "name", name);
    html_attribute(&page->html, "value", value);
    html_raw(&page->html, "></span> ");
}

void period_put_form(struct page *page, const struct period *period, enum text button,
                     void (*more)(struct page *page))
{
    html_raw(&page->html, "<form class=\"period\" method=\"get\"");
    html_address(&page->html, "action", page->request->path);
    html_raw(&page->html, ">");
    put_day(page, "van", TEXT_PERIOD_FROM, period->from);
    put_day(page, "tot", TEXT_PERIOD_TO, period->to);
    if (more != NULL) {
        more(page);
    }
    html_raw(&page->html, "<button class=\"utrecht-button utrecht-button--primary-action\" "
                          "type=\"submit\">");
    page_say(page, button);
    html_raw(&page->html, "</button></form>");
    put_ahead(page, period);
}

json_t *report_job(const struct page *page, const char *region, const struct period *period)
{
    // A report is of everything recorded so far: until something more is, it stays the same.
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:I}", "job", "report", "region", region,
                     "from", period->from, "to", period->to, "language", words_code(page->language),
                     "members", page->copy->audience == AUDIENCE_MEMBERS, "position",
                     (json_int_t)copy_touched(page->copy, region, ~0u));
}

bool period_is_large(const json_t *answer)
{
    const char *problem = json_string_value(json_object_get(answer, "problem"));
    return problem != NULL && strcmp(problem, "too-big") == 0;
}
