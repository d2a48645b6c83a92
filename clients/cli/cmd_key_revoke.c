// waternet key revoke NAME: a key is not let in any more.
#include "clients/cli/keys.h"

int cmd_key_revoke(struct cli *cli)
{
    return keys_post_end(cli, "key.revoked");
}
