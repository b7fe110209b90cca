/*
 * erasure.c - what an entry says is erased is erased, step by step, and again
 * after a crash (FORMATS section 9).
 *
 * erasures.log is a text: a head with F, then a line an erasure. Nothing of it
 * is ever taken away. It stands outside both environments, so that it outlasts
 * an older copy of them; the mark, how many of its lines are done, lies with
 * the keys and is as old as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/journal/internal.h"
#include "broker/lib/file.h"

#define LOG_NAME "erasures.log"
#define HEAD "schakel erasures 1 "
#define HEAD_SIZE (sizeof(HEAD) - 1 + 2 * DIGEST_SIZE + 1)
#define LINE_MAX_BYTES 160
#define LOG_BYTES_MAX ((off_t)1 << 32)

void (*journal_erasing)(const char *step);

static void
step(const char *name)
{
	if (journal_erasing != NULL)
		journal_erasing(name);
}

/* ---- the list in memory, by position */

static size_t
place_of(const struct journal *journal, uint64_t position)
{
	size_t low = 0, high = journal->n_erased;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (journal->erased[middle].position < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
journal_is_erased(const struct journal *journal,
    const struct erasure *erasure)
{
	for (size_t i = place_of(journal, erasure->position);
	    i < journal->n_erased &&
	    journal->erased[i].position == erasure->position; i++)
		if (journal->erased[i].case_number == erasure->case_number &&
		    journal->erased[i].until_day == erasure->until_day)
			return true;
	return false;
}

bool
journal_days_erased(const struct journal *journal, uint64_t position,
    struct erasure *erasure)
{
	for (size_t i = place_of(journal, position); i < journal->n_erased;
	    i++) {
		*erasure = journal->erased[i];
		if (erasure->case_number == 0 && position >= erasure->from &&
		    position < erasure->to)
			return true;
	}
	return false;
}

/* They come in the order of their entries, but for what a restored journal
 * took over from the one before it. */
static enum sk_error
remember(struct journal *journal, const struct erasure *erasure)
{
	size_t at = place_of(journal, erasure->position);
	struct erasure *grown;

	if (journal->n_erased == journal->erased_room) {
		grown = realloc(journal->erased, (journal->erased_room * 2 +
		    64) * sizeof(*grown));
		if (grown == NULL)
			return SK_NO_MEMORY;
		journal->erased = grown;
		journal->erased_room = journal->erased_room * 2 + 64;
	}
	memmove(&journal->erased[at + 1], &journal->erased[at],
	    (journal->n_erased - at) * sizeof(*erasure));
	journal->erased[at] = *erasure;
	journal->n_erased++;
	return SK_OK;
}

/* ---- erasures.log */

static size_t
print_line(const struct erasure *e, char line[LINE_MAX_BYTES])
{
	return (size_t)snprintf(line, LINE_MAX_BYTES, "%" PRIu64 " %" PRIu64
	    " %" PRId32 " %" PRIu64 " %" PRIu64 " %" PRIu32 "\n", e->position,
	    e->case_number, e->until_day, e->from, e->to, e->ground);
}

/* Only what print_line prints. */
static bool
read_line(const char *text, size_t size, struct erasure *e)
{
	char line[LINE_MAX_BYTES], again[LINE_MAX_BYTES];

	if (size >= sizeof(line))
		return false;
	memcpy(line, text, size);
	line[size] = '\0';
	memset(e, 0, sizeof(*e));
	return sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNd32 " %" SCNu64
	    " %" SCNu64 " %" SCNu32, &e->position, &e->case_number,
	    &e->until_day, &e->from, &e->to, &e->ground) == 6 &&
	    print_line(e, again) == size && memcmp(again, line, size) == 0;
}

static enum sk_error
write_all(int fd, const void *bytes, size_t size)
{
	ssize_t n = write(fd, bytes, size);

	if (n == (ssize_t)size)
		return SK_OK;
	return n >= 0 || errno == ENOSPC || errno == EDQUOT ? SK_STORE_FULL :
	    SK_STORE_IO;
}

static void
print_head(const struct journal *journal, char head[HEAD_SIZE + 1])
{
	size_t at = sizeof(HEAD) - 1;

	memcpy(head, HEAD, at);
	for (size_t i = 0; i < DIGEST_SIZE; i++, at += 2)
		snprintf(head + at, 3, "%02x", journal->founding.digest[i]);
	head[at] = '\n';
	head[at + 1] = '\0';
}

/* The log is new, or a crash cut its head short. */
static enum sk_error
begin_log(struct journal *journal, const char *dir)
{
	char head[HEAD_SIZE + 1];
	int fd;
	enum sk_error rc;

	print_head(journal, head);
	if (ftruncate(journal->erasures, 0) < 0)
		return SK_STORE_IO;
	rc = write_all(journal->erasures, head, HEAD_SIZE);
	if (rc == SK_OK && fsync(journal->erasures) < 0)
		rc = SK_STORE_IO;
	if (rc != SK_OK)
		return rc;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		rc = SK_STORE_IO;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Take the lines; a last one without an end was never synced. */
static enum sk_error
take_lines(struct journal *journal, const char *text, size_t size,
    uint64_t mark, struct fault *fault)
{
	const char *at = text + HEAD_SIZE, *end;
	struct erasure erasure;
	uint64_t n = 0;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && (end = memchr(at, '\n',
	    size - (size_t)(at - text))) != NULL) {
		if (!read_line(at, (size_t)(end - at) + 1, &erasure))
			return fault_set(fault, SK_STORE_CORRUPT, LOG_NAME,
			    "line %llu", (unsigned long long)n + 2);
		rc = remember(journal, &erasure);
		if (rc == SK_OK && n == (journal->segment_older ? 0 : mark))
			journal->again_from = at - text;
		n++;
		at = end + 1;
	}
	journal->log_lines = n;
	if (rc == SK_OK && mark > n)
		return fault_set(fault, SK_STORE_MISMATCH, LOG_NAME,
		    "%llu lines were carried out, %llu stand here",
		    (unsigned long long)mark, (unsigned long long)n);
	if (rc == SK_OK && at != text + size &&
	    ftruncate(journal->erasures, at - text) < 0)
		rc = SK_STORE_IO;
	return rc;
}

static enum sk_error
read_log(struct journal *journal, const char *path, struct fault *fault)
{
	char head[HEAD_SIZE + 1], *text;
	struct stat st;
	uint64_t mark;
	size_t size;
	enum sk_error rc;

	if ((rc = vault_mark(journal->vault, &mark)) != SK_OK)
		return rc;
	if (fstat(journal->erasures, &st) < 0 || st.st_size > LOG_BYTES_MAX)
		return SK_STORE_IO;
	size = (size_t)st.st_size;
	print_head(journal, head);
	if ((text = malloc(size + 1)) == NULL)
		return SK_NO_MEMORY;
	if (pread(journal->erasures, text, size, 0) != (ssize_t)size)
		rc = SK_STORE_IO;
	else if (memcmp(text, head, size < HEAD_SIZE ? size : HEAD_SIZE) != 0)
		rc = fault_set(fault, SK_STORE_MISMATCH, LOG_NAME,
		    "it belongs to another journal");
	else if (size < HEAD_SIZE)
		rc = mark != 0 ? fault_set(fault, SK_STORE_MISMATCH, LOG_NAME,
		    "%llu erasures were carried out and none stand here",
		    (unsigned long long)mark) : begin_log(journal, path);
	else
		rc = take_lines(journal, text, size, mark, fault);
	free(text);
	return rc;
}

enum sk_error
erasure_open(struct journal *journal, const char *path, struct fault *fault)
{
	char file[PATH_MAX];
	enum sk_error rc;

	file_path(file, sizeof(file), path, LOG_NAME);
	journal->erasures = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);
	if (journal->erasures < 0)
		return fault_set(fault, SK_STORE_IO, file, "%s",
		    strerror(errno));
	rc = read_log(journal, path, fault);
	if (rc != SK_OK && (fault == NULL || fault->code == SK_OK))
		fault_set(fault, rc, file, NULL);
	return rc;
}

void
erasure_close(struct journal *journal)
{
	if (journal->erasures >= 0)
		close(journal->erasures);
	free(journal->erased);
}

/* One sync for all. A line that stands there already is not written twice. */
static enum sk_error
write_log(struct journal *journal, const struct erasure *erasures, size_t n)
{
	char line[LINE_MAX_BYTES];
	bool any = false;
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < n && rc == SK_OK; i++) {
		if (journal_is_erased(journal, &erasures[i]))
			continue;
		rc = write_all(journal->erasures, line,
		    print_line(&erasures[i], line));
		if (rc == SK_OK)
			rc = remember(journal, &erasures[i]);
		journal->log_lines += rc == SK_OK;
		any = true;
	}
	if (rc == SK_OK && any && fsync(journal->erasures) < 0)
		rc = SK_STORE_IO;
	return rc;
}

/* ---- the rows beside the entries */

static enum sk_error
read_leaf(struct journal *journal, uint64_t position, struct leaf *leaf)
{
	struct span bytes;
	enum sk_error rc = journal_leaf(journal, position, &bytes);

	return rc == SK_OK ? leaf_decode(bytes.bytes, bytes.size, leaf) : rc;
}

static enum sk_error
delete_rows(struct journal *journal, uint64_t position)
{
	enum sk_error rc = segments_delete(journal, SEALED, position);

	if (rc == SK_OK || rc == SK_NOT_FOUND)
		rc = segments_delete(journal, VAULT, position);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* The case's entry before this one, + 1; *found false: it touches another. */
static uint64_t
previous_of(const struct leaf *leaf, uint64_t case_number, bool *found)
{
	*found = false;
	for (size_t i = 0; i < leaf->cases && !*found; i++) {
		*found = leaf->touched[i].number == case_number;
		if (*found)
			return leaf->touched[i].previous;
	}
	return 0;
}

/* Back through the case, as each entry names the one before it. An entry that
 * is not in this journal leaves rows under a key that is gone. */
static enum sk_error
delete_case(struct journal *journal, const struct erasure *e)
{
	uint64_t next = e->position + 1, position;
	struct leaf leaf;
	bool found;
	enum sk_error rc;

	while (next != 0) {
		position = next - 1;
		rc = read_leaf(journal, position, &leaf);
		if (rc == SK_OK)
			next = previous_of(&leaf, e->case_number, &found);
		if (position == e->position && (rc == SK_NOT_FOUND ||
		    (rc == SK_OK && !found)))
			return SK_OK;
		if (rc != SK_OK)
			return rc;
		if (!found || next > position)
			return SK_STORE_CORRUPT;
		if (leaf_parts_case(&leaf) == e->case_number &&
		    (rc = delete_rows(journal, position)) != SK_OK)
			return rc;
	}
	return SK_OK;
}

static enum sk_error
delete_days(struct journal *journal, const struct erasure *e)
{
	struct leaf leaf;
	enum sk_error rc = SK_OK;

	for (uint64_t at = e->from; rc == SK_OK && at < e->to; at++) {
		if ((rc = segments_next(journal, VAULT, &at)) != SK_OK ||
		    at >= e->to)
			break;
		rc = read_leaf(journal, at, &leaf);
		if (rc == SK_OK && leaf_parts_case(&leaf) == 0)
			rc = delete_rows(journal, at);
	}
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

static enum sk_error
delete_all(struct journal *journal, const struct erasure *erasures, size_t n)
{
	enum sk_error rc;

	journal_read_end(journal);
	if ((rc = store_write(journal->store, &journal->write)) != SK_OK)
		return rc;
	for (size_t i = 0; i < n && rc == SK_OK; i++)
		rc = erasures[i].case_number != 0 ?
		    delete_case(journal, &erasures[i]) :
		    delete_days(journal, &erasures[i]);
	if (rc == SK_OK)
		rc = segments_commit(journal);
	if (rc == SK_OK)
		rc = store_commit(journal->write);
	else
		store_abort(journal->write);
	journal->write = NULL;
	segments_abort(journal);
	journal_read_end(journal);
	return rc;
}

/* ---- all of it */

static enum sk_error
destroy_keys(struct journal *journal, const struct erasure *erasures,
    size_t n)
{
	uint64_t numbers[JOURNAL_ERASURES_MAX], day = 0;
	size_t cases = 0;

	for (size_t i = 0; i < n; i++)
		if (erasures[i].case_number != 0)
			numbers[cases++] = erasures[i].case_number;
		else if ((JOURNAL_DAY | (uint32_t)erasures[i].until_day) > day)
			day = JOURNAL_DAY | (uint32_t)erasures[i].until_day;
	return vault_destroy(journal->vault, numbers, cases, day);
}

/* Behind the log; done is how many of its lines are carried out after this. */
static enum sk_error
carry_out(struct journal *journal, const struct erasure *erasures, size_t n,
    uint64_t done)
{
	enum sk_error rc;

	step("keys");
	rc = destroy_keys(journal, erasures, n);
	step("parts");
	if (rc == SK_OK)
		rc = delete_all(journal, erasures, n);
	step("mark");
	if (rc == SK_OK)
		rc = vault_set_mark(journal->vault, done);
	step("done");
	return rc;
}

enum sk_error
journal_erase(struct journal *journal, const struct erasure *erasures,
    size_t n)
{
	enum sk_error rc;

	if (n == 0)
		return SK_OK;
	if (n > JOURNAL_ERASURES_MAX || journal->write != NULL)
		return SK_STORE_IO;
	step("log");
	if ((rc = write_log(journal, erasures, n)) != SK_OK)
		return rc;
	return carry_out(journal, erasures, n, journal->log_lines);
}

/* The lines from *at on, at most as many as go together. */
static enum sk_error
lines_again(struct journal *journal, off_t *at, struct erasure *erasures,
    size_t *n)
{
	char line[LINE_MAX_BYTES + 1], *end;
	ssize_t size;

	for (*n = 0; *n < JOURNAL_ERASURES_MAX; (*n)++) {
		size = pread(journal->erasures, line, LINE_MAX_BYTES, *at);
		if (size <= 0)
			return size == 0 ? SK_OK : SK_STORE_IO;
		line[size] = '\0';
		if ((end = strchr(line, '\n')) == NULL || !read_line(line,
		    (size_t)(end - line) + 1, &erasures[*n]))
			return SK_STORE_CORRUPT;
		*at += end - line + 1;
	}
	return SK_OK;
}

enum sk_error
journal_erase_again(struct journal *journal, size_t *again,
    struct fault *fault)
{
	struct erasure *erasures = calloc(JOURNAL_ERASURES_MAX,
	    sizeof(*erasures));
	off_t at = journal->again_from;
	uint64_t done = 0;
	size_t n = 1, all = 0;
	enum sk_error rc = erasures == NULL ? SK_NO_MEMORY :
	    vault_mark(journal->vault, &done);

	if (journal->segment_older)	/* from the first line on */
		done = 0;
	while (rc == SK_OK && at != 0 && n > 0) {
		if ((rc = lines_again(journal, &at, erasures, &n)) != SK_OK ||
		    n == 0)
			break;
		rc = carry_out(journal, erasures, n, done += n);
		all += n;
	}
	free(erasures);
	if (again != NULL)
		*again = all;
	journal->again_from = 0;
	return rc == SK_OK ? rc : fault_set(fault, rc, LOG_NAME,
	    "what was erased could not be erased again");
}
