#include "clients/dashboard/orgchart.h"

#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// In points of the drawing.
#define WIDTH 960
#define BODY_WIDTH 300
#define BODY_HEIGHT 76
#define CORE_LEFT 420
#define BAND 112 // from the top of one row to that of the next
#define WORK_HEIGHT 76
#define WORK_ACROSS 4
#define GAP 16
#define LINES_MAX 2

// A text in lines of at most so many characters, cut at spaces; what does not fit ends in an
// ellipsis. Returns how many lines there are.
static unsigned wrap(const char *text, size_t characters, char lines[LINES_MAX][96])
{
    unsigned line = 0;
    size_t used = 0, bytes = 0;
    lines[0][0] = lines[1][0] = '\0';
    while (*text != '\0') {
        size_t size = strcspn(text, " "), wide = 0;
        for (size_t i = 0; i < size; i++) {
            wide += ((unsigned char)text[i] & 0xc0) != 0x80;
        }
        bool fits = used == 0 || used + 1 + wide <= characters;
        if (!fits && line + 1 < LINES_MAX) {
            line++;
            used = bytes = 0;
            fits = true;
        }
        if (!fits || bytes + size + 5 > sizeof(lines[0])) {
            strcpy(lines[line] + bytes, "…"); // there is room for it
            return line + 1;
        }
        if (used > 0) {
            lines[line][bytes++] = ' ';
            used++;
        }
        memcpy(lines[line] + bytes, text, size);
        bytes += size;
        used += wide;
        lines[line][bytes] = '\0';
        text += size;
        text += strspn(text, " ");
    }
    return line + 1;
}

// Shapes ----------------------------------------------------------------------------------------

static void put_box(struct page *page, const char *class_name, int x, int y, int width, int height)
{
    html_raw(&page->html, "<rect rx=\"6\"");
    html_attribute(&page->html, "class", class_name);
    html_attribute_number(&page->html, "x", x);
    html_attribute_number(&page->html, "y", y);
    html_attribute_number(&page->html, "width", width);
    html_attribute_number(&page->html, "height", height);
    html_raw(&page->html, "/>");
}

static void put_line(struct page *page, int x1, int y1, int x2, int y2)
{
    html_raw(&page->html, "<line");
    html_attribute_number(&page->html, "x1", x1);
    html_attribute_number(&page->html, "y1", y1);
    html_attribute_number(&page->html, "x2", x2);
    html_attribute_number(&page->html, "y2", y2);
    html_raw(&page->html, "/>");
}

static void put_words(struct page *page, const char *class_name, int x, int y, const char *text)
{
    html_raw(&page->html, "<text");
    html_attribute(&page->html, "class", class_name);
    html_attribute_number(&page->html, "x", x);
    html_attribute_number(&page->html, "y", y);
    html_raw(&page->html, ">");
    html_text(&page->html, text);
    html_raw(&page->html, "</text>");
}

// A name of up to two lines and what stands below it.
static void put_named(struct page *page, int x, int y, size_t characters, const char *name,
                      const char *below)
{
    char lines[LINES_MAX][96];
    unsigned count = wrap(name, characters, lines);
    for (unsigned i = 0; i < count; i++) {
        put_words(page, "name", x + 14, y + 24 + (int)i * 18, lines[i]);
    }
    (void)wrap(below, characters + 2, lines);
    put_words(page, "below", x + 14, y + 24 + (int)count * 18 + 2, lines[0]);
}

// Bodies ----------------------------------------------------------------------------------------

static void put_body(struct page *page, const json_t *record, int x, int y)
{
    char room[WORDS_ROOM], seats[WORDS_ROOM];
    size_t count = json_object_size(parts_field(record, "seats"));
    const char *text = texts_of(page->language, count == 1 ? TEXT_SEATS_ONE : TEXT_SEATS_MANY);
    const char *number = strstr(text, "{1}");
    (void)snprintf(seats, sizeof(seats), "%s%s",
                   number == NULL ? "" : words_number((int64_t)count, room),
                   number == NULL ? text : number + strlen("{1}")); // it fits
    bool is_core = parts_field_text(record, "core_of")[0] != '\0';
    put_box(page, is_core ? "body core" : "body", x, y, BODY_WIDTH, BODY_HEIGHT);
    put_named(page, x, y, 34, parts_field_text(record, "name"), seats);
}

// The cores of a body, beside it; returns how many rows they take.
static int put_cores(struct page *page, const struct parts_row *rows, size_t count,
                     const char *body, int y)
{
    int taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts_field_text(rows[i].value, "core_of"), body) == 0) {
            int top = y + taken * BAND;
            put_line(page, BODY_WIDTH, y + BODY_HEIGHT / 2, CORE_LEFT, top + BODY_HEIGHT / 2);
            put_body(page, rows[i].value, CORE_LEFT, top);
            taken++;
        }
    }
    return taken > 1 ? taken : 1;
}

// The bodies of a level that are no core; returns the top of what comes below them.
static int put_level(struct page *page, const struct parts_row *rows, size_t count,
                     const char *level, int y)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *record = rows[i].value;
        bool is_root = parts_field_text(record, "core_of")[0] == '\0';
        if (is_root && strcmp(parts_field_text(record, "level"), level) == 0) {
            int taken = put_cores(page, rows, count, rows[i].name, y);
            if (y > 0) {
                put_line(page, BODY_WIDTH / 2, y - BAND + BODY_HEIGHT, BODY_WIDTH / 2, y);
            }
            put_body(page, record, 0, y);
            y += taken * BAND;
        }
    }
    return y;
}

// Werkplaatsen ----------------------------------------------------------------------------------

static bool is_open(const json_t *record)
{
    enum phase phase = parts_phase(record);
    return phase != PHASE_COMPLETED && phase != PHASE_STOPPED;
}

static const char *leads_of(const struct page *page, const char *region, const json_t *record,
                            char room[WORDS_ROOM])
{
    const json_t *leads = parts_field(record, "leads"), *id = NULL;
    size_t index = 0, size = 0;
    if (json_array_size(leads) == 0) {
        return texts_of(page->language, TEXT_LEAD_UNKNOWN);
    }
    json_array_foreach(leads, index, id)
    {
        int added = snprintf(room + size, WORDS_ROOM - size, "%s%s", index > 0 ? ", " : "",
                             parts_name(page, region, KIND_MEMBER, json_string_value(id)));
        size += added > 0 ? (size_t)added : 0;
        if (size >= WORDS_ROOM) {
            break; // it was cut
        }
    }
    return room;
}

static void put_work(struct page *page, const char *region, const struct parts_row *rows,
                     size_t count, int y)
{
    const int width = (WIDTH - (WORK_ACROSS - 1) * GAP) / WORK_ACROSS;
    int shown = 0;
    for (size_t i = 0; i < count; i++) {
        char room[WORDS_ROOM];
        if (is_open(rows[i].value)) {
            int x = shown % WORK_ACROSS * (width + GAP);
            int top = y + shown / WORK_ACROSS * (WORK_HEIGHT + GAP);
            put_box(page, "work", x, top, width, WORK_HEIGHT);
            put_named(page, x, top, 25, parts_field_text(rows[i].value, "name"),
                      leads_of(page, region, rows[i].value, room));
            shown++;
        }
    }
}

static int count_open(const struct parts_row *rows, size_t count)
{
    int open = 0;
    for (size_t i = 0; i < count; i++) {
        open += is_open(rows[i].value);
    }
    return open;
}

// All -------------------------------------------------------------------------------------------

static int height_of(const struct parts_row *bodies, size_t count, int work)
{
    int bands = 0;
    for (size_t i = 0; i < count; i++) {
        int cores = 0;
        for (size_t j = 0; j < count; j++) {
            cores += strcmp(parts_field_text(bodies[j].value, "core_of"), bodies[i].name) == 0;
        }
        bool is_root = parts_field_text(bodies[i].value, "core_of")[0] == '\0';
        bands += !is_root ? 0 : cores > 1 ? cores : 1;
    }
    int rows = (work + WORK_ACROSS - 1) / WORK_ACROSS;
    return bands * BAND + rows * (WORK_HEIGHT + GAP) + 2;
}

static void begin(struct page *page, size_t bodies, int work, int height)
{
    char room[64], one[WORDS_ROOM], two[WORDS_ROOM];
    (void)snprintf(room, sizeof(room), "-1 -1 %d %d", WIDTH + 2, height); // it fits
    html_raw(&page->html, "<svg class=\"organisation\" role=\"img\"");
    html_attribute(&page->html, "viewBox", room);
    html_raw(&page->html, " aria-label=\"");
    texts_fill(&page->html, page->language, TEXT_ORGANISATION_CHART,
               words_number((int64_t)bodies, one), words_number(work, two), NULL);
    html_raw(&page->html, "\">");
}

void orgchart_put(struct page *page, const char *region)
{
    size_t body_count = 0, work_count = 0;
    struct parts_row *bodies =
        parts_sorted(copy_kind(page->copy, region, KIND_BODY), parts_by_name, &body_count);
    struct parts_row *work =
        parts_sorted(copy_kind(page->copy, region, KIND_WERKPLAATS), parts_by_name, &work_count);
    const struct choice_row *level = NULL;
    int open = count_open(work, work_count), y = 0;
    begin(page, body_count, open, height_of(bodies, body_count, open));
    while ((level = choice_next(CHOICES_LEVEL, level)) != NULL) {
        y = put_level(page, bodies, body_count, level->word, y);
    }
    if (y > 0 && open > 0) {
        put_line(page, BODY_WIDTH / 2, y - BAND + BODY_HEIGHT, BODY_WIDTH / 2, y);
    }
    put_work(page, region, work, work_count, y);
    html_raw(&page->html, "</svg>");
    free(bodies);
    free(work);
}
