#include "clients/dashboard/api_accept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// How exactly a range ("text/csv", "text/*", "*/*") names a type; 0: not at all.
static int names(const char *range, size_t size, const char *type)
{
    size_t major = strcspn(type, "/");
    if (size == strlen(type) && strncasecmp(range, type, size) == 0) {
        return 3;
    }
    if (size == major + 2 && strncasecmp(range, type, major + 1) == 0 && range[size - 1] == '*') {
        return 2;
    }
    return size == 3 && strncmp(range, "*/*", 3) == 0 ? 1 : 0;
}

// The weight in thousandths that a part of the header ends with.
static int weight(const char *part, size_t size)
{
    const char *end = part + size, *found = part;
    for (; found + 2 < end; found++) {
        if ((found[0] == 'q' || found[0] == 'Q') && found[1] == '=') {
            double value = strtod(found + 2, NULL);
            return value >= 0 && value <= 1 ? (int)(value * 1000) : 1000;
        }
    }
    return 1000;
}

// What the header gives a type: the weight of what names it most exactly.
static int liking(const char *accept, const char *type)
{
    int best = 0, liked = 0;
    while (*accept != '\0') {
        accept += strspn(accept, ", \t");
        size_t part = strcspn(accept, ","), size = strcspn(accept, "; \t,");
        int exact = names(accept, size, type);
        if (exact > best) {
            best = exact;
            liked = size < part ? weight(accept + size, part - size) : 1000;
        }
        accept += part;
    }
    return liked;
}

enum api_media api_accept(unsigned media, const char *accept)
{
    enum api_media best = MEDIA_COUNT;
    int most = 0;
    for (enum api_media each = (enum api_media)0; each < MEDIA_COUNT; each++) {
        bool has = (media >> each & 1) != 0;
        bool is_silent = accept == NULL || accept[strspn(accept, ", \t")] == '\0';
        int liked = !has ? 0 : is_silent ? 1000 : liking(accept, api_media_type(each));
        if (liked > most) {
            best = each;
            most = liked;
        }
    }
    return best;
}
