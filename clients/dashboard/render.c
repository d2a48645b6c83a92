#include "clients/dashboard/render.h"

#include "clients/dashboard/contributions.h"
#include "clients/dashboard/http.h"
#include "clients/dashboard/moments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void forget(struct render *render, struct rendered *row)
{
    render->bytes -= row->main.room + row->zipped_size;
    free(row->key);
    free(row->zipped);
    html_finish(&row->main);
    *row = (struct rendered){0};
}

void render_finish(struct render *render)
{
    for (size_t i = 0; i < RENDER_MAX; i++) {
        forget(render, &render->rows[i]);
    }
}

// Language, row, parameters of the path and those of the query that the row names.
static char *key_of(const struct page *page)
{
    struct html key = {0}; // a text that grows
    char name[32];
    const char *rest = page->row->query;
    html_text(&key, words_code(page->language));
    html_text(&key, page->row->name);
    for (unsigned i = 0; i < page->params.count; i++) {
        html_raw(&key, "/");
        html_text(&key, page->params.rows[i].value);
    }
    if (page->moment != NULL) {
        html_raw(&key, "@");
        html_text(&key, page->moment->query);
    }
    while (*(rest += strspn(rest, " ")) != '\0') {
        size_t size = strcspn(rest, " ");
        memcpy(name, rest, size < sizeof(name) ? size : sizeof(name) - 1);
        name[size < sizeof(name) ? size : sizeof(name) - 1] = '\0';
        html_raw(&key, "<"); // stands in no text as it is
        html_text(&key, page_query(page, name));
        rest += size;
    }
    if (key.failed) {
        html_finish(&key);
    }
    return key.data;
}

static uint64_t touched_of(const struct page *page)
{
    switch (page->row->touch) {
    case TOUCH_ALL:
        return copy_touched(page->copy, NULL, pages_kinds(page->row));
    case TOUCH_REGION:
    case TOUCH_ASKED:
        return copy_touched(page->copy, page_param(page, "region"), pages_kinds(page->row));
    case TOUCH_NEVER:
        break;
    }
    return 0;
}

static long today(void)
{
    time_t now = time(NULL);
    struct tm parts;
    return localtime_r(&now, &parts) == NULL ? 0 : parts.tm_year * 366L + parts.tm_yday;
}

static struct rendered *find(struct render *render, const char *key)
{
    for (size_t i = 0; i < RENDER_MAX; i++) {
        if (render->rows[i].key != NULL && strcmp(render->rows[i].key, key) == 0) {
            return &render->rows[i];
        }
    }
    return NULL;
}

static struct rendered *oldest(struct render *render)
{
    struct rendered *found = NULL;
    for (size_t i = 0; i < RENDER_MAX; i++) {
        struct rendered *row = &render->rows[i];
        if (row->key != NULL && (found == NULL || row->used < found->used)) {
            found = row;
        }
    }
    return found;
}

static struct rendered *make_room(struct render *render)
{
    while (render->bytes > RENDER_BYTES_MAX) {
        forget(render, oldest(render));
    }
    for (size_t i = 0; i < RENDER_MAX; i++) {
        if (render->rows[i].key == NULL) {
            return &render->rows[i];
        }
    }
    struct rendered *row = oldest(render);
    forget(render, row);
    return row;
}

static void put_error(struct page *page, enum text title, enum text means)
{
    html_finish(&page->html);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, title);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, means);
    html_raw(&page->html, "</p><p><a class=\"utrecht-link\"");
    page_href(page, "/");
    html_raw(&page->html, ">");
    page_say(page, TEXT_TO_REGIONS);
    html_raw(&page->html, "</a></p>");
    page_title(page, texts_of(page->language, title));
}

// The entity that the path names, or else its region.
static void set_about(struct page *page)
{
    const char *region = page_param(page, "region");
    enum kind kind = pages_kind(page->row);
    if (kind != KIND_NONE) {
        (void)snprintf(page->about, sizeof(page->about), "%s/%s/%s", region, kind_name(kind),
                       page_param(page, "id")); // ids are short
    } else {
        (void)snprintf(page->about, sizeof(page->about), "%s", region); // the same
    }
}

// Renders into page->html.
static void run(struct page *page)
{
    bool past = page->status != 0 || page->moment != NULL;
    if (page->status != 0) {
        html_finish(&page->html); // the moment that was asked for is not to be had
    } else if (page->row == NULL) {
        page->status = 404;
    } else if (!page->copy->is_whole) {
        page->status = 503;
    } else {
        set_about(page);
        page->row->render(page);
    }
    if (page->row != NULL && page->status == 0 && pages_kind(page->row) != KIND_NONE) {
        contributions_put_about(page, page->about);
    }
    if (page->status == 404) {
        page->about[0] = '\0';
    }
    if (page->status == 400) {
        put_error(page, TEXT_PAST_WRONG, TEXT_PAST_WRONG_MEANS);
    } else if (page->status == 422 && past) {
        put_error(page, TEXT_PAST_LARGE, TEXT_PAST_LARGE_MEANS);
    } else if (page->status == 429) {
        put_error(page, TEXT_ERROR_429, TEXT_ERROR_429_MEANS);
    } else if (page->status == 503 && past) {
        put_error(page, TEXT_PAST_LACKS, TEXT_PAST_LACKS_MEANS);
    } else if (page->status == 404 && past) {
        put_error(page, TEXT_PAST_NONE, TEXT_PAST_NONE_MEANS);
    } else if (page->status == 404) {
        put_error(page, TEXT_ERROR_404, TEXT_ERROR_404_MEANS);
    } else if (page->status == 503 && page->copy->is_whole) {
        put_error(page, TEXT_JOB_LACKS, TEXT_JOB_LACKS_MEANS);
    } else if (page->status == 503) {
        put_error(page, TEXT_ERROR_503, TEXT_ERROR_503_MEANS);
    }
}

static struct rendered *keep(struct render *render, struct page *page, char *key, uint64_t touched)
{
    struct rendered *row = make_room(render);
    *row = (struct rendered){.key = key,
                             .main = page->html,
                             .status = page->status == 0 ? 200 : page->status,
                             .touched = touched,
                             .history = page->copy->histories,
                             .day = today()};
    memcpy(row->title, page->title, sizeof(row->title));
    memcpy(row->about, page->about, sizeof(row->about));
    page->html = (struct html){0};
    render->bytes += row->main.room;
    render->rendered++;
    return row;
}

struct rendered *render_page(struct render *render, struct page *page)
{
    bool can_keep = page->row != NULL && page->copy->is_whole && page->status == 0;
    char *key = can_keep ? key_of(page) : NULL;
    uint64_t touched = can_keep ? touched_of(page) : 0;
    struct rendered *row = key == NULL ? NULL : find(render, key);
    if (row != NULL && row->touched == touched && row->history == page->copy->histories &&
        row->day == today()) {
        row->used = ++render->clock;
        render->reused++;
        free(key);
        return row;
    }
    if (row != NULL) {
        forget(render, row);
    }
    run(page);
    if (page->waits) {
        html_finish(&page->html);
        free(key);
        return NULL;
    }
    row = keep(render, page, key == NULL ? strdup("") : key, touched);
    row->used = can_keep && !page->lacks && !page->once && page->status == 0 ? ++render->clock : 0;
    if (row->used == 0) {
        row->day = -1; // for this once
    }
    return row;
}
