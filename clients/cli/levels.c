#include "clients/cli/levels.h"
#include "clients/past/past.h"

#include "clients/cli/answers.h"
#include "clients/cli/options.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <time.h>

#define LAST_MAX 100000   // events that -N counts back
#define PATIENCE_MS 10000 // how long one event of the log may take to come

char *levels_typed(const char *text)
{
    char *level = output_format("/");
    char *rest = output_format("%s", text == NULL ? "" : text);
    char *save = NULL;
    unsigned at = 0;
    for (char *word = strtok_r(rest, "/", &save); word != NULL; word = strtok_r(NULL, "/", &save)) {
        enum kind kind = ++at == 2 ? kind_find_typed(word) : KIND_NONE;
        char *longer =
            output_format("%s%s/", level, kind == KIND_NONE ? word : kind_row(kind)->name);
        free(level);
        level = longer;
    }
    free(rest);
    return level;
}

int levels_head(struct cli *cli, uint64_t *ret_head)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_status(cli->connection, &answer);
    int code = answers_take(cli, status, &answer, "status", &json);
    if (code == 0) {
        *ret_head = (uint64_t)json_integer_value(json_object_get(json, "head"));
        json_decref(json);
    }
    return code;
}

int levels_followed(struct cli *cli, const char *level, enum waternet_status status)
{
    if (status == WATERNET_MALFORMED) {
        return output_problem("%s is no level; REGION, REGION/KIND or REGION/KIND/ENTITY is needed",
                              level);
    }
    return status == WATERNET_OK ? 0 : answers_refused(cli, status, NULL, level);
}

int levels_follow(struct cli *cli, const char *level, uint64_t after,
                  struct waternet_follower **ret_follower)
{
    return levels_followed(cli, level,
                           waternet_follow(cli->connection, level, after, ret_follower));
}

// Reading back ------------------------------------------------------------------------------------

static int failed(struct cli *cli, enum waternet_status status)
{
    return answers_refused(cli, status == WATERNET_AGAIN ? WATERNET_NO_ANSWER : status, NULL,
                           _("reading the log"));
}

// The next event up to head; *ret_found false if there is none.
static int next_event(struct cli *cli, struct waternet_follower *follower, uint64_t head,
                      struct waternet_event *ret_event, bool *ret_found)
{
    *ret_found = false;
    if (waternet_follower_position(follower) >= head) {
        return 0;
    }
    enum waternet_status status = WATERNET_AGAIN;
    uint64_t waited_ms = 0;
    while (status == WATERNET_AGAIN && waited_ms < PATIENCE_MS) {
        status = waternet_next(follower, 100, ret_event);
        if (status == WATERNET_AGAIN && waternet_follower_position(follower) >= head) {
            return 0;
        }
        waited_ms += 100;
    }
    if (status != WATERNET_OK) {
        return failed(cli, status);
    }
    *ret_found = ret_event->seq <= head;
    return 0;
}

// The place before the last `count` events of a level: a ring of their numbers, once over the
// level.
static int before_last(struct cli *cli, const char *level, uint64_t count, uint64_t head,
                       uint64_t *ret_after)
{
    if (strcmp(level, "/") == 0) { // every number is an event
        *ret_after = head > count ? head - count : 0;
        return 0;
    }
    if (count == 0 || count > LAST_MAX) {
        return output_problem("-N: 1 to %d; -20 is the last 20", LAST_MAX);
    }
    struct waternet_follower *follower = NULL;
    uint64_t *ring = calloc(count, sizeof *ring);
    enum waternet_status status =
        ring == NULL ? WATERNET_FAILED : waternet_follow(cli->connection, level, 0, &follower);
    int code = status == WATERNET_OK ? 0 : failed(cli, status);
    struct waternet_event event;
    uint64_t seen = 0;
    bool found = code == 0;
    while (found) {
        code = next_event(cli, follower, head, &event, &found);
        if (found) {
            ring[seen++ % count] = event.seq;
        }
    }
    if (code == 0) {
        *ret_after = seen < count ? 0 : ring[seen % count] - 1;
    }
    waternet_follower_close(&follower);
    free(ring);
    return code;
}

int levels_time(struct cli *cli, uint64_t seq, uint64_t *ret_time_ms)
{
    struct waternet_follower *follower = NULL;
    struct waternet_event event;
    bool found = false;
    enum waternet_status status = waternet_follow(cli->connection, "/", seq - 1, &follower);
    if (status != WATERNET_OK) {
        return failed(cli, status);
    }
    int code = next_event(cli, follower, seq, &event, &found);
    if (code == 0) {
        *ret_time_ms = found ? event.time : UINT64_MAX;
    }
    waternet_follower_close(&follower);
    return code;
}

// The place before the first event recorded at that time or later. Times never go back in the log,
// so halving finds it.
static int before_time(struct cli *cli, uint64_t time_ms, uint64_t head, uint64_t *ret_after)
{
    uint64_t low = 0; // everything up to here is earlier
    uint64_t high = head;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2 + 1;
        uint64_t found_ms = 0;
        int code = levels_time(cli, middle, &found_ms);
        if (code != 0) {
            return code;
        }
        if (found_ms < time_ms) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    *ret_after = low;
    return 0;
}

int levels_seq(struct cli *cli, const char *id, uint64_t *ret_seq)
{
    struct waternet_answer *answer = NULL;
    json_t *json = NULL;
    enum waternet_status status = waternet_find(cli->connection, id, &answer);
    int code = answers_take(cli, status, &answer, id, &json);
    if (code != 0) {
        return code;
    }
    uint64_t seq = past_event_seq(json_object_get(json, "event"));
    if (seq == 0) {
        code = output_failed(EXIT_OTHER, "the answer cannot be read");
    } else {
        *ret_seq = seq;
    }
    json_decref(json);
    return code;
}

// Positions ---------------------------------------------------------------------------------------

// When a day begins, in UTC, `after` days later.
static uint64_t day_begin_ms(uint32_t day, int after)
{
    struct tm utc = {.tm_year = (int)(day / 10000) - 1900,
                     .tm_mon = (int)(day / 100 % 100) - 1,
                     .tm_mday = (int)(day % 100) + after};
    time_t seconds = timegm(&utc);
    return seconds < 0 ? 0 : (uint64_t)seconds * 1000; // nothing was recorded before 1970
}

// A day or a longer period: where it begins, or where it has ended.
static bool read_period(const char *text, bool ended, uint64_t *ret_ms)
{
    struct bytes typed = bytes_of(text);
    if (!schema_is_date(typed)) {
        return false;
    }
    *ret_ms =
        ended ? day_begin_ms(schema_last_day(typed), 1) : day_begin_ms(schema_first_day(typed), 0);
    return true;
}

static bool read_time(const char *text, uint64_t *ret_ms)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm local = {.tm_isdst = -1};
        const char *end = strptime(text, formats[i], &local);
        time_t seconds = end != NULL && *end == '\0' ? mktime(&local) : (time_t)-1;
        if (seconds >= 0) {
            *ret_ms = (uint64_t)seconds * 1000;
            return true;
        }
    }
    return false;
}

static bool read_ago(const char *text, uint64_t *ret_ms)
{
    uint64_t ago_ms = 0;
    uint64_t now_ms = (uint64_t)time(NULL) * 1000;
    if (!options_duration(text, &ago_ms)) {
        return false;
    }
    *ret_ms = ago_ms < now_ms ? now_ms - ago_ms : 0;
    return true;
}

// A place between two events of the log.
struct place {
    uint64_t before;  // the sequence number before it
    bool names_event; // it was told by the event behind it
};

static int read_place(struct cli *cli, const char *option, const char *level, const char *text,
                      uint64_t head, struct place *ret_place)
{
    uint64_t number = 0;
    *ret_place = (struct place){0};
    if (strcmp(text, "begin") == 0) {
        return 0;
    }
    if (strcmp(text, "end") == 0) {
        ret_place->before = WATERNET_END;
        return 0;
    }
    ret_place->names_event = true;
    if (strncmp(text, "seq:", 4) == 0 && options_number(text + 4, &number)) {
        ret_place->names_event = number > 0;
        ret_place->before = number == 0 ? 0 : number - 1;
        return 0;
    }
    if (strncmp(text, "id:", 3) == 0) {
        int code = levels_seq(cli, text + 3, &number);
        ret_place->before = number - (code == 0);
        return code;
    }
    ret_place->names_event = false;
    if (text[0] == '-' && options_number(text + 1, &number)) {
        return before_last(cli, level, number, head, &ret_place->before);
    }
    if (read_period(text, strcmp(option, "--to") == 0, &number) || read_time(text, &number) ||
        read_ago(text, &number)) {
        return before_time(cli, number, head, &ret_place->before);
    }
    return output_problem("%s %s: begin, end, seq:812, -20, 1h, 2016, 2016-03, 2016-Q1, "
                          "2016-03-01, 2016-03-01T14:30 or id:ID is needed",
                          option, text);
}

int levels_position(struct cli *cli, const char *option, const char *level, const char *text,
                    uint64_t head, uint64_t *ret_after)
{
    struct place place;
    int code = read_place(cli, option, level, text, head, &place);
    if (code == 0) {
        *ret_after = place.before;
    }
    return code;
}

int levels_event(struct cli *cli, const char *typed, uint64_t *ret_seq)
{
    if (strncmp(typed, "id:", 3) == 0) {
        return levels_seq(cli, typed + 3, ret_seq);
    }
    const char *number = strncmp(typed, "seq:", 4) == 0 ? typed + 4 : typed;
    if (!options_number(number, ret_seq) || *ret_seq == 0 || *ret_seq > INT64_MAX) {
        return output_problem("%s %s: the number of an event, like 812, or id:ID is needed",
                              cli->command->name, typed);
    }
    return 0;
}

int levels_recorded(struct cli *cli, const char *option, const char *text, uint64_t head,
                    struct number *ret_at)
{
    struct place place;
    int code = read_place(cli, option, "/", text, head, &place);
    if (code == 0) {
        uint64_t last = place.before + place.names_event;
        *ret_at = (struct number){
            .given = true, .value = place.before == WATERNET_END || last > head ? head : last};
    }
    return code;
}

int levels_day(const char *on)
{
    uint64_t then_ms = 0;
    struct tm local;
    char day[16];
    if (on == NULL || !read_ago(on, &then_ms)) {
        return 0;
    }
    time_t seconds = (time_t)(then_ms / 1000);
    if (localtime_r(&seconds, &local) == NULL ||
        strftime(day, sizeof day, "%Y-%m-%d", &local) == 0) {
        return 0; // the daemon says what is wrong
    }
    return output_problem("--on %s is no day; so long ago was %s: --on %s", on, day, day);
}

int levels_moment(struct cli *cli, struct number *ret_at)
{
    uint64_t head = 0;
    if (levels_day(cli->settings.on) != 0) {
        return EXIT_USAGE;
    }
    if (cli->settings.at == NULL) {
        *ret_at = (struct number){0};
        return 0;
    }
    int code = levels_head(cli, &head);
    return code == 0 ? levels_recorded(cli, "--at", cli->settings.at, head, ret_at) : code;
}

void levels_put_moment(struct number at, const char *on, json_t *request)
{
    if (at.given) {
        json_object_set_new(request, "at", json_integer((json_int_t)at.value));
    }
    if (on != NULL) {
        json_object_set_new(request, "on", json_string(on));
    }
}

void levels_put_past(const struct cli *cli, struct number at, json_t *request)
{
    levels_put_moment(at, cli->settings.on, request);
}
