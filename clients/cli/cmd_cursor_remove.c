// waternet cursor remove NAME: a cursor that nobody uses any more.
#include "clients/cli/cursors.h"

int cmd_cursor_remove(struct cli *cli)
{
    return cursors_remove(cli, cli->arguments[0]);
}
