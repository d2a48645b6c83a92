/*
 * A document as CommonMark. Every text goes through write_text(), but for what stands here.
 */
#include "clients/report/report.h"

#include "proto/character.h"

#include <ctype.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

// Text -------------------------------------------------------------------------------------------

static bool is_blank(int32_t character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

// What has a meaning wherever it stands, here or in what people make of Markdown.
static bool is_mark(int32_t character)
{
    return character > 0 && character < 0x7f && strchr("\\`*_[]<>|~#${}", character) != NULL;
}

// "&amp;" and "&#42;", but not "B&W".
static bool begins_entity(const char *at)
{
    size_t size = *at == '&' ? strspn(at + 1, "#0123456789abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                             : 0;
    return size > 0 && at[1 + size] == ';';
}

// What makes an address out of plain text: "://" and "www.".
static bool makes_link(const char *begin, const char *at)
{
    bool www = *at == '.' && at - begin >= 3 && strncasecmp(at - 3, "www", 3) == 0;
    return www || strncmp(at, "://", 3) == 0;
}

// What makes a mail address out of plain text. Readers look for one in what is shown, so that a
// backslash does not help; between two pieces of text they find none.
static bool joins_mail(const char *begin, const char *at)
{
    return *at == '@' && at > begin && !is_blank(at[-1]) && at[1] != '\0' && !is_blank(at[1]);
}

// What begins a list or underlines a heading, at the beginning of a text.
static bool begins_block(const char *begin, const char *at)
{
    size_t digits = strspn(begin, "0123456789");
    return at == begin ? strchr("+-=", *at) != NULL
                       : (*at == '.' || *at == ')') && at == begin + digits;
}

// One line, whatever the text holds: a draft keeps no lines of its sources.
static void write_text(FILE *stream, const char *text)
{
    bool blank = false;
    text += strspn(text, " \t\n\v\f\r");
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        const char *from = (const char *)at;
        int32_t character = character_next(&at);
        if (is_blank(character)) {
            blank = true;
            continue;
        }
        if (blank) {
            (void)fputc(' ', stream);
            blank = false;
        }
        if (character_is_control(character) || character_is_layout(character)) {
            (void)fprintf(stream, "U+%04X", (unsigned)character);
            continue;
        }
        if (is_mark(character) || begins_entity(from) || makes_link(text, from) ||
            begins_block(text, from)) {
            (void)fputc('\\', stream);
        }
        (void)fputs(joins_mail(text, from) ? "<!-- -->" : "", stream);
        (void)fwrite(from, 1, (size_t)((const char *)at - from), stream);
    }
}

// "wat-er-nog-open-staat": where a heading can be linked to. Headings are ours.
static void write_anchor(FILE *stream, const char *title)
{
    for (; *title != '\0'; title++) {
        (void)fputc(*title == ' ' ? '-' : tolower((unsigned char)*title), stream);
    }
}

// " [[118]] [[119]]", which link to their sources by the definitions at the end.
static void write_events(FILE *stream, const json_t *object)
{
    size_t index = 0;
    json_t *seq = NULL;
    json_array_foreach(json_object_get(object, "events"), index, seq)
    {
        (void)fprintf(stream, " [[%" JSON_INTEGER_FORMAT "]]", json_integer_value(seq));
    }
}

// Blocks -----------------------------------------------------------------------------------------

static const char *title_of_section(const json_t *document, const char *name)
{
    size_t index = 0;
    json_t *section = NULL;
    json_array_foreach(json_object_get(document, "sections"), index, section)
    {
        if (strcmp(text_of(section, "section"), name) == 0) {
            return text_of(section, "title");
        }
    }
    return "";
}

static void write_head(FILE *stream, const json_t *document)
{
    size_t index = 0;
    json_t *item = NULL;
    (void)fputs("# ", stream);
    write_text(stream, text_of(document, "title"));
    (void)fputs("\n\n", stream);
    json_array_foreach(json_object_get(document, "notes"), index, item)
    {
        (void)fputs(index == 0 ? "> " : ">\n> ", stream);
        write_text(stream, json_string_value(item));
        (void)fputc('\n', stream);
    }
}

// Every number leads to the section that tells each of what it counts.
static void write_summary(FILE *stream, const json_t *document)
{
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(document, "summary"), index, item)
    {
        (void)fprintf(stream, "%s%s[%s](#", index == 0 ? "\n" : "", text_of(item, "before"),
                      text_of(item, "number"));
        write_anchor(stream, title_of_section(document, text_of(item, "section")));
        (void)fprintf(stream, ")%s", text_of(item, "behind"));
    }
    if (index > 0) {
        (void)fputc('\n', stream);
    }
    if (text_of(document, "nothing")[0] != '\0') {
        (void)fprintf(stream, "\n%s\n", text_of(document, "nothing"));
    }
}

static void write_row(FILE *stream, const json_t *cells, const json_t *row)
{
    size_t index = 0;
    json_t *cell = NULL;
    (void)fputs("  ", stream);
    json_array_foreach(cells, index, cell)
    {
        (void)fputs("| ", stream);
        write_text(stream, json_string_value(cell));
        if (index + 1 == json_array_size(cells)) {
            write_events(stream, row);
        }
        (void)fputc(' ', stream);
    }
    (void)fputs("|\n", stream);
}

// The second column has amounts.
static void write_table(FILE *stream, const json_t *table)
{
    const json_t *columns = json_object_get(table, "columns");
    size_t index = 0;
    json_t *row = NULL;
    if (columns == NULL) {
        return;
    }
    (void)fputc('\n', stream);
    write_row(stream, columns, NULL);
    (void)fputs("  ", stream);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        (void)fputs(i == 1 ? "| ---: " : "| --- ", stream);
    }
    (void)fputs("|\n", stream);
    json_array_foreach(json_object_get(table, "rows"), index, row)
    {
        write_row(stream, json_object_get(row, "cells"), row);
    }
}

static void write_detail(FILE *stream, const json_t *detail)
{
    const char *label = text_of(detail, "label");
    const char *url = text_of(detail, "url");
    (void)fputs("  - ", stream);
    if (label[0] != '\0') {
        (void)fputc('*', stream);
        write_text(stream, label);
        (void)fputs(label[strlen(label) - 1] == '?' ? "* " : ":* ", stream);
    }
    if (url[0] != '\0') {
        (void)fprintf(stream, "<%s>", url); // schema_is_url(): nothing in it ends that
    } else {
        write_text(stream, text_of(detail, "text"));
    }
    write_events(stream, detail);
    (void)fputc('\n', stream);
}

static void write_item(FILE *stream, const json_t *item)
{
    const char *title = text_of(item, "title");
    size_t index = 0;
    json_t *detail = NULL;
    (void)fputs("- ", stream);
    if (title[0] != '\0') {
        (void)fputs("**", stream);
        write_text(stream, title);
        (void)fputs(text_of(item, "text")[0] == '\0' ? "**" : "** ", stream);
    }
    write_text(stream, text_of(item, "text"));
    write_events(stream, item);
    (void)fputc('\n', stream);
    write_table(stream, json_object_get(item, "table"));
    json_array_foreach(json_object_get(item, "details"), index, detail)
    {
        write_detail(stream, detail);
    }
}

static void write_section(FILE *stream, const json_t *section)
{
    size_t index = 0;
    size_t inner = 0;
    json_t *group = NULL;
    json_t *item = NULL;
    (void)fprintf(stream, "\n## %s\n", text_of(section, "title"));
    json_array_foreach(json_object_get(section, "groups"), index, group)
    {
        if (text_of(group, "title")[0] != '\0') {
            (void)fputs("\n### ", stream);
            write_text(stream, text_of(group, "title"));
            (void)fputc('\n', stream);
        }
        (void)fputc('\n', stream);
        bool after_table = false;
        json_array_foreach(json_object_get(group, "items"), inner, item)
        {
            (void)fputs(after_table ? "\n" : "", stream);
            write_item(stream, item);
            after_table = json_object_get(item, "table") != NULL;
        }
    }
}

static void write_sources(FILE *stream, const json_t *document)
{
    const json_t *sources = json_object_get(document, "sources");
    size_t index = 0;
    size_t inner = 0;
    json_t *source = NULL;
    json_t *line = NULL;
    if (json_array_size(sources) == 0) {
        return;
    }
    (void)fprintf(stream, "\n## %s\n", text_of(document, "sources_title"));
    json_array_foreach(sources, index, source)
    {
        (void)fprintf(stream, "\n#### %s\n\n", text_of(source, "title"));
        json_array_foreach(json_object_get(source, "lines"), inner, line)
        {
            (void)fputs(inner == 0 ? "" : " ", stream);
            write_text(stream, json_string_value(line));
        }
        (void)fputc('\n', stream);
    }
    (void)fputc('\n', stream);
    json_array_foreach(sources, index, source)
    {
        (void)fprintf(stream, "[%" JSON_INTEGER_FORMAT "]: #",
                      json_integer_value(json_object_get(source, "seq")));
        write_anchor(stream, text_of(source, "title"));
        (void)fputc('\n', stream);
    }
}

void report_markdown(const json_t *document, FILE *stream)
{
    size_t index = 0;
    json_t *section = NULL;
    write_head(stream, document);
    write_summary(stream, document);
    json_array_foreach(json_object_get(document, "sections"), index, section)
    {
        write_section(stream, section);
    }
    write_sources(stream, document);
}
