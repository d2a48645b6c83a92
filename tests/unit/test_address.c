// Where a daemon is: what people type, what the options mean together, and who is there.
#include "clients/lib/address.h"
#include "tests/unit/scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static void a_server_is_a_host_and_a_port(void **state)
{
    static const struct {
        const char *text, *host;
        unsigned port;
        bool is_ipv6;
    } rows[] = {
        {"waternet.example.org:7400", "waternet.example.org", 7400, false},
        {"127.0.0.1:1", "127.0.0.1", 1, false},
        {"localhost:65533", "localhost", 65533, false},
        {"[::1]:7400", "::1", 7400, true},
        {"[2001:db8::7]:7400", "2001:db8::7", 7400, true},
        {"[::ffff:192.0.2.1]:80", "::ffff:192.0.2.1", 80, true},
        {"a_b-c.d:07400", "a_b-c.d", 7400, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct address address = {0};
        assert_true(address_read_server(&address, rows[i].text));
        assert_string_equal(address.server, rows[i].text);
        assert_string_equal(address.host, rows[i].host);
        assert_int_equal(address.port, rows[i].port);
        assert_int_equal(address.is_ipv6, rows[i].is_ipv6);
    }
}

static void what_is_no_server_is_refused_and_changes_nothing(void **state)
{
    static char long_host[400];
    static const char *const texts[] = {
        "",
        ":",
        "host",
        "host:",
        ":7400",
        "host:0",
        "host:65534",
        "host:99999999999999999999",
        "host:-1",
        "host:+1",
        "host: 1",
        "host:1 ",
        "host:0x10",
        "host:7400/",
        "ho st:7400",
        "tcp://host:7400",
        "host;x:7400",
        "host/x:7400",
        "*:7400",
        "h\x01st:7400",
        "h\xc3\xa9:7400",
        "::1:7400",
        "[]:7400",
        "[::1]7400",
        "[::1:7400",
        "::1]:7400",
        "[host.x]:7400",
        "[::1%eth0]:7400",
        long_host,
    };
    (void)state;
    memset(long_host, 'a', 300);
    memcpy(long_host + 300, ":7400", 6);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct address address = {.port = 9, .host = "before"};
        assert_false(address_read_server(&address, texts[i]));
        assert_int_equal(address.port, 9);
        assert_string_equal(address.host, "before");
        assert_string_equal(address.server, "");
    }
}

static void a_host_of_253_is_taken_and_one_of_254_refused(void **state)
{
    char text[300];
    struct address address = {0};
    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + 253, ":7400", 6);
    assert_true(address_read_server(&address, text));
    memset(text, 'a', sizeof(text));
    memcpy(text + 254, ":7400", 6);
    assert_false(address_read_server(&address, text));
}

static char file_name[512];

static const char *key_file(const char *server, const char *server_key)
{
    char public[WATERNET_KEY_SIZE];
    (void)snprintf(file_name, sizeof(file_name), "%s/k.key", scratch_dir());
    assert_int_equal(waternet_key_create(file_name, server, server_key, public, NULL), WATERNET_OK);
    return file_name;
}

static void the_options_say_where_before_the_key_file_does(void **state)
{
    static const char other[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    static const struct {
        const char *in_file, *key_in_file, *server, *server_key; // what is said, and where
        const char *host, *key;                                  // what counts
    } rows[] = {
        {"a:1", KEY, NULL, NULL, "a", KEY},     {NULL, NULL, "b:2", other, "b", other},
        {"a:1", KEY, "b:2", NULL, "b", KEY},    {"a:1", KEY, NULL, other, "a", other},
        {"a:1", KEY, "b:2", other, "b", other},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct address address = {0};
        const char *problem = NULL;
        struct waternet_options options = {
            .key_file = key_file(rows[i].in_file, rows[i].key_in_file),
            .server = rows[i].server,
            .server_key = rows[i].server_key,
        };
        assert_int_equal(address_take(&address, &options, &problem), STATUS_OK);
        assert_null(address.dir);
        assert_string_equal(address.host, rows[i].host);
        assert_string_equal(address.server_key, rows[i].key);
        assert_int_equal(strlen(address.secret_key), CURVE_TEXT);
        address_finish(&address);
        assert_string_equal(address.secret_key, "");
    }
}

static void options_that_do_not_go_together_are_told(void **state)
{
    static const struct {
        bool has_file;
        struct waternet_options options;
        const char *said;
    } rows[] = {
        {false, {.server = "a:1"}, "key file"},
        {false, {.server = "a:1", .server_key = KEY}, "key file"},
        {true, {0}, "which server"},
        {true, {.server_key = KEY}, "which server"},
        {true, {.server = "a:1"}, "server's public key"},
        {true, {.server = "a:1", .runtime_dir = "/run/x"}, "only one of the two"},
        {true, {.runtime_dir = "/run/x"}, "only one of the two"},
        {true, {.server = "a", .server_key = KEY}, "HOST:PORT"},
        {true, {.server = "a:1", .server_key = "abc"}, "40 characters"},
        {true, {.server = "", .server_key = KEY}, "HOST:PORT"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct address address = {0};
        const char *problem = "";
        struct waternet_options options = rows[i].options;
        options.key_file = rows[i].has_file ? key_file(NULL, NULL) : NULL;
        assert_int_equal(address_take(&address, &options, &problem), STATUS_MALFORMED);
        assert_non_null(strstr(problem, rows[i].said));
        assert_string_equal(address.secret_key, "");
        address_finish(&address);
    }
}

static void without_a_server_it_is_the_directory(void **state)
{
    struct address address = {0};
    const char *problem = NULL;
    struct waternet_options options = {.runtime_dir = "/run/x", .server_key = KEY};
    (void)state;
    assert_int_equal(address_take(&address, &options, &problem), STATUS_OK);
    assert_null(problem);
    assert_string_equal(address.dir, "/run/x");
    address_finish(&address);
    assert_null(address.dir);
}

// A socket on 127.0.0.1 alone, listening or not; its port.
static int bound(bool listens, unsigned *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(listens ? listen(fd, 1) : 0, 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void a_name_is_tried_at_all_its_addresses(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    unsigned port;
    (void)state;
    int fd = bound(true, &port);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct address address = {.port = port - 1, .is_ipv6 = true}; // query is at the next
        (void)strcpy(address.host, hosts[i]);
        assert_int_equal(address_probe(&address, 2000), 0);
        assert_false(address.is_ipv6); // it was there that somebody is
    }
    (void)close(fd);
}

static void nobody_there_is_told_at_once(void **state)
{
    unsigned port;
    (void)state;
    int fd = bound(false, &port);
    struct address address = {.port = port - 1};
    (void)strcpy(address.host, "127.0.0.1");
    assert_int_equal(address_probe(&address, 60000), ECONNREFUSED);
    (void)close(fd);
    (void)strcpy(address.host, "nowhere.invalid");
    assert_int_equal(address_probe(&address, 60000), ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_a_host_and_a_port),
        cmocka_unit_test(what_is_no_server_is_refused_and_changes_nothing),
        cmocka_unit_test(a_host_of_253_is_taken_and_one_of_254_refused),
        cmocka_unit_test(the_options_say_where_before_the_key_file_does),
        cmocka_unit_test(options_that_do_not_go_together_are_told),
        cmocka_unit_test(without_a_server_it_is_the_directory),
        cmocka_unit_test(a_name_is_tried_at_all_its_addresses),
        cmocka_unit_test(nobody_there_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
