/*
 * Gates of the care: what stops a message, and who may pass it all the same.
 */
#include "world.h"

static struct world w;
static Sk__Rules rules;
static Sk__Policy policy;
static Sk__Offering catalogue[5];
static Sk__Offering *offerings[] = { &catalogue[0], &catalogue[1],
	&catalogue[2], &catalogue[3], &catalogue[4] };
static Sk__LifeDomain housing[] = { SK__LIFE_DOMAIN__HOUSING };

#define HOME_HELP "HOME-1"
#define FOSTER_HELP "FOSTER-1"
#define FACILITY_HELP "FACILITY-1"
#define CLOSED_HELP "CLOSED-1"
#define HOUSING_HELP "HOUSING-1"

static int
start_over(void **state)
{
	static const struct { const char *code; Sk__Level level; Sk__Place place; }
	    sold[] = {
		{ HOME_HELP, SK__LEVEL__AMBULANT, SK__PLACE__HOME },
		{ FOSTER_HELP, SK__LEVEL__RESIDENTIAL, SK__PLACE__FOSTER },
		{ FACILITY_HELP, SK__LEVEL__RESIDENTIAL, SK__PLACE__FACILITY },
		{ CLOSED_HELP, SK__LEVEL__RESIDENTIAL, SK__PLACE__CLOSED_PLACE },
		{ HOUSING_HELP, SK__LEVEL__SPECIALIST, SK__PLACE__HOME },
	};

	(void)state;
	world_init(&w);
	sk__rules__init(&rules);
	sk__policy__init(&policy);
	for (size_t i = 0; i < 5; i++) {
		sk__offering__init(&catalogue[i]);
		catalogue[i].code = (char *)(uintptr_t)sold[i].code;
		catalogue[i].provider = (char *)(uintptr_t)"42420001";
		catalogue[i].has_level = catalogue[i].has_place = 1;
		catalogue[i].level = sold[i].level;
		catalogue[i].place = sold[i].place;
	}
	catalogue[4].domains = housing;
	catalogue[4].n_domains = 1;
	policy.rules = &rules;
	policy.offerings = offerings;
	policy.n_offerings = 5;
	w.policy = &policy;
	return 0;
}

/* ---- facts */

static Sk__Facts *
route_facts(Sk__Route route)
{
	Sk__Facts *f = good_facts(&w, K(ROUTE_DECISION));

	f->route_decision->main = route;
	return f;
}

static Sk__Facts *
referral_of(const char *offering)
{
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	f->referral->offering = text(&w, offering);
	return f;
}

static void
consider(Sk__Facts *f, unsigned places)
{
	Sk__ReferralFacts *r = f->referral;

	r->alternatives = made(arena_take(&w.facts_arena,
	    8 * sizeof(*r->alternatives)));
	r->n_alternatives = 0;
	for (unsigned p = 1; p <= 8; p++)
		if ((places >> p & 1) != 0)
			r->alternatives[r->n_alternatives++] = (Sk__Place)p;
	r->has_safety_view = r->safety_view = 1;
}
#define AT(place) (1u << SK__PLACE__##place)

static Sk__Facts *
override(Sk__Facts *f, enum sk_error gate)
{
	Sk__Override *o = MAKE(&w, Sk__Override, sk__override__init);

	o->has_gate = o->has_reason = 1;
	o->gate = (uint32_t)gate;
	o->reason = SK__OVERRIDE_REASON__TAILOR_MADE;
	ADD(&w, &f->n_overrides, &f->overrides, o);
	return f;
}

static void
expect_override(enum sk_error gate)
{
	const Sk__Effects *open = w.decision.open;

	assert_int_equal(open->n_overrides, 1);
	assert_int_equal(open->overrides[0]->gate, gate);
	assert_int_equal(open->overrides[0]->reason,
	    SK__OVERRIDE_REASON__TAILOR_MADE);
	assert_int_equal(open->overrides[0]->person, 1);
}

/* ---- the way to a referral */

static void
plan_it(void)
{
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
}

static void
route_to(Sk__Route route)
{
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_facts(route));
	plan_it();
}

#define REFER(code) ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, \
	.to = { HELP_A }, .facts = (code))
#define NOT_REFERRED(error, field, f) REFUSED(&w, error, field, 0, \
	.kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A }, .facts = (f))

/* ---- entry */

/* rule: R6 */
static void
test_help_needs_a_ground(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(NEW));
	f = good_facts(&w, K(TRIAGE));
	f->triage->has_ground = 0;
	REFUSED(&w, SK_GROUND_MISSING, "facts.triage.ground", 0,
	    .kind = K(TRIAGE), .sender = TEAM, .facts = f);
	world_init(&w);
	f = good_facts(&w, K(ACCESS_REQUEST));
	f->access_request->ground = SK__GROUND__COURT_ORDER_GROUND;
	REFUSED(&w, SK_GROUND_MISSING, "facts.access_request.ground", 0,
	    .kind = K(ACCESS_REQUEST), .sender = TEAM, .facts = f);
}

/* rule: R7 */
static void
test_specialist_help_waits_for_an_analysis(void **state)
{
	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_facts(SK__ROUTE__YOUTH_SPECIALIST));
	plan_it();
	NOT_REFERRED(SK_ANALYSIS_MISSING, "facts.referral.offering",
	    referral_of(HOUSING_HELP));
	REFER(referral_of(HOME_HELP));
}

/* rule: R7 rule: R60 */
static void
test_a_crisis_goes_first_and_its_analysis_is_due(void **state)
{
	const struct case_timer *timer;

	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_facts(SK__ROUTE__YOUTH_SPECIALIST));
	plan_it();
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM, .to = { COURT });
	pass_days(&w, 1);
	REFER(referral_of(HOUSING_HELP));
	timer = case_timer_of(&w.row, SK__DEADLINE_KIND__ANALYSIS_DUE, 0);
	assert_non_null(timer);
	assert_int_equal(timer->breach, civil_day_end(today(&w) - 1 + 28));
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__ANALYSIS_DUE, 0));
}

/* rule: R8 */
static void
test_help_fits_a_domain_of_the_analysis(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	assert_int_equal(w.closed.support,
	    1u << SK__LIFE_DOMAIN__SEPARATION_CONFLICT);
	NOT_REFERRED(SK_DOMAIN_MISMATCH, "facts.referral.offering",
	    referral_of(HOUSING_HELP));
	catalogue[4].n_domains = 0;
	catalogue[4].has_theme = 1;
	catalogue[4].theme = SK__THEME__SEPARATION;
	REFER(referral_of(HOUSING_HELP));
}

static Sk__Consideration *
weighed(void)
{
	static Sk__ProblemOwner owners[] = { SK__PROBLEM_OWNER__OWNER_RELATION };
	Sk__Consideration *c = MAKE(&w, Sk__Consideration,
	    sk__consideration__init);

	c->needed = housing;
	c->n_needed = 1;
	c->problems = owners;
	c->n_problems = 1;
	c->has_systemic = c->has_moment = c->has_adult_help =
	    c->has_wlz_checked = c->wlz_checked = 1;
	c->moment = today(&w) + 14;
	c->adult_help = SK__ANSWER__NO;
	return c;
}

/* rule: R9 */
static void
test_a_route_is_weighed_by_six_answers(void **state)
{
	Sk__Facts *f;

	(void)state;
	rules.has_consideration_needed = rules.consideration_needed = 1;
	bring_to(&w, S(ANALYSED));
	for (int left_out = 0; left_out <= 6; left_out++) {
		Sk__Consideration *c = weighed();

		f = route_facts(SK__ROUTE__YOUTH_AMBULANT);
		f->route_decision->consideration = c;
		c->n_needed -= left_out == 1;
		c->n_problems -= left_out == 2;
		c->has_systemic = left_out != 3;
		c->has_moment = left_out != 4;
		c->has_adult_help = left_out != 5;
		c->wlz_checked = left_out != 6;
		if (left_out == 0)
			ACCEPTED(&w, .kind = K(ROUTE_DECISION),
			    .sender = TEAM, .facts = f);
		else
			REFUSED(&w, SK_CONSIDERATION_MISSING,
			    "facts.route_decision.consideration", 0,
			    .kind = K(ROUTE_DECISION), .sender = TEAM,
			    .facts = f);
	}
	f = override(route_facts(SK__ROUTE__YOUTH_AMBULANT),
	    SK_CONSIDERATION_MISSING);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .facts = f);
	expect_override(SK_CONSIDERATION_MISSING);
}

/* rule: R10 rule: R56 */
static void
test_risk_of_worsening_raises_the_priority(void **state)
{
	static const struct { bool risk, safety; unsigned domains, rank; }
	    cases[] = {
		{ false, false, 1, 4 }, { true, false, 1, 2 },
		{ false, true, 1, 2 }, { false, false, 2, 3 },
		{ true, true, 9, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Sk__Facts *f;

		world_init(&w);
		bring_to(&w, S(NEW));
		f = good_facts(&w, K(TRIAGE));
		for (size_t j = 0; j < f->triage->n_domains; j++)
			f->triage->domains[j]->answer = SK__ANSWER__NO;
		for (unsigned j = 0; j < cases[i].domains; j++)
			f->triage->domains[j + !cases[i].safety]->answer =
			    SK__ANSWER__YES;
		f->triage->has_risk_of_worsening = 1;
		f->triage->risk_of_worsening = cases[i].risk;
		ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM, .facts = f);
		assert_int_equal(w.row.priority, cases[i].rank);
		assert_int_equal(w.row.vulnerability, cases[i].domains +
		    (cases[i].risk ? 2 : 0) + (cases[i].safety ? 3 : 0));
	}
}

/* rule: R12 */
static void
test_heavy_help_says_why_local_help_is_not_enough(void **state)
{
	Sk__Facts *f;

	(void)state;
	rules.has_local_reason_needed = rules.local_reason_needed = 1;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_facts(SK__ROUTE__YOUTH_AMBULANT));
	for (int told = 0; told < 3; told++) {
		f = route_facts(SK__ROUTE__YOUTH_SPECIALIST);
		f->route_decision->has_local_insufficient =
		    f->route_decision->local_insufficient = told > 0;
		f->route_decision->has_local_insufficient_reason = told > 1;
		f->route_decision->local_insufficient_reason =
		    SK__LOCAL_REASON__TRIED_LOCALLY;
		if (told > 1)
			ACCEPTED(&w, .kind = K(ROUTE_DECISION),
			    .sender = TEAM, .facts = f);
		else
			REFUSED(&w, SK_LOCAL_REASON_MISSING,
			    "facts.route_decision.local_insufficient_reason",
			    0, .kind = K(ROUTE_DECISION), .sender = TEAM,
			    .facts = f);
	}
}

/* ---- overrides */

/* rule: R48 */
static void
test_a_soft_gate_is_passed_by_who_says_why(void **state)
{
	Sk__Facts *f;

	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	f = override(referral_of(HOUSING_HELP), SK_DOMAIN_MISMATCH);
	REFER(f);
	expect_override(SK_DOMAIN_MISMATCH);
}

/* rule: R48 */
static void
test_no_override_passes_a_hard_gate(void **state)
{
	static const enum sk_error hard[] = { SK_TRIAGE_MISSING,
		SK_TRIAGE_INCOMPLETE, SK_ANALYSIS_MISSING,
		SK_REANALYSIS_REQUIRED, SK_DIRECTOR_MISSING,
		SK_ROUTE_VIA_ACCESS, SK_TEAM_WRONG, SK_CONSENT_MISSING,
		SK_RET_MISSING, SK_ESCALATION_ORDER, SK_ROLE_WRONG };

	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++)
		NOT_REFERRED(SK_OVERRIDE_REFUSED, "facts.overrides",
		    override(referral_of(HOME_HELP), hard[i]));
}

/* rule: R48 */
static void
test_an_override_that_is_not_needed_is_not_counted(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	REFER(override(referral_of(HOME_HELP), SK_DOMAIN_MISMATCH));
	assert_int_equal(w.decision.open->n_overrides, 0);
}

/* ---- out of home */

/* rule: R24 */
static void
test_out_of_home_needs_alternatives_and_a_view_on_safety(void **state)
{
	Sk__Facts *f;

	(void)state;
	route_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	NOT_REFERRED(SK_ALTERNATIVES_MISSING, "facts.referral.alternatives",
	    referral_of(FOSTER_HELP));
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME));
	NOT_REFERRED(SK_ALTERNATIVES_MISSING, "facts.referral.alternatives",
	    f);
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME) | AT(CLOSED_PLACE));	/* that is no nearer */
	NOT_REFERRED(SK_ALTERNATIVES_MISSING, "facts.referral.alternatives",
	    f);
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME) | AT(SCHOOL_PLACE));
	f->referral->safety_view = 0;
	NOT_REFERRED(SK_ALTERNATIVES_MISSING, "facts.referral.safety_view", f);
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME) | AT(SCHOOL_PLACE));
	REFER(f);
	assert_int_equal(w.row.handoff[0].place, SK__PLACE__FOSTER);
}

/* rule: R25 */
static void
test_places_out_of_home_come_in_their_order(void **state)
{
	Sk__Facts *f;

	(void)state;
	route_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	f = referral_of(FACILITY_HELP);
	consider(f, AT(HOME) | AT(AREA_PLACE) | AT(FAMILY_HOME));
	NOT_REFERRED(SK_PLACE_SKIPPED, "facts.referral.alternatives", f);
	f = referral_of(FACILITY_HELP);
	consider(f, AT(HOME) | AT(FOSTER) | AT(FAMILY_HOME));
	REFER(f);
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	f = referral_of(FACILITY_HELP);
	consider(f, AT(HOME) | AT(AREA_PLACE));
	f->referral->has_skipped = 1;
	f->referral->skipped = SK__OVERRIDE_REASON__FAMILY_WISH;
	REFER(f);
}

static Sk__Facts *
closed_referral(void)
{
	Sk__Facts *f = referral_of(CLOSED_HELP);

	consider(f, AT(HOME) | AT(FOSTER) | AT(FAMILY_HOME) | AT(FACILITY));
	return f;
}

static void
ask_the_experts(bool closed)
{
	Sk__Facts *f;

	if (w.row.escalation == SK__ESCALATION__NOT_ESCALATED)
		ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(RET_REQUEST), .sender = TEAM,
	    .to = { EXPERTS });
	f = good_facts(&w, K(RET_ADVICE));
	f->ret_advice->closed_placement = closed;
	ACCEPTED(&w, .kind = K(RET_ADVICE), .sender = EXPERTS, .to = { TEAM },
	    .reply_to = last_to(&w, EXPERTS, K(RET_REQUEST)), .facts = f);
}

/* rule: R62 */
static void
test_closed_help_needs_the_expert_teams_advice(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	NOT_REFERRED(SK_RET_MISSING, "facts.referral.offering",
	    closed_referral());
	ask_the_experts(false);
	NOT_REFERRED(SK_RET_MISSING, "facts.referral.offering",
	    closed_referral());
	ask_the_experts(true);
	REFER(closed_referral());
}

/* rule: R62 rule: R60 */
static void
test_closed_help_in_a_crisis_is_looked_back_on(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM, .to = { COURT });
	REFER(closed_referral());
	assert_non_null(case_timer_of(&w.row,
	    SK__DEADLINE_KIND__CRISIS_REVIEW_DUE, 0));
}

/* ---- the plan */

static void
route_with_plan(bool parents, bool waiver)
{
	static Sk__PlanParty network[] = { SK__PLAN_PARTY__PLAN_NETWORK };
	Sk__Facts *f;

	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_facts(SK__ROUTE__YOUTH_SPECIALIST));
	f = good_facts(&w, K(FAMILY_PLAN));
	if (!parents)
		f->family_plan->agreed = network;
	f->family_plan->waiver = waiver;
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
	REFER(referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
}

/* rule: R37 */
static void
test_help_starts_on_a_plan_that_was_agreed(void **state)
{
	(void)state;
	route_with_plan(false, false);
	REFUSED(&w, SK_PLAN_NOT_AGREED, "header.kind", 0, .kind = K(START),
	    .sender = HELP_A, .to = { TEAM });
	plan_it();
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
}

/* rule: R37 */
static void
test_a_waiver_stands_for_who_does_not_agree(void **state)
{
	(void)state;
	route_with_plan(false, true);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
}

/* rule: R37 rule: R48 */
static void
test_help_without_a_plan_is_the_professionals_word(void **state)
{
	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	NOT_REFERRED(SK_PLAN_MISSING, "header.kind", referral_of(HOME_HELP));
	REFER(override(referral_of(HOME_HELP), SK_PLAN_MISSING));
	expect_override(SK_PLAN_MISSING);
}

/* ---- failures */

static void
fail_once(Sk__EndReason reason)
{
	Sk__Facts *f;

	REFER(referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	pass_days(&w, 30);
	f = good_facts(&w, K(STOP));
	f->stop->reason = reason;
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	arena_reset(&w.facts_arena);
}

/* rule: R44 */
static void
test_after_help_that_failed_comes_a_renewed_analysis(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	fail_once(SK__END_REASON__EARLY_BY_CLIENT);
	assert_int_equal(w.closed.failures, 1);
	NOT_REFERRED(SK_REANALYSIS_REQUIRED, "header.kind",
	    referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	REFER(referral_of(HOME_HELP));
}

/* rule: R44 */
static void
test_help_that_ended_well_needs_none(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	fail_once(SK__END_REASON__GOOD_ENOUGH);
	assert_int_equal(w.closed.failures, 0);
	REFER(referral_of(HOME_HELP));
}

/* rule: R44 */
static void
test_the_second_failure_needs_a_conference_the_third_the_experts(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	fail_once(SK__END_REASON__EARLY_BY_CLIENT);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	fail_once(SK__END_REASON__EARLY_BY_PROVIDER);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	NOT_REFERRED(SK_CONFERENCE_MISSING, "header.kind",
	    referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(CASE_CONFERENCE), .sender = TEAM);
	assert_int_equal(w.row.escalation, SK__ESCALATION__NOT_ESCALATED);
	fail_once(SK__END_REASON__EXTERNAL);
	assert_int_equal(w.closed.failures, 3);
	assert_int_equal(w.row.escalation, SK__ESCALATION__CASE_STUCK);
	ACCEPTED(&w, .kind = K(ANALYSIS), .sender = TEAM);
	ACCEPTED(&w, .kind = K(CASE_CONFERENCE), .sender = TEAM);
	NOT_REFERRED(SK_RET_MISSING, "header.kind", referral_of(HOME_HELP));
	ask_the_experts(false);
	REFER(referral_of(HOME_HELP));
}

/* rule: R61 */
static void
test_a_second_unplanned_move_is_for_the_experts(void **state)
{
	Sk__Facts *f;

	(void)state;
	route_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	for (int move = 1; move <= 2; move++) {
		f = referral_of(FOSTER_HELP);
		consider(f, AT(HOME) | AT(SCHOOL_PLACE));
		REFER(f);
		ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A,
		    .to = { TEAM });
		f = good_facts(&w, K(START));
		f->start->has_unplanned_move = f->start->unplanned_move = 1;
		ACCEPTED(&w, .kind = K(START), .sender = HELP_A,
		    .to = { TEAM }, .facts = f);
		assert_int_equal(w.closed.moves, move);
		assert_int_equal(w.row.escalation == SK__ESCALATION__CASE_STUCK,
		    move == 2);
		ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM });
		ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
		    .facts = route_facts(SK__ROUTE__YOUTH_RESIDENTIAL));
	}
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME) | AT(SCHOOL_PLACE));
	NOT_REFERRED(SK_RET_MISSING, "facts.referral.offering", f);
	ask_the_experts(false);
	f = referral_of(FOSTER_HELP);
	consider(f, AT(HOME) | AT(SCHOOL_PLACE));
	REFER(f);
}

/* ---- the closed door */

static Sk__Facts *
no_show(void)
{
	Sk__Facts *f = good_facts(&w, K(STOP));

	f->stop->reason = SK__END_REASON__CLIENT_DOES_NOT_SHOW;
	return f;
}

static void
attempt(int days_ago, bool reached)
{
	Sk__Facts *f = good_facts(&w, K(CONTACT_ATTEMPT));

	f->contact_attempt->date = today(&w) - days_ago;
	f->contact_attempt->reached = reached;
	ACCEPTED(&w, .kind = K(CONTACT_ATTEMPT), .sender = HELP_A,
	    .to = { TEAM }, .facts = f);
}

/* rule: R63 */
static void
test_three_days_at_a_closed_door_before_the_end(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	REFER(referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM });
	pass_days(&w, 20);
	attempt(3, false);
	attempt(3, false);	/* twice a day counts once */
	attempt(2, true);	/* the door was open */
	attempt(1, false);
	REFUSED(&w, SK_ATTEMPTS_MISSING, "facts.stop.reason", 0,
	    .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = no_show());
	attempt(0, false);
	ACCEPTED(&w, .kind = K(STOP), .sender = HELP_A, .to = { TEAM },
	    .facts = no_show());
}

/* rule: R57 */
static void
test_nobody_waits_without_help_in_between(void **state)
{
	Sk__Facts *f;

	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	REFER(referral_of(HOME_HELP));
	f = good_facts(&w, K(WAIT_PLACE));
	f->wait_place->bridge_help = 0;
	REFUSED(&w, SK_FIELD_INVALID, "facts.wait_place.bridge_help", 0,
	    .kind = K(WAIT_PLACE), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
}

/* ---- declining what is hard */

static Sk__Facts *
declined(int contribution, const char *offering)
{
	Sk__Facts *f = good_facts(&w, K(DECLINE));

	f->decline->has_contribution = contribution != 0;
	f->decline->contribution = (Sk__Contribution)contribution;
	f->decline->offering = offering == NULL ? NULL : text(&w, offering);
	return f;
}
#define NOT_DECLINED(f) REFUSED(&w, SK_CONTRIBUTION_MISSING, \
	"facts.decline.contribution", 0, .kind = K(DECLINE), \
	.sender = HELP_A, .to = { TEAM }, .facts = (f))

/* rule: R69 */
static void
test_a_complex_case_is_declined_with_a_contribution(void **state)
{
	(void)state;
	rules.has_complex_domains = 1;
	rules.complex_domains = 14;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	REFER(referral_of(HOME_HELP));
	NOT_DECLINED(declined(0, NULL));
	NOT_DECLINED(declined(SK__CONTRIBUTION__ALTERNATIVE_OFFERING, NULL));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM },
	    .facts = declined(SK__CONTRIBUTION__ALTERNATIVE_OFFERING,
	    FOSTER_HELP));
	rules.complex_domains = 15;	/* this one has fewer */
	REFER(referral_of(HOME_HELP));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
}

/* rule: R69 */
static void
test_what_the_experts_saw_is_complex(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	ask_the_experts(false);
	REFER(referral_of(HOME_HELP));
	NOT_DECLINED(declined(0, NULL));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM },
	    .facts = declined(SK__CONTRIBUTION__THINKS_ALONG, NULL));
}

/* rule: R69 */
static void
test_who_declines_what_is_hard_stays_in_touch(void **state)
{
	(void)state;
	for (int hard = 0; hard <= 1; hard++) {
		start_over(NULL);
		rules.has_complex_domains = 1;
		rules.complex_domains = hard ? 4 : 0;
		bring_to(&w, S(ROUTED));
		REFER(referral_of(HOME_HELP));
		ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A,
		    .to = { TEAM }, .facts = declined(
		    SK__CONTRIBUTION__THINKS_ALONG, NULL));
		if (hard)
			ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
			    .to = { HELP_A });
		else
			REFUSED(&w, SK_RECIPIENT_WRONG,
			    "header.recipients[1].participant", 0,
			    .kind = K(FAMILY_PLAN), .sender = TEAM,
			    .to = { HELP_A });
		/* and danger is told to it, or not */
		if (hard)
			REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients",
			    HELP_A, .kind = K(CRISIS_ALERT), .sender = TEAM,
			    .to = { COURT });
		else
			ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
			    .to = { COURT });
	}
}

/* rule: R70 */
static void
test_an_escalated_case_closes_with_a_lesson(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	ask_the_experts(false);
	REFUSED(&w, SK_LESSON_MISSING, "header.kind", 0, .kind = K(CLOSE),
	    .sender = TEAM, .to = { COURT });
	ACCEPTED(&w, .kind = K(LESSON), .sender = TEAM);
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
}

/* rule: R70 */
static void
test_a_case_that_was_only_stuck_closes_without_one(void **state)
{
	(void)state;
	route_to(SK__ROUTE__YOUTH_SPECIALIST);
	ACCEPTED(&w, .kind = K(STUCK), .sender = TEAM);
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_help_needs_a_ground),
		T(test_specialist_help_waits_for_an_analysis),
		T(test_a_crisis_goes_first_and_its_analysis_is_due),
		T(test_help_fits_a_domain_of_the_analysis),
		T(test_a_route_is_weighed_by_six_answers),
		T(test_risk_of_worsening_raises_the_priority),
		T(test_heavy_help_says_why_local_help_is_not_enough),
		T(test_a_soft_gate_is_passed_by_who_says_why),
		T(test_no_override_passes_a_hard_gate),
		T(test_an_override_that_is_not_needed_is_not_counted),
		T(test_out_of_home_needs_alternatives_and_a_view_on_safety),
		T(test_places_out_of_home_come_in_their_order),
		T(test_closed_help_needs_the_expert_teams_advice),
		T(test_closed_help_in_a_crisis_is_looked_back_on),
		T(test_help_starts_on_a_plan_that_was_agreed),
		T(test_a_waiver_stands_for_who_does_not_agree),
		T(test_help_without_a_plan_is_the_professionals_word),
		T(test_after_help_that_failed_comes_a_renewed_analysis),
		T(test_help_that_ended_well_needs_none),
		T(test_the_second_failure_needs_a_conference_the_third_the_experts),
		T(test_a_second_unplanned_move_is_for_the_experts),
		T(test_three_days_at_a_closed_door_before_the_end),
		T(test_nobody_waits_without_help_in_between),
		T(test_a_complex_case_is_declined_with_a_contribution),
		T(test_what_the_experts_saw_is_complex),
		T(test_who_declines_what_is_hard_stays_in_touch),
		T(test_an_escalated_case_closes_with_a_lesson),
		T(test_a_case_that_was_only_stuck_closes_without_one),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
