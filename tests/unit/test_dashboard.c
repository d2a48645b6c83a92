// What the dashboard writes is escaped in its context, and each path is the page that it should be.
#include "clients/dashboard/html.h"
#include "clients/dashboard/markdown.h"
#include "clients/dashboard/pages.h"
#include "clients/words/words.h"
#include "proto/tables.h"

// cmocka wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void expect_html(struct html *html, const char *expected)
{
    assert_false(html->failed);
    assert_string_equal(html->data == NULL ? "" : html->data, expected);
    html_finish(html);
}

static void text_and_attributes_are_escaped(void **state)
{
    (void)state;
    struct html html = {0};
    html_text(&html, "<b a=\"x\" b='y'>&amp;é");
    expect_html(&html, "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;é");
    html_attribute(&html, "title", "\" onclick=\"x");
    expect_html(&html, " title=\"&quot; onclick=&quot;x\"");
    html_paragraphs(&html, "een <\n\n\ntwee");
    expect_html(&html, "<p>een &lt;</p><p>twee</p>");
}

static void hidden_characters_become_marks(void **state)
{
    (void)state;
    struct html html = {0};
    html_text(&html, "a\u202eb\x1b[31mc\u2066\xef\xbb\xbf");
    expect_html(&html, "a[U+202E]b[U+001B][31mc[U+2066][U+FEFF]");
    html_text(&html, "\xc3(\xff\xe2\x82"); // not UTF-8
    expect_html(&html, "[U+0080]([U+0080][U+0080][U+0080]");
    html_text(&html, "\xe2\x82\xac");
    expect_html(&html, "€");
}

static void addresses_lead_to_the_web_or_to_this_site(void **state)
{
    (void)state;
    static const char *const safe[] = {"https://a/b?c=d", "HTTP://a", "/twente", "#gaps",
                                       "mailto:a@example.org"};
    static const char *const unsafe[] = {
        "javascript:alert(1)", "//evil", "/\\evil", "data:text/html,x",
        " https://a",          "",       "ftp://a"};
    for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
        assert_true(html_address_is_safe(safe[i]));
    }
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
        struct html html = {0};
        html_address(&html, "href", unsafe[i]);
        expect_html(&html, " href=\"#\"");
    }
}

static void markdown_is_safe_and_lies_below_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *html;
    } rows[] = {
        {"# Kop", "<h3>Kop</h3>\n"},
        {"###### Kop", "<h6>Kop</h6>\n"},
        {"**vet** [site](https://a.example)",
         "<p><strong>vet</strong> <a href=\"https://a.example\">site</a></p>\n"},
        {"[x](javascript:alert(1))", "<p>x</p>\n"},
        {"[x](/boos)", "<p>x</p>\n"},
        {"![beeld](data:image/png;base64,xx)", "<p>beeld</p>\n"},
        {"[![beeld](x.png)](javascript:x)", "<p>beeld</p>\n"},
        {"<script>alert(1)</script>", "<!-- raw HTML omitted -->\n"},
        {"a<img src=x onerror=y>", "<p>a<!-- raw HTML omitted --></p>\n"},
        {"a\u202eb `c\u202ed`", "<p>a[U+202E]b <code>c[U+202E]d</code></p>\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct html html = {0};
        markdown_put(&html, rows[i].markdown);
        expect_html(&html, rows[i].html);
    }
}

static void texts_are_filled_in_any_order(void **state)
{
    (void)state;
    struct html html = {0};
    texts_fill(&html, DUTCH, TEXT_NEED_DECISION_BY, "<Borne>", "2 mei", NULL);
    expect_html(&html, "een besluit van &lt;Borne&gt;, vóór 2 mei");
    for (int text = 0; text < TEXT_COUNT; text++) {
        assert_true(texts_of(DUTCH, (enum text)text)[0] != '\0');
        assert_true(texts_of(ENGLISH, (enum text)text)[0] != '\0');
        for (char c = '1'; c <= '6'; c++) {
            const char hole[] = {'{', c, '}', '\0'};
            assert_int_equal(strstr(texts_of(DUTCH, (enum text)text), hole) != NULL,
                             strstr(texts_of(ENGLISH, (enum text)text), hole) != NULL);
        }
    }
}

static void dates_and_amounts_read_as_people_write_them(void **state)
{
    (void)state;
    char room[WORDS_ROOM];
    assert_string_equal(words_date(DUTCH, "2015-Q3", room), "3e kwartaal 2015");
    assert_string_equal(words_date(DUTCH, "2015-03-09", room), "9 maart 2015");
    assert_string_equal(words_date(ENGLISH, "2015-03", room), "March 2015");
    assert_string_equal(words_date(ENGLISH, "2015", room), "2015");
    assert_string_equal(words_euros(DUTCH, 116002, room), "€\u00a01.160,02");
    assert_string_equal(words_euros(ENGLISH, 2360000000, room), "€23,600,000.00");
    assert_string_equal(words_euros(DUTCH, -5, room), "-€\u00a00,05");
    assert_string_equal(words_euros(DUTCH, INT64_MIN, room), "-€\u00a092.233.720.368.547.758,08");
}

static const char *name_of(const char *path, enum language *ret_language,
                           struct page_params *params)
{
    const struct page_row *row = pages_route(path, ret_language, params);
    return row == NULL ? "" : row->name;
}

static void each_path_is_its_page(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
        enum language language;
    } rows[] = {
        {"/", "REGIONS", DUTCH},
        {"/en", "REGIONS", ENGLISH},
        {"/twente", "REGION", DUTCH},
        {"/en/twente", "REGION", ENGLISH},
        {"/enschede", "REGION", DUTCH},
        {"/twente/werkplaats/riool-2", "WERKPLAATS", DUTCH},
        {"/gebeurtenis/812", "EVENT", DUTCH},
        {"/gebeurtenis/0", "", DUTCH},
        {"/gebeurtenis/01", "", DUTCH},
        {"/gebeurtenis/18446744073709551616", "", DUTCH},
        {"", "", DUTCH},
        {"twente", "", DUTCH},
        {"//twente", "", DUTCH},
        {"/twente/", "", DUTCH},
        {"/twente//werkplaats/x", "", DUTCH},
        {"/twente/werkplaats", "", DUTCH},
        {"/twente/werkplaats/x/y", "", DUTCH},
        {"/Twente", "", DUTCH},
        {"/-x", "", DUTCH},
        {"/..", "", DUTCH},
        {"/assets", "", DUTCH},
        {"/live", "", DUTCH},
        {"/en/en", "", ENGLISH},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum language language;
        struct page_params params;
        assert_string_equal(name_of(rows[i].path, &language, &params), rows[i].name);
        assert_int_equal(language, rows[i].language);
    }
}

static void a_path_gives_its_parameters(void **state)
{
    (void)state;
    enum language language;
    struct page_params params;
    assert_non_null(pages_route("/en/twente/werkplaats/riool", &language, &params));
    assert_int_equal(params.count, 2);
    assert_string_equal(params.rows[0].name, "region");
    assert_string_equal(params.rows[0].value, "twente");
    assert_string_equal(params.rows[1].name, "id");
    assert_string_equal(params.rows[1].value, "riool");
}

// A page that shows a region and is touched by nothing would never become new.
static void every_row_says_what_touches_it(void **state)
{
    (void)state;
    const struct page_row *row = NULL;
    while ((row = pages_next(row)) != NULL) {
        assert_int_equal(row->touch == TOUCH_NEVER, row->kinds == 0);
        assert_int_equal(row->touch == TOUCH_REGION || row->touch == TOUCH_ASKED,
                         strncmp(row->pattern, "/{region}", 9) == 0);
        assert_true(row->menu != MENU_REGION || strncmp(row->pattern, "/{region}", 9) == 0);
        assert_ptr_equal(pages_find(row->name), row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_attributes_are_escaped),
        cmocka_unit_test(hidden_characters_become_marks),
        cmocka_unit_test(addresses_lead_to_the_web_or_to_this_site),
        cmocka_unit_test(markdown_is_safe_and_lies_below_the_page),
        cmocka_unit_test(texts_are_filled_in_any_order),
        cmocka_unit_test(dates_and_amounts_read_as_people_write_them),
        cmocka_unit_test(each_path_is_its_page),
        cmocka_unit_test(a_path_gives_its_parameters),
        cmocka_unit_test(every_row_says_what_touches_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
