// waternet key grant NAME ROLE[:MEMBER]: lets a key act in a role.
#include "clients/cli/keys.h"

int cmd_key_grant(struct cli *cli)
{
    return keys_post_role(cli, "role.granted");
}
