/*
 * Who takes part knows of each other, one directs, and a handoff changes on
 * its way.
 */
#include "world.h"

static struct world w;

#define D(name) SK__DEADLINE_KIND__##name
#define H(name) SK__HANDOFF_STATUS__##name
#define TERM_OF(kind) case_timer_of(&w.row, D(kind), 0)

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static void
start_two(void)
{
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_B, .to = { TEAM });
	assert_null(TERM_OF(INVOLVEMENT_DUE));
	ACCEPTED(&w, .kind = K(START), .sender = HELP_B, .to = { TEAM });
}

static Sk__Facts *
involved(uint64_t participant, bool left)
{
	Sk__Facts *f = good_facts(&w, K(INVOLVEMENT_NOTICE));

	f->involvement_notice->participant = participant;
	f->involvement_notice->left = left;
	return f;
}

static void
confirm(uint64_t who)
{
	ACCEPTED(&w, .kind = K(RECEIPT_OF), .sender = who, .to = { TEAM },
	    .reply_to = last_to(&w, who, K(INVOLVEMENT_NOTICE)));
}

/* rule: R32 */
static void
test_who_takes_part_is_told_of_who_joins_and_confirms(void **state)
{
	const struct decision *d;

	(void)state;
	start_two();
	assert_non_null(TERM_OF(INVOLVEMENT_DUE));
	assert_true(posted_to(fire(&w, D(INVOLVEMENT_DUE), 0, true), TEAM));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, HELP_B }, .facts = involved(HELP_B, false));
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, HELP_A, HELP_B },
	    .facts = involved(HELP_B, false));
	confirm(COURT);
	confirm(HELP_A);
	d = fire(&w, D(INVOLVEMENT_DUE), 0, true);
	assert_true(posted_to(d, HELP_B));
	assert_false(posted_to(d, HELP_A));
	confirm(HELP_B);
	assert_null(TERM_OF(INVOLVEMENT_DUE));
}

/* rule: R14, R32 */
static void
test_a_protector_too_is_told_of_the_route_that_ends_the_case(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, CERTIFIED }, .facts = involved(CERTIFIED, false));
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->main = SK__ROUTE__MEDIATOR;
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", CERTIFIED,
	    .kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = f);
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->main = SK__ROUTE__MEDIATOR;
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .to = { COURT, CERTIFIED }, .facts = f);
	assert_int_equal(w.row.state, S(CLOSED_OTHER_ROUTE));
}

/* rule: R14, R42 */
static void
test_a_heavier_route_is_decided_while_help_runs(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->main = SK__ROUTE__YOUTH_RESIDENTIAL;
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .to = { COURT }, .facts = f);
	assert_int_equal(w.row.state, S(STARTED));
	assert_int_equal(w.closed.route, SK__ROUTE__YOUTH_RESIDENTIAL);
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->main = SK__ROUTE__NO_ACTION;
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .to = { COURT, HELP_A }, .facts = f);
}

/* rule: R32 */
static void
test_who_leaves_is_told_of_too(void **state)
{
	(void)state;
	start_two();
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, HELP_A, HELP_B },
	    .facts = involved(HELP_B, false));
	confirm(COURT);
	confirm(HELP_A);
	confirm(HELP_B);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_B, .to = { TEAM });
	assert_non_null(TERM_OF(INVOLVEMENT_DUE));
}

/* rule: R32 */
static void
test_a_provider_comes_in_by_a_referral_alone(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[2].participant", 0,
	    .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, HELP_C }, .facts = involved(HELP_C, false));
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, PROTECTION }, .facts = involved(PROTECTION, false));
	assert_true(case_has_participant(&w.row, PROTECTION));
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, PROTECTION }, .facts = involved(PROTECTION, true));
	assert_false(case_has_participant(&w.row, PROTECTION));
}

/* rule: R32 */
static void
test_whoever_comes_in_needs_a_place(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	for (uint64_t i = 2; i < CASE_PARTICIPANTS_MAX; i++) {
		enrol(&w, 60 + i, SK__ROLE__GI, "42429999");
		ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM,
		    .to = { 60 + i });
	}
	assert_int_equal(w.row.participants, CASE_PARTICIPANTS_MAX);
	REFUSED(&w, SK_CASE_FULL, "header.recipients", 0, .kind = K(CONSULT),
	    .sender = TEAM, .to = { CERTIFIED });
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { 62 });
}

/* ---- one family, one plan */

static Sk__Facts *
plan_that_joins(const struct envelope_ref *ref)
{
	Sk__Facts *f = good_facts(&w, K(FAMILY_PLAN));

	if (ref != NULL)
		f->family_plan->joins = ref_to_message(ref, &w.facts_arena);
	return f;
}

static const struct envelope_ref elsewhere = { OTHER_TEAM,
	{ { 1, 2, 3 }, 4 } };

/* The family has another case, of another child. */
static struct case_row
other_case(uint64_t number, int32_t plan_date)
{
	struct case_row row = { .number = number, .ref = elsewhere,
		.owner = OTHER_TEAM, .director = OTHER_TEAM,
		.state = S(ROUTED), .plan_date = plan_date };

	return row;
}

/* rule: R31 */
static void
test_one_family_has_one_plan(void **state)
{
	struct case_row other = other_case(77, 20000);

	(void)state;
	family_add(&w.family, &other, 77);
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	REFUSED(&w, SK_PLAN_EXISTS, "facts.family_plan.joins", OTHER_TEAM,
	    .kind = K(FAMILY_PLAN), .sender = TEAM);
	assert_non_null(strstr(w.decision.refusal.hint, "77"));
	REFUSED(&w, SK_PLAN_EXISTS, "facts.family_plan.joins", OTHER_TEAM,
	    .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_that_joins(&w.row.ref));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_that_joins(&elsewhere));
	assert_true(ref_equal(&w.row.plan_of, &elsewhere));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	/* that case is closed: this one has a plan of its own again */
	w.family.family_case[0].open = false;
	REFUSED(&w, SK_PLAN_MISSING, "facts.family_plan.joins", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_that_joins(&elsewhere));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	assert_true(ref_is_none(&w.row.plan_of));
}

/* rule: R31 */
static void
test_of_two_plans_that_were_there_the_older_case_has_it(void **state)
{
	struct case_row other = other_case(77, 20000);

	(void)state;
	bring_to(&w, S(ROUTED));	/* case 1 */
	family_add(&w.family, &other, 77);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	w.row.number = 78;
	w.family.family_case[0].number = 1;
	for (size_t i = 0; i < w.said; i++)
		w.log[i].case_number = 78;
	REFUSED(&w, SK_PLAN_EXISTS, "facts.family_plan.joins", OTHER_TEAM,
	    .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_that_joins(&elsewhere));
}

/* rule: R31 */
static void
test_a_second_helper_joins_the_plan_that_is_there(void **state)
{
	(void)state;
	start_two();
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(FAMILY_PLAN),
	    .sender = HELP_B, .to = { TEAM });
}

/* ---- direction */

static Sk__Facts *
director(uint64_t who)
{
	Sk__Facts *f = good_facts(&w, K(DIRECTOR_CHANGE));

	f->director_change->director = who;
	return f;
}

static Sk__Facts *
agreed(bool accepted)
{
	Sk__Facts *f = good_facts(&w, K(DIRECTOR_ACCEPT));

	f->director_accept->accepted = accepted;
	return f;
}

/* rule: R33 */
static void
test_a_director_directs_from_its_own_yes_on(void **state)
{
	(void)state;
	start_two();
	assert_int_equal(w.row.director, TEAM);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .facts = director(HELP_A));
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = director(HELP_A));
	assert_int_equal(w.row.director, TEAM);
	assert_non_null(TERM_OF(DIRECTOR_DUE));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(DIRECTOR_ACCEPT), .sender = HELP_B, .to = { TEAM },
	    .reply_to = last_to(&w, HELP_A, K(DIRECTOR_CHANGE)));
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = HELP_A,
	    .to = { TEAM }, .facts = agreed(true));
	assert_int_equal(w.row.director, HELP_A);
	assert_null(TERM_OF(DIRECTOR_DUE));
	/* and who directs may hand it back */
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(DIRECTOR_CHANGE), .sender = HELP_B, .to = { TEAM },
	    .facts = director(HELP_B));
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = director(TEAM));
	assert_int_equal(w.row.director, TEAM);
}

/* rule: R33 */
static void
test_a_no_leaves_the_direction_where_it_was(void **state)
{
	(void)state;
	start_two();
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = director(HELP_A));
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = HELP_A,
	    .to = { TEAM }, .facts = agreed(false));
	assert_int_equal(w.row.director, TEAM);
	assert_int_equal(w.row.director_proposed, 0);
}

static void
let_direct(uint64_t who)
{
	start_two();
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM, .to = { who },
	    .facts = director(who));
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = who, .to = { TEAM },
	    .facts = agreed(true));
}

/* rule: R34 */
static void
test_the_team_directs_and_gets_it_back_when_the_director_goes(void **state)
{
	(void)state;
	let_direct(HELP_B);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_B, .to = { TEAM });
	assert_int_equal(w.row.director, TEAM);
}

/* rule: R34 */
static void
test_only_the_team_hands_over_where_much_is_at_stake(void **state)
{
	(void)state;
	let_direct(HELP_B);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(DIRECTOR_CHANGE), .sender = HELP_B,
	    .to = { TEAM, HELP_A }, .facts = director(HELP_A));
	for (size_t i = 1; i <= CASE_DOMAINS; i++)
		w.closed.domain[i] = SK__ANSWER__NO;
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = HELP_B,
	    .to = { TEAM, HELP_A }, .facts = director(HELP_A));
}

/* rule: R33 */
static void
test_nothing_goes_on_without_a_director(void **state)
{
	(void)state;
	let_direct(HELP_B);
	w.member[HELP_B].revoked = true;
	REFUSED(&w, SK_DIRECTOR_MISSING, "header.kind", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM);
	REFUSED(&w, SK_DIRECTOR_MISSING, "header.kind", 0,
	    .kind = K(PROGRESS_REPORT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .facts = director(TEAM));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
}

/* ---- thinking along */

/* rule: R46 */
static void
test_who_thinks_along_does_not_take_the_case(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(CONSULT), .sender = HELP_A,
	    .to = { TEAM, HELP_C });
	assert_true(case_has_participant(&w.row, HELP_C));
	assert_int_equal(w.row.handoffs, 1);
	assert_non_null(TERM_OF(CONSULT_DUE));
	ACCEPTED(&w, .kind = K(CONSULT_ANSWER), .sender = HELP_C,
	    .to = { TEAM, HELP_A });
	assert_null(TERM_OF(CONSULT_DUE));
	assert_false(case_has_participant(&w.row, HELP_C));
	assert_int_equal(w.row.owner, TEAM);
}

/* rule: R36 */
static void
test_helpers_do_not_consult_behind_the_teams_back(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(CONSULT), .sender = HELP_A, .to = { HELP_C });
}

/* ---- a handoff on its way */

static void
test_an_offer_is_withdrawn_while_help_has_not_started(void **state)
{
	static const Sk__CaseState states[] = { S(OFFERED), S(ACCEPTED),
		S(WAITING) };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		world_init(&w);
		bring_to(&w, states[i]);
		ACCEPTED(&w, .kind = K(WITHDRAW), .sender = TEAM,
		    .to = { HELP_A });
		assert_int_equal(w.row.state, S(ROUTED));
		assert_int_equal(w.row.handoff[0].status, H(OFFER_WITHDRAWN));
		assert_null(case_timer_of(&w.row, D(ANSWER_DUE), 1));
		assert_null(case_timer_of(&w.row, D(RELOOK_DUE), 1));
		assert_int_equal(w.row.escalation,
		    SK__ESCALATION__NOT_ESCALATED);
	}
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_STATE_WRONG, "header.kind", 0, .kind = K(WITHDRAW),
	    .sender = TEAM, .to = { HELP_A });
}

static Sk__Facts *
until(int days)
{
	Sk__Facts *f = good_facts(&w, K(INVESTIGATE));

	f->investigate->until_date = today(&w) + days;
	return f;
}

/* rule: R49 */
static void
test_looking_into_it_does_not_outrun_the_orders_clock(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	REFUSED(&w, SK_DATE_INVALID, "facts.investigate.until_date", 0,
	    .kind = K(INVESTIGATE), .sender = HELP_A, .to = { TEAM },
	    .facts = until(29));
	ACCEPTED(&w, .kind = K(INVESTIGATE), .sender = HELP_A, .to = { TEAM },
	    .facts = until(28));
	assert_int_equal(case_timer_of(&w.row, D(ANSWER_DUE), 1)->breach,
	    civil_day_end(today(&w) + 28));
	world_init(&w);
	ACCEPTED(&w, .kind = K(ACCESS_REQUEST), .sender = TEAM);
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	REFUSED(&w, SK_DATE_INVALID, "facts.investigate.until_date", 0,
	    .kind = K(INVESTIGATE), .sender = HELP_A, .to = { TEAM },
	    .facts = until(57));
	ACCEPTED(&w, .kind = K(INVESTIGATE), .sender = HELP_A, .to = { TEAM },
	    .facts = until(56));
}

/* rule: R52 */
static void
test_help_pauses_and_goes_on(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(PAUSE), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.handoff[0].status, H(HELP_PAUSED));
	assert_int_equal(w.row.state, S(STARTED));
	REFUSED(&w, SK_STATE_WRONG, "header.reply_to", 0, .kind = K(PAUSE),
	    .sender = HELP_A, .to = { TEAM });
	REFUSED(&w, SK_HELP_STILL_RUNS, "header.kind", 0, .kind = K(CLOSE),
	    .sender = TEAM, .to = { COURT, HELP_A });
	ACCEPTED(&w, .kind = K(RESUME), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.handoff[0].status, H(HELP_STARTED));
	ACCEPTED(&w, .kind = K(PAUSE), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(w.row.state, S(ENDED));
}

static Sk__Facts *
verdict(Sk__ChangeVerdict verdict)
{
	Sk__Facts *f = good_facts(&w, K(CHANGE_ANSWER));

	f->change_answer->verdict = verdict;
	return f;
}

/* rule: R52 */
static void
test_one_change_is_asked_at_a_time_and_answered(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_REPLY_WRONG, "header.reply_to", 0,
	    .kind = K(CHANGE_ANSWER), .sender = TEAM, .to = { HELP_A },
	    .reply_to = last_to(&w, TEAM, K(START)));
	ACCEPTED(&w, .kind = K(CHANGE_REQUEST), .sender = HELP_A,
	    .to = { TEAM });
	assert_non_null(TERM_OF(CHANGE_ANSWER_DUE));
	REFUSED(&w, SK_REQUEST_PENDING, "header.kind", 0,
	    .kind = K(CHANGE_REQUEST), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(CHANGE_ANSWER), .sender = TEAM,
	    .to = { HELP_A },
	    .facts = verdict(SK__CHANGE_VERDICT__CHANGE_INVESTIGATED));
	assert_int_equal(TERM_OF(CHANGE_ANSWER_DUE)->breach,
	    civil_day_end(today(&w) + 56));
	ACCEPTED(&w, .kind = K(CHANGE_ANSWER), .sender = TEAM,
	    .to = { HELP_A },
	    .facts = verdict(SK__CHANGE_VERDICT__CHANGE_REFUSED));
	assert_null(TERM_OF(CHANGE_ANSWER_DUE));
	REFUSED(&w, SK_NOTHING_PENDING, "header.reply_to", 0,
	    .kind = K(CHANGE_ANSWER), .sender = TEAM, .to = { HELP_A });
	ACCEPTED(&w, .kind = K(CHANGE_REQUEST), .sender = HELP_A,
	    .to = { TEAM });
}

/* ---- what is told and learned */

/* rule: R71 rule: R79 */
static void
test_stories_and_feedback_are_kept_also_after_the_end(void **state)
{
	(void)state;
	bring_to(&w, S(CLOSED));
	ACCEPTED(&w, .kind = K(STORY), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FEEDBACK), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(LESSON), .sender = TEAM);
	assert_int_equal(w.row.state, S(CLOSED));
}

/* rule: R17 */
static void
test_a_need_that_nothing_fits_is_kept(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(UNMET_NEED), .sender = TEAM);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0, .kind = K(UNMET_NEED),
	    .sender = COURT, .to = { TEAM });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_who_takes_part_is_told_of_who_joins_and_confirms),
		T(test_a_protector_too_is_told_of_the_route_that_ends_the_case),
		T(test_a_heavier_route_is_decided_while_help_runs),
		T(test_who_leaves_is_told_of_too),
		T(test_a_provider_comes_in_by_a_referral_alone),
		T(test_whoever_comes_in_needs_a_place),
		T(test_one_family_has_one_plan),
		T(test_of_two_plans_that_were_there_the_older_case_has_it),
		T(test_a_second_helper_joins_the_plan_that_is_there),
		T(test_a_director_directs_from_its_own_yes_on),
		T(test_a_no_leaves_the_direction_where_it_was),
		T(test_the_team_directs_and_gets_it_back_when_the_director_goes),
		T(test_only_the_team_hands_over_where_much_is_at_stake),
		T(test_nothing_goes_on_without_a_director),
		T(test_who_thinks_along_does_not_take_the_case),
		T(test_helpers_do_not_consult_behind_the_teams_back),
		T(test_an_offer_is_withdrawn_while_help_has_not_started),
		T(test_looking_into_it_does_not_outrun_the_orders_clock),
		T(test_help_pauses_and_goes_on),
		T(test_one_change_is_asked_at_a_time_and_answered),
		T(test_stories_and_feedback_are_kept_also_after_the_end),
		T(test_a_need_that_nothing_fits_is_kept),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
