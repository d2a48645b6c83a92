// waternet verify: reads the whole log and checks that it is one.
#include "clients/cli/latest.h"
#include "clients/cli/whole.h"

#include "proto/event.h"

#include <stdarg.h>

#define FINDINGS_SHOWN 20 // the first ones tell; the rest are counted

struct verifying {
    struct cli *cli;
    struct whole whole;
    struct latest latest;
    uint64_t seq, time; // of the event before
    uint64_t findings;
    uint64_t kept_seq; // 0: no root was kept
    const char *kept_root;
    uint8_t room[EVENT_BYTES_MAX];
};

// A line for people, or with --json the object, which is ended.
static void say(struct cli *cli, json_t *json, const char *line)
{
    if (cli->settings.json) {
        output_json(&cli->output, json);
    } else {
        output_line(&cli->output, "%s", line);
    }
    json_decref(json);
}

// What people read; a program gets the same words in every language.
static const char *said(const struct cli *cli, const char *text) __attribute__((format_arg(2)));
static const char *said(const struct cli *cli, const char *text)
{
    return cli->output.terminal && !cli->settings.json ? _(text) : text;
}

__attribute__((format(printf, 2, 3))) static void find(struct verifying *verifying,
                                                       const char *format, ...)
{
    va_list values;
    if (verifying->findings++ < FINDINGS_SHOWN) {
        char text[256];
        va_start(values, format);
        (void)vsnprintf(text, sizeof text, said(verifying->cli, format),
                        values); // a cut line will do
        va_end(values);
        say(verifying->cli, json_pack("{s:s}", "finding", text), text);
    }
}

static void find_in(struct verifying *verifying, uint64_t seq, const char *what)
{
    find(verifying, N_("event %llu: %s"), (unsigned long long)seq, said(verifying->cli, what));
}

// prev at each level that has one.
static bool follows(struct verifying *verifying, const struct event *event)
{
    char path[PATH_MAX_BYTES];
    struct bytes whole = event_path(event, path);
    const char *slash = memchr((const char *)event->subject.data, '/', event->subject.size);
    size_t kind = (size_t)(slash - (const char *)event->subject.data);
    const size_t sizes[] = {event->region.size, event->region.size + 1 + kind, whole.size};
    bool fits = true;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t before = 0;
        struct bytes level = {path, sizes[i]};
        if (!latest_set(&verifying->latest, level, event->seq, &before)) {
            find_in(verifying, event->seq, N_("no memory for its level: its prev is not checked"));
        } else {
            fits = fits && event->prev[i] == before;
        }
    }
    return fits;
}

static void compare_kept(struct verifying *verifying)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash root = tree_root(&verifying->whole.tree);
    hash_hex(&root, hex);
    if (strcasecmp(hex, verifying->kept_root) != 0) {
        find(verifying, N_("root: the log up to event %llu has root %s, not the one given"),
             (unsigned long long)verifying->kept_seq, hex);
    }
}

static bool take(void *context, struct waternet_follower *follower,
                 const struct waternet_event *came)
{
    struct verifying *verifying = context;
    struct bytes bytes = {came->bytes, came->size};
    struct event event;
    (void)follower; // the bytes are enough
    if (came->seq != verifying->seq + 1) {
        find_in(verifying, came->seq, N_("is not the next"));
    }
    verifying->seq = came->seq;
    if (came->seq == verifying->kept_seq) {
        compare_kept(verifying);
    }
    if (!event_decode(bytes, &event) ||
        !bytes_equal(event_encode(&event, verifying->room), bytes)) {
        find_in(verifying, came->seq, N_("is no event in canonical form"));
        return true;
    }
    if (event.time < verifying->time) {
        find_in(verifying, came->seq, N_("is older than the one before it"));
    }
    verifying->time = event.time;
    if (!follows(verifying, &event)) {
        find_in(verifying, came->seq, N_("its prev is not the event before it"));
    }
    return output_flush(&verifying->cli->output);
}

static int read_kept(struct verifying *verifying)
{
    const struct settings *settings = &verifying->cli->settings;
    if (settings->seq.given != (settings->root != NULL)) {
        return output_problem("--seq and --root belong together; a root is that of a number");
    }
    if (settings->root == NULL) {
        return 0;
    }
    if (strlen(settings->root) != 2 * HASH_BYTES ||
        strspn(settings->root, "0123456789abcdefABCDEF") != 2 * HASH_BYTES) {
        return output_problem("--root %s is no root; 64 hex digits, as waternet status shows them",
                              settings->root);
    }
    verifying->kept_seq = settings->seq.value;
    verifying->kept_root = settings->root;
    return 0;
}

static void say_result(struct verifying *verifying)
{
    const struct tree *tree = &verifying->whole.tree;
    bool sound = verifying->findings == 0;
    char hex[2 * HASH_BYTES + 1], line[256];
    struct hash root = tree_root(tree);
    hash_hex(&root, hex);
    (void)snprintf(line, sizeof line, "%s: events=%llu root=%s findings=%llu",
                   said(verifying->cli, sound ? N_("verified") : N_("does NOT verify")),
                   (unsigned long long)tree->size, hex,
                   (unsigned long long)verifying->findings); // always fits
    say(verifying->cli,
        json_pack("{s:b, s:I, s:s, s:I}", "verified", (int)sound, "events", (json_int_t)tree->size,
                  "root", hex, "findings", (json_int_t)verifying->findings),
        line);
}

static int verify(struct verifying *verifying)
{
    struct cli *cli = verifying->cli;
    struct whole *whole = &verifying->whole;
    int code = whole_begin(cli, whole);
    if (code == 0) {
        if (verifying->kept_root != NULL && verifying->kept_seq == 0) {
            compare_kept(verifying);
        }
        code = whole_read(cli, whole, "verify", take, verifying);
    }
    if (code != 0) {
        return code;
    }
    if (!whole_fits(whole)) {
        find(verifying, N_("root: the events do not have the root that the daemon named, %s"),
             whole->root);
    }
    if (verifying->kept_seq > whole->head) {
        find(verifying, N_("root: the log ends at event %llu, before event %llu"),
             (unsigned long long)whole->head, (unsigned long long)verifying->kept_seq);
    }
    say_result(verifying);
    return verifying->findings == 0 ? 0 : waternet_status_exit(WATERNET_CORRUPT);
}

int cmd_verify(struct cli *cli)
{
    static struct verifying verifying; // with room for an event
    verifying.cli = cli;
    int code = read_kept(&verifying);
    if (code == 0) {
        code = verify(&verifying);
    }
    latest_finish(&verifying.latest);
    return code;
}
