/*
 * An order that is extended or withdrawn, and what a plan says of whose it is.
 */
#include "world.h"

static struct world w;

#define D(name) SK__DEADLINE_KIND__##name
#define TERM_OF(kind) case_timer_of(&w.row, D(kind), 0)

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static Sk__Facts *
extended_by(int32_t hearing, uint32_t goal_number)
{
	Sk__Facts *f = good_facts(&w, K(ORDER_EXTENDED));

	f->order_extended->hearing_date = hearing;
	f->order_extended->n_goals = 0;
	if (goal_number != 0)
		ADD(&w, &f->order_extended->n_goals, &f->order_extended->goals,
		    goal(&w, goal_number, SK__GOAL_SETTER__SET_BY_COURT));
	return f;
}

/* rule: R49, R50, R51 */
static void
test_an_order_is_extended_to_a_later_hearing_with_new_goals(void **state)
{
	int32_t hearing = civil_date(2026, 9, 1);

	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	REFUSED(&w, SK_DATE_INVALID, "facts.order_extended.hearing_date", 0,
	    .kind = K(ORDER_EXTENDED), .sender = COURT, .to = { TEAM },
	    .facts = extended_by(w.row.hearing_date, 0));
	REFUSED(&w, SK_FIELD_INVALID, "facts.order_extended.goals[0].number",
	    0, .kind = K(ORDER_EXTENDED), .sender = COURT, .to = { TEAM },
	    .facts = extended_by(hearing, 1));
	ACCEPTED(&w, .kind = K(ORDER_EXTENDED), .sender = COURT,
	    .to = { TEAM, HELP_A }, .facts = extended_by(hearing, 7));
	assert_int_equal(w.row.hearing_date, hearing);
	assert_int_equal(w.row.state, S(STARTED));
	assert_int_equal(w.closed.goals, 3);
	assert_int_equal(w.closed.goal[2].setter,
	    SK__GOAL_SETTER__SET_BY_COURT);
	/* 15 working days before Tuesday 1 September */
	assert_int_equal(TERM_OF(HEARING_REPORT_DUE)->breach,
	    civil_day_end(civil_date(2026, 8, 11)));
	/* and the new goal has an end before the help has */
	REFUSED(&w, SK_GOALS_NOT_FINAL, "facts.stop.goals", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
}

/* rule: R1, R64 */
static void
test_an_order_that_is_withdrawn_leaves_the_case_with_the_team(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(HEARING_NOTICE), .sender = COURT,
	    .to = { TEAM });
	ACCEPTED(&w, .kind = K(ORDER_WITHDRAWN), .sender = COURT,
	    .to = { TEAM });
	assert_int_equal(w.row.owner, TEAM);
	assert_int_equal(w.row.court, 0);
	assert_int_equal(w.row.hearing_date, 0);
	assert_false(case_has_participant(&w.row, COURT));
	assert_null(TERM_OF(HEARING_REPORT_DUE));
	assert_int_equal(w.closed.goal[0].setter,
	    SK__GOAL_SETTER__SET_BY_ACCESS);
	/* what was the court's is the plan's, and help goes on by agreement */
	assert_int_equal(w.row.state, S(STARTED));
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(HEARING_NOTICE), .sender = COURT, .to = { TEAM });
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { HELP_A });
}

/* rule: R49 */
static void
test_the_clock_of_an_order_that_is_gone_stands(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	assert_non_null(TERM_OF(ORDER_START));
	ACCEPTED(&w, .kind = K(ORDER_WITHDRAWN), .sender = COURT,
	    .to = { TEAM });
	assert_null(TERM_OF(ORDER_START));
	assert_int_equal(w.row.director, TEAM);
}

static void
test_only_the_court_of_the_case_changes_its_order(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(ORDER_WITHDRAWN), .sender = TEAM);
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(ORDER_EXTENDED), .sender = OTHER_COURT, .to = { TEAM });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", TEAM,
	    .kind = K(ORDER_WITHDRAWN), .sender = COURT);
}

/* ---- whose a plan is */

static Sk__Facts *
plan_with(Sk__GoalOwner owner, Sk__ProblemOwner helps)
{
	Sk__Facts *f = good_facts(&w, K(FAMILY_PLAN));
	Sk__Goal *g = f->family_plan->goals[0];

	g->has_owner = owner != 0;
	g->owner = owner;
	g->has_helps = helps != 0;
	g->helps = helps;
	return f;
}

static void
expect_warnings(size_t n, Sk__Warning first)
{
	assert_int_equal(w.decision.open->n_warnings, n);
	if (n > 0)
		assert_int_equal(w.decision.open->warnings[0], first);
}

/* rule: R5 */
static void
test_a_child_that_is_helped_for_what_adults_have_is_a_warning(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));	/* all its domains are the relation's */
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(SK__GOAL_OWNER__OWNED_BY_PARENTS,
	    SK__PROBLEM_OWNER__OWNER_CHILD));
	expect_warnings(1, SK__WARNING__HELPS_THE_CHILD_ALONE);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(SK__GOAL_OWNER__OWNED_BY_PARENTS,
	    SK__PROBLEM_OWNER__OWNER_RELATION));
	expect_warnings(0, 0);
	w.closed.owner[SK__LIFE_DOMAIN__DEVELOPMENT] =
	    SK__PROBLEM_OWNER__OWNER_CHILD;
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(SK__GOAL_OWNER__OWNED_BY_PARENTS,
	    SK__PROBLEM_OWNER__OWNER_CHILD));
	expect_warnings(0, 0);
}

/* rule: R38 */
static void
test_goals_that_are_all_the_professionals_are_a_warning(void **state)
{
	static const struct { Sk__GoalOwner owner; size_t warnings; } cases[] = {
		{ SK__GOAL_OWNER__OWNED_BY_PARENTS, 0 },
		{ SK__GOAL_OWNER__OWNED_BY_CHILD, 0 },
		{ SK__GOAL_OWNER__OWNED_BY_NETWORK, 0 },
		{ SK__GOAL_OWNER__OWNED_BY_SOCIAL_BASE, 0 },
		{ SK__GOAL_OWNER__OWNED_BY_PROVIDER, 1 },
		{ SK__GOAL_OWNER__OWNED_BY_MUNICIPALITY, 1 },
		{ 0, 0 },
	};

	(void)state;
	bring_to(&w, S(ROUTED));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
		    .facts = plan_with(cases[i].owner, 0));
		expect_warnings(cases[i].warnings,
		    SK__WARNING__OWNED_BY_PROFESSIONALS);
	}
}

/* rule: R54 */
static void
test_good_enough_was_said_in_the_plan(void **state)
{
	Sk__Facts *f;

	(void)state;
	for (int named = 0; named <= 1; named++) {
		world_init(&w);
		bring_to(&w, S(STARTED));
		f = good_facts(&w, K(FAMILY_PLAN));
		f->family_plan->has_good_enough = 1;
		f->family_plan->good_enough = named;
		ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
		    .facts = f);
		f = good_facts(&w, K(STOP));
		f->stop->reason = SK__END_REASON__GOOD_ENOUGH;
		ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A,
		    .to = { TEAM }, .facts = f);
		expect_warnings(!named, SK__WARNING__GOOD_ENOUGH_NOT_NAMED);
		assert_int_equal(w.closed.failures, 0);
	}
}

/* ---- school, sport, childcare */

/* rule: R47, R80 */
static void
test_a_school_signals_thinks_along_and_takes_part(void **state)
{
	enum { SCHOOL = 50, CLUB = 51, CRECHE = 52 };
	static const uint64_t nearby[] = { SCHOOL, CLUB, CRECHE };
	Sk__Facts *f;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		enrol(&w, nearby[i], (Sk__Role)(SK__ROLE__SCHOOL + (int)i),
		    "0001AB");
		ACCEPTED(&w, .kind = K(SIGNAL), .sender = nearby[i],
		    .to = { TEAM });
		assert_int_equal(w.row.owner, TEAM);
		REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
		    .kind = K(TRIAGE), .sender = nearby[i], .to = { TEAM });
	}
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { SCHOOL });
	ACCEPTED(&w, .kind = K(CONSULT_ANSWER), .sender = SCHOOL,
	    .to = { TEAM });
	f = good_facts(&w, K(INVOLVEMENT_NOTICE));
	f->involvement_notice->participant = CLUB;
	ACCEPTED(&w, .kind = K(INVOLVEMENT_NOTICE), .sender = TEAM,
	    .to = { COURT, SCHOOL, CLUB }, .facts = f);
	assert_true(case_has_participant(&w.row, CLUB));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .to = { SCHOOL, CLUB });
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(ANALYSIS), .sender = TEAM, .to = { SCHOOL });
}

/* ---- the area's safety specialist */

/* rule: R59 */
static void
test_danger_is_told_to_the_safety_specialist_of_the_area(void **state)
{
	static char zwolle[] = "0193", agb[] = "42420003", code[] = "zuid";
	char *municipalities[] = { zwolle };
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__Area area = SK__AREA__INIT, *areas[] = { &area };

	(void)state;
	area.code = code;
	area.safety = agb;	/* HELP_C's */
	area.municipalities = municipalities;
	area.n_municipalities = 1;
	policy.areas = areas;
	policy.n_areas = 1;
	w.policy = &policy;
	bring_to(&w, S(STARTED));
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_C,
	    .kind = K(CRISIS_ALERT), .sender = HELP_A,
	    .to = { TEAM, COURT });
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = HELP_A,
	    .to = { TEAM, COURT, HELP_C });
	assert_true(case_has_participant(&w.row, HELP_C));
	/* it takes the crisis, and goes when that has passed */
	ACCEPTED(&w, .kind = K(CRISIS_TAKEN), .sender = HELP_C,
	    .to = { TEAM, COURT, HELP_A });
	ACCEPTED(&w, .kind = K(CRISIS_REVIEW), .sender = TEAM);
	assert_int_equal(w.row.crisis, SK__CRISIS__CRISIS_OVER);
	assert_false(case_has_participant(&w.row, HELP_C));
	/* in another municipality nobody asks for it */
	area.n_municipalities = 0;
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = HELP_A,
	    .to = { TEAM, COURT });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_an_order_is_extended_to_a_later_hearing_with_new_goals),
		T(test_an_order_that_is_withdrawn_leaves_the_case_with_the_team),
		T(test_the_clock_of_an_order_that_is_gone_stands),
		T(test_only_the_court_of_the_case_changes_its_order),
		T(test_a_child_that_is_helped_for_what_adults_have_is_a_warning),
		T(test_goals_that_are_all_the_professionals_are_a_warning),
		T(test_good_enough_was_said_in_the_plan),
		T(test_a_school_signals_thinks_along_and_takes_part),
		T(test_danger_is_told_to_the_safety_specialist_of_the_area),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
