#include "proto/status.h"

#include <assert.h>

static const struct status_row {
    enum status status;
    const char *name;
    int exit_code;
    const char *sentence;
} status_rows[] = {
#define STATUS(number, NAME, name, exit_code, sentence) {STATUS_##NAME, name, exit_code, sentence},
#include "proto/status.def"
#undef STATUS
};

#define STATUS_COUNT (sizeof(status_rows) / sizeof(status_rows[0]))

static const struct status_row *status_row(enum status status)
{
    assert((size_t)status < STATUS_COUNT && status_rows[status].status == status);
    return &status_rows[status];
}

const char *status_name(enum status status)
{
    return status_row(status)->name;
}

const char *status_sentence(enum status status)
{
    return status_row(status)->sentence;
}

int status_exit(enum status status)
{
    return status_row(status)->exit_code;
}

bool status_find(struct bytes name, enum status *ret_status)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (bytes_are(name, status_rows[i].name)) {
            *ret_status = status_rows[i].status;
            return true;
        }
    }
    return false;
}
