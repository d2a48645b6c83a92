// Files of keys, as they lie on a disk: which are taken, which are refused, and that none is
// overwritten.
#include "clients/lib/waternet.h"
#include "proto/key.h"
#include "tests/unit/scratch.h"

#include <czmq.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PUBLIC "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID" // the pair in libzmq's own manual
#define SECRET "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
#define OTHER "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define SERVER "waternet.example.org:7400"

static char file_name[512];

static const char *named(const char *name)
{
    (void)snprintf(file_name, sizeof file_name, "%s/%s", scratch_dir(), name);
    return file_name;
}

static const char *written(const char *text, size_t size, mode_t mode)
{
    const char *path = named("k.key");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
    return path;
}

static enum status read_text(const char *text, struct key *ret_key, const char **ret_problem)
{
    return key_read(written(text, strlen(text), 0600), ret_key, ret_problem);
}

static const char *made(const char *server, const char *server_key, char *ret_public)
{
    const char *path = named("made.key"), *problem = "?";
    assert_int_equal(waternet_key_create(path, server, server_key, ret_public, &problem),
                     WATERNET_OK);
    assert_null(problem);
    return path;
}

static void a_key_that_was_made_reads_back(void **state)
{
    static const char *const servers[] = {NULL, SERVER}, *const server_keys[] = {NULL, PUBLIC};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const char *server = servers[i & 1], *server_key = server_keys[i >> 1];
        char public[WATERNET_KEY_SIZE] = "";
        const char *problem = NULL;
        struct key key = {0};
        assert_int_equal(key_read(made(server, server_key, public), &key, &problem), STATUS_OK);
        assert_string_equal(key.public_key, public);
        assert_string_equal(key.server, server == NULL ? "" : server);
        assert_string_equal(key.server_key, server_key == NULL ? "" : server_key);
    }
}

static void a_new_key_is_for_its_owner_alone_whatever_the_umask(void **state)
{
    static const mode_t umasks[] = {0, 022, 077, 0777};
    (void)state;
    for (size_t i = 0; i < sizeof umasks / sizeof umasks[0]; i++) {
        char public[WATERNET_KEY_SIZE];
        struct stat file;
        mode_t before = umask(umasks[i]);
        const char *path = made(NULL, NULL, public);
        (void)umask(before);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
    }
}

static void czmq_reads_what_we_make(void **state)
{
    char public[WATERNET_KEY_SIZE];
    (void)state;
    const char *path = made(SERVER, OTHER, public);
    zcert_t *cert = zcert_load(path);
    assert_non_null(cert);
    assert_string_equal(zcert_public_txt(cert), public);
    assert_string_equal(zcert_meta(cert, "server"), SERVER);
    assert_string_equal(zcert_meta(cert, "server-key"), OTHER);
    struct key key;
    const char *problem = NULL;
    assert_int_equal(key_read(path, &key, &problem), STATUS_OK);
    assert_string_equal(zcert_secret_txt(cert), key.secret_key);
    zcert_destroy(&cert);
}

static void we_read_what_czmq_makes(void **state)
{
    (void)state;
    zcert_t *cert = zcert_new();
    const char *path = named("czmq.key"), *problem = NULL;
    struct key key;
    zcert_set_meta(cert, "server", "%s", SERVER);
    zcert_set_meta(cert, "name", "%s", "een = twee");
    assert_int_equal(zcert_save_secret(cert, path), 0);
    assert_int_equal(key_read(path, &key, &problem), STATUS_OK);
    assert_string_equal(key.public_key, zcert_public_txt(cert));
    assert_string_equal(key.secret_key, zcert_secret_txt(cert));
    assert_string_equal(key.server, SERVER);
    zcert_destroy(&cert);
}

static void every_key_that_is_made_is_another(void **state)
{
    char first[WATERNET_KEY_SIZE], second[WATERNET_KEY_SIZE];
    (void)state;
    (void)made(NULL, NULL, first);
    (void)made(NULL, NULL, second);
    assert_string_not_equal(first, second);
}

static void nothing_is_ever_overwritten(void **state)
{
    char public[WATERNET_KEY_SIZE] = "untouched", before[64], target[600];
    const char *problem = NULL;
    (void)state;
    const char *path = written("my only key\n", 12, 0600);
    assert_int_equal(waternet_key_create(path, NULL, NULL, public, &problem), WATERNET_CONFLICT);
    assert_non_null(strstr(problem, "another name"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(before, sizeof before, file));
    (void)fclose(file);
    assert_string_equal(before, "my only key\n");

    // A link to nothing: what it points to must not come to be.
    path = named("link.key");
    (void)snprintf(target, sizeof target, "%s.target", path);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(waternet_key_create(path, NULL, NULL, public, &problem), WATERNET_CONFLICT);
    assert_int_equal(access(target, F_OK), -1);
    assert_string_equal(public, "untouched");
}

static void a_server_that_is_none_makes_no_file(void **state)
{
    static const struct {
        const char *server, *server_key;
    } rows[] = {{"nowhere", NULL}, {"", NULL}, {SERVER, "abc"}, {SERVER, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char public[WATERNET_KEY_SIZE];
        const char *path = named("none.key"), *problem = NULL;
        assert_int_equal(
            waternet_key_create(path, rows[i].server, rows[i].server_key, public, &problem),
            WATERNET_MALFORMED);
        assert_non_null(problem);
        assert_int_equal(access(path, F_OK), -1);
    }
}

static void a_directory_that_is_not_there_is_told(void **state)
{
    char public[WATERNET_KEY_SIZE];
    const char *problem = NULL;
    (void)state;
    assert_int_equal(waternet_key_create(named("no/such/k.key"), NULL, NULL, public, &problem),
                     WATERNET_FAILED);
    assert_non_null(strstr(problem, "directory of your own"));
}

static const char good[] =
    "curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET "\"\n";

static void a_file_that_others_can_touch_is_refused(void **state)
{
    static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0666, 0777, 0440};
    struct key key = {0};
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const char *problem = NULL;
        const char *path = written(good, strlen(good), modes[i]);
        assert_int_equal(key_read(path, &key, &problem), STATUS_MALFORMED);
        assert_non_null(strstr(problem, "chmod 600"));
        assert_string_equal(key.secret_key, "");
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(key_read(path, &key, &problem), STATUS_OK);
        key_wipe(&key);
    }
    const char *problem = NULL;
    assert_int_equal(key_read(written(good, strlen(good), 0400), &key, &problem), STATUS_OK);
}

static void a_file_of_another_user_is_refused(void **state)
{
    struct key key;
    const char *problem = NULL;
    (void)state;
    const char *path = written(good, strlen(good), 0600);
    if (geteuid() != 0 || chown(path, 65534, 65534) != 0) {
        skip();
    }
    assert_int_equal(key_read(path, &key, &problem), STATUS_MALFORMED);
    assert_non_null(strstr(problem, "chown"));
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
    struct key key;
    const char *problem = NULL;
    (void)state;
    assert_int_equal(key_read(named("absent.key"), &key, &problem), STATUS_NOT_FOUND);
    assert_non_null(strstr(problem, "waternet key new"));
    assert_int_equal(key_read(scratch_dir(), &key, &problem), STATUS_MALFORMED);
    assert_non_null(strstr(problem, "regular"));
    const char *path = named("pipe.key");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(key_read(path, &key, &problem), STATUS_MALFORMED);
    assert_non_null(strstr(problem, "regular"));
}

// CZMQ's own reader would take it, and nobody looked at it.
static void a_file_beside_it_is_not_taken_for_it(void **state)
{
    char public[WATERNET_KEY_SIZE], beside[600];
    const char *problem = NULL;
    struct key key;
    (void)state;
    const char *path = written(good, strlen(good), 0600);
    (void)snprintf(beside, sizeof beside, "%s_secret", path);
    assert_int_equal(waternet_key_create(beside, NULL, NULL, public, &problem), WATERNET_OK);
    assert_int_equal(key_read(path, &key, &problem), STATUS_OK);
    assert_string_equal(key.public_key, PUBLIC);
}

static void what_others_write_is_read(void **state)
{
    static const char *const texts[] = {
        good,
        // pyzmq: values of metadata without quotes
        "#   ****  Generated on 2026 by pyzmq  ****\n\nmetadata\n    server = " SERVER
        "\n    x = curve\ncurve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET
        "\"\n",
        "curve\r\n\tsecret-key = '" SECRET "'\r\n\tpublic-key='" PUBLIC "'\r\n",
        "curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET
        "\"", // no last newline
        "other\n    public-key = \"" OTHER "\"\n\n# curve\ncurve\n    public-key = " PUBLIC
        "\n    secret-key = " SECRET "\n",
        // the first counts
        "curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET
        "\"\n    public-key = \"" OTHER "\"\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct key key;
        const char *problem = NULL;
        assert_int_equal(read_text(texts[i], &key, &problem), STATUS_OK);
        assert_string_equal(key.public_key, PUBLIC);
        assert_string_equal(key.secret_key, SECRET);
        assert_string_equal(key.server, i == 1 ? SERVER : "");
    }
}

static void what_is_no_key_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"", "holds no key"},
        {"curve\n", "holds no key"},
        {"garbage\n   x = \n  \"y\n", "holds no key"},
        {"public-key = \"" PUBLIC "\"\nsecret-key = \"" SECRET "\"\n", "holds no key"},
        {"curve\n    public-key = \"" PUBLIC "\"\n", "public key only"},
        {"curve\n    secret-key = \"" SECRET "\"\n", "no pair"},
        {"curve\n    public-key = \"" OTHER "\"\n    secret-key = \"" SECRET "\"\n", "no pair"},
        {"curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" OTHER "\"\n", "no pair"},
        {"curve\n    public-key = \"" PUBLIC "\"\n    secret-key = \"" SECRET "x\"\n",
         "public key only"},
        {"curve\n    public-key = \"abc\"\n    secret-key = \"" SECRET "\"\n", "no pair"},
        {"curve\n    public-key = \"" PUBLIC
         "\"\n    secret-key = \"~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\"\n",
         "no pair"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct key key = {.server = "as before"};
        const char *problem = "";
        assert_int_equal(read_text(rows[i].text, &key, &problem), STATUS_MALFORMED);
        assert_non_null(strstr(problem, rows[i].said));
        assert_string_equal(key.server, "as before");
    }
}

static void bytes_of_any_kind_are_no_key(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        char bytes[600];
        struct key key;
        const char *problem = NULL;
        srandom(seed);
        for (size_t i = 0; i < sizeof bytes; i++) {
            // Half of them out of what a key file is made of, so that some lines are nearly right.
            static const char likely[] = "curve\n    public-key = \"secret-key#metadata\r\t='\"";
            unsigned any = (unsigned)random();
            char other = (char)(any >> 8 & 0xff);
            bytes[i] = any % 2 == 0 ? likely[(any >> 1) % (sizeof likely - 1)] : other;
        }
        enum status status =
            key_read(written(bytes, seed * 3 % sizeof bytes, 0600), &key, &problem);
        assert_int_equal(status, STATUS_MALFORMED);
    }
}

static void a_file_that_is_far_too_large_is_refused(void **state)
{
    static char text[100000];
    struct key key;
    const char *problem = NULL;
    (void)state;
    memset(text, '#', sizeof text - 1);
    memcpy(text, good, strlen(good));
    assert_int_equal(read_text(text, &key, &problem), STATUS_MALFORMED);
    assert_non_null(strstr(problem, "too large"));
}

static void a_wiped_key_is_gone(void **state)
{
    static const struct key empty;
    struct key key;
    const char *problem = NULL;
    (void)state;
    assert_int_equal(read_text(good, &key, &problem), STATUS_OK);
    key_wipe(&key);
    assert_memory_equal(&key, &empty, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_was_made_reads_back),
        cmocka_unit_test(a_new_key_is_for_its_owner_alone_whatever_the_umask),
        cmocka_unit_test(czmq_reads_what_we_make),
        cmocka_unit_test(we_read_what_czmq_makes),
        cmocka_unit_test(every_key_that_is_made_is_another),
        cmocka_unit_test(nothing_is_ever_overwritten),
        cmocka_unit_test(a_server_that_is_none_makes_no_file),
        cmocka_unit_test(a_directory_that_is_not_there_is_told),
        cmocka_unit_test(a_file_that_others_can_touch_is_refused),
        cmocka_unit_test(a_file_of_another_user_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused_without_waiting),
        cmocka_unit_test(a_file_beside_it_is_not_taken_for_it),
        cmocka_unit_test(what_others_write_is_read),
        cmocka_unit_test(what_is_no_key_is_refused_with_a_reason),
        cmocka_unit_test(bytes_of_any_kind_are_no_key),
        cmocka_unit_test(a_file_that_is_far_too_large_is_refused),
        cmocka_unit_test(a_wiped_key_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
