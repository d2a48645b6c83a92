#include "clients/dashboard/reply.h"

#include "clients/dashboard/zip.h"
#include "proto/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZIP_FROM 1000 // smaller is not worth it
#define TAG_DIGITS 32

static bool has_tag(const char *tags, const char *tag)
{
    return tags != NULL && (strcmp(tags, "*") == 0 || strstr(tags, tag) != NULL);
}

bool reply_is_known(const struct http_request *request, struct http_response *response,
                    const char *data, size_t size)
{
    const struct hash hash = hash_of((struct bytes){data, size});
    char hex[2 * HASH_BYTES + 1], tag[TAG_DIGITS + 3];
    hash_hex(&hash, hex);
    // Weak: gzip or not, it is the same.
    (void)snprintf(tag, sizeof(tag), "\"%.*s\"", TAG_DIGITS, hex); // it fits
    http_more(response, "ETag", "W/%s", tag);
    if (!has_tag(http_header(request, "If-None-Match"), tag)) {
        return false;
    }
    static char nothing[] = "";
    response->status = 304;
    response->body = nothing;
    response->size = 0;
    response->is_lent = true;
    response->is_gzip = false;
    return true;
}

enum http_reply reply_text(struct http_response *response, unsigned status, char *text)
{
    response->status = status;
    response->type = "text/plain; charset=utf-8";
    response->body = text;
    response->size = strlen(text);
    response->is_lent = true;
    return HTTP_REPLY;
}

enum http_reply reply_body(const struct http_request *request, struct http_response *response,
                           unsigned status, const char *type, char *body, size_t size)
{
    static char no_memory[] = "No memory.\n";
    if (body == NULL) {
        return reply_text(response, 503, no_memory);
    }
    response->type = type;
    if (status == 200 && reply_is_known(request, response, body, size)) {
        free(body);
        return HTTP_REPLY;
    }
    response->status = status;
    response->body = body;
    response->size = size;
    if (request->takes_gzip && size > ZIP_FROM) {
        char *zipped = zip_bytes(body, size, &response->size);
        response->size = zipped == NULL ? size : response->size;
        if (zipped != NULL) {
            free(body);
            response->body = zipped;
            response->is_gzip = true;
        }
    }
    return HTTP_REPLY;
}
