// waternet report: a draft of the yearly report of a region, in Markdown.
#include "clients/cli/answers.h"
#include "clients/report/report.h"

#include "proto/schema.h"

#include <stdlib.h>
#include <time.h>

#define DAY_SIZE 16

// A day from its number, 20150331.
static void write_day(uint32_t day, char ret_text[DAY_SIZE])
{
    (void)snprintf(ret_text, DAY_SIZE, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100,
                   day % 100);
}

static uint32_t today(void)
{
    time_t now = time(NULL);
    struct tm day = {0};
    (void)gmtime_r(&now, &day); // the day that events without a date count from is in UTC too
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

// A period that was typed, as the numbers of its days; *first is untouched without one.
static int read_period(const char *option, const char *typed, uint32_t *ret_first,
                       uint32_t *ret_last)
{
    if (typed == NULL) {
        return 0;
    }
    if (!schema_is_date(bytes_of(typed))) {
        return output_problem("--%s %s: 2016, 2016-03, 2016-Q1 or 2016-03-01 is needed", option,
                              typed);
    }
    *ret_last = schema_last_day(bytes_of(typed));
    *ret_first = schema_first_day(bytes_of(typed));
    return 0;
}

// From the first day of --from to the last of --to: this year so far, or that of --to up to it.
static int read_days(const struct settings *said, char ret_from[DAY_SIZE], char ret_to[DAY_SIZE])
{
    uint32_t first = 0, last = today(), unused = 0;
    int code = read_period("to", said->to, &unused, &last);
    first = last / 10000 * 10000 + 101;
    code = code != 0 ? code : read_period("from", said->from, &first, &unused);
    write_day(first, ret_from);
    write_day(last, ret_to);
    return code == 0 && first > last
               ? output_problem("the period ends (%s) before it begins (%s); an earlier --from, or "
                                "a later --to",
                                ret_to, ret_from)
               : code;
}

static int read_options(const struct settings *said, struct report_options *options)
{
    const char *language = said->language == NULL ? "nl" : said->language;
    const char *audience = said->audience == NULL ? "public" : said->audience;
    if (!words_language(language, &options->language)) {
        return output_problem("--language %s: nl or en is needed", language);
    }
    options->members = strcmp(audience, "members") == 0;
    if (!options->members && strcmp(audience, "public") != 0) {
        return output_problem("--audience %s: public or members is needed", audience);
    }
    return 0;
}

static int print(struct cli *cli, const json_t *document)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream != NULL) {
        report_markdown(document, stream);
    }
    if (stream == NULL || fclose(stream) != 0) {
        return output_failed(EXIT_OTHER, "out of memory");
    }
    output_text(&cli->output, "%s", text);
    free(text);
    return 0;
}

int cmd_report(struct cli *cli)
{
    char from[DAY_SIZE], to[DAY_SIZE];
    char *region = NULL;
    struct report_options options = {.from = from, .to = to};
    json_t *document = NULL;
    struct waternet_answer *answer = NULL;
    int code = read_options(&cli->settings, &options);
    code = code != 0 ? code : read_days(&cli->settings, from, to);
    code = code != 0 ? code : answers_region(cli, &region);
    if (code == 0) {
        options.region = region;
        enum waternet_status status = report_compose(cli->connection, &options, &document, &answer);
        code = status == WATERNET_OK ? 0 : answers_refused(cli, status, answer, "report");
        waternet_answer_free(&answer);
    }
    if (code == 0 && cli->settings.json) {
        output_json(&cli->output, document);
    } else if (code == 0) {
        code = print(cli, document);
    }
    json_decref(document);
    free(region);
    return code;
}
