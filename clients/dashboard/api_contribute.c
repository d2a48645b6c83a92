// POST /v1/contributions: the way of the form for programs. JSON becomes the fields of a form, and
// then goes the same way through the same limits.
#include "clients/dashboard/api.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TYPE "application/json"

static bool is_json(const struct http_request *request)
{
    const char *type = http_header(request, "Content-Type");
    size_t size = strlen(TYPE);
    return type != NULL && strncasecmp(type, TYPE, size) == 0 &&
           (type[size] == '\0' || type[size] == ';' || type[size] == ' ');
}

// A program says nothing of where it comes from. A browser does, also for a page of another site.
static bool is_welcome(const struct http_request *request)
{
    bool tells =
        http_header(request, "Origin") != NULL || http_header(request, "Sec-Fetch-Site") != NULL;
    return !tells || contribute_is_from_here(request);
}

// Reading ---------------------------------------------------------------------------------------

// The name in the form of a field; NULL if there is none.
static const char *name_of(const char *field)
{
    if (strcmp(field, "id") == 0) {
        return "id";
    }
    for (int i = 0; i < INPUT_COUNT && field[0] != '\0'; i++) {
        const struct input_row *row = draft_input((enum input)i);
        if (strcmp(row->field, field) == 0) {
            return row->name;
        }
    }
    return NULL;
}

static void take_field(struct api_call *call, struct sent_form *form, const char *field,
                       const json_t *value)
{
    const char *name = name_of(field);
    if (name == NULL) {
        api_fault(call, field, "it is not known", "id, about, kind, text and sender");
    } else if (!json_is_string(value)) {
        api_fault(call, field, "it is no text", "a text");
    } else if (!form_put(form, name, json_string_value(value))) {
        api_fault(call, field, "it has characters that are no text", "lines of text");
    }
}

// "sender.name" of an object in the object.
static void take_fields(struct api_call *call, struct sent_form *form, const json_t *object,
                        const char *before)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char field[64];
        (void)snprintf(field, sizeof(field), "%s%s", before,
                       strlen(key) < 40 ? key : "..."); // it fits
        if (before[0] == '\0' && json_is_object(value) && strcmp(key, "sender") == 0) {
            take_fields(call, form, value, "sender.");
        } else {
            take_field(call, form, field, value);
        }
    }
}

static bool read_body(struct api_call *call, struct sent_form *form)
{
    const struct http_request *request = call->page.request;
    json_error_t error;
    uint64_t ms = 0;
    form->count = 0;
    json_t *body = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(body)) {
        api_fault(call, "body", body == NULL ? error.text : "it is no object", "a JSON object");
    } else {
        take_fields(call, form, body, "");
    }
    if (call->problem == PROBLEM_NONE && !seal_read_id(form_get(form, "id"), &ms)) {
        api_fault(call, "id", form_get(form, "id"), "a UUIDv7 of your own making");
    }
    json_decref(body);
    return call->problem == PROBLEM_NONE;
}

// Answering -------------------------------------------------------------------------------------

static void tell_fields(struct api_call *call, const struct draft *draft)
{
    for (int i = 0; i < INPUT_COUNT; i++) {
        if (draft->problems[i] != DRAFT_FINE) {
            api_fault(call, draft_input((enum input)i)->field,
                      draft->found[i] == NULL ? "what was given" : draft->found[i],
                      texts_of(ENGLISH, draft->problems[i]));
        }
    }
}

static void refuse(struct api_call *call, const struct draft *draft)
{
    switch ((int)draft->problem) { // the others are not of a draft as a whole
    case TEXT_PROBLEM_FIELDS:
        tell_fields(call, draft);
        return;
    case TEXT_PROBLEM_REFUSED:
        tell_fields(call, draft);
        (void)api_refuse(call, PROBLEM_REFUSED, "%s", "the daemon did not accept it");
        return;
    case TEXT_PROBLEM_MANY:
        http_more(call->response, "Retry-After", "%u", draft->minutes * 60);
        (void)api_refuse(call, PROBLEM_TOO_MANY, "too many are coming in; wait %u minutes",
                         draft->minutes);
        return;
    case TEXT_PROBLEM_SENT:
        (void)api_refuse(call, PROBLEM_CONFLICT, "%s",
                         "with this id something else was handed in; take a new id");
        return;
    case TEXT_PROBLEM_UNKNOWN:
        (void)api_refuse(call, PROBLEM_NO_ANSWER, "%s",
                         "whether it arrived is not known; send the same again");
        return;
    default:
        (void)api_refuse(call, PROBLEM_NO_ANSWER, "%s", "contributions cannot be taken in now");
    }
}

static json_t *receipt_of(struct api_call *call, const struct draft *draft)
{
    const char *about = draft->values[INPUT_ABOUT];
    struct http_response *response = call->response;
    (void)snprintf(response->location_room, sizeof(response->location_room),
                   API_PATH "/regions/%.*s/contributions/%s", (int)strcspn(about, "/"), about,
                   draft->id); // it fits
    response->location = response->location_room;
    call->status = 201;
    return json_pack("{s:s, s:I, s:b, s:s+}", "id", draft->id, "receipt", (json_int_t)draft->seq,
                     "duplicate", (int)draft->is_duplicate, "page", "/aandragen/", draft->id);
}

json_t *api_contribute(struct api_call *call)
{
    static struct sent_form form; // too large for the stack, and for this request alone
    struct draft draft;
    unsigned status = 0; // the problem says it
    json_t *made = NULL;
    if (!is_welcome(call->page.request)) {
        return api_refuse(call, PROBLEM_NOT_ALLOWED, "%s", "a page of another site may not");
    }
    if (!is_json(call->page.request)) {
        return api_refuse(call, PROBLEM_MEDIA_TYPE, "%s", "Content-Type: application/json");
    }
    if (read_body(call, &form)) {
        draft_read(&draft, &form);
        enum contributed done = contribute_take_draft(&call->site->contribute, call->page.copy,
                                                      call->page.request, &draft, &status);
        call->page.waits = done == CONTRIBUTED_WAIT;
        if (done == CONTRIBUTED_DONE) {
            made = receipt_of(call, &draft);
        } else if (done == CONTRIBUTED_AGAIN) {
            refuse(call, &draft);
        }
    }
    OPENSSL_cleanse(&form, sizeof(form)); // what people wrote is theirs
    return made;
}
