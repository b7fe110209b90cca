#include "broker/lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/civil.h"

#define DETAIL_MAX 1024
/* Every byte may become four, and some room for what stands before it. */
#define LINE_MAX_BYTES (4 * DETAIL_MAX + 512)

static const struct {
	const char *name;
	int priority;		/* of syslog(3), as systemd reads it */
} levels[] = {
	[LOG_ERROR] = { "error", 3 },
	[LOG_WARN] = { "warn", 4 },
	[LOG_INFO] = { "info", 6 },
	[LOG_DEBUG] = { "debug", 7 },
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static const char *program_name = "schakel";
static enum log_level level_most = LOG_INFO;
static bool to_journal;

struct line {
	char text[LINE_MAX_BYTES];
	size_t size;
};

/* systemd says which stream is its own: another one may have taken its place. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL &&
	    sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode;
}

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	level_most = level;
	to_journal = stderr_is_journal();
}

int
log_level_by_name(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < LEVELS; i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

static void
add(struct line *line, const char *text)
{
	size_t size = strlen(text), room = sizeof(line->text) - 1 - line->size;

	if (size > room)
		size = room;
	memcpy(line->text + line->size, text, size);
	line->size += size;
}

/* A line stays one line of ASCII whatever a peer put in it, and what stands
 * in quotes in it ends where its writer meant. */
static void
add_escaped(struct line *line, const char *text)
{
	char escaped[5];

	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte == '"' || byte == '\\')
			snprintf(escaped, sizeof(escaped), "\\%c", byte);
		else if (byte < 0x20 || byte > 0x7e)
			snprintf(escaped, sizeof(escaped), "\\x%02x", byte);
		else
			snprintf(escaped, sizeof(escaped), "%c", byte);
		add(line, escaped);
	}
}

static void
add_start(struct line *line, enum log_level level)
{
	char text[CIVIL_INSTANT_TEXT_MAX];
	struct timespec now;

	if (to_journal) {
		snprintf(text, sizeof(text), "<%d>", levels[level].priority);
		add(line, text);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		civil_instant_text(now.tv_sec * 1000LL + now.tv_nsec / 1000000,
		    text);
		add(line, text);
		add(line, " ");
	}
	add_escaped(line, program_name);
	add(line, " ");
	add(line, levels[level].name);
	add(line, ": ");
}

static void
add_detail(struct line *line, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
add_detail(struct line *line, const char *format, va_list ap)
{
	char text[DETAIL_MAX];
	int n = vsnprintf(text, sizeof(text), format, ap);

	add(line, " ");
	/* The event counts more than its detail. */
	if (n < 0) {
		add(line, "detail=unreadable");
		return;
	}
	add_escaped(line, text);
	if ((size_t)n >= sizeof(text))
		add(line, "...");
}

/* One write, so that lines of two processes do not mix. What stderr does not
 * take at once is lost: the log is commentary, the journal is the record. */
static void
put(struct line *line)
{
	size_t at = 0;

	line->text[line->size++] = '\n';
	while (at < line->size) {
		ssize_t n = write(STDERR_FILENO, line->text + at,
		    line->size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		at += (size_t)n;
	}
}

void
log_event(enum log_level level, const char *what, const char *detail, ...)
{
	int saved = errno;
	struct line line;
	va_list ap;

	if (level > level_most)
		return;
	line.size = 0;
	add_start(&line, level);
	add_escaped(&line, what);
	if (detail != NULL) {
		va_start(ap, detail);
		add_detail(&line, detail, ap);
		va_end(ap);
	}
	put(&line);
	errno = saved;
}
