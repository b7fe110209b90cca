#include "world.h"

static struct world w;

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static void
expect(Sk__CaseState state, Sk__HandoffStatus status)
{
	assert_string_equal(case_state_name(w.row.state),
	    case_state_name(state));
	if (status != 0)
		assert_int_equal(w.row.handoff[w.row.handoffs - 1].status,
		    status);
	assert_int_equal(w.row.owner, TEAM);
	assert_int_equal(w.row.director, TEAM);
}

static void
expect_posted(uint64_t first, uint64_t second)
{
	size_t n = (first != 0) + (size_t)(second != 0);

	assert_int_equal(w.decision.open->n_postings, n);
	if (first != 0)
		assert_true(posted_to(&w.decision, first));
	if (second != 0)
		assert_true(posted_to(&w.decision, second));
}

/* rule: R1 */
static void
test_an_order_opens_a_case_owned_by_the_childs_team(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	expect(S(NEW), 0);
	expect_posted(TEAM, 0);
	assert_int_equal(w.row.number, 1);
	assert_int_equal(w.row.ref.participant, COURT);
	assert_int_equal(w.row.municipality, ZWOLLE);
	assert_int_equal(w.row.order_date, today(&w));
	assert_int_equal(w.row.court, COURT);
	assert_int_equal(w.row.participants, 2);
	assert_int_equal(w.row.timers, 3);
	assert_int_equal(w.closed.persons, 3);
	assert_int_equal(w.closed.person[2].consent, 1);
	assert_int_equal(w.closed.theme, SK__THEME__SEPARATION);
	assert_int_equal(w.closed.goals, 1);
	assert_int_equal(w.closed.goal[0].status, SK__GOAL_STATUS__NOT_STARTED);
	assert_int_equal(w.closed.order_reference[15], 7);
}

static void
test_the_main_line_from_order_to_closing(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = TEAM, .to = { COURT });
	expect_posted(COURT, 0);
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__RECEIPT_DUE, 0));
	ACCEPTED(&w, .kind = K(OPENED), .sender = TEAM);
	expect_posted(0, 0);
	pass_days(&w, 1);
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	expect(S(TRIAGED), 0);
	assert_int_equal(w.row.triage_date, today(&w));
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__TRIAGE_DUE, 0));
	assert_int_equal(w.closed.ground, SK__GROUND__COURT_ORDER_GROUND);
	assert_int_equal(w.closed.domain[14], SK__ANSWER__YES);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	expect(S(ANALYSED), 0);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT });
	expect(S(ROUTED), 0);
	assert_int_equal(w.closed.route, SK__ROUTE__YOUTH_SPECIALIST);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	expect(S(ROUTED), 0);
	assert_int_equal(w.row.plan_date, today(&w));
	assert_int_equal(w.closed.goals, 2);
	assert_int_equal(w.closed.goal[1].setter,
	    SK__GOAL_SETTER__SET_BY_ACCESS);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	expect(S(OFFERED), SK__HANDOFF_STATUS__OFFER_OPEN);
	expect_posted(HELP_A, 0);
	assert_true(case_has_participant(&w.row, HELP_A));
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = HELP_A, .to = { TEAM });
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__RECEIPT_DUE, 1));
	pass_days(&w, 2);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	expect(S(ACCEPTED), SK__HANDOFF_STATUS__OFFER_ACCEPTED);
	assert_int_equal(w.row.handoff[0].date, today(&w) + 3);
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__ANSWER_DUE, 1));
	ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM });
	expect(S(WAITING), SK__HANDOFF_STATUS__HELP_WAITING);
	pass_days(&w, 5);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM, COURT });
	expect(S(STARTED), SK__HANDOFF_STATUS__HELP_STARTED);
	expect_posted(TEAM, COURT);
	assert_int_equal(w.row.timers, 1);	/* the reviews of what runs */
	ACCEPTED(&w, .kind = K(PROGRESS_REPORT), .sender = HELP_A,
	    .to = { TEAM });
	assert_int_equal(w.closed.goal[0].status, SK__GOAL_STATUS__ON_TRACK);
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	assert_int_equal(w.row.hearing_date, today(&w) + 120);
	ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
	    .to = { HELP_A });
	assert_int_equal(w.row.report_due_date, today(&w) + 7);
	assert_false(ref_is_none(&w.row.report_request));
	ACCEPTED(&w, .kind = K(HEARING_REPORT), .sender = HELP_A,
	    .to = { TEAM });
	assert_int_equal(w.row.reported_date, today(&w));
	assert_int_equal(w.row.timers, 2);	/* and the court's report */
	ACCEPTED(&w, .kind = K(COURT_REPORT), .sender = TEAM, .to = { COURT });
	assert_int_equal(w.row.court_reported_date, today(&w));
	assert_int_equal(w.row.timers, 1);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM, COURT });
	assert_int_equal(w.row.timers, 0);
	expect(S(ENDED), SK__HANDOFF_STATUS__HELP_ENDED);
	assert_int_equal(w.closed.goal[0].status, SK__GOAL_STATUS__REACHED);
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
	expect(S(CLOSED), SK__HANDOFF_STATUS__HELP_ENDED);
	assert_true(case_is_closed(&w.row));
	expect_posted(COURT, HELP_A);
}

/* rule: R64 */
static void
test_a_second_provider_is_asked_when_the_first_declines(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	expect(S(ROUTED), SK__HANDOFF_STATUS__OFFER_DECLINED);
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	expect(S(OFFERED), SK__HANDOFF_STATUS__OFFER_OPEN);
	assert_int_equal(w.row.handoffs, 2);
	/* and the first again, later */
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_B, .to = { TEAM });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	assert_int_equal(w.row.handoffs, 3);
	assert_int_equal(w.row.participants, 4);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	expect(S(ACCEPTED), SK__HANDOFF_STATUS__OFFER_ACCEPTED);
}

static void
test_offers_beside_each_other_keep_the_furthest_state(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_C });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	expect(S(OFFERED), 0);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_B, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_B, .to = { TEAM });
	expect(S(STARTED), 0);
	ACCEPTED(&w, .kind = K(WAIT_PLACE), .sender = HELP_C, .to = { TEAM });
	expect(S(STARTED), SK__HANDOFF_STATUS__HELP_WAITING);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_B, .to = { TEAM });
	expect(S(WAITING), 0);
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_C, .to = { TEAM });
	expect(S(ACCEPTED), 0);
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_C, .to = { TEAM });
	expect(S(ROUTED), 0);
}

/* rule: R14 */
static void
test_an_order_for_another_route_closes_with_the_court_told(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED_OTHER_ROUTE));
	expect(S(CLOSED_OTHER_ROUTE), 0);
	expect_posted(COURT, 0);
	assert_int_equal(w.row.timers, 1);
	assert_int_equal(w.row.timer[0].kind,
	    SK__DEADLINE_KIND__RETENTION_DUE);
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = COURT, .to = { TEAM });
	ACCEPTED(&w, .kind = K(OPENED), .sender = COURT);
	ACCEPTED(&w, .kind = K(CONTENT_MISMATCH_FOUND), .sender = COURT,
	    .to = { TEAM });
	expect(S(CLOSED_OTHER_ROUTE), 0);
}

static void
test_help_that_ended_can_be_followed_by_a_new_route(void **state)
{
	(void)state;
	bring_to(&w, S(ENDED));
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	expect(S(ENDED), 0);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	expect(S(ROUTED), 0);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_B, .to = { TEAM });
	expect(S(ROUTED), 0);
}

static void
test_closing_lets_open_offers_lapse(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
	expect(S(CLOSED), SK__HANDOFF_STATUS__OFFER_LAPSED);
	assert_int_equal(w.row.timers, 1);
	assert_int_equal(w.row.timer[0].kind,
	    SK__DEADLINE_KIND__RETENTION_DUE);
}

static void
test_triage_and_analysis_may_be_renewed_until_the_end(void **state)
{
	static const Sk__CaseState states[] = { S(TRIAGED), S(ANALYSED),
		S(ROUTED), S(OFFERED), S(ACCEPTED), S(WAITING), S(STARTED),
		S(ENDED) };

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		world_init(&w);
		bring_to(&w, states[i]);
		pass_days(&w, 10);
		ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
		assert_int_equal(w.row.triage_date, today(&w));
		expect(states[i], 0);
		ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
		assert_int_equal(w.row.analysis_date, today(&w));
		expect(states[i] == S(TRIAGED) ? S(ANALYSED) : states[i], 0);
	}
}

static void
test_a_pilot_lets_the_court_tell_the_provider_at_once(void **state)
{
	Sk__Rules rules = SK__RULES__INIT;
	Sk__Policy policy = SK__POLICY__INIT;

	(void)state;
	rules.has_court_refers_direct = rules.court_refers_direct = 1;
	policy.rules = &rules;
	w.policy = &policy;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT,
	    .to = { TEAM, HELP_A, HELP_B });
	expect(S(NEW), 0);
	assert_true(case_has_participant(&w.row, HELP_A));
	assert_true(case_has_participant(&w.row, HELP_B));
	assert_int_equal(w.row.handoffs, 0);
	/* its receipt is not the team's */
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = HELP_A,
	    .to = { COURT, TEAM });
	assert_non_null(case_timer_of(&w.row, SK__DEADLINE_KIND__RECEIPT_DUE,
	    0));
}

static void
test_a_report_is_asked_anew_for_the_next_hearing(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	for (int i = 0; i < 2; i++) {
		ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
		    .to = { TEAM });
		ACCEPTED(&w, .kind = K(HEARING_REPORT_REQUEST), .sender = TEAM,
		    .to = { HELP_A });
		assert_int_equal(w.row.reported_date, 0);
		ACCEPTED(&w, .kind = K(HEARING_REPORT), .sender = HELP_A,
		    .to = { TEAM });
		ACCEPTED(&w, .kind = K(COURT_REPORT), .sender = TEAM,
		    .to = { COURT });
		pass_days(&w, 60);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_an_order_opens_a_case_owned_by_the_childs_team),
		T(test_the_main_line_from_order_to_closing),
		T(test_a_second_provider_is_asked_when_the_first_declines),
		T(test_offers_beside_each_other_keep_the_furthest_state),
		T(test_an_order_for_another_route_closes_with_the_court_told),
		T(test_help_that_ended_can_be_followed_by_a_new_route),
		T(test_closing_lets_open_offers_lapse),
		T(test_triage_and_analysis_may_be_renewed_until_the_end),
		T(test_a_pilot_lets_the_court_tell_the_provider_at_once),
		T(test_a_report_is_asked_anew_for_the_next_hearing),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
