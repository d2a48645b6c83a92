#include "clients/dashboard/moments.h"

#include "clients/dashboard/asks.h"
#include "clients/dashboard/http.h"
#include "clients/dashboard/weight.h"
#include "proto/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_SIZE 10 // of 2016-03-01

// What is asked for -----------------------------------------------------------------------------

static bool shows_state(const struct page_row *row)
{
    return row != NULL && (row->touch == TOUCH_ALL || row->touch == TOUCH_REGION);
}

// "812", "2026-03-01" or "2026-03-01T12:00Z" (also with seconds, or without Z in local time).
static bool read_at(const char *text, struct moment *moment)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"};
    size_t size = strlen(text);
    if (strspn(text, "0123456789") == size && size < 19) {
        moment->at = strtoull(text, NULL, 10);
        return moment->at > 0;
    }
    bool plain = strspn(text, "0123456789-:TZ") == size; // it comes back in addresses
    for (size_t i = 0; plain && i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct tm parts = {.tm_isdst = -1};
        const char *rest = strptime(text, formats[i], &parts);
        if (rest == NULL || (rest[0] != '\0' && strcmp(rest, "Z") != 0)) {
            continue;
        }
        parts.tm_mday += size == DAY_SIZE; // of a day its end
        time_t seconds = rest[0] == 'Z' ? timegm(&parts) : mktime(&parts);
        moment->before_ms = seconds > 0 ? (uint64_t)seconds * 1000 : 0;
        return seconds > 0;
    }
    return false;
}

// False if something was given that is no moment.
static bool read_query(const struct page *page, struct moment *moment)
{
    const char *on = http_query(page->request, "on"), *at = http_query(page->request, "at");
    on = on == NULL ? "" : on;
    at = at == NULL ? "" : at;
    if ((on[0] != '\0' && !schema_is_date(bytes_of(on))) || strlen(at) >= sizeof(moment->at_text) ||
        (at[0] != '\0' && !read_at(at, moment))) {
        return false;
    }
    (void)snprintf(moment->on, sizeof(moment->on), "%s", on); // it fits
    (void)snprintf(moment->at_text, sizeof(moment->at_text), "%s", at);
    (void)snprintf(moment->query, sizeof(moment->query), "%s%s%s%s%s",
                   on[0] == '\0' ? "" : "on=", on, on[0] == '\0' || at[0] == '\0' ? "" : "&",
                   at[0] == '\0' ? "" : "at=",
                   at); // it fits
    return true;
}

// What has not been yet is now: with that, a moment always means the same.
static void settle(const struct page *page, struct moment *moment)
{
    const char *region = page_param(page, "region");
    unsigned kinds = region[0] == '\0' ? pages_kinds(page->row) : ~0u;
    uint64_t newest = copy_touched(page->copy, region, kinds);
    bool ahead = moment->before_ms > (uint64_t)time(NULL) * 1000;
    moment->is_ahead = ahead || moment->at > page->copy->position;
    if (moment->at_text[0] == '\0' || moment->is_ahead) {
        moment->at = newest;
        moment->before_ms = 0;
    }
}

static json_t *job_of(const struct page *page, const struct moment *moment)
{
    const char *region = page_param(page, "region");
    json_t *job = json_pack("{s:s, s:s*, s:s*}", "job", "content", "region",
                            region[0] == '\0' ? NULL : region, "on",
                            moment->on[0] == '\0' ? NULL : moment->on);
    const char *time_or_number = moment->before_ms > 0 ? "before_ms" : "at";
    uint64_t value = moment->before_ms > 0 ? moment->before_ms : moment->at;
    json_object_set_new(job, time_or_number, json_integer((json_int_t)value));
    if (region[0] == '\0') {
        json_t *kinds = json_array();
        for (int kind = 1; kind <= KIND_LAST; kind++) {
            if ((pages_kinds(page->row) >> kind & 1) != 0) {
                json_array_append_new(kinds, json_string(kind_name((enum kind)kind)));
            }
        }
        json_object_set_new(job, "kinds", kinds);
    }
    return job;
}

// Keeping ---------------------------------------------------------------------------------------

static void forget(struct moments *moments, struct moment *moment)
{
    moments->bytes -= moment->bytes;
    if (moment->key != NULL) {
        copy_finish(&moment->copy);
    }
    free(moment->key);
    *moment = (struct moment){0};
}

void moments_finish(struct moments *moments)
{
    for (size_t i = 0; i < MOMENTS_MAX; i++) {
        forget(moments, &moments->rows[i]);
    }
}

static struct moment *find(struct moments *moments, const char *key, unsigned long histories)
{
    for (size_t i = 0; i < MOMENTS_MAX; i++) {
        struct moment *row = &moments->rows[i];
        if (row->key != NULL && strcmp(row->key, key) == 0 && row->copy.histories == histories) {
            return row;
        }
    }
    return NULL;
}

static bool is_full(const struct moments *moments)
{
    size_t count = 0;
    for (size_t i = 0; i < MOMENTS_MAX; i++) {
        count += moments->rows[i].key != NULL;
    }
    return count == MOMENTS_MAX || moments->bytes > MOMENTS_BYTES_MAX;
}

// A free row; those that were not used for longest go.
static struct moment *make_room(struct moments *moments)
{
    struct moment *room = NULL;
    while (is_full(moments)) {
        struct moment *oldest = NULL;
        for (size_t i = 0; i < MOMENTS_MAX; i++) {
            struct moment *row = &moments->rows[i];
            oldest =
                row->key != NULL && (oldest == NULL || row->used < oldest->used) ? row : oldest;
        }
        forget(moments, oldest); // there is one: none takes nothing
    }
    for (size_t i = 0; i < MOMENTS_MAX && room == NULL; i++) {
        room = moments->rows[i].key == NULL ? &moments->rows[i] : NULL;
    }
    return room;
}

// From the answer, which it takes what it needs from.
static struct moment *make(struct moments *moments, const struct page *page,
                           const struct moment *wanted, char *key, const json_t *answer)
{
    struct moment *row = make_room(moments);
    *row = *wanted;
    row->key = key;
    row->bytes = weight_of(answer);
    moments->bytes += row->bytes;
    copy_then(&row->copy, page->copy, (json_t *)(uintptr_t)answer);
    row->at = row->copy.position;
    return row;
}

static enum moments_found look(struct moments *moments, const struct page *page,
                               const struct moment *wanted, json_t *job,
                               const struct moment **ret_moment)
{
    const json_t *answer = NULL;
    char *key = json_dumps(job, JSON_COMPACT | JSON_SORT_KEYS);
    struct moment *row = key == NULL ? NULL : find(moments, key, page->copy->histories);
    if (row == NULL) {
        enum ask_state state = asks_find(page->jobs, json_incref(job), page->copy->histories,
                                         page_who(page), page->copy->state != COPY_STALE, &answer);
        const char *problem = json_string_value(json_object_get(answer, "problem"));
        if (state != ASK_HERE || problem != NULL || key == NULL) {
            free(key);
            return state == ASK_WAITS                                   ? MOMENTS_WAITS
                   : state == ASK_MANY                                  ? MOMENTS_MANY
                   : problem != NULL && strcmp(problem, "too-big") == 0 ? MOMENTS_LARGE
                                                                        : MOMENTS_LACKS;
        }
        row = make(moments, page, wanted, key, answer);
        key = NULL; // the row has it
    }
    free(key);
    memcpy(row->query, wanted->query, sizeof(row->query)); // two may ask for the same in two ways
    memcpy(row->at_text, wanted->at_text, sizeof(row->at_text));
    row->is_ahead = wanted->is_ahead;
    row->used = ++moments->clock;
    row->copy.state = page->copy->state;
    *ret_moment = row;
    return MOMENTS_HERE;
}

enum moments_found moments_find(struct moments *moments, const struct page *page,
                                const struct moment **ret_moment)
{
    struct moment wanted = {0};
    if (!shows_state(page->row) || !page->copy->is_whole) {
        return MOMENTS_NOW;
    }
    if (!read_query(page, &wanted)) {
        return MOMENTS_WRONG;
    }
    if (wanted.query[0] == '\0') {
        return MOMENTS_NOW;
    }
    settle(page, &wanted);
    json_t *job = job_of(page, &wanted);
    enum moments_found found = look(moments, page, &wanted, job, ret_moment);
    json_decref(job);
    return found;
}

// Using -----------------------------------------------------------------------------------------

void moments_put(const struct moment *moment, json_t *request)
{
    json_object_set_new(request, "at", json_integer((json_int_t)moment->at));
    if (moment->on[0] != '\0') {
        json_object_set_new(request, "on", json_string(moment->on));
    }
}

bool moments_is_ahead(const struct moment *moment)
{
    time_t now = time(NULL);
    struct tm day = {0};
    (void)localtime_r(&now, &day); // people's own days
    uint32_t today =
        (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
    return moment->is_ahead ||
           (moment->on[0] != '\0' && schema_last_day(bytes_of(moment->on)) > today);
}

bool moments_counts(const struct moment *moment, const json_t *event)
{
    char day[DAY_SIZE + 1];
    const char *on = json_string_value(json_object_get(event, "on"));
    const char *time_text = json_string_value(json_object_get(event, "time"));
    if (moment == NULL || moment->on[0] == '\0' || time_text == NULL) {
        return true;
    }
    (void)snprintf(day, sizeof(day), "%.*s", DAY_SIZE, on == NULL ? time_text : on); // a date
    return schema_last_day(bytes_of(day)) <= schema_last_day(bytes_of(moment->on));
}

void moments_link(const struct moment *moment, const char *path, char ret_link[MOMENTS_LINK])
{
    char bare[MOMENTS_LINK];
    enum language language;
    struct page_params params;
    size_t end = strcspn(path, "#"), size = strcspn(path, "?#");
    (void)snprintf(bare, sizeof(bare), "%.*s", (int)size, path); // paths are short
    bool keeps = moment != NULL && shows_state(pages_route(bare, &language, &params));
    (void)snprintf(ret_link, MOMENTS_LINK, "%.*s%s%s%s", (int)end, path,
                   !keeps       ? ""
                   : size < end ? "&"
                                : "?",
                   keeps ? moment->query : "", path + end); // as above
}
