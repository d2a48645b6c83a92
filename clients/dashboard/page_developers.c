// For members' IT: doc/api.md, as a page.
#include "clients/dashboard/embedded.h"
#include "clients/dashboard/markdown.h"
#include "clients/dashboard/page.h"

#include <string.h>

void page_developers(struct page *page)
{
    html_raw(&page->html, "<h1 class=\"utrecht-heading-1\">");
    page_say(page, TEXT_TITLE_DEVELOPERS);
    html_raw(&page->html, "</h1><p class=\"lead\">");
    page_say(page, TEXT_DEVELOPERS_LEAD);
    html_raw(&page->html, " <a class=\"utrecht-link\" href=\"/v1/openapi.json\">OpenAPI</a></p>"
                          "<div class=\"guide\" lang=\"en\">");
    markdown_put_page(&page->html, strchr(embedded_GUIDE, '\n')); // its title is above
    html_raw(&page->html, "</div>");
}
