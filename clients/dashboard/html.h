/*
 * html - a writer of HTML that always escapes.
 *
 * Each context has its own function: text, attribute, address. Only literals of the program get in
 * unescaped, which html_raw() makes sure of. Characters that nobody sees but that turn text around
 * (bidi controls) or steer a terminal come out as visible marks. Failing (no memory) is sticky.
 */
#ifndef DASHBOARD_HTML_H
#define DASHBOARD_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct html {
    char *data; // closed by a zero; NULL if nothing was written
    size_t size, room;
    bool failed;
};

// A zeroed struct is an empty one.
void html_finish(struct html *html);

#define html_raw(html, literal) html_put_literal((html), "" literal "", sizeof(literal) - 1)
void html_put_literal(struct html *html, const char *literal, size_t size);
// What another writer of HTML has made.
void html_html(struct html *html, const struct html *part);
void html_put_safe(struct html *html, const char *safe,
                   size_t size); // made by this program's parts

void html_text(struct html *html, const char *text); // NULL: nothing
void html_text_size(struct html *html, const char *text, size_t size);
// Only the visible marks, nothing escaped: for another writer that escapes by itself.
void html_visible(struct html *html, const char *text);
void html_number(struct html *html, int64_t number);
// Text with blank lines between paragraphs, as <p> of each.
void html_paragraphs(struct html *html, const char *text);

// ` name="value"`, with a space before it; the name is a literal.
void html_attribute(struct html *html, const char *name, const char *value);
void html_attribute_number(struct html *html, const char *name, int64_t value);
// The same for an address. Only http, https and mailto, and paths of this site: others become "#".
void html_address(struct html *html, const char *name, const char *address);
bool html_address_is_safe(const char *address);

#endif
