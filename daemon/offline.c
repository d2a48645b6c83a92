#include "daemon/offline.h"

#include "daemon/support/fail.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static bool remove_tree(const char *path)
{
    return nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0;
}

static bool is_kept(const char *name, const char *last)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, last) == 0;
}

// All that stands in a directory but one.
static bool remove_beside(const char *dir, const char *last)
{
    DIR *stream = opendir(dir);
    bool removed = stream != NULL;
    for (struct dirent *entry; removed && (entry = readdir(stream)) != NULL;) {
        char path[PATH_MAX];
        int size = snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        removed = is_kept(entry->d_name, last) ||
                  (size > 0 && (size_t)size < sizeof(path) && remove_tree(path));
    }
    if (stream != NULL) {
        (void)closedir(stream); // only read
    }
    return removed;
}

bool offline_remove(const char *dir, const char *last)
{
    bool removed = remove_beside(dir, last);
    (void)FAIL_POINT(offline_remove); // only for "kill"
    return removed && remove_tree(dir);
}
