/*
 * The catalogue at work: what it asks of a referral, who is named after a
 * decline, questions, proposals, decisions and places; and how long help goes
 * on.
 */
#include <stdio.h>

#include "broker/core/match.h"
#include "world.h"

#define TEXT(string) ((char *)(uintptr_t)(string))
#define OFFERING "facts.referral.offering"

static struct world w;
static Sk__Policy policy;
static Sk__Rules rules;
static Sk__Offering offering[4];
static Sk__Offering *offerings[] = { &offering[0], &offering[1],
	&offering[2], &offering[3] };
static Sk__Provider provider[3];
static Sk__Provider *providers[] = { &provider[0], &provider[1],
	&provider[2] };
static Sk__Qualification qualification;
static Sk__PartnerGroup group;
static Sk__PartnerGroup *groups[] = { &group };
static char *partners[] = { TEXT("42420001"), TEXT("42420003"),
	TEXT("65656055") };
static char *kampen[] = { TEXT("0166") };
static Sk__LifeDomain conflict[] = { SK__LIFE_DOMAIN__SEPARATION_CONFLICT };

/* HELP_A gives A and AWAY, HELP_B gives B, HELP_C gives C. */
static int
start_over(void **state)
{
	static const struct { const char *code, *agb; } made_by[] = {
		{ "A", "42420001" }, { "B", "65656055" }, { "C", "42420003" },
		{ "AWAY", "42420001" } };

	(void)state;
	world_init(&w);
	sk__policy__init(&policy);
	sk__rules__init(&rules);
	sk__qualification__init(&qualification);
	for (size_t i = 0; i < 4; i++) {
		sk__offering__init(&offering[i]);
		offering[i].code = TEXT(made_by[i].code);
		offering[i].provider = TEXT(made_by[i].agb);
		offering[i].has_level = offering[i].has_place =
		    offering[i].has_scale = 1;
		offering[i].level = SK__LEVEL__SPECIALIST;
		offering[i].place = SK__PLACE__HOME;
		offering[i].scale = SK__SCALE__REGIONAL;
		offering[i].domains = conflict;
		offering[i].n_domains = 1;
	}
	for (size_t i = 0; i < 3; i++) {
		sk__provider__init(&provider[i]);
		provider[i].agb = TEXT(made_by[i].agb);
	}
	policy.rules = &rules;
	policy.offerings = offerings;
	policy.n_offerings = 4;
	policy.providers = providers;
	policy.n_providers = 3;
	w.policy = &policy;
	return 0;
}

static Sk__Facts *
referral_of(const char *code)
{
	Sk__Facts *f = good_facts(&w, K(REFERRAL));

	f->referral->offering = text(&w, code);
	return f;
}

#define REFER(who, f) ACCEPTED(&w, .kind = K(REFERRAL), .sender = TEAM, \
	.to = { (who) }, .facts = (f))
#define NOT_REFERRED(who, error, field, f) REFUSED(&w, error, field, 0, \
	.kind = K(REFERRAL), .sender = TEAM, .to = { (who) }, .facts = (f))

/* ---- gates on a referral */

/* rule: R20 */
static void
test_who_does_not_qualify_gets_no_referral_whoever_asks(void **state)
{
	Sk__Override o = SK__OVERRIDE__INIT, *list[] = { &o };
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	provider[0].qualification = &qualification;
	qualification.has_from_date = qualification.has_until_date = 1;
	qualification.from_date = today(&w) - 90;
	qualification.until_date = today(&w) - 1;
	NOT_REFERRED(HELP_A, SK_PROVIDER_NOT_QUALIFIED, OFFERING,
	    referral_of("A"));
	qualification.until_date = today(&w) + 9;
	qualification.has_suspended = qualification.suspended = 1;
	NOT_REFERRED(HELP_A, SK_PROVIDER_NOT_QUALIFIED, OFFERING,
	    referral_of("A"));
	f = referral_of("A");
	o.has_gate = o.has_reason = 1;
	o.gate = SK_PROVIDER_NOT_QUALIFIED;
	o.reason = SK__OVERRIDE_REASON__URGENT;
	f->overrides = list;
	f->n_overrides = 1;
	NOT_REFERRED(HELP_A, SK_OVERRIDE_REFUSED, "facts.overrides", f);
	qualification.suspended = 0;
	REFER(HELP_A, referral_of("A"));
}

/* rule: R26 */
static void
test_a_child_outside_the_ages_of_an_offering_is_not_referred_to_it(
    void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	offering[0].has_age_from = offering[0].has_age_until = 1;
	offering[0].age_from = 12;
	offering[0].age_until = 20;
	NOT_REFERRED(HELP_A, SK_FIELD_MISSING, "facts.referral.age",
	    referral_of("A"));
	f = referral_of("A");
	f->referral->has_age = 1;
	f->referral->age = 11;
	NOT_REFERRED(HELP_A, SK_AGE_OUTSIDE, "facts.referral.age", f);
	f = referral_of("A");
	f->referral->has_age = 1;
	f->referral->age = 21;
	NOT_REFERRED(HELP_A, SK_AGE_OUTSIDE, "facts.referral.age", f);
	f = referral_of("A");
	f->referral->has_age = 1;
	f->referral->age = 20;
	REFER(HELP_A, f);
}

/* rule: R22 */
static void
test_a_wider_scale_than_is_there_needs_a_reason(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	offering[1].scale = SK__SCALE__LOCAL;
	NOT_REFERRED(HELP_A, SK_SCALE_SKIPPED, OFFERING, referral_of("A"));
	/* what lies farther from home, is full or is for others does not count */
	offering[1].place = SK__PLACE__PROVIDER_SITE;
	assert_int_equal(decide_message(&w, &(struct message){
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("A") })->refusal.code, SK_OK);
	offering[1].place = SK__PLACE__HOME;
	offering[1].municipalities = kampen;
	offering[1].n_municipalities = 1;
	assert_int_equal(decide_message(&w, &(struct message){
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("A") })->refusal.code, SK_OK);
	offering[1].n_municipalities = 0;
	f = referral_of("A");
	f->referral->has_wider = 1;
	f->referral->wider = SK__LOCAL_REASON__NEEDS_SPECIALISM;
	assert_int_equal(decide_message(&w, &(struct message){
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = f })->refusal.code, SK_OK);
	/* nor what was tried */
	REFER(HELP_B, referral_of("B"));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_B, .to = { TEAM });
	REFER(HELP_A, referral_of("A"));
}

/* rule: R21 */
static void
test_an_offering_of_another_municipality_is_not_for_this_child(void **state)
{
	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	offering[3].municipalities = kampen;
	offering[3].n_municipalities = 1;
	NOT_REFERRED(HELP_A, SK_OFFERING_NOT_HERE, OFFERING,
	    referral_of("AWAY"));
}

/* ---- the core partners */

static void
have_partners(void)
{
	sk__partner_group__init(&group);
	group.code = TEXT("kern");
	group.has_from_level = 1;
	group.from_level = SK__LEVEL__SPECIALIST;
	group.members = partners;
	group.n_members = 3;
	policy.groups = groups;
	policy.n_groups = 1;
}

/* rule: R27 */
static void
test_a_decline_names_the_next_partner_to_the_team(void **state)
{
	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	have_partners();
	REFER(HELP_A, referral_of("A"));
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_A, .to = { TEAM });
	assert_non_null(w.decision.open->notice);
	assert_int_equal(w.decision.open->notice->kind,
	    SK__NOTICE_KIND__NEXT_PARTNER);
	assert_int_equal(w.decision.open->notice->participant, HELP_C);
	assert_true(posted_to(&w.decision, TEAM));
	/* one that has left the region is passed over */
	REFER(HELP_C, referral_of("C"));
	w.member[HELP_B].revoked = true;
	ACCEPTED(&w, .kind = K(DECLINE), .sender = HELP_C, .to = { TEAM });
	assert_null(w.decision.open->notice);	/* all were asked: it is stuck */
	assert_int_equal(w.row.escalation, SK__ESCALATION__CASE_STUCK);
}

/* ---- questions */

static Sk__Facts *
question(void)
{
	Sk__Facts *f = good_facts(&w, K(CATALOGUE_QUERY));

	*f->catalogue_query = (Sk__CatalogueQueryFacts)
	    SK__CATALOGUE_QUERY_FACTS__INIT;
	f->catalogue_query->municipality = text(&w, "0193");
	f->catalogue_query->has_level = 1;
	f->catalogue_query->level = SK__LEVEL__SPECIALIST;
	return f;
}

/* rule: R15 */
static void
test_a_question_is_answered_without_a_case_and_names_its_versions(
    void **state)
{
	const Sk__CatalogueAnswer *answer;

	(void)state;
	ACCEPTED(&w, .kind = K(CATALOGUE_QUERY), .sender = TEAM,
	    .facts = question());
	answer = w.decision.answer;
	assert_non_null(answer);
	assert_int_equal(answer->n_matches, 4);
	assert_int_equal(answer->policy_version, 7);
	assert_int_equal(answer->catalogue_version, 0);
	assert_int_equal(answer->matches[0]->route,
	    SK__ROUTE__YOUTH_SPECIALIST);
	assert_int_equal(w.decision.open->case_number, 0);
	assert_null(w.decision.open->unmet);
	assert_int_equal(w.decision.open->n_postings, 0);
	REFUSED(&w, SK_ROLE_WRONG, "header.kind", 0,
	    .kind = K(CATALOGUE_QUERY), .sender = HELP_A, .facts = question());
	REFUSED(&w, SK_RECIPIENT_WRONG, "header.recipients[1].participant", 0,
	    .kind = K(CATALOGUE_QUERY), .sender = TEAM, .to = { OTHER_TEAM },
	    .facts = question());
}

/* rule: R17 */
static void
test_a_question_that_nothing_fits_is_recorded_as_an_unmet_need(void **state)
{
	Sk__Facts *f = question();
	const Sk__UnmetFound *unmet;

	(void)state;
	f->catalogue_query->level = SK__LEVEL__RESIDENTIAL;
	ACCEPTED(&w, .kind = K(CATALOGUE_QUERY), .sender = TEAM, .facts = f);
	unmet = w.decision.open->unmet;
	assert_non_null(unmet);
	assert_string_equal(unmet->municipality, "0193");
	assert_int_equal(unmet->level, SK__LEVEL__RESIDENTIAL);
	assert_int_equal(unmet->reason, SK__UNMET_REASON__NOTHING_FOUND);
	assert_int_equal(w.decision.answer->unmet,
	    SK__UNMET_REASON__NOTHING_FOUND);
}

static void
test_a_question_for_a_place_outside_the_region_is_refused(void **state)
{
	static Sk__Municipality zwolle = SK__MUNICIPALITY__INIT;
	static Sk__Municipality *all[] = { &zwolle };
	Sk__Facts *f = question();

	(void)state;
	zwolle.code = TEXT("0193");
	policy.municipalities = all;
	policy.n_municipalities = 1;
	f->catalogue_query->municipality = text(&w, "0166");
	REFUSED(&w, SK_MUNICIPALITY_UNKNOWN,
	    "facts.catalogue_query.municipality", 0,
	    .kind = K(CATALOGUE_QUERY), .sender = TEAM, .facts = f);
}

/* ---- proposals and decisions */

static void
propose(void)
{
	ACCEPTED(&w, .kind = K(OFFERING_PROPOSAL), .sender = HELP_A,
	    .to = { TEAM, REGIONAL });
}

static Sk__Facts *
decision_of(bool accepted)
{
	Sk__Facts *f = good_facts(&w, K(OFFERING_DECISION));

	f->offering_decision->accepted = accepted;
	f->offering_decision->has_from_date = 0;
	f->offering_decision->has_until_date = 0;
	return f;
}

static size_t
found_by(const char *municipality)
{
	Sk__Facts *f = question();

	f->catalogue_query->municipality = text(&w, municipality);
	f->catalogue_query->level = SK__LEVEL__AMBULANT;
	ACCEPTED(&w, .kind = K(CATALOGUE_QUERY), .sender = TEAM, .facts = f);
	return w.decision.answer->n_matches;
}

/* rule: R21 */
static void
test_a_proposal_is_there_once_a_municipality_took_it(void **state)
{
	(void)state;
	propose();
	assert_true(posted_to(&w.decision, TEAM));
	assert_true(posted_to(&w.decision, REGIONAL));
	assert_int_equal(w.catalogue.version, 1);
	assert_string_equal(w.rows[0]->offering->provider, "42420001");
	assert_int_equal(found_by("0193"), 0);
	ACCEPTED(&w, .kind = K(OFFERING_DECISION), .sender = TEAM,
	    .to = { HELP_A }, .facts = decision_of(true));
	assert_int_equal(w.catalogue.version, 2);
	assert_int_equal(found_by("0193"), 1);
	assert_int_equal(w.decision.answer->catalogue_version, 2);
	assert_int_equal(found_by("0166"), 0);
	ACCEPTED(&w, .kind = K(OFFERING_DECISION), .sender = REGIONAL,
	    .to = { HELP_A }, .facts = decision_of(true));
	assert_int_equal(found_by("0166"), 1);
	/* what the region decided for all a team does not undo */
	REFUSED(&w, SK_NOTHING_PENDING, "header.reply_to", 0,
	    .kind = K(OFFERING_DECISION), .sender = TEAM, .to = { HELP_A },
	    .facts = decision_of(false));
	ACCEPTED(&w, .kind = K(OFFERING_DECISION), .sender = REGIONAL,
	    .to = { HELP_A }, .facts = decision_of(false));
	assert_int_equal(found_by("0193"), 0);
}

/* rule: R21 */
static void
test_a_referral_to_what_was_decided_away_is_refused(void **state)
{
	(void)state;
	propose();
	ACCEPTED(&w, .kind = K(OFFERING_DECISION), .sender = TEAM,
	    .to = { HELP_A }, .facts = decision_of(true));
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	assert_int_equal(decide_message(&w, &(struct message){
	    .kind = K(REFERRAL), .sender = TEAM, .to = { HELP_A },
	    .facts = referral_of("NEW-1") })->refusal.code, SK_OK);
	assert_int_equal(w.decision.open->catalogue_version, 2);
	ACCEPTED(&w, .kind = K(OFFERING_DECISION), .sender = TEAM,
	    .to = { HELP_A }, .facts = decision_of(false));
	NOT_REFERRED(HELP_A, SK_OFFERING_UNKNOWN, OFFERING,
	    referral_of("NEW-1"));
}

static void
test_a_proposal_takes_no_code_that_is_in_use_and_no_one_elses_name(
    void **state)
{
	const char *path = "facts.offering_proposal.offering.code";
	Sk__Facts *f = good_facts(&w, K(OFFERING_PROPOSAL));

	(void)state;
	f->offering_proposal->offering->code = text(&w, "B");
	REFUSED(&w, SK_FIELD_INVALID, path, 0, .kind = K(OFFERING_PROPOSAL),
	    .sender = HELP_A, .to = { TEAM }, .facts = f);
	f = good_facts(&w, K(OFFERING_PROPOSAL));
	f->offering_proposal->offering->provider = text(&w, "65656055");
	REFUSED(&w, SK_OFFERING_NOT_OF_PROVIDER,
	    "facts.offering_proposal.offering.provider", 0,
	    .kind = K(OFFERING_PROPOSAL), .sender = HELP_A, .to = { TEAM },
	    .facts = f);
	REFUSED(&w, SK_RECIPIENT_MISSING, "header.recipients", 0,
	    .kind = K(OFFERING_PROPOSAL), .sender = HELP_A);
	propose();
	REFUSED(&w, SK_FIELD_INVALID, path, 0, .kind = K(OFFERING_PROPOSAL),
	    .sender = HELP_B, .to = { TEAM });
	propose();	/* one's own, not decided on: made anew */
	/* for a municipality that is not the decider's */
	f = good_facts(&w, K(OFFERING_PROPOSAL));
	f->offering_proposal->offering->code = text(&w, "KAMP");
	f->offering_proposal->offering->municipalities = kampen;
	f->offering_proposal->offering->n_municipalities = 1;
	ACCEPTED(&w, .kind = K(OFFERING_PROPOSAL), .sender = HELP_A,
	    .to = { TEAM }, .facts = f);
	REFUSED(&w, SK_OFFERING_NOT_HERE, "header.reply_to", 0,
	    .kind = K(OFFERING_DECISION), .sender = TEAM, .to = { HELP_A },
	    .facts = decision_of(true));
}

static void
test_what_one_provider_proposes_is_bounded(void **state)
{
	char code[8];
	Sk__Facts *f;

	(void)state;
	for (unsigned i = 0; i <= PROPOSALS_MAX; i++) {
		f = good_facts(&w, K(OFFERING_PROPOSAL));
		snprintf(code, sizeof(code), "P%u", i);
		f->offering_proposal->offering->code = text(&w, code);
		if (i < PROPOSALS_MAX)
			ACCEPTED(&w, .kind = K(OFFERING_PROPOSAL),
			    .sender = HELP_A, .to = { TEAM }, .facts = f);
		else
			REFUSED(&w, SK_REQUEST_PENDING,
			    "facts.offering_proposal.offering.code", 0,
			    .kind = K(OFFERING_PROPOSAL), .sender = HELP_A,
			    .to = { TEAM }, .facts = f);
	}
}

/* ---- places */

static Sk__Facts *
places_of(const char *code, uint32_t places)
{
	Sk__Facts *f = good_facts(&w, K(CAPACITY_UPDATE));

	f->capacity_update->offerings[0]->offering = text(&w, code);
	f->capacity_update->offerings[0]->places = places;
	return f;
}

static const char *
first_found(void)
{
	ACCEPTED(&w, .kind = K(CATALOGUE_QUERY), .sender = TEAM,
	    .facts = question());
	return w.decision.answer->matches[0]->offering;
}

/* rule: R26 */
static void
test_what_a_provider_tells_of_its_places_changes_the_order(void **state)
{
	(void)state;
	assert_string_equal(first_found(), "A");
	ACCEPTED(&w, .kind = K(CAPACITY_UPDATE), .sender = HELP_C,
	    .facts = places_of("C", 2));
	assert_string_equal(first_found(), "C");
	assert_int_equal(w.decision.answer->matches[0]->places, 2);
	pass_days(&w, 14);	/* the last day on which it counts */
	assert_string_equal(first_found(), "C");
	pass_days(&w, 1);
	assert_string_equal(first_found(), "A");
	ACCEPTED(&w, .kind = K(CAPACITY_UPDATE), .sender = HELP_A,
	    .facts = places_of("A", 0));
	assert_string_equal(first_found(), "AWAY");
	REFUSED(&w, SK_OFFERING_NOT_OF_PROVIDER,
	    "facts.capacity_update.offerings[0].offering", 0,
	    .kind = K(CAPACITY_UPDATE), .sender = HELP_B,
	    .facts = places_of("A", 9));
	REFUSED(&w, SK_DATE_INVALID, "header.event_date", 0,
	    .kind = K(CAPACITY_UPDATE), .sender = HELP_A,
	    .date = today(&w) - 1, .facts = places_of("A", 9));
}

/* ---- how long help goes on */

/* rule: R52, R53 */
static void
test_help_is_looked_at_halfway_and_before_its_end(void **state)
{
	const struct case_timer *t;
	int32_t start;

	(void)state;
	offering[0].has_months_max = 1;
	offering[0].months_max = 10;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	REFER(HELP_A, referral_of("A"));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	start = today(&w);
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM, COURT });
	t = case_timer_of(&w.row, SK__DEADLINE_KIND__REVIEW_DUE, 1);
	assert_non_null(t);
	/* 2 March to 2 January is 306 days */
	assert_int_equal(t->warn, civil_day_start(start + 153));
	assert_int_equal(t->breach, civil_day_end(start + 275));
	assert_int_equal(fire(&w, SK__DEADLINE_KIND__REVIEW_DUE, 1,
	    false)->refusal.code, SK_OK);
	assert_int_equal(w.decision.open->notice->kind, SK__NOTICE_KIND__REVIEW);
	assert_true(posted_to(&w.decision, TEAM));
	assert_true(posted_to(&w.decision, HELP_A));
	assert_int_equal(fire(&w, SK__DEADLINE_KIND__REVIEW_DUE, 1,
	    true)->refusal.code, SK_OK);
	assert_null(case_timer_of(&w.row, SK__DEADLINE_KIND__REVIEW_DUE, 1));
}

/* rule: R52, R53 */
static void
test_a_planned_end_lies_within_what_the_offering_or_the_region_allows(
    void **state)
{
	const struct case_timer *t;
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM);
	REFER(HELP_A, referral_of("A"));
	ACCEPTED(&w, .kind = K(ACCEPT), .sender = HELP_A, .to = { TEAM });
	f = good_facts(&w, K(START));
	f->start->has_until_date = 1;
	f->start->until_date = civil_date(2026, 9, 3);	/* six months and a day */
	REFUSED(&w, SK_DATE_INVALID, "facts.start.until_date", 0,
	    .kind = K(START), .sender = HELP_A, .to = { TEAM, COURT },
	    .facts = f);
	f = good_facts(&w, K(START));
	f->start->has_until_date = 1;
	f->start->until_date = today(&w) + 100;
	ACCEPTED(&w, .kind = K(START), .sender = HELP_A, .to = { TEAM, COURT },
	    .facts = f);
	t = case_timer_of(&w.row, SK__DEADLINE_KIND__REVIEW_DUE, 1);
	assert_int_equal(t->warn, civil_day_start(today(&w) + 50));
	assert_int_equal(t->breach, civil_day_end(today(&w) + 90));
}

/* ---- side routes */

/* rule: R18 */
static void
test_a_case_closes_when_each_side_route_has_a_taker(void **state)
{
	Sk__Route sides[] = { SK__ROUTE__WMO, SK__ROUTE__MEDIATOR };
	Sk__Facts *f;

	(void)state;
	w.policy = NULL;
	bring_to(&w, S(ANALYSED));
	f = good_facts(&w, K(ROUTE_DECISION));
	f->route_decision->side = sides;
	f->route_decision->n_side = 2;
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM, .facts = f);
	REFUSED(&w, SK_SIDE_NEEDS_OPEN, "header.kind", 0, .kind = K(CLOSE),
	    .sender = TEAM, .to = { COURT });
	ACCEPTED(&w, .kind = K(SIDE_TAKEN), .sender = TEAM);
	REFUSED(&w, SK_NOTHING_PENDING, "facts.side_taken.route", 0,
	    .kind = K(SIDE_TAKEN), .sender = TEAM);
	f = good_facts(&w, K(SIDE_TAKEN));
	f->side_taken->route = SK__ROUTE__MEDIATOR;
	ACCEPTED(&w, .kind = K(SIDE_TAKEN), .sender = TEAM, .facts = f);
	ACCEPTED(&w, .kind = K(CLOSE), .sender = TEAM, .to = { COURT });
}

/* rule: R80 */
static void
test_the_school_has_a_seat_at_the_plan_and_help_a_place_there(void **state)
{
	Sk__Facts *f;

	(void)state;
	bring_to(&w, S(ANALYSED));
	ACCEPTED(&w, .kind = K(ROUTE_DECISION), .sender = TEAM);
	f = good_facts(&w, K(FAMILY_PLAN));
	f->family_plan->agreed[0] = SK__PLAN_PARTY__PLAN_SCHOOL;
	ACCEPTED(&w, .kind = K(FAMILY_PLAN), .sender = TEAM, .facts = f);
	assert_int_equal(w.closed.agreed, 1u << SK__PLAN_PARTY__PLAN_SCHOOL);
	offering[0].place = SK__PLACE__SCHOOL_PLACE;
	REFER(HELP_A, referral_of("A"));
	assert_int_equal(w.row.handoff[0].place, SK__PLACE__SCHOOL_PLACE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, start_over)
		T(test_who_does_not_qualify_gets_no_referral_whoever_asks),
		T(test_a_child_outside_the_ages_of_an_offering_is_not_referred_to_it),
		T(test_a_wider_scale_than_is_there_needs_a_reason),
		T(test_an_offering_of_another_municipality_is_not_for_this_child),
		T(test_a_decline_names_the_next_partner_to_the_team),
		T(test_a_question_is_answered_without_a_case_and_names_its_versions),
		T(test_a_question_that_nothing_fits_is_recorded_as_an_unmet_need),
		T(test_a_question_for_a_place_outside_the_region_is_refused),
		T(test_a_proposal_is_there_once_a_municipality_took_it),
		T(test_a_referral_to_what_was_decided_away_is_refused),
		T(test_a_proposal_takes_no_code_that_is_in_use_and_no_one_elses_name),
		T(test_what_one_provider_proposes_is_bounded),
		T(test_what_a_provider_tells_of_its_places_changes_the_order),
		T(test_help_is_looked_at_halfway_and_before_its_end),
		T(test_a_planned_end_lies_within_what_the_offering_or_the_region_allows),
		T(test_a_case_closes_when_each_side_route_has_a_taker),
		T(test_the_school_has_a_seat_at_the_plan_and_help_a_place_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
