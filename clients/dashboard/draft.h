/*
 * draft - a contribution as it was typed, and what is wrong with it.
 *
 *     form -> draft_read() -> draft_judge() -> draft_event() -> the daemon -> draft_take_faults()
 *
 * It lives for one request. What was typed goes back into the form when something is wrong, and
 * nowhere else: not to a log, and not to a page of somebody else.
 */
#ifndef DASHBOARD_DRAFT_H
#define DASHBOARD_DRAFT_H

#include "clients/dashboard/copy.h"
#include "clients/dashboard/form.h"
#include "clients/dashboard/seal.h"
#include "clients/dashboard/texts.h"

enum input {
#define INPUT(NAME, ...) INPUT_##NAME,
#include "clients/dashboard/contribute.def"
#undef INPUT
    INPUT_COUNT
};

enum input_look { LOOK_ABOUT, LOOK_CHOICE, LOOK_AREA, LOOK_LINE, LOOK_MAIL, LOOK_TRAP };

struct input_row {
    const char *name, *field; // in the form; in the event's data
    size_t bytes_max;
    enum input_look look;
    const char *autocomplete;
    enum text label, hint;
};
const struct input_row *draft_input(enum input input);

// TEXT_SITE stands for nothing: no problem is called so.
#define DRAFT_FINE TEXT_SITE

struct draft {
    const char *values[INPUT_COUNT]; // lent from the form
    enum text problems[INPUT_COUNT]; // beside each field
    const char *found[INPUT_COUNT];  // what the daemon said of it, in English; NULL: nothing
    enum text problem;               // with the whole
    char id[SEAL_ID], seal[SEAL_TEXT];
    char receipt[SEAL_ID]; // of what was handed in before with this form; "" if nothing
    unsigned minutes;      // to wait
    uint64_t seq;          // of its event, once that is known
    bool is_duplicate;     // it was there already
};

// What was typed; form_trim() has been at it. The form must outlive it.
void draft_read(struct draft *draft, struct sent_form *form);
// What people can put right; true if there is nothing.
bool draft_judge(struct draft *draft, const struct copy *copy);
// Parts "region/kind/id" or "region": false if there is no such thing in the copy.
bool draft_about(const struct copy *copy, const char *about, char ret_region[65],
                 const char **ret_subject);
// The CloudEvent; the caller frees it. NULL without memory.
char *draft_event(const struct draft *draft, const struct copy *copy);
// The daemon's faults, beside their fields; lent from its answer.
void draft_take_faults(struct draft *draft, const json_t *answer);

#endif
