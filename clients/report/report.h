/*
 * report - a draft of the yearly report or newsletter of a region, out of the log.
 *
 *     gather -> section_*.c -> document -> markdown
 *
 * Everything is read at one position of the log. What counts are the events whose own day (`on`, of
 * a period its last day, or else the day of `time`) lies in the period, but for those that were
 * corrected: their corrections count, by their own day. What is open is as it stood on the period's
 * last day.
 *
 * The document is JSON, for a program as for markdown, and for a page:
 *
 *     {"region", "name", "from", "to", "language", "audience", "head", "title",
 *      "notes": [text], "summary": [{"text", "before", "number", "behind", "count", "section",
 *                                    "events"}],  (before + number + behind of all are one text)
 *      "sections": [{"section", "title", "groups": [{"title"?, "items": [item]}]}],
 *      "nothing": text?, "sources_title",
 *      "sources": [{"seq", "title", "lines": [text], "time", "on"?, "onbasis"?, "ontext"?, "type",
 *                   "subject", "citation"?, "reference"?, "corrects"?, "id", "leafhash"}]}
 *     item: {"title"?, "text", "events": [seq], "details": [{"label"?, "text"?, "url"?,
 * "events"}]?, "table": {"columns": [text], "rows": [{"cells": [text], "events"}]}?}
 *
 * The title of an item is the beginning of its first sentence. Texts are plain: whoever shows them
 * makes them safe for where they go. Each item tells the numbers of the events that it comes from.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "clients/lib/waternet.h"
#include "clients/words/words.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

// Where others wait for it, how much of it there may be; beyond that it is WATERNET_TOO_BIG.
struct report_bounds {
    size_t period;  // events in the period
    size_t log;     // events of the region
    int64_t end_ms; // it stops there, of the clock that does not jump
    bool is_long;   // told: there are too many in the period
};

struct report_options {
    const char *region;
    const char *from, *to; // days: 2025-01-01
    enum language language;
    bool members;                 // what is visible for members only too
    struct report_bounds *bounds; // NULL: none
};

// Composes it. On WATERNET_OK the caller ends *ret_document; on any other status *ret_answer, if it
// is not NULL, is the daemon's answer that says why, which the caller frees. WATERNET_NOT_FOUND:
// there is no such region. WATERNET_FAILED: an answer that cannot be read. WATERNET_TOO_BIG without
// an answer: beyond a bound.
enum waternet_status report_compose(struct waternet *connection,
                                    const struct report_options *options, json_t **ret_document,
                                    struct waternet_answer **ret_answer);

// Writes a document as CommonMark, with tables as GitHub has them. No text of an event can become
// markup, a link or a direction of text; the addresses of an event's `url` and `document` are
// links.
void report_markdown(const json_t *document, FILE *stream);

#endif
