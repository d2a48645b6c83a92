#include "clients/dashboard/pages.h"

#include <string.h>

#define K(NAME) (1u << KIND_##NAME)
#define ANY (~0u)

static const struct page_row rows[] = {
#define PAGE(NAME, pattern, function, title, touch, kinds, menu, query)                            \
    {#NAME, pattern, function, TEXT_##title, TOUCH_##touch, kinds, MENU_##menu, query},
#include "clients/dashboard/pages.def"
#undef PAGE
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

// First words of a path that are no region.
static const char *const reserved[] = {"en", "assets", "live", "v1", "metrics", "healthz"};

static bool is_id(const char *text, size_t size)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return size > 0 && size <= 64 && text[0] != '-' && strspn(text, allowed) >= size;
}

static bool is_number(const char *text, size_t size)
{
    return size > 0 && size <= 19 && text[0] != '0' && strspn(text, "0123456789") >= size;
}

// One part of the pattern, "{name}" or a word, against one of the path.
static bool fits(const char *pattern, size_t pattern_size, const char *part, size_t size,
                 struct page_params *params)
{
    if (pattern[0] != '{') {
        return pattern_size == size && strncmp(pattern, part, size) == 0;
    }
    bool is_seq = strncmp(pattern, "{seq}", pattern_size) == 0;
    if (params->count == PAGE_PARAMS_MAX || !(is_seq ? is_number(part, size) : is_id(part, size))) {
        return false;
    }
    memcpy(params->rows[params->count].name, pattern + 1, pattern_size - 2);
    memcpy(params->rows[params->count++].value, part, size);
    return true;
}

static bool match(const char *pattern, const char *path, struct page_params *ret_params)
{
    *ret_params = (struct page_params){0};
    while (*pattern == '/' && *path == '/') {
        size_t pattern_size = strcspn(++pattern, "/"), size = strcspn(++path, "/");
        if ((pattern_size > 0 || size > 0) &&
            !fits(pattern, pattern_size, path, size, ret_params)) {
            return false;
        }
        pattern += pattern_size;
        path += size;
    }
    return *pattern == '\0' && *path == '\0';
}

static bool is_reserved(const char *path)
{
    size_t size = strcspn(path + 1, "/");
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strlen(reserved[i]) == size && strncmp(path + 1, reserved[i], size) == 0) {
            return true;
        }
    }
    return false;
}

const struct page_row *pages_route(const char *path, enum language *ret_language,
                                   struct page_params *ret_params)
{
    bool english = strncmp(path, "/en", 3) == 0 && (path[3] == '/' || path[3] == '\0');
    *ret_language = english ? ENGLISH : DUTCH;
    path = !english ? path : path[3] == '\0' ? "/" : path + 3;
    if (path[0] != '/' || is_reserved(path)) {
        return NULL;
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (match(rows[i].pattern, path, ret_params)) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct page_row *pages_next(const struct page_row *row)
{
    const struct page_row *next = row == NULL ? rows : row + 1;
    return next < rows + ROW_COUNT ? next : NULL;
}

const struct page_row *pages_find(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

enum kind pages_kind(const struct page_row *row)
{
    static const char before[] = "/{region}/", after[] = "/{id}";
    const char *word = row->pattern + sizeof(before) - 1;
    if (strncmp(row->pattern, before, sizeof(before) - 1) != 0) {
        return KIND_NONE;
    }
    size_t size = strcspn(word, "/");
    for (int kind = 1; kind <= KIND_LAST && strcmp(word + size, after) == 0; kind++) {
        const struct kind_row *known = kind_row((enum kind)kind);
        const char *names[] = {known->name, known->plural, known->label_nl, known->plural_nl};
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (strlen(names[i]) == size && strncmp(names[i], word, size) == 0) {
                return (enum kind)kind;
            }
        }
    }
    return KIND_NONE;
}

const struct page_row *pages_of_kind(enum kind kind)
{
    for (size_t i = 0; i < ROW_COUNT && kind != KIND_NONE; i++) {
        if (pages_kind(&rows[i]) == kind) {
            return &rows[i];
        }
    }
    return NULL;
}

unsigned pages_kinds(const struct page_row *row)
{
    return row->kinds | (pages_kind(row) == KIND_NONE ? 0 : K(CONTRIBUTION));
}
