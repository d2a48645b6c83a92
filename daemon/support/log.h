/*
 * log - one line a thing on stderr, key=value, with journald's priority in front.
 *
 * Only main.c and server.c log above debug, so that a failure is told once, by the one who knows
 * what was being tried. Never personal data, never secrets, never bytes of a request.
 */
#ifndef DAEMON_SUPPORT_LOG_H
#define DAEMON_SUPPORT_LOG_H

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

// Lines above this level are not written. Set once, before the threads start.
void log_set_level(enum log_level level);

// Writes "<6>event=start key=value ..." where format gives what follows "event=". Texts with blanks
// stand in double quotes, which the format writes itself. The prefix <N> is left out on a terminal.
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
