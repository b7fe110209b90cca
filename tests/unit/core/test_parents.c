/*
 * Separated parents: who decides, what each consents to and takes back, and
 * what one household does not get to see of the other.
 */
#include "world.h"

static struct world w;
static Sk__Rules rules;
static Sk__Policy policy;

#define FATHER 2	/* fills of their pseudonyms */
#define MOTHER 3
#define P(name) SK__CONSENT_PURPOSE__CONSENT_##name
#define STATE(name) SK__CONSENT_STATE__CONSENT_##name

static int
start_over(void **state)
{
	(void)state;
	world_init(&w);
	sk__rules__init(&rules);
	sk__policy__init(&policy);
	policy.rules = &rules;
	return 0;
}

/* Mother and child live in 1, at an address that must not be known in 2. */
static Sk__Facts *
order_of_two_households(void)
{
	Sk__Facts *f = good_facts(&w, K(COURT_ORDER));
	Sk__Person **p = f->court_order->persons;

	for (size_t i = 0; i < 3; i++) {
		p[i]->has_household = 1;
		p[i]->household = p[i]->pseudonym.data[0] == FATHER ? 2 : 1;
	}
	p[2]->has_secret_address = p[2]->secret_address = 1;
	for (size_t i = 1; i < 3; i++) {
		p[i]->has_authority = p[i]->has_authority_ground = 1;
		p[i]->authority = SK__AUTHORITY__SHARED_AUTHORITY;
		p[i]->authority_ground = SK__AUTHORITY_GROUND__BY_REGISTER;
	}
	return f;
}

static Sk__Facts *
consent(int person, Sk__ConsentPurpose purpose, Sk__ConsentState said)
{
	Sk__Facts *f = good_facts(&w, K(CONSENT_CHANGE));

	f->consent_change->pseudonym = bytes_of(&w, person, 32);
	f->consent_change->purposes[0] = purpose;
	f->consent_change->state = said;
	f->consent_change->has_ground = said == STATE(NOT_NEEDED);
	f->consent_change->ground = SK__CONSENT_GROUND__SUBSTITUTE_CONSENT;
	return f;
}

static Sk__Facts *
without_authority(int person)
{
	Sk__Facts *f = good_facts(&w, K(PERSON_CHANGE));

	f->person_change->pseudonym = bytes_of(&w, person, 32);
	f->person_change->authority = SK__AUTHORITY__NO_AUTHORITY;
	f->person_change->has_authority_ground = 0;
	f->person_change->has_household = 0;
	f->person_change->has_secret_address = 0;
	return f;
}

static void
says(int person, Sk__ConsentPurpose purpose, Sk__ConsentState said)
{
	ACCEPTED(&w, .kind = K(CONSENT_CHANGE), .sender = TEAM,
	    .facts = consent(person, purpose, said));
}

static Sk__Facts *
route_of(Sk__Route route)
{
	Sk__Facts *f = good_facts(&w, K(ROUTE_DECISION));

	f->route_decision->main = route;
	return f;
}

static void
open_two_households(void)
{
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = order_of_two_households());
	ACCEPTED(&w, .kind = K(TRIAGE), .sender = TEAM);
}

/* rule: R38 */
static void
test_persons_keep_authority_household_and_secret(void **state)
{
	Sk__Facts *f;

	(void)state;
	open_two_households();
	assert_int_equal(w.closed.person[1].household, 2);
	assert_int_equal(w.closed.person[2].household, 1);
	assert_int_equal(w.closed.person[2].secret_address, 1);
	assert_int_equal(w.closed.person[1].secret_address, 0);
	assert_int_equal(w.closed.person[1].authority,
	    SK__AUTHORITY__SHARED_AUTHORITY);
	/* only what it says changes */
	ACCEPTED(&w, .kind = K(PERSON_CHANGE), .sender = COURT,
	    .to = { TEAM }, .facts = without_authority(FATHER));
	assert_int_equal(w.closed.person[1].authority,
	    SK__AUTHORITY__NO_AUTHORITY);
	assert_int_equal(w.closed.person[1].authority_ground, 0);
	assert_int_equal(w.closed.person[1].household, 2);
	f = good_facts(&w, K(PERSON_CHANGE));
	f->person_change->pseudonym = bytes_of(&w, 9, 32);
	REFUSED(&w, SK_PERSON_NOT_IN_CASE, "facts.person_change.pseudonym", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM, .facts = f);
	f = good_facts(&w, K(PERSON_CHANGE));
	f->person_change->pseudonym = bytes_of(&w, 1, 32);
	REFUSED(&w, SK_FIELD_UNEXPECTED, "facts.person_change.authority", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM, .facts = f);
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(PERSON_CHANGE), .sender = TEAM, .date = today(&w) + 1);
}

/* rule: R38 */
static void
test_only_who_decides_over_the_child_stops_a_route(void **state)
{
	(void)state;
	open_two_households();
	says(FATHER, P(ROUTE), STATE(WITHDRAWN));
	REFUSED(&w, SK_CONSENT_MISSING, "facts.route_decision.main", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM);
	assert_string_equal(w.decision.refusal.hint,
	    "PARENT: consent was withdrawn for the separation route");
	/* a measure does not wait for consent */
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM,
	    .facts = route_of(SK__ROUTE__COMPULSORY));
	says(FATHER, P(ROUTE), STATE(NOT_NEEDED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	says(FATHER, P(ROUTE), STATE(REFUSED));
	REFUSED(&w, SK_CONSENT_MISSING, "facts.route_decision.main", 0,
	    .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(PERSON_CHANGE), .sender = TEAM,
	    .facts = without_authority(FATHER));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
}

/* rule: R38 */
static void
test_what_was_agreed_at_the_hearing_can_be_taken_back(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	says(MOTHER, P(ROUTE), STATE(WITHDRAWN));
	REFUSED(&w, SK_CONSENT_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	says(MOTHER, P(ROUTE), STATE(GIVEN));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

/* rule: R38 */
static void
test_each_purpose_stands_by_itself(void **state)
{
	static const struct {
		Sk__ConsentPurpose purpose;
		Sk__Kind kind;
		uint64_t to;
	} rests[] = {
		{ P(PROVIDER), K(REFERRAL), HELP_A },
		{ P(COURT_REPORT), K(COURT_REPORT), COURT },
		{ P(ANALYSIS), K(ANALYSIS), 0 },
		{ P(PLAN), K(FAMILY_PLAN), 0 },
		{ P(CONSULT), K(CONSULT), HELP_B },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		start_over(state);
		bring_to(&w, S(ROUTED));
		for (size_t j = 0; j < sizeof(rests) / sizeof(rests[0]); j++)
			if (j != i)
				says(FATHER, rests[j].purpose, STATE(GIVEN));
		says(FATHER, rests[i].purpose, STATE(REFUSED));
		REFUSED(&w, SK_CONSENT_MISSING, "header.kind", 0,
		    .kind = rests[i].kind, .sender = TEAM,
		    .to = { rests[i].to });
		says(FATHER, rests[i].purpose, STATE(NOT_NEEDED));
		ACCEPTED(&w, .kind = rests[i].kind, .sender = TEAM,
		    .to = { rests[i].to });
	}
}

/* rule: R38 */
static void
test_a_danger_does_not_wait_for_consent(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	says(FATHER, P(PROVIDER), STATE(REFUSED));
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { COURT });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

/* rule: R38 */
static void
test_a_region_may_ask_that_consent_is_stated(void **state)
{
	(void)state;
	bring_to(&w, S(ROUTED));
	rules.has_consent_stated = rules.consent_stated = 1;
	w.policy = &policy;
	REFUSED(&w, SK_CONSENT_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	says(FATHER, P(PROVIDER), STATE(GIVEN));
	REFUSED(&w, SK_CONSENT_MISSING, "header.kind", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	says(MOTHER, P(PROVIDER), STATE(GIVEN));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
}

#define CONSENT_DUE SK__DEADLINE_KIND__CONSENT_DUE
#define TERM() case_timer_of(&w.row, CONSENT_DUE, 0)

/* rule: R38 */
static void
test_of_help_that_runs_the_director_says_what_becomes_of_it(void **state)
{
	(void)state;
	bring_to(&w, S(STARTED));
	ACCEPTED(&w, .kind = K(CONSENT_CHANGE), .sender = TEAM,
	    .facts = consent(MOTHER, P(ROUTE), STATE(WITHDRAWN)));
	assert_int_equal(w.row.state, S(STARTED));	/* nothing stops by itself */
	assert_non_null(TERM());
	/* Monday 2 March: the first day has passed, and the fifth ends */
	assert_int_equal(TERM()->warn, civil_day_start(today(&w) + 2));
	assert_int_equal(TERM()->breach, civil_day_end(today(&w) + 7));
	assert_int_equal(TERM()->late, 0);
	fire(&w, CONSENT_DUE, 0, false);
	assert_true(posted_to(&w.decision, w.row.director));
	fire(&w, CONSENT_DUE, 0, true);
	assert_true(posted_to(&w.decision, w.row.director));
	assert_null(TERM());
	/* once more, and answered in time */
	says(MOTHER, P(PROVIDER), STATE(WITHDRAWN));
	assert_non_null(TERM());
	/* what the other consents to is not hers */
	says(FATHER, P(PROVIDER), STATE(GIVEN));
	assert_non_null(TERM());
	says(MOTHER, P(PROVIDER), STATE(GIVEN));
	assert_non_null(TERM());	/* the route is still withdrawn */
	says(MOTHER, P(ROUTE), STATE(GIVEN));
	assert_null(TERM());
}

/* rule: R38 */
static void
test_a_withdrawal_is_sent_to_the_director(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(STARTED));
	f = good_facts(&w, K(DIRECTOR_CHANGE));
	f->director_change->director = HELP_A;
	ACCEPTED(&w, .kind = K(DIRECTOR_CHANGE), .sender = TEAM,
	    .to = { HELP_A }, .facts = f);
	ACCEPTED(&w, .kind = K(DIRECTOR_ACCEPT), .sender = HELP_A,
	    .to = { TEAM });
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", HELP_A,
	    .kind = K(CONSENT_CHANGE), .sender = COURT, .to = { TEAM },
	    .facts = consent(MOTHER, P(PROVIDER), STATE(WITHDRAWN)));
	ACCEPTED(&w, .kind = K(CONSENT_CHANGE), .sender = COURT,
	    .to = { TEAM, HELP_A },
	    .facts = consent(MOTHER, P(PROVIDER), STATE(WITHDRAWN)));
	assert_true(posted_to(&w.decision, HELP_A));
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", HELP_A,
	    .kind = K(CONSENT_ANSWER), .sender = TEAM);
	assert_non_null(TERM());
	ACCEPTED(&w, .kind = K(CONSENT_ANSWER), .sender = HELP_A,
	    .to = { TEAM });
	assert_null(TERM());
}

/* ---- sections */

static Sk__Facts *
plan_with(uint32_t withheld_from, uint32_t address_of)
{
	Sk__Facts *f = good_facts(&w, K(FAMILY_PLAN));
	uint32_t *numbers = made(arena_take(&w.facts_arena,
	    2 * sizeof(*numbers)));

	numbers[0] = withheld_from;
	numbers[1] = address_of;
	f->sections[0]->withheld_from = numbers;
	f->sections[0]->n_withheld_from = withheld_from != 0;
	f->sections[0]->address_of = numbers + 1;
	f->sections[0]->n_address_of = address_of != 0;
	return f;
}

/* rule: R40 */
static void
test_a_secret_address_is_withheld_from_the_other_household(void **state)
{
	(void)state;
	open_two_households();
	REFUSED(&w, SK_ADDRESS_NOT_MARKED, "facts.sections[0].withheld_from",
	    0, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(0, 1));
	REFUSED(&w, SK_ADDRESS_NOT_MARKED, "facts.sections[0].withheld_from",
	    0, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(1, 1));
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(2, 1));
	/* the other address is no secret */
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM,
	    .facts = plan_with(0, 2));
	REFUSED(&w, SK_FIELD_INVALID, "facts.sections[0].withheld_from", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = plan_with(3, 0));
	REFUSED(&w, SK_FIELD_INVALID, "facts.sections[0].address_of", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = plan_with(0, 3));
}

/* rule: R40 */
static void
test_an_order_with_a_secret_address_is_marked_too(void **state)
{
	Sk__Facts *f = order_of_two_households();
	uint32_t *one = made(arena_take(&w.facts_arena, 2 * sizeof(*one)));

	(void)state;
	one[0] = 1;
	one[1] = 2;
	f->sections[0]->address_of = one;
	f->sections[0]->n_address_of = 1;
	REFUSED(&w, SK_ADDRESS_NOT_MARKED, "facts.sections[0].withheld_from",
	    0, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
	f = order_of_two_households();
	one = made(arena_take(&w.facts_arena, 2 * sizeof(*one)));
	one[0] = 1;
	one[1] = 2;
	f->sections[0]->address_of = one;
	f->sections[0]->n_address_of = 1;
	f->sections[0]->withheld_from = one + 1;
	f->sections[0]->n_withheld_from = 1;
	ACCEPTED(&w, .kind = K(COURT_ORDER), .sender = COURT, .to = { TEAM },
	    .facts = f);
}

/* ---- talk with the family */

static Sk__Facts *
referral_told(bool told, int32_t date)
{
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	if (!told)
		return f;
	f->parents_informed = any_message(&w.facts_arena,
	    &sk__parents_informed__descriptor);
	f->parents_informed->has_not_informed = 0;
	f->parents_informed->date = date;
	return f;
}

/* rule: R40 */
static void
test_parents_are_told_before_a_referral_or_it_says_why_not(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ROUTED));
	rules.has_parents_informed_needed = rules.parents_informed_needed = 1;
	w.policy = &policy;
	REFUSED(&w, SK_PARENTS_NOT_INFORMED, "facts.parents_informed", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A });
	REFUSED(&w, SK_DATE_INVALID, "facts.parents_informed.date", 0,
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_told(true, today(&w) + 1));
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_told(true, today(&w)));
	f = referral_told(true, today(&w));
	f->parents_informed->has_who = f->parents_informed->has_date =
	    f->parents_informed->has_how = 0;
	f->parents_informed->has_not_informed = 1;
	f->parents_informed->not_informed =
	    SK__NOT_INFORMED__NOT_FOR_SAFETY;
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_B },
	    .facts = f);
	/* a crisis goes first */
	ACCEPTED(&w, .kind = K(CRISIS_ALERT), .sender = TEAM,
	    .to = { COURT, HELP_A, HELP_B });
	ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_C });
}

/* rule: R40 */
static void
test_an_extract_is_for_a_parent_of_the_case(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(CLOSED));
	f = good_facts(&w, K(EXTRACT_MADE));
	f->extract_made->pseudonym = bytes_of(&w, 1, 32);
	REFUSED(&w, SK_PERSON_NOT_IN_CASE, "facts.extract_made.pseudonym", 0,
	    .kind = K(EXTRACT_MADE), .sender = TEAM, .facts = f);
	ACCEPTED(&w, .kind = K(EXTRACT_MADE), .sender = TEAM);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(EXTRACT_MADE), .sender = COURT, .to = { TEAM });
}

/* ---- sealed anew */

static Sk__Facts *
reseal_of(Sk__Kind kind)
{
	Sk__Facts *f = good_facts(&w, K(RESEAL));

	f->reseal->kind = kind;
	return f;
}

static struct envelope_ref
last_said(Sk__Kind kind)
{
	for (size_t i = w.said; i > 0; i--)
		if (w.log[i - 1].kind == kind)
			return w.log[i - 1].ref;
	return (struct envelope_ref){ 0 };
}

#define RESEAL(of, sender_, to_) .kind = K(RESEAL), .sender = (sender_), \
	.to = { to_ }, .reply_to = last_said(K(of)), .facts = reseal_of(K(of))

/* rule: R35 */
static void
test_what_came_before_goes_to_whose_help_runs(void **state)
{
	(void)state;
	bring_to(&w, S(OFFERED));
	/* asked is not taken */
	REFUSED(&w, SK_RESEAL_REFUSED, "header.recipients", 0,
	    RESEAL(FAMILY_PLAN, TEAM, HELP_A));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	ACCEPTED(&w, RESEAL(FAMILY_PLAN, TEAM, HELP_A));
	assert_non_null(w.decision.open->resealed);
	assert_true(posted_to(&w.decision, HELP_A));
	/* the order is not for a provider, and what it is stands fast */
	REFUSED(&w, SK_RESEAL_REFUSED, "header.recipients", 0,
	    RESEAL(COURT_ORDER, TEAM, HELP_A));
	REFUSED(&w, SK_FIELD_INVALID, "facts.reseal.kind", 0,
	    .kind = K(RESEAL), .sender = TEAM, .to = { HELP_A },
	    .reply_to = last_said(K(FAMILY_PLAN)),
	    .facts = reseal_of(K(ANALYSIS)));
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    RESEAL(FAMILY_PLAN, TEAM, HELP_B));
	rules.has_reseal_to_joiners = 1;
	rules.reseal_to_joiners = 0;
	w.policy = &policy;
	REFUSED(&w, SK_RESEAL_REFUSED, "header.kind", 0,
	    RESEAL(FAMILY_PLAN, TEAM, HELP_A));
}

/* rule: R35 */
static void
test_a_team_that_gave_a_case_away_hands_on_what_it_has(void **state)
{
	(void)state;
	bring_to(&w, S(TRIAGED));
	ACCEPTED(&w, .kind = K(NOT_MINE), .sender = TEAM,
	    .to = { OTHER_TEAM });
	ACCEPTED(&w, .kind = K(TRANSFER_TAKEN), .sender = OTHER_TEAM,
	    .to = { COURT, TEAM });
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    .kind = K(FAMILY_PLAN), .sender = TEAM);
	ACCEPTED(&w, RESEAL(COURT_ORDER, TEAM, OTHER_TEAM));
	ACCEPTED(&w, RESEAL(TRIAGE, TEAM, OTHER_TEAM));
	/* not to anyone else, and not by who never took part */
	REFUSED(&w, SK_NOT_A_PARTICIPANT, "header.case_ref", 0,
	    RESEAL(TRIAGE, HELP_C, OTHER_TEAM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_persons_keep_authority_household_and_secret),
		T(test_only_who_decides_over_the_child_stops_a_route),
		T(test_what_was_agreed_at_the_hearing_can_be_taken_back),
		T(test_each_purpose_stands_by_itself),
		T(test_a_danger_does_not_wait_for_consent),
		T(test_a_region_may_ask_that_consent_is_stated),
		T(test_of_help_that_runs_the_director_says_what_becomes_of_it),
		T(test_a_withdrawal_is_sent_to_the_director),
		T(test_a_secret_address_is_withheld_from_the_other_household),
		T(test_an_order_with_a_secret_address_is_marked_too),
		T(test_parents_are_told_before_a_referral_or_it_says_why_not),
		T(test_an_extract_is_for_a_parent_of_the_case),
		T(test_what_came_before_goes_to_whose_help_runs),
		T(test_a_team_that_gave_a_case_away_hands_on_what_it_has),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
