/*
 * post - posts a news item, and may be run again as often as one likes.
 *
 *     cc post.c $(pkg-config --cflags --libs libwaternet jansson) -o post
 *     ./post twente eerste-straat 2026-11-24 "Eerste straat open" "De eerste straat gaat open."
 *
 * Where the daemon is and who asks: WATERNET_RUNTIME, or over tcp WATERNET_KEY_FILE.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <waternet.h>

// The id comes from what the item is, so that running this twice posts one item. An event without
// an id would get a new one each time.
static char *news(struct waternet *connection, char **words)
{
    json_t *event =
        json_pack("{s:s, s:s+, s:s++, s:s++, s:s, s:{s:s, s:s}}", "specversion", "1.0", //
                  "type", waternet_type_prefix(connection), "news.published.v1",        //
                  "subject", words[0], "/news/", words[1], "id", words[0], "-news-", words[1], "on",
                  words[2], "data", "title", words[3], "summary", words[4]);
    char *text = event == NULL ? NULL : json_dumps(event, JSON_COMPACT);
    json_decref(event);
    return text;
}

// No answer leaves open whether the post got there. The same id again is always safe.
static enum waternet_status post_surely(struct waternet *connection, const char *event,
                                        struct waternet_answer **ret_answer)
{
    enum waternet_status status = WATERNET_NO_ANSWER;
    for (int tries = 0; tries < 5 && status == WATERNET_NO_ANSWER; tries++) {
        waternet_answer_free(ret_answer);
        status = waternet_post(connection, &event, 1, 0, ret_answer);
    }
    return status;
}

// What the daemon found, and what it would accept: everything that is wrong, at once.
static void print_faults(const json_t *answer)
{
    size_t index;
    json_t *fault;
    json_array_foreach(json_object_get(answer, "faults"), index, fault)
    {
        const char *field = "", *found = "", *accepted = "";
        (void)json_unpack(fault, "{s?s, s?s, s?s}", "field", &field, "found", &found, "accepted",
                          &accepted);
        fprintf(stderr, "%s: %s\n  would be accepted: %s\n", field, found, accepted);
    }
}

static void print_receipt(const json_t *answer)
{
    const json_t *receipt = json_array_get(json_object_get(answer, "receipts"), 0);
    printf("%lld %s%s\n", (long long)json_integer_value(json_object_get(receipt, "seq")),
           json_string_value(json_object_get(receipt, "id")),
           json_is_true(json_object_get(receipt, "duplicate")) ? " (was there already)" : "");
}

int main(int count, char **words)
{
    if (count != 6) {
        fprintf(stderr, "usage: post REGION NAME DAY TITLE SUMMARY\n");
        return 2;
    }
    struct waternet_options options = {.runtime_dir = getenv("WATERNET_RUNTIME"),
                                       .key_file = getenv("WATERNET_KEY_FILE")};
    struct waternet *connection;
    const char *problem;
    enum waternet_status status = waternet_open(&options, &connection, &problem);
    if (status != WATERNET_OK) {
        fprintf(stderr, "post: %s\n", problem);
        return waternet_status_exit(status);
    }
    char *event = news(connection, words + 1);
    struct waternet_answer *answer = NULL;
    status = event == NULL ? WATERNET_MALFORMED : post_surely(connection, event, &answer);
    json_t *told = answer == NULL ? NULL : json_loads(waternet_answer_json(answer), 0, NULL);
    if (status == WATERNET_OK) {
        print_receipt(told);
    } else {
        fprintf(stderr, "post: %s\n", waternet_status_sentence(status));
        print_faults(told);
    }
    json_decref(told);
    waternet_answer_free(&answer);
    free(event);
    waternet_close(&connection);
    return waternet_status_exit(status);
}
