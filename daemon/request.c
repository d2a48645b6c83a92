#include "daemon/request.h"

#include "proto/schema.h"

static void take_as(struct request *request, const struct wire_value *value)
{
    request->as.role = wire_find_text(value->raw, "role");
    request->as.organisation = wire_find_text(value->raw, "organisation");
}

static void take_events(struct request *request, const struct wire_value *value)
{
    request->events = value->raw;
    request->event_count = value->count;
}

static void take_until(struct request *request, const struct wire_value *value)
{
    request->has_until = true;
    request->until = value->number;
}

static void take_at(struct request *request, const struct wire_value *value)
{
    request->has_at = true;
    request->at = value->number;
}

static void take_dry(struct request *request, const struct wire_value *value)
{
    request->dry = value->number != 0;
}

static void take_position(struct request *request, const struct wire_value *value)
{
    request->has_position = true;
    request->position = value->number;
}

static void take_remove(struct request *request, const struct wire_value *value)
{
    request->remove = value->number != 0;
}

// Where each field of GROUP_REQUEST goes.
static const struct {
    const char *name;
    size_t text, number; // offset + 1 in struct request; 0: not that type
    void (*take)(struct request *request, const struct wire_value *value);
} targets[] = {
#define TEXT(name)                                                                                 \
    {                                                                                              \
#name, offsetof(struct request, name) + 1, 0, NULL                                         \
    }
#define NUMBER(name)                                                                               \
    {                                                                                              \
#name, 0, offsetof(struct request, name) + 1, NULL                                         \
    }
    NUMBER(number),
    NUMBER(protocol),
    NUMBER(after),
    NUMBER(bytes),
    NUMBER(count),
    TEXT(region),
    TEXT(kind),
    TEXT(entity),
    TEXT(prefix),
    TEXT(from),
    TEXT(id),
    TEXT(member),
    TEXT(type),
    TEXT(key),
    TEXT(on),
    TEXT(name),
    TEXT(log),
    NUMBER(seq),
    {"as", 0, 0, take_as},
    {"events", 0, 0, take_events},
    {"until", 0, 0, take_until},
    {"at", 0, 0, take_at},
    {"dry", 0, 0, take_dry},
    {"position", 0, 0, take_position},
    {"remove", 0, 0, take_remove},
#undef TEXT
#undef NUMBER
};

static void take_field(struct request *request, const char *name, const struct wire_value *value)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (strcmp(targets[i].name, name) != 0) {
            continue;
        }
        char *base = (char *)request;
        if (targets[i].text != 0) {
            *(struct bytes *)(void *)(base + targets[i].text - 1) = value->bytes;
        } else if (targets[i].number != 0) {
            *(uint64_t *)(void *)(base + targets[i].number - 1) = value->number;
        } else {
            targets[i].take(request, value);
        }
        return;
    }
}

static void say(struct faults *faults, const char *field, const char *found, const char *accepted)
{
    fault_begin(faults, STATUS_MALFORMED, 0, field);
    fault_found(faults, "%s", found);
    fault_accepted(faults, "%s", accepted);
}

// Each field that is there must belong to the request, and each that it needs must be there.
static void read_fields(const struct schema_values *values, struct faults *faults,
                        struct request *request)
{
    struct fields fields = fields_of(GROUP_REQUEST);
    for (unsigned i = 0; i < fields.count; i++) {
        const char *name = fields.first[i].name;
        uint64_t bit = UINT64_C(1) << i;
        bool common = i < 3; // number, request, as
        if ((values->present >> i & 1) == 0) {
            if ((request->row->required & bit) != 0) {
                say(faults, name, "nothing", fields.first[i].help);
            }
        } else if (!common && ((request->row->required | request->row->optional) & bit) == 0) {
            say(faults, name, "a field that this request does not have", "the request without it");
        } else {
            take_field(request, name, &values->rows[i]);
        }
    }
}

// The requests of a socket, in words.
static void list_requests(enum request_socket socket, char names[200])
{
    strcpy(names, "one of");
    for (int number = REQUEST_POST; number <= REQUEST_LAST; number++) {
        const struct request_row *row = request_row((enum request_number)number);
        if (row->socket == socket && strlen(names) + strlen(row->name) + 2 < 200) {
            strcat(strcat(names, " "), row->name);
        }
    }
}

bool request_read(struct bytes body, enum request_socket socket, struct faults *faults,
                  struct request *ret_request)
{
    const char *reason;
    *ret_request = (struct request){0};
    if (body.size > REQUEST_BYTES_MAX) {
        fault_begin(faults, STATUS_TOO_BIG, 0, "");
        fault_found(faults, "a request of %zu bytes", body.size);
        fault_accepted(faults, "at most %d bytes", REQUEST_BYTES_MAX);
        return false;
    }
    if (!wire_check(body, &reason)) {
        say(faults, "", reason, "one MessagePack map with string keys, within the limits");
        return false;
    }
    struct wire_reader reader = wire_read(body);
    struct wire_value head;
    if (!wire_next(&reader, &head) || head.type != WIRE_MAP) {
        say(faults, "", "no map", "a map with number, request and what the request needs");
        return false;
    }
    struct schema_values values;
    ret_request->number = wire_find_number(body, "number");
    schema_check(GROUP_REQUEST, body, "", faults, &values);
    struct bytes name = wire_find_text(body, "request");
    ret_request->row = request_find(name);
    if (name.size == 0) {
        return false; // told already
    }
    if (ret_request->row == NULL || ret_request->row->socket != socket) {
        bool elsewhere = ret_request->row != NULL;
        char names[200];
        list_requests(socket, names);
        say(faults, "request", elsewhere ? "a request of the other socket" : "no such request",
            names);
        return false;
    }
    if (faults->count == 0) {
        read_fields(&values, faults, ret_request);
    }
    return faults->count == 0;
}

void answer_begin(struct wire_writer *writer, uint64_t number, enum status status, uint32_t pairs)
{
    wire_put_map(writer, 2 + pairs);
    wire_pair_uint(writer, "number", number);
    wire_pair_text(writer, "status", bytes_of(status_name(status)));
}

void answer_refuse(struct wire_writer *writer, uint64_t number, enum status status,
                   const struct faults *faults, int64_t index)
{
    bool told = faults != NULL && faults->count > 0, untold = told && faults->untold > 0;
    answer_begin(writer, number, status, 1u + told + untold + (index >= 0));
    wire_pair_text(writer, "message", bytes_of(status_sentence(status)));
    if (index >= 0) {
        wire_pair_uint(writer, "index", (uint64_t)index);
    }
    if (told) {
        wire_put_text(writer, bytes_of("faults"));
        faults_write(faults, writer);
    }
    if (untold) {
        wire_pair_uint(writer, "untold", faults->untold);
    }
}
