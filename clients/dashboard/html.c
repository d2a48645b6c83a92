#include "clients/dashboard/html.h"

#include "clients/dashboard/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_ROOM 4096

void html_finish(struct html *html)
{
    free(html->data);
    *html = (struct html){0};
}

void html_put_safe(struct html *html, const char *safe, size_t size)
{
    if (!html->failed && html->room - html->size <= size) {
        size_t room = html->room == 0 ? FIRST_ROOM : html->room;
        while (room - html->size <= size) {
            room *= 2;
        }
        char *data = realloc(html->data, room);
        html->failed = data == NULL;
        html->data = data == NULL ? html->data : data;
        html->room = data == NULL ? html->room : room;
    }
    if (!html->failed) {
        memcpy(html->data + html->size, safe, size);
        html->size += size;
        html->data[html->size] = '\0';
    }
}

void html_put_literal(struct html *html, const char *literal, size_t size)
{
    html_put_safe(html, literal, size);
}

void html_html(struct html *html, const struct html *part)
{
    html->failed |= part->failed;
    if (part->size > 0) {
        html_put_safe(html, part->data, part->size);
    }
}

// Escaping --------------------------------------------------------------------------------------

// Characters that change what people see without being seen.
static bool is_hidden(uint32_t number)
{
    return (number < 0x20 && number != '\n' && number != '\t') ||
           (number >= 0x7f && number < 0xa0) || number == 0x061c || number == 0x200e ||
           number == 0x200f || (number >= 0x202a && number <= 0x202e) ||
           (number >= 0x2066 && number <= 0x2069) || number == 0xfeff || number == 0x2028 ||
           number == 0x2029 || (number >= 0xe0000 && number <= 0xe007f) ||
           (number & 0xfffe) == 0xfffe;
}

static const char *entity_of(uint32_t number)
{
    switch (number) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_characters(struct html *html, const char *text, size_t size, bool escape)
{
    size_t taken = 0;
    for (size_t i = 0; i < size; i += taken) {
        uint32_t number = utf8_read(text + i, size - i, &taken);
        number = number == UTF8_NONE ? 0x80 : number; // shown as a mark
        const char *entity = escape ? entity_of(number) : NULL;
        char mark[16];
        if (is_hidden(number)) {
            (void)snprintf(mark, sizeof(mark), "[U+%04X]", (unsigned)number); // it fits
            entity = mark;
        }
        html_put_safe(html, entity == NULL ? text + i : entity,
                      entity == NULL ? taken : strlen(entity));
    }
}

void html_text_size(struct html *html, const char *text, size_t size)
{
    put_characters(html, text, size, true);
}

void html_visible(struct html *html, const char *text)
{
    if (text != NULL) {
        put_characters(html, text, strlen(text), false);
    }
}

void html_text(struct html *html, const char *text)
{
    if (text != NULL) {
        html_text_size(html, text, strlen(text));
    }
}

void html_number(struct html *html, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)number); // it fits
    html_put_safe(html, text, strlen(text));
}

void html_paragraphs(struct html *html, const char *text)
{
    while (text != NULL && *text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t size = end == NULL ? strlen(text) : (size_t)(end - text);
        html_raw(html, "<p>");
        html_text_size(html, text, size);
        html_raw(html, "</p>");
        text = end == NULL ? NULL : end + strspn(end, "\n");
    }
}

// Attributes ------------------------------------------------------------------------------------

void html_attribute(struct html *html, const char *name, const char *value)
{
    html_put_safe(html, " ", 1);
    html_put_safe(html, name, strlen(name));
    html_raw(html, "=\"");
    html_text(html, value);
    html_raw(html, "\"");
}

void html_attribute_number(struct html *html, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)value); // it fits
    html_attribute(html, name, text);
}

bool html_address_is_safe(const char *address)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strncasecmp(address, schemes[i], strlen(schemes[i])) == 0) {
            return true;
        }
    }
    // "//host" and "/\host" would be another site.
    return address[0] == '#' || (address[0] == '/' && address[1] != '/' && address[1] != '\\');
}

void html_address(struct html *html, const char *name, const char *address)
{
    html_attribute(html, name, address != NULL && html_address_is_safe(address) ? address : "#");
}
