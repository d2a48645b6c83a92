/*
 * waternetd - keeps a region's programme and publishes every change.
 *
 *     waternetd --data DIR --runtime DIR      the daemon
 *     waternetd verify DIR | dump DIR         offline, read-only
 *     waternetd restore FROM TO               offline, into a new directory
 */
#include "daemon/offline.h"
#include "daemon/server.h"
#include "daemon/support/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536 // as in the unit

static int print_help(struct config *config)
{
    (void)config; // printed from the rows
    printf(
        "usage: waternetd --data DIR --runtime DIR [options]\n"
        "       waternetd verify DIR [--guards]\n"
        "           check every event, hash and table of a data directory; with --guards also\n"
        "           list what today's rules would refuse of it\n"
        "       waternetd dump DIR\n"
        "           the whole log as JSON lines, as `waternet export` writes it\n"
        "       waternetd restore FROM TO [--keep-log-id]\n"
        "           a new data directory from an export (- for stdin), under a new log id or the\n"
        "           old one; TO is made, or is an empty directory\n\n");
    config_help(stdout);
    printf("  --%-16s %s\n  --%-16s %s\n  --%-16s %s\n  --%-16s %s\n  --%-16s %s\n", "config FILE",
           "options from a file; a flag wins over it", "check-config",
           "say whether the options are right, and stop", "print-config",
           "print the options as a file, and stop", "version", "print the version, and stop",
           "help", "print this, and stop");
    return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
}

static int print_version(struct config *config)
{
    (void)config; // the version is the program's
    printf("waternetd %s (protocol %d, format %d)\n", WATERNET_VERSION, PROTOCOL_VERSION,
           FORMAT_VERSION);
    return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
}

static int complain(const struct config *config)
{
    (void)fprintf(stderr, "waternetd: %s\n", config->problem); // nobody left to tell
    return EXIT_USAGE;
}

static int print_config(struct config *config)
{
    config_print(config, stdout);
    return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
}

static int check_config(struct config *config)
{
    return config_check(config) ? EXIT_CLEAN : complain(config);
}

// What is asked instead of serving.
static const struct action {
    const char *flag;
    int (*run)(struct config *config);
} actions[] = {
    {"--help", print_help},
    {"--version", print_version},
    {"--print-config", print_config},
    {"--check-config", check_config},
};

static const struct offline_command {
    const char *name, *needs;
    unsigned words;
    const char *flag; // "" if it has none
    int (*run)(const struct offline_arguments *arguments);
} offline_commands[] = {
    {"verify", "DIR", 1, "--guards", offline_verify},
    {"dump", "DIR", 1, "", offline_dump},
    {"restore", "FROM TO", 2, "--keep-log-id", offline_restore},
};

static int run_offline(const struct offline_command *command, int count, char **words)
{
    struct offline_arguments arguments = {0};
    unsigned taken = 0;
    bool fits = true;
    for (int i = 0; i < count && fits; i++) {
        bool flag = strncmp(words[i], "--", 2) == 0;
        fits = flag ? strcmp(words[i], command->flag) == 0 : taken < command->words;
        arguments.flagged |= flag;
        if (fits && !flag) {
            arguments.words[taken++] = words[i];
        }
    }
    if (fits && taken == command->words) {
        return command->run(&arguments);
    }
    (void)fprintf(stderr, "waternetd: %s needs %s; see waternetd --help\n", command->name,
                  command->needs); // nobody left to tell
    return EXIT_USAGE;
}

static const struct action *find_action(const char *argument)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(argument, actions[i].flag) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

// One flag with its value, "--name VALUE" or "--name=VALUE". Returns how many arguments it took; 0:
// it is wrong and the configuration says why.
static int take_flag(struct config *config, int count, char **arguments, const char **ret_file)
{
    char name[64] = "";
    const char *argument = arguments[0], *value = strchr(argument, '=');
    size_t size = value != NULL ? (size_t)(value - argument) : strlen(argument);
    if (size < 3 || size >= sizeof(name) + 2 || strncmp(argument, "--", 2) != 0) {
        (void)snprintf(config->problem, sizeof(config->problem),
                       "%.80s: not an option; waternetd --help lists them", argument);
        return 0;
    }
    memcpy(name, argument + 2, size - 2);
    if (value == NULL && count < 2) {
        (void)snprintf(config->problem, sizeof(config->problem), "--%s: needs a value", name);
        return 0;
    }
    int taken = value == NULL ? 2 : 1;
    value = value == NULL ? arguments[1] : value + 1;
    if (strcmp(name, "config") == 0) {
        *ret_file = value;
        return taken;
    }
    return config_set(config, name, value, true) ? taken : 0;
}

static bool read_arguments(struct config *config, int count, char **arguments,
                           const struct action **ret_action)
{
    const char *file = NULL;
    for (int i = 0; i < count;) {
        const struct action *action = find_action(arguments[i]);
        int taken = 1;
        if (action != NULL) {
            *ret_action = action;
        } else {
            taken = take_flag(config, count - i, arguments + i, &file);
        }
        if (taken == 0) {
            return false;
        }
        i += taken;
    }
    return file == NULL || config_load(config, file);
}

// libzmq ends the process where it can accept no more connections, so as many as allowed.
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // otherwise it stays as it was
    }
}

static int serve(struct server *server)
{
    if (!config_check(&server->config)) {
        return complain(&server->config);
    }
    raise_descriptors();
    log_set_level((enum log_level)config_number(&server->config, OPTION_LOG_LEVEL));
    int code = server_open(server);
    if (code == EXIT_CLEAN) {
        code = server_run(server);
    }
    server_close(server);
    return code;
}

// A stream that is closed would lend its number to the lock or the log, and the log lines go there.
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

int main(int count, char **arguments)
{
    hold_streams();
    static struct server server; // everything that lives long; too large for the stack
    const struct action *action = NULL;
    // CZMQ reads configuration files here; it must not take the signals or the streams.
    (void)setenv("ZSYS_SIGHANDLER", "false", 1); // without memory nothing else works either

    for (size_t i = 0; i < sizeof(offline_commands) / sizeof(offline_commands[0]); i++) {
        if (count > 1 && strcmp(arguments[1], offline_commands[i].name) == 0) {
            return run_offline(&offline_commands[i], count - 2, arguments + 2);
        }
    }
    config_init(&server.config);
    if (!read_arguments(&server.config, count - 1, arguments + 1, &action)) {
        return complain(&server.config);
    }
    return action != NULL ? action->run(&server.config) : serve(&server);
}
