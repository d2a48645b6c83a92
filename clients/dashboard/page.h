/*
 * page - what a page's function gets, and what it writes with.
 *
 *     pages.def -> pages_route() -> page_<name>(page) -> page->html: the inside of <main>
 *
 * A function only reads the copy and writes. The copy is that of now or, with ?on= or ?at=, one of
 * that moment: the function is the same, its links keep the moment, its questions are about it.
 * What the copy does not have (the past, one event, a
 * what-if) it asks with page_ask(): while the answer is on its way that gives NULL and the function
 * is called again from the start when it has come, so it just goes on as if there were nothing.
 */
#ifndef DASHBOARD_PAGE_H
#define DASHBOARD_PAGE_H

#include "clients/dashboard/copy.h"
#include "clients/dashboard/pages.h"
#include "clients/words/words.h"

#define PAGE_ABOUT 176 // room of "region/kind/id"

struct asks;
struct moment;
struct draft;
struct http_request;

// What the organisation that runs the site says of itself; NULL where it has not.
struct operator_facts {
    const char *organisation, *contact;
};

struct page {
    const struct page_row *row;
    enum language language;
    struct page_params params;
    const struct copy *copy;
    struct asks *asks, *jobs;           // NULL: nothing can be asked
    const struct moment *moment;        // of the copy; NULL: now
    const struct http_request *request; // for its query
    struct html html;                   // what is written
    const struct draft *draft;          // of the contribution that is being written; or NULL
    struct operator_facts facts;        // who runs this site
    char title[256];                    // of the window; without one that of the row
    char about[PAGE_ABOUT];             // what it is about: "region", "region/kind/id" or ""
    unsigned status;                    // 0: fine
    bool waits, lacks;                  // for an answer; an answer that cannot be had now
    bool once;                          // made for this reader alone, not to be kept
};

// The value of {name} in the row's pattern; "" if there is none.
const char *page_param(const struct page *page, const char *name);
// gate_who() of the reader.
uint64_t page_who(const struct page *page);
// A parameter of the query that the row names; NULL if it was not given.
const char *page_query(const struct page *page, const char *name);
// There is no such thing: the page becomes the one that says so.
void page_not_found(struct page *page);

// The answer to a question of proto/README.md, whose object is given over. NULL: none yet, or none
// to be had (page->lacks, say TEXT_NOT_AVAILABLE). Lent until the function returns.
enum ask_lasting { ASK_UNTIL_NEXT_EVENT, ASK_FOR_GOOD };
const json_t *page_ask(struct page *page, json_t *request, enum ask_lasting lasting);
// The same for a job of jobs.def. Whatever its answer depends on besides has to stand in it. One
// that cannot be had makes the page one that says so, with its status.
const json_t *page_job(struct page *page, json_t *job);
// The answer to a job came to nothing: the page becomes the one that says so.
void page_comes_to_nothing(struct page *page);

// Writing ---------------------------------------------------------------------------------------

void page_say(struct page *page, enum text text);
void page_title(struct page *page, const char *title);
// ` href="..."` of a path of this site, in the page's language.
__attribute__((format(printf, 2, 3))) void page_href(struct page *page, const char *format, ...);
// "<h2 id=...>text</h2>"
void page_heading(struct page *page, const char *id, enum text text);

#endif
