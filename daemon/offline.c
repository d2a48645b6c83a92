#include "daemon/offline.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int offline_open(struct store *store, const char *dir)
{
    const struct store_options options = {.dir = dir, .read_only = true};
    enum status status = store_open(store, &options);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "waternetd: %s: %s\n", dir, store->problem); // nobody left to tell
        return status_exit(status);
    }
    if (store->problem[0] != '\0') {
        (void)fprintf(stderr, "waternetd: %s: %s\n", dir, store->problem); // a warning
    }
    return 0;
}

int offline_in_child(int (*work)(const struct offline_arguments *arguments),
                     const struct offline_arguments *arguments)
{
    (void)fflush(NULL); // what is buffered would be said twice
    pid_t child = fork();
    if (child == 0) {
        exit(work(arguments));
    }
    int ended = 0;
    while (child > 0 && waitpid(child, &ended, 0) < 0 && errno == EINTR) {
    }
    if (child > 0 && WIFEXITED(ended)) {
        return WEXITSTATUS(ended);
    }
    (void)printf(
        "does NOT verify: reading it ended with signal %d: a page of the store is damaged\n",
        child > 0 ? WTERMSIG(ended) : 0); // nothing more can be said
    return fflush(stdout) == 0 && child > 0 ? status_exit(STATUS_CORRUPT)
                                            : status_exit(STATUS_FAILED);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk; // everything goes
    return remove(path);
}

bool offline_remove(const char *dir)
{
    return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0;
}
