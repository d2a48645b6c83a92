/*
 * config - the options of config.def, from flags and from a file.
 *
 * The file is ZPL, as zconfig reads it: a line `name = "value"` an option, comments behind #. A
 * flag wins over the file. Unknown and repeated keys, and values that do not fit their row, are
 * errors.
 */
#ifndef DAEMON_SUPPORT_CONFIG_H
#define DAEMON_SUPPORT_CONFIG_H

#include "proto/bytes.h"

#include <stdint.h>
#include <stdio.h>

enum option {
#define OPTION(NAME, ...) OPTION_##NAME,
#include "proto/config.def"
#undef OPTION
    OPTION_COUNT
};

struct config {
    struct {
        char text[1024];
        uint64_t number; // of a NUMBER
        bool from_flag, from_file;
    } values[OPTION_COUNT];
    char problem[512]; // one English line when a call returned false
};

// The defaults of the rows.
void config_init(struct config *config);
// One option by its name; from a flag it is not overwritten by the file.
bool config_set(struct config *config, const char *name, const char *value, bool from_flag)
    MUST_CHECK;
bool config_load(struct config *config, const char *path) MUST_CHECK;
// Whether what must be there is there.
bool config_check(struct config *config) MUST_CHECK;

const char *config_text(const struct config *config, enum option option);
uint64_t config_number(const struct config *config, enum option option);

// Every option with its value, as a file that config_load() takes.
void config_print(const struct config *config, FILE *out);
// A line of help an option.
void config_help(FILE *out);

#endif
