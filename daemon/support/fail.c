#include "daemon/support/fail.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WATERNET_FAIL_POINTS

// Passings are counted for one value of WATERNET_FAIL; another value starts the count afresh, so
// that one test program can set several in turn.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char counted_for[128];
static unsigned long passings;

static unsigned long count_passing(const char *setting)
{
    pthread_mutex_lock(&mutex);
    if (strcmp(counted_for, setting) != 0) {
        snprintf(counted_for, sizeof counted_for, "%s", setting);
        passings = 0;
    }
    unsigned long passing = ++passings;
    pthread_mutex_unlock(&mutex);
    return passing;
}

int fail_point(const char *name)
{
    const char *setting = getenv("WATERNET_FAIL");
    size_t size = strlen(name);
    if (setting == NULL || strncmp(setting, name, size) != 0 || setting[size] != ':') {
        return 0;
    }
    const char *number = setting + size + 1;
    const char *nth = strchr(number, ':');
    if (count_passing(setting) < (nth == NULL ? 1 : strtoul(nth + 1, NULL, 10))) {
        return 0;
    }
    if (strncmp(number, "kill", 4) == 0) {
        raise(SIGKILL);
    }
    return (int)strtol(number, NULL, 10);
}

#endif
