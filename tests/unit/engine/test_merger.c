/*
 * Cases of a merged municipality move: each once, so many a tick, through a
 * crash, and replayed.
 */
#include "tests/unit/engine/bench.h"

static Sk__Municipality zwolle, kampen;
static Sk__Municipality *both[] = { &zwolle, &kampen };
static Sk__Policy policy;

/* Zwolle ends with this day. */
static void
merge_after(int32_t date)
{
	sk__municipality__init(&zwolle);
	sk__municipality__init(&kampen);
	sk__policy__init(&policy);
	zwolle.code = (char *)(uintptr_t)"0193";
	zwolle.has_until_date = 1;
	zwolle.until_date = date;
	zwolle.successor = (char *)(uintptr_t)"0166";
	kampen.code = (char *)(uintptr_t)"0166";
	policy.region = (char *)(uintptr_t)"proef";
	policy.n_municipalities = 2;
	policy.municipalities = both;
	OK(bench_set_policy(&policy, 0));
	bench_commit();
}

static void
open_cases(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
		if (i % 16 == 15) {
			bench_commit();
			bench_forget();
		}
		w.said = 0;
	}
	bench_commit();
	bench_forget();
}

static size_t
mergers(void)
{
	return bench_count_from(0, SK__EVENT_KIND__MERGER_EVENT);
}

static void
go_to(int32_t date)
{
	b.now = civil_day_start(date);
}

/* rule: R77 */
static void
test_each_case_moves_once_on_the_first_day(void **state)
{
	int32_t day = civil_date_at(b.now) + 1;
	struct replay_report report;
	struct mailbox_state box;
	struct case_row row;

	(void)state;
	merge_after(day);
	open_cases(3);
	assert_int_equal(engine_next_timer(b.engine), civil_day_end(day));
	go_to(day);
	OK(engine_tick(b.engine, b.now));
	assert_int_equal(mergers(), 0);
	go_to(day + 1);
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(mergers(), 3);
	engine_mailbox(b.engine, OTHER_TEAM, &box);
	assert_int_equal(box.next, 4);
	OK(row_load(b.engine, 2, &row));
	assert_int_equal(row.owner, OTHER_TEAM);
	OK(engine_tick(b.engine, b.now + 1));
	assert_int_equal(mergers(), 3);
	/* and nothing keeps the loop awake */
	assert_true(engine_next_timer(b.engine) > b.now);
	bench_replays(&report);
	/* nor does a start move them again */
	bench_close();
	bench_open();
	OK(engine_tick(b.engine, b.now + 2));
	bench_commit();
	assert_int_equal(mergers(), 3);
}

/* rule: R77 */
static void
test_many_cases_move_in_ticks_and_a_crash_between_loses_none(void **state)
{
	const size_t many = MERGERS_PER_TICK + 5;
	int32_t day = civil_date_at(b.now);

	(void)state;
	merge_after(day);
	open_cases(many);
	go_to(day + 1);
	OK(engine_tick(b.engine, b.now));
	assert_int_equal(mergers(), MERGERS_PER_TICK);
	assert_true(engine_next_timer(b.engine) <= b.now);
	/* not committed: gone, and done again */
	bench_close();
	bench_open();
	assert_int_equal(mergers(), 0);
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(mergers(), MERGERS_PER_TICK);
	bench_close();
	bench_open();
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(mergers(), many);
}

/* rule: R77 */
static void
test_a_case_waits_with_its_owner_until_a_team_serves_the_successor(void **state)
{
	int32_t day = civil_date_at(b.now);
	struct replay_report report;
	struct case_row row;

	(void)state;
	OK(bench_revoke(OTHER_TEAM));
	bench_commit();
	merge_after(day);
	open_cases(1);
	go_to(day + 1);
	OK(engine_tick(b.engine, b.now));
	assert_int_equal(mergers(), 0);
	OK(row_load(b.engine, 1, &row));
	assert_int_equal(row.owner, TEAM);
	assert_true(engine_next_timer(b.engine) > b.now);
	bench_enrol(12, SK__ROLE__ACCESS, "00000012", KAMPEN);
	OK(engine_tick(b.engine, b.now));
	bench_commit();
	assert_int_equal(mergers(), 1);
	OK(row_load(b.engine, 1, &row));
	assert_int_equal(row.owner, 12);
	bench_replays(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_each_case_moves_once_on_the_first_day),
		bench_test(test_many_cases_move_in_ticks_and_a_crash_between_loses_none),
		bench_test(test_a_case_waits_with_its_owner_until_a_team_serves_the_successor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
