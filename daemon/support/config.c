#include "daemon/support/config.h"

#include "daemon/support/local.h"
#include "daemon/support/sockets.h"

#include <czmq.h>

enum option_type { TYPE_TEXT, TYPE_NUMBER };

static const struct option_row {
    const char *name;
    enum option_type type;
    const char *fallback;
    uint64_t least, most;
    const char *help;
} rows[OPTION_COUNT] = {
#define OPTION(NAME, name, type, fallback, least, most, help)                                      \
    [OPTION_##NAME] = {name, TYPE_##type, fallback, least, most, help},
#include "proto/config.def"
#undef OPTION
};

__attribute__((format(printf, 2, 3))) static bool fail(struct config *config, const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(config->problem, sizeof(config->problem), format, arguments); // may be cut
    va_end(arguments);
    return false;
}

static bool read_number(const char *text, uint64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 19 || text[digits] != '\0') {
        return false;
    }
    *ret_number = strtoull(text, NULL, 10);
    return true;
}

static bool store_value(struct config *config, enum option option, const char *value)
{
    const struct option_row *row = &rows[option];
    uint64_t number = 0;
    if (strlen(value) >= sizeof(config->values[option].text)) {
        return fail(config, "%s: longer than 1023 bytes", row->name);
    }
    if (row->type == TYPE_NUMBER) {
        if (!read_number(value, &number) || number < row->least || number > row->most) {
            return fail(config, "%s: \"%.40s\" is no whole number from %llu to %llu", row->name,
                        value, (unsigned long long)row->least, (unsigned long long)row->most);
        }
    }
    strcpy(config->values[option].text, value);
    config->values[option].number = number;
    return true;
}

void config_init(struct config *config)
{
    *config = (struct config){0};
    for (int i = 0; i < OPTION_COUNT; i++) {
        bool fits = store_value(config, (enum option)i, rows[i].fallback);
        assert(fits);
    }
}

bool config_set(struct config *config, const char *name, const char *value, bool from_flag)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(name, rows[i].name) != 0) {
            continue;
        }
        bool *seen = from_flag ? &config->values[i].from_flag : &config->values[i].from_file;
        if (*seen) {
            return fail(config, "%s: given twice", name);
        }
        *seen = true;
        return (!from_flag && config->values[i].from_flag) ||
               store_value(config, (enum option)i, value);
    }
    return fail(config, "%.80s: no such option; waternetd --help lists them", name);
}

// The text of a file, closed by a zero.
static bool read_file(struct config *config, const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(text, 1, size, file) : 0;
    bool sound = file != NULL && !ferror(file);
    if (!sound) {
        (void)fail(config, "%s: cannot be read: %s", path, strerror(errno));
    } else if (length == size || memchr(text, '\0', length) != NULL) {
        sound = fail(config, "%s: not a configuration file: too large, or not text", path);
    } else {
        text[length] = '\0';
    }
    if (file != NULL) {
        (void)fclose(file); // only read
    }
    return sound;
}

bool config_load(struct config *config, const char *path)
{
    char text[65536];
    if (!read_file(config, path, text, sizeof(text))) {
        return false;
    }
    // Not zconfig_load(): CZMQ 4.2 loses memory where the file is not well-formed.
    zconfig_t *file = zconfig_str_load(text);
    if (file == NULL) {
        return fail(config, "%s: not a configuration file: lines of the form name = \"value\"",
                    path);
    }
    bool sound = true;
    for (zconfig_t *key = zconfig_child(file); sound && key != NULL; key = zconfig_next(key)) {
        sound = zconfig_child(key) == NULL
                    ? config_set(config, zconfig_name(key), zconfig_value(key), false)
                    : fail(config, "%s: has keys below it; options have none", zconfig_name(key));
    }
    zconfig_destroy(&file);
    return sound;
}

bool config_check(struct config *config)
{
    const enum option needed[] = {OPTION_DATA, OPTION_RUNTIME};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (config_text(config, needed[i])[0] == '\0') {
            return fail(config, "--%s DIR is needed: %s", rows[needed[i]].name,
                        rows[needed[i]].help);
        }
    }
    // A unix socket's path has at most 107 bytes, "/command" included.
    if (strlen(config_text(config, OPTION_RUNTIME)) > 107 - strlen("/command")) {
        return fail(config,
                    "runtime: the path is longer than 99 bytes: a socket's name allows no more");
    }
    const char *listen = config_text(config, OPTION_LISTEN);
    struct local_roles roles;
    char problem[LOCAL_PROBLEM];
    if (listen[0] != '\0' && !sockets_is_listen(listen)) {
        return fail(config, "listen: \"%.80s\" is no ADDRESS:PORT with a port from 1 to 65533",
                    listen);
    }
    return local_read(config_text(config, OPTION_LOCAL_ROLES), &roles, problem) ||
           fail(config, "%s", problem);
}

const char *config_text(const struct config *config, enum option option)
{
    return config->values[option].text;
}

uint64_t config_number(const struct config *config, enum option option)
{
    assert(rows[option].type == TYPE_NUMBER);
    return config->values[option].number;
}

void config_print(const struct config *config, FILE *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        (void)fprintf(out, "#   %s\n%s = \"%s\"\n", rows[i].help, rows[i].name,
                      config->values[i].text); // the caller looks at the stream
    }
}

void config_help(FILE *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        (void)fprintf(out, "  --%-16s %s%s%s%s\n", rows[i].name, rows[i].help,
                      rows[i].fallback[0] == '\0' ? "" : " (", rows[i].fallback,
                      rows[i].fallback[0] == '\0' ? "" : ")"); // the caller looks at the stream
    }
}
