// waternet cursor list: how far each follower has got.
#include "clients/cli/cursors.h"

int cmd_cursor_list(struct cli *cli)
{
    json_t *json = NULL;
    int code = cursors_all(cli, &json);
    if (code == 0) {
        cursors_print(cli, json_object_get(json, "cursors"), false);
    }
    json_decref(json);
    return code;
}
