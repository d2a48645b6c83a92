#include "clients/dashboard/page.h"

#include "clients/dashboard/asks.h"
#include "clients/dashboard/gate.h"
#include "clients/dashboard/http.h"
#include "clients/dashboard/moments.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *page_param(const struct page *page, const char *name)
{
    for (unsigned i = 0; i < page->params.count; i++) {
        if (strcmp(page->params.rows[i].name, name) == 0) {
            return page->params.rows[i].value;
        }
    }
    return "";
}

const char *page_query(const struct page *page, const char *name)
{
    return page->request == NULL ? NULL : http_query(page->request, name);
}

uint64_t page_who(const struct page *page)
{
    char address[64] = "";
    if (page->request != NULL) {
        http_address(page->request, address);
    }
    return gate_who(address);
}

void page_not_found(struct page *page)
{
    page->status = 404;
}

// A question of one that can be asked about the past, on a page of the past.
static void put_moment(const struct page *page, json_t *request)
{
    static const char *const names[] = {"get", "list", "next", "gaps", "history"};
    const char *name = json_string_value(json_object_get(request, "request"));
    for (size_t i = 0; page->moment != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (name != NULL && strcmp(names[i], name) == 0) {
            moments_put(page->moment, request);
        }
    }
}

const json_t *page_ask(struct page *page, json_t *request, enum ask_lasting lasting)
{
    const json_t *answer = NULL;
    enum ask_state state = ASK_LACKS;
    if (page->asks == NULL) {
        json_decref(request);
    } else {
        put_moment(page, request);
        uint64_t until = lasting == ASK_FOR_GOOD ? 0 : page->copy->position;
        state = asks_find(page->asks, request, until, page_who(page),
                          page->copy->state != COPY_STALE, &answer);
    }
    page->waits |= state == ASK_WAITS;
    page->lacks |= state == ASK_LACKS;
    return answer;
}

const json_t *page_job(struct page *page, json_t *job)
{
    const json_t *answer = NULL;
    // Another log has other answers to the same.
    enum ask_state state = asks_find(page->jobs, job, page->copy->histories, page_who(page),
                                     page->copy->state != COPY_STALE, &answer);
    page->waits |= state == ASK_WAITS;
    page->status = state == ASK_MANY ? 429 : state == ASK_LACKS ? 503 : page->status;
    return answer;
}

void page_comes_to_nothing(struct page *page)
{
    page->status = page->status == 0 ? 503 : page->status;
}

void page_say(struct page *page, enum text text)
{
    texts_put(&page->html, page->language, text);
}

void page_title(struct page *page, const char *title)
{
    (void)snprintf(page->title, sizeof(page->title), "%s", title); // cut if it is long
}

void page_href(struct page *page, const char *format, ...)
{
    char path[512], link[MOMENTS_LINK];
    int prefix = snprintf(path, sizeof(path), "%s", page->language == ENGLISH ? "/en" : "");
    va_list list;
    va_start(list, format);
    (void)vsnprintf(path + prefix, sizeof(path) - (size_t)prefix, format, list); // ids are short
    va_end(list);
    moments_link(page->moment, strcmp(path, "/en/") == 0 ? "/en" : path, link);
    html_address(&page->html, "href", link);
}

void page_heading(struct page *page, const char *id, enum text text)
{
    html_raw(&page->html, "<h2 class=\"utrecht-heading-2\"");
    html_attribute(&page->html, "id", id);
    html_raw(&page->html, ">");
    page_say(page, text);
    html_raw(&page->html, "</h2>");
}
