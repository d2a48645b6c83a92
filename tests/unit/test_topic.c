#include "proto/topic.h"

#include "proto/schema.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct event an_event(const char *region, const char *type, const char *subject)
{
    struct event event = {
        .type = event_type_find(bytes_of(type)),
        .region = bytes_of(region),
        .subject = bytes_of(subject),
        .seq = 90,
        .prev = {80, 70, 60},
    };
    assert_non_null(event.type);
    assert_true(schema_is_path(event.subject, &event.kind, &event.entity));
    return event;
}

static struct prefix prefix_of(const char *text)
{
    struct prefix prefix;
    assert_true(prefix_read(bytes_of(text), &prefix));
    assert_true(bytes_are(prefix.text, text));
    return prefix;
}

static void there_are_four_levels(void **state)
{
    (void)state;
    struct prefix log = prefix_of("/"), region = prefix_of("/twente/"),
                  kind = prefix_of("/twente/werkplaats/"),
                  entity = prefix_of("/twente/werkplaats/w1/");
    assert_int_equal(log.level, LEVEL_LOG);
    assert_int_equal(log.region.size + log.kind.size + log.entity.size, 0);
    assert_int_equal(region.level, LEVEL_REGION);
    assert_true(bytes_are(region.region, "twente"));
    assert_int_equal(region.kind.size + region.entity.size, 0);
    assert_int_equal(kind.level, LEVEL_KIND);
    assert_true(bytes_are(kind.region, "twente") && bytes_are(kind.kind, "werkplaats"));
    assert_int_equal(kind.entity.size, 0);
    assert_int_equal(entity.level, LEVEL_ENTITY);
    assert_true(bytes_are(entity.region, "twente") && bytes_are(entity.kind, "werkplaats") &&
                bytes_are(entity.entity, "w1"));
}

static void what_is_none_of_the_four_levels_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "//",
        "///",
        "twente/",
        "/twente",
        "/twente/werkplaats",
        "/twente/werkplaats/w1",
        "/twente//",
        "//werkplaats/",
        "/twente//w1/",
        "/twente/werkplaats//",
        "/twente/werkplaats/w1//",
        "/twente/werkplaats/w1/werkplaats.opened",
        "/twente/werkplaats/w1/werkplaats.opened/",
        "/Twente/",
        "/-twente/",
        "/twente /",
        " /twente/",
        "/twente/\n",
        "/twente/nosuch/",
        "/twente/werkplaatsen/",
        "/twente/Werkplaats/",
        "/twente/werkplaats/W1/",
        "/twente/werkplaats/w_1/",
        "/twente/*/",
        "!/twente/",
    };
    struct prefix prefix = {.level = LEVEL_KIND};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (prefix_read(bytes_of(rows[i]), &prefix)) {
            fail_msg("taken as a prefix: %s", rows[i]);
        }
        assert_int_equal(prefix.level, LEVEL_KIND); // left as it was
    }
    assert_false(prefix_read((struct bytes){0}, &prefix));
    assert_false(prefix_read((struct bytes){"/twente\0/", 9}, &prefix));
}

static void a_name_of_64_is_taken_and_one_of_65_refused(void **state)
{
    char text[67] = "/";
    struct prefix prefix;
    (void)state;
    memset(text + 1, 'a', 65);
    text[65] = '/';
    assert_true(prefix_read((struct bytes){text, 66}, &prefix));
    text[65] = 'a';
    text[66] = '/';
    assert_false(prefix_read((struct bytes){text, 67}, &prefix));
}

static void every_level_has_its_own_events_and_no_others(void **state)
{
    static const struct {
        const char *prefix, *region, *type, *subject;
        bool has;
    } rows[] = {
        {"/", "twente", "werkplaats.opened", "werkplaats/w1", true},
        {"/", "achterhoek", "member.joined", "member/a", true},
        {"/twente/", "twente", "news.published", "news/n", true},
        {"/twente/", "twente2", "news.published", "news/n", false},
        {"/twente/", "twent", "news.published", "news/n", false},
        {"/twente/werkplaats/", "twente", "werkplaats.opened", "werkplaats/w1", true},
        {"/twente/werkplaats/", "twente", "news.published", "news/n", false},
        {"/twente/werkplaats/", "achterhoek", "werkplaats.opened", "werkplaats/w1", false},
        {"/twente/werkplaats/w1/", "twente", "werkplaats.opened", "werkplaats/w1", true},
        {"/twente/werkplaats/w1/", "twente", "werkplaats.opened", "werkplaats/w10", false},
        {"/twente/werkplaats/w10/", "twente", "werkplaats.opened", "werkplaats/w1", false},
        {"/twente/werkplaats/w1/", "achterhoek", "werkplaats.opened", "werkplaats/w1", false},
        {"/twente/news/w1/", "twente", "werkplaats.opened", "werkplaats/w1", false},
        {"/twente/body/b/", "twente", "seat.assigned", "body/b", true}, // by kind, not by type
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct prefix prefix = prefix_of(rows[i].prefix);
        struct event event = an_event(rows[i].region, rows[i].type, rows[i].subject);
        char room[TOPIC_MAX];
        assert_int_equal(prefix_has(&prefix, &event), rows[i].has);
        // ZeroMQ compares the beginning of the topic: it must say the same.
        assert_int_equal(bytes_begin_with(event_topic(&event, room), prefix.text), rows[i].has);
    }
}

static void the_event_before_is_that_of_the_level(void **state)
{
    struct event event = an_event("twente", "werkplaats.opened", "werkplaats/w1");
    (void)state;
    struct prefix log = prefix_of("/"), region = prefix_of("/twente/"),
                  kind = prefix_of("/twente/werkplaats/"),
                  entity = prefix_of("/twente/werkplaats/w1/");
    assert_int_equal(prefix_prev(&log, &event), 89);
    assert_int_equal(prefix_prev(&region, &event), 80);
    assert_int_equal(prefix_prev(&kind, &event), 70);
    assert_int_equal(prefix_prev(&entity, &event), 60);
    event.seq = 1;
    assert_int_equal(prefix_prev(&log, &event), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_four_levels),
        cmocka_unit_test(what_is_none_of_the_four_levels_is_refused),
        cmocka_unit_test(a_name_of_64_is_taken_and_one_of_65_refused),
        cmocka_unit_test(every_level_has_its_own_events_and_no_others),
        cmocka_unit_test(the_event_before_is_that_of_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
