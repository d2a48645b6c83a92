#include "clients/past/past.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void past_put_moment(const struct moment *moment, json_t *request)
{
    if (moment->fixed) {
        json_object_set_new(request, "at", json_integer((json_int_t)moment->at));
    }
    if (moment->on != NULL) {
        json_object_set_new(request, "on", json_string(moment->on));
    }
}

const struct event_type *past_event_type(const char *prefix, const json_t *event)
{
    const char *type = past_text(event, "type");
    bool ours = strncmp(type, prefix, strlen(prefix)) == 0;
    const char *name = ours ? type + strlen(prefix) : type;
    size_t length = strlen(name);
    bool first = length > 3 && strcmp(name + length - 3, ".v1") == 0;
    return event_type_find((struct bytes){name, first ? length - 3 : length});
}

uint64_t past_event_seq(const json_t *event)
{
    return strtoull(past_text(event, "sequence"), NULL, 10);
}

json_t *past_question(const char *name, const char *path)
{
    const char *kind = strchr(path, '/');
    const char *entity = kind == NULL ? NULL : strchr(kind + 1, '/');
    if (entity == NULL) {
        return NULL;
    }
    return json_pack("{s:s, s:s#, s:s#, s:s}", "request", name, "region", path,
                     (size_t)(kind - path), "kind", kind + 1, (size_t)(entity - kind - 1), "entity",
                     entity + 1);
}

bool past_is_of(const char *path, enum kind kind)
{
    const char *begin = strchr(path, '/');
    const char *end = begin == NULL ? NULL : strchr(begin + 1, '/');
    return end != NULL && kind_find((struct bytes){begin + 1, (size_t)(end - begin - 1)}) == kind;
}

const char *past_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

char *past_format(const char *format, ...)
{
    char *text = NULL;
    va_list values;
    va_start(values, format);
    bool made = vasprintf(&text, format, values) >= 0;
    va_end(values);
    assert(made); // half of what was would be something else
    return text;
}

static char *join(const json_t *list)
{
    char *text = past_format("%s", "");
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(list, index, item)
    {
        char *word = past_value(item);
        char *longer = past_format("%s%s%s", text, index == 0 ? "" : ", ", word);
        free(word);
        free(text);
        text = longer;
    }
    return text;
}

char *past_value(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return past_format("%s", json_string_value(value));
    case JSON_INTEGER:
        return past_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_TRUE:
        return past_format("yes");
    case JSON_FALSE:
        return past_format("no");
    case JSON_ARRAY:
        return join(value);
    case JSON_OBJECT:
        return past_format("(%zu)", json_object_size(value));
    case JSON_REAL:
    case JSON_NULL:
        break;
    }
    return past_format("%s", "");
}
