/*
 * pages - the rows of pages.def: which path is which page, and what makes it stale.
 */
#ifndef DASHBOARD_PAGES_H
#define DASHBOARD_PAGES_H

#include "clients/dashboard/texts.h"
#include "proto/tables.h"

#include <stdbool.h>

struct page;

// The functions of the rows, each in a file of its name.
#define PAGE(NAME, pattern, function, ...) void function(struct page *page);
#include "clients/dashboard/pages.def"
#undef PAGE

enum page_touch { TOUCH_ALL, TOUCH_REGION, TOUCH_NEVER, TOUCH_ASKED };
enum page_menu { MENU_NONE, MENU_REGION, MENU_FOOT };

struct page_row {
    const char *name, *pattern;
    void (*render)(struct page *page);
    enum text title;
    enum page_touch touch;
    unsigned kinds; // bits 1 << KIND_...: of which an event makes it stale
    enum page_menu menu;
    const char *query; // names of parameters, with spaces between
};

#define PAGE_PARAMS_MAX 4
struct page_params {
    struct {
        char name[16], value[65];
    } rows[PAGE_PARAMS_MAX];
    unsigned count;
};

// Finds the row of a path, without its language ("/en/twente" is "/twente" in English). NULL if
// there is none.
const struct page_row *pages_route(const char *path, enum language *ret_language,
                                   struct page_params *ret_params);
// Walks the rows: start with NULL; NULL after the last.
const struct page_row *pages_next(const struct page_row *row);
const struct page_row *pages_find(const char *name);
// The page of one entity of a kind, "/{region}/werkplaats/{id}", where the word is any name that
// the kind has; NULL if there is none. And the kind of which a row is that page.
const struct page_row *pages_of_kind(enum kind kind);
enum kind pages_kind(const struct page_row *row);
// The kinds that make a page stale: those of its row and, where what was contributed about it is
// shown below it, contributions.
unsigned pages_kinds(const struct page_row *row);

#endif
