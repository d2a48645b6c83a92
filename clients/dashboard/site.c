#include "clients/dashboard/site.h"

#include "clients/dashboard/api.h"
#include "clients/dashboard/metrics.h"
#include "clients/dashboard/news.h"
#include "clients/dashboard/page_report.h"
#include "clients/dashboard/reply.h"
#include "clients/dashboard/shell.h"
#include "clients/dashboard/zip.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_SECONDS 10
#define FOR_EVER "public, max-age=31536000, immutable"

// What was written, in gzip where the client takes that.
static enum http_reply reply_html(const struct http_request *request,
                                  struct http_response *response, unsigned status,
                                  struct html *html)
{
    if (html->failed) {
        html_finish(html);
    }
    return reply_body(request, response, status, "text/html; charset=utf-8", html->data,
                      html->size);
}

// Pages -----------------------------------------------------------------------------------------

// The <main> alone; in gzip it was made once for all.
static enum http_reply reply_main(const struct http_request *request,
                                  struct http_response *response, struct render *render,
                                  struct rendered *rendered)
{
    struct html html = {0};
    if (rendered->zipped == NULL) {
        shell_put_main(&html, rendered);
        if (html.failed || !request->takes_gzip) {
            return reply_html(request, response, rendered->status, &html);
        }
        rendered->zipped = zip_bytes(html.data, html.size, &rendered->zipped_size);
        html_finish(&html);
        render->bytes += rendered->zipped_size;
    }
    if (rendered->zipped != NULL && request->takes_gzip) {
        response->type = "text/html; charset=utf-8";
        if (rendered->status == 200 &&
            reply_is_known(request, response, rendered->zipped, rendered->zipped_size)) {
            return HTTP_REPLY;
        }
        html_put_safe(&html, rendered->zipped, rendered->zipped_size);
        response->is_gzip = true;
        response->status = rendered->status;
        response->body = html.data;
        response->size = html.size;
        return HTTP_REPLY;
    }
    shell_put_main(&html, rendered);
    return reply_html(request, response, rendered->status, &html);
}

// The copy that the page is made from; false while it is on its way.
static bool choose_moment(struct site *site, struct page *page)
{
    switch (moments_find(&site->moments, page, &page->moment)) {
    case MOMENTS_NOW:
        return true;
    case MOMENTS_HERE:
        page->copy = &page->moment->copy;
        return true;
    case MOMENTS_WAITS:
        return false;
    case MOMENTS_LARGE:
        page->status = 422;
        return true;
    case MOMENTS_MANY:
        page->status = 429;
        return true;
    case MOMENTS_LACKS:
        page->status = 503;
        return true;
    case MOMENTS_WRONG:
        page->status = 400;
        return true;
    }
    return true;
}

static struct page begin_page(struct site *site, const struct http_request *request,
                              const char *path)
{
    struct page page = {.copy = &site->copy,
                        .asks = &site->asks,
                        .jobs = &site->jobs,
                        .request = request,
                        .facts = site->facts};
    page.row = pages_route(path, &page.language, &page.params);
    return page;
}

// status 0: that of the page.
static enum http_reply put_page(struct site *site, struct page *page, unsigned status,
                                struct http_response *response)
{
    const struct http_request *request = page->request;
    struct rendered *rendered = render_page(&site->render, page);
    if (rendered == NULL) {
        return HTTP_WAIT;
    }
    if (rendered->status == 429 || rendered->status == 503) {
        http_more(response, "Retry-After", "%d", RETRY_SECONDS);
    }
    const char *part = http_header(request, "X-Waternet-Part");
    if (part != NULL && strcmp(part, "main") == 0) {
        return reply_main(request, response, &site->render, rendered);
    }
    struct html html = {0};
    shell_put(&html, page, rendered, &site->assets, request->path);
    return reply_html(request, response, status == 0 ? rendered->status : status, &html);
}

static bool is_form(const struct page *page)
{
    return page->row != NULL && strcmp(page->row->name, "CONTRIBUTE") == 0;
}

static enum http_reply reply_page(struct site *site, const struct http_request *request,
                                  struct http_response *response)
{
    struct page page = begin_page(site, request, request->path);
    struct draft draft;
    if (!choose_moment(site, &page)) {
        return HTTP_WAIT;
    }
    if (is_form(&page)) {
        const char *about = page_query(&page, "over");
        contribute_begin(&site->contribute, about == NULL ? "" : about, &draft);
        page.draft = &draft;
    }
    return put_page(site, &page, 0, response);
}

// Contributions ---------------------------------------------------------------------------------

static enum http_reply reply_alien(struct http_response *response, unsigned status)
{
    static char elsewhere[] = "Dit formulier is niet vanaf deze site verstuurd. Ga terug naar deze "
                              "site en verstuur het daar.\n\n"
                              "This form was not sent from this site; go back and send it here.\n";
    static char no_form[] = "Dit is geen formulier zoals een browser het verstuurt.\n\n"
                            "This is not a form that a browser sends.\n";
    return reply_text(response, status, status == 403 ? elsewhere : no_form);
}

static enum http_reply reply_contribution(struct site *site, struct page *page,
                                          struct http_response *response)
{
    static char see[] = "See your receipt.\n";
    static struct sent_form form; // too large for the stack, and for this request alone
    struct draft draft;
    unsigned status = 0;
    enum http_reply reply = HTTP_WAIT;
    switch (
        contribute_take(&site->contribute, &site->copy, page->request, &form, &draft, &status)) {
    case CONTRIBUTED_WAIT:
        break;
    case CONTRIBUTED_DONE:
        (void)snprintf(response->location_room, sizeof(response->location_room), "%s/aandragen/%s",
                       page->language == ENGLISH ? "/en" : "",
                       draft.id); // it fits
        response->location = response->location_room;
        reply = reply_text(response, 303, see);
        break;
    case CONTRIBUTED_AGAIN:
        page->draft = &draft;
        reply = put_page(site, page, status, response);
        break;
    case CONTRIBUTED_ALIEN:
        reply = reply_alien(response, status);
        break;
    }
    OPENSSL_cleanse(&form, sizeof(form)); // what people wrote is theirs
    return reply;
}

// Feeds -----------------------------------------------------------------------------------------

#define FEED ".atom"

static bool is_feed(const char *path)
{
    size_t size = strlen(path), end = sizeof(FEED) - 1;
    return size > end && size < 200 && strcmp(path + size - end, FEED) == 0;
}

// "/twente/nieuws.atom" is the feed of the page before its end.
static enum http_reply reply_feed(struct site *site, const struct http_request *request,
                                  struct http_response *response)
{
    static char none[] = "There is no such feed.\n", away[] = "It cannot be made now.\n";
    char path[200] = "";
    memcpy(path, request->path, strlen(request->path) - (sizeof(FEED) - 1)); // is_feed() bounds it
    struct page page = begin_page(site, request, path);
    if (page.row == NULL || strcmp(page.row->name, "NEWS") != 0 || !site->copy.is_whole) {
        return reply_text(response, site->copy.is_whole ? 404 : 503,
                          site->copy.is_whole ? none : away);
    }
    atom_put(&page);
    if (page.waits || page.lacks || page.status == 404) {
        html_finish(&page.html);
        return page.waits   ? HTTP_WAIT
               : page.lacks ? reply_text(response, 503, away)
                            : reply_text(response, 404, none);
    }
    enum http_reply reply = reply_html(request, response, 200, &page.html);
    response->type =
        response->status == 200 ? "application/atom+xml; charset=utf-8" : response->type;
    return reply;
}

static const char markdown[] = ".md"; // behind the path of the report

static bool is_report_file(const char *path)
{
    size_t size = strlen(path), end = strlen("/verslag") + strlen(markdown);
    return size > end && strcmp(path + size - end, "/verslag.md") == 0;
}

static enum http_reply reply_report(struct site *site, const struct http_request *request,
                                    struct http_response *response)
{
    static char none[] = "There is no such report.\n", later[] = "The source cannot be reached.\n";
    static char many[] = "Two of your questions are being worked on; wait for their answers.\n";
    static char much[] = "There is too much in this period; choose a shorter one.\n";
    char path[256] = "";
    struct page page = {.copy = &site->copy, .jobs = &site->jobs, .request = request};
    size_t size = strlen(request->path) - strlen(markdown);
    memcpy(path, request->path, size < sizeof(path) ? size : 0);
    page.row = pages_route(path, &page.language, &page.params);
    if (page.row == NULL) {
        return reply_text(response, 404, none);
    }
    if (!report_put_markdown(&page, &response->body, &response->size)) {
        return page.waits           ? HTTP_WAIT
               : page.status == 404 ? reply_text(response, 404, none)
               : page.status == 422 ? reply_text(response, 422, much)
               : page.status == 429 ? reply_text(response, 429, many)
                                    : reply_text(response, 503, later);
    }
    response->status = 200;
    response->type = "text/markdown; charset=utf-8";
    response->disposition = "attachment; filename=\"verslag.md\"";
    return HTTP_REPLY;
}

// A path with a slash at its end is the one without.
static bool has_slash(const char *path)
{
    size_t size = strlen(path);
    return size > 1 && size < 200 && path[size - 1] == '/' && path[size - 2] != '/' &&
           path[1] != '/' && path[1] != '\\';
}

static enum http_reply redirect(const struct http_request *request, struct http_response *response)
{
    static char moved[] = "See the address without a slash at its end.\n";
    size_t size = strlen(request->path) - 1;
    for (size_t i = 0; i < size; i++) { // what would need escaping there is no path of ours
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-/", request->path[i]) == NULL) {
            static char none[] = "There is no such page.\n";
            return reply_text(response, 404, none);
        }
    }
    memcpy(response->location_room, request->path, size);
    response->location = response->location_room;
    return reply_text(response, 301, moved);
}

// The rest --------------------------------------------------------------------------------------

static enum http_reply reply_asset(struct site *site, const struct http_request *request,
                                   struct http_response *response, enum asset asset)
{
    const struct asset_row *row = assets_row(asset);
    size_t size = (size_t)(row->end - row->begin);
    bool zipped = request->takes_gzip && site->assets.rows[asset].zipped_size < size;
    struct html copied = {0}; // small, and kept by browsers for ever
    html_put_safe(&copied, zipped ? site->assets.rows[asset].zipped : row->begin,
                  zipped ? site->assets.rows[asset].zipped_size : size);
    response->status = 200;
    response->type = row->type;
    response->cache = FOR_EVER;
    response->body = copied.data;
    response->size = copied.size;
    response->is_gzip = zipped;
    return HTTP_REPLY;
}

static enum http_reply reply_live(struct site *site, const struct http_request *request,
                                  struct http_response *response)
{
    static char no_memory[] = "No memory.\n";
    const char *last_id = http_header(request, "Last-Event-ID");
    if (last_id == NULL) {
        last_id = http_query(request, "after"); // what the page was made from
    }
    if (!live_open(&site->live, &site->copy, last_id, &response->stream)) {
        return reply_text(response, 503, no_memory);
    }
    response->status = 200;
    response->type = "text/event-stream; charset=utf-8";
    return HTTP_STREAM;
}

static enum http_reply reply_other(struct site *site, const struct http_request *request,
                                   struct http_response *response)
{
    static char only_get[] = "Only GET and HEAD are understood here.\n";
    struct page page = begin_page(site, request, request->path);
    if (strcmp(request->method, "POST") == 0 && is_form(&page)) {
        return site->copy.is_whole ? reply_contribution(site, &page, response)
                                   : put_page(site, &page, 0, response);
    }
    http_more(response, "Allow", is_form(&page) ? "GET, HEAD, POST" : "GET, HEAD");
    return reply_text(response, 405, only_get);
}

size_t site_body_max(const char *path)
{
    enum language language;
    struct page_params params;
    const struct page_row *row = pages_route(path, &language, &params);
    bool form = row != NULL && strcmp(row->name, "CONTRIBUTE") == 0;
    return form ? FORM_BYTES_MAX : strcmp(path, API_HAND_IN) == 0 ? API_BODY_MAX : HTTP_BODY_MAX;
}

static enum http_reply reply_large(struct http_response *response)
{
    static char large[] = "This request is too large.\n";
    return reply_text(response, 413, large);
}

enum http_reply site_handle(void *context, const struct http_request *request,
                            struct http_response *response)
{
    struct site *site = context;
    if (api_has(request->path)) {
        return api_handle(site, request, response);
    }
    if (request->is_too_big) {
        return reply_large(response);
    }
    bool is_get = strcmp(request->method, "GET") == 0;
    enum asset asset = assets_find(&site->assets, request->path);
    if (!is_get && strcmp(request->method, "HEAD") != 0) {
        return reply_other(site, request, response);
    }
    if (asset != ASSET_COUNT) {
        return reply_asset(site, request, response, asset);
    }
    if (is_get && strcmp(request->path, "/live") == 0) {
        return reply_live(site, request, response);
    }
    if (is_report_file(request->path)) {
        return reply_report(site, request, response);
    }
    if (strcmp(request->path, "/metrics") == 0) {
        return metrics_handle(site, request, response);
    }
    if (strcmp(request->path, "/healthz") == 0) {
        return metrics_health(site, request, response);
    }
    if (is_feed(request->path)) {
        return reply_feed(site, request, response);
    }
    return has_slash(request->path) ? redirect(request, response)
                                    : reply_page(site, request, response);
}
