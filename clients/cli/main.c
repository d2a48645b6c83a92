/*
 * waternet - the command-line client of waternetd.
 */
#include "clients/cli/answers.h"
#include "clients/cli/complete.h"
#include "clients/cli/help.h"
#include "clients/cli/man.h"
#include "clients/cli/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

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
        return output_problem("no command was named");
    }
    int code = cli->command->start == START_ALONE ? 0 : answers_connect(cli);
    return code != 0 ? code : cli->command->run(cli);
}

// A stream that is closed would lend its number to a socket, and the output go there.
static void hold_streams(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd > STDERR_FILENO) {
        (void)close(fd); // the one too many
    }
}

// What only the build and the shell ask for: no rows of commands.def, so that no help lists them.
static bool run_hidden(struct cli *cli, int argc, char **argv, int *ret_code)
{
    if (argc == 3 && strcmp(argv[1], "man") == 0) {
        *ret_code = man_print(cli, argv[2]);
        return true;
    }
    if (argc >= 2 && strcmp(argv[1], "complete") == 0) {
        complete_print(cli, (unsigned)(argc - 2), argv + 2);
        return true;
    }
    return false;
}

static int run_line(struct cli *cli, int argc, char **argv)
{
    int code = options_parse(cli, argc, argv);
    cli->output.no_header = cli->settings.no_header;
    if (cli->settings.csv) {
        output_for_spreadsheet(&cli->output);
    }
    return code == 0 ? run(cli) : code;
}

int main(int argc, char **argv)
{
    hold_streams();
    struct cli cli = {.given = calloc((size_t)argc + 1, sizeof(struct given))};
    if (cli.given == NULL) {
        return EXIT_OTHER;
    }
    output_init(&cli.output);
    int code = 0;
    if (!run_hidden(&cli, argc, argv, &code)) {
        code = run_line(&cli, argc, argv);
    }
    waternet_close(&cli.connection);
    json_decref(cli.roles);
    free(cli.given);
    return output_finish(&cli.output, code);
}
