// waternet what-if WERKPLAATS: a dry run of costs.allocated with other participants, another amount
// or another key: each one's share, and whose board would have to decide anew. Nothing is stored.
#include "clients/cli/answers.h"
#include "clients/cli/paths.h"
#include "clients/cli/post.h"
#include "clients/cli/table.h"
#include "clients/past/past.h"
#include "clients/words/euros.h"

#include <stdlib.h>

struct what_if {
    struct cli *cli;
    char *path, *region;
    json_t *fields;      // of the werkplaats
    const json_t *now;   // the present allocation for the purpose; NULL if there is none
    const char *purpose; // lent, as those that follow
    const char *key, *version;
    uint64_t amount; // cents
};

// What one member pays.
struct share {
    const char *member;
    json_int_t now, then; // 0 if it takes no part
    json_int_t decided;   // 0 if its board said no
    bool takes_part;      // then
    bool has_decided;
    bool decides_anew;
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

// What is asked ----------------------------------------------------------------------------------

static int read_amount(struct what_if *what_if)
{
    const struct settings *settings = &what_if->cli->settings;
    if (settings->amount != NULL && settings->amount_cents.given) {
        return output_problem("--amount and --amount-cents: one of them");
    }
    if (settings->amount != NULL && !euros_read(settings->amount, &what_if->amount)) {
        return output_problem("--amount %s: euros like 120000, 120000.50 or 120000,50 are needed",
                              settings->amount);
    }
    if (settings->amount == NULL) {
        what_if->amount =
            settings->amount_cents.given
                ? settings->amount_cents.value
                : (uint64_t)json_integer_value(json_object_get(what_if->now, "amount"));
    }
    return 0;
}

// What is not said is as in the present allocation.
static int settle(struct what_if *what_if)
{
    const struct settings *settings = &what_if->cli->settings;
    what_if->purpose = settings->purpose == NULL ? "execution" : settings->purpose;
    if (!choice_has(CHOICES_PURPOSE, bytes_of(what_if->purpose))) {
        return output_problem("--purpose %s: preparation or execution is needed", what_if->purpose);
    }
    what_if->now = json_object_get(
        json_object_get(json_object_get(what_if->fields, "allocations"), what_if->purpose), "data");
    const char *key = text_of(what_if->now, "key");
    bool same_key = key != NULL && (settings->key == NULL || strcmp(settings->key, key) == 0);
    what_if->key = settings->key == NULL ? key : settings->key;
    what_if->version = settings->key_version == NULL && same_key ? text_of(what_if->now, "version")
                                                                 : settings->key_version;
    int code = read_amount(what_if);
    if (code != 0) {
        return code;
    }
    if (what_if->now == NULL && (what_if->amount == 0 || what_if->key == NULL)) {
        return output_problem("the costs of %s are not split yet; give --amount, --key and "
                              "--version",
                              what_if->purpose);
    }
    if (what_if->version == NULL) {
        return output_problem("--version is needed: which version of %s", what_if->key);
    }
    return 0;
}

static char *make_event(const struct what_if *what_if, const char *type, json_t *data)
{
    char id[WATERNET_ID_SIZE];
    waternet_new_id(id);
    const char *said = what_if->cli->settings.as;
    // A dry run may say what only the members themselves can post.
    char *as =
        said != NULL ? output_format("%s", said) : output_format("secretary:%s", what_if->region);
    char *full_type =
        output_format("%s%s.v1", waternet_type_prefix(what_if->cli->connection), type);
    json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "specversion", "1.0", "id", id,
                              "type", full_type, "subject", what_if->path, "as", as, "data", data);
    char *text = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    free(full_type);
    free(as);
    return text;
}

static unsigned add_members(const struct what_if *what_if, const struct texts *members,
                            const char *type, char **events)
{
    for (unsigned i = 0; i < members->count; i++) {
        events[i] = make_event(what_if, type, json_pack("{s:s}", "member", members->values[i]));
    }
    return members->count;
}

static bool all_there(char *const *events, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i] == NULL) { // a member's name that is no UTF-8, or no memory
            return false;
        }
    }
    return true;
}

static int dry_run(struct what_if *what_if, json_t **ret_answer)
{
    struct waternet_answer *answer = NULL;
    const struct settings *settings = &what_if->cli->settings;
    char *events[2 * TEXTS_MAX + 1] = {0};
    unsigned count = add_members(what_if, &settings->with, "participation.declared", events);
    count += add_members(what_if, &settings->without, "participation.ended", events + count);
    json_t *data =
        json_pack("{s:s, s:I, s:s, s:s}", "purpose", what_if->purpose, "amount",
                  (json_int_t)what_if->amount, "key", what_if->key, "version", what_if->version);
    events[count++] = make_event(what_if, "costs.allocated", data);
    int code = 0;
    if (!all_there(events, count)) {
        code = output_problem("text in UTF-8 is needed");
    } else if (count > EVENTS_PER_POST_MAX) {
        code = output_problem("--with and --without: at most %d members", EVENTS_PER_POST_MAX - 1);
    } else {
        enum waternet_status status =
            post_events(what_if->cli, (const char *const *)events, count, true, &answer);
        char *what = output_format("what-if %s", what_if->path);
        code = answers_take(what_if->cli, status, &answer, what, ret_answer);
        free(what);
    }
    for (unsigned i = 0; i < count; i++) {
        free(events[i]);
    }
    return code;
}

// What comes of it --------------------------------------------------------------------------------

static struct share make_share(const struct what_if *what_if, const json_t *then,
                               const char *member)
{
    char *name = output_format("%s/financial/%s", member, what_if->purpose);
    const json_t *decision = json_object_get(
        json_object_get(json_object_get(what_if->fields, "decisions"), name), "data");
    const char *outcome = text_of(decision, "outcome");
    bool agreed = outcome != NULL && strcmp(outcome, "positive") == 0;
    struct share share = {
        .member = member,
        .now = json_integer_value(json_object_get(json_object_get(what_if->now, "shares"), member)),
        .then = json_integer_value(json_object_get(then, member)),
        .decided = agreed ? json_integer_value(json_object_get(decision, "amount")) : 0,
        .takes_part = json_object_get(then, member) != NULL,
        .has_decided = decision != NULL,
    };
    share.decides_anew = share.takes_part && (!agreed || share.then > share.decided);
    free(name);
    return share;
}

static int by_member(const void *a, const void *b)
{
    return strcmp(((const struct share *)a)->member, ((const struct share *)b)->member);
}

// The shares of all who pay now or then, by name. The caller frees them.
static struct share *make_shares(const struct what_if *what_if, const json_t *then,
                                 size_t *ret_count)
{
    json_t *members = json_object();
    json_object_update(members, json_object_get(what_if->now, "shares"));
    json_object_update(members, (json_t *)(uintptr_t)then);
    size_t count = 0;
    struct share *shares = calloc(json_object_size(members) + 1, sizeof *shares);
    void *at = json_object_iter(members);
    for (; shares != NULL && at != NULL; at = json_object_iter_next(members, at)) {
        // The name lives in one of the two, whose keys outlive this object's.
        const char *name = json_object_iter_key(at);
        const json_t *home =
            json_object_get(then, name) != NULL ? then : json_object_get(what_if->now, "shares");
        void *kept = json_object_iter_at((json_t *)(uintptr_t)home, name);
        shares[count++] = make_share(what_if, then, json_object_iter_key(kept));
    }
    json_decref(members);
    if (shares != NULL) {
        qsort(shares, count, sizeof *shares, by_member);
    }
    *ret_count = count;
    return shares;
}

static struct share total_of(const struct share *shares, size_t count)
{
    struct share total = {.member = "total"};
    for (size_t i = 0; i < count; i++) {
        total.now += shares[i].now;
        total.then += shares[i].then;
    }
    return total;
}

static void print_json(struct what_if *what_if, const struct share *shares, size_t count)
{
    json_t *members = json_array();
    struct share total = total_of(shares, count);
    for (size_t i = 0; i < count; i++) {
        const struct share *share = &shares[i];
        json_t *row =
            json_pack("{s:s, s:I, s:I, s:I, s:b, s:b}", "member", share->member, "now", share->now,
                      "then", share->then, "difference", share->then - share->now, "takes_part",
                      share->takes_part, "decides_anew", share->decides_anew);
        if (share->has_decided) {
            json_object_set_new(row, "decided", json_integer(share->decided));
        }
        json_array_append_new(members, row);
    }
    json_t *all = json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:I, s:I, s:b}", "path", what_if->path,
                            "purpose", what_if->purpose, "amount", (json_int_t)what_if->amount,
                            "key", what_if->key, "version", what_if->version, "members", members,
                            "total_now", total.now, "total_then", total.then, "stored", 0);
    output_json(&what_if->cli->output, all);
    json_decref(all);
}

static void print_row(struct table *table, const struct share *share, const char *decided,
                      const char *anew)
{
    char *now = euros_text(share->now);
    char *then = euros_text(share->then);
    char *difference = euros_text(share->then - share->now);
    char *signed_difference =
        output_format("%s%s", share->then > share->now ? "+" : "", difference);
    table_row(table,
              (const char *const[]){share->member, now, then, signed_difference, decided, anew});
    free(signed_difference);
    free(difference);
    free(then);
    free(now);
}

static void print_table(struct what_if *what_if, const struct share *shares, size_t count)
{
    static const char *const names[] = {"member",         "now EUR",     "then EUR",
                                        "difference EUR", "decided EUR", "decides anew"};
    struct table table;
    struct share total = total_of(shares, count);
    table_begin(&table, &what_if->cli->output, TABLE_WHOLE, names, 6, NULL,
                !what_if->cli->settings.no_header);
    table_align_right(&table, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4);
    for (size_t i = 0; i < count; i++) {
        const struct share *share = &shares[i];
        char *decided = !share->has_decided   ? output_format("nothing")
                        : share->decided == 0 ? output_format("said no")
                                              : euros_text(share->decided);
        const char *anew = share->decides_anew ? "yes" : share->takes_part ? "no" : "takes no part";
        print_row(&table, share, decided, anew);
        free(decided);
    }
    print_row(&table, &total, "", "");
    table_end(&table);
}

// Plain words: part of the table's page on a terminal, beside the rows elsewhere.
static void say(struct what_if *what_if, const char *text)
{
    struct output *output = &what_if->cli->output;
    if (output->terminal) {
        output_line(output, "%s", text);
    } else if (output_flush(output)) {
        output_note("%s", text);
    }
}

static void print_words(struct what_if *what_if, const struct share *shares, size_t count)
{
    size_t boards = 0;
    char *members = output_format("%s", "");
    for (size_t i = 0; i < count; i++) {
        if (shares[i].decides_anew) {
            members = output_append(members, "%s%s", boards++ == 0 ? "" : ", ", shares[i].member);
        }
    }
    char *amount = euros_text((int64_t)what_if->amount);
    char *split = output_format(_("EUR %s for %s of %s, split by version %s of key %s."), amount,
                                what_if->purpose, what_if->path, what_if->version, what_if->key);
    char *anew = boards == 0   ? output_format("%s", _("No board would have to decide anew."))
                 : boards == 1 ? output_format(_("1 board would have to decide anew: %s."), members)
                               : output_format(_("%zu boards would have to decide anew: %s."),
                                               boards, members);
    say(what_if, split);
    say(what_if, anew);
    say(what_if, _("This was a dry run: nothing is stored."));
    free(anew);
    free(split);
    free(amount);
    free(members);
}

static int print(struct what_if *what_if, const json_t *answer)
{
    const json_t *events = json_object_get(answer, "events");
    const json_t *allocated = json_array_get(events, json_array_size(events) - 1);
    const json_t *then = json_object_get(json_object_get(allocated, "data"), "shares");
    size_t count = 0;
    struct share *shares = make_shares(what_if, then, &count);
    if (then == NULL || shares == NULL) {
        free(shares);
        return output_failed(EXIT_OTHER, "the answer cannot be read");
    }
    if (what_if->cli->settings.json) {
        print_json(what_if, shares, count);
    } else {
        print_table(what_if, shares, count);
        print_words(what_if, shares, count);
    }
    free(shares);
    return 0;
}

static int run(struct what_if *what_if)
{
    static const struct number now = {0};
    struct cli *cli = what_if->cli;
    json_t *entity = NULL;
    json_t *answer = NULL;
    char *name = NULL;
    int code = paths_typed(cli, cli->arguments[0], KIND_WERKPLAATS, now, &what_if->path);
    if (code == 0 && !past_is_of(what_if->path, KIND_WERKPLAATS)) {
        code = output_problem("%s: a werkplaats is needed", what_if->path);
    }
    if (code == 0) {
        paths_split(what_if->path, &what_if->region, &name);
        code = paths_get(cli, what_if->path, now, &entity);
    }
    if (code == 0) {
        what_if->fields = json_object_get(json_object_get(entity, "record"), "fields");
        code = settle(what_if);
    }
    if (code == 0) {
        code = dry_run(what_if, &answer);
    }
    if (code == 0) {
        code = print(what_if, answer);
    }
    free(name);
    json_decref(answer);
    json_decref(entity);
    return code;
}

int cmd_what_if(struct cli *cli)
{
    struct what_if what_if = {.cli = cli};
    int code = run(&what_if);
    free(what_if.region);
    free(what_if.path);
    return code;
}
