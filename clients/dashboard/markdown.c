#include "clients/dashboard/markdown.h"

#include <cmark.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADING_LOWER 2
#define HEADING_LOWEST 6

static bool is_web(const char *url)
{
    return url != NULL &&
           (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0);
}

// What an image or a link to elsewhere says stays; where it leads goes.
static void unwrap(cmark_node *node)
{
    cmark_node *child = NULL;
    while ((child = cmark_node_first_child(node)) != NULL) {
        (void)cmark_node_insert_before(node, child); // moves it; inline beside inline always fits
    }
    cmark_node_free(node);
}

static void apply_policy(cmark_node *root, int lower)
{
    cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event = CMARK_EVENT_NONE;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (event == CMARK_EVENT_ENTER && type == CMARK_NODE_HEADING) {
            int level = cmark_node_get_heading_level(node) + lower;
            (void)cmark_node_set_heading_level(node,
                                               level > HEADING_LOWEST ? HEADING_LOWEST : level);
        } else if (event == CMARK_EVENT_EXIT &&
                   (type == CMARK_NODE_IMAGE ||
                    (type == CMARK_NODE_LINK && !is_web(cmark_node_get_url(node))))) {
            unwrap(node); // on the way out, so that the iterator has passed it
        }
    }
    cmark_iter_free(iter);
}

// Text nodes hold what people wrote; the marks of hidden characters go into them before rendering.
static void show_hidden(cmark_node *root)
{
    cmark_iter *iter = cmark_iter_new(root);
    while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (type != CMARK_NODE_TEXT && type != CMARK_NODE_CODE && type != CMARK_NODE_CODE_BLOCK) {
            continue;
        }
        struct html shown = {0};
        html_visible(&shown, cmark_node_get_literal(node));
        if (shown.data != NULL) {
            (void)cmark_node_set_literal(node, shown.data); // without memory it stays as it was
        }
        html_finish(&shown);
    }
    cmark_iter_free(iter);
}

static void put(struct html *html, const char *text, int lower)
{
    cmark_node *root = cmark_parse_document(text, strlen(text), CMARK_OPT_DEFAULT);
    if (root == NULL) {
        html->failed = true;
        return;
    }
    apply_policy(root, lower);
    show_hidden(root);
    char *made = cmark_render_html(root, CMARK_OPT_DEFAULT); // safe: raw HTML is left out
    cmark_node_free(root);
    if (made != NULL) {
        html_put_safe(html, made, strlen(made));
    }
    html->failed |= made == NULL;
    free(made);
}

void markdown_put(struct html *html, const char *text)
{
    put(html, text, HEADING_LOWER);
}

void markdown_put_page(struct html *html, const char *text)
{
    put(html, text, 0);
}
