/*
 * What the rules count: cases as they are lived, and what the figures say of
 * them afterwards.
 */
#include "world.h"

#include "broker/core/figures.h"

static struct world w;
static struct figures figures;
static struct figures_case past;
static struct figures_family family;
static struct case_row before;

#define COUNTED(name) ((int)figures.count[FIGURE_##name])

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	memset(&figures, 0, sizeof(figures));
	memset(&past, 0, sizeof(past));
	memset(&family, 0, sizeof(family));
	return 0;
}

static void
count(struct figures_event *event)
{
	event->instant = w.now;
	event->before = before.number == 0 ? NULL : &before;
	event->after = w.row.number == 0 ? NULL : &w.row;
	event->refusal = w.decision.refusal.code;
	event->effects = w.decision.open;
	event->policy = w.policy;
	figures_feed(&figures, &past, &family, event);
	figures_remember(&past, &family, event);
	arena_reset(&w.facts_arena);
}

/* Say it, accepted or not, and count it. */
static enum sk_error
told_by(struct message m)
{
	struct figures_event event = { .event = SK__EVENT_KIND__ENVELOPE_EVENT,
		.sender = m.sender, .header = &w.header, .fields = 3 };
	bool opens = kind_info(m.kind)->opens_case;

	if (m.facts == NULL)
		m.facts = good_facts(&w, m.kind);
	before = w.row;
	if (opens)
		memset(&before, 0, sizeof(before));
	decide_message(&w, &m);
	if (w.decision.refusal.code == SK_OK) {
		take_effect(&w, opens);
		remember(&w, &m);
	}
	event.facts = m.facts;
	event.role = world_member(&w, m.sender)->current.role;
	count(&event);
	return w.decision.refusal.code;
}
#define SAID(...) assert_int_equal(told_by((struct message){ __VA_ARGS__ }), \
	SK_OK)

static void
term_ends(Sk__DeadlineKind kind, unsigned handoff, bool breach)
{
	struct figures_event event = { .event = SK__EVENT_KIND__DEADLINE_EVENT,
		.deadline = kind, .breach = breach };

	before = w.row;
	fire(&w, kind, handoff, breach);
	assert_int_equal(w.decision.refusal.code, SK_OK);
	count(&event);
}

/* ---- the way through a case */

static void
ordered(void)
{
	SAID(.kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM });
}

static void
routed_to(Sk__Route route)
{
	Sk__Facts *f;

	SAID(.kind = K(TRIAGE), .sender = TEAM);
	SAID(.kind = K(ANALYSIS), .sender = TEAM);
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->main = route;
	SAID(.kind = K(ROUTE_DECISION), .sender = TEAM, .to = { COURT },
	    .facts = f);
}

static void
planned(void)
{
	SAID(.kind = K(FAMILY_PLAN), .sender = TEAM);
}

static void
started(uint64_t provider)
{
	SAID(.kind = K(REFERRAL), .sender = TEAM, .to = { provider });
	SAID(.kind = K(ACCEPT), .sender = provider, .to = { TEAM });
	SAID(.kind = K(START), .sender = provider, .to = { TEAM });
}

static void
stopped(uint64_t provider, Sk__EndReason reason)
{
	Sk__Facts *f = good_facts(&w, K(STOP));

	f->stop->reason = reason;
	SAID(.kind = K(STOP), .sender = provider, .to = { TEAM }, .facts = f);
}

/* ---- entry and triage */

/* rule: R3 */
static void
test_each_life_domain_that_was_found_is_counted(void **state)
{
	Sk__Facts *f;

	(void)state;
	ordered();
	f = good_facts(&w, K(TRIAGE));
	for (size_t i = 0; i < f->triage->n_domains; i++)
		if (f->triage->domains[i]->domain !=
		    SK__LIFE_DOMAIN__INCOME_DEBT)
			f->triage->domains[i]->answer = SK__ANSWER__NO;
	SAID(.kind = K(TRIAGE), .sender = TEAM, .facts = f);
	assert_int_equal(COUNTED(TRIAGES), 1);
	assert_int_equal(COUNTED(DOMAIN_DEBT), 1);
	assert_int_equal(COUNTED(DOMAIN_HOUSING), 0);
}

/* rule: R4 */
static void
test_what_comes_of_a_separation_is_counted(void **state)
{
	Sk__Facts *f;

	(void)state;
	ordered();
	assert_int_equal(past.theme, SK__THEME__SEPARATION);
	for (int domain = 1; domain <= 7; domain++) {
		f = good_facts(&w, K(TRIAGE));
		f->triage->has_underlying = 1;
		f->triage->underlying = (Sk__LifeDomain)domain;
		SAID(.kind = K(TRIAGE), .sender = TEAM, .facts = f);
	}
	assert_int_equal(COUNTED(TRIAGES), 7);
	assert_int_equal(COUNTED(FROM_SEPARATION), 1);
}

/* rule: R5, R38, R39, R54 */
static void
test_whose_a_plan_is_is_counted(void **state)
{
	static Sk__Informal informal[] = { SK__INFORMAL__VOLUNTEER };
	Sk__Facts *f;
	Sk__Goal *g;

	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	f = good_facts(&w, K(FAMILY_PLAN));
	f->family_plan->informal = informal;
	f->family_plan->n_informal = 1;
	f->family_plan->has_good_enough = f->family_plan->good_enough = 1;
	g = f->family_plan->goals[0];
	g->has_owner = g->has_helps = 1;
	g->owner = SK__GOAL_OWNER__OWNED_BY_PROVIDER;
	g->helps = SK__PROBLEM_OWNER__OWNER_CHILD;
	SAID(.kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
	planned();
	assert_int_equal(COUNTED(PLANS), 2);
	assert_int_equal(COUNTED(PLAN_INFORMAL), 1);
	assert_int_equal(COUNTED(PLAN_GOOD_ENOUGH), 1);
	assert_int_equal(COUNTED(WARNED_CHILD), 1);
	assert_int_equal(COUNTED(WARNED_OWNERS), 1);
}

/* rule: R11, R78, R81 */
static void
test_how_much_goes_each_way_is_counted_and_light_among_it(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__LOCAL_BASE);
	assert_int_equal(w.row.state, S(CLOSED_OTHER_ROUTE));
	ordered();
	routed_to(SK__ROUTE__YOUTH_RESIDENTIAL);
	assert_int_equal(COUNTED(ROUTES), 2);
	assert_int_equal(COUNTED(ROUTE_LOCAL), 1);
	assert_int_equal(COUNTED(ROUTE_RESIDENTIAL), 1);
}

/* rule: R73 */
static void
test_each_principle_that_a_decision_names_is_counted(void **state)
{
	static Sk__Principle named[] = { SK__PRINCIPLE__NORMALISE,
		SK__PRINCIPLE__LEARNING };
	Sk__Facts *f;

	(void)state;
	ordered();
	SAID(.kind = K(TRIAGE), .sender = TEAM);
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->principles = named;
	f->route_decision->n_principles = 2;
	SAID(.kind = K(ROUTE_DECISION), .sender = TEAM, .facts = f);
	assert_int_equal(COUNTED(PRINCIPLED), 1);
	assert_int_equal(COUNTED(PRINCIPLE_1), 0);
	assert_int_equal(COUNTED(PRINCIPLE_2), 1);
	assert_int_equal(COUNTED(PRINCIPLE_6), 1);
}

/* rule: R74 */
static void
test_the_burden_of_a_case_is_counted(void **state)
{
	Sk__Facts *f;

	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	f = good_facts(&w, K(TRIAGE));
	f->triage->n_domains--;
	assert_int_equal(told_by((struct message){ .kind = K(TRIAGE),
	    .sender = TEAM, .facts = f }), SK_TRIAGE_INCOMPLETE);
	SAID(.kind = K(CLOSE), .sender = TEAM, .to = { COURT });
	assert_int_equal(COUNTED(MESSAGES), 6);
	assert_int_equal(COUNTED(ANSWERS), 18);
	assert_int_equal(COUNTED(REFUSALS), 1);
	assert_int_equal(spread_total(figures.spread[SPREAD_CASE_MESSAGES]),
	    1);
}

/* ---- help */

/* rule: R45, R54, R55, R78 */
static void
test_right_the_first_time_and_good_enough_are_counted(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	planned();
	started(HELP_A);
	stopped(HELP_A, SK__END_REASON__GOOD_ENOUGH);
	assert_int_equal(COUNTED(ENDS), 1);
	assert_int_equal(COUNTED(END_GOOD), 1);
	assert_int_equal(COUNTED(FIRST_ENDED), 1);
	assert_int_equal(COUNTED(FIRST_MATCHED), 1);
	SAID(.kind = K(CLOSE), .sender = TEAM, .to = { COURT, HELP_A });
	assert_int_equal(COUNTED(CLOSED), 1);
	pass_days(&w, 200);
	memset(&past, 0, sizeof(past));
	/* the child is known, by the case that ended */
	w.known[0].fill = 1;
	w.known[0].found.family = w.known[0].found.child = w.row.number;
	family_add(&w.family, &w.row, w.row.number);
	ordered();
	assert_int_equal(COUNTED(RETURNED), 1);
}

/* rule: R43 */
static void
test_each_new_helper_of_a_family_is_a_hop(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	planned();
	started(HELP_A);
	started(HELP_B);
	assert_int_equal(COUNTED(STARTS), 2);
	assert_int_equal(COUNTED(PARALLEL), 1);
	assert_int_equal(figures.spread[SPREAD_HOPS_12][1], 1);
	assert_int_equal(figures.spread[SPREAD_HOPS_12][2], 1);
}

/* rule: R82 */
static void
test_who_declines_what_is_complex_is_seen(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_SPECIALIST);
	planned();
	SAID(.kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	SAID(.kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	assert_int_equal(COUNTED(DECLINED), 1);
	assert_int_equal(COUNTED(COMPLEXITY), 1);
	assert_int_equal(COUNTED(COMPLEXITY_HIGH), 1);
}

/* rule: R49, R78 */
static void
test_days_from_order_to_start_are_counted(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	planned();
	term_ends(SK__DEADLINE_KIND__ORDER_START, 0, false);
	started(HELP_A);
	assert_int_equal(COUNTED(START_WARNED), 1);
	assert_int_equal(COUNTED(FIRST_STARTS), 1);
	assert_int_equal(figures.spread[SPREAD_ORDER_START][14], 1);
}

/* rule: R16 */
static void
test_what_the_catalogue_leaves_open_is_counted(void **state)
{
	Sk__Offering light = SK__OFFERING__INIT, all = SK__OFFERING__INIT;
	Sk__Offering *offerings[] = { &light, &all };
	Sk__Policy policy = SK__POLICY__INIT;

	(void)state;
	light.has_theme = 1;
	light.theme = SK__THEME__SEPARATION;
	light.level = SK__LEVEL__LIGHT;
	all.level = SK__LEVEL__SPECIALIST;	/* whatever the theme */
	policy.offerings = offerings;
	policy.n_offerings = 2;
	figures_coverage(&figures, &policy);
	assert_int_equal(COUNTED(CELLS), 10);
	assert_int_equal(COUNTED(CELLS_EMPTY), 7);
}

/* rule: R17 */
static void
test_what_was_looked_for_and_not_found_is_counted_without_a_case(void **state)
{
	struct figures_event event = { .event = SK__EVENT_KIND__ENVELOPE_EVENT };
	Sk__Effects effects = SK__EFFECTS__INIT;
	Sk__UnmetFound unmet = SK__UNMET_FOUND__INIT;

	(void)state;
	effects.unmet = &unmet;
	event.effects = &effects;
	unmet.has_reason = 1;
	unmet.reason = SK__UNMET_REASON__NO_PLACE_FREE;
	figures_feed(&figures, &past, NULL, &event);
	unmet.reason = SK__UNMET_REASON__NOTHING_FOUND;
	figures_feed(&figures, &past, NULL, &event);
	effects.unmet = NULL;
	figures_feed(&figures, &past, NULL, &event);
	assert_int_equal(COUNTED(UNMET_FOUND), 2);
	assert_int_equal(COUNTED(UNMET_FULL), 1);
	assert_int_equal(COUNTED(UNMET_NOTHING), 1);
}

static void
test_what_is_told_of_places_counts_until_it_is_too_old(void **state)
{
	Sk__Offering offering = SK__OFFERING__INIT;
	Sk__Offering *offerings[] = { &offering };
	Sk__Municipality municipality = SK__MUNICIPALITY__INIT;
	Sk__Municipality *municipalities[] = { &municipality };
	Sk__Policy policy = SK__POLICY__INIT;
	Sk__CatalogueRow row = SK__CATALOGUE_ROW__INIT;
	const Sk__CatalogueRow *rows[] = { &row };
	const struct catalogue catalogue = { .row = rows, .rows = 1 };
	const int32_t today = civil_date(2026, 3, 31);

	(void)state;
	offering.code = row.code = (char *)(uintptr_t)"A1";
	offering.level = SK__LEVEL__LIGHT;
	municipality.code = (char *)(uintptr_t)"0193";
	policy.offerings = offerings;
	policy.municipalities = municipalities;
	policy.n_offerings = policy.n_municipalities = 1;
	figures_places(&figures, NULL, &policy, today);
	assert_int_equal(COUNTED(OFFERINGS), 1);
	assert_int_equal(COUNTED(PLACES_UNTOLD), 1);
	assert_int_equal(COUNTED(LOCAL_CELLS), 10);
	assert_int_equal(COUNTED(LOCAL_EMPTY), 8);
	row.has_places = row.has_places_date = 1;
	row.places_date = today - 14;
	figures_places(&figures, &catalogue, &policy, today);
	assert_int_equal(COUNTED(PLACES_FRESH), 1);
	row.places_date--;
	figures_places(&figures, &catalogue, &policy, today);
	assert_int_equal(COUNTED(PLACES_OLD), 1);
}

/* ---- what is learned */

/* rule: R65, R70 */
static void
test_days_from_stuck_to_the_experts_and_lessons_are_counted(void **state)
{
	(void)state;
	ordered();
	routed_to(SK__ROUTE__YOUTH_AMBULANT);
	SAID(.kind = K(STUCK), .sender = TEAM);
	pass_days(&w, 9);
	SAID(.kind = K(RET_REQUEST), .sender = TEAM, .to = { EXPERTS });
	assert_int_equal(figures.spread[SPREAD_STUCK_RET][9], 1);
	SAID(.kind = K(LESSON), .sender = TEAM);
	assert_int_equal(COUNTED(LESSONS), 1);
}

/* rule: R71, R79 */
static void
test_stories_and_feedback_are_counted(void **state)
{
	(void)state;
	ordered();
	SAID(.kind = K(STORY), .sender = TEAM);
	SAID(.kind = K(FEEDBACK), .sender = TEAM);
	assert_int_equal(COUNTED(STORIES), 1);
	assert_int_equal(COUNTED(FEEDBACKS), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_each_life_domain_that_was_found_is_counted),
		T(test_what_comes_of_a_separation_is_counted),
		T(test_whose_a_plan_is_is_counted),
		T(test_how_much_goes_each_way_is_counted_and_light_among_it),
		T(test_each_principle_that_a_decision_names_is_counted),
		T(test_the_burden_of_a_case_is_counted),
		T(test_right_the_first_time_and_good_enough_are_counted),
		T(test_each_new_helper_of_a_family_is_a_hop),
		T(test_who_declines_what_is_complex_is_seen),
		T(test_days_from_order_to_start_are_counted),
		T(test_what_the_catalogue_leaves_open_is_counted),
		T(test_what_was_looked_for_and_not_found_is_counted_without_a_case),
		T(test_what_is_told_of_places_counts_until_it_is_too_old),
		T(test_days_from_stuck_to_the_experts_and_lessons_are_counted),
		T(test_stories_and_feedback_are_counted),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
