/*
 * The projection: whatever happens to it, what the journal says is what it
 * becomes.
 */
#include "tests/unit/engine/bench.h"

#include <errno.h>

static void
copy_main(const char *to)
{
	static const char *const stores[] = { "journal", "keys" };
	char from[PATH_SIZE * 2], into[PATH_SIZE * 2];

	mkdir(bench_path(to), 0700);
	for (size_t i = 0; i < 2; i++) {
		file_path(from, sizeof(from), bench_path("main"), stores[i]);
		file_path(into, sizeof(into), bench_path(to), stores[i]);
		bench_copy_store(from, into);
	}
}

/* What a start after a crash makes of the journal as it is now, and of this
 * state (NULL: none), is what lives. */
static void
expect_survives(const char *state, bool expect_rebuilt)
{
	struct journal *journal;
	struct engine *engine;
	bool rebuilt;

	copy_main("crashed");
	if (state != NULL)
		bench_copy_store(bench_path(state), bench_path("crashed/state"));
	bench_open_at("crashed", "crashed/state", &journal, &engine, &rebuilt);
	assert_int_equal(rebuilt, expect_rebuilt);
	bench_same_state(b.engine, engine);
	engine_close(engine);
	journal_close(journal);
	bench_remove(bench_path("crashed"));
}

static void
acknowledge(uint64_t participant)
{
	struct mailbox_state box;

	assert_true(engine_mailbox(b.engine, participant, &box));
	engine_delivered(b.engine, participant, box.next - 1);
	if (box.next > 2)
		engine_stored(b.engine, participant, box.next - 2);
}

static void
test_a_crash_at_any_commit_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAIN_LINE; i++) {
		bench_step(i);
		if (i % 3 == 1)
			acknowledge(TEAM);
		if (i % 4 == 2)	/* refusals as well */
			assert_int_not_equal(SAY(.kind = K(HEARING_NOTICE),
			    .sender = TEAM, .to = { COURT }), SK_OK);
		OK(engine_tick(b.engine, b.now));
		bench_commit();
		expect_survives(NULL, true);
		expect_survives("state", false);
		if (i > 0)
			expect_survives("older", false);
		bench_copy_store(bench_path("state"), bench_path("older"));
		if (i > 1)
			expect_survives("first", false);
		if (i == 0)
			bench_copy_store(bench_path("state"),
			    bench_path("first"));
	}
}

static void
test_a_batch_that_was_not_committed_is_not_there(void **state)
{
	struct journal *journal;
	struct engine *engine;
	uint64_t size;

	(void)state;
	bench_bring_to(K(TRIAGE));
	size = journal_size(b.journal);
	SAID(.kind = K(ANALYSIS), .sender = TEAM);
	assert_int_equal(journal_size(b.journal), size + 1);
	copy_main("crashed");
	bench_copy_store(bench_path("state"), bench_path("crashed/state"));
	bench_open_at("crashed", "crashed/state", &journal, &engine, NULL);
	assert_int_equal(journal_size(journal), size);
	OK(row_load(engine, 1, &w.row));
	assert_int_equal(w.row.state, SK__CASE_STATE__CASE_TRIAGED);
	engine_close(engine);
	journal_close(journal);
}

/* ---- states that do not fit */

static void
expect_rebuilt(void)
{
	struct engine *live;
	bool rebuilt = false;

	bench_open_at("main", "state", &b.journal, &b.engine, &rebuilt);
	assert_true(rebuilt);
	copy_main("fresh");
	bench_remove(bench_path("fresh/state"));
	live = b.engine;
	expect_survives("state", false);
	assert_ptr_equal(live, b.engine);
	OK(row_load(b.engine, 1, &w.row));
	assert_int_equal(w.row.state, SK__CASE_STATE__CASE_TRIAGED);
}

static void
spoil_meta(uint64_t format, int spoil)
{
	b.engine->meta.format = format;
	if (spoil == 1)
		b.engine->meta.last_leaf[3] ^= 1;
	if (spoil == 2)
		b.engine->meta.founding[3] ^= 1;
	if (spoil == 3)
		b.engine->meta.size += 1;
	if (spoil == 4)
		b.engine->meta.size = 0;
	OK(state_commit(b.engine));
	bench_close();
}

static void
test_a_state_that_does_not_fit_is_rebuilt(void **state)
{
	(void)state;
	bench_bring_to(K(TRIAGE));
	spoil_meta(STATE_FORMAT + 1, 0);
	expect_rebuilt();
	for (int spoil = 1; spoil <= 4; spoil++) {
		spoil_meta(STATE_FORMAT, spoil);
		expect_rebuilt();
	}
}

static void
test_a_state_ahead_of_a_restored_journal_is_rebuilt(void **state)
{
	struct journal *journal;
	struct engine *engine;
	bool rebuilt = false;

	(void)state;
	bench_bring_to(K(TRIAGE));
	copy_main("restored");
	SAID(.kind = K(ANALYSIS), .sender = TEAM);
	bench_commit();
	bench_copy_store(bench_path("state"), bench_path("restored/state"));
	bench_open_at("restored", "restored/state", &journal, &engine,
	    &rebuilt);
	assert_true(rebuilt);
	OK(row_load(engine, 1, &w.row));
	assert_int_equal(w.row.state, SK__CASE_STATE__CASE_TRIAGED);
	engine_close(engine);
	journal_close(journal);
}

static void
test_a_state_of_another_journal_is_rebuilt(void **state)
{
	struct journal *journal;
	struct engine *engine;
	bool rebuilt = false;

	(void)state;
	bench_bring_to(K(COURT_ORDER));
	bench_found("other", 2);
	bench_copy_store(bench_path("state"), bench_path("other/state"));
	bench_open_at("other", "other/state", &journal, &engine, &rebuilt);
	assert_true(rebuilt);
	assert_int_equal(engine_cases(engine), 0);
	assert_int_equal(engine_participant_at(engine, 0), 0);
	engine_close(engine);
	journal_close(journal);
}

static void
test_a_file_that_is_no_state_is_rebuilt(void **state)
{
	static const uint8_t junk[8192] = { 1, 2, 3 };
	int fd;

	(void)state;
	bench_bring_to(K(TRIAGE));
	bench_close();
	fd = open(bench_path("state/data.mdb"), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	close(fd);
	expect_rebuilt();
}

/* ---- injected failures */

static const char *fail_operation;
static int fail_after, fail_with;

static int
strike(const char *operation)
{
	if (strcmp(operation, fail_operation) != 0 || fail_after-- != 0)
		return 0;
	return fail_with;
}

static void
arm(const char *operation, int after, int with)
{
	fail_operation = operation;
	fail_after = after;
	fail_with = with;
	store_inject = strike;
}

static void
test_a_commit_that_fails_is_reported_and_nothing_is_there(void **state)
{
	static const int errors[] = { EIO, ENOSPC };
	struct letter *l;
	uint64_t size;

	(void)state;
	bench_bring_to(K(TRIAGE));
	for (size_t i = 0; i < 2; i++) {
		struct actor team = *bench_actor(TEAM);

		size = journal_size(b.journal);
		l = COMPOSE(.kind = K(ANALYSIS), .sender = TEAM);
		bench_send(TEAM, &l, 1);
		arm("commit", 0, errors[i]);
		assert_int_equal(engine_commit(b.engine, b.now, ++b.ticks),
		    errors[i] == EIO ? SK_STORE_IO : SK_STORE_FULL);
		/* and stays so until it is opened anew */
		store_inject = NULL;
		assert_int_not_equal(engine_commit(b.engine, b.now,
		    b.ticks += STATE_COMMIT_MS), SK_OK);
		bench_close();
		bench_open();
		assert_int_equal(journal_size(b.journal), size + 1);
		OK(row_load(b.engine, 1, &w.row));
		assert_int_equal(w.row.state, SK__CASE_STATE__CASE_TRIAGED);
		expect_survives(NULL, true);
		*bench_actor(TEAM) = team;
	}
	/* the agent sends again what has no receipt */
	bench_send(TEAM, &l, 1);
	assert_true(bench_outcome(0)->accepted);
}

static void
test_a_commit_that_failed_after_the_disk_had_it_is_answered_again(void **state)
{
	struct letter *l;
	Sk__Submit *submit;
	uint64_t size;

	(void)state;
	bench_bring_to(K(TRIAGE));
	size = journal_size(b.journal);
	l = COMPOSE(.kind = K(ANALYSIS), .sender = TEAM);
	submit = bench_send(TEAM, &l, 1);
	arm("committed", 0, EIO);
	assert_int_equal(engine_commit(b.engine, b.now, ++b.ticks),
	    SK_STORE_IO);
	store_inject = NULL;
	bench_close();
	bench_open();
	assert_int_equal(journal_size(b.journal), size + 2);
	OK(bench_hand_in(TEAM, submit));
	assert_true(bench_outcome(0)->accepted);
	assert_int_equal(b.answer.receipt[0].position, size);
	assert_int_equal(journal_size(b.journal), size + 2);
}

static void
test_a_full_disk_at_any_write_leaves_what_was(void **state)
{
	(void)state;
	bench_bring_to(K(TRIAGE));
	for (int after = 0;; after++) {
		struct letter *l = COMPOSE(.kind = K(ANALYSIS),
		    .sender = TEAM);
		struct actor *team = bench_actor(TEAM);
		uint8_t link[DIGEST_SIZE];
		Sk__Submit *submit = bench_submission(TEAM, &l, 1, link);
		struct sender_state sender;
		uint64_t size = journal_size(b.journal);
		enum sk_error rc;

		arm("put", after, ENOSPC);
		rc = engine_submit(b.engine, TEAM, b.now, submit, &b.answers,
		    &b.answer);
		if (rc == SK_OK)
			rc = engine_commit(b.engine, b.now,
			    b.ticks += STATE_COMMIT_MS);
		store_inject = NULL;
		if (rc == SK_OK)
			break;	/* past the last put */
		assert_int_equal(rc, SK_STORE_FULL);
		assert_int_equal(engine_commit(b.engine, b.now,
		    b.ticks += STATE_COMMIT_MS), SK_STORE_FULL);
		bench_close();
		bench_open();
		assert_in_range(journal_size(b.journal), size + 1, size + 2);
		expect_survives(NULL, true);
		assert_true(after < 40);
		/* taken when the state alone was full, after the commit */
		assert_true(engine_sender(b.engine, TEAM, &sender));
		team->last_number = sender.last_number;
		memcpy(team->last_link, sender.last_link, DIGEST_SIZE);
	}
}

static void
test_half_a_submit_is_never_committed(void **state)
{
	struct letter *l[8];
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *submit;
	uint64_t size = journal_size(b.journal);

	(void)state;
	for (size_t i = 0; i < 8; i++)
		l[i] = COMPOSE(.kind = K(COURT_ORDER), .sender = COURT,
		    .to = { TEAM });
	submit = bench_submission(COURT, l, 8, link);
	/* an arena that is spent at the third outcome: no fault of the store */
	b.answers.size = b.answers.used + 64;
	assert_int_equal(engine_submit(b.engine, COURT, b.now, submit,
	    &b.answers, &b.answer), SK_NO_MEMORY);
	b.answers.size = LETTERS_BYTES;
	assert_int_equal(engine_commit(b.engine, b.now,
	    b.ticks += STATE_COMMIT_MS), SK_NO_MEMORY);
	bench_close();
	bench_open();
	assert_int_equal(journal_size(b.journal), size + 1);
	OK(bench_hand_in(COURT, submit));
	assert_int_equal(b.answer.count, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_crash_at_any_commit_loses_nothing),
		bench_test(test_a_batch_that_was_not_committed_is_not_there),
		bench_test(test_a_state_that_does_not_fit_is_rebuilt),
		bench_test(test_a_state_ahead_of_a_restored_journal_is_rebuilt),
		bench_test(test_a_state_of_another_journal_is_rebuilt),
		bench_test(test_a_file_that_is_no_state_is_rebuilt),
		bench_test(test_a_commit_that_fails_is_reported_and_nothing_is_there),
		bench_test(test_a_commit_that_failed_after_the_disk_had_it_is_answered_again),
		bench_test(test_a_full_disk_at_any_write_leaves_what_was),
		bench_test(test_half_a_submit_is_never_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
