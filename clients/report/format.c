// Days and amounts, in the language of the report.
#include "clients/report/speech.h"

static const char *const quarters[][4] = {
    {"eerste", "tweede", "derde", "vierde"},
    {"first", "second", "third", "fourth"},
};

// Days -------------------------------------------------------------------------------------------

const char *speech_day(struct speech *speech, const char *date)
{
    char room[WORDS_ROOM];
    if (strlen(date) >= 7 && date[5] == 'Q' && date[6] >= '1' && date[6] <= '4') {
        return speech_fill(speech, TEXT_QUARTER,
                           FILL({"nth", quarters[speech->language][date[6] - '1']},
                                {"year", speech_format(speech, "%.4s", date)}));
    }
    const char *day = speech_format(speech, "%.10s", date);
    return speech_format(speech, "%s", words_date(speech->language, day, room));
}

const char *speech_on_day(struct speech *speech, const char *date)
{
    return speech_fill(speech, strlen(date) < 10 ? TEXT_IN : TEXT_ON,
                       FILL({"when", speech_day(speech, date)}));
}

const char *speech_on(struct speech *speech, const json_t *event, bool bare)
{
    const char *on = json_string_value(json_object_get(event, "on"));
    const char *text = json_string_value(json_object_get(event, "ontext"));
    const char *basis = json_string_value(json_object_get(event, "onbasis"));
    const char *date = on != NULL ? on : json_string_value(json_object_get(event, "time"));
    const char *day = bare ? speech_day(speech, date) : speech_on_day(speech, date);
    bool inferred = basis != NULL && strcmp(basis, "inferred") == 0;
    if (text == NULL && !inferred) {
        return day;
    }
    const char *unsure =
        speech_format(speech, "%s%s%s%s%s", text == NULL ? "" : "“", text == NULL ? "" : text,
                      text == NULL ? "" : "”", text != NULL && inferred ? ", " : "",
                      inferred ? speech_text(speech, TEXT_INFERRED) : "");
    return bare ? speech_format(speech, "%s, %s", day, unsure)
                : speech_format(speech, "%s (%s)", day, unsure);
}

const char *speech_period(struct speech *speech, const char *from, const char *to)
{
    bool year = memcmp(from, to, 4) == 0 && strcmp(from + 4, "-01-01") == 0 &&
                strcmp(to + 4, "-12-31") == 0;
    return year ? speech_day(speech, speech_format(speech, "%.4s", from))
                : speech_fill(
                      speech, TEXT_PERIOD,
                      FILL({"from", speech_day(speech, from)}, {"to", speech_day(speech, to)}));
}

// Amounts ----------------------------------------------------------------------------------------

const char *speech_euros(struct speech *speech, int64_t cents)
{
    char room[WORDS_ROOM];
    return speech_format(speech, "%s", words_euros(speech->language, cents, room));
}

const char *speech_amount(struct speech *speech, const char *decimal, const char *unit)
{
    char room[WORDS_ROOM];
    return speech_format(speech, "%s", words_amount(speech->language, decimal, unit, room));
}
