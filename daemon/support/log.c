#include "daemon/support/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level highest = LOG_INFO;

void log_set_level(enum log_level level)
{
    highest = level;
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > highest) {
        return;
    }
    // One write a line: lines of two threads never mix.
    char line[2048];
    int size = isatty(STDERR_FILENO) ? 0 : snprintf(line, sizeof(line), "<%d>", (int)level);
    size += snprintf(line + size, sizeof(line) - (size_t)size, "event=");
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + size, sizeof(line) - (size_t)size - 1, format, arguments);
    va_end(arguments);
    size += more < 0 ? 0 : more;
    if ((size_t)size > sizeof(line) - 1) {
        size = (int)sizeof(line) - 1;
    }
    line[size++] = '\n';
    (void)!write(STDERR_FILENO, line, (size_t)size); // there is nobody left to tell
}
