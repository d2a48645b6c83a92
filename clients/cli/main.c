/*
 * waternet - the command-line client of waternetd.
 */
#include "clients/cli/answers.h"
#include "clients/cli/help.h"
#include "clients/cli/options.h"

#include <stdlib.h>

static int run(struct cli *cli)
{
    if (cli->settings.help) {
        help_print(cli);
        return 0;
    }
    if (cli->settings.version) {
        output_text(&cli->output, "waternet %s\n", WATERNET_VERSION);
        return 0;
    }
    if (cli->command == NULL) {
        return output_problem("which command? see waternet --help");
    }
    int code = answers_connect(cli);
    return code != 0 ? code : cli->command->run(cli);
}

int main(int argc, char **argv)
{
    struct cli cli = {.given = calloc((size_t)argc + 1, sizeof(struct given))};
    if (cli.given == NULL) {
        return EXIT_OTHER;
    }
    output_init(&cli.output);
    int code = options_parse(&cli, argc, argv);
    if (code == 0) {
        code = run(&cli);
    }
    waternet_close(&cli.connection);
    free(cli.given);
    return output_finish(&cli.output, code);
}
