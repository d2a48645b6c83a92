#include "daemon/support/store.h"
#include "daemon/support/store_private.h"
#include "tests/unit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024u * 1024)

// Helpers ---------------------------------------------------------------------------------------

static void open_store(struct store *store, const char *dir)
{
    struct store_options options = {.dir = dir};
    enum status status = store_open(store, &options);
    if (status != STATUS_OK) {
        fail_msg("%s", store->problem);
    }
}

// What is said with a status other than OK must name the cause.
static void expect_refused(const char *dir, enum status expected, const char *part)
{
    struct store store;
    struct store_options options = {.dir = dir};
    assert_int_equal(store_open(&store, &options), expected);
    if (strstr(store.problem, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", store.problem, part);
    }
    store_close(&store);
}

static const char *join(const char *dir, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t size; (size = fread(block, 1, sizeof block, in)) > 0;) {
        assert_int_equal(fwrite(block, 1, size, out), size);
    }
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static struct bytes event_text(uint64_t seq, char room[64])
{
    snprintf(room, 64, "this is event number %" PRIu64 ", unmistakably", seq);
    return bytes_of(room);
}

// Puts the next event, as commit.c does.
static void put_event(struct txn *txn, struct log_head *head)
{
    char room[64];
    struct bytes event = event_text(++head->seq, room);
    struct hash leaf = tree_leaf(event);
    tree_append(&head->tree, &leaf);
    store_append_log(txn, head->seq, &leaf, event);
    store_put_number(txn, TABLE_IDS, event, head->seq);
}

static enum status post(struct store *store, struct log_head *head, unsigned events)
{
    struct log_head after = *head;
    struct txn txn = store_begin(store);
    for (unsigned i = 0; i < events; i++) {
        put_event(&txn, &after);
    }
    store_put_tree(&txn, &after.tree);
    enum status status = store_commit(&txn);
    assert_null(txn.handle);
    if (status == STATUS_OK) {
        *head = after;
    }
    return status;
}

static struct log_head head_of(struct store *store)
{
    struct log_head head = {0};
    struct txn txn = store_begin_read(store);
    store_get_head(&txn, &head);
    assert_int_equal(txn.status, STATUS_OK);
    store_abort(&txn);
    return head;
}

// Events 1..last are there, in order, with the bytes that were put, and nothing after them.
static void expect_log(struct store *store, uint64_t last)
{
    uint64_t seq, count = 0;
    struct hash leaf;
    struct bytes event;
    char room[64];
    struct txn txn = store_begin_read(store);
    struct walk walk = store_walk_log(&txn, 1);
    while (walk_next_log(&walk, &seq, &leaf, &event)) {
        assert_int_equal(seq, ++count);
        assert_true(bytes_equal(event, event_text(seq, room)));
        struct hash expected = tree_leaf(event);
        assert_true(hash_equal(&leaf, &expected));
    }
    assert_int_equal(txn.status, STATUS_OK);
    assert_int_equal(count, last);
    store_abort(&txn);
}

static void expect_text(struct store *store, const char *key, const char *expected)
{
    struct txn txn = store_begin_read(store);
    struct bytes value = store_get(&txn, TABLE_ENTITIES, bytes_of(key));
    if (expected == NULL) {
        assert_null(value.data);
    } else {
        assert_true(bytes_are(value, expected));
    }
    assert_int_equal(txn.status, STATUS_OK);
    store_abort(&txn);
}

static void put_text(struct txn *txn, const char *key, const char *value)
{
    store_put(txn, TABLE_ENTITIES, bytes_of(key), bytes_of(value));
}

// A store with events 1..count in a new directory, closed, and no HEAD but with_head.
static const char *make_log(uint64_t count, bool with_head)
{
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(post(&store, &head, 1), STATUS_OK);
    }
    if (with_head) {
        assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    }
    store_close(&store);
    return dir;
}

static void change_byte(const char *path, long offset, unsigned char flip)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_true(fputc(byte ^ flip, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

// Runs in a process of its own, because one process opens a directory once; true if it returned so.
static bool elsewhere(bool (*run)(const char *dir), const char *dir)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(run(dir) ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    return WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

// Transactions ----------------------------------------------------------------------------------

static void what_was_committed_is_read_back_after_reopening(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(head_of(&store).seq, 0);
    for (unsigned i = 0; i < 70; i++) {
        assert_int_equal(post(&store, &head, 1), STATUS_OK);
    }
    assert_int_equal(post(&store, &head, 30), STATUS_OK);
    store_close(&store);

    open_store(&store, dir);
    expect_log(&store, 100);
    struct log_head read = head_of(&store);
    struct hash root = tree_root(&head.tree), read_root = tree_root(&read.tree);
    assert_int_equal(read.seq, 100);
    assert_true(hash_equal(&root, &read_root));

    char room[64];
    struct txn txn = store_begin_read(&store);
    assert_int_equal(store_get_number(&txn, TABLE_IDS, event_text(77, room)), 77);
    assert_int_equal(store_get_number(&txn, TABLE_IDS, bytes_of("no such")), 0);
    assert_null(store_get(&txn, TABLE_IDS, bytes_of("")).data);
    struct hash leaf;
    struct bytes event;
    assert_true(store_get_log(&txn, 100, &leaf, &event));
    assert_true(bytes_equal(event, event_text(100, room)));
    assert_false(store_get_log(&txn, 101, &leaf, &event));
    assert_int_equal(txn.status, STATUS_OK);
    store_abort(&txn);
    store_close(&store);
}

static void an_aborted_transaction_leaves_no_trace(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0}, aborted;
    open_store(&store, scratch_dir());
    assert_int_equal(post(&store, &head, 3), STATUS_OK);
    aborted = head;

    struct txn txn = store_begin(&store);
    put_event(&txn, &aborted);
    put_text(&txn, "a", "aborted");
    store_abort(&txn);
    assert_null(txn.handle);

    expect_log(&store, 3);
    expect_text(&store, "a", NULL);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    expect_log(&store, 4);
    store_close(&store);
}

static void a_deleted_row_is_gone_and_deleting_nothing_is_no_failure(void **state)
{
    (void)state;
    struct store store;
    open_store(&store, scratch_dir());
    struct txn txn = store_begin(&store);
    put_text(&txn, "a", "here");
    put_text(&txn, "b", "here");
    assert_int_equal(store_commit(&txn), STATUS_OK);
    txn = store_begin(&store);
    store_delete(&txn, TABLE_ENTITIES, bytes_of("a"));
    store_delete(&txn, TABLE_ENTITIES, bytes_of("nothing"));
    assert_int_equal(store_commit(&txn), STATUS_OK);
    expect_text(&store, "a", NULL);
    expect_text(&store, "b", "here");
    store_close(&store);
}

static void a_child_is_kept_or_dropped_whole_and_its_parent_goes_on(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    open_store(&store, scratch_dir());
    struct txn txn = store_begin(&store);
    put_event(&txn, &head);

    struct txn child = store_begin_child(&txn);
    put_event(&child, &head);
    put_text(&child, "kept", "yes");
    assert_int_equal(store_commit(&child), STATUS_OK);

    struct log_head dropped = head;
    child = store_begin_child(&txn);
    put_event(&child, &dropped);
    put_event(&child, &dropped);
    put_text(&child, "kept", "overwritten");
    put_text(&child, "dropped", "yes");
    store_abort(&child);
    assert_int_equal(txn.status, STATUS_OK);

    put_event(&txn, &head);
    store_put_tree(&txn, &head.tree);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    expect_log(&store, 3);
    expect_text(&store, "kept", "yes");
    expect_text(&store, "dropped", NULL);
    store_close(&store);
}

static void after_the_first_failure_nothing_is_stored_and_the_commit_tells_it(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    open_store(&store, scratch_dir());
    assert_int_equal(post(&store, &head, 1), STATUS_OK);

    struct txn txn = store_begin(&store);
    put_text(&txn, "before", "lost too");
    put_text(&txn, "number", "not eight");
    assert_int_equal(store_get_number(&txn, TABLE_ENTITIES, bytes_of("number")), 0);
    assert_int_equal(txn.status, STATUS_CORRUPT);
    put_text(&txn, "after", "never");
    put_event(&txn, &(struct log_head){.seq = 77}); // would be asserted if it were looked at
    assert_null(store_get(&txn, TABLE_ENTITIES, bytes_of("before")).data);
    assert_int_equal(store_commit(&txn), STATUS_CORRUPT);
    assert_null(txn.handle);
    assert_non_null(strstr(store.problem, "8 bytes"));

    expect_text(&store, "before", NULL);
    expect_text(&store, "after", NULL);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    expect_log(&store, 2);
    store_close(&store);
}

static void a_childs_failure_is_its_parents(void **state)
{
    (void)state;
    struct store store;
    open_store(&store, scratch_dir());
    for (unsigned commits = 0; commits < 2; commits++) {
        struct txn txn = store_begin(&store);
        put_text(&txn, "parent", "lost");
        struct txn child = store_begin_child(&txn);
        put_text(&child, "number", "not eight");
        (void)store_get_number(&child, TABLE_ENTITIES, bytes_of("number"));
        if (commits != 0) {
            assert_int_equal(store_commit(&child), STATUS_CORRUPT);
        } else {
            store_abort(&child);
        }
        assert_int_equal(txn.status, STATUS_CORRUPT);
        struct txn next = store_begin_child(&txn);
        assert_int_equal(store_commit(&next), STATUS_CORRUPT);
        assert_int_equal(store_commit(&txn), STATUS_CORRUPT);
        expect_text(&store, "parent", NULL);
    }
    store_close(&store);
}

static void a_failing_commit_stores_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *setting;
        enum status expected;
    } rows[] = {
        {"store_commit:5", STATUS_FAILED}, // EIO
        {"store_commit:28", STATUS_STORAGE_FULL},
        {"store_commit:122", STATUS_STORAGE_FULL}, // EDQUOT
        {"store_commit:-30792", STATUS_STORAGE_FULL},
        {"store_commit:-30788", STATUS_STORAGE_FULL},
        {"store_commit:-30796", STATUS_CORRUPT},
        {"store_commit:-30795", STATUS_FAILED}, // MDB_PANIC
    };
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setenv("WATERNET_FAIL", rows[i].setting, 1);
        assert_int_equal(post(&store, &head, 1), rows[i].expected);
        assert_true(store.problem[0] != '\0');
        unsetenv("WATERNET_FAIL");
        expect_log(&store, 1);
    }
    setenv("WATERNET_FAIL", "store_commit:28:2", 1); // from the second on
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    assert_int_equal(post(&store, &head, 1), STATUS_STORAGE_FULL);
    unsetenv("WATERNET_FAIL");
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    store_close(&store);
    open_store(&store, dir);
    expect_log(&store, 3);
    store_close(&store);
}

static bool post_one(const char *dir)
{
    struct store store;
    struct store_options options = {.dir = dir};
    if (store_open(&store, &options) != STATUS_OK) {
        return false;
    }
    struct log_head head = head_of(&store);
    bool done = post(&store, &head, 1) == STATUS_OK;
    store_close(&store);
    return done;
}

static void a_kill_before_the_commit_loses_it_and_after_the_commit_does_not(void **state)
{
    (void)state;
    struct store store;
    const char *dir = make_log(3, true);
    setenv("WATERNET_FAIL", "before_commit:kill", 1);
    assert_false(elsewhere(post_one, dir));
    unsetenv("WATERNET_FAIL");
    open_store(&store, dir);
    expect_log(&store, 3);
    store_close(&store);

    setenv("WATERNET_FAIL", "after_commit:kill", 1);
    assert_false(elsewhere(post_one, dir));
    unsetenv("WATERNET_FAIL");
    open_store(&store, dir);
    expect_log(&store, 4);
    store_close(&store);
}

static void a_full_map_keeps_exactly_what_was_acknowledged(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    struct store_options options = {.dir = dir, .map_bytes = 256 * 1024};
    assert_int_equal(store_open(&store, &options), STATUS_OK);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && head.seq < 100000) {
        status = post(&store, &head, 50);
    }
    assert_int_equal(status, STATUS_STORAGE_FULL);
    assert_true(head.seq > 0);

    // In a child: the parent hears it, also where the child is thrown away.
    struct txn txn = store_begin(&store), child = store_begin_child(&txn);
    struct log_head lost = head;
    for (unsigned i = 0; i < 5000; i++) {
        put_event(&child, &lost);
    }
    assert_int_equal(child.status, STATUS_STORAGE_FULL);
    store_abort(&child);
    assert_int_equal(store_commit(&txn), STATUS_STORAGE_FULL);
    expect_log(&store, head.seq);
    store_close(&store);

    options.map_bytes = 64 * MIB;
    assert_int_equal(store_open(&store, &options), STATUS_OK);
    expect_log(&store, head.seq);
    assert_int_equal(post(&store, &head, 500), STATUS_OK);
    expect_log(&store, head.seq);
    store_close(&store);
}

static void a_walk_meets_every_row_from_its_key_on_in_order(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "a/b", "b", "c"};
    struct store store;
    struct bytes key, value;
    open_store(&store, scratch_dir());
    struct txn txn = store_begin(&store);
    for (unsigned i = 4; i-- > 0;) {
        put_text(&txn, keys[i], keys[i]);
    }
    assert_int_equal(store_commit(&txn), STATUS_OK);

    txn = store_begin_read(&store);
    for (unsigned from = 0; from < 4; from++) {
        unsigned at = from;
        struct walk walk = store_walk(&txn, TABLE_ENTITIES, bytes_of(from == 0 ? "" : keys[from]));
        while (walk_next(&walk, &key, &value)) {
            assert_true(at < 4 && bytes_are(key, keys[at]) && bytes_are(value, keys[at]));
            at++;
        }
        assert_int_equal(at, 4);
        assert_false(walk_next(&walk, &key, &value));
        walk_close(&walk);
    }
    struct walk none = store_walk(&txn, TABLE_ENTITIES, bytes_of("d"));
    assert_false(walk_next(&none, &key, &value));
    struct walk left = store_walk(&txn, TABLE_ENTITIES, bytes_of("b"));
    assert_true(walk_next(&left, &key, &value));
    walk_close(&left);
    assert_int_equal(txn.status, STATUS_OK);
    store_abort(&txn);
    store_close(&store);
}

// Opening ---------------------------------------------------------------------------------------

static void a_second_writer_is_locked_out(void **state)
{
    (void)state;
    struct store store;
    const char *dir = scratch_dir();
    open_store(&store, dir);
    expect_refused(dir, STATUS_STORAGE_LOCKED, "another process");
    store_close(&store);
    open_store(&store, dir);
    store_close(&store);
}

// Reads all, while and without anybody writing, and makes nothing.
static bool read_five(const char *dir)
{
    struct store store;
    struct store_options options = {.dir = dir, .read_only = true};
    if (store_open(&store, &options) != STATUS_OK) {
        fprintf(stderr, "%s\n", store.problem);
        return false;
    }
    uint64_t seq = 0, count = 0;
    struct hash leaf;
    struct bytes event;
    struct txn txn = store_begin_read(&store);
    struct walk walk = store_walk_log(&txn, 1);
    while (walk_next_log(&walk, &seq, &leaf, &event)) {
        count++;
    }
    store_abort(&txn);
    store_close(&store);
    return count == 5 && seq == 5;
}

static void a_reader_reads_beside_a_writer_and_without_one(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(post(&store, &head, 5), STATUS_OK);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    assert_true(elsewhere(read_five, dir));
    store_close(&store);
    assert_true(elsewhere(read_five, dir));
    open_store(&store, dir);
    store_close(&store);
}

static void a_reader_makes_no_readers_table_where_there_is_none(void **state)
{
    (void)state;
    const char *dir = make_log(5, true);
    assert_int_equal(unlink(join(dir, "store/lock.mdb")), 0);
    assert_true(elsewhere(read_five, dir));
    assert_false(exists(join(dir, "store/lock.mdb")));
    assert_int_equal(unlink(join(dir, "lock")), 0);
    assert_true(elsewhere(read_five, dir));
    assert_false(exists(join(dir, "lock")));
}

static void a_reader_without_the_readers_table_stays_out_of_a_running_daemon(void **state)
{
    (void)state;
    struct store store;
    const char *dir = make_log(5, true);
    open_store(&store, dir);
    assert_int_equal(unlink(join(dir, "store/lock.mdb")), 0);
    struct store other;
    struct store_options options = {.dir = dir, .read_only = true};
    assert_int_equal(store_open(&other, &options), STATUS_STORAGE_LOCKED);
    store_close(&store);
}

static void a_reader_finds_no_store_and_makes_none(void **state)
{
    (void)state;
    struct store store;
    const char *dir = scratch_dir();
    struct store_options options = {.dir = dir, .read_only = true};
    assert_int_equal(store_open(&store, &options), STATUS_NOT_FOUND);
    options.dir = join(dir, "nothing");
    assert_int_equal(store_open(&store, &options), STATUS_NOT_FOUND);
    assert_int_equal(rmdir(dir), 0); // it is as empty as it was
}

static void a_left_over_of_making_a_store_is_removed(void **state)
{
    (void)state;
    struct store store;
    const char *dir = scratch_dir();
    assert_int_equal(mkdir(join(dir, "store.tmp"), 0700), 0);
    write_text(join(dir, "store.tmp/data.mdb"), "half of a page");
    open_store(&store, dir);
    assert_false(exists(join(dir, "store.tmp")));
    struct log_head head = {0};
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    store_close(&store);
    open_store(&store, dir);
    expect_log(&store, 1);
    store_close(&store);
}

static void a_store_of_zeros_is_reported(void **state)
{
    (void)state;
    const char *dir = scratch_dir();
    assert_int_equal(mkdir(join(dir, "store"), 0700), 0);
    write_text(join(dir, "store/data.mdb"), "");
    expect_refused(dir, STATUS_CORRUPT, "never finished");
    assert_int_equal(truncate(join(dir, "store/data.mdb"), 64 * 1024), 0);
    expect_refused(dir, STATUS_CORRUPT, "restore the newest backup");
    assert_int_equal(unlink(join(dir, "store/data.mdb")), 0);
    expect_refused(dir, STATUS_CORRUPT, "data.mdb");
    assert_false(exists(join(dir, "store/data.mdb")));
}

static void a_store_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(post(&store, &head, 20000), STATUS_OK);
    store_close(&store);
    open_store(&store, dir);
    store_close(&store);
    assert_int_equal(truncate(join(dir, "store/data.mdb"), 64 * 1024), 0);
    expect_refused(dir, STATUS_CORRUPT, "cut off");
}

static void a_store_one_commit_older_than_head_is_refused(void **state)
{
    (void)state;
    struct store store;
    const char *dir = make_log(5, true);
    copy_file(join(dir, "store/data.mdb"), join(dir, "old"));
    open_store(&store, dir);
    struct log_head head = head_of(&store);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    store_close(&store);
    copy_file(join(dir, "store/data.mdb"), join(dir, "new"));

    copy_file(join(dir, "old"), join(dir, "store/data.mdb"));
    expect_refused(dir, STATUS_CORRUPT, "older than HEAD");
    copy_file(join(dir, "new"), join(dir, "store/data.mdb"));
    open_store(&store, dir);
    expect_log(&store, 6);
    // A store that is newer than HEAD is what a crash leaves.
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    store_close(&store);
    open_store(&store, dir);
    store_close(&store);
}

static void another_log_or_another_history_than_head_is_refused(void **state)
{
    (void)state;
    const char *dir = make_log(5, true), *other = make_log(5, true);
    char line[256];
    FILE *file = fopen(join(dir, "HEAD"), "r");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);

    copy_file(join(other, "HEAD"), join(dir, "HEAD"));
    expect_refused(dir, STATUS_CORRUPT, "HEAD names log");
    char *root = strstr(line, "root=") + 5;
    root[0] = root[0] == '0' ? '1' : '0';
    write_text(join(dir, "HEAD"), line);
    expect_refused(dir, STATUS_CORRUPT, "another history");
    root[9] = '\0';
    write_text(join(dir, "HEAD"), line);
    expect_refused(dir, STATUS_CORRUPT, "HEAD is damaged");
}

static void a_head_without_its_store_makes_no_new_one(void **state)
{
    (void)state;
    const char *dir = make_log(5, true);
    assert_int_equal(rename(join(dir, "store"), join(dir, "elsewhere")), 0);
    expect_refused(dir, STATUS_CORRUPT, "no store");
    assert_false(exists(join(dir, "store")));
}

static void an_empty_or_absent_head_is_a_warning(void **state)
{
    (void)state;
    struct store store;
    const char *dir = make_log(5, true);
    open_store(&store, dir);
    assert_null(strstr(store.problem, "HEAD"));
    store_close(&store);
    write_text(join(dir, "HEAD"), "");
    open_store(&store, dir);
    assert_non_null(strstr(store.problem, "HEAD is empty"));
    struct log_head head = head_of(&store);
    store_close(&store);
    assert_int_equal(unlink(join(dir, "HEAD")), 0);
    open_store(&store, dir);
    assert_non_null(strstr(store.problem, "there is no HEAD"));
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    assert_true(exists(join(dir, "HEAD")));
    store_close(&store);
    open_store(&store, dir);
    assert_null(strstr(store.problem, "HEAD"));
    store_close(&store);
}

static void head_is_written_once_for_each_head(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK); // also of no events
    assert_true(exists(join(dir, "HEAD")));
    assert_int_equal(unlink(join(dir, "HEAD")), 0);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    assert_false(exists(join(dir, "HEAD")));
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    setenv("WATERNET_FAIL", "store_head:5", 1);
    assert_int_equal(store_write_head(&store, &head), STATUS_FAILED);
    unsetenv("WATERNET_FAIL");
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    assert_true(exists(join(dir, "HEAD")));
    store_close(&store);

    open_store(&store, dir);
    assert_int_equal(unlink(join(dir, "HEAD")), 0);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    assert_false(exists(join(dir, "HEAD")));
    store_close(&store);
}

static void a_damaged_number_in_the_newest_meta_page_is_refused(void **state)
{
    (void)state;
    static const unsigned bits[] = {0, 1, 2, 3, 8, 31, 32, 63};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        const char *dir = make_log(7, true); // transaction 8, in page 0
        const char *data = join(dir, "store/data.mdb");
        change_byte(data, 144 + bits[i] / 8, (unsigned char)(1u << bits[i] % 8));
        expect_refused(dir, STATUS_CORRUPT, "its two meta pages do not fit");
    }
    // Transaction 7, in page 1, becomes 6, beside 6: LMDB would take the first of two equals.
    const char *equal = make_log(6, false);
    change_byte(join(equal, "store/data.mdb"), 4096 + 144, 1);
    expect_refused(equal, STATUS_CORRUPT, "its two meta pages do not fit");
    // Transaction 6 becomes 4, beside 5: a sound pair, in which only HEAD misses something.
    const char *dir = make_log(5, true);
    change_byte(join(dir, "store/data.mdb"), 144, 2);
    expect_refused(dir, STATUS_CORRUPT, "older than HEAD");
}

static void a_flipped_byte_in_the_tail_is_refused(void **state)
{
    (void)state;
    const char *dir = make_log(5, false);
    const char *data = join(dir, "store/data.mdb");
    static const char text[] = "this is event number 3, unmistakably";
    static char file_bytes[4 * MIB];
    FILE *file = fopen(data, "rb");
    size_t size = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    unsigned found = 0;
    // Older copies of the page are in the file as well; so is the table of ids.
    for (char *at = file_bytes;
         (at = memmem(at, (size_t)(file_bytes + size - at), text, sizeof text - 1)) != NULL;
         at++, found++) {
        change_byte(data, at - file_bytes, 0x20);
    }
    assert_true(found > 0);
    expect_refused(dir, STATUS_CORRUPT, "event 3 is damaged");
}

static void a_tree_that_is_not_the_logs_is_refused(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    assert_int_equal(post(&store, &head, 3), STATUS_OK);
    struct txn txn = store_begin(&store);
    struct tree tree = head.tree;
    tree.nodes[1].bytes[5] ^= 1;
    store_put_tree(&txn, &tree);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    store_close(&store);
    expect_refused(dir, STATUS_CORRUPT, "does not fit its tree");
}

static void network_file_systems_are_told_from_local_ones(void **state)
{
    (void)state;
    const char *name;
    assert_int_equal(store_judge_file_system(0x6969, &name), FILE_SYSTEM_NETWORK);
    assert_string_equal(name, "NFS");
    assert_int_equal(store_judge_file_system(0xff534d42, &name), FILE_SYSTEM_NETWORK);
    assert_int_equal(store_judge_file_system(0x01021997, &name), FILE_SYSTEM_NETWORK);
    assert_int_equal(store_judge_file_system(0x01021994, &name), FILE_SYSTEM_DOUBTFUL);
    assert_int_equal(store_judge_file_system(0xef53, &name), FILE_SYSTEM_LOCAL);
}

static unsigned mode_of(const char *path)
{
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    return file.st_mode & 07777;
}

static void nobody_else_may_read_what_is_made(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    const char *dir = join(scratch_dir(), "made");
    char kept[512];
    snprintf(kept, sizeof kept, "%s", dir);
    mode_t before = umask(0);
    open_store(&store, kept);
    assert_int_equal(store_write_private(&store, 1, bytes_of("part")), STATUS_OK);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    store_close(&store);
    umask(before);
    assert_int_equal(mode_of(kept), 0700);
    assert_int_equal(mode_of(join(kept, "store")), 0700);
    assert_int_equal(mode_of(join(kept, "private")), 0700);
    assert_int_equal(mode_of(join(kept, "store/data.mdb")), 0600);
    assert_int_equal(mode_of(join(kept, "store/lock.mdb")), 0600);
    assert_int_equal(mode_of(join(kept, "lock")), 0600);
    assert_int_equal(mode_of(join(kept, "HEAD")), 0600);
    assert_int_equal(mode_of(join(kept, "private/1")), 0600);
}

// Growth ----------------------------------------------------------------------------------------

static void growth_keeps_eight_mebibytes_ahead(void **state)
{
    (void)state;
    struct store store;
    struct store_figures figures;
    struct log_head head = {0};
    const char *dir = scratch_dir();
    open_store(&store, dir);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(store_grow(&store), STATUS_OK);
        store_figures(&store, &figures);
        assert_true(figures.bytes_file >= figures.bytes_used + 8 * MIB);
        assert_true(figures.bytes_file < figures.bytes_used + 9 * MIB + 4096);
        assert_int_equal(post(&store, &head, 2000), STATUS_OK);
    }
    assert_true(figures.bytes_used > 2 * MIB);
    assert_true(figures.bytes_free_disk > 0);
    assert_int_equal(figures.readers, 0);
    struct txn first = store_begin_read(&store), second = store_begin_read(&store);
    store_figures(&store, &figures);
    assert_int_equal(figures.readers, 2);
    store_abort(&first);
    store_abort(&second);
    store_check_readers(&store);
    store_close(&store);
    open_store(&store, dir);
    expect_log(&store, 40000);
    assert_int_equal(store_grow(&store), STATUS_OK);
    store_close(&store);
}

static void a_full_disk_is_told_before_it_hurts_and_recovers_by_itself(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    open_store(&store, scratch_dir());
    setenv("WATERNET_FAIL", "store_grow:28", 1);
    assert_int_equal(store_grow(&store), STATUS_STORAGE_FULL);
    assert_non_null(strstr(store.problem, "full"));
    assert_int_equal(store_grow(&store), STATUS_STORAGE_FULL);
    unsetenv("WATERNET_FAIL");
    usleep(150 * 1000);
    assert_int_equal(store_grow(&store), STATUS_OK);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);

    // What is ahead already can still be used.
    setenv("WATERNET_FAIL", "store_grow:28", 1);
    assert_int_equal(post(&store, &head, 2000), STATUS_OK);
    assert_int_equal(store_grow(&store), STATUS_OK);
    setenv("WATERNET_FAIL", "store_grow:5", 1);
    usleep(150 * 1000);
    assert_int_equal(store_grow(&store), STATUS_FAILED);
    unsetenv("WATERNET_FAIL");
    store_close(&store);
}

static void below_the_watermark_of_free_space_is_told(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    struct store_options options = {.dir = scratch_dir(), .free_bytes_low = UINT64_MAX};
    assert_int_equal(store_open(&store, &options), STATUS_OK);
    assert_int_equal(store_grow(&store), STATUS_STORAGE_LOW);
    assert_int_equal(store_grow(&store), STATUS_STORAGE_LOW);
    assert_int_equal(post(&store, &head, 1), STATUS_OK);
    assert_int_equal(store_grow(&store), STATUS_STORAGE_LOW);
    store.free_bytes_low = 1; // as if room had been made
    usleep(1100 * 1000);
    assert_int_equal(store_grow(&store), STATUS_OK);
    store_close(&store);
}

// Private parts ---------------------------------------------------------------------------------

static void private_parts_are_read_back_and_orphans_removed(void **state)
{
    (void)state;
    struct store store;
    struct bytes part;
    static uint8_t room[PRIVATE_BYTES_MAX + 32], large[PRIVATE_BYTES_MAX + 32];
    const char *dir = make_log(3, true);
    memset(large, 'x', sizeof large);
    open_store(&store, dir);
    assert_int_equal(store_write_private(&store, 2, bytes_of("a longer one")), STATUS_OK);
    assert_int_equal(store_write_private(&store, 2, bytes_of("two")), STATUS_OK);
    assert_int_equal(store_write_private(&store, 3, (struct bytes){large, sizeof large}),
                     STATUS_OK);
    assert_int_equal(store_write_private(&store, 4, bytes_of("orphan")), STATUS_OK);
    assert_int_equal(store_write_private(&store, 5, bytes_of("dropped")), STATUS_OK);
    assert_int_equal(store_sync_private(&store), STATUS_OK);
    store_drop_private(&store, 5);
    assert_int_equal(store_read_private(&store, 5, room, &part), STATUS_NOT_FOUND);
    assert_int_equal(store_read_private(&store, 4, room, &part), STATUS_OK);
    setenv("WATERNET_FAIL", "private_write:28", 1);
    assert_int_equal(store_write_private(&store, 6, bytes_of("six")), STATUS_STORAGE_FULL);
    unsetenv("WATERNET_FAIL");
    store_close(&store);

    write_text(join(dir, "private/007"), "not ours");
    open_store(&store, dir);
    assert_int_equal(store_read_private(&store, 2, room, &part), STATUS_OK);
    assert_true(bytes_are(part, "two"));
    assert_int_equal(store_read_private(&store, 3, room, &part), STATUS_OK);
    assert_true(bytes_equal(part, (struct bytes){large, sizeof large}));
    assert_int_equal(store_read_private(&store, 1, room, &part), STATUS_NOT_FOUND);
    assert_int_equal(store_read_private(&store, 4, room, &part), STATUS_NOT_FOUND);
    assert_true(exists(join(dir, "private/007")));
    write_text(join(dir, "private/1"), "");
    assert_int_equal(truncate(join(dir, "private/1"), sizeof room + 1), 0);
    assert_int_equal(store_read_private(&store, 1, room, &part), STATUS_CORRUPT);
    store_close(&store);
}

static void a_scratch_store_is_a_store(void **state)
{
    (void)state;
    struct store store;
    struct log_head head = {0};
    struct store_options options = {.dir = scratch_dir(), .scratch = true};
    assert_int_equal(store_open(&store, &options), STATUS_OK);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(post(&store, &head, 1), STATUS_OK);
    }
    assert_int_equal(store_write_head(&store, &head), STATUS_OK);
    store_close(&store);
    open_store(&store, options.dir);
    expect_log(&store, 1000);
    store_close(&store);
    store_close(&store); // a closed one stays closed
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_committed_is_read_back_after_reopening),
        cmocka_unit_test(an_aborted_transaction_leaves_no_trace),
        cmocka_unit_test(a_deleted_row_is_gone_and_deleting_nothing_is_no_failure),
        cmocka_unit_test(a_child_is_kept_or_dropped_whole_and_its_parent_goes_on),
        cmocka_unit_test(after_the_first_failure_nothing_is_stored_and_the_commit_tells_it),
        cmocka_unit_test(a_childs_failure_is_its_parents),
        cmocka_unit_test(a_failing_commit_stores_nothing),
        cmocka_unit_test(a_kill_before_the_commit_loses_it_and_after_the_commit_does_not),
        cmocka_unit_test(a_full_map_keeps_exactly_what_was_acknowledged),
        cmocka_unit_test(a_walk_meets_every_row_from_its_key_on_in_order),
        cmocka_unit_test(a_second_writer_is_locked_out),
        cmocka_unit_test(a_reader_reads_beside_a_writer_and_without_one),
        cmocka_unit_test(a_reader_makes_no_readers_table_where_there_is_none),
        cmocka_unit_test(a_reader_without_the_readers_table_stays_out_of_a_running_daemon),
        cmocka_unit_test(a_reader_finds_no_store_and_makes_none),
        cmocka_unit_test(a_left_over_of_making_a_store_is_removed),
        cmocka_unit_test(a_store_of_zeros_is_reported),
        cmocka_unit_test(a_store_that_was_cut_off_is_refused),
        cmocka_unit_test(a_store_one_commit_older_than_head_is_refused),
        cmocka_unit_test(another_log_or_another_history_than_head_is_refused),
        cmocka_unit_test(a_head_without_its_store_makes_no_new_one),
        cmocka_unit_test(an_empty_or_absent_head_is_a_warning),
        cmocka_unit_test(head_is_written_once_for_each_head),
        cmocka_unit_test(a_damaged_number_in_the_newest_meta_page_is_refused),
        cmocka_unit_test(a_flipped_byte_in_the_tail_is_refused),
        cmocka_unit_test(a_tree_that_is_not_the_logs_is_refused),
        cmocka_unit_test(network_file_systems_are_told_from_local_ones),
        cmocka_unit_test(nobody_else_may_read_what_is_made),
        cmocka_unit_test(growth_keeps_eight_mebibytes_ahead),
        cmocka_unit_test(a_full_disk_is_told_before_it_hurts_and_recovers_by_itself),
        cmocka_unit_test(below_the_watermark_of_free_space_is_told),
        cmocka_unit_test(private_parts_are_read_back_and_orphans_removed),
        cmocka_unit_test(a_scratch_store_is_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
