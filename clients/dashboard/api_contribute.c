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

// Of one field one fault is told.
static bool has_fault(const struct api_call *call, const char *field)
{
    size_t index = 0;
    const json_t *fault = NULL;
    bool has = false;
    json_array_foreach(call->faults, index, fault)
    {
        has = has || strcmp(json_string_value(json_object_get(fault, "field")), field) == 0;
    }
    return has;
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

// False if the body is no object: there are no fields to speak of then.
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
    if (json_is_object(body) && !has_fault(call, "id") &&
        !seal_read_id(form_get(form, "id"), &ms)) {
        const char *id = form_get(form, "id");
        api_fault(call, "id", id[0] == '\0' ? "nothing" : id, "a UUIDv7 of your own making");
    }
    bool is_object = json_is_object(body);
    json_decref(body);
    return is_object;
}

// Answering -------------------------------------------------------------------------------------

#define FOUND_MAX 60 // bytes of what was given that are told

// What was found in a field: the daemon's word, its size, or the beginning of it.
static void write_found(const struct draft *draft, enum input input, char ret_text[128])
{
    const char *value = draft->values[input];
    size_t size = strlen(value), shown = size > FOUND_MAX ? FOUND_MAX : size;
    while (shown < size && ((unsigned char)value[shown] & 0xC0) == 0x80) {
        shown--; // no half a letter
    }
    if (draft->found[input] != NULL) {
        (void)snprintf(ret_text, 128, "%s", draft->found[input]); // cut if it is long
    } else if (size == 0) {
        (void)snprintf(ret_text, 128, "nothing"); // it fits
    } else if (size > FOUND_MAX) {
        (void)snprintf(ret_text, 128, "%zu bytes: %.*s...", size, (int)shown, value); // it fits
    } else {
        (void)snprintf(ret_text, 128, "%s", value); // it fits
    }
}

static void write_choices(enum choices list, char ret_text[128])
{
    size_t size = 0;
    const struct choice_row *row = NULL;
    while ((row = choice_next(list, row)) != NULL && size < 128) {
        size += (size_t)snprintf(ret_text + size, 128 - size, "%s%s", size == 0 ? "" : ", ",
                                 row->word); // or it is cut
    }
}

// What would be right there.
static void write_accepted(const struct draft *draft, enum input input, char ret_text[128])
{
    switch ((int)draft->problems[input]) { // the others say it themselves
    case TEXT_PROBLEM_ABOUT:
        (void)snprintf(ret_text, 128, "a region, or region/kind/id, of what there is"); // it fits
        break;
    case TEXT_PROBLEM_KIND:
        write_choices(CHOICES_CONTRIBUTION, ret_text);
        break;
    case TEXT_PROBLEM_EMPTY:
        (void)snprintf(ret_text, 128, "a text"); // it fits
        break;
    case TEXT_PROBLEM_LONG:
        (void)snprintf(ret_text, 128, "at most %zu bytes",
                       draft_input(input)->bytes_max); // as well
        break;
    default:
        (void)snprintf(ret_text, 128, "%s", texts_of(ENGLISH, draft->problems[input])); // or cut
    }
}

static void tell_fields(struct api_call *call, const struct draft *draft)
{
    for (int i = 0; i < INPUT_COUNT; i++) {
        const char *field = draft_input((enum input)i)->field;
        char found[128], accepted[128];
        if (draft->problems[i] != DRAFT_FINE && !has_fault(call, field)) {
            write_found(draft, (enum input)i, found);
            write_accepted(draft, (enum input)i, accepted);
            api_fault(call, field, found, accepted);
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
        (void)api_refuse(call, PROBLEM_TOO_MANY, "too many are coming in; wait %u minute%s",
                         draft->minutes, draft->minutes == 1 ? "" : "s");
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
    bool has_fields = read_body(call, &form);
    draft_read(&draft, &form);
    if (has_fields && call->problem != PROBLEM_NONE && !draft_judge(&draft, call->page.copy)) {
        tell_fields(call, &draft); // all that is wrong, at once
    }
    if (call->problem == PROBLEM_NONE) {
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
