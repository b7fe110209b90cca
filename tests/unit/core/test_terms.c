/*
 * How long each asks of the others, and what a report may say: what the rules
 * of the care put in days.
 */
#include "world.h"

static struct world w;

#define D(name) SK__DEADLINE_KIND__##name

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int64_t
end_after(int days)
{
	struct civil_holidays none = { false, false };

	return civil_day_end(civil_add_workdays(today(&w), days, &none));
}

static void
expect_end(Sk__DeadlineKind kind, unsigned handoff, int64_t end)
{
	const struct case_timer *t = case_timer_of(&w.row, kind, handoff);

	assert_non_null(t);
	assert_int_equal(t->breach, end);
}

static Sk__Facts *
director(uint64_t who)
{
	Sk__Facts *f = good_facts(&w, K(DIRECTOR_CHANGE));

	f->director_change->director = who;
	return f;
}

/* rule: R33, R46, R52 */
static void
test_who_is_asked_has_five_working_days(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = director(HELP_A));
	expect_end(D(DIRECTOR_DUE), 0, end_after(5));
	ACCEPTED(&w, .kind = K(CONSULT), .sender = TEAM, .to = { HELP_C });
	expect_end(D(CONSULT_DUE), 0, end_after(5));
	ACCEPTED(&w, .kind = K(CHANGE_REQUEST), .sender = HELP_A,
	    .to = { TEAM });
	expect_end(D(CHANGE_ANSWER_DUE), 0, end_after(5));
}

/* rule: R36 */
static void
test_a_request_for_assignment_is_answered_in_five_working_days(void **state)
{
	(void)state;
	ACCEPTED(&w, .kind = K(REQUEST_ASSIGNMENT), .sender = HELP_A,
	    .to = { TEAM });
	expect_end(D(ASSIGNMENT_DUE), 0, end_after(5));
}

/* rule: R32 */
static void
test_who_joins_is_told_of_within_five_working_days(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_B, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_B, .to = { TEAM });
	expect_end(D(INVOLVEMENT_DUE), 0, end_after(5));
}

/* rule: R34 */
static void
test_two_life_domains_leave_the_direction_with_the_team(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B });
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = director(HELP_A));
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = HELP_A,
	    .to = { TEAM });
	for (size_t i = 1; i <= CASE_DOMAINS; i++)
		w.closed.domain[i] = SK__ANSWER__NO;
	w.closed.domain[SK__LIFE_DOMAIN__HOUSING] = SK__ANSWER__YES;
	w.closed.domain[SK__LIFE_DOMAIN__NETWORK] = SK__ANSWER__YES;
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(DIRECTOR_CHANGE), .sender = HELP_A,
	    .to = { TEAM, HELP_B }, .facts = director(HELP_B));
	w.closed.domain[SK__LIFE_DOMAIN__NETWORK] = SK__ANSWER__NO;
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = HELP_A,
	    .to = { TEAM, HELP_B }, .facts = director(HELP_B));
}

/* rule: R65 */
static void
test_stuck_reminds_after_five_working_days_and_proposes_after_ten(void **state)
{
	const struct case_timer *t;

	(void)state;
	bring_to(&w, S(ROUTED));
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	expect_end(D(STUCK_DUE), 0, end_after(10));
	t = case_timer_of(&w.row, D(STUCK_DUE), 0);
	assert_int_equal(t->warn, civil_day_start(today(&w) + 8));
}

/* rule: R51 */
static void
test_a_provider_reports_on_goals_and_sets_none(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	assert_int_equal(w.closed.goal[0].setter, SK__GOAL_SETTER__SET_BY_COURT);
	ACCEPTED(&w, .kind = K(PROGRESS_REPORT), .sender = HELP_A,
	    .to = { TEAM });
	assert_int_equal(w.closed.goal[0].status, SK__GOAL_STATUS__ON_TRACK);
	assert_int_equal(w.closed.goals, 2);
	f = good_facts(&w, K(PROGRESS_REPORT));
	f->progress_report->goals[0]->number = 9;
	REFUSED(&w, SK_FIELD_INVALID, "facts.progress_report.goals[0].number",
	    0, .kind = K(PROGRESS_REPORT), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
}

static Sk__Offering sold[2];
static Sk__Offering *catalogue[] = { &sold[0], &sold[1] };

static void
offer_light_and_heavy(Sk__Policy *policy)
{
	static const struct { const char *code, *agb; Sk__Level level; } has[] = {
		{ "LIGHT", "42420001", SK__LEVEL__LIGHT },
		{ "HEAVY", "65656055", SK__LEVEL__SPECIALIST },
	};

	for (size_t i = 0; i < 2; i++) {
		sk__offering__init(&sold[i]);
		sold[i].code = text(&w, has[i].code);
		sold[i].provider = text(&w, has[i].agb);
		sold[i].has_level = 1;
		sold[i].level = has[i].level;
	}
	sk__policy__init(policy);
	policy->offerings = catalogue;
	policy->n_offerings = 2;
	w.policy = policy;
}

static Sk__Facts *
help(const char *code)
{
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	f->referral->offering = text(&w, code);
	return f;
}

/* rule: R11 */
static void
test_light_help_needs_no_analysis_and_waits_no_longer(void **state)
{
	static uint8_t kept[4096];
	Sk__Policy policy;
	struct arena arena = w.facts_arena;
	int64_t light;

	(void)state;
	arena_init(&w.facts_arena, kept, sizeof(kept));
	offer_light_and_heavy(&policy);
	w.facts_arena = arena;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = help("LIGHT"));
	light = case_timer_of(&w.row, D(ANSWER_DUE), 1)->breach;
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B },
	    .facts = help("HEAVY"));
	assert_true(light <= case_timer_of(&w.row, D(ANSWER_DUE), 2)->breach);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_who_is_asked_has_five_working_days),
		T(test_a_request_for_assignment_is_answered_in_five_working_days),
		T(test_who_joins_is_told_of_within_five_working_days),
		T(test_two_life_domains_leave_the_direction_with_the_team),
		T(test_stuck_reminds_after_five_working_days_and_proposes_after_ten),
		T(test_a_provider_reports_on_goals_and_sets_none),
		T(test_light_help_needs_no_analysis_and_waits_no_longer),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
