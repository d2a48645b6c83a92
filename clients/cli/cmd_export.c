// waternet export [FILE]: the whole log as JSON lines, which `waternetd restore` takes back.
#include "clients/cli/whole.h"

#include "proto/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct exporting {
    struct cli *cli;
    FILE *file;
    char *beside; // FILE.new, which gets its name at the end; NULL for stdout
    bool failed;  // no memory for an event, or what came is none
    struct export_sources sources;
};

// What a terminal could obey is escaped there; the JSON says the same.
static void write_shown(struct exporting *exporting, const struct waternet_event *event,
                        const struct hash *leaf, const char *json)
{
    char *line = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&line, &size);
    if (memory != NULL) {
        export_write_event(memory, event->seq, bytes_of(event->id), leaf, json);
    }
    exporting->failed = memory == NULL || fclose(memory) != 0;
    if (!exporting->failed) {
        line[size - 1] = '\0'; // output_json_text() closes it
        output_json_text(&exporting->cli->output, line);
    }
    free(line);
}

// Not by waternet_event_json(), whose source is that of the region as it is now.
static char *json_of(struct exporting *exporting, struct bytes bytes, const struct hash *leaf)
{
    struct event event;
    struct cloudevent_names names = {.type_prefix =
                                         waternet_type_prefix(exporting->cli->connection)};
    if (event_decode(bytes, &event)) {
        names.source_id = export_source_of(&exporting->sources, &event);
    }
    json_t *object = names.source_id == NULL ? NULL : cloudevent_from_event(&event, leaf, &names);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

static bool take(void *context, struct waternet_follower *follower,
                 const struct waternet_event *event)
{
    struct exporting *exporting = context;
    struct bytes bytes = {event->bytes, event->size};
    struct hash leaf = tree_leaf(bytes);
    char *json = json_of(exporting, bytes, &leaf);
    (void)follower; // the bytes are enough
    exporting->failed = json == NULL;
    bool shown = exporting->beside == NULL && exporting->cli->output.terminal;
    if (json != NULL && shown) {
        write_shown(exporting, event, &leaf, json);
    } else if (json != NULL) {
        export_write_event(exporting->file, event->seq, bytes_of(event->id), &leaf, json);
    }
    free(json);
    return !exporting->failed && ferror(exporting->file) == 0;
}

static int unwritten(const char *name)
{
    return output_failed(EXIT_OTHER, "%s: %s; another FILE, or room for it", name, strerror(errno));
}

static int write_log(struct exporting *exporting)
{
    struct whole whole;
    int code = whole_begin(exporting->cli, &whole);
    if (code == 0) {
        code = whole_read(exporting->cli, &whole, "export", take, exporting);
    }
    if (code != 0) {
        return code;
    }
    if (exporting->failed || ferror(exporting->file) != 0) {
        return exporting->failed ? output_failed(EXIT_OTHER, "out of memory, or what came is no "
                                                             "event; waternet verify")
                                 : EXIT_OTHER;
    }
    if (!whole_fits(&whole)) {
        return output_failed(waternet_status_exit(WATERNET_CORRUPT),
                             "what came is not the log that the daemon named; waternet verify");
    }
    struct export_end end = {.head = whole.head, .root = tree_root(&whole.tree)};
    memcpy(end.log, whole.log, sizeof end.log);
    export_write_end(exporting->file, &end);
    return 0;
}

// One export at a time writes beside a file.
static int open_beside(struct exporting *exporting, const char *name)
{
    exporting->beside = output_format("%s.new", name);
    int fd = open(exporting->beside, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || ftruncate(fd, 0) != 0 ||
        (exporting->file = fdopen(fd, "w")) == NULL) {
        int code = unwritten(exporting->beside);
        if (fd >= 0) {
            (void)close(fd); // nothing was written
        }
        return code;
    }
    return 0;
}

static bool sync_above(const char *name)
{
    const char *slash = strrchr(name, '/');
    char *dir =
        slash == NULL ? output_format(".") : output_format("%.*s", (int)(slash - name) + 1, name);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); // only synced
    }
    free(dir);
    return synced;
}

// The name stands for a whole export on disk, or for what it was.
static int give_name(struct exporting *exporting, const char *name)
{
    bool written = fflush(exporting->file) == 0 && fsync(fileno(exporting->file)) == 0 &&
                   rename(exporting->beside, name) == 0 && sync_above(name);
    return written ? 0 : unwritten(name);
}

// What is no file of its own, as /dev/stdout, would be replaced by one.
static bool is_other(const char *name)
{
    struct stat there;
    return lstat(name, &there) == 0 && !S_ISREG(there.st_mode);
}

static int export_to_file(struct exporting *exporting, const char *name)
{
    if (is_other(name)) {
        return output_problem("%s is there and is no file; another FILE, or - for what reads stdin",
                              name);
    }
    int code = open_beside(exporting, name);
    if (exporting->file != NULL) {
        code = write_log(exporting);
        if (code == EXIT_OTHER && ferror(exporting->file) != 0) {
            code = unwritten(exporting->beside);
        }
        code = code == 0 ? give_name(exporting, name) : code;
        if (code != 0) {
            (void)unlink(exporting->beside); // it may have its name by now
        }
        (void)fclose(exporting->file); // synced, or not needed
    }
    free(exporting->beside);
    return code;
}

int cmd_export(struct cli *cli)
{
    const char *name = cli->argument_count > 0 ? cli->arguments[0] : "-";
    static struct exporting exporting; // too large for a stack that others may bound
    exporting.cli = cli;
    if (strcmp(name, "-") != 0) {
        return export_to_file(&exporting, name);
    }
    exporting.file = stdout;
    return write_log(&exporting);
}
