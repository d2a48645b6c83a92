/*
 * contribute - taking what people hand in: from a sent form to a receipt.
 *
 *     form -> seal -> judge -> gate -> posts -> the daemon -> receipt, or the form again
 *
 * Nothing is kept here: the form's id is that of the event, so a form that is sent twice, or again
 * after no answer, is one contribution. Whoever sends too fast, too much or from another site is
 * told so; what was typed is never lost by that.
 */
#ifndef DASHBOARD_CONTRIBUTE_H
#define DASHBOARD_CONTRIBUTE_H

#include "clients/dashboard/draft.h"
#include "clients/dashboard/gate.h"
#include "clients/dashboard/http.h"
#include "clients/dashboard/outbox.h"

struct contribute {
    struct seal seal;
    struct gate gate;
    struct outbox outbox;
};

enum contributed {
    CONTRIBUTED_WAIT,  // call again when an answer has come
    CONTRIBUTED_DONE,  // the receipt is at draft->id
    CONTRIBUTED_AGAIN, // show the form with the draft, with *ret_status
    CONTRIBUTED_ALIEN, // no form of ours: *ret_status says why
};

// False if the machine has no randomness to give. hour: how many are taken in an hour, in all.
bool contribute_init(struct contribute *contribute, struct feed *feed, unsigned hour);
// form must outlive the draft.
enum contributed contribute_take(struct contribute *contribute, const struct copy *copy,
                                 const struct http_request *request, struct sent_form *form,
                                 struct draft *ret_draft, unsigned *ret_status);
// What did not come as our form, and has an id that its sender made; the request's body tells it
// apart.
enum contributed contribute_take_draft(struct contribute *contribute, const struct copy *copy,
                                       const struct http_request *request, struct draft *draft,
                                       unsigned *ret_status);
// Whether a browser says that a page of ours sent it.
bool contribute_is_from_here(const struct http_request *request);
// An empty one, for what somebody wants to write about ("" if not said).
void contribute_begin(const struct contribute *contribute, const char *about,
                      struct draft *ret_draft);

#endif
