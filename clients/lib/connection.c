#include "clients/lib/client.h"

#include "proto/schema.h"

#include <errno.h>
#include <stdlib.h>

// How long a daemon that nobody has heard of may take to come: it may just be starting.
#define ABSENT_MS 1000

// Asking ----------------------------------------------------------------------------------------

bool as_read(struct bytes text, struct client_as *ret_as)
{
    struct client_as as = {0};
    const char *colon = text.size == 0 ? NULL : memchr(text.data, ':', text.size);
    struct bytes role = {text.data,
                         colon == NULL ? text.size : (size_t)(colon - (const char *)text.data)};
    if (role.size > ROLE_MAX || role_find(role) == ROLE_NONE) {
        return false;
    }
    memcpy(as.role, role.data, role.size);
    if (colon != NULL) {
        struct bytes organisation = {colon + 1, text.size - role.size - 1};
        if (!schema_is_id(organisation)) {
            return false;
        }
        memcpy(as.organisation, organisation.data, organisation.size);
    }
    *ret_as = as;
    return true;
}

struct wire_writer ask_begin(void *room, size_t limit, const struct client_as *as, uint64_t number,
                             const char *request, uint32_t fields)
{
    bool has_as = as->role[0] != '\0', has_organisation = as->organisation[0] != '\0';
    struct wire_writer writer = wire_write(room, limit);
    wire_put_map(&writer, 2 + has_as + fields);
    wire_pair_uint(&writer, "number", number);
    wire_pair_text(&writer, "request", bytes_of(request));
    if (has_as) {
        wire_put_text(&writer, bytes_of("as"));
        wire_put_map(&writer, 1 + has_organisation);
        wire_pair_text(&writer, "role", bytes_of(as->role));
        if (has_organisation) {
            wire_pair_text(&writer, "organisation", bytes_of(as->organisation));
        }
    }
    return writer;
}

static enum status open_query(struct waternet *connection)
{
    return link_open(&connection->query, &connection->address, LINK_QUERY, LINK_RECONNECTS);
}

// The first row of which something was seen counts; the last is for what is local.
static const struct {
    unsigned seen;
    enum status status;
    const char *problem;
} silences[] = {
    {LINK_REFUSED, STATUS_NOT_ALLOWED,
     "the daemon does not let this key in: it is not registered there, or it was revoked; "
     "somebody with a key that works can look with `waternet key list --all`"},
    {LINK_ADMITTED, STATUS_NO_ANSWER, "the daemon lets this key in but gives no answer; try again"},
    {LINK_UNHEARD | LINK_REACHED, STATUS_NO_ANSWER,
     "somebody listens there but does not understand us: either the server key is another one's, "
     "or the port is not that of waternetd"},
};

enum status connection_silent(struct waternet *connection, struct link *link)
{
    unsigned seen = link_look(link);
    for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
        if ((seen & silences[i].seen) != 0) {
            connection->problem = silences[i].problem;
            return silences[i].status;
        }
    }
    bool local = connection->address.dir != NULL, is_known = connection->log[0] != '\0';
    connection->problem = local && is_known ? NULL
                          : local           ? "nobody answers there; is waternetd running?"
                                            : "nobody could be reached at that host and port; is "
                                              "waternetd running there with --listen, and does a "
                                              "firewall let it through?";
    return STATUS_NO_ANSWER;
}

// Opened when it is needed first; closed where an answer did not come.
static enum status ask_until(struct waternet *connection, enum link_end end,
                             const struct wire_writer *request, uint64_t number, int64_t until_ms,
                             struct bytes *ret_answer)
{
    struct link *link = end == LINK_QUERY ? &connection->query : &connection->settings;
    connection->problem = NULL;
    if (wire_written(request).size == 0) {
        return STATUS_TOO_BIG;
    }
    if (link->sock == NULL &&
        link_open(link, &connection->address, end, LINK_RECONNECTS) != STATUS_OK) {
        return STATUS_FAILED;
    }
    if (!link_send(link, wire_written(request))) {
        return STATUS_FAILED;
    }
    for (;;) {
        while (link_receive(link, &connection->received)) {
            struct bytes answer = message_bytes(&connection->received);
            if (answer_read_number(answer) == number) {
                *ret_answer = answer;
                return STATUS_OK;
            }
        }
        if (clock_ms() >= until_ms || (link_look(link) & LINK_REFUSED) != 0) {
            enum status status = connection_silent(connection, link);
            // A new socket, so that neither our question nor its late answer is still under way.
            link_close(link);
            return status;
        }
        link_wait(link, until_ms);
    }
}

enum status connection_ask(struct waternet *connection, const struct wire_writer *request,
                           uint64_t number, struct bytes *ret_answer)
{
    return ask_until(connection, LINK_QUERY, request, number, clock_ms() + connection->timeout_ms,
                     ret_answer);
}

// Opening ---------------------------------------------------------------------------------------

static bool keep_text(struct bytes text, char *room, size_t size)
{
    if (text.size == 0 || text.size >= size || memchr(text.data, '\0', text.size) != NULL) {
        return false;
    }
    memcpy(room, text.data, text.size);
    room[text.size] = '\0';
    return true;
}

// Where a local daemon can be reached from elsewhere. An address that only means "all of them" says
// nothing to anybody else.
static void keep_server(struct waternet *connection, struct bytes answer)
{
    static const char *const all[] = {"0.0.0.0:", "*:", "[::]:"};
    struct bytes listen = wire_find_text(answer, "listen");
    bool told = keep_text(wire_find_text(answer, "server_key"), connection->server_key,
                          sizeof(connection->server_key));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        told = told && !bytes_begin_with(listen, bytes_of(all[i]));
    }
    if (told) {
        (void)keep_text(listen, connection->listen, sizeof(connection->listen)); // or not told
    }
}

static enum status hello(struct waternet *connection, int64_t until_ms, const char **ret_problem)
{
    uint64_t number = ++connection->number;
    struct wire_writer request = ask_begin(connection->request, sizeof(connection->request),
                                           &connection->as, number, "hello", 1);
    wire_pair_uint(&request, "protocol", PROTOCOL_VERSION);

    struct bytes answer;
    enum status status = ask_until(connection, LINK_QUERY, &request, number, until_ms, &answer);
    if (status == STATUS_OK) {
        status = answer_read_status(answer);
    }
    if (status != STATUS_OK) {
        *ret_problem = connection->problem != NULL ? connection->problem : status_sentence(status);
        return status;
    }
    if (!keep_text(wire_find_text(answer, "version"), connection->version,
                   sizeof(connection->version)) ||
        !keep_text(wire_find_text(answer, "log"), connection->log, sizeof(connection->log)) ||
        !keep_text(wire_find_text(answer, "prefix"), connection->type_prefix,
                   sizeof(connection->type_prefix))) {
        *ret_problem = "the answer to hello is none that this library understands";
        return STATUS_PROTOCOL;
    }
    keep_server(connection, answer);
    return STATUS_OK;
}

static enum status open_connection(struct waternet *connection,
                                   const struct waternet_options *options, const char **ret_problem)
{
    if (options->as != NULL && !as_read(bytes_of(options->as), &connection->as)) {
        *ret_problem = "`as` is not a role, or a role, a colon and an organisation";
        return STATUS_MALFORMED;
    }
    connection->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS_DEFAULT;
    enum status status = address_take(&connection->address, options, ret_problem);
    if (status != STATUS_OK) {
        return status;
    }
    int error = address_probe(&connection->address, connection->timeout_ms);
    if (error == ENOENT && connection->address.dir == NULL) {
        *ret_problem = "no host of that name is known here; look at HOST in HOST:PORT";
        return STATUS_NO_ANSWER;
    }
    if ((error == EACCES || error == EPERM) && connection->address.dir != NULL) {
        *ret_problem = "this user may not use the daemon's sockets";
        return STATUS_NOT_ALLOWED;
    }
    status = open_query(connection);
    if (status != STATUS_OK) {
        *ret_problem = status == STATUS_MALFORMED
                           ? "the name of the runtime directory is too long for a socket"
                           : "no socket could be opened";
        return status;
    }
    int wait_ms = connection->timeout_ms;
    if (error != 0 && wait_ms > ABSENT_MS) {
        wait_ms = ABSENT_MS;
    }
    return hello(connection, clock_ms() + wait_ms, ret_problem);
}

enum waternet_status waternet_open(const struct waternet_options *options,
                                   struct waternet **ret_connection, const char **ret_problem)
{
    static const struct waternet_options defaults = {0};
    const char *problem = NULL;

    *ret_connection = NULL;
    struct waternet *connection = calloc(1, sizeof(*connection));
    enum status status = STATUS_FAILED;
    if (connection == NULL) {
        problem = "no memory";
    } else {
        (void)zmq_msg_init(&connection->received); // never fails
        status = open_connection(connection, options == NULL ? &defaults : options, &problem);
        if (status != STATUS_OK) {
            waternet_close(&connection);
        }
    }
    *ret_connection = connection;
    if (ret_problem != NULL) {
        *ret_problem = problem;
    }
    return (enum waternet_status)status;
}

void waternet_close(struct waternet **connection)
{
    struct waternet *closing = *connection;
    if (closing != NULL) {
        posts_finish(closing);
        link_close(&closing->command);
        link_close(&closing->query);
        link_close(&closing->settings);
        message_clear(&closing->received);
        address_finish(&closing->address);
        free(closing);
        *connection = NULL;
    }
}

const char *waternet_problem(const struct waternet *connection)
{
    return connection->problem;
}

const char *waternet_server(const struct waternet *connection)
{
    const char *listen = connection->listen[0] == '\0' ? NULL : connection->listen;
    return connection->address.dir != NULL ? listen : connection->address.server;
}

const char *waternet_server_key(const struct waternet *connection)
{
    const char *told = connection->server_key[0] == '\0' ? NULL : connection->server_key;
    return connection->address.dir != NULL ? told : connection->address.server_key;
}

const char *waternet_daemon_version(const struct waternet *connection)
{
    return connection->version;
}

const char *waternet_log_id(const struct waternet *connection)
{
    return connection->log;
}

const char *waternet_type_prefix(const struct waternet *connection)
{
    return connection->type_prefix;
}

// Questions -------------------------------------------------------------------------------------

static struct wire_writer question(struct waternet *connection, const char *request,
                                   uint32_t fields)
{
    return ask_begin(connection->request, sizeof(connection->request), &connection->as,
                     ++connection->number, request, fields);
}

// Asks what question() began last, and makes an answer of what comes.
static enum waternet_status answer_from(struct waternet *connection, enum link_end end,
                                        const struct wire_writer *request,
                                        struct waternet_answer **ret_answer)
{
    struct bytes answer;
    *ret_answer = NULL;
    enum status status = ask_until(connection, end, request, connection->number,
                                   clock_ms() + connection->timeout_ms, &answer);
    if (status == STATUS_OK) {
        *ret_answer = answer_create(connection, &connection->received, NULL, 0);
        status = *ret_answer == NULL ? STATUS_FAILED : (*ret_answer)->status;
    }
    return (enum waternet_status)status;
}

static enum waternet_status answer_to(struct waternet *connection,
                                      const struct wire_writer *request,
                                      struct waternet_answer **ret_answer)
{
    return answer_from(connection, LINK_QUERY, request, ret_answer);
}

// What the library itself finds wrong with a question.
static enum waternet_status malformed(struct waternet *connection, const char *field,
                                      const char *found, const char *accepted,
                                      struct waternet_answer **ret_answer)
{
    struct faults *faults = &connection->faults;
    faults_clear(faults);
    fault_begin(faults, STATUS_MALFORMED, 0, field);
    fault_found(faults, "%.*s", PATH_MAX_BYTES, found);
    fault_accepted(faults, "%s", accepted);
    bool written = answer_write(&connection->received, 0, STATUS_MALFORMED, faults, -1);
    *ret_answer = written ? answer_create(connection, &connection->received, NULL, 0) : NULL;
    return *ret_answer == NULL ? WATERNET_FAILED : WATERNET_MALFORMED;
}

// Writes all of the question but its name, which stands there already. False if JSON holds what the
// wire does not.
static bool put_fields(struct wire_writer *request, const json_t *fields)
{
    void *at = json_object_iter((json_t *)(uintptr_t)fields);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)fields, at)) {
        const char *name = json_object_iter_key(at);
        if (strcmp(name, "request") == 0) {
            continue;
        }
        wire_put_text(request, bytes_of(name));
        if (!json_to_wire(json_object_iter_value(at), request)) {
            return false;
        }
    }
    return true;
}

static enum waternet_status ask_json(struct waternet *connection, const json_t *fields,
                                     struct waternet_answer **ret_answer)
{
    static const struct client_as nobody = {0};
    const char *name = json_string_value(json_object_get(fields, "request"));
    if (name == NULL) {
        return malformed(connection, "request", "no object with a text `request`",
                         "{\"request\":\"next\",\"region\":\"twente\"}", ret_answer);
    }
    if (json_object_get(fields, "number") != NULL) {
        return malformed(connection, "number", "a number", "none: the library gives it",
                         ret_answer);
    }
    bool says_as = json_object_get(fields, "as") != NULL;
    struct wire_writer request = ask_begin(
        connection->request, sizeof(connection->request), says_as ? &nobody : &connection->as,
        ++connection->number, name, (uint32_t)json_object_size(fields) - 1);
    if (!put_fields(&request, fields)) {
        return malformed(connection, "request", "a value that the wire does not have",
                         "texts, whole numbers, true, false, lists and objects", ret_answer);
    }
    // What changes something is asked where posts go, on a connection of its own.
    const struct request_row *row = request_find(bytes_of(name));
    bool changes = row != NULL && row->socket == SOCKET_COMMAND;
    return answer_from(connection, changes ? LINK_COMMAND : LINK_QUERY, &request, ret_answer);
}

enum waternet_status waternet_ask(struct waternet *connection, const char *request,
                                  struct waternet_answer **ret_answer)
{
    json_t *fields = json_loads(request, JSON_REJECT_DUPLICATES, NULL);
    enum waternet_status status = ask_json(connection, fields, ret_answer);
    json_decref(fields);
    return status;
}

enum waternet_status waternet_get(struct waternet *connection, const char *path,
                                  struct waternet_answer **ret_answer)
{
    const char *kind = strchr(path, '/');
    const char *entity = kind == NULL ? NULL : strchr(kind + 1, '/');
    if (entity == NULL) {
        // The daemon would say what is wrong with a name, but not that there are too few.
        return malformed(connection, "path", path, "region/kind/entity", ret_answer);
    }
    struct wire_writer request = question(connection, "get", 3);
    wire_pair_text(&request, "region", (struct bytes){path, (size_t)(kind - path)});
    wire_pair_text(&request, "kind", (struct bytes){kind + 1, (size_t)(entity - kind - 1)});
    wire_pair_text(&request, "entity", bytes_of(entity + 1));
    return answer_to(connection, &request, ret_answer);
}

enum waternet_status waternet_list(struct waternet *connection, const char *region,
                                   const char *kind, const char *from,
                                   struct waternet_answer **ret_answer)
{
    uint32_t fields = (region != NULL) + (uint32_t)(kind != NULL) + (uint32_t)(from != NULL);
    struct wire_writer request = question(connection, "list", fields);
    if (region != NULL) {
        wire_pair_text(&request, "region", bytes_of(region));
    }
    if (kind != NULL) {
        wire_pair_text(&request, "kind", bytes_of(kind));
    }
    if (from != NULL) {
        wire_pair_text(&request, "from", bytes_of(from));
    }
    return answer_to(connection, &request, ret_answer);
}

enum waternet_status waternet_find(struct waternet *connection, const char *id,
                                   struct waternet_answer **ret_answer)
{
    struct wire_writer request = question(connection, "find", 1);
    wire_pair_text(&request, "id", bytes_of(id));
    return answer_to(connection, &request, ret_answer);
}

enum waternet_status waternet_types(struct waternet *connection, const char *from,
                                    struct waternet_answer **ret_answer)
{
    struct wire_writer request = question(connection, "types", from != NULL);
    if (from != NULL) {
        wire_pair_text(&request, "from", bytes_of(from));
    }
    return answer_to(connection, &request, ret_answer);
}

enum waternet_status waternet_status(struct waternet *connection,
                                     struct waternet_answer **ret_answer)
{
    struct wire_writer request = question(connection, "status", 0);
    return answer_to(connection, &request, ret_answer);
}
