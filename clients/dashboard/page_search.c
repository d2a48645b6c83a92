// Search over all regions: what has every word of the question, by kind, each in its context.
#include "clients/dashboard/parts.h"
#include "clients/dashboard/search.h"

#include <string.h>

#define AROUND 90 // bytes of text before and after a word

// As far as a whole character, and if there is one near, a whole word.
static size_t begin_near(const char *text, size_t at)
{
    size_t begin = at > AROUND ? at - AROUND : 0;
    for (size_t i = begin; begin > 0 && i < at; i++) {
        if (text[i] == ' ' || text[i] == '\n') {
            return i + 1;
        }
    }
    while (begin > 0 && ((unsigned char)text[begin] & 0xc0) == 0x80) {
        begin--;
    }
    return begin;
}

static size_t end_near(const char *text, size_t at)
{
    size_t size = strlen(text), end = size - at > AROUND ? at + AROUND : size;
    for (size_t i = end; end < size && i > at; i--) {
        if (text[i] == ' ' || text[i] == '\n') {
            return i;
        }
    }
    while (end < size && ((unsigned char)text[end] & 0xc0) == 0x80) {
        end++;
    }
    return end;
}

// The first of the words from `at` on that ends before `end`.
static bool find_any(const struct fold_words *words, const char *text, size_t at, size_t end,
                     size_t *ret_begin, size_t *ret_end)
{
    bool found = false;
    for (size_t i = 0; i < words->count; i++) {
        size_t begin_here = 0, end_here = 0;
        if (fold_find(text, at, words->words[i], &begin_here, &end_here) && end_here <= end &&
            (!found || begin_here < *ret_begin)) {
            *ret_begin = begin_here;
            *ret_end = end_here;
            found = true;
        }
    }
    return found;
}

// [at, end) of the text with the words marked.
static void put_marked(struct page *page, const struct fold_words *words, const char *text,
                       size_t at, size_t end)
{
    size_t begin_word = 0, end_word = 0;
    while (find_any(words, text, at, end, &begin_word, &end_word)) {
        html_text_size(&page->html, text + at, begin_word - at);
        html_raw(&page->html, "<mark>");
        html_text_size(&page->html, text + begin_word, end_word - begin_word);
        html_raw(&page->html, "</mark>");
        at = end_word;
    }
    html_text_size(&page->html, text + at, end - at);
}

static void put_context(struct page *page, const struct fold_words *words, const char *text)
{
    size_t begin = 0, end = 0;
    if (text == NULL || !find_any(words, text, 0, strlen(text), &begin, &end)) {
        return;
    }
    size_t from = begin_near(text, begin), to = end_near(text, end);
    html_raw(&page->html, "<p>");
    html_text(&page->html, from > 0 ? "… " : "");
    put_marked(page, words, text, from, to);
    html_text(&page->html, text[to] != '\0' ? " …" : "");
    html_raw(&page->html, "</p>");
}

static void put_hit(struct page *page, enum kind kind, const struct fold_words *words,
                    const struct search_hit *hit)
{
    const char *name = parts_name(page, hit->region, kind, hit->id);
    html_raw(&page->html, "<li><h3><a class=\"utrecht-link\"");
    parts_href(page, hit->region, kind, hit->id);
    html_raw(&page->html, ">");
    put_marked(page, words, name, 0, strlen(name));
    html_raw(&page->html, "</a></h3><p class=\"meta\">");
    if (kind != KIND_REGION) {
        html_text(&page->html, parts_name(page, hit->region, KIND_REGION, hit->region));
        html_raw(&page->html, " ");
    }
    parts_fact(page, hit->version);
    html_raw(&page->html, "</p>");
    put_context(page, words, hit->where);
    html_raw(&page->html, "</li>");
}

// Returns how many were found.
static unsigned put_kind(struct page *page, enum kind kind, const struct fold_words *words)
{
    char shown[WORDS_ROOM], all[WORDS_ROOM];
    struct search_kind found;
    search_kind(page->copy, kind, words, &found);
    if (found.found == 0) {
        return 0;
    }
    html_raw(&page->html, "<section><h2 class=\"utrecht-heading-2\"");
    html_attribute(&page->html, "id", kind_row(kind)->plural);
    html_raw(&page->html, ">");
    html_text(&page->html,
              page->language == DUTCH ? kind_row(kind)->plural_nl : kind_row(kind)->plural);
    html_raw(&page->html, " <span class=\"count\">");
    html_number(&page->html, found.found);
    html_raw(&page->html, "</span></h2><ul class=\"hits\">");
    for (unsigned i = 0; i < found.shown; i++) {
        put_hit(page, kind, words, &found.hits[i]);
    }
    html_raw(&page->html, "</ul>");
    if (found.shown < found.found) {
        html_raw(&page->html, "<p class=\"meta\">");
        texts_fill(&page->html, page->language, TEXT_SEARCH_MORE, words_number(found.shown, shown),
                   words_number(found.found, all), NULL);
        html_raw(&page->html, "</p>");
    }
    html_raw(&page->html, "</section>");
    return found.found;
}

void page_search(struct page *page)
{
    static const enum kind order[] = {KIND_WERKPLAATS,   KIND_NEWS,  KIND_GOAL,
                                      KIND_MEMBER,       KIND_BODY,  KIND_PARTNER,
                                      KIND_CONTRIBUTION, KIND_REGION};
    const char *question = page_query(page, "q");
    struct fold_words words;
    unsigned found = 0;
    fold_read(&words, question == NULL ? "" : question);
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_SEARCH);
    html_raw(&page->html, "</h1>");
    if (words.count == 0) {
        html_raw(&page->html, "<p class=\"lead\">");
        page_say(page, TEXT_SEARCH_LEAD);
        html_raw(&page->html, "</p>");
        return;
    }
    page->once = strlen(question) > FOLD_WORD_BYTES; // questions of strangers fill no memory
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        found += put_kind(page, order[i], &words);
    }
    if (found == 0) {
        html_raw(&page->html, "<p class=\"lead\">");
        texts_fill(&page->html, page->language, TEXT_SEARCH_NONE, question, NULL);
        html_raw(&page->html, "</p>");
    }
}
