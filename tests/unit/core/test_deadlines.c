#include "world.h"

#define D(name) SK__DEADLINE_KIND__##name
#define N(name) SK__NOTICE_KIND__##name

static struct world w;

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static const struct case_timer *
timer(Sk__DeadlineKind kind, unsigned handoff)
{
	const struct case_timer *t = case_timer_of(&w.row, kind, handoff);

	assert_non_null(t);
	return t;
}

static int64_t
start_of(int year, int month, int day)
{
	return civil_day_start(civil_date(year, month, day));
}

static int64_t
end_of(int year, int month, int day)
{
	return civil_day_end(civil_date(year, month, day));
}

static void
expect_notice(Sk__NoticeKind kind, uint64_t about, uint64_t late_participant)
{
	const Sk__Notice *notice = w.decision.open->notice;

	assert_int_equal(w.decision.refusal.code, SK_OK);
	assert_non_null(notice);
	assert_int_equal(notice->kind, kind);
	assert_int_equal(notice->about->participant, about);
	assert_int_equal(notice->participant, late_participant);
}

static void
expect_posted(size_t n, const uint64_t *to)
{
	assert_int_equal(w.decision.open->n_postings, n);
	for (size_t i = 0; i < n; i++)
		assert_true(posted_to(&w.decision, to[i]));
}
#define POSTED(...) expect_posted( \
	sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), \
	(uint64_t[]){ __VA_ARGS__ })

static void
order_of(int year, int month, int day)
{
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .date = civil_date(year, month, day));
}

/* ---- when terms end */

/* rule: R49 */
static void
test_the_orders_clock_runs_in_calendar_days(void **state)
{
	(void)state;
	order_of(2026, 3, 2);
	assert_int_equal(timer(D(ORDER_START), 0)->warn, start_of(2026, 3, 16));
	assert_int_equal(timer(D(ORDER_START), 0)->breach, end_of(2026, 3, 30));
	assert_false(timer(D(ORDER_START), 0)->late);
	/* five and three working days after Monday 2 March */
	assert_int_equal(timer(D(TRIAGE_DUE), 0)->breach, end_of(2026, 3, 9));
	assert_int_equal(timer(D(TRIAGE_DUE), 0)->warn, 0);
	assert_int_equal(timer(D(RECEIPT_DUE), 0)->breach, end_of(2026, 3, 5));
}

static void
test_a_term_over_the_change_of_clocks_keeps_its_civil_day(void **state)
{
	(void)state;
	/* summer time begins on 29 March and ends on 25 October 2026 */
	order_of(2026, 3, 2);
	assert_int_equal(timer(D(ORDER_START), 0)->breach -
	    timer(D(ORDER_START), 0)->warn, 15 * DAY_MS - DAY_MS / 24);
	w.now = instant_of(2026, 10, 12);
	order_of(2026, 10, 12);
	assert_int_equal(timer(D(ORDER_START), 0)->warn,
	    start_of(2026, 10, 26));
	assert_int_equal(timer(D(ORDER_START), 0)->breach,
	    timer(D(ORDER_START), 0)->warn + 15 * DAY_MS);
	w.now = instant_of(2026, 10, 1);
	order_of(2026, 10, 1);
	assert_int_equal(timer(D(ORDER_START), 0)->breach -
	    timer(D(ORDER_START), 0)->warn, 15 * DAY_MS + DAY_MS / 24);
}

static void
test_a_term_that_begins_just_after_midnight_counts_from_that_day(void **state)
{
	(void)state;
	w.now = start_of(2026, 3, 3) - 1;
	order_of(2026, 3, 2);
	assert_int_equal(timer(D(RECEIPT_DUE), 0)->breach, end_of(2026, 3, 5));
	w.now = start_of(2026, 3, 3);
	order_of(2026, 3, 2);
	assert_int_equal(timer(D(RECEIPT_DUE), 0)->breach, end_of(2026, 3, 6));
}

static void
test_holidays_are_no_working_days(void **state)
{
	(void)state;
	/* Easter Monday 6 April 2026; Good Friday counts unless chosen */
	w.now = instant_of(2026, 4, 2);
	order_of(2026, 4, 2);
	assert_int_equal(timer(D(RECEIPT_DUE), 0)->breach, end_of(2026, 4, 8));
}

/* rule: R49 */
static void
test_a_late_order_has_a_late_clock(void **state)
{
	(void)state;
	order_of(2026, 2, 10);
	assert_true(timer(D(ORDER_START), 0)->late);
	assert_int_equal(timer(D(ORDER_START), 0)->warn, start_of(2026, 2, 24));
	order_of(2025, 12, 1);
	assert_true(timer(D(ORDER_START), 0)->late);
	assert_true(timer(D(ORDER_START), 0)->breach < w.now);
	/* what counts from its arrival is not late */
	assert_false(timer(D(TRIAGE_DUE), 0)->late);
	fire(&w, D(ORDER_START), 0, false);
	expect_notice(N(DEADLINE_WARNING), COURT, TEAM);
	assert_true(w.decision.open->notice->late);
	fire(&w, D(ORDER_START), 0, true);
	expect_notice(N(DEADLINE_BREACH), COURT, TEAM);
	assert_true(w.decision.open->notice->late);
	assert_null(case_timer_of(&w.row, D(ORDER_START), 0));
}

static void
test_an_answer_is_reminded_of_and_then_expires(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	/* from Monday 2 March: five working days are over on Tuesday 10 */
	assert_int_equal(timer(D(ANSWER_DUE), 1)->warn, start_of(2026, 3, 10));
	assert_int_equal(timer(D(ANSWER_DUE), 1)->breach, end_of(2026, 3, 11));
	assert_int_equal(timer(D(RECEIPT_DUE), 1)->breach, end_of(2026, 3, 5));
	fire(&w, D(ANSWER_DUE), 1, false);
	expect_notice(N(DEADLINE_WARNING), TEAM, HELP_A);
	POSTED(HELP_A);
	assert_int_equal(w.row.state, S(OFFERED));
	fire(&w, D(ANSWER_DUE), 1, true);
	expect_notice(N(OFFER_EXPIRED), TEAM, HELP_A);
	POSTED(TEAM, HELP_A);
	assert_int_equal(w.row.state, S(ROUTED));
	assert_int_equal(w.row.handoff[0].status,
	    SK__HANDOFF_STATUS__OFFER_LAPSED);
	assert_null(case_timer_of(&w.row, D(RECEIPT_DUE), 1));
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	REFUSED(&w, SK_STATE_WRONG, "header.reply_to", 0,
	    .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM },
	    .reply_to = w.row.handoff[0].referral);
}

static void
test_another_open_offer_keeps_the_case_offered(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	pass_days(&w, 1);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	fire(&w, D(ANSWER_DUE), 1, true);
	assert_int_equal(w.row.state, S(OFFERED));
	fire(&w, D(ANSWER_DUE), 2, true);
	assert_int_equal(w.row.state, S(ROUTED));
}

/* rule: R50 */
static void
test_the_hearing_report_is_due_before_the_hearing(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(NEW));
	f = good_facts(&w, K(HEARING_NOTICE));
	f->hearing_notice->hearing_date = civil_date(2026, 9, 28);
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM },
	    .facts = f);
	/* three weeks, and a week earlier */
	assert_int_equal(timer(D(HEARING_REPORT_DUE), 0)->breach,
	    end_of(2026, 9, 7));
	assert_int_equal(timer(D(HEARING_REPORT_DUE), 0)->warn,
	    start_of(2026, 8, 31));
	f = good_facts(&w, K(HEARING_NOTICE));
	f->hearing_notice->hearing_date = civil_date(2026, 10, 5);
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM },
	    .facts = f);
	assert_int_equal(timer(D(HEARING_REPORT_DUE), 0)->breach,
	    end_of(2026, 9, 14));
	assert_int_equal(w.row.timers, 4);
	/* a hearing that is near is late from the start */
	f = good_facts(&w, K(HEARING_NOTICE));
	f->hearing_notice->hearing_date = civil_date(2026, 3, 10);
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM },
	    .facts = f);
	assert_true(timer(D(HEARING_REPORT_DUE), 0)->late);
}

static void
test_an_order_with_a_hearing_starts_both_clocks(void **state)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));

	(void)state;
	f->court_order->has_hearing_date = 1;
	f->court_order->hearing_date = civil_date(2026, 9, 28);
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	assert_int_equal(w.row.hearing_date, civil_date(2026, 9, 28));
	assert_int_equal(timer(D(HEARING_REPORT_DUE), 0)->breach,
	    end_of(2026, 9, 7));
	fire(&w, D(ORDER_START), 0, true);
	POSTED(TEAM, COURT);	/* the court set a date, so it is told */
}

/* rule: R50 */
static void
test_the_courts_report_follows_in_five_working_days(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A });
	ACCEPTED(&w, .kind = K(HEARING_REPORT), .sender = HELP_A,
	    .to = { TEAM });
	assert_null(case_timer_of(&w.row, D(HEARING_REPORT_DUE), 0));
	assert_int_equal(timer(D(COURT_REPORT_DUE), 0)->breach,
	    end_of(2026, 3, 9));
	fire(&w, D(COURT_REPORT_DUE), 0, true);
	expect_notice(N(DEADLINE_BREACH), COURT, TEAM);
	POSTED(TEAM);
}

/* ---- who is told */

/* rule: R49 */
static void
test_each_term_is_told_to_who_can_act(void **state)
{
	(void)state;
	bring_to(&w, S(NEW));
	/* first who is to confirm it, then who sent it */
	fire(&w, D(RECEIPT_DUE), 0, false);
	POSTED(TEAM);
	fire(&w, D(RECEIPT_DUE), 0, true);
	expect_notice(N(DEADLINE_BREACH), COURT, TEAM);
	POSTED(COURT);
	fire(&w, D(TRIAGE_DUE), 0, true);
	expect_notice(N(DEADLINE_BREACH), COURT, TEAM);
	POSTED(TEAM);
	fire(&w, D(ORDER_START), 0, false);
	assert_int_equal(w.decision.open->notice->due, end_of(2026, 3, 30));
	POSTED(TEAM);
	fire(&w, D(ORDER_START), 0, true);
	POSTED(TEAM);
	world_init(&w);
	bring_to(&w, S(OFFERED));
	fire(&w, D(RECEIPT_DUE), 1, false);
	POSTED(HELP_A);
	fire(&w, D(RECEIPT_DUE), 1, true);
	expect_notice(N(DEADLINE_BREACH), TEAM, HELP_A);
	POSTED(TEAM);
	assert_int_equal(w.row.handoff[0].status,
	    SK__HANDOFF_STATUS__OFFER_OPEN);
}

static void
test_a_late_hearing_report_is_told_to_director_and_helper(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	fire(&w, D(HEARING_REPORT_DUE), 0, false);
	expect_notice(N(DEADLINE_WARNING), COURT, HELP_A);
	POSTED(TEAM, HELP_A);
	ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A });
	fire(&w, D(HEARING_REPORT_DUE), 0, true);
	expect_notice(N(DEADLINE_BREACH), TEAM, HELP_A);	/* the request */
	POSTED(TEAM, HELP_A);
}

static void
test_what_is_not_fetched_goes_back_to_its_sender(void **state)
{
	struct event event = { .kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.deadline = D(DELIVERY_DUE), .breach = true, .due = 5,
		.late_recipient = HELP_A, .undelivered_sender = TEAM };
	struct view view;

	(void)state;
	bring_to(&w, S(OFFERED));
	event.instant = w.now;
	event.undelivered = w.row.handoff[0].referral;
	view = world_view(&w, false);
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	expect_notice(N(UNDELIVERABLE), TEAM, HELP_A);
	POSTED(TEAM);
	assert_int_equal(w.decision.open->case_number, w.row.number);
	take_effect(&w, false);
	event.undelivered_sender = 0;	/* the broker's own notice */
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	assert_int_equal(w.decision.refusal.code, SK_OK);
	assert_int_equal(w.decision.open->n_postings, 0);
}

/* ---- once, never early, until met */

static void
test_each_fires_once_and_never_early(void **state)
{
	struct event event = { .kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.deadline = D(ORDER_START) };
	struct view view;

	(void)state;
	bring_to(&w, S(NEW));
	view = world_view(&w, false);
	event.due = timer(D(ORDER_START), 0)->warn;
	event.instant = event.due - 1;
	arena_reset(&w.arena);
	decide(&view, &event, &w.arena, &w.decision);
	assert_int_equal(w.decision.refusal.code, SK_STATE_WRONG);
	assert_string_equal(w.decision.refusal.field, "deadline.due");
	assert_int_equal(fire(&w, D(ORDER_START), 0, false)->refusal.code,
	    SK_OK);
	assert_int_equal(timer(D(ORDER_START), 0)->warn, 0);
	assert_int_equal(timer(D(ORDER_START), 0)->breach, end_of(2026, 3, 30));
	assert_int_equal(fire(&w, D(ORDER_START), 0, false)->refusal.code,
	    SK_STATE_WRONG);
	assert_int_equal(fire(&w, D(ORDER_START), 0, true)->refusal.code,
	    SK_OK);
	assert_int_equal(fire(&w, D(ORDER_START), 0, true)->refusal.code,
	    SK_STATE_WRONG);
	assert_string_equal(w.decision.refusal.field, "deadline.kind");
	/* at its very instant it does fire, after closing none does */
	bring_to(&w, S(CLOSED));
	assert_int_equal(fire(&w, D(ORDER_START), 0, true)->refusal.code,
	    SK_STATE_WRONG);
}

static void
test_no_term_outlives_what_it_waits_for(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, D(ANSWER_DUE), 1));
	assert_null(case_timer_of(&w.row, D(RECEIPT_DUE), 1));
	assert_null(case_timer_of(&w.row, D(TRIAGE_DUE), 0));
	timer(D(ORDER_START), 0);	/* waiting is not help */
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, D(ORDER_START), 0));
}

static void
test_a_new_policy_moves_no_term_that_runs(void **state)
{
	Sk__Rules rules = SK__RULES__INIT;
	Sk__Policy policy = SK__POLICY__INIT;
	int64_t breach;

	(void)state;
	order_of(2026, 3, 2);
	breach = timer(D(ORDER_START), 0)->breach;
	rules.has_order_breach_days = 1;
	rules.order_breach_days = 42;
	policy.rules = &rules;
	w.policy = &policy;
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	assert_int_equal(timer(D(ORDER_START), 0)->breach, breach);
	order_of(2026, 3, 2);
	assert_int_equal(timer(D(ORDER_START), 0)->breach,
	    end_of(2026, 4, 13));
}

static void
test_a_deadline_of_no_case_is_refused(void **state)
{
	struct event event = { .kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.deadline = D(ORDER_START), .instant = w.now };
	struct view view = world_view(&w, true);

	(void)state;
	decide(&view, &event, &w.arena, &w.decision);
	assert_int_equal(w.decision.refusal.code, SK_CASE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_the_orders_clock_runs_in_calendar_days),
		T(test_a_term_over_the_change_of_clocks_keeps_its_civil_day),
		T(test_a_term_that_begins_just_after_midnight_counts_from_that_day),
		T(test_holidays_are_no_working_days),
		T(test_a_late_order_has_a_late_clock),
		T(test_an_answer_is_reminded_of_and_then_expires),
		T(test_another_open_offer_keeps_the_case_offered),
		T(test_the_hearing_report_is_due_before_the_hearing),
		T(test_an_order_with_a_hearing_starts_both_clocks),
		T(test_the_courts_report_follows_in_five_working_days),
		T(test_each_term_is_told_to_who_can_act),
		T(test_a_late_hearing_report_is_told_to_director_and_helper),
		T(test_what_is_not_fetched_goes_back_to_its_sender),
		T(test_each_fires_once_and_never_early),
		T(test_no_term_outlives_what_it_waits_for),
		T(test_a_new_policy_moves_no_term_that_runs),
		T(test_a_deadline_of_no_case_is_refused),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
