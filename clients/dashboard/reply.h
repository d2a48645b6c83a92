/*
 * reply - how a body is sent: in gzip where that is worth it, with a tag by which a client that has
 * it already is told only that.
 */
#ifndef DASHBOARD_REPLY_H
#define DASHBOARD_REPLY_H

#include "clients/dashboard/http.h"

// The body is given over; NULL: there was no memory for it.
enum http_reply reply_body(const struct http_request *request, struct http_response *response,
                           unsigned status, const char *type, char *body, size_t size);
// A text that lives for good.
enum http_reply reply_text(struct http_response *response, unsigned status, char *text);

// Gives the response the tag of these bytes. True: the client has them already, and the response
// has become one without a body (what body it had is the caller's to free).
bool reply_is_known(const struct http_request *request, struct http_response *response,
                    const char *data, size_t size);

#endif
