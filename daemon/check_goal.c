#include "daemon/check.h"

// A measurement is in the unit of the goal's newest target, so that they can stand side by side.
void check_unit(struct check *check)
{
    struct wire_value targets, item = {0}, data;
    struct bytes unit = wire_find_text(check->event->data, "unit");
    if (unit.size == 0 || !wire_find(check->subject.fields, "targets", &targets)) {
        return;
    }
    struct wire_reader reader = wire_read(targets.raw);
    (void)wire_next(&reader, &targets); // the header; the revisions follow, the newest last
    while (wire_take(&reader, &item)) {
    }
    if (item.raw.size == 0 || !wire_find(item.raw, "data", &data)) {
        return;
    }
    struct bytes wanted = wire_find_text(data.raw, "unit");
    if (!bytes_equal(unit, wanted)) {
        check_refuse(check, 11, "data.unit");
        fault_found(check->faults, "\"%.*s\"", BYTES_PRINT(unit));
        fault_accepted(check->faults, "the unit of the goal: %.*s", BYTES_PRINT(wanted));
    }
}
