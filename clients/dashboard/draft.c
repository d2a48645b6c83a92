#include "clients/dashboard/draft.h"

#include "clients/dashboard/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINKS_MAX 2 // what is sold has more

const struct input_row *draft_input(enum input input)
{
    static const struct input_row rows[] = {
#define INPUT(NAME, name, field, bytes, look, autocomplete, label, hint)                           \
    {name, field, bytes, LOOK_##look, autocomplete, TEXT_##label, TEXT_##hint},
#include "clients/dashboard/contribute.def"
#undef INPUT
    };
    return &rows[input];
}

void draft_read(struct draft *draft, struct sent_form *form)
{
    *draft = (struct draft){0};
    for (size_t i = 0; i < form->count; i++) {
        // Its own room, which is written once more.
        form->rows[i].value = form_trim(form->room + (form->rows[i].value - form->room));
    }
    for (int i = 0; i < INPUT_COUNT; i++) {
        draft->values[i] = form_get(form, draft_input((enum input)i)->name);
    }
    (void)snprintf(draft->id, sizeof(draft->id), "%s", form_get(form, "id")); // longer is no id
    (void)snprintf(draft->seal, sizeof(draft->seal), "%s", form_get(form, "zegel")); // the same
}

// Judging ---------------------------------------------------------------------------------------

static unsigned count_links(const char *text)
{
    static const char *const marks[] = {"://", "www.", "[url", "<a "};
    unsigned count = 0;
    for (; *text != '\0'; text++) {
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            count += strncasecmp(text, marks[i], strlen(marks[i])) == 0;
        }
    }
    return count;
}

// As much as a form should ask: somebody, somewhere.
static bool is_mail(const char *text)
{
    const char *at = strchr(text, '@');
    return at != NULL && at > text && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
           strpbrk(text, " \t\n,;<>\"") == NULL;
}

static enum text judge_line(const struct input_row *row, const char *value)
{
    if (strlen(value) > row->bytes_max) {
        return TEXT_PROBLEM_LONG;
    }
    if (row->look != LOOK_AREA && strpbrk(value, "\n\t") != NULL) {
        return TEXT_PROBLEM_LINE;
    }
    if (row->look == LOOK_MAIL && value[0] != '\0' && !is_mail(value)) {
        return TEXT_PROBLEM_MAIL;
    }
    if (row->look == LOOK_TRAP && value[0] != '\0') {
        return TEXT_PROBLEM_TRAP;
    }
    return count_links(value) > (row->look == LOOK_AREA ? LINKS_MAX : 0) ? TEXT_PROBLEM_LINKS
                                                                         : DRAFT_FINE;
}

bool draft_about(const struct copy *copy, const char *about, char ret_region[65],
                 const char **ret_subject)
{
    char room[256];
    const char *region = NULL, *id = NULL, *slash = strchr(about, '/');
    enum kind kind;
    size_t size = slash == NULL ? strlen(about) : (size_t)(slash - about);
    if (size == 0 || size > 64) {
        return false;
    }
    memcpy(ret_region, about, size);
    ret_region[size] = '\0';
    *ret_subject = slash == NULL ? NULL : slash + 1;
    if (slash == NULL) {
        return copy_region(copy, ret_region) != NULL;
    }
    return parts_split(about, room, &region, &kind, &id) && copy_shows_kind(copy, kind) &&
           copy_entity(copy, region, kind, id) != NULL;
}

bool draft_judge(struct draft *draft, const struct copy *copy)
{
    char region[65];
    const char *subject = NULL, *kind = draft->values[INPUT_KIND];
    bool fine = true;
    for (int i = 0; i < INPUT_COUNT; i++) {
        draft->problems[i] = judge_line(draft_input((enum input)i), draft->values[i]);
    }
    if (!draft_about(copy, draft->values[INPUT_ABOUT], region, &subject)) {
        draft->problems[INPUT_ABOUT] = TEXT_PROBLEM_ABOUT;
    }
    if (!choice_has(CHOICES_CONTRIBUTION, bytes_of(kind))) {
        draft->problems[INPUT_KIND] = TEXT_PROBLEM_KIND;
    }
    if (draft->values[INPUT_TEXT][0] == '\0') {
        draft->problems[INPUT_TEXT] = TEXT_PROBLEM_EMPTY;
    }
    for (int i = 0; i < INPUT_COUNT; i++) {
        fine &= draft->problems[i] == DRAFT_FINE;
    }
    return fine;
}

// To the daemon and back ------------------------------------------------------------------------

// Sets "sender.name" of an object; an empty value stays away.
static void set_field(json_t *data, const char *field, const char *value)
{
    const char *point = strchr(field, '.');
    if (value[0] == '\0' || field[0] == '\0') {
        return;
    }
    if (point == NULL) {
        (void)json_object_set_new(data, field, json_string(value)); // without memory: refused
        return;
    }
    char group[16] = "";
    memcpy(group, field, (size_t)(point - field)); // of our own rows: it fits
    json_t *inside = json_object_get(data, group);
    if (inside == NULL) {
        inside = json_object();
        (void)json_object_set_new(data, group, inside); // the same
    }
    (void)json_object_set_new(inside, point + 1, json_string(value)); // the same
}

char *draft_event(const struct draft *draft, const struct copy *copy)
{
    char region[65], type[128], subject[192], about[PAGE_ABOUT];
    const char *of = NULL;
    json_t *data = json_object();
    (void)draft_about(copy, draft->values[INPUT_ABOUT], region, &of); // it has been judged
    (void)snprintf(about, sizeof(about), "region/%s", region);        // it fits
    for (int i = 0; i < INPUT_COUNT; i++) {
        const char *value = i != INPUT_ABOUT ? draft->values[i] : of != NULL ? of : about;
        set_field(data, draft_input((enum input)i)->field, value);
    }
    (void)snprintf(type, sizeof(type), "%scontribution.submitted.v1", copy->type_prefix); // short
    (void)snprintf(subject, sizeof(subject), "%s/contribution/%s", region, draft->id);    // short
    json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:o}", "specversion", "1.0", "id", draft->id,
                              "type", type, "subject", subject, "data", data);
    char *text = event == NULL ? NULL : json_dumps(event, JSON_COMPACT);
    json_decref(event);
    return text;
}

void draft_take_faults(struct draft *draft, const json_t *answer)
{
    const json_t *faults = json_object_get(answer, "faults"), *fault = NULL;
    size_t index = 0;
    draft->problem = TEXT_PROBLEM_REFUSED;
    json_array_foreach(faults, index, fault)
    {
        const char *field = parts_text(fault, "field");
        size_t size = strncmp(field, "data.", 5) == 0 ? 5 : 0;
        for (int i = 0; i < INPUT_COUNT; i++) {
            if (size > 0 && strcmp(field + size, draft_input((enum input)i)->field) == 0) {
                draft->problems[i] = TEXT_PROBLEM_DAEMON;
                draft->found[i] = parts_text(fault, "found");
            }
        }
    }
}
