#include "daemon/support/keyfile.h"

#include <czmq.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

__attribute__((format(printf, 3, 4))) static enum status
fail(char problem[KEYFILE_PROBLEM], enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem, KEYFILE_PROBLEM, format, arguments); // may be cut
    va_end(arguments);
    return status;
}

static enum status check_mode(const char *path, char problem[KEYFILE_PROBLEM])
{
    struct stat found;
    if (stat(path, &found) != 0) {
        enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED;
        return fail(problem, status, "%.300s: %s", path, strerror(errno));
    }
    if (!S_ISREG(found.st_mode) || (found.st_uid != geteuid() && found.st_uid != 0)) {
        return fail(problem, STATUS_POLICY, "%.300s: a file of this user is needed", path);
    }
    if ((found.st_mode & 077) != 0) {
        return fail(problem, STATUS_POLICY, "%.300s: others can read this key: chmod 600 it", path);
    }
    return STATUS_OK;
}

enum status keyfile_load(const char *path, struct keyfile *ret_keyfile,
                         char problem[KEYFILE_PROBLEM])
{
    enum status status = check_mode(path, problem);
    if (status != STATUS_OK) {
        return status;
    }
    zcert_t *cert = zcert_load(path);
    const char *secret = cert == NULL ? NULL : zcert_secret_txt(cert);
    // What has only a public part has a secret of zeros.
    static const uint8_t none[32] = {0};
    if (secret == NULL || memcmp(zcert_secret_key(cert), none, sizeof(none)) == 0) {
        zcert_destroy(&cert);
        return fail(problem, STATUS_CORRUPT, "%.300s: no key file with a secret key", path);
    }
    memcpy(ret_keyfile->public_key, zcert_public_txt(cert), CURVE_TEXT + 1);
    memcpy(ret_keyfile->secret_key, secret, CURVE_TEXT + 1);
    zcert_destroy(&cert); // wipes nothing: the process holds its secret anyway
    return STATUS_OK;
}

static bool sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); // only read
    }
    return synced;
}

// The new file gets its name only if that is free, and then for good.
static bool name_file(const char *made, const char *path)
{
    char folder[1024];
    (void)snprintf(folder, sizeof(folder), "%s", path); // checked by the caller
    return chmod(made, 0600) == 0 && sync_path(made, 0) && link(made, path) == 0 &&
           sync_path(dirname(folder), O_DIRECTORY);
}

enum status keyfile_create(const char *path, struct keyfile *ret_keyfile,
                           char problem[KEYFILE_PROBLEM])
{
    char made[1024];
    int size = snprintf(made, sizeof(made), "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof(made)) {
        return fail(problem, STATUS_FAILED, "%.300s: too long a path", path);
    }
    zcert_t *cert = zcert_new();
    mode_t mask = umask(077);
    (void)unlink(made); // of an attempt that was cut off
    bool saved = cert != NULL && zcert_save_secret(cert, made) == 0 && name_file(made, path);
    int error = errno;
    (void)umask(mask);
    (void)unlink(made); // it has its name, or is of no use
    if (saved) {
        memcpy(ret_keyfile->public_key, zcert_public_txt(cert), CURVE_TEXT + 1);
        memcpy(ret_keyfile->secret_key, zcert_secret_txt(cert), CURVE_TEXT + 1);
    }
    zcert_destroy(&cert);
    return saved ? STATUS_OK : fail(problem, STATUS_FAILED, "%.300s: %s", path, strerror(error));
}
