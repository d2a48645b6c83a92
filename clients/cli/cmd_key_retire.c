// waternet key retire NAME: another key has taken over.
#include "clients/cli/keys.h"

int cmd_key_retire(struct cli *cli)
{
    return keys_post_end(cli, "key.retired");
}
