#include "clients/cli/remedy.h"

#include "clients/cli/answers.h"
#include "clients/cli/fill.h"
#include "clients/cli/said.h"

#include <stdlib.h>

static const struct remedy {
    const char *accepted, *type, *gap;
} remedies[] = {
#define REMEDY(accepted, type, gap) {accepted, type, gap},
#include "clients/cli/remedies.def"
#undef REMEDY
};
#define REMEDY_COUNT (sizeof remedies / sizeof remedies[0])

// NULL if the sentence has no row.
static char *command_of(struct cli *cli, const char *path, const char *accepted)
{
    struct said_holes holes;
    for (size_t i = 0; i < REMEDY_COUNT; i++) {
        if (!said_fits(remedies[i].accepted, accepted, &holes)) {
            continue;
        }
        struct filling filling = {.gap = remedies[i].gap};
        char *said[FILL_SAID_MAX] = {NULL};
        for (unsigned j = 0; j < FILL_SAID_MAX && j < holes.count; j++) {
            said[j] = output_format("%.*s", BYTES_PRINT(holes.texts[j]));
            filling.said[j] = said[j];
        }
        char *command = fill_command(cli, remedies[i].type, path, &filling);
        for (unsigned j = 0; j < FILL_SAID_MAX; j++) {
            free(said[j]);
        }
        return command;
    }
    return NULL;
}

void remedy_add(struct cli *cli, const char *path, json_t *faults)
{
    size_t index = 0;
    json_t *fault = NULL;
    json_array_foreach(faults, index, fault)
    {
        char *command = command_of(cli, path, answers_text(fault, "accepted"));
        if (command != NULL) {
            json_object_set_new(fault, "command", json_string(command));
        }
        free(command);
    }
}

// The type that such a command posts: its third word.
static char *type_of(const char *command)
{
    const char *begin = command + strlen("waternet post ");
    return output_format("%.*s", (int)strcspn(begin, " "), begin);
}

// Each type once.
static void tell_help(const char *command, json_t *told)
{
    char *type = type_of(command);
    if (json_object_get(told, type) == NULL) {
        json_object_set_new(told, type, json_true());
        output_note("see: waternet post %s --help", type);
    }
    free(type);
}

void remedy_tell(struct cli *cli, const char *path, const json_t *faults)
{
    json_t *told = json_object();
    char *again = cli->flags.type == NULL ? NULL : fill_again(cli, path, faults);
    if (again != NULL) {
        output_note("  %s", again);
        tell_help(again, told);
    }
    for (size_t i = 0; i < json_array_size(faults); i++) {
        const char *command = answers_text(json_array_get(faults, i), "command");
        if (command[0] != '\0') {
            tell_help(command, told);
        }
    }
    if (json_object_size(told) > 0) {
        fill_note(cli);
    }
    free(again);
    json_decref(told);
}
