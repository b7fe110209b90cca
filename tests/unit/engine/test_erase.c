/*
 * What an entry erases is gone from every file of the broker, also when it is
 * killed at any step, and the journal still decides the same.
 */
#include "tests/unit/engine/bench.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#define G(name) SK__ERASURE_GROUND__##name

/* ---- looking for bytes in files */

static bool
file_holds(const char *path, const void *bytes, size_t size)
{
	struct stat st;
	char *all;
	bool found;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	all = malloc((size_t)st.st_size + 1);
	assert_non_null(all);
	assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
	close(fd);
	found = memmem(all, (size_t)st.st_size, bytes, size) != NULL;
	free(all);
	return found;
}

static const void *sought;
static size_t sought_size;
static char found_in[PATH_SIZE * 2];

static int
look_into(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (kind == FTW_F && file_holds(path, sought, sought_size))
		snprintf(found_in, sizeof(found_in), "%s", path);
	return 0;
}

/* Does any file of the bench hold these bytes? */
static bool
stands_somewhere(const void *bytes, size_t size)
{
	sought = bytes;
	sought_size = size;
	found_in[0] = '\0';
	nftw(b.dir, look_into, 16, FTW_PHYS);
	return found_in[0] != '\0';
}

/* ---- what is erased */

static uint8_t case_key[32];
static uint64_t sealed_at;	/* an entry of the case with a sealed part */
static uint8_t sealed_row[512];

static uint64_t
last_in(enum sk_error (*has)(struct journal *, uint64_t, bool *))
{
	uint64_t last = 0;
	bool there;

	for (uint64_t i = 1; i < journal_size(b.journal); i++) {
		OK(has(b.journal, i, &there));
		if (there)
			last = i;
	}
	return last;
}

/* One case to its end, a request granted, and what is to be looked for. */
static void
granted(Sk__ErasureGround ground)
{
	Sk__Facts *f;

	bench_bring_to(K(CLOSE));
	f = good_facts(&w, K(ERASURE_REQUEST));
	f->erasure_request->ground = ground;
	SAID(.kind = K(ERASURE_REQUEST), .sender = COURT, .to = { TEAM },
	    .facts = f);
	w.row.erasure_request = w.log[w.said - 1].ref;
	SAID(.kind = K(ERASURE_ANSWER), .sender = TEAM,
	    .to = { COURT, HELP_A });
	bench_commit();
	OK(journal_case_key(b.journal, 1, case_key));
	sealed_at = last_in(journal_has_sealed);
	assert_true(sealed_at > 0);
	memset(sealed_row, 0, sizeof(sealed_row));
}

static uint64_t
request_position(void)
{
	uint64_t position, case_number;

	OK(journal_id(b.journal, COURT, &w.row.erasure_request.id, &position,
	    &case_number));
	return position;
}

static enum sk_error
command_erase(Sk__ErasureGround ground, uint64_t request)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Erase erase = SK__ERASE__INIT;

	erase.has_case_number = erase.has_ground = 1;
	erase.case_number = 1;
	erase.ground = ground;
	erase.has_request_position = request != 0;
	erase.request_position = request;
	command.erase = &erase;
	return bench_command(&command);
}

struct gone {
	bool holds;
};

static bool
see_key(void *context, uint64_t number, bool destroyed)
{
	struct gone *gone = context;

	gone->holds = gone->holds && destroyed == (number == 1);
	return true;
}

static void
assert_gone(void)
{
	static uint8_t buffer[LEAF_BYTES_MAX];
	struct gone gone = { true };
	struct replay_report report;
	struct parts parts;
	struct span sealed;
	Sk__Deliver *d = NULL;
	bool found;
	uint8_t key[32];

	assert_int_equal(journal_case_key(b.journal, 1, key), SK_ERASED);
	OK(journal_keys_walk(b.journal, see_key, &gone));
	assert_true(gone.holds);
	assert_int_equal(journal_sealed(b.journal, sealed_at, 1, b.now,
	    &sealed), SK_NOT_FOUND);
	assert_int_equal(journal_parts(b.journal, sealed_at, 1, b.now, buffer,
	    sizeof(buffer), &parts), SK_ERASED);
	OK(closed_load(b.engine, 1, &b.engine->closed, &found));
	assert_false(found);
	bench_replays(&report);
	assert_true(report.erased > 0);
	/* its rows are delivered as erased, fill their numbers, and prove
	 * what their sender signed */
	OK(engine_delivery(b.engine, TEAM, 1, &b.answers, &d));
	assert_true(d->erased);
	assert_true(chain_is_remains(d->envelope) && d->envelope->has_header);
	assert_true(d->erased_by > sealed_at && d->erased_ground != 0);
	OK(chain_check_provenance(d->provenance, d->envelope,
	    bench_actor(COURT)->sign.public_key, NULL));
	bench_close();
	if (stands_somewhere(case_key, sizeof(case_key)))
		fail_msg("the key stands in %s", found_in);
	bench_open();
}

static void
test_what_was_granted_is_gone_from_every_file(void **state)
{
	uint64_t request;

	(void)state;
	granted(G(DESTRUCTION_REQUESTED));
	request = request_position();
	bench_close();
	assert_true(stands_somewhere(case_key, sizeof(case_key)));
	bench_open();
	assert_int_equal(command_erase(G(DESTRUCTION_REQUESTED), 0),
	    SK_ERASURE_NOT_GRANTED);
	assert_string_equal(b.told.fault.field,
	    "command.erase.request_position");
	assert_int_equal(command_erase(G(RIGHT_TO_ERASURE), request),
	    SK_ERASURE_NOT_GRANTED);
	OK(command_erase(G(DESTRUCTION_REQUESTED), request));
	bench_commit();
	assert_int_equal(command_erase(G(DESTRUCTION_REQUESTED), request),
	    SK_ERASED);
	assert_gone();
	/* what is said after it leaves nothing either */
	SAID(.kind = K(OPENED), .sender = HELP_A);
	bench_commit();
	assert_int_equal(last_in(journal_has_parts) < sealed_at, true);
	assert_gone();
}

static void
test_a_case_is_erased_by_two_operators_on_a_real_journal(void **state)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Erase erase = SK__ERASE__INIT;
	uint64_t request;

	(void)state;
	granted(G(RIGHT_TO_ERASURE));
	request = request_position();
	erase.has_case_number = erase.has_ground =
	    erase.has_request_position = 1;
	erase.case_number = 1;
	erase.ground = G(RIGHT_TO_ERASURE);
	erase.request_position = request;
	command.erase = &erase;
	assert_int_equal(bench_tell(bench_sign_command(&command, 1,
	    b.now + DAY_MS)), SK_SECOND_OPERATOR);
	assert_int_equal(b.told.position, 0);
	OK(bench_tell(bench_sign_command(&command, 2, b.now + DAY_MS)));
	bench_commit();
	assert_gone();
}

/* ---- killed at each step */

static const char *kill_at;

static void
die_at(const char *step)
{
	if (strcmp(step, kill_at) == 0)
		raise(SIGKILL);
}

static int writes_left;

static int
die_after(const char *operation)
{
	(void)operation;
	if (writes_left-- == 0)
		raise(SIGKILL);
	return 0;
}

static int
child_ends(uint64_t request)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		bench_open();
		if (command_erase(G(DESTRUCTION_REQUESTED), request) == SK_OK) {
			if (kill_at != NULL)
				journal_erasing = die_at;
			else
				store_inject = die_after;
			(void)engine_commit(b.engine, b.now, b.ticks +
			    STATE_COMMIT_MS);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static bool
was_commanded(void)
{
	return bench_count_from(0, SK__EVENT_KIND__ERASE_EVENT) > 0;
}

static void
test_a_kill_at_any_step_leaves_nothing_after_the_next_start(void **state)
{
	static const char *const steps[] = { "log", "keys", "parts", "mark",
		"done" };
	uint64_t request;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (i > 0) {
			bench_teardown(state);
			assert_int_equal(bench_setup(state), 0);
		}
		granted(G(DESTRUCTION_REQUESTED));
		request = request_position();
		bench_close();
		kill_at = steps[i];
		assert_true(WIFSIGNALED(child_ends(request)));
		bench_open();
		assert_true(was_commanded());
		assert_gone();
	}
}

/* From the commit on: each write to a store in turn. */
static void
test_a_kill_at_any_write_leaves_all_or_nothing(void **state)
{
	int status = 0, erased = 0;
	uint64_t request;

	(void)state;
	kill_at = NULL;
	for (int writes = 0; writes < 400; writes += 7) {
		if (writes > 0) {
			bench_teardown(state);
			assert_int_equal(bench_setup(state), 0);
		}
		granted(G(DESTRUCTION_REQUESTED));
		request = request_position();
		bench_close();
		writes_left = writes;
		status = child_ends(request);
		bench_open();
		if (was_commanded()) {
			erased++;
			assert_gone();
		} else {
			OK(journal_case_key(b.journal, 1, case_key));
		}
		if (WIFEXITED(status))
			break;
	}
	assert_true(WIFEXITED(status));
	assert_true(erased > 1);
}

/* An older copy of keys and entries beside today's erasures.log. */
static void
test_what_an_older_copy_brings_back_is_erased_again(void **state)
{
	uint64_t request;

	(void)state;
	granted(G(DESTRUCTION_REQUESTED));
	request = request_position();
	bench_close();
	mkdir(bench_path("older"), 0700);
	bench_copy_store(bench_path("main/keys"), bench_path("older/keys"));
	bench_open();
	OK(command_erase(G(DESTRUCTION_REQUESTED), request));
	bench_commit();
	bench_close();
	assert_false(stands_somewhere(case_key, 32) &&
	    strstr(found_in, "older") == NULL);
	bench_copy_store(bench_path("older/keys"), bench_path("main/keys"));
	bench_remove(bench_path("older"));
	assert_true(stands_somewhere(case_key, 32));
	bench_open();
	assert_gone();
}

/* ---- by itself */

static void
test_what_is_kept_of_a_closed_case_goes_after_ninety_days(void **state)
{
	(void)state;
	bench_bring_to(K(CLOSE));
	OK(journal_case_key(b.journal, 1, case_key));
	sealed_at = last_in(journal_has_sealed);
	b.now += 89 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	OK(journal_case_key(b.journal, 1, case_key));
	b.now += 3 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_gone();
	bench_remove(bench_path("state"));
	bench_close();
	bench_open();
	assert_gone();
}

/* ---- figures come first */

static void
to_day(int32_t day)
{
	b.now = civil_day_start(day) + DAY_MS / 4;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
}

/* One key's figures, of all together. messages 1: not told; else 2 more. */
static enum sk_error
command_close(const char *quarter, int by, uint32_t messages,
    uint32_t refusals)
{
	static char *names[] = { (char *)(uintptr_t)"MESSAGES",
		(char *)(uintptr_t)"REFUSALS" };
	uint32_t counts[] = { messages, refusals + 2 };
	Sk__QuarterRow row = SK__QUARTER_ROW__INIT, *rows[] = { &row };
	Sk__QuarterFigures figures = SK__QUARTER_FIGURES__INIT;
	Sk__Command command = SK__COMMAND__INIT;

	figures.quarter = (char *)(uintptr_t)quarter;
	figures.has_by = figures.has_part = figures.has_parts = 1;
	figures.by = (Sk__QuarterBy)by;
	figures.part = figures.parts = 1;
	figures.n_figures = row.n_counts = 2;
	figures.figures = names;
	row.counts = counts;
	figures.n_rows = 1;
	figures.rows = rows;
	command.close_quarter = &figures;
	return bench_command(&command);
}

/* The first day of the first quarter that begins after the case's term. */
static int32_t
quarter_after_term(void)
{
	int32_t day = civil_date_at(b.now) + 92;

	while (civil_split(day).day != 1 || civil_split(day).month % 3 != 1)
		day++;
	return day;
}

static void
test_erasing_waits_for_the_quarter_but_not_for_ever(void **state)
{
	char quarter[QUARTER_NAME_SIZE];
	int64_t until;
	int32_t day;

	(void)state;
	bench_bring_to(K(CLOSE));
	OK(journal_case_key(b.journal, 1, case_key));
	sealed_at = last_in(journal_has_sealed);
	day = quarter_after_term();
	to_day(day);
	OK(journal_case_key(b.journal, 1, case_key));
	assert_true(engine_quarter_waits(b.engine, b.now, quarter, &until));
	assert_int_equal(until, civil_day_end(day - 1 + 14));
	assert_true(engine_next_timer(b.engine) > b.now);
	assert_int_equal(command_erase(SK__ERASURE_GROUND__ENTERED_IN_ERROR,
	    0), SK_QUARTER_OPEN);
	to_day(day + 13);
	OK(journal_case_key(b.journal, 1, case_key));
	to_day(day + 14);
	assert_false(engine_quarter_waits(b.engine, b.now, quarter, &until));
	assert_gone();
}

static void
test_a_quarter_closed_by_every_key_lets_erasing_go_on(void **state)
{
	char quarter[QUARTER_NAME_SIZE];
	int64_t until;

	(void)state;
	bench_bring_to(K(CLOSE));
	sealed_at = last_in(journal_has_sealed);
	OK(journal_case_key(b.journal, 1, case_key));
	to_day(quarter_after_term());
	assert_true(engine_quarter_waits(b.engine, b.now, quarter, &until));
	/* nothing was sent in it: what says otherwise is refused */
	assert_int_equal(command_close(quarter, 1, 1, 0), SK_FIELD_INVALID);
	assert_int_equal(command_close(quarter, 1, 2, 7), SK_FIELD_INVALID);
	for (int by = 1; by <= 6; by++) {
		assert_true(engine_quarter_waits(b.engine, b.now, quarter,
		    &until));
		assert_int_equal(command_close(quarter, by, 2, 0), SK_OK);
		bench_commit();
	}
	assert_false(engine_quarter_waits(b.engine, b.now, quarter, &until));
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_gone();
}

struct days {
	size_t kept, destroyed;
};

static bool
see_day(void *context, uint64_t number, bool destroyed)
{
	struct days *days = context;

	if ((number & JOURNAL_DAY) != 0)
		*(destroyed ? &days->destroyed : &days->kept) += 1;
	return true;
}

static void
test_what_reached_no_case_goes_after_its_term(void **state)
{
	struct days days = { 0 };
	uint64_t refused;
	bool there;

	(void)state;
	w.row.ref = (struct envelope_ref){ COURT, { { 7 }, 7 } };
	assert_int_not_equal(SAY(.kind = K(TRIAGE), .sender = TEAM), SK_OK);
	bench_commit();
	refused = last_in(journal_has_parts);
	assert_true(refused > 0);
	b.now += 89 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	OK(journal_has_parts(b.journal, refused, &there));
	assert_true(there);
	b.now += 2 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	OK(journal_has_parts(b.journal, refused, &there));
	assert_false(there);
	OK(journal_keys_walk(b.journal, see_day, &days));
	assert_int_equal(days.destroyed, 1);
	assert_int_equal(bench_count_from(0,
	    SK__EVENT_KIND__DAYS_ERASED_EVENT), 1);
	/* and no more often than there is something */
	b.now += 30 * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(bench_count_from(0,
	    SK__EVENT_KIND__DAYS_ERASED_EVENT), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_what_was_granted_is_gone_from_every_file),
		bench_test_real(
		    test_a_case_is_erased_by_two_operators_on_a_real_journal),
		bench_test(
		    test_a_kill_at_any_step_leaves_nothing_after_the_next_start),
		bench_test(test_a_kill_at_any_write_leaves_all_or_nothing),
		bench_test(test_what_an_older_copy_brings_back_is_erased_again),
		bench_test(
		    test_what_is_kept_of_a_closed_case_goes_after_ninety_days),
		bench_test(test_erasing_waits_for_the_quarter_but_not_for_ever),
		bench_test(
		    test_a_quarter_closed_by_every_key_lets_erasing_go_on),
		bench_test(test_what_reached_no_case_goes_after_its_term),
	};

	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
