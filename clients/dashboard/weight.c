#include "clients/dashboard/weight.h"

#include <stdint.h>
#include <string.h>

// Of Jansson on a machine of 64 bits, with what malloc adds.
#define WEIGHT_VALUE 64   // a text, a number
#define WEIGHT_OBJECT 240 // with its smallest table
#define WEIGHT_ARRAY 128
#define WEIGHT_PAIR 96 // of an object, besides its key and value

size_t weight_of(const json_t *value)
{
    const char *key = NULL;
    json_t *item = NULL;
    size_t index = 0, weight = 0;
    if (value == NULL) {
        return 0;
    }
    switch ((int)json_typeof(value)) { // the others are shared
    case JSON_OBJECT:
        weight = WEIGHT_OBJECT;
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            weight += WEIGHT_PAIR + strlen(key) + weight_of(item);
        }
        break;
    case JSON_ARRAY:
        weight = WEIGHT_ARRAY;
        json_array_foreach(value, index, item)
        {
            weight += sizeof(item) + weight_of(item);
        }
        break;
    case JSON_STRING:
        weight = WEIGHT_VALUE + json_string_length(value);
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        weight = WEIGHT_VALUE;
        break;
    default:
        break;
    }
    return weight;
}
