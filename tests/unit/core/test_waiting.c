/*
 * Who comes first of those who wait.
 */
#include "broker/core/waiting.h"
#include "world.h"

#define TODAY 20600
#define WAITS(number, at, class, needs, day) (struct waiting){ \
	.case_number = (number), .handoff = (at), .need = { (class), (needs) }, \
	.since = (day), .municipality = ZWOLLE }

static struct world w;

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static void
expect_order(const struct waiting *list, size_t n, const uint64_t *due)
{
	struct waiting shuffled[16];

	assert_true(n <= 16);
	/* every turn of the list gives the same order */
	for (size_t turn = 0; turn < n; turn++) {
		for (size_t i = 0; i < n; i++)
			shuffled[i] = list[(i * 7 + turn) % n];
		waiting_sort(shuffled, n, NULL, TODAY);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(shuffled[i].case_number, due[i]);
	}
}

/* rule: R56 */
static void
test_the_most_vulnerable_come_first(void **state)
{
	const struct waiting list[] = {
		WAITS(1, 1, 4, 1, TODAY - 5),
		WAITS(2, 1, 3, 4, TODAY - 5),
		WAITS(3, 1, 1, 1, TODAY),
		WAITS(4, 1, 2, 9, TODAY - 1),
		WAITS(5, 1, 2, 6, TODAY - 20),
		WAITS(6, 1, 3, 4, TODAY - 9),	/* waited longer than 2 */
		WAITS(7, 1, 0, 0, TODAY - 6),	/* not known: last of all */
		WAITS(8, 2, 3, 4, TODAY - 9),	/* as 6, opened later */
	};
	static const uint64_t due[] = { 3, 4, 5, 6, 8, 2, 1, 7 };

	(void)state;
	expect_order(list, 8, due);
}

/* rule: R58 */
static void
test_nobody_waits_for_ever(void **state)
{
	struct waiting list[] = {
		WAITS(1, 1, 3, 5, TODAY - 3),
		WAITS(2, 1, 4, 1, 0),
	};

	(void)state;
	for (int days = 0; days <= 400; days++) {
		list[0] = WAITS(1, 1, 3, 5, TODAY - 3);
		list[1] = WAITS(2, 1, 4, 1, TODAY - days);
		waiting_sort(list, 2, NULL, TODAY);
		/* 3 terms of 28 days a class, 4 terms make up 4 domains: the
		 * wait weighs 5 on the day of the fourth term, and is older */
		assert_int_equal(list[0].case_number, days >= 4 * 28 ? 2 : 1);
	}
	/* but a crisis goes before any wait */
	list[0] = WAITS(1, 1, 1, 0, TODAY);
	list[1] = WAITS(2, 1, 2, 14, TODAY - 4000);
	waiting_sort(list, 2, NULL, TODAY);
	assert_int_equal(list[0].case_number, 1);
}

/* rule: R56 */
static void
test_the_reason_is_shown(void **state)
{
	static const struct waiting one = { .case_number = 1, .handoff = 1,
		.need = { 3, 6 }, .since = TODAY - 90, .municipality = ZWOLLE };
	struct waiting_weight why;

	(void)state;
	why = waiting_weigh(&one, NULL, TODAY);
	assert_int_equal(why.days, 90);
	assert_int_equal(why.weight, 9);	/* 6, and 3 terms of 28 days */
	assert_int_equal(why.rank, 2);		/* they lift it by a class */
}

/* rule: R58 */
static void
test_who_waits_is_looked_at_again_every_four_weeks(void **state)
{
	const struct decision *d;
	int32_t since;

	(void)state;
	bring_to(&w, S(WAITING));
	since = today(&w);
	assert_int_equal(w.row.handoff[0].waits_since, since);
	for (int i = 1; i <= 3; i++) {
		d = fire(&w, SK__DEADLINE_KIND__RELOOK_DUE, 1, true);
		assert_int_equal(d->open->notice->kind,
		    SK__NOTICE_KIND__RELOOK);
		assert_true(posted_to(d, TEAM));
		assert_true(posted_to(d, HELP_A));
		assert_int_equal(w.now, civil_day_end(since + 28 * i));
	}
	ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.handoff[0].waits_since, since);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__RELOOK_DUE, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_the_most_vulnerable_come_first),
		T(test_nobody_waits_for_ever),
		T(test_the_reason_is_shown),
		T(test_who_waits_is_looked_at_again_every_four_weeks),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
