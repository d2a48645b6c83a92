#include "proto/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct cloudevent_names names = {.type_prefix = CLOUDEVENT_TYPE_PREFIX};

static struct faults faults;
static struct event_scratch scratch;
static uint8_t request[2 * EVENT_BYTES_MAX];

static void fail_with_fault(unsigned line)
{
    if (faults.count == 0) {
        fail_msg("line %u: too large", line);
    }
    fail_msg("line %u, %.*s: found %.*s, accepted %.*s", line, BYTES_PRINT(faults.rows[0].field),
             BYTES_PRINT(faults.rows[0].found), BYTES_PRINT(faults.rows[0].accepted));
}

static void read_line(unsigned line, const char *text, size_t size)
{
    json_error_t error;
    struct event event;
    struct bytes as = {0};
    const char *reason = "";
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) {
        fail_msg("line %u: %s", line, error.text);
    }
    struct wire_writer writer = wire_write(request, sizeof(request));
    faults_clear(&faults);
    if (!cloudevent_to_wire(object, &names, &faults, &writer, &as)) {
        fail_with_fault(line);
    }
    if (!wire_check(wire_written(&writer), &reason)) {
        fail_msg("line %u: %s", line, reason);
    }
    if (!event_read(wire_written(&writer), &scratch, &faults, &event)) {
        fail_with_fault(line);
    }
    assert_true(bytes_are(event.region, "twente"));
    assert_true(event.citation.size > 0); // nothing is told without its source
    assert_true(as.size > 0);
    json_decref(object);
}

static void every_line_of_the_first_load_is_an_event(void **state)
{
    FILE *file = fopen("data/twente.jsonl", "r");
    char *text = NULL;
    size_t room = 0;
    ssize_t size;
    unsigned line = 0;
    (void)state;
    assert_non_null(file);
    while ((size = getline(&text, &room, file)) > 0) {
        read_line(++line, text, (size_t)size);
    }
    assert_true(line > 50);
    free(text);
    (void)fclose(file); // only read
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_first_load_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
