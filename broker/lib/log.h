/*
 * log.h - one line an event on stderr: a fixed verb phrase, then key=value.
 *
 * error: an operator must act now; warn: today; info: the course of work;
 * debug: us. Ids only, never personal data, never a secret.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* program stands in every line; systemd's priority prefix <3>.. when stderr
 * is the journal (JOURNAL_STREAM), an ISO instant else. */
void log_open(const char *program, enum log_level level);
/* -1 for an unknown name. */
int log_level_by_name(const char *name, enum log_level *level);
/* log_event(LOG_INFO, "session opened", "participant=%llu epoch=%llu", ..);
 * detail NULL for none. Control characters in the outcome are escaped. */
void log_event(enum log_level level, const char *what, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

#endif
