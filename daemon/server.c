#include "daemon/server.h"

#include "daemon/accept.h"
#include "daemon/check.h"
#include "daemon/commit.h"
#include "daemon/first_keys.h"
#include "daemon/rebuild.h"
#include "daemon/support/clock.h"
#include "daemon/support/log.h"
#include "daemon/view.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define READERS_MS 60000
#define WATCHDOG_MS 5000
#define MEND_MS 5             // until a cut feed is tried again
#define FEED_PATIENCE_MS 1000 // until it is told that this does not succeed

// The turn --------------------------------------------------------------------------------------

// What hinders posts before they are even judged.
static enum status turn_hindrance(struct server *server)
{
    enum status status = store_grow(&server->store);
    uint64_t time = server->turn.time;
    bool sound = time <= CLOCK_MS_MAX && time + CLOCK_BEHIND_MS_MAX >= server->head.time;
    if (status == STATUS_OK && !sound) {
        status = STATUS_CLOCK;
    }
    return status;
}

// Told once when it begins and once when it is over, however many posts hear of it.
static void note_hindrance(struct server *server, enum status status)
{
    if (status != server->hindrance) {
        bool over = status == STATUS_OK;
        log_line(over ? LOG_INFO : LOG_WARNING, "%s status=%s head=%llu",
                 over ? "posts-taken-again" : "posts-refused",
                 status_name(over ? server->hindrance : status),
                 (unsigned long long)server->head.seq);
        server->hindrance = status;
    }
}

// Every post of the turn hears the same: nothing of it is stored.
static void refuse_posts(struct turn *turn, enum status status)
{
    for (uint32_t i = 0; i < turn->count; i++) {
        struct turn_request *slot = &turn->requests[i];
        if (slot->is_judged) {
            struct wire_writer writer = wire_write(turn->answer_room, sizeof(turn->answer_room));
            frame_close(&slot->answer);
            answer_refuse(&writer, slot->number, status, NULL, -1);
            turn_answer(slot, wire_written(&writer));
        }
    }
}

static void send_answers(struct server *server)
{
    struct turn *turn = &server->turn;
    for (uint32_t i = 0; i < turn->count; i++) {
        struct turn_request *slot = &turn->requests[i];
        frame_close(&slot->incoming.body);
        if (slot->is_own) {
            frame_close(&slot->answer);
        } else if (!socket_answer(server->sockets.command, &slot->incoming.from, &slot->answer)) {
            server->counters.unroutable++;
        }
    }
}

static void drop_answers(struct turn *turn)
{
    for (uint32_t i = 0; i < turn->count; i++) {
        frame_close(&turn->requests[i].answer);
        frame_close(&turn->requests[i].incoming.body);
        frame_close(&turn->requests[i].incoming.from);
    }
}

static enum status judge_and_commit(struct server *server)
{
    struct turn *turn = &server->turn;
    turn->head = server->head;
    turn->room = store_room(&server->store);
    turn->staged = 0;
    turn->private_seq = server->head.seq;
    turn->erased_count = turn->cursors = 0;
    turn->cut_by = 0;
    struct txn txn = store_begin(&server->store);
    // A sync costs what judging a hundred posts costs: what comes meanwhile shares this one, but
    // those who came first do not wait for it long.
    uint64_t until_ms = clock_monotonic_ms() + TURN_JOIN_MS;
    while (turn->judged < turn->count && txn.status == STATUS_OK) {
        check_turn(turn, &txn, &server->counters);
        if (clock_monotonic_ms() < until_ms) {
            accept_turn(server->sockets.command, turn, &server->counters);
        }
    }
    return commit_turn(turn, &txn, &server->head);
}

// What was committed ends connections: before anybody hears that it was.
static void cut_connections(struct server *server)
{
    if (server->turn.cut_by != 0 && server->sockets.remote != NULL) {
        sockets_cut(&server->sockets);
        publish_forget_remote(&server->feed);
        log_line(LOG_INFO, "feed-cut head=%llu", (unsigned long long)server->head.seq);
    }
}

// What cannot be told to the subscribers they read from the log; a store that is damaged ends all.
static enum status note_publication(struct server *server, enum status status)
{
    if (status != server->publication) {
        log_line(status == STATUS_OK ? LOG_INFO : LOG_WARNING, "publication status=%s head=%llu",
                 status_name(status), (unsigned long long)server->head.seq);
        server->publication = status;
    }
    return status == STATUS_CORRUPT ? status : STATUS_OK;
}

static bool is_worth_going_on(enum status status)
{
    return status == STATUS_OK || status == STATUS_STORAGE_FULL || status == STATUS_STORAGE_LOW ||
           status == STATUS_CLOCK;
}

// accept -> check -> commit -> answer -> publish. Anything but STATUS_OK ends the process: then
// nobody has heard anything of this turn, and whoever asks again with the same id learns what
// became of it.
static enum status server_turn(struct server *server)
{
    struct turn *turn = &server->turn;
    uint64_t before = server->head.seq;

    turn->count = turn->judged = 0;
    turn->bytes = 0;
    turn->own_status = STATUS_OK;
    if (server->own.waits) {
        own_take(&server->own, turn);
    }
    accept_turn(server->sockets.command, turn, &server->counters);
    if (turn->count == 0) {
        return STATUS_OK;
    }
    turn->time = clock_wall_ms();
    // Also where nothing new can be stored, duplicates and dry runs get their answers.
    turn->hindrance = turn_hindrance(server);
    enum status status = turn->hindrance;
    if (is_worth_going_on(status)) {
        status = judge_and_commit(server);
    }
    if (!is_worth_going_on(status)) {
        drop_answers(turn);
        return status;
    }
    note_hindrance(server, status == STATUS_OK ? turn->hindrance : status);
    if (status == STATUS_OK) {
        cut_connections(server);
    } else {
        server->counters.failed++;
        refuse_posts(turn, status);
    }
    send_answers(server);
    status = note_publication(
        server, publish_turn(&server->feed, &server->store, before, server->head.seq));

    server->counters.turns++;
    server->counters.events += server->head.seq - before;
    log_line(LOG_DEBUG, "turn requests=%u events=%llu head=%llu", turn->count,
             (unsigned long long)(server->head.seq - before), (unsigned long long)server->head.seq);
    return status;
}

// Between turns ---------------------------------------------------------------------------------

static bool is_due(uint64_t *due_ms, uint64_t now, uint64_t every_ms)
{
    bool due = now >= *due_ms;
    if (due) {
        *due_ms = now + every_ms;
    }
    return due;
}

// The watchdog hears of us only while the query thread turns too.
static void feed_watchdog(struct server *server)
{
    uint64_t alive = server->counters.query_alive;
    if (alive != server->query_seen) {
        server->query_seen = alive;
        (void)sd_notify(0, "WATCHDOG=1"); // without systemd there is nobody to tell
    }
}

// The query thread does not log. At most one line a heartbeat, however many questions fail.
static void note_unread(struct server *server)
{
    uint64_t unread = server->counters.unread;
    if (unread != server->unread_told) {
        log_line(LOG_ERROR, "questions-failed count=%llu status=%s",
                 (unsigned long long)(unread - server->unread_told),
                 status_name(server->counters.unread_status));
        server->unread_told = unread;
    }
}

static enum status do_what_is_due(struct server *server)
{
    uint64_t now = clock_monotonic_ms();
    enum status status = STATUS_OK;
    if (is_due(&server->heartbeat_ms, now, HEARTBEAT_MS)) {
        status = note_publication(
            server, publish_heartbeats(&server->feed, &server->store, server->head.seq));
        note_unread(server);
    }
    if (status == STATUS_OK && is_due(&server->head_file_ms, now, HEAD_MS / 2)) {
        status = store_write_head(&server->store, &server->head);
    }
    if (is_due(&server->readers_ms, now, READERS_MS)) {
        store_check_readers(&server->store);
    }
    if (is_due(&server->watchdog_ms, now, WATCHDOG_MS)) {
        feed_watchdog(server);
    }
    // A full disk keeps HEAD from being written, and nothing is lost by that but a younger witness.
    return status == STATUS_STORAGE_FULL ? STATUS_OK : status;
}

// The port is let go of a moment after a cut. If it stays taken, that is told once, and followers
// over tcp repair from the log as soon as it is free.
static bool mend_feed(struct server *server, uint64_t now)
{
    bool whole = sockets_mend(&server->sockets);
    if (whole) {
        if (server->feed_missed) {
            log_line(LOG_INFO, "feed-bound-again head=%llu", (unsigned long long)server->head.seq);
        }
        server->feed_missed = false;
        server->feed_due_ms = now + FEED_PATIENCE_MS;
    } else if (!server->feed_missed && now > server->feed_due_ms) {
        log_line(LOG_WARNING, "feed-not-bound problem=\"%s\"", server->sockets.problem);
        server->feed_missed = true;
    }
    return whole;
}

int server_run(struct server *server)
{
    enum status status = STATUS_OK;
    bool stopping = false;
    while (status == STATUS_OK && !stopping) {
        uint64_t now = clock_monotonic_ms();
        uint64_t due = server->heartbeat_ms < server->head_file_ms ? server->heartbeat_ms
                                                                   : server->head_file_ms;
        bool whole = mend_feed(server, now);
        uint64_t left = due > now ? due - now : 0;
        void *const waited[] = {server->sockets.command, server->feed.sockets->feed,
                                server->sockets.remote};
        struct readiness ready = sockets_wait(waited, server->signal_fd - 1,
                                              !whole && left > MEND_MS ? MEND_MS : (int)left);
        if (ready.sockets[1] || ready.sockets[2]) {
            status = note_publication(server, publish_take_subscriptions(
                                                  &server->feed, &server->store, server->head.seq));
            server->counters.subscriptions = server->feed.count;
        }
        if (server->feed.flood.flooder[0] != '\0' &&
            flood_end(&server->feed.flood, &server->store, &server->own)) {
            log_line(LOG_WARNING, "key-revoked reason=subscriptions head=%llu",
                     (unsigned long long)server->head.seq);
        }
        if (status == STATUS_OK && (ready.sockets[0] || server->own.waits)) {
            status = server_turn(server);
        }
        if (status == STATUS_OK) {
            status = do_what_is_due(server);
        }
        stopping = ready.descriptor;
    }
    if (status == STATUS_OK) {
        status = store_write_head(&server->store, &server->head);
        status = status == STATUS_STORAGE_FULL ? STATUS_OK : status;
    }
    if (status != STATUS_OK) {
        log_line(LOG_ERROR, "failed status=%s problem=\"%s\" head=%llu", status_name(status),
                 server->store.problem, (unsigned long long)server->head.seq);
        return status == STATUS_CORRUPT ? EXIT_CORRUPT : EXIT_FAILED;
    }
    log_line(LOG_INFO, "stop head=%llu", (unsigned long long)server->head.seq);
    (void)sd_notify(0, "STOPPING=1"); // without systemd there is nobody to tell
    return EXIT_CLEAN;
}

// Opening and closing ---------------------------------------------------------------------------

static int fail_open(const char *what, enum status status, const char *problem)
{
    log_line(LOG_ERROR, "%s status=%s problem=\"%s\"", what, status_name(status), problem);
    return status == STATUS_CORRUPT          ? EXIT_CORRUPT
           : status == STATUS_STORAGE_LOCKED ? EXIT_POLICY
           : status == STATUS_POLICY         ? EXIT_POLICY
                                             : EXIT_FAILED;
}

// The signals are blocked in every thread and read in the loop.
static bool open_signals(struct server *server)
{
    sigset_t signals;
    (void)sigemptyset(&signals);        // cannot fail
    (void)sigaddset(&signals, SIGTERM); // a known signal
    (void)sigaddset(&signals, SIGINT);  // a known signal
    bool blocked = pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0;
    int fd = blocked ? signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
    server->signal_fd = fd + 1;
    (void)signal(SIGPIPE, SIG_IGN); // a known signal
    return fd >= 0;
}

static enum status read_head(struct server *server)
{
    struct txn txn = store_begin_read(&server->store);
    struct event newest;
    store_get_head(&txn, &server->head);
    const struct view view = {&txn, server->head.seq, NULL, 0};
    if (view_event(&view, server->head.seq, &newest)) {
        server->head.time = newest.time;
    }
    enum status status = txn.status;
    store_abort(&txn);
    return status;
}

// For `dump`, which reads no configuration.
static enum status keep_prefix(struct server *server)
{
    struct bytes prefix = bytes_of(config_text(&server->config, OPTION_TYPE_PREFIX));
    struct txn txn = store_begin(&server->store);
    bool known = bytes_equal(store_get(&txn, TABLE_META, bytes_of("prefix")), prefix);
    if (known || txn.status != STATUS_OK) {
        enum status status = txn.status;
        store_abort(&txn);
        return status;
    }
    store_put(&txn, TABLE_META, bytes_of("prefix"), prefix);
    enum status status = store_commit(&txn);
    return status == STATUS_STORAGE_FULL ? STATUS_OK : status; // the next start tries again
}

static enum status open_store(struct server *server)
{
    const struct config *config = &server->config;
    const struct store_options options = {
        .dir = config_text(config, OPTION_DATA),
        .map_bytes = config_number(config, OPTION_MAP_BYTES),
        .free_bytes_low = config_number(config, OPTION_FREE_BYTES_LOW),
    };
    enum status status = store_open(&server->store, &options);
    if (status == STATUS_OK && server->store.problem[0] != '\0') {
        log_line(LOG_WARNING, "store problem=\"%s\"", server->store.problem);
    }
    if (status == STATUS_OK && rebuild_is_due(&server->store)) {
        log_line(LOG_INFO, "rebuild apply=%d", APPLY_VERSION);
        status = rebuild_tables(&server->store);
    }
    if (status == STATUS_OK) {
        status = keep_prefix(server);
    }
    return status == STATUS_OK ? read_head(server) : status;
}

// Everything that lets others in: who may, the server's key, and the sockets.
static int open_sockets(struct server *server, struct first_keys *keys)
{
    const struct config *config = &server->config;
    struct sockets_settings settings = {
        .runtime_dir = config_text(config, OPTION_RUNTIME),
        .listen = config_text(config, OPTION_LISTEN),
        .feed_high_water = (int)config_number(config, OPTION_FEED_HIGH_WATER),
    };
    char problem[LOCAL_PROBLEM];
    enum status status = STATUS_OK;
    if (!local_read(config_text(config, OPTION_LOCAL_ROLES), &server->local, problem)) {
        return fail_open("local-roles", STATUS_POLICY, problem);
    }
    server->turn.local = &server->local;
    if (settings.listen[0] != '\0') {
        status = first_keys_server(config_text(config, OPTION_DATA),
                                   config_text(config, OPTION_SERVER_KEY), keys);
    }
    if (status != STATUS_OK) {
        return fail_open("server-key", status, keys->problem);
    }
    memcpy(settings.server_secret, keys->server.secret_key, sizeof(settings.server_secret));
    memcpy(server->query.server_key, keys->server.public_key, sizeof(keys->server.public_key));
    status = sockets_open(&server->sockets, &settings);
    explicit_bzero(settings.server_secret, sizeof(settings.server_secret));
    server->feed.sockets = &server->sockets;
    return status == STATUS_OK ? EXIT_CLEAN : fail_open("sockets", status, server->sockets.problem);
}

// Before the thread runs that lets anybody in: the first operator's key, by a turn of its own.
static int register_operator(struct server *server, struct first_keys *keys)
{
    const struct config *config = &server->config;
    enum status status = STATUS_OK;
    if (config_text(config, OPTION_LISTEN)[0] != '\0') {
        log_line(LOG_INFO, "server-key public=\"%s\"", keys->server.public_key);
        status = first_keys_operator(config_text(config, OPTION_DATA), &server->store, &server->own,
                                     keys);
    }
    if (status != STATUS_OK) {
        return fail_open("operator-key", status, keys->problem);
    }
    if (server->own.waits) {
        status = server_turn(server);
        status = status == STATUS_OK ? server->turn.own_status : status;
        log_line(status == STATUS_OK ? LOG_INFO : LOG_WARNING, "operator-key made=\"%s\" status=%s",
                 keys->operator_file, status_name(status));
    }
    // A full disk or a wrong clock keeps it from being registered: the next start tries again.
    return is_worth_going_on(status) ? EXIT_CLEAN
                                     : fail_open("operator-key", status, server->store.problem);
}

static enum status start_query(struct server *server)
{
    server->query.socket = server->sockets.query;
    server->query.zap = server->sockets.zap;
    server->query.local = &server->local;
    server->query.listen = config_text(&server->config, OPTION_LISTEN);
    server->query.store = &server->store;
    server->query.counters = &server->counters;
    server->query.type_prefix = config_text(&server->config, OPTION_TYPE_PREFIX);
    return query_start(&server->query);
}

int server_open(struct server *server)
{
    const struct config *config = &server->config;
    if (!open_signals(server)) {
        return fail_open("signals", STATUS_FAILED, "no signalfd");
    }
    enum status status = open_store(server);
    if (status != STATUS_OK) {
        return fail_open("store", status, server->store.problem);
    }
    struct first_keys keys = {0};
    int code = open_sockets(server, &keys);
    if (code == EXIT_CLEAN) {
        code = register_operator(server, &keys);
    }
    key_wipe(&keys.server);
    if (code != EXIT_CLEAN) {
        return code;
    }
    if (start_query(server) != STATUS_OK) {
        return fail_open("threads", STATUS_FAILED, "no thread for questions");
    }
    log_line(LOG_INFO, "start version=%s data=\"%s\" runtime=\"%s\" listen=\"%s\" head=%llu",
             WATERNET_VERSION, config_text(config, OPTION_DATA),
             config_text(config, OPTION_RUNTIME), config_text(config, OPTION_LISTEN),
             (unsigned long long)server->head.seq);
    (void)sd_notify(0, "READY=1"); // without systemd there is nobody to tell
    return EXIT_CLEAN;
}

void server_close(struct server *server)
{
    if (server->sockets.context != NULL) {
        sockets_interrupt(&server->sockets);
        query_join(&server->query);
        sockets_close(&server->sockets);
    }
    store_close(&server->store);
    if (server->signal_fd != 0) {
        (void)close(server->signal_fd - 1); // only read
        server->signal_fd = 0;
    }
}
