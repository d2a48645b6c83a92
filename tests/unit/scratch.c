#include "tests/unit/scratch.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SCRATCH_MAX 256

static char paths[SCRATCH_MAX][256];
static unsigned count;
static pid_t owner;

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *place)
{
    (void)file;
    (void)type;
    (void)place;
    (void)remove(path); // what stays is below /tmp
    return 0;
}

static void remove_all(void)
{
    if (getpid() != owner) {
        return;
    }
    while (count > 0) {
        (void)nftw(paths[--count], remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

const char *scratch_dir(void)
{
    if (owner != getpid()) { // the first time, or in a child that now has its own
        owner = getpid();
        count = 0;
        int failed = atexit(remove_all);
        assert(failed == 0);
    }
    assert(count < SCRATCH_MAX);
    const char *above = getenv("TMPDIR");
    int size = snprintf(paths[count], sizeof paths[count], "%s/waternet-XXXXXX",
                        above == NULL ? "/tmp" : above);
    assert(size > 0 && (size_t)size < sizeof paths[count]);
    const char *path = mkdtemp(paths[count]);
    assert(path != NULL);
    count++;
    return path;
}
