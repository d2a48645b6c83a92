#include "proto/key.h"

#include "proto/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#define FILE_BYTES_MAX 8192

void key_wipe(struct key *key)
{
    explicit_bzero(key, sizeof(*key));
}

static enum status problem(enum status status, const char *sentence, const char **ret_problem)
{
    *ret_problem = sentence;
    return status;
}

// Reading ---------------------------------------------------------------------------------------

static const struct {
    const char *section, *name;
    size_t place, room;
} lines[] = {
#define LINE(section, name, member)                                                                \
    {                                                                                              \
        section, name, offsetof(struct key, member), sizeof(((struct key *)NULL)->member)          \
    }
    LINE("metadata", "server", server),
    LINE("metadata", "server-key", server_key),
    LINE("curve", "public-key", public_key),
    LINE("curve", "secret-key", secret_key),
#undef LINE
};

static struct bytes trimmed(struct bytes text)
{
    const char *at = text.data;
    while (text.size > 0 && strchr(" \t\r", at[0]) != NULL) {
        at++;
        text.size--;
    }
    while (text.size > 0 && strchr(" \t\r", at[text.size - 1]) != NULL) {
        text.size--;
    }
    return (struct bytes){at, text.size};
}

static struct bytes unquoted(struct bytes text)
{
    const char *at = text.data;
    bool quoted = text.size >= 2 && (at[0] == '"' || at[0] == '\'') && at[text.size - 1] == at[0];
    return quoted ? (struct bytes){at + 1, text.size - 2} : text;
}

// What no row asks for is passed over, as is a value that is too long to be one; the first counts.
static void take_line(struct key *key, struct bytes section, struct bytes name, struct bytes value)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char *place = (char *)key + lines[i].place;
        if (bytes_are(section, lines[i].section) && bytes_are(name, lines[i].name) &&
            place[0] == '\0' && value.size > 0 && value.size < lines[i].room) {
            memcpy(place, value.data, value.size);
            place[value.size] = '\0';
        }
    }
}

static void read_lines(struct key *key, struct bytes text)
{
    const char *at = text.data, *end = at + text.size;
    struct bytes section = {0};
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline == NULL ? end : newline;
        struct bytes line = trimmed((struct bytes){at, (size_t)(next - at)});
        const char *equals = line.size == 0 ? NULL : memchr(line.data, '=', line.size);
        bool is_inner = at[0] == ' ' || at[0] == '\t';
        if (line.size > 0 && ((const char *)line.data)[0] != '#') {
            if (!is_inner) {
                section = line;
            }
            if (equals != NULL) {
                size_t size = (size_t)(equals - (const char *)line.data);
                take_line(key, section, trimmed((struct bytes){line.data, size}),
                          unquoted(trimmed((struct bytes){equals + 1, line.size - size - 1})));
            }
        }
        at = next + 1;
    }
}

// Z85 that cannot be decoded, or that is the key of something else.
static bool is_pair(const struct key *key)
{
    char derived[CURVE_TEXT + 1];
    return schema_is_curve(bytes_of(key->public_key)) &&
           schema_is_curve(bytes_of(key->secret_key)) &&
           zmq_curve_public(derived, key->secret_key) == 0 && strcmp(derived, key->public_key) == 0;
}

static enum status open_file(const char *path, int *ret_fd, const char **ret_problem)
{
    // Without waiting, for a pipe of that name would wait for ever.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *ret_fd = fd;
    if (fd >= 0) {
        return STATUS_OK;
    }
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return problem(STATUS_NOT_FOUND,
                       "there is no key file of that name; `waternet key new NAME --file-only` "
                       "makes one",
                       ret_problem);
    case EACCES:
    case EPERM:
        return problem(STATUS_NOT_ALLOWED,
                       "this user may not open the key file; its owner has to run this",
                       ret_problem);
    default:
        return problem(STATUS_FAILED, "the key file cannot be opened", ret_problem);
    }
}

// Looked at through the descriptor, so that what is read is what was looked at.
static enum status check_file(int fd, const char **ret_problem)
{
    struct stat file;
    if (fstat(fd, &file) != 0) {
        return problem(STATUS_FAILED, "the key file cannot be looked at", ret_problem);
    }
    if (!S_ISREG(file.st_mode)) {
        return problem(
            STATUS_MALFORMED,
            "the key file is no regular file; give the file that `waternet key new` made",
            ret_problem);
    }
    if (file.st_uid != geteuid()) {
        return problem(STATUS_MALFORMED,
                       "the key file belongs to another user; copy it as yourself, or type `chown "
                       "USER FILE` with your own name",
                       ret_problem);
    }
    if ((file.st_mode & 077) != 0) {
        return problem(STATUS_MALFORMED,
                       "others than its owner can read the key file: type `chmod 600 FILE`, and if "
                       "somebody may have read it, make a new key and have this one revoked",
                       ret_problem);
    }
    return STATUS_OK;
}

static enum status read_file(int fd, struct key *key, const char **ret_problem)
{
    char room[FILE_BYTES_MAX];
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < sizeof(room)) {
        got = read(fd, room + size, sizeof(room) - size);
        size += got > 0 ? (size_t)got : 0;
        got = got < 0 && errno == EINTR ? 1 : got;
    }
    if (got == 0) {
        read_lines(key, (struct bytes){room, size});
    }
    explicit_bzero(room, sizeof(room));
    return got == 0  ? STATUS_OK
           : got < 0 ? problem(STATUS_FAILED, "the key file cannot be read", ret_problem)
                     : problem(STATUS_MALFORMED,
                               "the key file is far too large for one; give the file that "
                               "`waternet key new` made",
                               ret_problem);
}

static enum status check_key(const struct key *key, const char **ret_problem)
{
    if (key->public_key[0] == '\0' && key->secret_key[0] == '\0') {
        return problem(STATUS_MALFORMED,
                       "the key file holds no key; give the file that `waternet key new` made",
                       ret_problem);
    }
    if (key->secret_key[0] == '\0') {
        return problem(STATUS_MALFORMED,
                       "the key file holds a public key only; give the file with the secret key",
                       ret_problem);
    }
    if (!is_pair(key)) {
        return problem(
            STATUS_MALFORMED,
            "the two keys of the key file are no pair, so it is damaged; take a copy, or "
            "make a new key with `waternet key new NAME --file-only`",
            ret_problem);
    }
    return STATUS_OK;
}

enum status key_read(const char *path, struct key *ret_key, const char **ret_problem)
{
    struct key key = {0};
    int fd = -1;
    enum status status = open_file(path, &fd, ret_problem);
    if (status == STATUS_OK) {
        status = check_file(fd, ret_problem);
    }
    if (status == STATUS_OK) {
        status = read_file(fd, &key, ret_problem);
    }
    if (status == STATUS_OK) {
        status = check_key(&key, ret_problem);
    }
    if (fd >= 0) {
        (void)close(fd); // nothing was written
    }
    if (status == STATUS_OK) {
        *ret_key = key;
    }
    key_wipe(&key);
    return status;
}

// Making ----------------------------------------------------------------------------------------

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, text, size);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        text += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

// The name of a new file lives in its directory.
static bool sync_directory(const char *path)
{
    char *copy = strdup(path);
    int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); // nothing was written
    }
    free(copy);
    return synced;
}

static bool print_key(const struct key *key, char *room, size_t size, size_t *ret_size)
{
    static const char form[] = "#   ZeroMQ CURVE **Secret** Certificate\n"
                               "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its "
                               "permissions.\n\n"
                               "metadata\n%s%s%s%s%s%s"
                               "curve\n"
                               "    public-key = \"%s\"\n"
                               "    secret-key = \"%s\"\n";
    bool server = key->server[0] != '\0', server_key = key->server_key[0] != '\0';
    int length =
        snprintf(room, size, form, server ? "    server = \"" : "", key->server,
                 server ? "\"\n" : "", server_key ? "    server-key = \"" : "", key->server_key,
                 server_key ? "\"\n" : "", key->public_key, key->secret_key);
    *ret_size = length < 0 ? 0 : (size_t)length;
    return length > 0 && (size_t)length < size;
}

#define MADE_MAX 1100

// What a file is called until it is whole.
static bool name_made(const char *path, char made[MADE_MAX])
{
    int length = snprintf(made, MADE_MAX, "%s.new", path);
    return length > 0 && length < MADE_MAX;
}

void key_forget(const char *path)
{
    char made[MADE_MAX];
    if (name_made(path, made)) {
        (void)unlink(made); // there is none, but where somebody was cut off
    }
}

// The new file gets its name when it is whole, and only if that is free.
static enum status name_file(const char *made, const char *path, const char **ret_problem)
{
    if (link(made, path) == 0 && sync_directory(path)) {
        return STATUS_OK;
    }
    return errno == EEXIST
               ? problem(STATUS_CONFLICT,
                         "there is a file of that name already, and a key is never overwritten; "
                         "give another name",
                         ret_problem)
               : problem(STATUS_FAILED, "the key file cannot be written", ret_problem);
}

static enum status write_file(const char *path, const char *text, size_t size,
                              const char **ret_problem)
{
    char made[MADE_MAX];
    bool named = name_made(path, made);
    key_forget(path);
    int fd = named ? open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd < 0) {
        return problem(STATUS_FAILED,
                       "the key file cannot be made there; give the name of a file in a directory "
                       "of your own",
                       ret_problem);
    }
    // A umask may have taken the owner's own rights away.
    bool written = fchmod(fd, 0600) == 0 && write_all(fd, text, size) && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    enum status status =
        written ? name_file(made, path, ret_problem)
                : problem(STATUS_FAILED, "the key file cannot be written", ret_problem);
    (void)unlink(made); // it has its name, or is of no use
    return status;
}

enum status key_write(const char *path, const struct key *key, const char **ret_problem)
{
    char text[1024];
    size_t size;
    bool fits = print_key(key, text, sizeof(text), &size);
    enum status status = fits ? write_file(path, text, size, ret_problem)
                              : problem(STATUS_FAILED, "the key does not fit a file", ret_problem);
    explicit_bzero(text, sizeof(text));
    return status;
}

bool key_make(struct key *key)
{
    return zmq_curve_keypair(key->public_key, key->secret_key) == 0;
}
