/*
 * A year moved out of the journal: read through as if nothing had happened,
 * killed before each step, erased in, and with another one in its place.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "broker/journal/archive.h"
#include "broker/journal/copy.h"
#include "broker/journal/scrub.h"
#include "proto/bytes.h"
#include "proto/civil.h"
#include "proto/note.h"
#include "proto/wire.h"

#define ORIGIN "proef.regio/test/1"
#define A_YEAR 300u		/* entries; the first year has the founding too */
#define YEARS 3			/* 2026, 2027 and what stands of 2028 */
#define CASES 7u
#define STEP 64u

/* One journal of three years, and what was put into it. */
struct world {
	char dir[96];
	char other[96];
	struct journal *journal;
	struct fault fault;
	uint8_t public_key[32], secret[64];
	uint64_t size;
	uint64_t last[CASES + 1];	/* of each case, position + 1 */
	uint8_t root[DIGEST_SIZE];	/* over all */
	bool gone[CASES + 1];	/* 0: what reached no case in the first year */
};

static void
found(struct world *w, const char *dir)
{
	ProtobufCBinaryData key = { 32, w->public_key };
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;

	body.name = (char *)(uintptr_t)"proef.regio";
	body.origin = (char *)(uintptr_t)ORIGIN;
	body.has_number = body.has_test = body.has_instant = 1;
	body.number = 1;
	body.test = 1;
	body.instant = civil_day_start(civil_date(2026, 3, 2));
	body.has_broker_link_key = body.has_broker_sign_key =
	    body.has_enrolment_key = 1;
	body.broker_link_key = body.broker_sign_key = body.enrolment_key = key;
	body.n_operator_keys = 1;
	body.operator_keys = &key;
	assert_int_equal(journal_found(dir, &body, &w->fault), SK_OK);
}

static enum sk_error
try_open(struct world *w, bool read_only)
{
	enum sk_error rc;

	journal_close(w->journal);
	w->journal = NULL;
	memset(&w->fault, 0, sizeof(w->fault));
	rc = journal_open(w->dir, NULL, read_only, &w->journal, &w->fault);
	if (rc == SK_OK && !read_only) {
		journal_sign_with(w->journal, w->secret);
		rc = journal_erase_again(w->journal, NULL, &w->fault);
	}
	return rc;
}

static void
reopen(struct world *w)
{
	assert_int_equal(try_open(w, false), SK_OK);
}

/* Of which case is the entry at this position (0: it reached none), and when
 * was it made? */
static uint64_t
case_at(uint64_t position)
{
	return position % 50 == 0 ? 0 : position % CASES + 1;
}

static bool
is_gone(const struct world *w, uint64_t position)
{
	return w->gone[case_at(position)] &&
	    (case_at(position) != 0 || position <= A_YEAR);
}

static int64_t
instant_at(uint64_t position)
{
	const int year = 2026 + (int)((position - 1) / A_YEAR);

	return civil_day_start(civil_date(year, 3, 2)) +
	    (int64_t)(position % A_YEAR);
}

static size_t
text_at(uint64_t position, const char *what, char text[64])
{
	return (size_t)snprintf(text, 64, "%s of entry %llu, which is secret",
	    what, (unsigned long long)position);
}

static bool large;	/* sealed parts as large as they may be */

static void
append_one(struct world *w)
{
	static uint8_t attachment[SEALED_BYTES_MAX];
	static uint8_t bytes[LEAF_BYTES_MAX], packed[512];
	char facts[64], sealed[64];
	struct parts parts = { .facts.bytes = facts };
	struct append in = { .leaf.bytes = bytes, .sealed.bytes = sealed,
		.parts.bytes = packed };
	const uint64_t number = case_at(w->size);
	struct leaf leaf = { .format = LEAF_FORMAT,
		.instant = instant_at(w->size), .epoch = w->size,
		.kind = SK__EVENT_KIND__DEADLINE_EVENT, .body = { "", 0 },
		.cases = number != 0 };
	uint8_t hash[DIGEST_SIZE];
	uint64_t position;

	leaf.touched[0].number = number;
	leaf.touched[0].previous = w->last[number];
	assert_int_equal(leaf_encode(&leaf, bytes, &in.leaf.size), SK_OK);
	parts.facts.size = text_at(w->size, "facts", facts);
	assert_int_equal(parts_encode(&parts, packed, sizeof(packed),
	    &in.parts.size), SK_OK);
	in.sealed.size = text_at(w->size, "text", sealed);
	if (large)
		in.sealed = (struct span){ attachment, sizeof(attachment) };
	in.parts_case = number;
	assert_int_equal(journal_begin(w->journal), SK_OK);
	assert_int_equal(journal_append(w->journal, &in, leaf.instant,
	    &position, hash), SK_OK);
	assert_int_equal(position, w->size);
	w->last[number] = ++w->size;
}

static void
append(struct world *w, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		append_one(w);
		if (i % 20 == 0 || i == n)
			assert_int_equal(journal_commit(w->journal), SK_OK);
	}
	assert_int_equal(journal_root(w->journal, w->size, w->root), SK_OK);
	journal_read_end(w->journal);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/test_archive_XXXXXX");
	if (mkdtemp(w->dir) == NULL || sodium_init() < 0)
		return -1;
	snprintf(w->other, sizeof(w->other), "%.64s.other", w->dir);
	crypto_sign_keypair(w->public_key, w->secret);
	found(w, w->dir);
	reopen(w);
	w->size = 1;
	append(w, YEARS * A_YEAR - A_YEAR / 2);
	*state = w;
	return 0;
}

static void
shell(const char *format, const char *a, const char *b)
{
	char command[512];

	snprintf(command, sizeof(command), format, a, b);
	assert_int_equal(system(command), 0);
}

static int
teardown(void **state)
{
	struct world *w = *state;

	journal_close(w->journal);
	shell("rm -rf %s %s", w->dir, w->other);
	free(w);
	return 0;
}

/* Every entry is what was put in, wherever it lies, and what was erased is
 * not there. */
static void
assert_whole(struct world *w)
{
	static uint8_t buffer[JOURNAL_PARTS_MAX];
	uint8_t root[DIGEST_SIZE];
	struct journal_counts counts;
	uint64_t beside = 0;
	char text[64];
	size_t size;

	assert_int_equal(journal_size(w->journal), w->size);
	for (uint64_t at = 1; at < w->size; at++) {
		const uint64_t number = case_at(at);
		struct span bytes;
		struct parts parts;
		struct leaf leaf;
		bool there;

		assert_int_equal(journal_leaf(w->journal, at, &bytes), SK_OK);
		assert_int_equal(leaf_decode(bytes.bytes, bytes.size, &leaf),
		    SK_OK);
		assert_int_equal(leaf.epoch, at);
		assert_int_equal(journal_has_parts(w->journal, at, &there),
		    SK_OK);
		assert_int_equal(there, !is_gone(w, at));
		assert_int_equal(journal_has_sealed(w->journal, at, &there),
		    SK_OK);
		assert_int_equal(there, !is_gone(w, at));
		beside += there;
		if (!there)
			continue;
		assert_int_equal(journal_parts(w->journal, at, number,
		    leaf.instant, buffer, sizeof(buffer), &parts), SK_OK);
		size = text_at(at, "facts", text);
		assert_int_equal(parts.facts.size, size);
		assert_memory_equal(parts.facts.bytes, text, size);
		assert_int_equal(journal_sealed(w->journal, at, number,
		    leaf.instant, &bytes), SK_OK);
		size = text_at(at, "text", text);
		assert_int_equal(bytes.size, size);
		assert_memory_equal(bytes.bytes, text, size);
		if (at % 64 == 0)
			assert_int_equal(scrub_entry(w->journal, at,
			    &w->fault), SK_OK);
	}
	assert_int_equal(journal_counts(w->journal, &counts), SK_OK);
	assert_int_equal(counts.entries, w->size);
	assert_int_equal(counts.sealed, beside);
	assert_int_equal(counts.parts, beside);
	assert_int_equal(journal_root(w->journal, w->size, root), SK_OK);
	assert_memory_equal(root, w->root, sizeof(root));
	journal_read_end(w->journal);
}

static enum sk_error
command(struct world *w, int year, int64_t now)
{
	struct segment_info info;
	enum sk_error rc;

	memset(&w->fault, 0, sizeof(w->fault));
	rc = archive_check(w->journal, year, now, &info, &w->fault);
	journal_read_end(w->journal);
	if (rc != SK_OK)
		return rc;
	assert_int_equal(archive_begin(w->journal, &info), SK_OK);
	append_one(w);	/* the command itself */
	assert_int_equal(journal_commit(w->journal), SK_OK);
	assert_int_equal(journal_root(w->journal, w->size, w->root), SK_OK);
	journal_read_end(w->journal);
	return SK_OK;
}

/* Until it is done; how many steps it took. */
static unsigned
run(struct world *w)
{
	struct archive_state state;
	struct fault fault;
	unsigned steps = 0;

	for (;; steps++) {
		archive_state(w->journal, &state);
		if (state.phase == ARCHIVE_NONE)
			return steps;
		assert_int_equal(archive_step(w->journal, STEP, 0, &fault),
		    SK_OK);
		assert_int_equal(fault.code, SK_OK);
	}
}

static void
archive(struct world *w, int year)
{
	assert_int_equal(command(w, year, instant_at(w->size)), SK_OK);
	assert_true(run(w) > 3);
}

static void
test_an_archived_year_is_read_through_as_before(void **state)
{
	struct world *w = *state;
	const struct segment_info *info;
	struct journal *copy = NULL;
	uint8_t root[DIGEST_SIZE];
	struct copied copied;
	uint64_t size = 0;

	archive(w, 2026);
	assert_whole(w);
	info = journal_segment(w->journal, 0);
	assert_non_null(info);
	assert_null(journal_segment(w->journal, 1));
	assert_int_equal(info->year, 2026);
	assert_int_equal(info->from, 1);
	assert_int_equal(info->to, 1 + A_YEAR);
	assert_int_equal(journal_root(w->journal, info->to, root), SK_OK);
	assert_memory_equal(root, info->root, sizeof(root));
	archive(w, 2027);
	append(w, 30);
	assert_whole(w);
	reopen(w);
	assert_whole(w);
	assert_int_equal(journal_segment(w->journal, 1)->from, 1 + A_YEAR);
	/* A reader finds them too, and a copy takes them along as they lie. */
	assert_int_equal(try_open(w, true), SK_OK);
	assert_whole(w);
	assert_int_equal(copy_verify(w->journal, &size, root, &w->fault),
	    SK_OK);
	assert_int_equal(size, w->size);
	assert_int_equal(copy_read(w->journal, 0, &copied), SK_OK);
	assert_int_equal(copy_found(w->other, copied.leaf, &w->fault), SK_OK);
	assert_int_equal(copy_open(w->other, &copy, &w->fault), SK_OK);
	assert_int_equal(journal_begin(copy), SK_OK);
	for (uint64_t at = 1; at < size; at++) {
		assert_int_equal(copy_read(w->journal, at, &copied), SK_OK);
		assert_int_equal(copied.sealed.size != 0, true);
		assert_int_equal(copy_append(copy, &copied), SK_OK);
	}
	assert_int_equal(journal_commit(copy), SK_OK);
	assert_int_equal(journal_root(copy, size, root), SK_OK);
	assert_memory_equal(root, w->root, sizeof(root));
	assert_null(journal_segment(copy, 0));
	journal_close(copy);
}

/* What a file takes up on the disk. */
static uint64_t
file_bytes(const struct world *w, const char *name)
{
	char path[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

static void
test_the_journal_has_room_again_for_what_went_out(void **state)
{
	struct world *w = *state;
	uint64_t before;

	archive(w, 2026);
	before = file_bytes(w, "journal/data.mdb");
	assert_true(file_bytes(w, "segments/2026/data.mdb") > before / 5);
	assert_true(file_bytes(w, "segments/2026/data.mdb") < before);
	append(w, A_YEAR / 2);
	assert_int_equal(file_bytes(w, "journal/data.mdb"), before);
	assert_whole(w);
}

static void
test_only_the_oldest_year_that_is_over_goes(void **state)
{
	struct world *w = *state;
	const int64_t now = instant_at(w->size);

	assert_int_equal(command(w, 2028, now), SK_YEAR_RUNS);
	assert_int_equal(command(w, 2027, now), SK_YEAR_NOT_NEXT);
	assert_string_equal(w->fault.hint, "2026 is");
	assert_int_equal(command(w, 2025, now), SK_YEAR_NOT_NEXT);
	/* To the last moment of it, by the clock on the wall. */
	assert_int_equal(command(w, 2026, civil_day_start(civil_date(2027, 1,
	    1)) - 1), SK_YEAR_RUNS);
	assert_int_equal(command(w, 2026, civil_day_start(civil_date(2027, 1,
	    1))), SK_OK);
	assert_int_equal(command(w, 2027, now), SK_YEAR_NOT_NEXT);
	assert_string_equal(w->fault.hint, "2026 is under way");
	(void)run(w);
	assert_int_equal(command(w, 2026, now), SK_YEAR_NOT_NEXT);
	assert_int_equal(command(w, 2027, now), SK_OK);
	(void)run(w);
	assert_int_equal(command(w, 2028, now), SK_YEAR_RUNS);
}

/* ---- killed */

static const char *kill_at;
static int kills_left;

static void
die_at(const char *step)
{
	if (strcmp(step, kill_at) == 0 && kills_left-- == 0)
		raise(SIGKILL);
}

static int
die_after(const char *operation)
{
	(void)operation;
	if (kills_left-- == 0)
		raise(SIGKILL);
	return 0;
}

/* A process of its own goes on with it until it is killed, or done. */
static bool
child_is_killed(struct world *w)
{
	pid_t child;
	int status;

	journal_close(w->journal);
	w->journal = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		reopen(w);
		if (kill_at != NULL)
			journal_archiving = die_at;
		else
			store_inject = die_after;
		(void)run(w);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static bool
live_has_room(const struct world *w)
{
	struct archive_state state;

	archive_state(w->journal, &state);
	return state.phase == ARCHIVE_NONE;
}

static void
test_a_kill_before_any_step_leaves_every_entry_and_it_goes_on(void **state)
{
	static const char *const steps[] = { "make", "copied", "checked",
		"named", "listed", "removed" };
	struct world *w = *state;

	assert_int_equal(command(w, 2026, instant_at(w->size)), SK_OK);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		kill_at = steps[i];
		kills_left = 0;
		assert_true(child_is_killed(w));
		assert_int_equal(try_open(w, true), SK_OK);
		assert_whole(w);
		reopen(w);
		assert_false(live_has_room(w));
		assert_whole(w);
		/* From the list on it is never copied again. */
		assert_int_equal(journal_segment(w->journal, 0) != NULL,
		    i >= 4);
	}
	kills_left = 2;	/* in the midst of removing */
	assert_true(child_is_killed(w));
	assert_int_equal(try_open(w, true), SK_OK);
	assert_whole(w);
	reopen(w);
	(void)run(w);
	assert_whole(w);
	assert_int_equal(journal_segment(w->journal, 0)->to, 1 + A_YEAR);
	assert_null(journal_segment(w->journal, 1));
}

static void
test_a_kill_at_any_write_leaves_every_entry(void **state)
{
	struct world *w = *state;
	unsigned killed = 0;

	assert_int_equal(command(w, 2026, instant_at(w->size)), SK_OK);
	kill_at = NULL;
	/* From the start each time, until removing takes the first away. */
	for (int writes = 0;; writes += 97) {
		kills_left = writes;
		if (!child_is_killed(w))
			break;
		killed++;
		assert_int_equal(try_open(w, true), SK_OK);
		assert_whole(w);
		reopen(w);
	}
	assert_true(killed > 10);
	reopen(w);
	assert_true(live_has_room(w));
	assert_whole(w);
}

/* ---- what the copy's disk does */

static unsigned fails_from;
static unsigned writes;
static int fails_with;

static int
fail_put(const char *operation)
{
	return strcmp(operation, "put") == 0 && ++writes > fails_from ?
	    fails_with : 0;
}

static void
test_a_disk_that_fails_or_is_full_holds_it_and_harms_nothing(void **state)
{
	struct world *w = *state;
	struct archive_state now;
	struct fault fault;

	assert_int_equal(command(w, 2026, instant_at(w->size)), SK_OK);
	for (int i = 0; i < 2; i++) {
		fails_with = i == 0 ? ENOSPC : EIO;
		fails_from = 100;
		writes = 0;
		store_inject = fail_put;
		assert_int_equal(archive_step(w->journal, STEP, 0, &fault),
		    SK_OK);
		store_inject = NULL;
		assert_int_equal(fault.code, i == 0 ? SK_STORE_FULL :
		    SK_STORE_IO);
		archive_state(w->journal, &now);
		assert_int_equal(now.phase, ARCHIVE_COPYING);
		assert_int_equal(now.at, 1);
		assert_whole(w);
	}
	/* Nor is intake's room taken. */
	assert_int_equal(archive_step(w->journal, STEP, UINT64_MAX, &fault),
	    SK_OK);
	assert_int_equal(fault.code, SK_STORE_FULL);
	(void)run(w);
	assert_whole(w);
}

static void
test_what_was_copied_wrong_is_never_taken_over(void **state)
{
	struct world *w = *state;
	struct archive_state now;
	struct fault fault = { 0 };
	char path[160], found_at[64];
	FILE *file;
	long at = -1;
	uint8_t bytes[4096];
	size_t n;

	assert_int_equal(command(w, 2026, instant_at(w->size)), SK_OK);
	do {
		assert_int_equal(archive_step(w->journal, STEP, 0, &fault),
		    SK_OK);
		archive_state(w->journal, &now);
	} while (now.phase == ARCHIVE_COPYING);
	/* One bit of one leaf, in the file. */
	memset(found_at, 0, sizeof(found_at));
	snprintf(path, sizeof(path), "%s/segments/2026.new/data.mdb", w->dir);
	file = fopen(path, "r+");
	assert_non_null(file);
	be64_put((uint8_t *)found_at, SK__EVENT_KIND__DEADLINE_EVENT);
	be64_put((uint8_t *)found_at + 8, (uint64_t)instant_at(200));
	for (long page = 0; at < 0 && (n = fread(bytes, 1, sizeof(bytes),
	    file)) == sizeof(bytes); page++)
		for (size_t i = 0; i + 16 <= n; i++)
			if (memcmp(bytes + i, found_at, 16) == 0)
				at = page * 4096 + (long)i + 15;
	assert_true(at > 0);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fputc(bytes[at % 4096] ^ 1, file) == EOF, 0);
	assert_int_equal(fclose(file), 0);
	while (fault.code == SK_OK)
		assert_int_equal(archive_step(w->journal, STEP, 0, &fault),
		    SK_OK);
	assert_int_equal(fault.code, SK_STORE_CORRUPT);
	assert_string_equal(fault.field, "entry");
	assert_string_equal(fault.hint, "200");
	assert_null(journal_segment(w->journal, 0));
	assert_whole(w);
	(void)run(w);
	assert_whole(w);
}

/* ---- erasing */

static void
erase(struct world *w, uint64_t number)
{
	const struct erasure erasure = { .position = w->last[number] - 1,
		.case_number = number,
		.ground = SK__ERASURE_GROUND__ENTERED_IN_ERROR };

	w->gone[number] = true;
	assert_int_equal(journal_erase(w->journal, &erasure, 1), SK_OK);
}

/* Is this in any file under the journal? */
static bool
lies_somewhere(const struct world *w, const uint8_t *bytes, size_t size)
{
	char command_text[256], name[512];
	uint8_t *content;
	struct stat st;
	bool there = false;
	FILE *list, *file;

	snprintf(command_text, sizeof(command_text), "find %s -type f",
	    w->dir);
	list = popen(command_text, "r");
	assert_non_null(list);
	while (fgets(name, sizeof(name), list) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		assert_int_equal(stat(name, &st), 0);
		content = malloc((size_t)st.st_size + 1);
		file = fopen(name, "r");
		assert_non_null(file);
		assert_int_equal(fread(content, 1, (size_t)st.st_size, file),
		    st.st_size);
		fclose(file);
		there |= memmem(content, (size_t)st.st_size, bytes, size) !=
		    NULL;
		free(content);
	}
	assert_int_equal(pclose(list), 0);
	return there;
}

static void
test_an_erasure_reaches_into_the_segments(void **state)
{
	struct world *w = *state;
	uint8_t key[32];

	archive(w, 2026);
	archive(w, 2027);
	assert_int_equal(journal_case_key(w->journal, 3, key), SK_OK);
	assert_true(lies_somewhere(w, key, sizeof(key)));
	erase(w, 3);
	assert_whole(w);
	assert_false(lies_somewhere(w, key, sizeof(key)));
	assert_int_equal(journal_segment(w->journal, 0)->changes, 1);
	assert_int_equal(journal_segment(w->journal, 1)->changes, 1);
	reopen(w);
	assert_whole(w);
	assert_int_equal(try_open(w, true), SK_OK);
	assert_whole(w);
}

static int
setup_large(void **state)
{
	int rc;

	large = true;
	rc = setup(state);
	large = false;
	return rc;
}

/* Its file is larger than a map begins with: the map has no page to spare
 * until it grows, which it cannot while the segment is being read. */
static void
test_an_erasure_finds_room_in_a_large_segment(void **state)
{
	struct world *w = *state;

	archive(w, 2026);
	reopen(w);
	for (uint64_t number = 1; number <= CASES; number++)
		erase(w, number);
	reopen(w);
	assert_int_equal(journal_segment(w->journal, 0)->changes, CASES);
}

static void
test_days_that_are_erased_reach_into_a_segment(void **state)
{
	struct world *w = *state;
	const struct erasure erasure = { .position = w->size - 1,
		.until_day = civil_date_at(instant_at(A_YEAR)), .from = 0,
		.to = 1 + A_YEAR,
		.ground = SK__ERASURE_GROUND__RETENTION_ENDED };

	archive(w, 2026);
	archive(w, 2027);
	w->gone[0] = true;
	assert_int_equal(journal_erase(w->journal, &erasure, 1), SK_OK);
	assert_whole(w);
	assert_int_equal(journal_segment(w->journal, 0)->changes, 1);
	assert_int_equal(journal_segment(w->journal, 1)->changes, 0);
}

static void
test_an_erasure_reaches_a_year_that_is_on_its_way(void **state)
{
	struct world *w = *state;
	struct archive_state now;
	struct fault fault;
	uint64_t number = 0;

	assert_int_equal(command(w, 2026, instant_at(w->size)), SK_OK);
	do {
		if (number < CASES - 1)
			erase(w, ++number);
		assert_int_equal(archive_step(w->journal, STEP, 0, &fault),
		    SK_OK);
		assert_int_equal(fault.code, SK_OK);
		assert_whole(w);
		archive_state(w->journal, &now);
	} while (now.phase != ARCHIVE_NONE);
	assert_int_equal(number, CASES - 1);
	reopen(w);
	assert_whole(w);
}

static const char *const erasing[] = { "log", "keys", "parts", "mark",
	"done" };

static void
die_erasing(const char *step)
{
	if (strcmp(step, kill_at) == 0)
		raise(SIGKILL);
}

static void
test_an_erasure_that_was_killed_is_done_again_in_the_segment(void **state)
{
	struct world *w = *state;
	pid_t child;
	int status;

	archive(w, 2026);
	for (uint64_t i = 0; i < sizeof(erasing) / sizeof(erasing[0]); i++) {
		kill_at = erasing[i];
		journal_close(w->journal);
		w->journal = NULL;
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			reopen(w);
			journal_erasing = die_erasing;
			erase(w, i + 1);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		reopen(w);
		/* Before the log the engine says it again; it is committed. */
		if (i == 0)
			erase(w, i + 1);
		w->gone[i + 1] = true;
		assert_whole(w);
	}
}

/* ---- another one in its place */

static void
assert_verdict(struct world *w, enum sk_error code, const char *hint)
{
	for (int read_only = 0; read_only < 2; read_only++) {
		assert_int_equal(try_open(w, read_only), code);
		assert_null(w->journal);
		assert_string_equal(w->fault.field, "segments");
		if (strstr(w->fault.hint, hint) == NULL)
			fail_msg("it says %s, not %s", w->fault.hint, hint);
	}
}

/* That one in the place of this one. */
static void
put_back(const char *place, const char *from)
{
	shell("rm -rf %s%s", place, "");
	shell("cp -r %s %s", from, place);
}

static void
test_a_segment_that_is_gone_or_not_the_one_is_told_by_its_year(void **state)
{
	struct world *w = *state;
	char first[128], second[128];

	archive(w, 2026);
	archive(w, 2027);
	journal_close(w->journal);
	w->journal = NULL;
	snprintf(first, sizeof(first), "%s/segments/2026", w->dir);
	snprintf(second, sizeof(second), "%s/segments/2027", w->dir);
	shell("mv %s %s", first, w->other);
	assert_verdict(w, SK_SEGMENT_MISSING, "2026 with entries 1 to 300");
	put_back(first, second);
	assert_verdict(w, SK_SEGMENT_WRONG, "2026: another one stands in its "
	    "place, of 2027 with entries 301 to 600");
	/* Cut short, and no database at all. */
	put_back(first, w->other);
	shell("truncate -s 40000 %s/data.mdb%s", first, "");
	assert_verdict(w, SK_SEGMENT_WRONG, "2026: it is damaged");
	shell("echo none > %s/data.mdb%s", first, "");
	assert_verdict(w, SK_SEGMENT_WRONG, "2026: it is damaged");
}

static void
test_an_older_copy_of_a_segment_is_told_and_erased_in_again(void **state)
{
	struct world *w = *state;
	char first[128];

	archive(w, 2026);
	snprintf(first, sizeof(first), "%s/segments/2026", w->dir);
	erase(w, 2);
	journal_close(w->journal);
	w->journal = NULL;
	shell("cp -r %s %s", first, w->other);
	reopen(w);
	erase(w, 5);
	journal_close(w->journal);
	w->journal = NULL;
	put_back(first, w->other);
	assert_int_equal(try_open(w, true), SK_SEGMENT_WRONG);
	assert_non_null(strstr(w->fault.hint, "2026: an older copy, 1 "
	    "erasures reached into it and 2 were carried out"));
	/* The broker knows what was erased since, and does it again. */
	reopen(w);
	assert_whole(w);
	assert_int_equal(try_open(w, true), SK_OK);
	assert_whole(w);
}

static void
test_a_segment_of_another_journal_is_told(void **state)
{
	struct world *w = *state;
	struct world two;
	char first[128], theirs[128];

	archive(w, 2026);
	journal_close(w->journal);
	w->journal = NULL;
	/* The same history, founded by another. */
	memset(&two, 0, sizeof(two));
	snprintf(two.dir, sizeof(two.dir), "%s", w->other);
	crypto_sign_keypair(two.public_key, two.secret);
	found(&two, two.dir);
	reopen(&two);
	two.size = 1;
	append(&two, YEARS * A_YEAR - A_YEAR / 2);
	archive(&two, 2026);
	journal_close(two.journal);
	snprintf(first, sizeof(first), "%s/segments/2026", w->dir);
	snprintf(theirs, sizeof(theirs), "%s/segments/2026", two.dir);
	put_back(first, theirs);
	assert_verdict(w, SK_SEGMENT_WRONG, "2026: it belongs to another");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_an_archived_year_is_read_through_as_before),
		T(test_the_journal_has_room_again_for_what_went_out),
		T(test_only_the_oldest_year_that_is_over_goes),
		T(test_a_kill_before_any_step_leaves_every_entry_and_it_goes_on),
		T(test_a_kill_at_any_write_leaves_every_entry),
		T(test_a_disk_that_fails_or_is_full_holds_it_and_harms_nothing),
		T(test_what_was_copied_wrong_is_never_taken_over),
		T(test_an_erasure_reaches_into_the_segments),
		cmocka_unit_test_setup_teardown(
		    test_an_erasure_finds_room_in_a_large_segment,
		    setup_large, teardown),
		T(test_days_that_are_erased_reach_into_a_segment),
		T(test_an_erasure_reaches_a_year_that_is_on_its_way),
		T(test_an_erasure_that_was_killed_is_done_again_in_the_segment),
		T(test_a_segment_that_is_gone_or_not_the_one_is_told_by_its_year),
		T(test_a_segment_of_another_journal_is_told),
		T(test_an_older_copy_of_a_segment_is_told_and_erased_in_again),
	};

	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
