// The event types, as the rows of proto have them.
#include "clients/dashboard/api.h"

#include "proto/jsonschema.h"

#include <string.h>

static const char *const effects[] = {
    [EFFECT_OPEN] = "open",     [EFFECT_SET] = "set",       [EFFECT_PUT] = "put",
    [EFFECT_REMOVE] = "remove", [EFFECT_APPEND] = "append", [EFFECT_END] = "end",
};

static json_t *roles_of(const struct event_type *type)
{
    json_t *roles = json_array();
    for (enum role role = ROLE_OPERATOR; role <= ROLE_AUDITOR; role++) {
        if ((type->roles & ROLE_BIT(role)) != 0) {
            (void)json_array_append_new(roles, json_string(role_row(role)->name));
        }
    }
    return roles;
}

static json_t *needs_of(const struct event_type *type)
{
    json_t *needs = json_array();
    static const char *const names[] = {"on", "citation", "reference"}; // bit i of event_need
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((type->needs >> i & 1) != 0) {
            (void)json_array_append_new(needs, json_string(names[i]));
        }
    }
    return needs;
}

static json_t *type_of(const struct event_type *type)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s+}", "type", type->name,
                     "kind", kind_name(type->kind), "effect", effects[type->effect], "slot",
                     type->slot, "visibility",
                     type->visibility == VISIBLE_PUBLIC ? "public" : "members", "help", type->help,
                     "label", type->label_nl, "roles", roles_of(type), "needs", needs_of(type),
                     "schema", API_PATH "/types/", type->name);
}

json_t *api_types(struct api_call *call)
{
    json_t *types = json_array();
    const struct event_type *type = NULL;
    (void)call; // the rows are the same for everybody
    while ((type = event_type_next(type)) != NULL) {
        (void)json_array_append_new(types, type_of(type));
    }
    return json_pack("{s:o}", "types", types);
}

json_t *api_type(struct api_call *call)
{
    const char *name = call->values[PARAM_PTYPE];
    const struct event_type *type = event_type_find(bytes_of(name));
    return type == NULL
               ? api_refuse(call, PROBLEM_NOT_FOUND,
                            "there is no event type %s; %s/types lists them", name, API_PATH)
               : jsonschema_of(type, call->page.copy->type_prefix);
}
