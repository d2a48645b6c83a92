#include "clients/report/report.h"

#include "clients/report/compose.h"

static void compose(struct report *report)
{
    static void (*const write[])(struct report *) = {
#define SECTION(NAME, name) section_##name,
#include "clients/report/sections.def"
#undef SECTION
    };
    document_begin(report);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        document_section(report, (enum section)i);
        write[i](report);
    }
    document_end(report);
}

enum waternet_status report_compose(struct waternet *connection,
                                    const struct report_options *options, json_t **ret_document,
                                    struct waternet_answer **ret_answer)
{
    struct report report = {
        .options = options,
        .connection = connection,
        .prose = {.language = options->language},
    };
    enum waternet_status status = gather(&report);
    if (status == WATERNET_OK) {
        compose(&report);
        *ret_document = report.document;
    }
    *ret_answer = report.answer;
    gather_finish(&report);
    prose_finish(&report.prose);
    return status;
}
