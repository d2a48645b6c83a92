// waternet key withdraw NAME ROLE[:MEMBER]: takes a role from a key.
#include "clients/cli/keys.h"

int cmd_key_withdraw(struct cli *cli)
{
    return keys_post_role(cli, "role.withdrawn");
}
